"""`recto serve`: the page and its API on this machine, or for others behind a token."""

import re
import sys
import webbrowser
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

from recto import machine
from recto.cli.address import Address
from recto.cli.terminal import note
from recto.config import Writing
from recto.errors import BadSetting
from recto.library import Library
from recto.near import NearServer, announced
from recto.server.app import create
from recto.server.connections import ConnectionLimits
from recto.server.guard import AccessRules
from recto.server.serving import Server, listener
from recto.server.tenants import NO_LIMIT, MultiTenant, Quota, SingleTenant, Tenant, Tenants
from recto.server.workdir import workdir

_ORIGIN = re.compile(r"https?://[\w.\-]+(?::\d+)?", re.ASCII)


def run(address: Address, *, home: Path | None, writing: Writing, open_page: bool, warm: bool) -> int:
    """Serve until told to end; `warm`: with a model that is loaded before anybody asks."""
    address.check()
    machine.share_heap()
    limits = ConnectionLimits.within(machine.raise_open_files())
    for origin in address.embed:
        if not _ORIGIN.fullmatch(origin):
            raise BadSetting(f"{origin!r} is not the address of a site", hint="--embed https://huggingface.co")
    frames = " ".join(["'self'", *address.embed])
    rules = AccessRules(token=address.token, public=address.public, frames=frames, hosts=address.hosts)
    with ExitStack() as stack:
        listening = stack.enter_context(closing(listener(address.host, address.port)))
        address = replace(address, port=listening.getsockname()[1])
        library = Library(home, writing=writing)
        if not (address.public or library.settings.key):
            rules = replace(rules, near=NearServer.new(address.near, address.port))
        folder = stack.enter_context(workdir(library.settings.home, in_memory=bool(library.settings.key)))
        tenants = _tenants(library, folder, stack, public=address.public)
        library.catch_up()
        if warm:
            library.warm()
        url = address.url_with_token if sys.stderr.isatty() else address.url  # others read logs
        stack.enter_context(announced(library.settings.home, rules.near))
        note(f"recto is at {url} (Ctrl-C ends it)")
        if open_page:
            webbrowser.open(address.url_with_token)
        Server(create(tenants, rules), limits).run(sockets=[listening])
    return 0


def _tenants(library: Library, folder: Path, stack: ExitStack, *, public: bool) -> Tenants:
    """Who may ask: everybody, each with a library of their own, or whose library it is."""
    if public:
        stack.callback(library.close)
        return MultiTenant(folder, Quota(), lambda own: Library(own, runtime=library.runtime, temporary=True))
    tenant = Tenant(library, folder, NO_LIMIT)
    tenant.uploads.resume()
    return SingleTenant(tenant)
