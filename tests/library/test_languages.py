"""One handbook in seven languages: its text is read in the order of reading, and cut into its sentences."""

import io
import tomllib
from typing import Any

import numpy as np
import pytest
from PIL import Image

from recto.pdf.read import Reader
from recto.text.sentences import sentences
from recto.text.verbatim import find_words
from recto.types import Page
from support.paths import HERE

HANDBOOKS = HERE / "data" / "languages"
INK = 64  # of 255 that ink and paper differ
Handbook = tuple[dict[str, Any], list[Page], list[np.ndarray]]


@pytest.fixture(params=["en", "de", "fr", "es", "it", "zh", "ar"])
def handbook(request: pytest.FixtureRequest, reader: Reader) -> Handbook:
    """What was written, its pages as read, and their pictures."""
    source = reader.open(HANDBOOKS / f"{request.param}.pdf", None)
    pages = sorted((result.read.page for result in reader.pages(source)), key=lambda page: page.number)
    drawn = [reader.draw(source, page.number, width=800) for page in pages]
    pictures = [np.asarray(Image.open(io.BytesIO(png)).convert("L"), np.int16) for png in drawn]
    return tomllib.loads((HANDBOOKS / f"{request.param}.toml").read_text()), pages, pictures


def bare(text: str) -> str:
    return "".join(text.split())


@pytest.mark.slow
def test_the_text_is_read_as_it_was_written_and_marked_where_it_stands(handbook: Handbook) -> None:
    book, pages, pictures = handbook
    assert len(pages) == len(book["pages"])
    for written, page, picture in zip(book["pages"], pages, pictures, strict=True):
        assert bare(page.text) == bare(written["heading"] + written["text"])
        span = find_words(page.text, written["evidence"])
        assert span is not None
        assert bare(page.text[slice(*span)]) == bare(written["evidence"])
        height, width = picture.shape
        for rect in page.rects(*span):
            x0, y0, x1, y1 = np.array(rect.as_list()) * [width, height, width, height]
            assert np.ptp(picture[int(y0) : int(y1) + 1, int(x0) : int(x1) + 1]) > INK


@pytest.mark.slow
def test_sentences_end_where_they_were_ended(handbook: Handbook) -> None:
    book, pages, _ = handbook
    for written, page in zip(book["pages"], pages, strict=True):
        cut = [bare(page.text[start:end]) for start, end in sentences(page.text)]
        assert cut[0] == bare(written["heading"])
        assert len(cut) == 4
        assert bare(written["evidence"]) in cut


@pytest.mark.parametrize(
    "written",
    [
        ["Sie arbeitet z. B. nachts.", "Das dauert ca. 40 Minuten."],
        ["Die Prüfung ist am 3. März 2021.", "Sie dauert bzw. kostet vgl. Nr. 7 nichts."],
        ["Il dott. Bianchi risponde subito.", "Poi chiama la sig.ra Verdi."],
        ["M. Durand arrive demain.", "« Bien sûr, il vient. »", "Il repart lundi."],
        ["El Sr. López viene hoy.", "¿Cuándo se va?", "Mañana."],
    ],
    ids=["z. B.", "3. März", "dott.", "«»", "¿?"],
)
def test_what_only_looks_like_an_end_is_none(written: list[str]) -> None:
    text = " ".join(written)
    assert [text[start:end] for start, end in sentences(text)] == written
