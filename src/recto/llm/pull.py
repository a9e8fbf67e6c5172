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
_PLACE = re.compile(r"(\w[\w.-]*/\w[\w.-]*)[:/]((?:\w[\w.-]*/)*\w[\w.-]*\.gguf)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Source:
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


@dataclass(frozen=True, slots=True)
class Announced:
    """What the hub announces: where the bytes are, how many, and their SHA-256 in hexadecimal digits."""

    url: str
    size: int
    sha256: str


def source(wanted: str) -> Source:
    """The file that a preset's name, `OWNER/REPO:FILE.gguf` or `OWNER/REPO/FILE.gguf` stands for. Else UsageProblem."""
    if wanted in PRESETS:
        return Source(PRESETS[wanted].repo, PRESETS[wanted].file)
    if place := _PLACE.fullmatch(wanted):
        return Source(*place.groups())
    known = ", ".join(PRESETS)
    raise UsageProblem(
        f"{wanted!r} is neither one of {known} nor OWNER/REPO:FILE.gguf nor ollama:NAME", hint="recto models list"
    )


def pull(wanted: str, folder: Path, stop: Stop, *, endpoint: str | None = None) -> Iterator[Progress]:
    """Fetch a model into the folder, saying how many bytes are there; a part from an earlier time is gone on with.

    `endpoint` is the hub's address, that of HF_ENDPOINT unless given. PullProblem if it cannot be had, ChecksumWrong if
    something else came, DiskFull before the first byte if there is no room, Stopped if the brake was pulled.
    """
    one = source(wanted)
    hub = package()
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder, one), _room(folder):
        remote = _announced(hub, one, endpoint)
        final, part = folder / one.name, folder / f"{one.name}.{remote.sha256[:16]}.part"
        if final.exists():
            yield Progress(Stage.CHECKING, one.name, 0, remote.size, None)
            _check_kept(final, remote, stop)
            return
        _forget_others(part, one)
        _check_room(folder, remote.size - _size(part))
        yield from _reported(one, remote, part, stop)
        yield Progress(Stage.CHECKING, one.name, 0, remote.size, None)
        _check(one, part, remote, stop)
        _keep(part, final)


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


def _announced(hub: ModuleType, one: Source, endpoint: str | None) -> Announced:
    """Ask the hub for the file. The address it gives names the version, so that no other slips in between two parts."""
    try:
        url = hub.hf_hub_url(one.repo, one.file, endpoint=endpoint)
        said = hub.get_hf_file_metadata(url, token=False, headers=HEADERS)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise _refused(error, one) or _unreachable(error, one) from error
    except ValueError as error:
        raise UsageProblem(f"{one.repo!r} is no name of a repository: {error}", hint="recto models list") from error
    except ConnectionError as error:  # huggingface_hub in its offline mode
        raise PullProblem(f"{one.name}: {error}", hint="unset HF_HUB_OFFLINE") from error
    if not re.fullmatch("[0-9a-f]{64}", said.etag or "") or not said.size:
        raise PullProblem(f"{url} comes without a size and a SHA-256: that is no hub", hint="unset HF_ENDPOINT")
    exact = hub.hf_hub_url(one.repo, one.file, endpoint=endpoint, revision=said.commit_hash)
    return Announced(exact, said.size, said.etag)


def _refused(error: Exception, one: Source) -> PullProblem | None:
    """The error for an answer that another try would not change."""
    response = _response(error)
    if response is None:
        return None
    if response.headers.get("X-Error-Code") == "GatedRepo":
        return PullProblem(
            f"{one.repo} is given only to those who accepted its licence",
            hint=f"accept it at {one.page}, download {one.name} there, then RECTO_MODEL=its path",
        )
    if (status := response.status_code) in MISSING:
        return PullProblem(f"the hub has no {one.file} in {one.repo} ({status})", hint=f"look at {one.page}")
    return None


def _unreachable(error: Exception, one: Source) -> PullProblem:
    response = _response(error)
    why = f"it answers {response.status_code}" if response is not None else str(error) or type(error).__name__
    return PullProblem(f"{one.name}: the hub cannot be used ({why}); what was fetched so far is kept", hint=_again(one))


def _again(one: Source) -> str:
    """The command that goes on with it, or begins anew."""
    preset = next((name for name, known in PRESETS.items() if (known.repo, known.file) == (one.repo, one.file)), "")
    return f"recto models pull {preset or f'{one.repo}:{one.file}'}"


def _response(error: Exception) -> httpx2.Response | None:
    """What the hub answered, if that was the trouble."""
    return getattr(error, "response", None)


