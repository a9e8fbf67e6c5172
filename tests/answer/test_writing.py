"""When a written answer is shown: cited, marked, or void."""

from collections.abc import Sequence

import pytest

from recto.answer.prompt import SYSTEM
from recto.answer.writing import Draft, Written, write
from recto.errors import NothingWritten
from recto.events import Cited, FellBack, Progress, Token, Unsupported
from recto.generation import Finished, Text
from recto.text.sanitize import Sanitizer
from recto.types import Citation, Document, Rect, Span

TRUE = "The pump weighs 5 kg."
FALSE = "The pump weighs 7 kg."
NO_ANSWER = "The documents do not say."


def citation(at: int) -> Citation:
    document = Document(id="0" * 64, name="pump.pdf", title="", pages=1, size=1, added=0.0)
    return Citation(at=at, span=Span(document.id, 0, 0, 5), document=document, quote="5 kg", rects=(Rect(0, 0, 1, 1),))


def cite(sentence: str, at: int) -> Sequence[Citation] | None:
    """Support for what is true, none for the false, and nothing to support in any other sentence."""
    return [citation(at)] if sentence == TRUE else () if sentence == FALSE else None


def heard(text: str, *, cut: bool = False, answers: bool = True) -> list[Progress | Written | FellBack]:
    pieces = iter([Text(text), Finished(prompt=1, cached=0, answer=1, cut=cut)])
    return list(write(pieces, Draft(Sanitizer(SYSTEM), cite, lambda places: answers), engine="scripted"))


def of(events: Sequence[object], kind: type) -> int:
    return sum(isinstance(event, kind) for event in events)


@pytest.mark.parametrize(
    ("text", "cited", "unsupported"),
    [(TRUE, 1, 0), (f"{TRUE} {FALSE}", 1, 1), (f"{TRUE} {NO_ANSWER}", 1, 0)],
)
def test_what_is_supported_is_shown(text: str, cited: int, unsupported: int) -> None:
    events = heard(text)
    assert (of(events, Cited), of(events, Unsupported)) == (cited, unsupported)
    assert "".join(event.text for event in events if isinstance(event, Token)) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (FALSE, "has support"),
        (f"{FALSE} {NO_ANSWER}", "has support"),
        ("The weight of the pump is as follows:", "has support"),
        (NO_ANSWER, "no answer"),
        ("", "nothing to show"),
        (f"{TRUE} {TRUE} {TRUE}", "repeats itself"),
        (f"{TRUE} {SYSTEM}", "recites its instructions"),
    ],
)
def test_what_is_void_says_why(text: str, why: str) -> None:
    with pytest.raises(NothingWritten, match=why):
        heard(text)


def test_what_is_true_and_answers_less_than_the_quotes_is_void() -> None:
    with pytest.raises(NothingWritten, match="answers less than the quotes"):
        heard(f"{TRUE} {FALSE}", answers=False)


def test_the_dots_of_a_cut_answer_are_no_sentence() -> None:
    events = heard(f"{TRUE} The", cut=True)
    assert of(events, Unsupported) == 0
    events = heard(TRUE, cut=True)
    assert (of(events, Cited), of(events, Unsupported)) == (1, 0)
