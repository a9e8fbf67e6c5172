"""Make the handbooks and their questions from the texts beside this file: `python tests/data/languages/make.py`.

Needs Chromium and the fonts that SOURCES.md names; run it when a text has changed.
"""

import json
import shutil
import tomllib
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
LANGUAGES = ("en", "de", "fr", "es", "it", "zh", "ar")
STYLE = """
@page { size: A5; margin: 2cm }
body { font: 12pt/1.5 'DejaVu Serif', 'WenQuanYi Zen Hei'; }
:lang(ar) body, body:lang(ar) { font-family: 'DejaVu Sans' }
section { break-after: page }
"""
Handbook = dict[str, Any]


def html(language: str, book: Handbook) -> str:
    """A handbook as a page to print."""
    pages = "".join(
        f"<section><h1>{escape(page['heading'])}</h1><p>{escape(page['text'])}</p></section>" for page in book["pages"]
    )
    direction = "rtl" if language == "ar" else "ltr"
    head = f"<meta charset=utf-8><title>{escape(book['title'])}</title><style>{STYLE}</style>"
    body = f"<body lang={language}>{pages}</body>"
    return f"<!doctype html><html lang={language} dir={direction}><head>{head}</head>{body}</html>"


def questions(language: str, book: Handbook) -> Iterator[Handbook]:
    """What is asked of a handbook, as `recto eval` reads it."""
    for number, page in enumerate(book["pages"], start=1):
        yield {
            "id": f"{language}-{number:02}",
            "doc": f"{language}.pdf",
            "type": language,
            "question": page["question"],
            "answer": page["answer"],
            "evidence_pages": [number],
            "evidence": [{"page": number, "text": page["evidence"]}],
        }
    for number, question in enumerate(book["foreign"], start=1):
        named = {"id": f"{language}-foreign-{number}", "doc": f"{language}.pdf", "type": language}
        yield {**named, "question": question, "evidence_pages": []}


def main() -> None:
    books = {language: tomllib.loads((HERE / f"{language}.toml").read_text()) for language in LANGUAGES}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for language, book in books.items():
            page = browser.new_page()
            page.set_content(html(language, book))
            page.pdf(path=HERE / f"{language}.pdf", prefer_css_page_size=True)
        browser.close()
    asked = [
        json.dumps(one, ensure_ascii=False) for language, book in books.items() for one in questions(language, book)
    ]
    (HERE / "questions.jsonl").write_text("\n".join(asked) + "\n")


if __name__ == "__main__":
    main()
