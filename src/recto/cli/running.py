"""`recto up`: the server and what belongs to it, kept running, on a laptop as in a container; `recto healthcheck`."""

import os
import shutil
import signal
import tempfile
import time
import webbrowser
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from recto import DISTRIBUTION, config, machine
from recto.cli.address import Address
from recto.cli.terminal import note
from recto.config import CI, CONTAINER, LOCAL, SPACE, Settings
from recto.errors import DiskFull, LibraryReadOnly
from recto.supervise import Died, Event, Late, Ready, Service, Started, Supervisor, services

GIB = 1 << 30
LITTLE = 200_000_000  # bytes of free disk that are worth a warning
PORTS = {SPACE: 7860, CONTAINER: 8000, CI: 8765, LOCAL: 8765}  # unless another one is named
EVERYWHERE = "0.0.0.0"
HERE = "127.0.0.1"
HUB = "https://huggingface.co"  # shows a Space's page in a frame


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for; None leaves it to the surroundings."""

    host: str | None
    port: int | None
    token: str
    public: bool | None
    embed: tuple[str, ...]
    model: str
    ollama: bool


def address(wish: Wish, around: str) -> Address:
    """Where to listen: containers on all addresses, a Space for everybody, anything else for this machine alone."""
    contained = around in (SPACE, CONTAINER)
    return Address(
        host=wish.host or (EVERYWHERE if contained else HERE),
        port=wish.port or PORTS[around],
        token=wish.token,
        public=wish.public if wish.public is not None else around == SPACE and not wish.token,
        embed=(*wish.embed, HUB) if around == SPACE else wish.embed,
    )


def healthcheck(host: str | None, port: int | None) -> int:
    """0 if the server of this machine can be used."""
    there = address(Wish(host, port, "", None, (), "", False), config.environment())
    return 0 if services.healthy(there.near, there.port) else 1


def run(wish: Wish, *, home: Path | None) -> int:
    """Start what is configured and keep it running until told to end."""
    began, around, settings = time.monotonic(), config.environment(), config.load(home)
    there = address(wish, around)
    there.check()
    check_home(settings.home)
    for name, words in _surroundings(wish, there, settings, around):
        note(f"{name:<12} {words}")
    supervisor = Supervisor(_services(wish, there, settings))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, supervisor.end)
    opens = around == LOCAL
    with closing(supervisor.run()) as events:
        for event in events:
            note(f"{time.monotonic() - began:>9.2f} s  {_told(event)}")
            if opens and isinstance(event, Ready) and event.name == services.SERVER:
                webbrowser.open(there.opened)
                opens = False  # not again whenever the server comes again
    return supervisor.exit_code


def _services(wish: Wish, there: Address, settings: Settings) -> list[Service]:
    options = ["--host", there.host, "--no-open"]
    options += ["--public"] if there.public else []
    options += [part for site in there.embed for part in ("--embed", site)]
    environment = {"RECTO_HOME": str(settings.home), "RECTO_TOKEN": there.token, **_temporary(settings.home)}
    if wish.model:
        environment["RECTO_MODEL"] = wish.model
    found = [services.server(tuple(options), environment, there.near, there.port)]
    if wish.ollama and not _running(settings):
        found.append(services.ollama(settings.writing.ollama_host, settings.home, settings.threads))
    return found


def _running(settings: Settings) -> str:
    """What an Ollama says that runs here already."""
    return services.ollama_said(services.ollama_port(settings.writing.ollama_host))


def _temporary(home: Path) -> dict[str, str]:
    """A folder for temporary files in that of the data, where nothing else can be written."""
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        folder = home / "tmp"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return {"TMPDIR": str(folder)}
    return {}


# --- the surroundings ------------------------------------------------------------------------------------------------
def _surroundings(wish: Wish, there: Address, settings: Settings, around: str) -> Iterator[tuple[str, str]]:
    """What was found, and what follows from it."""
    quota, limit, free = machine.cgroup_cores(), machine.cgroup_memory(), shutil.disk_usage(settings.home).free
    space = config.variable("SPACE_HOST")
    yield "recto", f"{version(DISTRIBUTION)}, {around}"
    yield "cores", f"{settings.threads} of {os.cpu_count()}" + (f", by a quota of {quota:g}" if quota else "")
    yield (
        "memory",
        f"{limit / GIB:.1f} GiB, by a limit" if limit else f"{(machine.machine_memory() or 0) / GIB:.1f} GiB",
    )
    yield "data", f"{settings.home}, {free / GIB:.1f} GiB free" + (": nearly full" if free < LITTLE else "")
    yield "page", f"https://{space}/" if space else there.url
    yield "for", _whom(there)
    yield "model", wish.model or settings.writing.model
    if wish.ollama:
        running = _running(settings)
        yield "ollama", f"runs already, {running}" if running else "is started here"


def _whom(there: Address) -> str:
    if there.public:
        return "everybody, each visitor with a library of their own" + (", who knows the token" if there.token else "")
    return "those who know the token" if there.token else "this machine alone"


def check_home(home: Path) -> None:
    """LibraryReadOnly if the folder of the data cannot be made or written, with the command that mends it."""
    try:
        home.mkdir(parents=True, exist_ok=True)
    except PermissionError as error:
        raise _foreign(home) from error
    except OSError as error:
        raise DiskFull(
            f"{home} cannot be made: {error.strerror}", hint="RECTO_HOME=a folder on another disk"
        ) from error
    if not os.access(home, os.W_OK | os.X_OK):
        raise _foreign(home)


def _foreign(home: Path) -> LibraryReadOnly:
    there = next(one for one in (home, *home.parents) if os.access(one, os.F_OK))  # Path.exists may raise
    owner, us = there.stat().st_uid, os.getuid()
    if owner == us:
        return LibraryReadOnly(f"{there} is ours (uid {us}) and cannot be written", hint=f"chmod u+rwx {there}")
    return LibraryReadOnly(
        f"{there} belongs to uid {owner}; recto runs as uid {us} and cannot write it",
        hint=f"chown -R {us} {there} (as root; of a volume, in a container that has it), or run recto as uid {owner}",
    )


def _told(event: Event) -> str:
    match event:
        case Started(name, pid):
            return f"{name} started (process {pid})"
        case Ready(name, said, after_s):
            return f"{name} ready after {after_s:.2f} s: {said}"
        case Late(name, after_s):
            return f"{name} is not ready after {after_s:.0f} s; waiting on"
        case Died(name, why, None):
            return f"{name} cannot run ({why})"
        case Died(name, why, again_s):
            return f"{name} ended ({why}), is started again in {again_s:.1f} s"
