"""Which places of the evidence a written sentence is given."""

from collections.abc import Sequence
from dataclasses import replace

from recto.answer.citing import CitedSource, Overlap, claims, supporting
from recto.answer.quoted import Evidence
from recto.answer.writing import Cite
from recto.types import Citation


def attacher(evidence: Sequence[Evidence], question: str, overlap: Overlap) -> Cite:
    """What attaches places in the evidence, read in its surroundings, to sentences that answer the question."""

    def supported(sentence: str, texts: Sequence[str], pieces: Sequence[Evidence]) -> tuple[int, ...]:
        sources = [CitedSource(text, piece.about) for text, piece in zip(texts, pieces, strict=True)]
        return supporting(sentence, sources, overlap, question)

    def places(sentence: str, piece: Evidence) -> Sequence[Citation]:
        """The quote, if it supports the sentence by itself, else what does so beside it, else all of this."""
        if supported(sentence, [piece.quote.text], [piece]):
            return piece.citations
        beside = piece.sentences
        numbers = supported(sentence, [citation.quote for citation in beside], [piece] * len(beside))
        return [beside[number] for number in numbers] or piece.contexts

    def cite(sentence: str, at: int) -> list[Citation] | None:
        if not claims(sentence, question):
            return None
        numbers = supported(sentence, [piece.text for piece in evidence], evidence)
        return [replace(place, at=at) for number in numbers for place in places(sentence, evidence[number])]

    return cite
