"""What is taken along of an answer: its words if it was written, and the places that it rests on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from recto.links import place_name
from recto.types import Answer, Citation, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedAnswer:
    """A question, what was written or said to it, empty if quotes alone answer, and the places, each once."""

    question: str
    text: str
    places: Sequence[Citation]

    @classmethod
    def of(cls, question: str, answer: Answer) -> Self:
        """That of a library's answer; its places in the order in which they are shown."""
        places = {place.span: place for place in (*answer.quotes, *answer.citations)}
        said = answer.kind in (Kind.WRITTEN, Kind.ABSTAINED)
        return cls(question=question, text=answer.text if said else "", places=list(places.values()))


def cited_page(citation: Citation) -> str:
    """The page that a quote stands on, as people call it."""
    return place_name(citation.document, citation.span.page, citation.label)
