"""Fetching a model from the Hugging Face hub: in parts that outlive a cut connection, and checked before it counts.

`huggingface_hub` finds the file and says what it must be. Its own download throws the part away when it is interrupted,
so the bytes are fetched here.
"""

import errno
import hashlib
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import ModuleType

import httpx2

from recto.errors import ChecksumWrong, DiskFull, EngineMissing, PullProblem, UsageProblem
from recto.eta import Eta
from recto.events import Progress, Stage
from recto.llm.presets import PRESETS
from recto.stop import Stop, Stopped

TRIES = 3  # one after the other that bring not a byte
PAUSE_S = 1.0  # after a try that brought nothing
TIMEOUT_S = 10.0  # of silence, as huggingface_hub has it
EVERY_S = 0.2  # between two reports of progress
BLOCK = 1 << 20  # bytes read at once while checking
ROOM = 200_000_000  # bytes that stay free: the library goes on writing
FULL = (errno.ENOSPC, errno.EDQUOT)
PARTIAL = 206  # HTTP: the range that was asked for
BEYOND = 416  # HTTP: a range that starts beyond the end
MISSING = (401, 404)  # HTTP: the hub does not tell a private repository from none
HEADERS = {"User-Agent": "recto", "Accept-Encoding": "identity"}
_HUB_NAME = re.compile(r"(\w[\w.-]*/\w[\w.-]*)[:/]((?:\w[\w.-]*/)*\w[\w.-]*\.gguf)", re.ASCII)


@dataclass(frozen=True, slots=True)
class HubFile:
    """A model's file on the hub."""

    repo: str
    file: str

    @property
    def name(self) -> str:
        """What the file is called here."""
        return PurePosixPath(self.file).name

    @property
    def page(self) -> str:
        """Where people read about it, and accept its licence."""
        return f"https://huggingface.co/{self.repo}"

    @property
    def command(self) -> str:
        """What goes on with fetching it, or begins anew."""
        names = (preset.name for preset in PRESETS.values() if (preset.repo, preset.file) == (self.repo, self.file))
        return f"recto models pull {next(names, f'{self.repo}:{self.file}')}"


@dataclass(frozen=True, slots=True)
class Announcement:
    """What the hub announces: where the bytes are, how many, and their SHA-256 in hexadecimal digits."""

    url: str
    size: int
    sha256: str


def parse_hub_file(name: str) -> HubFile:
    """The file that a preset's name, `OWNER/REPO:FILE.gguf` or `OWNER/REPO/FILE.gguf` stands for. Else UsageProblem."""
    if name in PRESETS:
        return HubFile(PRESETS[name].repo, PRESETS[name].file)
    if place := _HUB_NAME.fullmatch(name):
        return HubFile(*place.groups())
    raise UsageProblem(
        f"{name!r} is neither one of {', '.join(PRESETS)} nor OWNER/REPO:FILE.gguf nor ollama:NAME",
        hint="recto models list",
    )


def pull(name: str, folder: Path, stop: Stop, *, endpoint: str | None = None) -> Iterator[Progress]:
    """Fetch a model into the folder, saying how many bytes are there; a part from an earlier time is gone on with.

    `endpoint` is the hub's address, that of HF_ENDPOINT unless given. PullProblem if it cannot be had, ChecksumWrong if
    something else came, DiskFull before the first byte if there is no room, Stopped if the brake was pulled.
    """
    file = parse_hub_file(name)
    hub = package()
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder, file), _translating_disk_full(folder):
        announcement = _announcement(hub, file, endpoint)
        final = folder / file.name
        if not final.exists():
            yield from _download(file, announcement, final, stop)
            return
        yield Progress(stage=Stage.CHECKING, name=file.name, done=0, total=announcement.size, eta_s=None)
        if _size(final) != announcement.size or _digest(final, stop) != announcement.sha256:
            raise ChecksumWrong(
                f"{final} is there, and is another file than the hub's", hint=f"recto models remove {final.name}"
            )


def parts(name: str, folder: Path) -> list[Path]:
    """What was fetched so far of a model of this file name."""
    return sorted(path for path in folder.glob("*.part") if path.name.startswith(f"{name}."))


# --- the hub ---------------------------------------------------------------------------------------------------------
def package() -> ModuleType:
    """The hub's own client, its telemetry off. EngineMissing if it is not installed."""
    try:
        import huggingface_hub
        from huggingface_hub import constants
    except ImportError as error:
        hint = "pip install 'recto-pdf[llama]'"
        raise EngineMissing("huggingface_hub, which talks to the hub, is not installed", hint=hint) from error
    constants.HF_HUB_DISABLE_TELEMETRY = True  # or it asks for a list of programs, to report which one started it
    return huggingface_hub


def _announcement(hub: ModuleType, file: HubFile, endpoint: str | None) -> Announcement:
    """Ask the hub for the file. The address it gives names the version, so that no other slips in between two parts."""
    try:
        url = hub.hf_hub_url(file.repo, file.file, endpoint=endpoint)
        metadata = hub.get_hf_file_metadata(url, token=False, headers=HEADERS)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise _refusal(error, file) or _unreachable(error, file) from error
    except ValueError as error:
        raise UsageProblem(f"{file.repo!r} is no name of a repository: {error}", hint="recto models list") from error
    except ConnectionError as error:  # huggingface_hub in its offline mode
        raise PullProblem(f"{file.name}: {error}", hint="unset HF_HUB_OFFLINE") from error
    if not re.fullmatch("[0-9a-f]{64}", metadata.etag or "") or not metadata.size:
        raise PullProblem(f"{url} comes without a size and a SHA-256: that is no hub", hint="unset HF_ENDPOINT")
    exact = hub.hf_hub_url(file.repo, file.file, endpoint=endpoint, revision=metadata.commit_hash)
    return Announcement(exact, metadata.size, metadata.etag)


