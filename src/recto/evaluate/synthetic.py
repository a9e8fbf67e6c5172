"""Questions made from a person's own documents, with known places: no labels and no model are needed.

A heading, a definition, a row of a table and a sentence with a gap each give a question. It is asked with all the words
that it shares with its place, with half of them and with a quarter: the fewer, the more it is like a question by
somebody who does not know the text.
"""

import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from recto.evaluate.outcomes import Outcome
from recto.evaluate.questions import GoldEvidence, Question
from recto.evaluate.text_quality import Complaint, complaints, unfound
from recto.library import Library
from recto.text.languages import MIXED
from recto.text.sentences import is_row, lines, sentences
from recto.text.subjects import question_about, subject
from recto.types import Document, Page, Passage

PER_DOCUMENT = 8  # questions, each asked on three levels
DOCUMENTS = 50  # that are asked about, drawn if there are more
PAGES = 40  # of a document that questions are made from, drawn if it has more
LEVELS = {"all words": 1.0, "half the words": 0.5, "a quarter": 0.25}  # that question and place share
FEWEST = 2  # words that a question keeps; a level that would keep as many as the one before is left out
LENGTHS = range(60, 300)  # characters of a sentence that makes a question
HEAD_LINES = 12  # above a row in which the heads of its columns are looked for

SHOWS = (
    "This shows whether pages are read so that their own words find them, and what is lost with fewer of these words."
)
HIDES = (
    "It does not show how often a person's question is answered: rules make these questions out of the documents' "
    "words, and only the place that they were made from counts as right. For that, write questions of your own: "
    "recto eval QUESTIONS.jsonl --pdfs FOLDER"
)

_MARKS = '.,;:()[]"“”'
_DEFINES = re.compile(
    r"[“\"']?(?P<term>[A-Z][\w-]*(?: [\w-]+){0,4}?)[”\"']? "
    r"(?:means|refers to|is defined as|denotes|is an?) (?P<meaning>.+)",
    re.DOTALL,
)
_NO_TERM = re.compile(
    r"(?:it|this|that|these|those|there|he|she|they|we|you|what|which|who|here|if|while|when|as|no|such|any|each|one|"
    r"among|another|the following)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<!\w)\d[\d.,]*\d%?(?!\w)|(?<!\w)\d{2,}%?(?!\w)")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w-]{2,}(?: [A-Z][\w-]+)*")
