"""Each question asked three times: of its own document, of all, and of one that does not answer it.

If libraries of single documents are there, a fourth time: of the one that holds nothing but its document.
"""

import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from recto.evaluate.metrics import ranks
from recto.evaluate.questions import Question
from recto.evaluate.resuming import QuestionOutcome, ask_each
from recto.events import Found, Progress
from recto.library import Library
from recto.text.verbatim import QUOTED_CHARACTER, search, spaced
from recto.types import Answer, Certainty, Document, Hit, Span, by_quote

LONGEST = 600  # characters of evidence that is a sentence or a row; more is a page, and says nothing of sentences
PAGES = 3  # of those found that an outcome names; the ranks tell of the others
PARTS = "; "  # between the parts of an answer that stands in several places
DISTINCT = 4  # characters: shorter parts, a digit or two, also stand where they mean something else
SHARED = 0.5  # of the shorter of quote and evidence: so much in common, and the quote holds it


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedAnswer:
    """What came back for one question: found pages, and the quoted answer held against the labels."""

    ranks: tuple[int, ...]  # of the evidence pages, from 1
    found: tuple[tuple[str, int], ...]  # document and page, from 1, of the first PAGES
    confidence: float  # log-odds that the documents answer
    answered: bool  # with quotes, be they only the closest lines
    certainty: Certainty
    sentence: int | None  # which quote holds the evidence, from 1; 0 if none does, None if there is no label
    holds: bool | None  # whether the quotes hold the answer's words; None if its pages do not
    shows: bool | None = (
        None  # whether the quotes in their surroundings hold the answer or all evidence; None without a label
    )

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Self:
        """From its JSON; in runs from before there were closest lines an answer was either sure or refused."""
        pages = tuple((name, page) for name, page in value["found"])
        certainty = value.get("certainty", Certainty.ANSWERED if value["answered"] else Certainty.REFUSED)
        return cls(**{**value, "ranks": tuple(value["ranks"]), "found": pages, "certainty": Certainty(certainty)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(QuestionOutcome):
    """One question with what came back: of its own document, of the whole library, of a document without the answer."""

    doc: str
    type: str
    question: str
    evidence_pages: tuple[int, ...]  # from 1
    inside: JudgedAnswer
    everywhere: JudgedAnswer
    elsewhere: JudgedAnswer | None  # None without another document, or if the question has no answer anyway
    alone: JudgedAnswer | None = None  # of a library that holds its document only; None if there is none

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Self:
        """An outcome from its JSON. KeyError or TypeError if it is none."""
        value = {"alone": None, **value}
        scopes = ("inside", "everywhere", "elsewhere", "alone")
        answers = {scope: value[scope] and JudgedAnswer.of(value[scope]) for scope in scopes}
        return cls(**{**value, "evidence_pages": tuple(value["evidence_pages"]), **answers})


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionSet:
    """Questions, the documents by the names that they know them by, and the library that holds these."""

    questions: Sequence[Question]
    documents: Mapping[str, Document]
    library: Library
    single: Mapping[str, Library] = field(default_factory=dict)  # by the same names: libraries of one document each


def ask_all(question_set: QuestionSet, journal: Path) -> Generator[Progress | Outcome, None, None]:
    """Ask what the journal does not hold yet; outcomes in the order of the questions."""
    yield from ask_each(question_set.questions, journal, lambda question: _ask(question, question_set), Outcome.of)


def _ask(question: Question, question_set: QuestionSet) -> Outcome:
    document, library = question_set.documents[question.doc], question_set.library
    single = question_set.single.get(question.doc)
    labels = Labels.of(question, document, library)
    strangers = [stranger.id for stranger in library.documents() if stranger.id != document.id]
    elsewhere = None
    if question.pages and strangers:  # one of the others, the same in every run
        number = int(sha256(question.id.encode()).hexdigest(), 16) % len(strangers)
        elsewhere = _judged(question, [sorted(strangers)[number]], labels, library)
    return Outcome(
        id=question.id,
        doc=question.doc,
        type=question.type,
        question=question.text,
        evidence_pages=tuple(page + 1 for page in question.pages),
        inside=_judged(question, [document.id], labels, library),
        everywhere=_judged(question, [], labels, library),
        elsewhere=elsewhere,
        alone=_judged(question, [], labels, single) if single else None,
    )


def _judged(question: Question, docs: Sequence[str], labels: "Labels", library: Library) -> JudgedAnswer:
    """Ask a question of these documents, or of all, and hold the answer against the labels."""
    asking = library.ask(question.text, docs=docs)
    hits: Sequence[Hit] = ()
    for event in asking:
        if isinstance(event, Found):
            hits = event.hits
    answer = asking.answer
    return JudgedAnswer(
        ranks=ranks([(hit.document.id, hit.passage.span.page) for hit in hits], labels.pages),
        found=tuple((hit.document.name, hit.passage.span.page + 1) for hit in hits[:PAGES]),
        confidence=round(answer.confidence, 4),
        answered=bool(answer.citations),
        certainty=answer.certainty,
        sentence=labels.sentence(answer),
        holds=labels.holds(answer),
        shows=labels.shows(answer),
    )


@dataclass(frozen=True, slots=True)
class Labels:
    """What a question's labels allow to judge."""

    pages: frozenset[tuple[str, int]]  # document id and page
    sentences: tuple[Span, ...]  # evidence that was found word for word on its page
    answer: tuple[str, ...]  # its parts; empty if one of them stands on no evidence page

    @classmethod
    def of(cls, question: Question, document: Document, library: Library) -> Self:
        """Look the labels up on the pages."""
        numbers = {*question.pages, *(label.page for label in question.evidence if label.page is not None)}
        texts = {number: library.page(document.id, number).text for number in numbers}
        sentences = [
            Span(document.id, number, *span)
            for label in question.evidence
            if len(label.text) <= LONGEST
            for number in ([label.page] if label.page is not None else question.pages)
            if (span := place(texts[number], label.text))
        ]
        pages = frozenset((document.id, number) for number in question.pages)
        return cls(pages, tuple(sentences), answer_parts(question.answer, list(texts.values())))

    def sentence(self, answer: Answer) -> int | None:
        """Which quote of an answer holds a labelled sentence, from 1; 0 if none does."""
        if not self.sentences:
            return None
        for number, quote in enumerate(by_quote(answer.quotes), start=1):
            if any(overlap(citation.span, span) >= SHARED for citation in quote for span in self.sentences):
                return number
        return 0

    def holds(self, answer: Answer) -> bool | None:
        """Whether the quotes hold the answer's words."""
        return all(place(answer.text, part) for part in self.answer) if self.answer else None

    def shows(self, answer: Answer) -> bool | None:
        """Whether the quotes inside their surroundings hold the answer's words, if distinct, or else all evidence."""
        surroundings = [quote.context for quote in answer.quotes if quote.context]
        text = "\n\n".join([answer.text, *(context.text for context in surroundings)])
        spans = [*(quote.span for quote in answer.quotes), *(context.span for context in surroundings)]
        holds = all(place(text, part) for part in self.answer) if self.answer else None
        if not self.sentences:
            return holds
        if holds and all(len(part) >= DISTINCT for part in self.answer):
            return True
        return all(any(overlap(span, sentence) >= SHARED for span in spans) for sentence in self.sentences)


def answer_parts(answer: str, texts: Sequence[str]) -> tuple[str, ...]:
    """The answer whole if one of these texts holds it, else its parts if each stands in one of them, else none."""
    for parts in ((answer,), tuple(answer.split(PARTS))):
        if all(any(place(text, part) for text in texts) for part in parts):
            return parts
    return ()


def place(text: str, words: str) -> tuple[int, int] | None:
    """Where whole words stand in a text, whatever their case and the white space between them; None if nowhere.

    In scripts without spaces nobody can tell where a word ends.
    """
    pattern = spaced(words)
    if pattern and not QUOTED_CHARACTER.search(words):
        pattern = rf"(?<!\w){pattern}(?!\w)"
    return search(pattern, text, re.IGNORECASE) if pattern else None


def overlap(quote: Span, evidence: Span) -> float:
    """What two spans have in common, as a share of the shorter one."""
    if (quote.doc, quote.page) != (evidence.doc, evidence.page):
        return 0.0
    common = min(quote.end, evidence.end) - max(quote.start, evidence.start)
    return common / min(quote.end - quote.start, evidence.end - evidence.start)
