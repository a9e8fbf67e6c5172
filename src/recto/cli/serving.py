"""`recto serve`: the page and its API on this machine, or for others behind a token."""

import ipaddress
import re
import signal
import socket
import webbrowser
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import uvicorn
from starlette.types import ASGIApp

from recto.cli.terminal import note
from recto.config import Writing
from recto.errors import BadSetting
from recto.library import Library
from recto.server.app import create
from recto.server.guard import Rules
from recto.server.intake import Intake
from recto.server.pictures import Pictures
from recto.server.protocol import Protocol
from recto.server.visitors import NO_LIMIT, Private, Public, Quota, Room
from recto.server.workplace import bound, workplace

_ORIGIN = re.compile(r"https?://[\w.\-]+(?::\d+)?", re.ASCII)
GRACE_S = 5  # that answers under way get when the server is told to end


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen, and who may come in."""

    host: str
    port: int
    token: str
    public: bool
    embed: tuple[str, ...] = ()  # origins that may show the page in a frame


def run(address: Address, *, home: Path | None, writing: Writing, open_page: bool) -> int:
    """Serve until told to end."""
    if not (_is_loopback(address.host) or address.token or address.public):
        raise BadSetting(
            f"{address.host} can be reached by others, and nothing would keep them out",
            hint="recto serve --token SECRET, or --public for a library of their own for each visitor",
        )
    frames = " ".join(["'self'", *map(_origin, address.embed)])
    with closing(_listening(address)) as listener:
        port = listener.getsockname()[1]
        library = Library(home, writing=replace(writing, visitors=address.public))
        folder = workplace(library.settings.home, port)
        house = _public(library, folder) if address.public else Private(_room(library, folder, NO_LIMIT))
        app = create(house, Rules(token=address.token, public=address.public, frames=frames))
        url = f"http://{address.host}:{port}/"
        note(f"recto is at {url}{'#token=' + quote(address.token, safe='') if address.token else ''} (Ctrl-C ends it)")
        if open_page:
            webbrowser.open(url)
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
    return Public(folder, Quota(), lambda folder: _room(Library(folder, beside=library), folder, Quota()))


def _room(library: Library, folder: Path, quota: Quota) -> Room:
    return Room(library, Intake(library, quota.pages), Pictures(library, folder / "pictures"), folder, quota)


def _origin(given: str) -> str:
    """The address of a site, as a policy may hold it."""
    if not _ORIGIN.fullmatch(given):
        raise BadSetting(f"{given!r} is not the address of a site", hint="--embed https://huggingface.co")
    return given


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
