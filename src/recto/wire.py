"""The nouns and events as JSON values. Field names are promises: later versions add to them and rename none."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, assert_never

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
    Token,
    Unsupported,
)
from recto.types import (
    FULL,
    Added,
    Answer,
    Citation,
    Collection,
    Condition,
    Context,
    Document,
    Grid,
    Hit,
    Page,
    Problem,
    Rect,
    Survey,
    Trait,
    Turn,
)

Json = dict[str, Any]


def text(value: object, *, in_lines: bool = False) -> str:
    """A value as JSON, on one line or with one for each field; what is not printable is escaped.

    A terminal may show it, which it could drive.
    """
    whole = json.dumps(value, ensure_ascii=False, indent=0 if in_lines else None)
    if whole.isprintable():
        return whole
    kept = "\n" if in_lines else ""  # within texts they are escaped already
    return "".join(char if char.isprintable() or char == kept else json.dumps(char)[1:-1] for char in whole)


def document(value: Document) -> Json:
    """What names a document."""
    return {"id": value.id, "name": value.name}


def document_entry(value: Document) -> Json:
    """A document as lists show it."""
    return {
        **document(value),
        "title": value.title,
        "pages": value.pages,
        "size": value.size,
        "added": value.added,
    }


def condition(value: Condition) -> Json:
    """How a document stands."""
    return {
        "page_flags": {flag.value: count for flag, count in value.flags.items()},
        "hidden_words": value.hidden,
        "passages": value.passages,
        "unencoded_passages": value.unencoded,
        "bytes": value.size,
        "problems": list(map(problem, value.problems)),
    }


def collection(value: Collection) -> Json:
    """A named set of documents, and how many they are."""
    return {"id": value.id, "name": value.name, "documents": value.documents, "created": value.created}


def page(value: Page) -> Json:
    """A page: its text, and for each word its characters and its box."""
    words = zip(value.spans.tolist(), (value.boxes / FULL).tolist(), strict=True)
    return {
        "page": value.number + 1,
        "label": value.label,
        "width": value.width,
        "height": value.height,
        "flag": value.flag,
        "text": value.text,
        "words": [{"start": start, "end": end, "box": box} for (start, end), box in words],
        "traits": traits(value.traits),
    }


def boxes(rects: Iterable[Rect]) -> list[list[float]]:
    """`[x0, y0, x1, y1]` for each box, shares of the displayed page, origin top left."""
    return [rect.as_list() for rect in rects]


def traits(values: Iterable[Trait]) -> list[Json]:
    """What people should know of some characters of a page's text."""
    return [{"kind": trait.kind, "start": trait.start, "end": trait.end} for trait in values]


def table(value: Grid) -> Json:
    """A table of a page; rows and columns count from 1."""
    return {
        "page": value.page + 1,
        "rows": value.rows,
        "columns": value.columns,
        "head_rows": value.head_rows,
        "heads": list(value.heads),
        "heads_page": value.heads_page + 1,
        "units": value.units,
        "group_rows": sorted(row + 1 for row in value.group_rows),
        "groups": list(value.groups),
        "cells": [
            {
                "row": cell.row + 1,
                "column": cell.columns[0] + 1,
                "columns": cell.columns[1] - cell.columns[0],
                "text": cell.text,
                "boxes": boxes(cell.rects),
            }
            for cell in value.cells
        ],
    }


def hit(value: Hit) -> Json:
    """A passage that search found."""
    return {
        "rank": value.rank,
        "document": document(value.document),
        "page": value.passage.span.page + 1,
        "label": value.label,
        "start": value.passage.span.start,
        "end": value.passage.span.end,
        "text": value.passage.text,
        "score": value.score,
        "keyword": value.keyword,
        "semantic": value.semantic,
        "boxes": boxes(value.rects),
    }


def context(value: Context) -> Json:
    """What stands around a quote, the quote with it."""
    return {"start": value.span.start, "end": value.span.end, "text": value.text, "boxes": boxes(value.rects)}


def citation(value: Citation) -> Json:
    """A place in the documents that the answer rests on."""
    return {
        "at": value.at,
        "document": document(value.document),
        "page": value.span.page + 1,
        "label": value.label,
        "start": value.span.start,
        "end": value.span.end,
        "quote": value.quote,
        "boxes": boxes(value.rects),
        "context": context(value.context) if value.context else None,
        "more": value.more,
        "traits": traits(value.traits),
        "cells": [
            {
                "row": cell.row + 1,
                "column": cell.column + 1,
                "head": cell.head,
                "text": cell.text,
                "ranges": [list(place) for place in cell.ranges],
                "boxes": boxes(cell.rects),
                "asked": cell.asked,
            }
            for cell in value.cells
        ],
        "blanks": value.blanks,
        "language": value.language,
    }


