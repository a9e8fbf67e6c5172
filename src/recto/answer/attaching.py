"""Which places of the evidence a written sentence is given.

It has to rest on one quote or sentence by itself, or on one for each of its clauses. Where the question names cells of
quoted rows, a number of another column answers something else.
"""

from collections.abc import Sequence
from dataclasses import replace

from recto.answer.citing import CitedSource, Overlap, claims, supporting
from recto.answer.quoted import Evidence
from recto.answer.writing import Cite
from recto.text.numbers import claimed_numbers, stated_numbers
from recto.types import Citation


def attacher(evidence: Sequence[Evidence], question: str, overlap: Overlap) -> Cite:
    """What attaches places in the evidence, read in its surroundings, to sentences that answer the question."""

    def supported(sentence: str, texts: Sequence[str], pieces: Sequence[Evidence]) -> tuple[int, ...]:
        sources = [CitedSource(text, piece.about) for text, piece in zip(texts, pieces, strict=True)]
        return supporting(sentence, sources, overlap, question)

    def places(sentence: str, piece: Evidence) -> Sequence[Citation]:
        """The quote, if it supports the sentence by itself, else what does so beside it; words of several are none."""
        if supported(sentence, [piece.quote.text], [piece]):
            return piece.citations if is_of_asked_cells(sentence, question, piece.citations) else []
        beside = piece.sentences
        numbers = supported(sentence, [citation.quote for citation in beside], [piece] * len(beside))
        return [beside[number] for number in numbers]

    def cite(sentence: str, at: int) -> list[Citation] | None:
        if not claims(sentence, question):
            return None
        numbers = supported(sentence, [piece.text for piece in evidence], evidence)
        cited = [places(sentence, evidence[number]) for number in numbers]
        return [replace(place, at=at) for own in cited for place in own] if all(cited) else []

    return cite


def is_of_asked_cells(sentence: str, question: str, row: Sequence[Citation]) -> bool:
    """Whether a number that a sentence adds to the question stands in a cell that this asks for, if it does so."""
    cells = "\n".join(cell.text for citation in row for cell in citation.cells if cell.asked)
    in_question, in_cells = stated_numbers(question), stated_numbers(cells)
    numbers = [number for number in claimed_numbers(sentence) if not any(map(number.matches, in_question))]
    return not in_cells or not numbers or any(number.matches(match) for number in numbers for match in in_cells)
