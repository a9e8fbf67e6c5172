"""What people say of answers, as questions with known places: `recto eval --mine` measures on them."""

import json
from collections.abc import Sequence
from enum import StrEnum

from recto.errors import QuoteNotFound, UnknownTurn
from recto.evaluate.questions import Question, parse
from recto.library import Library
from recto.text.verbatim import find_words
from recto.types import Citation, Document, Turn, by_quote
from recto.wire import Json


class Opinion(StrEnum):
    """What somebody says of an answer."""

    YES = "yes"  # a quote of it answers
    NO = "no"  # none does: a question that the documents do not answer, until somebody says where they do
    HERE = "here"  # these words answer


def answered(library: Library, id: int, number: int = 1) -> Json:
    """Keep that a quote answers, counted from 1; without any quotes, that nothing in the documents does."""
    turn = library.history.turn(id)
    quotes = by_quote(turn.answer.quotes) if turn.answer else []
    if not quotes:
        return unanswered(library, id)
    if not 1 <= number <= len(quotes):
        what = f"question {id} has the quotes 1 to {len(quotes)}, not {number}"
        raise UnknownTurn(what, hint=f"recto history show {id}")
    quote = quotes[number - 1]
    return _judge(library, turn, Opinion.YES, quote[0].document, _evidence(quote))


def unanswered(library: Library, id: int) -> Json:
    """Keep that nothing in the documents answers, as far as is known. UnknownTurn if no document was near."""
    turn = library.history.turn(id)
    near = [citation.document for citation in turn.answer.quotes] if turn.answer else []
    near += [hit.document for hit in turn.answer.nearest] if turn.answer else []
    if not near:
        raise UnknownTurn(f"question {id} came near no document", hint="recto history list")
    return _judge(library, turn, Opinion.NO, near[0], [])


def found_here(library: Library, id: int, doc: str, page: int, words: str) -> Json:
    """Keep that these words of a page, counted from 0, answer. QuoteNotFound if they are not there."""
    text = library.page(doc, page).text
    place = find_words(text, words)
    if place is None:
        raise QuoteNotFound(f"page {page + 1} of {doc} does not say {words!r}", hint=f"recto search {words!r}")
    return found_at(library, id, doc, page, place)


def found_at(library: Library, id: int, doc: str, page: int, place: tuple[int, int]) -> Json:
    """Keep that the characters `place` of a page, counted from 0, answer. QuoteNotFound if they are no words."""
    text = library.page(doc, page).text[slice(*place)].strip()
    if not text:
        what = f"page {page + 1} of {doc} holds no words at {place[0]}-{place[1]}"
        raise QuoteNotFound(what, hint="mark some words")
    evidence = [{"page": page + 1, "text": text}]
    return _judge(library, library.history.turn(id), Opinion.HERE, library.document(doc), evidence)


def _evidence(quote: Sequence[Citation]) -> list[Json]:
    return [{"page": place.span.page + 1, "text": place.quote} for place in quote]


def _judge(library: Library, turn: Turn, verdict: Opinion, document: Document, evidence: list[Json]) -> Json:
    line = {
        "id": str(turn.id),
        "doc": document.name,
        "document": document.id,
        "question": turn.searched_for or turn.question,
        "evidence_pages": sorted({label["page"] for label in evidence}),
        "evidence": evidence,
        "type": verdict,
    }
    library.history.judge(turn.id, json.dumps(line))
    return line


def lines(library: Library) -> list[Json]:
    """All that was said, a line of a file of questions each."""
    return [json.loads(line) for line in library.history.verdicts().values()]


def own_questions(library: Library, names: dict[str, str]) -> list[Question]:
    """What was said of documents that are there, as questions; `names` are those of the documents, by their ids."""
    present = [line for line in lines(library) if line["document"] in names]
    return [parse({**line, "doc": names[line["document"]]}, at) for at, line in enumerate(present, start=1)]
