"""A real server in a process of its own, a real browser, and what every visit is watched for."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pikepdf
import pytest
from browsing import CALLS, Served, Visit
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from places import EXAMPLES, HERE

CHROMIUM = "/usr/bin/chromium"
expect.set_options(timeout=20_000)  # where others use the machine too; nothing waits so long otherwise
SHOTS = Path(__file__).parent / "screenshots"
FDA = EXAMPLES / "fda-general-principles-software-validation.pdf"
TESTING = range(25, 35)  # its pages on testing: the rest would only have to be encoded
PLAN = HERE / "corpus" / "fda-aiml-samd-action-plan.pdf"
START_S = 20
DESKTOP = {"width": 1440, "height": 900}


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def _serving(home: Path, models: Path, model: str) -> Iterator[Served]:
    (home / "models").symlink_to(models)
    port, other = _free_port(), f"http://localhost:{_free_port()}"
    options = ["--home", str(home), "--port", str(port), "--model", model, "--embed", other, "--no-open"]
    process = subprocess.Popen([sys.executable, "-m", "recto", "serve", *options], stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        with httpx2.Client(base_url=url, timeout=60) as http:
            until = time.monotonic() + START_S
            while not _answers(http):
                assert time.monotonic() < until, "the server does not start"
                time.sleep(0.1)
            yield Served(url, other, http)
    finally:
        process.terminate()
        process.wait(15)


def _answers(http: httpx2.Client) -> bool:
    try:
        return http.get("/readyz").is_success
    except httpx2.TransportError:
        return False


def _extract(path: Path) -> Path:
    with pikepdf.open(FDA) as whole, pikepdf.new() as part:
        part.pages.extend([whole.pages[number] for number in TESTING])
        part.save(path)
    return path


@pytest.fixture(scope="session")
def writer(tmp_path_factory: pytest.TempPathFactory, models: Path, smol: Path) -> Iterator[Served]:
    """A server with three documents and a model that writes; no test changes its library."""
    with _serving(tmp_path_factory.mktemp("writer"), models, str(smol)) as served:
        for path in (_extract(tmp_path_factory.mktemp("extract") / "software-validation.pdf"), CALLS, PLAN):
            served.upload(path)
        served.http.post("/api/ask", json={"question": "What is software validation?"})  # loads and measures the model
        yield served


@pytest.fixture(scope="session")
def _quoting(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Served]:
    with _serving(tmp_path_factory.mktemp("quoting"), models, "quote") as served:
        yield served


@pytest.fixture
def quoting(_quoting: Served) -> Served:
    """A server without a model, its library empty."""
    _quoting.clear()
    return _quoting


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Open the page. Afterwards no other host was asked, nothing broke, and the policy was not offended."""
    contexts: list[tuple[BrowserContext, str, list[str], list[str]]] = []

    def opened(url: str, **options: Any) -> Page:
        context = browser.new_context(**{"viewport": DESKTOP, **options})
        asked: list[str] = []
        faults: list[str] = []
        context.on("request", lambda request: asked.append(request.url))
        context.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
        context.on("weberror", lambda error: faults.append(str(error.error)))
        contexts.append((context, url, asked, faults))
        page = context.new_page()
        page.goto(url)
        return page

    yield opened
    for context, url, asked, faults in contexts:
        context.close()
        hosts = {urlsplit(one).netloc for one in asked if not one.startswith(("blob:", "data:"))}
        assert hosts == {urlsplit(url).netloc}
        assert not faults


@pytest.fixture
def shot(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Keep a picture of the page, for people to look at."""

    def kept(page: Page, name: str) -> None:
        SHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SHOTS / f"{name}.png", animations="disabled")

    return kept
