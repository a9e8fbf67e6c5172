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
from typing import assert_never

from recto import DISTRIBUTION, config, machine
from recto.cli.address import Address
from recto.cli.terminal import note
from recto.config import CI, CONTAINER, LOCAL, SPACE, Settings
from recto.errors import DiskFull, LibraryReadOnly
from recto.machine import GIB, LOOPBACK
from recto.supervise import Died, Event, Late, Ready, Service, Started, Supervisor, services

LITTLE = 200_000_000  # bytes of free disk that are worth a warning
PORTS = {SPACE: 7860, CONTAINER: 8000, CI: 8765, LOCAL: 8765}  # unless another one is named
ALL_ADDRESSES = "0.0.0.0"
HUB = "https://huggingface.co"  # shows a Space's page in a frame


@dataclass(frozen=True, slots=True, kw_only=True)
class UpOptions:
    """What the command line and its variables say; None leaves it to the surroundings."""

    host: str | None = None
    port: int | None = None
    token: str = ""
    public: bool | None = None
    embed: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    folders: tuple[Path, ...] = ()
    model: str = ""
    ollama: bool = False


def server_address(options: UpOptions, around: str) -> Address:
    """Where to listen: containers on all addresses, a Space for everybody, anything else for this machine alone."""
    return Address(
        host=options.host or (ALL_ADDRESSES if around in (SPACE, CONTAINER) else LOOPBACK),
        port=options.port or PORTS[around],
        token=options.token,
        public=options.public if options.public is not None else around == SPACE and not options.token,
        embed=(*options.embed, HUB) if around == SPACE else options.embed,
        hosts=options.hosts,
    )


def healthcheck(host: str | None, port: int | None) -> int:
    """0 if the server of this machine can be used."""
    address = server_address(UpOptions(host=host, port=port), config.environment())
    return 0 if services.healthy(address.near, address.port) else 1


def run(options: UpOptions, *, home: Path | None) -> int:
    """Start what is configured and keep it running until told to end."""
    began, around, settings = time.monotonic(), config.environment(), config.load(home)
    address = server_address(options, around)
    address.check()
    check_home(settings.home)
    programs = [_server(options, address, settings)]
    note(f"{'recto':<12} {version(DISTRIBUTION)}, {around}")
    for name, words in _surroundings(options, address, settings):
        note(f"{name:<12} {words}")
    if options.ollama:
        running = services.ollama_version(services.ollama_port(settings.writing.ollama_host))
        note(f"{'ollama':<12} {f'runs already, {running}' if running else 'is started here'}")
        if not running:
            programs.append(services.ollama(settings.writing.ollama_host, settings.home, settings.threads))
    supervisor = Supervisor(programs)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, supervisor.end)
    opens = around == LOCAL
    with closing(supervisor.run()) as events:
        for event in events:
            note(f"{time.monotonic() - began:>9.2f} s  {_event_words(event)}")
            if opens and isinstance(event, Ready) and event.name == services.SERVER:
                webbrowser.open(address.url_with_token)
                opens = False  # not again whenever the server comes again
    return supervisor.exit_code


def _server(options: UpOptions, address: Address, settings: Settings) -> Service:
    arguments = ["--host", address.host, "--no-open"]
    arguments += ["--public"] if address.public else []
    arguments += [argument for site in address.embed for argument in ("--embed", site)]
    arguments += [argument for name in address.hosts for argument in ("--allow-host", name)]
    arguments += [argument for folder in options.folders for argument in ("--folder", str(folder.absolute()))]
    environment = {"RECTO_HOME": str(settings.home), "RECTO_TOKEN": address.token}
    if options.model:
        environment["RECTO_MODEL"] = options.model
    try:
        tempfile.gettempdir()
    except FileNotFoundError:  # nothing but the folder of the data can be written
        folder = settings.home / "tmp"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        environment["TMPDIR"] = str(folder)
    return services.server(tuple(arguments), environment, address.near, address.port)


# --- the surroundings ------------------------------------------------------------------------------------------------
def _surroundings(options: UpOptions, address: Address, settings: Settings) -> Iterator[tuple[str, str]]:
    """What was found, and what follows from it."""
    quota, limit, free = machine.cgroup_cores(), machine.cgroup_memory(), shutil.disk_usage(settings.home).free
    space = config.variable("SPACE_HOST")
    yield "cores", f"{settings.threads} of {os.cpu_count()}" + (f", by a quota of {quota:g}" if quota else "")
    yield (
        "memory",
        f"{limit / GIB:.1f} GiB, by a limit" if limit else f"{(machine.machine_memory() or 0) / GIB:.1f} GiB",
    )
    yield "data", f"{settings.home}, {free / GIB:.1f} GiB free" + (": nearly full" if free < LITTLE else "")
    yield "page", f"https://{space}/" if space else address.url
    yield "for", address.audience
    yield "model", options.model or settings.writing.model


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
    """Why a folder cannot be written, by the nearest folder above it that exists."""
    folder = next(folder for folder in (home, *home.parents) if os.access(folder, os.F_OK))  # Path.exists may raise
    owner, user = folder.stat().st_uid, os.getuid()
    if owner == user:
        return LibraryReadOnly(f"{folder} is ours (uid {user}) and cannot be written", hint=f"chmod u+rwx {folder}")
    return LibraryReadOnly(
        f"{folder} belongs to uid {owner}; recto runs as uid {user} and cannot write it",
        hint=f"chown -R {user} {folder} (as root; of a volume, in a container that has it), "
        f"or run recto as uid {owner}",
    )


def _event_words(event: Event) -> str:
    """What happened to a program."""
    match event:
        case Started(name, pid):
            return f"{name} started (process {pid})"
        case Ready(name, status, after_s):
            return f"{name} ready after {after_s:.2f} s: {status}"
        case Late(name, after_s):
            return f"{name} is not ready after {after_s:.0f} s; waiting on"
        case Died(name, why, None):
            return f"{name} cannot run ({why})"
        case Died(name, why, restart_s):
            return f"{name} ended ({why}), is started again in {restart_s:.1f} s"
        case _:
            assert_never(event)
