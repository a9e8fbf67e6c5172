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
LAST_PORT = 65535


def run(address: Address, *, home: Path | None, writing: Writing, open_page: bool, warm: bool) -> int:
    """Serve until told to end; `warm`: with a model that is loaded before anybody asks."""
    address.check()
    for origin in address.embed:
        if not _ORIGIN.fullmatch(origin):
            raise BadSetting(f"{origin!r} is not the address of a site", hint="--embed https://huggingface.co")
    rules = AccessRules(token=address.token, public=address.public, frames=" ".join(["'self'", *address.embed]))
    with ExitStack() as stack:
        listener = stack.enter_context(closing(_listener(address)))
        address = replace(address, port=listener.getsockname()[1])
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
        url = address.url_with_token if sys.stderr.isatty() else address.url  # others read logs
        note(f"recto is at {url} (Ctrl-C ends it)")
        if open_page:
            webbrowser.open(address.url_with_token)
        _GracefulServer(create(tenants, rules)).run(sockets=[listener])
    return 0


def _listener(address: Address) -> socket.socket:
    """A socket that listens, before anything is touched that another server may use; port 0 takes a free one."""
    try:
        family, _, _, _, at = socket.getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(at, family=family, backlog=2048)
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
