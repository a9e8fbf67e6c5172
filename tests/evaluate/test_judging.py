"""What counts as shown: the words of an answer, all its parts, or every labelled sentence."""

from collections.abc import Sequence

import pytest

from recto.evaluate.outcomes import Labels, answer_parts, place
from recto.types import Answer, Citation, Document, Kind, Span

PAGE = "Area Rain Snow\nNorth 538 75\nSouth 61 120\nThe north is wetter: 538 millimetres fell there in 2020."
DOCUMENT = Document(id="doc", name="weather.pdf", title="", pages=1, size=1, added=0.0)
ROWS = ("North 538 75", "South 61 120")
TEXT = "The north is wetter: 538 millimetres fell there in 2020."


def span(text: str) -> Span:
    found = place(PAGE, text)
    assert found
    return Span("doc", 0, *found)


def answer(*quotes: str) -> Answer:
    ends = [sum(map(len, quotes[: number + 1])) + 2 * number for number in range(len(quotes))]
    return Answer(
        kind=Kind.QUOTED,
        text="\n\n".join(quotes),
        citations=(),
        nearest=(),
        engine="quote",
        search_s=0,
        total_s=0,
        quotes=tuple(
            Citation(at=at, span=span(text), document=DOCUMENT, quote=text, rects=())
            for at, text in zip(ends, quotes, strict=True)
        ),
    )


@pytest.mark.parametrize(
    ("text", "parts"),
    [("538", ("538",)), ("538; 61", ("538", "61")), ("538; 62", ()), ("53", ()), ("", ())],
)
def test_an_answer_is_literal_whole_or_in_parts(text: str, parts: Sequence[str]) -> None:
    assert answer_parts(text, [PAGE]) == tuple(parts)


@pytest.mark.parametrize(
    ("quotes", "evidence", "parts", "shows"),
    [
        (ROWS, ROWS, ("538", "61"), True),
        (ROWS[:1], ROWS, ("538", "61"), False),  # one row of two
        ((TEXT,), ROWS[:1], ("538",), False),  # so short an answer stands elsewhere, too
        ((TEXT,), ROWS[:1], ("538 millimetres",), True),  # in other words than the labelled ones
        ((TEXT,), (), ("538",), True),  # nothing else is known
        ((TEXT,), (), (), None),
        (ROWS[:1], ROWS[:1], (), True),  # an answer that was worked out
    ],
)
def test_what_is_shown(
    quotes: Sequence[str], evidence: Sequence[str], parts: tuple[str, ...], shows: bool | None
) -> None:
    labels = Labels(frozenset(), tuple(map(span, evidence)), parts)
    assert labels.shows(answer(*quotes)) is shows
