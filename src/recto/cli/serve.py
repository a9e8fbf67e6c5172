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
LAST_PORT = 65535


def run(address: Address, *, home: Path | None, writing: Writing, open_page: bool, warm: bool) -> int:
    """Serve until told to end; `warm`: with a model that is loaded before anybody asks."""
    address.check()
    for origin in address.embed:
        if not _ORIGIN.fullmatch(origin):
            raise BadSetting(f"{origin!r} is not the address of a site", hint="--embed https://huggingface.co")
    rules = Rules(token=address.token, public=address.public, frames=" ".join(["'self'", *address.embed]))
    with closing(_listener(address)) as listener:
        address = replace(address, port=listener.getsockname()[1])
        library = Library(home, writing=replace(writing, visitors=address.public))
        folder = workplace(library.settings.home, address.port)
        house = (
            Public(folder, Quota(), lambda room: _room(Library(room, beside=library), room, Quota()))
            if address.public
            else Private(_room(library, folder, NO_LIMIT))
        )
        if warm:
            library.warm()
        app = create(house, rules)
        url = address.url_with_token if sys.stderr.isatty() else address.url  # others read logs
        note(f"recto is at {url} (Ctrl-C ends it)")
        if open_page:
            webbrowser.open(address.url_with_token)
        _GracefulServer(app).run(sockets=[listener])
    return 0


def _listener(address: Address) -> socket.socket:
    """The port, before anything is touched that another server may use."""
    try:
        return bound(address.host, address.port)
    except (OSError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise BadSetting(
            f"{address.host}, port {address.port}: {reason}", hint=f"recto serve --port {address.port % LAST_PORT + 1}"
        ) from error


class _GracefulServer(uvicorn.Server):
    """Ends with exit code 0 when it is told to end; uvicorn's own way is to be killed by the signal after all."""

    def __init__(self, app: ASGIApp) -> None:
        config = uvicorn.Config(
            app,
            http=Protocol,
            ws="none",
            log_level="warning",
            timeout_graceful_shutdown=GRACE_S,
            lifespan="on",
        )
        super().__init__(config)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.handle_exit)
        yield


def _room(library: Library, folder: Path, quota: Quota) -> Room:
    return Room(library, Intake(library, quota.pages), Pictures(library, folder / "pictures"), folder, quota)
