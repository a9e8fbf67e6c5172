"""Questions with the places that prove their answers, and the file they come from: one JSON object a line."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recto.errors import BadQuestions

EXAMPLE = '{"id": "1", "doc": "a.pdf", "question": "...", "answer": "...", "evidence_pages": [3]}'


@dataclass(frozen=True, slots=True)
class GoldEvidence:
    """Words of a page that prove the answer. `page` counts from 0; None if the file does not say which."""

    page: int | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question about one PDF. Without `pages` its document does not answer it."""

    id: str
    doc: str  # the PDF's file name
    text: str
    answer: str
    pages: tuple[int, ...]  # of the evidence, from 0
    evidence: tuple[GoldEvidence, ...]
    type: str
    line: int  # of its file, from 1


def read(path: Path) -> list[Question]:
    """The questions of a file. BadQuestions names the line that is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise BadQuestions(f"{path}: the file cannot be read ({error.strerror})", hint="check the spelling") from error
    except UnicodeDecodeError as error:
        raise BadQuestions(f"{path}: the file is not UTF-8 (byte {error.start})", hint="save it as UTF-8") from error
    questions = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                questions.append(parse(json.loads(line), number))
            except (ValueError, KeyError, TypeError) as error:
                what = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
                raise BadQuestions(f"{path}, line {number}: {what}", hint=f"a line looks like {EXAMPLE}") from error
    if not questions:
        raise BadQuestions(f"{path}: there is no question in it", hint=f"one a line: {EXAMPLE}")
    counts = Counter(question.id for question in questions)
    for question in questions:
        if counts[question.id] > 1:
            what = f"{path}, line {question.line}: the id {question.id!r} is there {counts[question.id]} times"
            raise BadQuestions(what, hint="give each question an id of its own")
    return questions


def parse(value: object, line: int) -> Question:
    """A question from its JSON. ValueError, KeyError or TypeError say what is wrong."""
    if not isinstance(value, dict):
        raise TypeError("a line must be a JSON object")
    pages = tuple(_page(number) for number in _list(value, "evidence_pages"))
    labels = [
        GoldEvidence(_page(label["page"]), _text(label, "text"))
        for label in _list({"evidence": [], **value}, "evidence")
    ]
    if value.get("evidence_sentence"):
        labels.insert(0, GoldEvidence(None, _text(value, "evidence_sentence")))
    return Question(
        id=str(value["id"]),
        doc=_text(value, "doc"),
        text=_text(value, "question"),
        answer=str(value.get("answer") or ""),
        pages=tuple(dict.fromkeys(pages)),
        evidence=tuple(labels),
        type=str(value.get("type") or ""),
        line=line,
    )


def _text(value: dict[str, Any], name: str) -> str:
    text = value[name]
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"{name} must be a text that is not empty, not {text!r}")
    return text


def _list(value: dict[str, Any], name: str) -> list[Any]:
    items = value[name]
    if not isinstance(items, list):
        raise ValueError(f"{name} must be a list, not {items!r}")
    return items


def _page(number: object) -> int:
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise ValueError(f"a page must be a whole number from 1 on, not {number!r}")
    return number - 1
