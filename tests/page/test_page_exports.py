"""Exported answers as pdf.js shows them, which is the reader of Firefox and of many sites."""

import io
import mimetypes
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

from recto import Library
from recto.exports import CitedAnswer, export
from support.browsing import Shot
from support.highlights import QUESTION, TOLERANCE, corners, marked, turned
from support.pdfs import pdf

SITE = "http://pdfjs.example"  # of no server: the browser is handed the files
ANSWER = "/answer.pdf"
mimetypes.add_type("text/javascript", ".mjs")


@pytest.fixture
def reader(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """pdf.js, at the answer that lies in the test's folder."""
    spec = find_spec("pdfjs_viewer")
    if spec is None or spec.origin is None:
        pytest.skip("pdf.js is not installed")
    program = Path(spec.origin).parent / "pdfjs"

    def hand(route: Route) -> None:
        path = urlsplit(route.request.url).path
        file = tmp_path / ANSWER[1:] if path == ANSWER else program / path[1:]
        route.fulfill(path=file, content_type=mimetypes.guess_type(file)[0] or "application/octet-stream")

    with browser.new_context(viewport={"width": 1000, "height": 1000}) as context:
        context.route(f"{SITE}/**", hand)
        yield context.new_page()


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_pdf_js_shows_highlights_at_the_boxes_of_the_quotes(
    home: Path, tmp_path: Path, reader: Page, shot: Shot, turn: int
) -> None:
    (tmp_path / "pumps.pdf").write_bytes(pdf(turned(turn)))
    with Library(home) as library:
        library.add(tmp_path / "pumps.pdf")
        answer = library.ask(QUESTION).answer
        export(library, CitedAnswer.of(QUESTION, answer), tmp_path / ANSWER[1:])
    reader.goto(f"{SITE}/web/viewer.html?file={ANSWER}#zoom=100")
    highlight = reader.locator(".annotationLayer .highlightAnnotation")
    expect(highlight).to_be_attached()  # after the page was drawn
    picture = Image.open(io.BytesIO(reader.locator(".canvasWrapper").screenshot()))
    (place, *_) = answer.quotes
    assert marked(picture) == pytest.approx(corners(place), abs=TOLERANCE)
    highlight.hover(force=True)
    expect(reader.locator(".popup")).to_contain_text(QUESTION)
    expect(reader.locator(".popup")).to_contain_text("pumps.pdf, page 1")
    shot(reader, f"exported-{turn}")