def survey(value: Survey | None) -> Json | None:
    """Which quotes of an answer are whose, if whole documents were asked; null otherwise. Quotes count from 0."""
    if value is None:
        return None
    return {
        "kind": value.kind,
        "left_out": value.left_out,
        "groups": [
            {
                "document": document(group.document),
                "kind": group.kind,
                "heading": group.heading,
                "first": group.first,
                "count": group.count,
                "places": group.places,
                "shown": group.shown,
                "times": group.times,
            }
            for group in value.groups
        ],
    }


def answer(value: Answer) -> Json:
    """The outcome of a question."""
    return {
        "kind": value.kind,
        "certainty": value.certainty,
        "answer": value.text,
        "citations": [citation(place) for place in value.citations],
        "nearest": [hit(page_hit) for page_hit in value.nearest],
        "engine": value.engine,
        "seconds": {"search": value.search_s, "first_token": value.first_token_s, "total": value.total_s},
        "quotes": [citation(place) for place in value.quotes],
        "unsupported": list(value.unsupported),
        "notice": value.notice,
        **said(value.detail),
        "searched_for": value.searched_for,
        "survey": survey(value.survey),
        "missing": list(value.missing),
    }


def turn(value: Turn) -> Json:
    """A question that was asked, as lists of the history show it."""
    return {
        "turn": value.id,
        "conversation": value.conversation,
        "asked": datetime.fromtimestamp(value.asked, UTC).isoformat(timespec="seconds"),
        "question": value.question,
        "state": value.state,
        "kind": value.kind,
    }


def whole_turn(value: Turn) -> Json:
    """The same with its answer: each citation says whether it still stands."""
    standings = dict(value.standings)

    def with_standing(places: Iterable[Citation]) -> list[Json]:
        return [{**citation(place), "standing": standings[place.span]} for place in places]

    reopened = value.answer and {
        **answer(value.answer),
        "citations": with_standing(value.answer.citations),
        "quotes": with_standing(value.answer.quotes),
    }
    return {
        **turn(value),
        "searched_for": value.searched_for,
        "answer": reopened,
        "problem": problem(value.problem) if value.problem else None,
    }


def added(value: Added) -> Json:
    """The outcome of one file."""
    return {
        "document": document(value.document),
        "pages": value.document.pages,
        "passages": value.passages,
        "seconds": value.seconds,
        "status": value.status,
        "page_flags": {flag.value: count for flag, count in value.flags.items()},
        "uncertain_words": value.uncertain,
        "unrecognised_pages": value.unrecognised,
        "problem": problem(value.problem) if value.problem else None,
        "problems": list(map(problem, value.problems)),
        "hidden_words": value.hidden,
    }


def problem(value: Problem) -> Json:
    """What went wrong."""
    return {"kind": value.kind, "message": value.message, "hint": value.hint}


def progress(value: Progress) -> Json:
    """How far work is."""
    return {
        "stage": value.stage,
        "name": value.name,
        "done": value.done,
        "total": value.total,
        "eta_s": value.eta_s,
    }


def said(detail: str) -> Json:
    """What an engine itself said of a problem, where it said anything."""
    return {"detail": detail} if detail else {}


def event(value: AskEvent) -> Json:  # noqa: C901 - a case for each event
    """One event of an answer under way; `event` names it."""
    match value:
        case Found(hits, searched_for):
            return {"event": "found", "hits": [hit(page_hit) for page_hit in hits], "searched_for": searched_for}
        case Quoted(citations, kind, groups):
            places = [citation(place) for place in citations]
            return {"event": "quoted", "kind": kind, "citations": places, "survey": survey(groups)}
        case Abstained(nearest):
            return {"event": "abstained", "nearest": [hit(page_hit) for page_hit in nearest]}
        case Progress():
            return {"event": "progress", **progress(value)}
        case Expect(engine, first_token_s, total_s):
            return {"event": "expect", "engine": engine, "first_token_s": first_token_s, "total_s": total_s}
        case Token(text):
            return {"event": "token", "text": text}
        case Cited(place):
            return {"event": "cited", "citation": citation(place)}
        case Unsupported(at, sentence):
            return {"event": "unsupported", "at": at, "sentence": sentence}
        case FellBack(why, engine, problem, detail):
            name = problem.kind if problem else "stopped"
            return {"event": "fell_back", "why": why, "engine": engine, "kind": name, **said(detail)}
        case Done(whole):
            return {"event": "done", "answer": answer(whole)}
        case _:
            assert_never(value)
