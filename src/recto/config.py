"""The settings, and the only place that reads the environment."""

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from platformdirs import user_data_path

from recto import machine
from recto.errors import BadSetting
from recto.machine import read_text
from recto.model_ref import AUTO, ModelRef, parse_model

PATIENCE_S = 30.0  # for the first word; what the report of 2025 asked for
SHARD_DEADLINE_S = 5.0  # for each look-up at a shard: one in a library of millions takes a tenth of a second
FIRST_TOKEN_S = 2.0  # the target that decides how much evidence a model is given
KEY_FILE = "RECTO_KEY_FILE"
CHOSEN_MODEL = "chosen-model"  # a file in the library's folder: the name of the model that was chosen on the page
YES = ("1", "true", "yes", "on")
NO = ("0", "false", "no", "off")
LOCAL, CONTAINER, SPACE, CI = "local", "container", "hugging face space", "ci"


class OcrMode(StrEnum):
    """What reads scans: the fast engine, and the better one what that is not sure of; or one of the two; or none."""

    AUTO = "auto"
    FAST = "fast"
    BEST = "best"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """Which language model writes, where engines are, and how long they may take."""

    # auto | quote (none) | fast, default, best | path or name of a GGUF | ollama[:NAME] | remote[:NAME] | hf[:NAME]
    model: str = AUTO
    llama_server: str = ""  # path of a native llama-server; without one, PATH is searched
    ollama_host: str = ""
    remote_url: str = ""
    remote_model: str = ""
    remote_token: str = field(default="", repr=False)  # for the address above, and nobody else
    hf_token: str = field(default="", repr=False)  # for Hugging Face's router
    allow_remote: bool = False
    patience_s: float = PATIENCE_S
    first_token_s: float = FIRST_TOKEN_S
    once: bool = False  # the model was named for this time: it need not stay in Ollama's memory for good

    @property
    def reference(self) -> ModelRef:
        """The model, as its name is to be understood. BadSetting if it is empty."""
        return parse_model(self.model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where the library lives and what this process may use."""

    home: Path
    threads: int
    ocr: OcrMode
    ocr_language: str
    weights: Path  # the folder of language models
    baked: Path | None  # a folder with language models that a container's image brings
    writing: Writing
    # The address of the library on object storage, of which `home` holds a copy; or those of the servers of its shards.
    store: str = ""
    shard_token: str = field(default="", repr=False)  # that these servers want
    shard_deadline_s: float = SHARD_DEADLINE_S
    key_file: Path | None = None
    key: str = field(default="", repr=False)  # of the library, if it is encrypted
    history: bool = True  # whether questions and answers are kept in the library

    @property
    def shards(self) -> list[str]:
        """The addresses of the servers of its shards; none unless it has any."""
        return self.store.split() if self.store.startswith(("http://", "https://")) else []

    @property
    def is_open(self) -> bool:
        """Whether who can read the folder can read the library: it is not encrypted, and lies there or has its copy."""
        return not (self.key or self.shards)

    @property
    def shelves(self) -> tuple[Path, ...]:
        """Where language models may lie."""
        return (self.weights, self.baked) if self.baked else (self.weights,)

    def at(self, home: Path | None) -> "Settings":
        """These settings for a library in another folder: one of its own, beside that on object storage."""
        return replace(self, home=home, store="") if home else self


def load(home: Path | None = None) -> Settings:
    """Settings from the environment; `home` wins over `RECTO_HOME`, which wins over the platform's data folder."""
    environ = os.environ.get
    folder = Path(home or environ("RECTO_HOME") or user_data_path("recto", appauthor=False)).expanduser().absolute()
    baked, key_file = environ("RECTO_BAKED"), environ(KEY_FILE)
    return Settings(
        home=folder,
        threads=machine.available_cores(),
        ocr=_ocr_mode(),
        ocr_language=environ("RECTO_OCR_LANGUAGE") or "eng",
        weights=Path(environ("RECTO_WEIGHTS") or folder / "models").expanduser().absolute(),
        baked=Path(baked) if baked else None,
        store=environ("RECTO_STORE", ""),
        shard_token=environ("RECTO_SHARD_TOKEN", ""),
        shard_deadline_s=_seconds("RECTO_SHARD_DEADLINE", SHARD_DEADLINE_S),
        key_file=Path(key_file).expanduser().absolute() if key_file else None,
        history=_on_or_off("RECTO_HISTORY"),
        writing=Writing(
            model=environ("RECTO_MODEL") or read_text(folder / CHOSEN_MODEL).strip() or AUTO,
            llama_server=environ("RECTO_LLAMA_SERVER", ""),
            ollama_host=environ("OLLAMA_HOST", ""),
            remote_url=environ("RECTO_REMOTE_URL", ""),
            remote_model=environ("RECTO_REMOTE_MODEL", ""),
            remote_token=environ("RECTO_REMOTE_TOKEN", ""),
            hf_token=environ("HF_TOKEN", ""),
            allow_remote=environ("RECTO_ALLOW_REMOTE", "").lower() in YES,
            patience_s=_seconds("RECTO_PATIENCE", PATIENCE_S),
            first_token_s=_seconds("RECTO_FIRST_TOKEN", FIRST_TOKEN_S),
        ),
    )


def _ocr_mode() -> OcrMode:
    value = os.environ.get("RECTO_OCR") or OcrMode.AUTO
    try:
        return OcrMode(value.lower())
    except ValueError:
        names = ", ".join(OcrMode)
        raise BadSetting(f"RECTO_OCR is {value!r}, which is none of {names}", hint="export RECTO_OCR=auto") from None


def _on_or_off(name: str) -> bool:
    """A variable that switches something off. BadSetting if it is neither: what was to stay secret must not be kept."""
    value = os.environ.get(name) or "on"
    if value.lower() not in (*YES, *NO):
        raise BadSetting(f"{name} is {value!r}, which is neither on nor off", hint=f"export {name}=off")
    return value.lower() in YES


def keep_model(home: Path, name: str) -> None:
    """Let this model write after a restart, too, unless the environment or a flag names another."""
    with suppress(OSError):  # where nothing can be written it holds until the end of this process
        (home / CHOSEN_MODEL).write_text(name, encoding="utf-8")


def use_key_file(path: Path) -> None:
    """Take the key from this file, here and in what is started from here: a path is no secret, and may be passed on."""
    os.environ[KEY_FILE] = str(path.absolute())


def use_shards(urls: Sequence[str], token: str) -> None:
    """Take these servers, which want a token, for the shards of the library. BadSetting if one is no address."""
    for url in urls:
        if not url.startswith(("http://", "https://")):
            raise BadSetting(f"{url!r} is not the address of a server", hint="recto route http://HOST:8765 ...")
    os.environ |= {"RECTO_STORE": " ".join(url.rstrip("/") for url in urls), "RECTO_SHARD_TOKEN": token}


def _seconds(name: str, default: float) -> float:
    value = os.environ.get(name) or default
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise BadSetting(
            f"{name} is {value!r}, which is no number of seconds above 0", hint=f"export {name}={default:g}"
        )
    return seconds


def variable(name: str) -> str:
    """A variable that somebody named, empty if it is not set."""
    return os.environ.get(name, "")


def environment() -> str:
    """Where this runs: SPACE, CONTAINER, CI or LOCAL."""
    if os.environ.get("SPACE_ID"):
        return SPACE
    marks = (Path("/.dockerenv"), Path("/run/.containerenv"))
    if any(mark.exists() for mark in marks) or "KUBERNETES_SERVICE_HOST" in os.environ or "RECTO_BAKED" in os.environ:
        return CONTAINER
    return CI if os.environ.get("CI") else LOCAL
