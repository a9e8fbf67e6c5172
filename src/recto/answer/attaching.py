"""Which places of the evidence a written sentence is given.

It has to rest on one quote or sentence by itself, or on one for each of its clauses. Where the question names cells of
quoted rows, a number of another column answers something else.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

from recto.answer.citing import CitedSource, Overlap, claims, supporting
from recto.answer.quoted import Evidence
from recto.answer.writing import Cite
from recto.normalize import Float64s
from recto.text.analyse import plain_digits
from recto.text.detection import language_of
from recto.text.numbers import claimed_numbers, stated_numbers
from recto.text.scripts import UNSPACED_LANGUAGES
from recto.types import Citation, Span

NEARLY = 0.8  # of the best quote's likeness to the question: what rests on less is seldom right, see docs/models.md

# How near texts are to a question by what they mean, (n,); None if nothing tells.
Likeness = Callable[[Sequence[str]], Float64s | None]


def attacher(evidence: Sequence[Evidence], question: str, overlap: Overlap) -> Cite:
    """What attaches places to sentences that answer the question: quotes, else sentences beside them."""
    plain = with_english_numbers(evidence)
    quotes = [CitedSource(plain(piece.quote.text), plain(piece.about)) for piece in evidence]

    @cache
    def beside() -> dict[Span, tuple[Citation, CitedSource]]:
        """The sentences around all quotes, each once."""
        return {
            place.span: (place, CitedSource(plain(place.quote), plain(piece.about)))
            for piece in evidence
            for place in piece.sentences
        }

    def cite(text: str, at: int) -> list[Citation] | None:
        sentence = plain(text)
        if not claims(sentence, question):
            return None
        if numbers := supporting(sentence, quotes, overlap, question):
            rows = [evidence[number].citations for number in numbers]
            answer = all(is_of_asked_cells(sentence, question, row, plain) for row in rows)
            return [replace(place, at=at) for row in rows for place in row] if answer else []
        places = list(beside().values())
        numbers = supporting(sentence, [source for _, source in places], overlap, question)
        checked = language_of(sentence) not in UNSPACED_LANGUAGES  # else its negations and numbers are not known
        return [replace(places[number][0], at=at) for number in numbers] or ([] if checked else None)

    return cite


def with_english_numbers(evidence: Sequence[Evidence]) -> Callable[[str], str]:
    """What writes the numbers of a text as English does; the evidence tells the language of one that does not."""
    usual = language_of("\n".join(piece.quote.text for piece in evidence))
    return lambda text: plain_digits(text, language_of(text) or usual)


def answers(places: Sequence[Citation], best: Evidence, likeness: Likeness) -> bool:
    """Whether one of these places means what is asked for as much as the best quote, or nearly."""
    if {place.span for place in places} & {place.span for place in best.citations}:
        return True
    cosines = likeness([best.quote.text, *(place.quote for place in places)])
    return cosines is None or bool(cosines[1:].max() >= NEARLY * cosines[0])


def is_of_asked_cells(sentence: str, question: str, row: Sequence[Citation], plain: Callable[[str], str] = str) -> bool:
    """Whether a number that a sentence adds to the question stands in a cell that this asks for, if it does so."""
    cells = [cell for citation in row for cell in citation.cells if cell.asked]
    in_cells = [number for cell in cells for number in stated_numbers(plain(cell.text), cell.head)]
    in_question = stated_numbers(question)
    numbers = [number for number in claimed_numbers(sentence) if not any(map(number.matches, in_question))]
    return not in_cells or not numbers or any(number.matches(match) for number in numbers for match in in_cells)
