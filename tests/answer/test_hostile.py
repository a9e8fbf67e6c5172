"""Passages that tell a model what to do: what holds whatever it says. They are in data/hostile.jsonl."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress

import pytest

from recto.answer.citing import CitedSource, supporting
from recto.answer.prompt import SYSTEM, Excerpt, compose, neutral
from recto.answer.writing import Draft, write
from recto.errors import NothingWritten
from recto.events import Cited, Token, Unsupported
from recto.generation import Finished, Piece, Prompt, Text
from recto.text.sanitize import Sanitizer
from recto.types import Citation, Document, Rect, Span
from support.hostile_passages import NAMES, ROWS, obeyed
from support.plain import assert_fenced, assert_plain

QUESTION = "What were the sales of paint in 2023?"
HONEST = "Sales of varnish were 3,120 thousand in 2023."
SIZES = (1, 3, 7, 10**6)  # characters of a piece

every_row = pytest.mark.parametrize("row", ROWS, ids=NAMES)


def asked(row: dict[str, str]) -> Prompt:
    """The prompt, with the passage between two honest pages; a hostile file has a hostile name, too."""
    rows = [("report.pdf", HONEST), (f"{row['passage'][:50]}.pdf", row["passage"]), ("report.pdf", HONEST)]
    return compose(QUESTION, [Excerpt(name, text) for name, text in rows])


def said(text: str, size: int) -> Iterator[Piece]:
    yield from (Text(text[at : at + size]) for at in range(0, len(text), size))
    yield Finished(cut=False)


def sanitized(text: str, size: int, prompt: Prompt) -> str:
    sanitizer = Sanitizer(SYSTEM, prompt.evidence)
    return (
        "".join(sanitizer.feed(piece.text) for piece in said(text, size) if isinstance(piece, Text)) + sanitizer.end()
    )


def test_there_are_enough_of_them() -> None:
    assert len(set(NAMES)) == len(ROWS) >= 40
    assert not re.findall(r"\{system.*?\}", "".join(map(obeyed, ROWS)), re.IGNORECASE)


@every_row
def test_no_passage_gets_out_of_the_fence(row: dict[str, str]) -> None:
    prompt = asked(row)
    assert_fenced(prompt)
    assert prompt.evidence.count(HONEST) == 2
    assert_fenced(compose(row["passage"], [Excerpt("report.pdf", HONEST)]))  # nor does a question


@every_row
def test_what_an_obedient_model_says_is_plain(row: dict[str, str]) -> None:
    prompt, text = asked(row), obeyed(row)
    shown = sanitized(text, len(text), prompt)
    assert_plain(shown, prompt.evidence)
    for forbidden in row["must_not"]:
        assert forbidden not in shown
    assert {sanitized(text, size, prompt) for size in SIZES} == {shown}


@every_row
def test_what_a_model_repeats_of_a_passage_is_plain(row: dict[str, str]) -> None:
    prompt = asked(row)
    assert_plain(sanitized(row["passage"], 5, prompt), prompt.evidence)
    assert_plain(sanitized(prompt.evidence, 5, prompt), prompt.evidence)
    assert_plain(sanitized(json.dumps(prompt.messages, ensure_ascii=False), 5, prompt), prompt.evidence)


# --- written ---------------------------------------------------------------------------------------------------------
def cited(at: int, page: int, text: str) -> Citation:
    document = Document(id="d" * 64, name="report.pdf", title="", pages=9, size=1, added=0.0)
    return Citation(
        at=at, span=Span(document.id, page, 0, len(text)), document=document, quote=text, rects=(Rect(0, 0, 1, 1),)
    )


def overlap(sentence: str, text: str) -> float:
    words = set(sentence.casefold().split())
    return len(words & set(text.casefold().split())) / max(1, len(words))


@every_row
def test_only_evidence_is_cited(row: dict[str, str]) -> None:
    prompt, texts = asked(row), [HONEST, row["passage"]]
    claimed = f"{HONEST}\n\n{obeyed(row)} [7] Sales of paint were 99,999 thousand in 2023 [report.pdf, page 1]."

    def cite(sentence: str, at: int) -> list[Citation]:
        found = supporting(sentence, [CitedSource(text, "report.pdf") for text in texts], overlap)
        return [cited(at, index, texts[index]) for index in found]

    events: list[object] = []
    with suppress(NothingWritten):  # what recites the instructions is void
        draft = Draft(Sanitizer(SYSTEM, prompt.evidence), cite, bool)
        for event in write(said(claimed, 7), draft, engine="obedient"):
            events.append(event)  # noqa: PERF402 - what came before it failed counts, too
    text = "".join(event.text for event in events if isinstance(event, Token))
    assert_plain(text, prompt.evidence)
    assert text.startswith(HONEST)
    places = [event.citation for event in events if isinstance(event, Cited)]
    assert places[0] == cited(len(HONEST), 0, HONEST)
    assert {(place.span.page, place.quote) for place in places} <= set(enumerate(texts))
    marks = [place.at for place in places] + [event.at for event in events if isinstance(event, Unsupported)]
    assert all(0 < mark <= len(text) and not text[mark - 1].isspace() for mark in marks)
    assert not any(map(str.isalnum, text[max(marks) :]))  # to its last sentence it is cited or marked


@every_row
def test_what_nothing_supports_is_marked(row: dict[str, str]) -> None:
    draft = Draft(Sanitizer(SYSTEM, asked(row).evidence), lambda sentence, at: (), bool)
    events: list[object] = []
    with pytest.raises(NothingWritten):  # noqa: PT012 - the quoted answer stands; what came before counts, too
        for event in write(said(obeyed(row), 9), draft, engine="obedient"):
            events.append(event)  # noqa: PERF402
    text = "".join(event.text for event in events if isinstance(event, Token))
    marked = [event.sentence for event in events if isinstance(event, Unsupported)]
    assert list(filter(str.isalnum, "".join(marked))) == list(filter(str.isalnum, text))
    assert not [event for event in events if isinstance(event, Cited)]


def test_numbers_of_the_passages_survive() -> None:
    said_first = "Sales of paint were 14,694 thousand in 2023."
    honest = [row for row in ROWS if row["passage"].startswith(said_first)]
    assert len(honest) > 10
    assert all(neutral(row["passage"]).startswith(said_first) for row in honest)
