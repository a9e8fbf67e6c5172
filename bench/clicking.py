"""One person in a real browser: from the press of Enter until words stand on the page, by the page's own clock."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.generator import MARK
from playwright.sync_api import sync_playwright

CHROMIUM = "/usr/bin/chromium"
LIMIT_MS = 60_000
# Notes when Enter was pressed, and when the quotes and the written words of that answer first stood in a drawn frame.
WATCH = """
window.seen = null
addEventListener('keydown', (event) => {
  if (event.key === 'Enter') window.seen = {from: performance.now(), before: document.querySelectorAll(QUOTES).length}
}, true)
const look = () => {
  const seen = window.seen
  if (seen) {
    const quotes = document.querySelectorAll(QUOTES)
    if (!seen.quote && quotes.length > seen.before) seen.quote = performance.now() - seen.from
    const last = [...document.querySelectorAll(ANSWERS)].at(-1)
    if (!seen.word && quotes.length > seen.before && last?.textContent.includes(MARK))
      seen.word = performance.now() - seen.from
  }
  requestAnimationFrame(look)
}
look()
"""


@dataclass(frozen=True, slots=True)
class Look:
    """How a page shows what is waited for, as CSS selectors."""

    box: str
    quotes: str
    answers: str


RECTO = Look("#question", ".turn.last .quoted", ".turn.last .prose")
STREAMLIT = Look(
    "[data-testid=stChatInputTextArea]", "[data-testid=stChatMessage] blockquote", "[data-testid=stChatMessage]"
)


def clicks(url: str, look: Look, questions: Sequence[str]) -> list[dict[str, float]]:
    """Ask one question after the other, each on a fresh visit to the page; milliseconds to `quote` and to `word`."""
    selectors = f"const QUOTES = {look.quotes!r}, ANSWERS = {look.answers!r}, MARK = {MARK!r}\n"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        times_ms = []
        for question in questions:
            page = browser.new_page()  # in a context of its own: nothing is remembered
            page.add_init_script(f"{{{selectors}{WATCH}}}")
            page.goto(url, wait_until="networkidle")
            box = page.locator(look.box)
            box.fill(question)
            page.wait_for_timeout(500)  # somebody reads once more what was typed
            box.press("Enter")
            page.locator(look.answers, has_text=MARK).last.wait_for(timeout=LIMIT_MS)
            page.wait_for_timeout(100)
            times = page.evaluate("window.seen")
            times_ms.append({"quote": times["quote"], "word": times["word"]})
            page.close()
        browser.close()
    return times_ms