# --- the bytes -------------------------------------------------------------------------------------------------------
def _reported(one: Source, remote: Announced, part: Path, stop: Stop) -> Iterator[Progress]:
    """Fetch, and say now and then how far it is; the time left follows from the mean speed so far."""
    eta, reported = Eta(_size(part)), 0.0
    for have in _fetched(one, remote, part, stop):
        now = time.monotonic()
        if now - reported >= EVERY_S or have >= remote.size:
            reported = now
            left_s = eta.left_s(have, remote.size)
            yield Progress(Stage.PULLING, one.name, min(have, remote.size), remote.size, left_s)


def _fetched(one: Source, remote: Announced, part: Path, stop: Stop) -> Iterator[int]:
    """Fetch until all bytes are there, saying how many are; after a cut go on where it was."""
    tries = 0
    yield _size(part)
    while (before := _size(part)) < remote.size:
        trouble: Exception = httpx2.ReadError("it sent less than it announced")
        try:
            yield from _more(remote, part, stop)
        except httpx2.HTTPError as error:
            trouble = error
        tries = 0 if _size(part) > before else tries + 1
        if problem := _refused(trouble, one) or (_unreachable(trouble, one) if tries == TRIES else None):
            raise problem from trouble
        if tries and stop.wait(PAUSE_S):
            raise Stopped


def _more(remote: Announced, part: Path, stop: Stop) -> Iterator[int]:
    """Append what one request brings. A server that knows no ranges sends all, from the start."""
    import huggingface_hub

    have = _size(part)
    headers = {**HEADERS, "Range": f"bytes={have}-"}
    with huggingface_hub.get_session().stream(
        "GET", remote.url, headers=headers, timeout=TIMEOUT_S, follow_redirects=True
    ) as response:
        if response.status_code == BEYOND:
            part.unlink(missing_ok=True)
        response.raise_for_status()
        with part.open("ab") as file:
            if response.status_code != PARTIAL:
                have = file.truncate(0)
            for chunk in response.iter_raw():
                stop.check()
                file.write(chunk)
                have += len(chunk)
                yield have
                if have > remote.size:
                    return  # whoever sends more than announced might never end


def _check(one: Source, part: Path, remote: Announced, stop: Stop) -> None:
    """Compare the whole file with what the hub announced; delete it if it is something else."""
    if (found := _digest(part, stop)) != remote.sha256:
        size = _size(part)
        part.unlink()
        raise ChecksumWrong(
            f"{part.name}: {size} bytes with the SHA-256 {found[:16]}... came instead of {remote.size} bytes with"
            f" {remote.sha256[:16]}...; they are deleted",
            hint=_again(one),
        )


def _check_kept(final: Path, remote: Announced, stop: Stop) -> None:
    """Make sure that the file of that name which is there already is the hub's."""
    if _size(final) != remote.size or _digest(final, stop) != remote.sha256:
        raise ChecksumWrong(
            f"{final} is there, and is another file than the hub's", hint=f"recto models remove {final.name}"
        )


def _keep(part: Path, final: Path) -> None:
    """Give the file its name, once it is sure to outlive a power cut."""
    with part.open("r+b") as file:
        os.fsync(file.fileno())
    part.replace(final)


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
def _alone(folder: Path, one: Source) -> Iterator[None]:
    """Hold the lock of this file; the system takes it back from a process that dies."""
    from filelock import FileLock, Timeout  # comes with huggingface_hub

    lock = FileLock(folder / f".{one.name}.lock", timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout as error:
        raise PullProblem(f"{one.name} is being pulled already", hint="wait for it: recto models list") from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _room(folder: Path) -> Iterator[None]:
    """Turn the system's word for a full disk into ours."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise _full(folder, "the disk filled up; what was fetched so far is kept") from error


def _check_room(folder: Path, missing: int) -> None:
    free = shutil.disk_usage(folder).free
    if missing + ROOM > free:
        raise _full(
            folder,
            f"{missing / 1e9:.2f} GB are to come and {ROOM / 1e9:.1f} GB stay free, there are {free / 1e9:.2f} GB",
        )


def _full(folder: Path, what: str) -> DiskFull:
    return DiskFull(f"{folder}: {what}", hint="free some space, or RECTO_WEIGHTS=a folder on another disk")


def _forget_others(part: Path, one: Source) -> None:
    """Delete parts of other versions: they can never be gone on with."""
    for other in parts(one.name, part.parent):
        if other != part:
            other.unlink()
