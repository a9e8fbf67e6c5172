"""Answers as rows keep them, in the JSON that every door gives, and back."""

import json
import zlib
from dataclasses import replace

from recto import wire
from recto.types import (
    Answer,
    Certainty,
    Citation,
    Context,
    Document,
    Hit,
    Kind,
    Passage,
    QuotedCell,
    Rect,
    Span,
    Trait,
    TraitKind,
)
from recto.wire import Json

NEAREST = 3  # hits that are kept of an answer that is none: what is shown of them


def packed_answer(answer: Answer) -> bytes:
    """An answer as a row keeps it. What a PDF holds need not be valid Unicode, which JSON escapes."""
    value = wire.answer(replace(answer, nearest=answer.nearest[:NEAREST]))
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode())


def answer_of(content: bytes) -> Answer:
    """Read what `packed_answer` made. Of documents it knows the id and the name."""
    value: Json = json.loads(zlib.decompress(content))
    seconds = value["seconds"]
    return Answer(
        kind=Kind(value["kind"]),
        certainty=Certainty(value["certainty"]),
        text=value["answer"],
        citations=tuple(map(_citation, value["citations"])),
        nearest=tuple(map(_hit, value["nearest"])),
        engine=value["engine"],
        search_s=seconds["search"],
        total_s=seconds["total"],
        quotes=tuple(map(_citation, value["quotes"])),
        unsupported=tuple(value["unsupported"]),
        notice=value["notice"],
        searched_for=value["searched_for"],
        first_token_s=seconds["first_token"],
    )


def _document(value: Json) -> Document:
    return Document(id=value["id"], name=value["name"], title="", pages=0, size=0, added=0.0)


def _span(value: Json, doc: str, page: int) -> Span:
    return Span(doc, page, value["start"], value["end"])


def _rects(boxes: list[list[float]]) -> tuple[Rect, ...]:
    return tuple(Rect(*box) for box in boxes)


def _citation(value: Json) -> Citation:
    document, page, context = _document(value["document"]), value["page"] - 1, value["context"]
    return Citation(
        at=value["at"],
        span=_span(value, document.id, page),
        document=document,
        quote=value["quote"],
        rects=_rects(value["boxes"]),
        context=context and Context(_span(context, document.id, page), context["text"], _rects(context["boxes"])),
        more=value["more"],
        label=value["label"],
        traits=tuple(Trait(TraitKind(trait["kind"]), trait["start"], trait["end"]) for trait in value["traits"]),
        cells=tuple(map(_cell, value["cells"])),
        language=value.get("language", ""),  # kept answers of earlier versions have none
    )


def _cell(value: Json) -> QuotedCell:
    return QuotedCell(
        row=value["row"] - 1,
        column=value["column"] - 1,
        head=value["head"],
        text=value["text"],
        ranges=tuple((start, end) for start, end in value["ranges"]),
        rects=_rects(value["boxes"]),
        asked=value["asked"],
    )


def _hit(value: Json) -> Hit:
    document = _document(value["document"])
    return Hit(
        rank=value["rank"],
        document=document,
        passage=Passage(_span(value, document.id, value["page"] - 1), value["text"], ""),
        score=value["score"],
        keyword=value["keyword"],
        semantic=value["semantic"],
        rects=_rects(value["boxes"]),
        label=value["label"],
    )
