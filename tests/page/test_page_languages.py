"""The page in German, what it says of quotes in another language, and text that runs from right to left."""

import json

import pytest
from playwright.sync_api import expect

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
