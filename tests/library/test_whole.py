"""Whole documents, read by a real model part by part: cited as any written answer, stopped, and gone on with."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from recto import Library
from recto.config import Writing
from recto.events import Cited, Expect, FellBack, Progress, Quoted, Stage, Token
from recto.survey.stretches import LONGEST, stretches
from recto.types import Answer, Kind
from support.pdfs import Line, Sheet, pdf

LATE_S = 300.0  # nothing that comes at all comes later
SECTIONS = {
    "Keys of the house": "The warden keeps the keys of the boat house in a red box.",
    "Fees for boats": "A boat costs four crowns an hour, and the fee is paid to the warden.",
    "Dogs on the ground": "Dogs may come along on a lead, but no dog may enter the boat house.",
}


def section(heading: str, sentence: str) -> Sheet:
    filling = [f"The club has asked all members to note this rule number {n} of the year." for n in range(18)]
    drawn: list[Line] = [
        (72, 740, 18, heading),
        *((72, 700 - 24 * n, 11, s) for n, s in enumerate([sentence, *filling])),
    ]
    return Sheet(drawn)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, smol: Path) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("whole")
    (folder / "rules.pdf").write_bytes(pdf(*(section(*own) for own in SECTIONS.items())))
    writing = Writing(model=str(smol), patience_s=LATE_S, first_token_s=LATE_S)
    with Library(folder / "library", writing=writing) as library:
        list(library.adding(folder / "rules.pdf"))
        yield library


def check_cited(library: Library, answer: Answer) -> None:
    """Each place is its page's own text, and stands behind a sentence of the answer."""
    assert answer.citations
    for place in answer.citations:
        assert library.page(place.document.id, place.span.page).text[place.span.start : place.span.end] == place.quote
        assert answer.text[place.at - 1] in ".!?" or place.at == len(answer.text)


def test_a_document_is_cut_into_stretches_that_lose_nothing(library: Library) -> None:
    documents = library.documents()
    parts = stretches(documents, library._search_scope(documents))
    assert [part.heading for part in parts] == ["", *list(SECTIONS)[1:]]  # the first heading is the document's title
    assert [part.pages for part in parts] == [1, 2, 3]
    assert all(sum(len(piece.text) for piece in part.pieces) <= LONGEST for part in parts)
    for number, part in enumerate(parts):
        text = library.page(documents[0].id, number).text
        places = [piece.place for piece in part.pieces]
        left_out = text[: places[0][0]] + "".join(text[a:b] for (_, a), (b, _) in pairwise(places))
        assert left_out.split() in ([], list(SECTIONS)[number].split())


def test_sections_below_one_title_are_read_one_by_one(home: Path, tmp_path: Path) -> None:
    filling = "The club has asked all members to note the rules of the year. " * 8
    sections = "".join(f"<h2>{heading}</h2><p>{sentence} {filling}</p>" for heading, sentence in SECTIONS.items())
    (tmp_path / "rules.html").write_text(f"<h1>Rules of the boat club</h1><p>{filling}</p>{sections}")
    with Library(home) as library:
        list(library.adding(tmp_path / "rules.html"))
        parts = stretches(library.documents(), library._search_scope(library.documents()))
        assert [part.heading for part in parts] == ["Rules of the boat club", *SECTIONS]


def test_the_model_reads_all_pages_stops_and_goes_on(library: Library) -> None:
    asking = library.ask("Summarise rules.pdf", whole=True)
    came = ""
    for event in asking:
        if isinstance(event, Token):
            came += event.text
            asking.stop()
    stopped = asking.answer
    assert stopped.kind is Kind.WRITTEN
    assert stopped.text == came
    assert stopped.notice in ("1 of 3 pages were read", "2 of 3 pages were read", "")  # what it wrote stands
    check_cited(library, stopped)

    events = list(library.ask("Summarise rules.pdf", whole=True))
    (expect,) = (event for event in events if isinstance(event, Expect))
    read = [event.done for event in events if isinstance(event, Progress) and event.stage is Stage.SUMMARISING]
    assert read == sorted(read)
    assert read[-1] == 3
    assert expect.total_s > 0
    assert not [event for event in events if isinstance(event, FellBack)]
    assert any(isinstance(event, Quoted) for event in events)
    whole = library.ask("Summarise rules.pdf", whole=True)
    again = list(whole)
    assert whole.answer.text == "".join(event.text for event in events if isinstance(event, Token))
    assert whole.answer.text.startswith(stopped.text)
    assert (whole.answer.kind, whole.answer.notice) == (Kind.WRITTEN, "")
    check_cited(library, whole.answer)
    assert [event.total_s for event in again if isinstance(event, Expect)] == [0.0]  # all of it was kept
    marks = [event.citation.at for event in again if isinstance(event, Cited)]
    assert marks == sorted(marks)


def test_what_was_written_goes_with_the_document(library: Library, tmp_path: Path) -> None:
    document = library.documents()[0]
    library._store.keep_note(document.id, "key", "what it says")
    assert library._store.note(document.id, "key") == "what it says"
    library.rename("rules.pdf", "house rules.pdf")
    assert library._store.note(document.id, "key") is None
    library.rename("house rules.pdf", "rules.pdf")
