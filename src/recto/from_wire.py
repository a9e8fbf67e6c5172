"""Answers from the JSON that `recto.wire` writes. Of documents it tells the id and the name."""

from collections.abc import Mapping
from typing import Any

from recto.types import (
    Answer,
    Certainty,
    Citation,
    Context,
    Document,
    Group,
    Hit,
    Kind,
    Passage,
    QuotedCell,
    Rect,
    Span,
    Survey,
    SurveyKind,
    Trait,
    TraitKind,
)

Value = Mapping[str, Any]


def document(value: Value) -> Document:
    """What names a document; the rest of it is not told."""
    return Document(id=value["id"], name=value["name"], title="", pages=0, size=0, added=0.0)


def rects(boxes: list[list[float]]) -> tuple[Rect, ...]:
    """Boxes."""
    return tuple(Rect(*box) for box in boxes)


def span(value: Value, about: Value) -> Span:
    """Where something stands on a page of a document that `about` names."""
    return Span(about["document"]["id"], about["page"] - 1, value["start"], value["end"])


def hit(value: Value) -> Hit:
    """A passage that search found, but for its headings."""
    return Hit(
        rank=value["rank"],
        document=document(value["document"]),
        passage=Passage(span(value, value), value["text"], ""),
        score=value["score"],
        keyword=value["keyword"],
        semantic=value["semantic"],
        rects=rects(value["boxes"]),
        label=value["label"],
    )


def hits(values: list[Value]) -> tuple[Hit, ...]:
    """Several of them."""
    return tuple(map(hit, values))


def cell(value: Value) -> QuotedCell:
    """A cell of a quoted row."""
    return QuotedCell(
        row=value["row"] - 1,
        column=value["column"] - 1,
        head=value["head"],
        text=value["text"],
        ranges=tuple((start, end) for start, end in value["ranges"]),
        rects=rects(value["boxes"]),
        asked=value["asked"],
    )


def citation(value: Value) -> Citation:
    """A place that the answer rests on."""
    around = value["context"]
    return Citation(
        at=value["at"],
        span=span(value, value),
        document=document(value["document"]),
        quote=value["quote"],
        rects=rects(value["boxes"]),
        context=Context(span(around, value), around["text"], rects(around["boxes"])) if around else None,
        more=value["more"],
        label=value["label"],
        traits=tuple(Trait(TraitKind(own["kind"]), own["start"], own["end"]) for own in value["traits"]),
        cells=tuple(map(cell, value["cells"])),
        language=value.get("language", ""),  # kept answers of earlier versions have none
    )


def citations(values: list[Value]) -> tuple[Citation, ...]:
    """Several of them."""
    return tuple(map(citation, values))


def survey(value: Value | None) -> Survey | None:
    """Which quotes are whose, if whole documents were asked."""
    if value is None:
        return None
    groups = [
        Group(
            document=document(own["document"]),
            kind=Kind(own["kind"]),
            first=own["first"],
            count=own["count"],
            places=own["places"],
            shown=own["shown"],
            times=own["times"],
        )
        for own in value["groups"]
    ]
    return Survey(SurveyKind(value["kind"]), tuple(groups), value["left_out"])


def answer(value: Value) -> Answer:
    """The whole answer; those kept before there were surveys have none."""
    return Answer(
        kind=Kind(value["kind"]),
        certainty=Certainty(value["certainty"]),
        text=value["answer"],
        citations=citations(value["citations"]),
        nearest=hits(value["nearest"]),
        engine=value["engine"],
        search_s=value["seconds"]["search"],
        total_s=value["seconds"]["total"],
        quotes=citations(value["quotes"]),
        unsupported=tuple(value["unsupported"]),
        notice=value["notice"],
        detail=value.get("detail", ""),
        searched_for=value["searched_for"],
        first_token_s=value["seconds"]["first_token"],
        survey=survey(value.get("survey")),
        missing=tuple(value.get("missing", ())),
    )
