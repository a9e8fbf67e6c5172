"""The real Open WebUI in Chromium, with recto as its OpenAI connection: ask, follow up, open a source."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2
from playwright.sync_api import Page, expect, sync_playwright

from support.live import Live, free_port, live, soon
from support.paths import EXAMPLES

CHROMIUM = "/usr/bin/chromium"
PATIENCE_S = 180.0  # it loads for half a minute on a quiet machine
DOCUMENT = EXAMPLES / "riscv-reri-architecture.pdf"
QUESTION = "What could cause a passing fault?"
QUOTE = "cosmic rays, voltage glitches"
FOLLOW_UP = "And what is a permanent one?"
REQUESTS = 6  # a title, the question, follow-ups, tags; then the second question, and follow-ups


def tried(program: Path, work: Path) -> bool:
    """Whether two questions cost two searches, and a source opens the page with its words marked; a picture stays."""
    home, log = work / "open_webui_library", work / "use.log"
    log.unlink(missing_ok=True)
    home.mkdir(exist_ok=True)
    with (
        live(home, "--use-log", str(log), RECTO_MODEL="quote") as server,
        webui(program, work, f"http://127.0.0.1:{server.port}/v1") as url,
    ):
        server.http.post("/api/documents", params={"name": DOCUMENT.name}, content=DOCUMENT.read_bytes())
        assert soon(lambda: all(upload["state"] == "done" for upload in server.http.get("/api/uploads").json()))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM)
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.set_default_timeout(PATIENCE_S * 1000)
            expect.set_options(timeout=PATIENCE_S * 1000)
            asked(page, url)
            opened(page, work)
            browser.close()
        assert soon(lambda: len(chats(log)) >= REQUESTS)
        answers = sum(map(float, re.findall(r"^recto_answers_total\S* (\S+)$", metrics(server), re.MULTILINE)))
        print(f"--- open-webui: {len(chats(log))} requests for two questions, {answers:g} searches", flush=True)
        return answers == 2


def metrics(server: Live) -> str:
    return server.http.get("/metrics").text


def chats(log: Path) -> list[str]:
    """Requests of Open WebUI for words."""
    lines = map(json.loads, log.read_text().splitlines())
    return [line["request"] for line in lines if line["request"] == "POST /v1/chat/completions"]


def asked(page: Page, url: str) -> None:
    """Ask, and follow up."""
    page.goto(url)
    with suppress(Exception):  # what is new in this version
        page.get_by_role("button", name=re.compile("Okay, Let's Go")).click(timeout=5000)
    for question, words in ((QUESTION, QUOTE), (FOLLOW_UP, "ermanent")):
        page.locator("#chat-input").click()
        page.keyboard.type(question)
        page.keyboard.press("Enter")
        expect(page.locator("#messages-container, main").get_by_text(words).first).to_be_visible()


def opened(page: Page, work: Path) -> None:
    """Open the first source of the first answer, and the page that it leads to, with the words marked."""
    page.locator("button").filter(has_text="Source").first.click()
    source = page.get_by_role("button", name="View source: 1").first
    expect(source).to_be_visible()
    page.screenshot(path=work / "open-webui.png")
    source.click()
    link = page.locator(f"[role=dialog] a[href*='/{DOCUMENT.name}/']").first
    with page.expect_popup() as popup:
        link.click()
    expect(popup.value.locator(".mark").first).to_be_attached()


@contextmanager
def webui(program: Path, work: Path, engine: str, **more: str) -> Iterator[str]:
    """Open WebUI, with a folder and a HOME of its own, offline; `engine` is the address of OpenAI's API."""
    port, folder = free_port(), work / "open_webui_data"
    folder.mkdir(exist_ok=True)
    settings = {
        "HOME": str(work),
        "DATA_DIR": str(folder),
        "WEBUI_AUTH": "false",
        "WEBUI_SECRET_KEY": "none",
        "OFFLINE_MODE": "true",
        "HF_HUB_OFFLINE": "1",
        "ENABLE_OLLAMA_API": "false",
        "OPENAI_API_BASE_URL": engine,
        "OPENAI_API_KEY": "none",
        "DEFAULT_MODELS": "recto",
        "RAG_EMBEDDING_ENGINE": "openai",  # else it loads a model that nobody asks here
        "ENABLE_PERSISTENT_CONFIG": "false",  # else the first address is kept
        "ANONYMIZED_TELEMETRY": "false",
        **more,
    }
    command = [program, "serve", "--host", "127.0.0.1", "--port", str(port)]
    with (work / "open-webui.log").open("wb") as log:
        process = subprocess.Popen(command, env={**os.environ, **settings}, cwd=work, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        assert soon(lambda: _answers(url), PATIENCE_S), "it does not start: see open-webui.log"
        yield url
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _answers(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/health").is_success
    except httpx2.TransportError:
        return False
