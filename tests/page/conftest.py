"""A real server in a process of its own, a real browser, and what every visit is watched for."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pikepdf
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from support.acts import LONG
from support.browsing import CALLS, PATIENCE_MS, PATIENCE_S, Serve, Served, Visit
from support.live import free_port
from support.ollama_server import MODEL, OllamaServer
from support.paths import EXAMPLES, HERE
from support.scripted import endless, to_question

CHROMIUM = "/usr/bin/chromium"
expect.set_options(timeout=PATIENCE_MS)
SHOTS = Path(__file__).parent / "screenshots"
FDA = EXAMPLES / "fda-general-principles-software-validation.pdf"
TESTING = range(25, 35)  # its pages on testing: the rest would only have to be encoded
WRITTEN = {"test_everywhere", "test_page_asking", "test_page_survey"}  # the files of tests that want the `writer`
PLAN = HERE / "corpus" / "fda-aiml-samd-action-plan.pdf"
DESKTOP = {"width": 1440, "height": 900}


class PageScheduling(LoadScopeScheduling):
    """One worker has the model, and the other goes on file by file.

    Not marks for `--dist loadgroup`: with pytest 9.2 they group nothing (pytest-dev/pytest-xdist#1386).
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "writer" if Path(file).stem in WRITTEN else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> PageScheduling:
    return PageScheduling(config, log)


@contextmanager
def _serving(home: Path, *options: str, **environment: str) -> Iterator[Served]:
    port, other = free_port(), f"http://localhost:{free_port()}"
    usual = ["--home", str(home), "--port", str(port), "--embed", other, "--no-open"]
    process = subprocess.Popen(
        [sys.executable, "-m", "recto", "serve", *usual, *options],
        stderr=subprocess.DEVNULL,
        env={**os.environ, "RECTO_PATIENCE": str(PATIENCE_S), "RECTO_OCR": "off", **environment},
    )
    url = f"http://127.0.0.1:{port}"
    try:
        with httpx2.Client(base_url=url, timeout=60) as http:
            until = time.monotonic() + PATIENCE_S
            while not _answers(http):
                assert time.monotonic() < until, "the server does not start"
                time.sleep(0.1)
            yield Served(url=url, embedder=other, http=http, pid=process.pid)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


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
def writer(tmp_path_factory: pytest.TempPathFactory, smol: Path) -> Iterator[Served]:
    """A server with three documents and a model that writes; no test changes its library."""
    with _serving(tmp_path_factory.mktemp("writer"), "--model", str(smol)) as served:
        for path in (_extract(tmp_path_factory.mktemp("extract") / "software-validation.pdf"), CALLS, PLAN):
            served.upload(path)
        served.http.post("/api/ask", json={"question": "What is software validation?"})
        assert served.http.get("/api/state").json()["speeds"], "the model is not loaded and measured"
        yield served


@pytest.fixture(scope="session")
def talker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with a document and a model that never ends its answer to `LONG`; no test changes its library."""
    with OllamaServer() as daemon:
        daemon.behaviour = to_question(LONG, endless)
        home = tmp_path_factory.mktemp("talker")
        with _serving(home, "--model", f"ollama:{MODEL}", OLLAMA_HOST=daemon.url) as served:
            served.upload(_extract(tmp_path_factory.mktemp("extract") / "software-validation.pdf"))
            yield served


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with a document and without a model; no test changes its library."""
    with _serving(tmp_path_factory.mktemp("shelf"), "--model", "quote") as served:
        served.upload(_extract(tmp_path_factory.mktemp("extract") / "software-validation.pdf"))
        yield served


@pytest.fixture(scope="session")
def _quoting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with _serving(tmp_path_factory.mktemp("quoting"), "--model", "quote") as served:
        yield served


@pytest.fixture
def quoting(_quoting: Served) -> Served:
    """A server without a model, its library empty."""
    _quoting.clear()
    return _quoting


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start a server of one's own, with options of `recto serve` and an environment; all of a test have one home."""
    home = tmp_path / "home"
    home.mkdir()
    with ExitStack() as running:
        yield lambda *options, **environment: running.enter_context(_serving(home, *options, **environment))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Open the page. Afterwards no other host was asked, nothing broke, and the policy was not offended."""
    contexts: list[tuple[BrowserContext, str, list[str], list[str]]] = []

    def open_page(url: str, **options: Any) -> Page:
        context = browser.new_context(**{"viewport": DESKTOP, **options})
        context.set_default_timeout(PATIENCE_MS)
        requests: list[str] = []
        faults: list[str] = []
        context.on("request", lambda request: requests.append(request.url))
        context.on("console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None)
        context.on("weberror", lambda error: faults.append(str(error.error)))
        contexts.append((context, url, requests, faults))
        page = context.new_page()
        page.goto(url)
        return page

    yield open_page
    for context, url, requests, faults in contexts:
        context.close()
        hosts = {urlsplit(request).netloc for request in requests if not request.startswith(("blob:", "data:"))}
        assert hosts == {urlsplit(url).netloc}
        assert not faults


@pytest.fixture
def shot(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Keep a picture of the page, for people to look at."""

    def keep(page: Page, name: str) -> None:
        SHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SHOTS / f"{name}.png", animations="disabled")

    return keep