_CELL = re.compile(r"[$€£(\[−-]*\d[\d.,]*[)\]%]*")
_YEAR = re.compile(r"(?:19|20)\d\d")
_HEAD = re.compile(r"(?:19|20)\d\d|[A-Za-z][\w-]{2,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionDraft:
    """A question as rules made it; `shared` are the words of its place, what stands around them is ours."""

    kind: str
    before: str = ""
    shared: str
    after: str = "?"
    answer: str = ""
    pages: tuple[int, ...]
    evidence: str = ""  # empty if no sentence proves the answer

    def levels(self, doc: str, stem: str) -> Iterator[Question]:
        """The question with ever fewer of the shared words, which are drawn: each level's are among those before it."""
        words = self.shared.rstrip("?").split()
        content = [at for at, word in enumerate(words) if word.lower().strip(_MARKS) not in MIXED.stop_words | {""}]
        random.Random(stem).shuffle(content)
        before = len(content) + 1
        for number, (level, share) in enumerate(LEVELS.items()):
            count = max(FEWEST, round(share * len(content)))
            if count < before and content:
                remaining = words if share == 1 else [words[at].strip(_MARKS) for at in sorted(set(content[:count]))]
                yield Question(
                    id=f"{stem}-{number}",
                    doc=doc,
                    text=f"{self.before}{' '.join(remaining)}{self.after}",
                    answer=self.answer,
                    pages=self.pages,
                    evidence=(GoldEvidence(self.pages[0], self.evidence),) if self.evidence else (),
                    type=f"{self.kind}, {level}",
                    line=0,
                )
                before = count


def questions(library: Library, documents: Mapping[str, Document], *, most: int = PER_DOCUMENT) -> list[Question]:
    """Make at most so many questions of each document, on each level; always the same ones of a document."""
    by_digest = sorted(documents, key=lambda name: documents[name].id)  # no order, and the same every time
    result: list[Question] = []
    for name in sorted(by_digest[:DOCUMENTS]):
        document = documents[name]
        pages = [library.page(document.id, number) for number in sample_pages(document)]
        passages = {number: library.passages(document.id, number) for number in range(document.pages)}
        kinds = [list(headings(passages)), *([draft for page in pages for draft in make(page)] for make in MAKERS)]
        rng = random.Random(document.id)
        samples = [rng.sample(kind, min(most, len(kind))) for kind in kinds]
        turns = [draft for turn in zip_longest(*samples) for draft in turn if draft is not None]
        for number, draft in enumerate(turns[:most], start=1):
            result += draft.levels(name, f"{document.id[:12]}-{number}")
    return result


def documents_by_name(documents: Sequence[Document]) -> dict[str, Document]:
    """Documents by name; by name and id where two have the same name."""
    counts = Counter(document.name for document in documents)
    return {
        document.name if counts[document.name] == 1 else f"{document.name} ({document.id[:12]})": document
        for document in documents
    }


def all_complaints(
    library: Library, documents: Mapping[str, Document], outcomes: Sequence[Outcome]
) -> Iterator[Complaint]:
    """What is wrong with how documents were read, by their text and by what questions made of it found."""
    whole = [outcome for outcome in outcomes if outcome.type.endswith(next(iter(LEVELS)))]
    for name, document in documents.items():
        pages = [library.page(document.id, number) for number in sample_pages(document)]
        yield from complaints(name, pages, of=document.pages)
        yield from unfound(name, [outcome for outcome in whole if outcome.doc == name])


def sample_pages(document: Document) -> list[int]:
    """The pages of a document that are looked at."""
    return sorted(random.Random(document.id).sample(range(document.pages), min(PAGES, document.pages)))


# --- the four kinds --------------------------------------------------------------------------------------------------
def headings(passages: Mapping[int, Sequence[Passage]]) -> Iterator[QuestionDraft]:
    """What is said below a heading, whatever page it is on."""
    places: dict[str, set[int]] = {}
    for number, on_page in passages.items():
        for passage in on_page:
            places.setdefault(subject(passage.heading), set()).add(number)
    before, after = question_about("|").split("|")
    for words, pages in places.items():
        if words:
            yield QuestionDraft(kind="heading", before=before, shared=words, after=after, pages=tuple(sorted(pages)))


def definitions(page: Page) -> Iterator[QuestionDraft]:
    """The term that a sentence defines."""
    for text in _prose(page):
        match = _DEFINES.match(text)
        if match and not _NO_TERM.match(match["term"]):
            yield QuestionDraft(
                kind="definition",
                before="What is ",
                shared=" ".join(match["meaning"].rstrip(".").split()),
                answer=match["term"],
                pages=(page.number,),
                evidence=text,
            )


def gaps(page: Page) -> Iterator[QuestionDraft]:
    """A sentence without a number or a name in it, which is asked for."""
    for text in _prose(page):
        match = _NUMBER.search(text) or _NAME.search(text)
        if match:
            around = text[: match.start()] + " " + text[match.end() :]
            yield QuestionDraft(
                kind="gap",
                shared=" ".join(around.rstrip(".").split()),
                answer=match[0],
                pages=(page.number,),
                evidence=text,
            )


def cells(page: Page) -> Iterator[QuestionDraft]:
    """The number in a row of a table, by the row's label and the head of its column."""
    texts = [page.text[slice(*line)] for line in lines(page.text)]
    counts = Counter(texts)
    for at, text in enumerate(texts):
        if not is_row(text) or counts[text] != 1:
            continue
        words = text.split(" ")
        first = len(words)
        while first and (_CELL.fullmatch(words[first - 1]) or not any(map(str.isalnum, words[first - 1]))):
            first -= 1
        label, values = " ".join(words[:first]).strip(" .:|$€£"), _CELL.findall(" ".join(words[first:]))
        # The heads stand in the nearest line above of as many words, or one more, all years or words.
        above = (line.split() for line in reversed(texts[max(0, at - HEAD_LINES) : at]))
        sizes = len(values), len(values) + 1
        heads = next((line for line in above if len(line) in sizes and all(map(_HEAD.fullmatch, line))), [])
        if len(values) > 1 and heads and any(map(str.isalpha, label)) and not all(map(_YEAR.fullmatch, values)):
            yield QuestionDraft(
                kind="table", shared=f"{label} {heads[-1]}", answer=values[-1], pages=(page.number,), evidence=text
            )


def _prose(page: Page) -> Iterator[str]:
    """The page's sentences that stand there once and are neither short nor rows nor headings."""
    texts = [page.text[start:end] for start, end in sentences(page.text)]
    counts = Counter(texts)
    for text in texts:
        if len(text) in LENGTHS and counts[text] == 1 and text[0].isupper() and text[-1] in ".;" and not is_row(text):
            yield text


MAKERS = (definitions, cells, gaps)  # of a page's questions
