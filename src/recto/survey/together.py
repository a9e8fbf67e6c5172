"""What several documents say, as one answer: their quotes one behind the other, below the name of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import zip_longest

from recto.answer.context import citations
from recto.answer.quote import Quote, join
from recto.answer.quoted import Evidence, QuotedAnswer
from recto.storage import Store
from recto.types import Certainty, Citation, Document, Group, Survey, SurveyKind

CERTAIN = 9.0  # log-odds that what a question asks for is there: it was looked up
SUREST = (Certainty.ANSWERED, Certainty.CLOSEST, Certainty.REFUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """What one document says: quotes, how many places there are, and how many of these the quotes show."""

    document: Document
    quoted: QuotedAnswer
    places: int = 0
    shown: int = 0
    times: int = 0


def evidence_of(quotes: Sequence[Quote], document: Document, store: Store) -> tuple[Evidence, ...]:
    """A document's quotes as evidence, each without its surroundings."""
    read, about = partial(store.page, document.id), f"{document.name}\n{document.title}"
    return tuple(
        Evidence(
            quote=quote,
            citations=tuple(replace(place, context=None) for place in citations(quote, read, document)),
            about=about,
            page=read(quote.page.number),
        )
        for quote in quotes
    )


def voice(document: Document, quotes: Sequence[Quote], store: Store, **counts: int) -> Voice:
    """A document's quotes, cited. They stand without their surroundings: there are many of them, and each is whole."""
    evidence = evidence_of(quotes, document, store)
    text, marks = join(quotes)
    places = [place for own in evidence for place in own.citations]
    quoted = QuotedAnswer(
        certainty=Certainty.ANSWERED if quotes else Certainty.REFUSED,
        text=text,
        citations=tuple(replace(place, at=at) for (at, _), place in zip(marks, places, strict=True)),
        evidence=evidence,
        shown=len(quotes),
        confidence=CERTAIN if quotes else -CERTAIN,
    )
    return Voice(document=document, quoted=quoted, **counts)


@dataclass(slots=True)
class Chorus:
    """Puts documents together, one behind the other."""

    text: str = ""
    places: list[Citation] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)

    def add(self, voice: Voice, *, headed: bool) -> None:
        """Enter what a document says, below its name."""
        quoted = voice.quoted
        group = Group(
            document=voice.document,
            kind=quoted.certainty.kind,
            first=len(self.places),
            count=len(quoted.citations),
            places=voice.places,
            shown=voice.shown,
            times=voice.times,
        )
        self.groups.append(group)
        for text in [group.heading] if headed else []:
            self.text += f"\n\n{text}" if self.text else text
        if quoted.text:
            self.text += "\n\n" if self.text else ""
            self.places += [replace(place, at=place.at + len(self.text)) for place in quoted.citations]
            self.text += quoted.text


def together(kind: SurveyKind, voices: Iterable[Voice], *, left_out: int = 0) -> QuotedAnswer:
    """One answer of what documents say; refused if all of them are."""
    chorus, spoken = Chorus(), list(voices)
    for voice in spoken:
        chorus.add(voice, headed=kind is not SurveyKind.SUMMARY or len(spoken) > 1)
    certainty = next(certainty for certainty in SUREST if certainty in {v.quoted.certainty for v in spoken})
    shown = [voice.quoted.evidence[: voice.quoted.shown] for voice in spoken]
    turns = zip_longest(*shown) if kind is SurveyKind.EACH else shown  # a model reads few: the best of each first
    evidence = tuple(piece for turn in turns for piece in turn if piece is not None)
    return QuotedAnswer(
        certainty=certainty,
        text=chorus.text if certainty is not Certainty.REFUSED else "",
        citations=tuple(chorus.places),
        evidence=() if kind is SurveyKind.LIST else evidence,
        shown=len(evidence),
        confidence=max(voice.quoted.confidence for voice in spoken),
        survey=Survey(kind, tuple(chorus.groups), left_out),
    )
