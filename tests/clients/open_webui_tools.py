import json
import os
import subprocess
from pathlib import Path
from urllib.parse import urlencode

from client import PLACE, QUESTION, Model, tell
from open_webui import CHROMIUM, PATIENCE_S, webui
from playwright.sync_api import expect, sync_playwright

from support.live import soon
from support.paths import EXAMPLES

TRIES = 9
work, model = Path(os.environ["HOME"]), Model()
(connection,) = json.loads((EXAMPLES / "mcp" / "open-webui.json").read_text())
settings = {"TOOL_SERVER_CONNECTIONS": json.dumps([{**connection, "url": PLACE}]), "DEFAULT_MODELS": "m"}
programs = work / "open_webui" / "bin"
with webui(programs / "open-webui", work, model.url, **settings) as url, sync_playwright() as playwright:
    page = playwright.chromium.launch(executable_path=CHROMIUM).new_page()
    tool = f"server:mcp:{connection['info']['id']}"
    page.goto(f"{url}/?{urlencode({'models': 'm', 'tools': tool, 'q': QUESTION})}", timeout=PATIENCE_S * 1000)
    expect(page.locator("#chat-input")).to_have_text(QUESTION, timeout=PATIENCE_S * 1000)
    for _ in range(TRIES):  # which does nothing before it has its models
        page.locator("#chat-input").press("Enter")
        if soon(lambda: page.wait_for_timeout(100) or bool(model.told), PATIENCE_S / TRIES):
            break
number = "import importlib.metadata; print(importlib.metadata.version('open-webui'))"
tell("open-webui", model.told, subprocess.check_output([programs / "python", "-c", number], text=True).strip())
