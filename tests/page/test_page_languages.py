"""The page in German, what it says of quotes in another language, and text that runs from right to left."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from recto.messages import Messages
from recto.server import localised
from support.browsing import Served, Visit

GERMAN, ENGLISH = (Messages.of(localised.FOLDER, language).table for language in ("de", "en"))
WORDS = """() => [...document.querySelectorAll("body *:not(script)")].flatMap((node) => [
  ...["aria-label", "title", "placeholder", "alt"].map((name) => node.getAttribute(name)),
  ...[...node.childNodes].filter((child) => child.nodeType === Node.TEXT_NODE).map((child) => child.data),
]).filter(Boolean).map((words) => words.trim())"""
# What stands there as it is whole, and is not written alike in both languages.
ONLY_ENGLISH = {
    text for name, text in ENGLISH.items() if isinstance(text, str) and "{" not in text and text != GERMAN[name]
}


@pytest.mark.slow
def test_the_page_speaks_german_to_whoever_wants_it(shelf: Served, visit: Visit) -> None:
    page = visit(shelf.url, locale="de-DE")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.get_by_role("heading", name="Fragen, und auf der Seite sehen.")).to_be_visible()
    question = page.get_by_label("Fragen Sie Ihre Dokumente")
    question.fill("What is software validation?")
    question.press("Enter")
    expect(page.locator(".turn .foot")).to_be_visible()
    expect(page.get_by_role("button", name="Warum diese Stellen")).to_be_visible()
    page.locator(".quoted .chip").first.click()
    expect(page.get_by_role("button", name="Die Seite schließen")).to_be_visible()
    page.get_by_role("button", name="Verlauf").click()
    page.keyboard.press("Escape")
    words = {word for word in page.evaluate(WORDS) if word}
    assert not words & ONLY_ENGLISH
    assert {"Dokumente", "In Ihren Dokumenten"} <= words


def test_the_page_is_told_apart_by_the_language_that_was_asked_for(shelf: Served) -> None:
    german = shelf.http.get("/", headers={"Accept-Language": "de"})
    assert german.headers["Vary"] == "Accept-Language"
    assert german.headers["Content-Language"] == "de"
    assert json.dumps("Dokumente")[1:-1] in german.text
    assert 'lang="en"' in shelf.http.get("/", headers={"Accept-Language": "fr"}).text


PRINTED = {
    "ar": (["توجد المضخة في القاعة الكبيرة.", "يفتح الصمام بالمفتاح الأحمر (رقم 12)."], "بماذا يفتح الصمام؟"),
    "he": (["המשאבה נמצאת באולם הגדול.", "השסתום נפתח במפתח האדום (מספר 12)."], "במה נפתח השסתום?"),
}
PLACES = """(quote) => {
  const range = new Range();
  const text = document.createTreeWalker(quote, NodeFilter.SHOW_TEXT).nextNode();
  const x = (at) => (range.setStart(text, at), range.setEnd(text, at + 1), range.getBoundingClientRect().x);
  return [x(0), x(6)];
}"""


@pytest.mark.slow
@pytest.mark.parametrize("language", PRINTED)
def test_text_from_right_to_left_is_quoted_and_marked(
    browser: Browser, quoting: Served, visit: Visit, tmp_path: Path, language: str
) -> None:
    lines, question = PRINTED[language]
    printing = browser.new_page()
    paragraphs = "".join(f"<p>{line}</p>" for line in lines)
    printing.set_content(
        f"<html lang={language} dir=rtl><body style=\"font: 20px 'DejaVu Sans'\">{paragraphs}</body></html>"
    )
    path = tmp_path / f"{language}.pdf"
    printing.pdf(path=path)
    printing.close()
    quoting.upload(path)
    page = visit(quoting.url, viewport={"width": 1440, "height": 900})
    page.get_by_label("Ask your documents").fill(question)
    page.keyboard.press("Enter")
    quote = page.locator(".quoted blockquote", has_text=lines[1]).first
    expect(quote).to_be_visible()
    page.locator(".quoted .chip").first.click()
    mark = page.locator(".marks .mark").first
    expect(mark).to_be_visible()
    left, width = mark.evaluate("(mark) => [mark.style.left, mark.style.width].map(parseFloat)")
    assert left + width > 90  # percent: at the right margin, where the line begins
    assert left > 30
    first, later = page.locator(".quoted blockquote").first.evaluate(PLACES)  # characters of its first words
    assert first > later
