"""A Hugging Face Space with recto: what it is made of, what it is told, and sending that to the hub."""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from recto.errors import BadSetting, DeployProblem
from recto.llm.presets import PRESETS
from recto.llm.pull import package

PAGE = Path("deploy") / "huggingface" / "README.md"  # stands in the Space where the project's own README stands here
FILES = ("Dockerfile", ".dockerignore", "pyproject.toml", "LICENSE", "requirements.txt", "requirements-image.txt")
FOLDERS = (Path("src") / "recto", Path("packages") / "minilm")
DATA = "/data"  # where the image keeps libraries
LOCAL, FALLBACK, HOSTED = "local", "fallback", "hosted"
HOSTED_TOKENS = ("HF_TOKEN", "RECTO_REMOTE_TOKEN")  # one of these lets a hosted model answer
_SPACE = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for."""

    space: str  # OWNER/NAME
    option: str  # LOCAL, FALLBACK or HOSTED
    model: str  # a preset or a file of the hub that is baked into the image; empty for none
    bucket: str = ""  # OWNER/NAME of a storage bucket for the data
    private: bool = False
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    variables: Mapping[str, str] = field(default_factory=dict)  # beside those that follow from the option


@dataclass(frozen=True, slots=True)
class Plan:
    """What a Space is made of. Variables are public, and the build sees them; secrets are neither."""

    wish: Wish
    files: dict[str, Path]  # by their path in the Space
    variables: dict[str, str]


def plan(wish: Wish, source: Path) -> Plan:
    """Put together what is sent. BadSetting if this is no checkout of recto, or the wish cannot work."""
    if not _SPACE.fullmatch(wish.space):
        raise BadSetting(f"{wish.space!r} is not the name of a Space", hint="recto deploy huggingface OWNER/NAME")
    if wish.option != LOCAL and not any(name in wish.secrets for name in HOSTED_TOKENS):
        raise BadSetting(
            f"a hosted model wants a token, and none of {', '.join(HOSTED_TOKENS)} is among the secrets",
            hint=f"recto deploy huggingface {wish.space} --option {wish.option} --secret {HOSTED_TOKENS[0]}",
        )
    return Plan(wish, _files(source), _variables(wish))


def _files(source: Path) -> dict[str, Path]:
    paths = (path for folder in FOLDERS for path in (source / folder).rglob("*"))
    code = [path for path in paths if path.is_file() and "__pycache__" not in path.parts]
    found = {"README.md": source / PAGE, **{name: source / name for name in FILES}}
    if missing := [str(path) for path in found.values() if not path.is_file()]:
        raise BadSetting(
            f"{source} is no checkout of recto: {missing[0]} is missing",
            hint="recto deploy huggingface ... --source FOLDER",
        )
    return {**found, **{path.relative_to(source).as_posix(): path for path in sorted(code)}}


def _variables(wish: Wish) -> dict[str, str]:
    local = {} if wish.option == HOSTED or not wish.model else {"MODEL": wish.model}  # the build fetches it
    remote = {} if wish.option == LOCAL else {"RECTO_ALLOW_REMOTE": "1"}
    hosted = "remote" if "RECTO_REMOTE_TOKEN" in wish.secrets else "hf"
    return {**local, **remote, "RECTO_MODEL": hosted if wish.option == HOSTED else "auto", **wish.variables}


def size(model: str) -> int | None:
    """Bytes that a preset adds to the image; None if nobody knows here."""
    return PRESETS[model].size if model in PRESETS else None


def send(plan: Plan) -> Iterator[str]:
    """Make the Space and send everything, saying each step. DeployProblem if the hub refuses."""
    client = package()
    wish, hub = plan.wish, client.HfApi()  # with the token of `hf auth login`, or HF_TOKEN
    with _answered():
        yield f"making the Space {wish.space}"
        hub.create_repo(wish.space, repo_type="space", space_sdk="docker", private=wish.private, exist_ok=True)
        for name, value in plan.variables.items():
            yield f"variable {name}={value}"
            hub.add_space_variable(wish.space, name, value)
        for name, value in wish.secrets.items():
            yield f"secret {name}"
            hub.add_space_secret(wish.space, name, value)
        if wish.bucket:
            yield f"bucket {wish.bucket} at {DATA}"
            hub.set_space_volumes(wish.space, [client.Volume(type="bucket", source=wish.bucket, mount_path=DATA)])
        yield f"sending {len(plan.files)} files"
        adding = [client.CommitOperationAdd(name, io.BytesIO(path.read_bytes())) for name, path in plan.files.items()]
        hub.create_commit(wish.space, adding, repo_type="space", commit_message="Deploy recto")


@contextmanager
def _answered() -> Iterator[None]:
    from httpx2 import HTTPError
    from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError

    try:
        yield
    except LocalTokenNotFoundError as error:
        raise DeployProblem("nobody is logged in to the hub here", hint="hf auth login") from error
    except HfHubHTTPError as error:
        said = error.server_message or str(error).splitlines()[0]
        raise DeployProblem(f"the hub refuses: {said}", hint="hf auth login, with a token that may write") from error
    except (HTTPError, OSError) as error:
        raise DeployProblem(f"the hub cannot be reached: {error}", hint="check the network, and HF_ENDPOINT") from error


def notes(plan: Plan) -> Sequence[str]:
    """What people should know before they send it."""
    wish = plan.wish
    kept = (
        f"What is uploaded is kept in the bucket {wish.bucket}, with a token (--secret RECTO_TOKEN) for one library."
        if wish.bucket
        else "The Space's disk is lost whenever it restarts; it sleeps after 48 hours without visitors."
    )
    seen = "" if wish.option == LOCAL else "Passages of the visitors' documents go to the hosted model's provider."
    who = (
        "one library for those who know RECTO_TOKEN" if "RECTO_TOKEN" in wish.secrets else "a library for each visitor"
    )
    return [
        "A Docker Space can only be made with a paid plan (PRO, Team, Enterprise); CPU Basic costs nothing an hour.",
        kept,
        f"Who may come in: {who}.",
        *([seen] if seen else []),
    ]