def _refusal(error: Exception, file: HubFile) -> PullProblem | None:
    """The error for an answer that another try would not change."""
    response = _response(error)
    if response is None:
        return None
    if response.headers.get("X-Error-Code") == "GatedRepo":
        return PullProblem(
            f"{file.repo} is given only to those who accepted its licence",
            hint=f"accept it at {file.page}, download {file.name} there, then RECTO_MODEL=its path",
        )
    if (status := response.status_code) in MISSING:
        return PullProblem(f"the hub has no {file.file} in {file.repo} ({status})", hint=f"look at {file.page}")
    return None


def _unreachable(error: Exception, file: HubFile) -> PullProblem:
    response = _response(error)
    why = f"it answers {response.status_code}" if response is not None else str(error) or type(error).__name__
    return PullProblem(
        f"{file.name}: the hub cannot be used ({why}); what was fetched so far is kept", hint=file.command
    )


def _response(error: Exception) -> httpx2.Response | None:
    """What the hub answered, if that was the trouble."""
    return getattr(error, "response", None)


# --- the bytes -------------------------------------------------------------------------------------------------------
def _download(file: HubFile, announcement: Announcement, final: Path, stop: Stop) -> Iterator[Progress]:
    """Fetch the file, saying now and then how far it is; check it, and only then give it its name."""
    part = final.with_name(f"{file.name}.{announcement.sha256[:16]}.part")
    for path in parts(file.name, final.parent):
        if path != part:
            path.unlink()  # the part of another version, which can never be gone on with
    missing, free = announcement.size - _size(part), shutil.disk_usage(final.parent).free
    if missing + ROOM > free:
        needs = f"{missing / 1e9:.2f} GB are to come and {ROOM / 1e9:.1f} GB stay free"
        raise _disk_full(final.parent, f"{needs}, there are {free / 1e9:.2f} GB")
    eta, reported_at = Eta(_size(part)), 0.0
    for size in _fetch(file, announcement, part, stop):
        now = time.monotonic()
        if now - reported_at >= EVERY_S or size >= announcement.size:
            reported_at, done = now, min(size, announcement.size)
            eta_s = eta.left_s(size, announcement.size)
            yield Progress(stage=Stage.PULLING, name=file.name, done=done, total=announcement.size, eta_s=eta_s)
    yield Progress(stage=Stage.CHECKING, name=file.name, done=0, total=announcement.size, eta_s=None)
    if (digest := _digest(part, stop)) != announcement.sha256:
        size = _size(part)
        part.unlink()
        raise ChecksumWrong(
            f"{part.name}: {size} bytes with the SHA-256 {digest[:16]}... came instead of {announcement.size} bytes"
            f" with {announcement.sha256[:16]}...; they are deleted",
            hint=file.command,
        )
    with part.open("r+b") as stream:
        os.fsync(stream.fileno())  # the name is for what is sure to outlive a power cut
    part.replace(final)


def _fetch(file: HubFile, announcement: Announcement, part: Path, stop: Stop) -> Iterator[int]:
    """Fetch until all bytes are there, saying how many are; after a cut go on where it was."""
    tries = 0
    yield _size(part)
    while (before := _size(part)) < announcement.size:
        trouble: Exception = httpx2.ReadError("it sent less than it announced")
        try:
            yield from _append(announcement, part, stop)
        except httpx2.HTTPError as error:
            trouble = error
        tries = 0 if _size(part) > before else tries + 1
        if problem := _refusal(trouble, file) or (_unreachable(trouble, file) if tries == TRIES else None):
            raise problem from trouble
        if tries and stop.wait(PAUSE_S):
            raise Stopped


def _append(announcement: Announcement, part: Path, stop: Stop) -> Iterator[int]:
    """Append what one request brings. A server that knows no ranges sends all, from the start."""
    import huggingface_hub

    size = _size(part)
    headers = {**HEADERS, "Range": f"bytes={size}-"}
    with huggingface_hub.get_session().stream(
        "GET", announcement.url, headers=headers, timeout=TIMEOUT_S, follow_redirects=True
    ) as response:
        if response.status_code == BEYOND:
            part.unlink(missing_ok=True)
        response.raise_for_status()
        with part.open("ab") as file:
            if response.status_code != PARTIAL:
                size = file.truncate(0)
            for chunk in response.iter_raw():
                stop.check()
                file.write(chunk)
                size += len(chunk)
                yield size
                if size > announcement.size:
                    return  # whoever sends more than announced might never end


def _digest(path: Path, stop: Stop) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            stop.check()
            digest.update(block)
    return digest.hexdigest()


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


# --- the folder ------------------------------------------------------------------------------------------------------
@contextmanager
def _alone(folder: Path, file: HubFile) -> Iterator[None]:
    """Hold the lock of this file; the system takes it back from a process that dies."""
    from filelock import FileLock, Timeout  # comes with huggingface_hub

    lock = FileLock(folder / f".{file.name}.lock", timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout as error:
        raise PullProblem(f"{file.name} is being pulled already", hint="wait for it: recto models list") from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _translating_disk_full(folder: Path) -> Iterator[None]:
    """Turn the system's word for a full disk into ours."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise _disk_full(folder, "the disk filled up; what was fetched so far is kept") from error


def _disk_full(folder: Path, what: str) -> DiskFull:
    return DiskFull(f"{folder}: {what}", hint="free some space, or RECTO_WEIGHTS=a folder on another disk")
