"""Which model writes: fetching one through the page, and choosing one that stays chosen."""

import random
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from recto.llm import gguf
from recto.llm.presets import PRESETS
from support import fake_hub as hubs
from support.browsing import Serve, Shot, Visit

pytestmark = pytest.mark.slow
FAST = PRESETS["fast"]
DATA = random.Random(1).randbytes(300_000)


def test_a_model_is_fetched_with_progress_and_again_after_a_cut(
    serve: Serve, visit: Visit, shot: Shot, tmp_path: Path
) -> None:
    with hubs.running() as hub:
        hub.files[f"{FAST.repo}/{FAST.file}"] = DATA
        hub.cuts = [100_000, 0, 0, 0]
        hub.gate.clear()
        page = visit(serve(RECTO_WEIGHTS=str(tmp_path / "weights"), HF_ENDPOINT=hub.url).url)
        page.locator("#machine").click()
        sheet = page.get_by_role("dialog")
        row = sheet.locator(".model", has_text=FAST.model)
        row.get_by_role("button", name=f"Fetch {FAST.model}").click()
        expect(row.get_by_role("button", name=f"Stop {FAST.model}")).to_be_focused()
        expect(row).to_contain_text(re.compile(r"\d kB of 300 kB"))
        shot(page, "fetching")
        page.keyboard.press("Escape")
        page.locator("#machine").click()
        expect(row).to_contain_text("of 300 kB")  # it has gone on behind the closed sheet
        hub.gate.set()
        expect(sheet.get_by_role("alert")).to_contain_text("what was fetched so far is kept")
        shot(page, "fetch-cut")
        row.get_by_role("button", name=f"Fetch {FAST.model}").click()
        expect(row.get_by_role("button", name=f"Use {FAST.model}")).to_be_visible()
        assert (tmp_path / "weights" / FAST.file).read_bytes() == DATA
        assert "bytes=100000-" in hub.ranges_asked


def test_a_chosen_model_stays_chosen_when_the_server_starts_anew(serve: Serve, visit: Visit, smol: Path) -> None:
    weights = {"RECTO_WEIGHTS": str(smol.parent), "RECTO_MODEL": ""}
    for used in (gguf.read(smol).name, "Quotes only"):
        page = visit(serve(**weights).url)
        page.locator("#machine").click()
        sheet = page.get_by_role("dialog")
        sheet.get_by_role("button", name=f"Use {used}").click()
        entry = sheet.locator(".model", has_text=used)
        expect(entry.locator(".used")).to_be_visible()
        again = visit(serve(**weights).url)
        again.locator("#machine").click()
        expect(again.locator(".model", has_text=used).locator(".used")).to_be_visible()
