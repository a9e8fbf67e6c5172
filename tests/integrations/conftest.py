"""What the tests of retrievers share: a library, and a server that has it."""

import asyncio
from collections.abc import Iterator
from inspect import iscoroutinefunction, signature
from pathlib import Path

import pytest

from recto.library import Library
from recto.server.app import create
from recto.server.guard import AccessRules
from recto.server.tenants import NO_LIMIT, SingleTenant, Tenant
from support.doors import HANDBOOK, TOKEN
from support.live import listening
from support.pdfs import text_pdf
from support.served import QUOTED


def pytest_configure(config: pytest.Config) -> None:
    """LangChain's tests of other things, which are imported with those of retrievers, carry marks of their own."""
    for mark in ("benchmark", "vcr"):
        config.addinivalue_line("markers", f"{mark}: of langchain-tests")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run tests that are coroutines, as LangChain's are."""
    if not iscoroutinefunction(pyfuncitem.obj):
        return None
    values = {name: pyfuncitem.funcargs[name] for name in signature(pyfuncitem.obj).parameters}
    asyncio.run(pyfuncitem.obj(**values))
    return True


@pytest.fixture(scope="session")
def library(pumps: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """A library with two documents."""
    home = tmp_path_factory.mktemp("doors")
    (home / "handbook.pdf").write_bytes(text_pdf(*HANDBOOK))
    with Library(home / "library", writing=QUOTED) as library:
        library.add(pumps / "pumps.pdf", home / "handbook.pdf")
        list(library.encoding())
        yield library


@pytest.fixture(scope="session")
def url(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with the same library, open to those who have the token."""
    own = Library(library.settings.home, writing=QUOTED, runtime=library.runtime)
    tenant = Tenant(own, tmp_path_factory.mktemp("uploads"), NO_LIMIT)
    with listening(create(SingleTenant(tenant), AccessRules(token=TOKEN))) as port:
        yield f"http://127.0.0.1:{port}"
