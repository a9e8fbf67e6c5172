"""`recto serve`: the page and its API on this machine, or for others behind a token."""

import re
import signal
import socket
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from recto.cli.address import Address
from recto.cli.terminal import note
from recto.config import Writing
from recto.errors import BadSetting
from recto.library import Library
from recto.server.app import create
from recto.server.guard import Rules
from recto.server.pictures import Pictures
from recto.server.protocol import Protocol
from recto.server.tenants import NO_LIMIT, Private, Public, Quota, Room
from recto.server.uploads import Intake
from recto.server.workdir import bound, workplace

_ORIGIN = re.compile(r"https?://[\w.\-]+(?::\d+)?", re.ASCII)
GRACE_S = 3  # that answers under way get when the server is told to end; all is to be over after 5


def run(address: Address, *, home: Path | None, writing: Writing, open_page: bool, warm: bool) -> int:
    """Serve until told to end; `warm`: with a model that is loaded before anybody asks."""
    address.check()
    frames = " ".join(["'self'", *map(_origin, address.embed)])
    with closing(_listening(address)) as listener:
        port = listener.getsockname()[1]
        library = Library(home, writing=replace(writing, visitors=address.public))
        folder = workplace(library.settings.home, port)
        house = _public(library, folder) if address.public else Private(_room(library, folder, NO_LIMIT))
        if warm:
            library.warm()
        app = create(house, Rules(token=address.token, public=address.public, frames=frames))
        there = replace(address, port=port)
        note(f"recto is at {there.opened if sys.stderr.isatty() else there.url} (Ctrl-C ends it)")  # others read logs
        if open_page:
            webbrowser.open(there.opened)
        _Server(_config(app)).run(sockets=[listener])
    return 0


def _listening(address: Address) -> socket.socket:
    """The port, before anything is touched that another server may use."""
    try:
        return bound(address.host, address.port)
    except (OSError, OverflowError) as error:
        said = error.strerror if isinstance(error, OSError) else str(error)
        raise BadSetting(
            f"{address.host}, port {address.port}: {said}", hint=f"recto serve --port {address.port % 65535 + 1}"
        ) from error


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=Protocol,
        ws="none",
        log_level="warning",
        timeout_graceful_shutdown=GRACE_S,
        lifespan="on",
    )


class _Server(uvicorn.Server):
    """Ends with exit code 0 when it is told to end; uvicorn's own way is to be killed by the signal after all."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.handle_exit)
        yield


def _public(library: Library, folder: Path) -> Public:
    return Public(folder, Quota(), lambda folder: _room(Library(folder, runtime=library.runtime), folder, Quota()))


def _room(library: Library, folder: Path, quota: Quota) -> Room:
    return Room(library, Intake(library, quota.pages), Pictures(library, folder / "pictures"), folder, quota)


def _origin(given: str) -> str:
    """The address of a site, as a policy may hold it."""
    if not _ORIGIN.fullmatch(given):
        raise BadSetting(f"{given!r} is not the address of a site", hint="--embed https://huggingface.co")
    return given
