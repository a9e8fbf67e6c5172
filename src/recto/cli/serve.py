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
from recto.server.app import create
from recto.server.connections import ConnectionLimits
from recto.server.guard import AccessRules
from recto.server.serving import Server, listener
from recto.server.tenants import NO_LIMIT, MultiTenant, Quota, SingleTenant, Tenant, Tenants
from recto.server.use_log import UseLogSettings
from recto.server.workdir import workdir

_ORIGIN = re.compile(r"https?://[\w.\-]+(?::\d+)?", re.ASCII)


def access_rules(address: Address) -> AccessRules:
    """What is asked of requests to an address. BadSetting if it names a site that is none."""
    for origin in address.embed:
        if not _ORIGIN.fullmatch(origin):
            raise BadSetting(f"{origin!r} is not the address of a site", hint="--embed https://huggingface.co")
    frames = " ".join(["'self'", *address.embed])
    return AccessRules(token=address.token, public=address.public, frames=frames, hosts=address.hosts)


def run(
    address: Address,
    *,
    home: Path | None,
    writing: Writing,
    open_page: bool,
    warm: bool,
    use_log: UseLogSettings,
) -> int:
    """Serve until told to end; `warm`: with a model that is loaded before anybody asks."""
    address.check()
    machine.share_heap()
    limits = ConnectionLimits.within(machine.raise_open_files())
    rules = access_rules(address)
    with ExitStack() as stack:
        listening = stack.enter_context(closing(listener(address.host, address.port)))
        address = replace(address, port=listening.getsockname()[1])
        library = Library(home, writing=writing)
        use_log.check(encrypted=bool(library.settings.key))
        folder = stack.enter_context(workdir(library.settings.home, in_memory=bool(library.settings.key)))
        tenants: Tenants
        if address.public:
            stack.callback(library.close)
            tenants = MultiTenant(folder, Quota(), lambda own: Library(own, runtime=library.runtime, temporary=True))
        else:
            tenant = Tenant(library, folder, NO_LIMIT)
            tenants, rules = SingleTenant(tenant), replace(rules, tokens=library.tokens)
            tenant.uploads.resume()
        library.catch_up()
        if warm:
            library.warm()
        url = address.url_with_token if sys.stderr.isatty() else address.url  # others read logs
        note(f"recto is at {url} (Ctrl-C ends it)")
        if open_page:
            webbrowser.open(address.url_with_token)
        Server(create(tenants, rules, use_log), limits).run(sockets=[listening])
    return 0
