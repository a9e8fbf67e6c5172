"""`recto serve`: the page and its API on this machine, or for others behind a token."""

import re
import signal
import socket
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
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
from recto.server.guard import AccessRules
from recto.server.protocol import Protocol
from recto.server.tenants import NO_LIMIT, MultiTenant, Quota, SingleTenant, Tenant, Tenants
from recto.server.workdir import workdir

_ORIGIN = re.compile(r"https?://[\w.\-]+(?::\d+)?", re.ASCII)
GRACE_S = 3  # that answers under way get when the server is told to end; all is to be over after 5


def run(address: Address, *, home: Path | None, writing: Writing, open_page: bool, warm: bool) -> int:
    """Serve until told to end; `warm`: with a model that is loaded before anybody asks."""
    address.check()
    frames = " ".join(["'self'", *map(_origin, address.embed)])
    with ExitStack() as stack:
        listener = stack.enter_context(closing(_listening(address)))
        library = Library(home, writing=writing)
        folder = stack.enter_context(workdir(library.settings.home))
        tenants: Tenants
        if address.public:
            stack.callback(library.close)
            tenants = MultiTenant(folder, Quota(), lambda own: Library(own, runtime=library.runtime))
        else:
            tenants = SingleTenant(Tenant(library, folder, NO_LIMIT))
        if warm:
            library.warm()
        app = create(tenants, AccessRules(token=address.token, public=address.public, frames=frames))
        bound = replace(address, port=listener.getsockname()[1])
        note(f"recto is at {bound.opened if sys.stderr.isatty() else bound.url} (Ctrl-C ends it)")  # others read logs
        if open_page:
            webbrowser.open(bound.opened)
        _Server(_config(app)).run(sockets=[listener])
    return 0


def _listening(address: Address) -> socket.socket:
    """A socket that listens, before anything is touched that another server may use; port 0 takes a free one."""
    try:
        family, _, _, _, at = socket.getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(at, family=family, backlog=2048)
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


def _origin(given: str) -> str:
    """The address of a site, as a policy may hold it."""
    if not _ORIGIN.fullmatch(given):
        raise BadSetting(f"{given!r} is not the address of a site", hint="--embed https://huggingface.co")
    return given
