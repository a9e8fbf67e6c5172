"""`recto serve`: the page and its API on this machine, or for others behind a token."""

import re
import sys
import webbrowser
from collections.abc import Sequence
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
from recto.scratch import WAITING
from recto.server.app import create
from recto.server.connections import ConnectionLimits
from recto.server.guard import AccessRules
from recto.server.serving import Server, listener
from recto.server.tenants import NO_LIMIT, MultiTenant, Quota, SingleTenant, Tenant, Tenants
from recto.server.use_log import UseLogSettings
from recto.server.workdir import workdir

_ORIGIN = re.compile(r"https?://[\w.\-]+(?::\d+)?", re.ASCII)


def run(
    address: Address,
    *,
    home: Path | None,
    writing: Writing,
    open_page: bool,
    warm: bool,
    folders: Sequence[Path] = (),
    use_log: UseLogSettings,
) -> int:
    """Serve until told to end; `warm`: with a model that is loaded before anybody asks. The folders stay in step."""
    rules = access_rules(address, folders)
    machine.share_heap()
    limits = ConnectionLimits.within(machine.raise_open_files())
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
            on_disk = stack.enter_context(workdir(library.settings.home)) if library.settings.key else folder
            tenant = Tenant(library, folder, NO_LIMIT, waiting=on_disk / WAITING)
            near = NearServer.new(address.near, address.port) if library.settings.is_open else None
            tenants, rules = SingleTenant(tenant), replace(rules, tokens=library.tokens, near=near)
            tenants.resume()
            tenant.folders.begin(folders)
        library.catch_up()
        if warm:
            library.warm()
        url = address.url_with_token if sys.stderr.isatty() else address.url  # others read logs
        stack.enter_context(announced(library.settings.home, rules.near))
        note(f"recto is at {url} (Ctrl-C ends it)")
        if open_page:
            webbrowser.open(address.url_with_token)
        Server(create(tenants, rules, use_log), limits).run(sockets=[listening])
    return 0


def access_rules(address: Address, folders: Sequence[Path] = ()) -> AccessRules:
    """What is asked of requests to an address. BadSetting if what is to be served there makes no sense."""
    address.check()
    if address.public and folders:
        what = f"{folders[0]} cannot be kept in step in public mode: each visitor has a library of their own"
        raise BadSetting(what, hint="leave out --folder (RECTO_FOLDERS), or --public")
    for origin in address.embed:
        if not _ORIGIN.fullmatch(origin):
            raise BadSetting(f"{origin!r} is not the address of a site", hint="--embed https://huggingface.co")
    frames = " ".join(["'self'", *address.embed])
    return AccessRules(token=address.token, public=address.public, frames=frames, hosts=address.hosts)
