"""What is taken along of an answer: its words if it was written, and the places that it rests on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

from recto.links import place_name
from recto.types import Answer, Citation, Kind, Span, grouped


class Section(NamedTuple):
    """Some places that stand below a heading, such as the name of their document; empty without one."""

    heading: str
    places: Sequence[Citation]


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedAnswer:
    """A question, what was written or said to it, empty if quotes alone answer, and the places, each once.

    `base` is where a server shows the pages that links lead to; without one they lead to the files where they lie.
    """

    question: str
    text: str
    sections: Sequence[Section]
    base: str = ""

    @property
    def places(self) -> list[Citation]:
        """The places of all sections."""
        return [place for section in self.sections for place in section.places]

    @classmethod
    def of(cls, question: str, answer: Answer) -> Self:
        """That of a library's answer; its places in the order in which they are shown."""
        seen: dict[Span, Citation] = {}
        sections = []
        for heading, places in [*grouped(answer.quotes, answer.survey), ("", answer.citations)]:
            own = {place.span: place for place in places if place.span not in seen}
            seen |= own
            sections += [Section(heading, list(own.values()))] if heading or own else []
        said = answer.kind in (Kind.WRITTEN, Kind.ABSTAINED)
        return cls(question=question, text=answer.text if said else "", sections=sections)


def cited_page(citation: Citation) -> str:
    """The page that a quote stands on, as people call it."""
    return place_name(citation.document, citation.span.page, citation.label)
