"""The events of an answer from their JSON: what `recto.wire` writes, read back as far as answers are printed."""

from collections.abc import Callable, Mapping
from typing import Any

from recto.errors import RectoError
from recto.events import (
    Abstained,
    AskEvent,
    Cited,
    Done,
    Expect,
    FellBack,
    Found,
    Progress,
    Quoted,
    Stage,
    Token,
    Unsupported,
)
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

CORE = "a core"  # as the library calls it: what a question waits for before it is searched


def ask_event(name: str, value: Value) -> AskEvent | None:
    """The event of this name; None for one that only the server's clients are told."""
    return READERS[name](value) if name in READERS else None


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
        language=value["language"],
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
    """The whole answer."""
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
        survey=survey(value["survey"]),
        missing=tuple(value["missing"]),
    )


def progress(value: Value) -> Progress:
    """How far work is."""
    return Progress(
        stage=Stage(value["stage"]), name=value["name"], done=value["done"], total=value["total"], eta_s=value["eta_s"]
    )


def queued(value: Value) -> Progress:
    """A place in the server's line, which is a core's as well."""
    return Progress(stage=Stage.WAITING, name=CORE, done=0, total=value["ahead"], eta_s=value["eta_s"])


def fell_back(value: Value) -> FellBack:
    """Why a model did not do; the kind of the problem is that of an error, or that it was stopped."""
    kinds: list[type[RectoError]] = [RectoError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    problem = next((kind for kind in kinds if kind.kind == value["kind"]), None)
    return FellBack(value["why"], value["engine"], problem, value.get("detail", ""))


READERS: Mapping[str, Callable[[Value], AskEvent]] = {
    "found": lambda value: Found(hits(value["hits"]), value["searched_for"]),
    "quoted": lambda value: Quoted(citations(value["citations"]), Kind(value["kind"]), survey(value["survey"])),
    "abstained": lambda value: Abstained(hits(value["nearest"])),
    "progress": progress,
    "queued": queued,
    "expect": lambda value: Expect(value["engine"], value["first_token_s"], value["total_s"]),
    "token": lambda value: Token(value["text"]),
    "cited": lambda value: Cited(citation(value["citation"])),
    "unsupported": lambda value: Unsupported(value["at"], value["sentence"]),
    "fell_back": fell_back,
    "done": lambda value: Done(answer(value["answer"])),
}
