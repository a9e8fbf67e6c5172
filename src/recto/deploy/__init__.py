"""A Hugging Face Space with recto: what it is made of, what it is told, and sending that to the hub."""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from recto.errors import BadSetting, DeployProblem
from recto.library.models import PRESETS, package

PAGE = Path("deploy") / "huggingface" / "README.md"  # stands in the Space where the project's own README stands here
REQUIREMENTS = ("requirements.txt", "requirements-image.txt", "requirements-cluster.txt")
FILES = ("Dockerfile", ".dockerignore", "pyproject.toml", "LICENSE", *REQUIREMENTS)
FOLDERS = (Path("src") / "recto", Path("packages") / "minilm")
DATA = "/data"  # where the image keeps libraries
LOCAL, HOSTED = "local", "hosted"  # who writes
HOSTED_TOKENS = ("HF_TOKEN", "RECTO_REMOTE_TOKEN")  # one of these lets a hosted model answer
# https://huggingface.co/docs/hub/spaces-overview, as of July 2026; a hub that is asked by a free account answers 402.
PLAN = "A Docker or Gradio Space on CPU needs a PRO plan since July 2026 (a paid plan; Team and Enterprise do as well)"
PAYMENT_REQUIRED = 402  # HTTP
_SPACE = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceOptions:
    """The Space that is wanted, and who writes its answers."""

    space: str  # OWNER/NAME
    option: str  # LOCAL, HOSTED, or "fallback": the one, and the other where that is slow
    model: str  # a preset or a file of the hub that is baked into the image; empty for none
    bucket: str = ""  # OWNER/NAME of a storage bucket for the data
    private: bool = False
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    variables: Mapping[str, str] = field(default_factory=dict)  # beside those that follow from the option


@dataclass(frozen=True, slots=True)
class Plan:
    """What a Space is made of. Variables are public, and the build sees them; secrets are neither."""

    options: SpaceOptions
    files: dict[str, Path]  # by their path in the Space
    variables: dict[str, str]


def plan(options: SpaceOptions, source: Path) -> Plan:
    """Put together what is sent. BadSetting if this is no checkout of recto, or the options cannot work."""
    space, option, secrets = options.space, options.option, options.secrets
    if not _SPACE.fullmatch(space):
        raise BadSetting(f"{space!r} is not the name of a Space", hint="recto deploy huggingface OWNER/NAME")
    if option != LOCAL and not any(name in secrets for name in HOSTED_TOKENS):
        raise BadSetting(
            f"a hosted model wants a token, and none of {', '.join(HOSTED_TOKENS)} is among the secrets",
            hint=f"recto deploy huggingface {space} --option {option} --secret {HOSTED_TOKENS[0]}",
        )
    variables = {"MODEL": options.model} if options.model and option != HOSTED else {}  # the build fetches it
    if option != LOCAL:
        variables["RECTO_ALLOW_REMOTE"] = "1"
    hosted = "remote" if "RECTO_REMOTE_TOKEN" in secrets else "hf"
    variables["RECTO_MODEL"] = hosted if option == HOSTED else "auto"
    files = {"README.md": source / PAGE, **{name: source / name for name in FILES}}
    if missing := [str(path) for path in files.values() if not path.is_file()]:
        raise BadSetting(
            f"{source} is no checkout of recto: {missing[0]} is missing",
            hint="recto deploy huggingface ... --source FOLDER",
        )
    paths = (path for folder in FOLDERS for path in (source / folder).rglob("*"))
    code = [path for path in paths if path.is_file() and "__pycache__" not in path.parts]
    files |= {path.relative_to(source).as_posix(): path for path in sorted(code)}
    return Plan(options, files, {**variables, **options.variables})


def size(model: str) -> int | None:
    """Bytes that a preset adds to the image; None if nobody knows here."""
    return PRESETS[model].size if model in PRESETS else None


def send(plan: Plan) -> Iterator[str]:
    """Make the Space and send everything, saying each step. DeployProblem if the hub refuses."""
    client = package()
    options, space = plan.options, plan.options.space
    hub = client.HfApi()  # with the token of `hf auth login`, or HF_TOKEN
    with _hub_problems():
        yield f"making the Space {space}"
        hub.create_repo(space, repo_type="space", space_sdk="docker", private=options.private, exist_ok=True)
        for name, value in plan.variables.items():
            yield f"variable {name}={value}"
            hub.add_space_variable(space, name, value)
        for name, value in options.secrets.items():
            yield f"secret {name}"
            hub.add_space_secret(space, name, value)
        if options.bucket:
            yield f"bucket {options.bucket} at {DATA}"
            hub.set_space_volumes(space, [client.Volume(type="bucket", source=options.bucket, mount_path=DATA)])
        yield f"sending {len(plan.files)} files"
        files = [client.CommitOperationAdd(name, io.BytesIO(path.read_bytes())) for name, path in plan.files.items()]
        hub.create_commit(space, files, repo_type="space", commit_message="Deploy recto")


@contextmanager
def _hub_problems() -> Iterator[None]:
    """Turn what the hub's client raises into a DeployProblem with a cure."""
    from httpx2 import HTTPError
    from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError

    try:
        yield
    except LocalTokenNotFoundError as error:
        raise DeployProblem("nobody is logged in to the hub here", hint="hf auth login") from error
    except HfHubHTTPError as error:
        if error.response.status_code == PAYMENT_REQUIRED:
            hint = "https://huggingface.co/pro, or a way that is free: docs/deploy.md, A Hugging Face Space"
            raise DeployProblem(f"{PLAN}. Nothing was uploaded", hint=hint) from error
        reason = error.server_message or str(error).splitlines()[0]
        raise DeployProblem(f"the hub refuses: {reason}", hint="hf auth login, with a token that may write") from error
    except (HTTPError, OSError) as error:
        raise DeployProblem(f"the hub cannot be reached: {error}", hint="check the network, and HF_ENDPOINT") from error


def notes(plan: Plan) -> Sequence[str]:
    """What people should know before they send it."""
    options = plan.options
    storage = (
        f"What is uploaded is kept in the bucket {options.bucket}, with a token (--secret RECTO_TOKEN) for one library."
        if options.bucket
        else "The Space's disk is lost whenever it restarts; it sleeps after 48 hours without visitors."
    )
    token = "RECTO_TOKEN" in options.secrets
    audience = "one library for those who know RECTO_TOKEN" if token else "a library for each visitor"
    notes = [
        f"{PLAN}; CPU Basic then costs nothing an hour. docs/deploy.md tells the free ways.",
        storage,
        f"Who may come in: {audience}.",
    ]
    if options.option != LOCAL:
        notes.append("Passages of the visitors' documents go to the hosted model's provider.")
    return notes
