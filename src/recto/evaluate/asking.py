"""Each question asked three times: of its own document, of all, and of one that does not answer it."""

import json
import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from recto.eta import Eta
from recto.evaluate.metrics import ranks
from recto.evaluate.questions import Question
from recto.events import Found, Progress, Stage
from recto.library import Library
from recto.text.verbatim import QUOTED_CHARACTER, spaced
from recto.types import Answer, Citation, Document, Hit, Span

LONGEST = 600  # characters of evidence that is a sentence or a row; more is a page, and says nothing of sentences
KEPT = 3  # of the pages found; the ranks tell of the others
SHARED = 0.5  # of the shorter of quote and evidence: so much in common, and the quote holds it


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back for one question: found pages, and the quoted answer held against the labels."""

    ranks: tuple[int, ...]  # of the evidence pages, from 1
    found: tuple[tuple[str, int], ...]  # document and page, from 1, of the first KEPT
    confidence: float  # log-odds that the documents answer
    answered: bool
    sentence: int | None  # which quote holds the evidence, from 1; 0 if none does, None if there is no label
    holds: bool | None  # whether the quotes hold the answer's words; None if its pages do not

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Self:
        """From its JSON."""
        found = tuple((name, page) for name, page in value["found"])
        return cls(**{**value, "ranks": tuple(value["ranks"]), "found": found})


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question with what came back: of its own document, of the whole library, of a document without the answer."""

    id: str
    doc: str
    type: str
    question: str
    evidence_pages: tuple[int, ...]  # from 1
    inside: Heard
    everywhere: Heard
    elsewhere: Heard | None  # None without another document, or if the question has no answer anyway

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Self:
        """An outcome from its JSON. KeyError or TypeError if it is none."""
        heard = {name: value[name] and Heard.of(value[name]) for name in ("inside", "everywhere", "elsewhere")}
        return cls(**{**value, "evidence_pages": tuple(value["evidence_pages"]), **heard})


def asking(
    questions: Sequence[Question], documents: Mapping[str, Document], library: Library, journal: Path
) -> Generator[Progress | Outcome, None, None]:
    """Ask what the journal does not hold yet; outcomes in the order of the questions.

    `documents` are those of the questions' file names. The journal, a line an outcome, belongs to this very run.
    """
    known = _kept(journal)
    eta, asked, total = Eta(), 0, sum(question.id not in known for question in questions)
    with journal.open("a", encoding="utf-8") as file:
        for number, question in enumerate(questions, start=1):
            if question.id not in known:
                outcome = _ask(question, documents[question.doc], library)
                file.write(json.dumps(asdict(outcome)) + "\n")
                file.flush()
                asked += 1
                yield Progress(Stage.ASKING, "questions", number, len(questions), eta.left_s(asked, total))
                known[question.id] = outcome
            yield known[question.id]


def _kept(journal: Path) -> dict[str, Outcome]:
    """What a run that was cut off has asked already; its last line may be cut, too."""
    if not journal.exists():
        return {}
    whole = journal.read_bytes()
    ended = whole[: whole.rfind(b"\n") + 1]
    if len(ended) < len(whole):
        journal.write_bytes(ended)
    outcomes = [Outcome.of(json.loads(line)) for line in ended.splitlines()]
    return {outcome.id: outcome for outcome in outcomes}


def _ask(question: Question, document: Document, library: Library) -> Outcome:
    labels = _Labels.of(question, document, library)
    other = _other(question, document, library.documents()) if question.pages else None
    return Outcome(
        id=question.id,
        doc=question.doc,
        type=question.type,
        question=question.text,
        evidence_pages=tuple(page + 1 for page in question.pages),
        inside=_listen(question, [document.id], labels, library),
        everywhere=_listen(question, [], labels, library),
        elsewhere=_listen(question, [other.id], labels, library) if other else None,
    )


def _other(question: Question, own: Document, documents: Sequence[Document]) -> Document | None:
    """A document that is not the question's, the same one in every run."""
    others = sorted((one for one in documents if one.id != own.id), key=lambda one: one.id)
    return others[int(sha256(question.id.encode()).hexdigest(), 16) % len(others)] if others else None


def _listen(question: Question, docs: Sequence[str], labels: "_Labels", library: Library) -> Heard:
    asking = library.ask(question.text, docs=docs)
    hits: Sequence[Hit] = ()
    for event in asking:
        if isinstance(event, Found):
            hits = event.hits
    pages = [(hit.document.id, hit.passage.span.page) for hit in hits]
    answer = asking.answer
    return Heard(
        ranks=ranks(pages, labels.pages),
        found=tuple((hit.document.name, hit.passage.span.page + 1) for hit in hits[:KEPT]),
        confidence=round(answer.confidence, 4),
        answered=bool(answer.citations),
        sentence=labels.sentence(answer),
        holds=labels.holds(answer),
    )


@dataclass(frozen=True, slots=True)
class _Labels:
    """What a question's labels allow to judge."""

    pages: frozenset[tuple[str, int]]  # document id and page
    sentences: tuple[Span, ...]  # evidence that was found word for word on its page
    answer: str  # empty if it does not stand on an evidence page

    @classmethod
    def of(cls, question: Question, document: Document, library: Library) -> Self:
        numbers = {*question.pages, *(one.page for one in question.evidence if one.page is not None)}
        texts = {number: library.page(document.id, number).text for number in numbers}
        placed = [
            Span(document.id, number, *span)
            for one in question.evidence
            if len(one.text) <= LONGEST
            for number in ([one.page] if one.page is not None else question.pages)
            if (span := place(texts[number], one.text))
        ]
        literal = any(place(text, question.answer) for text in texts.values())
        pages = frozenset((document.id, number) for number in question.pages)
        return cls(pages, tuple(placed), question.answer if literal else "")

    def sentence(self, answer: Answer) -> int | None:
        """Which quote of an answer holds a labelled sentence, from 1; 0 if none does."""
        if not self.sentences:
            return None
        for number, quote in enumerate(quotes(answer), start=1):
            if any(_shares(citation.span, span) for citation in quote for span in self.sentences):
                return number
        return 0

    def holds(self, answer: Answer) -> bool | None:
        """Whether the quotes hold the answer's words."""
        return place(answer.text, self.answer) is not None if self.answer else None


def quotes(answer: Answer) -> list[list[Citation]]:
    """The places of each quote: those of one quote are a line end apart in the answer, quotes an empty line."""
    found: list[list[Citation]] = []
    end = 0
    for citation in answer.quotes:
        if citation.at - len(citation.quote) != end + 1:
            found.append([])
        found[-1].append(citation)
        end = citation.at
    return found


def place(text: str, words: str) -> tuple[int, int] | None:
    """Where whole words stand in a text, whatever their case and the white space between them; None if nowhere.

    In scripts without spaces nobody can tell where a word ends.
    """
    pattern = spaced(words)
    if pattern and not QUOTED_CHARACTER.search(words):
        pattern = rf"(?<!\w){pattern}(?!\w)"
    found = re.search(pattern, text, re.IGNORECASE) if pattern else None
    return found.span() if found else None


def _shares(quote: Span, evidence: Span) -> bool:
    """Whether the two have most of the shorter one in common."""
    if (quote.doc, quote.page) != (evidence.doc, evidence.page):
        return False
    common = min(quote.end, evidence.end) - max(quote.start, evidence.start)
    return common >= SHARED * min(quote.end - quote.start, evidence.end - evidence.start)
