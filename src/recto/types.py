"""The nouns: frozen values that know no file, no model and no socket. Pages count from 0 here, from 1 for people."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

NEAR = 2000  # a box this close to the left of a line goes on with it: 3 % of the page's width
FULL = 65535  # a box stores shares of the page as uint16: 1/65535 of 612 points is 0.009 points
INITIAL = 1.8  # an initial is so much higher than its word, at least; superscripts and small capitals stay below

_WORD = re.compile(r"\S+")

Int8s = NDArray[np.int8]
UInt16s = NDArray[np.uint16]
UInt32s = NDArray[np.uint32]
Floats = NDArray[np.float32]


class Flag(StrEnum):
    """How a page's text came to be, or why there is none."""

    TEXT = "text"
    OCR = "ocr"
    GARBLED = "garbled"
    EMPTY = "empty"


class TraitKind(StrEnum):
    """What people should know of some words of a page beside what they say."""

    RECOGNISED = (
        "recognised"  # read from a picture; a page that was read so as a whole has a flag for it, its quotes this
    )
    UNCERTAIN = "uncertain"  # recognised with low confidence
    STRUCK = "struck"  # struck out
    COMMENT = "comment"  # a comment or a sticky note, not the page's own text
    RUNNING = "running"  # of a running head or foot; what it says is quoted once
    HEADING = "heading"  # a line by itself above what it is about, by the outline or by its type


@dataclass(frozen=True, slots=True)
class Trait:
    """A trait of the characters `start:end` of a page's text."""

    kind: TraitKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Rect:
    """A box in shares (0..1) of the page as displayed, origin at its top left."""

    x0: float
    y0: float
    x1: float
    y1: float

    def __post_init__(self) -> None:
        if not (0 <= self.x0 <= self.x1 <= 1 and 0 <= self.y0 <= self.y1 <= 1):
            raise ValueError(f"a box must lie inside the page (0..1), got {self.as_list()}")

    def as_list(self) -> list[float]:
        """`[x0, y0, x1, y1]`, as in every JSON answer."""
        return [self.x0, self.y0, self.x1, self.y1]


@dataclass(frozen=True, slots=True)
class Span:
    """The unit of citation: characters `start:end` of one page's text."""

    doc: str
    page: int
    start: int
    end: int

    def holds(self, span: "Span") -> bool:
        """Whether all of another span lies in this one."""
        return (self.doc, self.page) == (span.doc, span.page) and self.start <= span.start <= span.end <= self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell of a table: columns `columns[0]:columns[1]` of a row, its words with single spaces, where they stand.

    `ranges` are the characters of its page, a range for each line of it, and `rects` their boxes.
    """

    row: int
    columns: tuple[int, int]
    text: str
    ranges: tuple[tuple[int, int], ...]
    rects: tuple[Rect, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedCell:
    """A cell of a table's row that is quoted, or the blank in its place: row and column count from 0."""

    row: int
    column: int
    head: str  # of its column
    text: str  # empty for a blank
    ranges: tuple[tuple[int, int], ...] = ()  # characters of its page, a range for each line
    rects: tuple[Rect, ...] = ()  # of each
    asked: bool = False  # whether the question asks for it: its row and the head of its column are named


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table of a page, told by where its words stand. Rows and columns count from 0, as reading goes."""

    page: int
    rows: int
    columns: int
    cells: tuple[Cell, ...]  # by row and column; there is none where the page has a blank
    head_rows: int  # at the top
    heads: tuple[str, ...]  # of each column, from the top; from the page before if the table goes on from there
    heads_page: int  # where the heads stand
    units: str  # what is said above the table of its figures: "in EUR thousand"
    group_rows: frozenset[int]  # rows that are but the name of those below them
    groups: tuple[str, ...]  # for each row the name of its group, empty without one

    def cell(self, row: int, column: int) -> Cell | None:
        """The cell that stands there, or reaches there."""
        return next(
            (cell for cell in self.cells if cell.row == row and cell.columns[0] <= column < cell.columns[1]), None
        )

    def text(self, row: int, column: int) -> str:
        """The words that stand there, empty where there are none."""
        cell = self.cell(row, column)
        return cell.text if cell else ""

    def quoted(self, page: "Page", start: int, end: int) -> Iterator[QuotedCell]:
        """The cells of its page's rows below the heads that stand in `start:end`, with a blank for no cell."""
        rows: dict[int, list[Cell]] = {row: [] for row in self.body}
        for grid_cell in self.cells:
            rows.get(grid_cell.row, []).append(grid_cell)
        for row, cells in rows.items():
            if not all(start <= first and last <= end for cell in cells for first, last in cell.ranges):
                continue
            for column, head in enumerate(self.heads):
                cell = next((cell for cell in cells if cell.columns[0] <= column < cell.columns[1]), None)
                if cell is None:
                    yield QuotedCell(row=row, column=column, head=head, text="")
                elif cell.columns[0] == column:
                    rects = tuple(rect for place in cell.ranges for rect in page.rects(*place))
                    yield QuotedCell(row=row, column=column, head=head, text=cell.text, ranges=cell.ranges, rects=rects)

    @property
    def body(self) -> tuple[int, ...]:
        """The rows below the heads that are no names of groups."""
        return tuple(row for row in range(self.head_rows, self.rows) if row not in self.group_rows)


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """What a question names on one page: a table, a section, the page itself. `alone`: it asks for nothing else."""

    span: Span
    alone: bool


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Page:
    """One page: its text, never changed after reading, and a box for each word of it.

    `spans` is uint32 (n, 2), character offsets, increasing; `boxes` is uint16 (n, 4), shares of the displayed page
    x 65535. A word that a line end had cut in two has two rows. `traits` by kind and start, without overlap in a kind.
    """

    number: int
    width: float  # points, as displayed
    height: float
    flag: Flag
    text: str
    spans: UInt32s
    boxes: UInt16s
    label: str = ""  # what the document calls the page, "iii" or "72"; empty where that is its number from 1
    hidden: int = 0  # words that the file holds and the page does not show: they are not in the text
    traits: tuple[Trait, ...] = ()

    def has(self, kind: TraitKind, start: int, end: int) -> bool:
        """Whether some of the characters `start:end` have a trait."""
        return any(trait.kind is kind for trait in self.traits_within(start, end))

    def traits_within(self, start: int, end: int) -> tuple[Trait, ...]:
        """The traits of the characters `start:end`, as far as they have them."""
        return tuple(
            Trait(trait.kind, max(start, trait.start), min(end, trait.end))
            for trait in self.traits
            if trait.start < end and start < trait.end
        )

    def places_with(self, kind: TraitKind) -> list[tuple[int, int]]:
        """The characters that have a trait, `start:end`, in order."""
        return [(trait.start, trait.end) for trait in self.traits if trait.kind is kind]

    def words_with(self, kind: TraitKind) -> int:
        """How many words have a trait."""
        starts, ends = self.spans.T
        return sum(
            int(np.count_nonzero((starts < trait.end) & (ends > trait.start)))
            for trait in self.traits
            if trait.kind is kind
        )

    def rects(self, start: int, end: int) -> tuple[Rect, ...]:
        """Box the characters `start:end`: one rectangle for each run of words on one line, in reading order.

        Neighbours on one line are merged, whichever way it is written; another column starts a new rectangle.
        """
        first = int(np.searchsorted(self.spans[:, 1], start, side="right"))
        last = int(np.searchsorted(self.spans[:, 0], end, side="left"))
        if first >= last:
            return ()
        if last - first == 1:
            return (Rect(*(side / FULL for side in self.boxes[first].tolist())),)
        sides = self.boxes[first:last].astype(np.int64)
        heights = sides[:, 3] - sides[:, 1]
        # The box of an initial spans lines that the rest of its word is no part of.
        initial = self.spans[first : last - 1, 1] == self.spans[first + 1 : last, 0]
        initial &= heights[:-1] > INITIAL * heights[1:]
        starts = np.concatenate(([0], np.flatnonzero(~_on_one_line(sides[:-1], sides[1:]) | initial) + 1))
        corners = np.minimum.reduceat(sides[:, :2], starts), np.maximum.reduceat(sides[:, 2:], starts)
        return tuple(Rect(*corner) for corner in (np.hstack(corners) / FULL).tolist())


def _on_one_line(before: NDArray[np.int64], after: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell for each two neighbours: level, and one step on; to the left only what is near, as in Arabic."""
    overlap = np.minimum(before[:, 3], after[:, 3]) - np.maximum(before[:, 1], after[:, 1])
    lower = np.minimum(before[:, 3] - before[:, 1], after[:, 3] - after[:, 1])
    onward = (after[:, 0] >= before[:, 0]) | (before[:, 0] - after[:, 2] <= NEAR)
    joined: NDArray[np.bool_] = (overlap * 2 > lower) & onward
    return joined


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file in the library. `id` is the SHA-256 of its bytes, `name` its file name, `title` what ranking reads."""

    id: str
    name: str
    title: str
    pages: int
    size: int  # bytes
    added: float  # seconds since 1970, UTC


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, for programs (`kind`) and for people."""

    kind: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How a document stands in the library."""

    document: Document
    flags: dict[Flag, int]  # how many pages came to their text in which way
    hidden: int  # words left out because the pages do not show them
    passages: int
    unencoded: int  # passages without vectors: they are found by words only
    size: int  # bytes that the document takes in the library
    problems: tuple[Problem, ...]  # what is wrong with it, and what mends it


@dataclass(frozen=True, slots=True)
class Removal:
    """A document that was removed, and until when it can be put back."""

    document: Document
    until: float  # seconds since 1970, UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A named set of documents. `id` stays when it is renamed."""

    id: str
    name: str
    created: float  # seconds since 1970, UTC
    documents: int  # how many


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """Who may use a server's doors, and what they see there; `hash` stands for the secret, which is not kept."""

    hash: str
    name: str
    read_only: bool
    collections: tuple[str, ...]  # the ids of those that can be seen; everything without any
    created: float  # seconds since 1970, UTC
    used: float | None  # likewise: when last, about


JOINT = " > "  # between the headings of a path


@dataclass(frozen=True, slots=True)
class Passage:
    """A few sentences of one page, with the path of headings above them. `text` is the page's text at the span."""

    span: Span
    text: str
    heading: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A passage that search found. `score` is `keyword + semantic`; `rects` mark the passage on its page."""

    rank: int
    document: Document
    passage: Passage
    score: float
    keyword: float
    semantic: float
    rects: tuple[Rect, ...]
    cosine: float | None = None  # of the question and the passage; None if it is not known
    places: tuple[NamedPlace, ...] = ()  # of this page, in the order in which they are to be read
    label: str = ""  # what the document calls the page, if not by its number


@dataclass(frozen=True, slots=True)
class Context:
    """What stands around a quote on its page, the quote with it: `page.text[span] == text`."""

    span: Span
    text: str
    rects: tuple[Rect, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """Words of a page that stand in the answer: `answer.text[at - len(quote):at] == quote` in a quoted answer."""

    at: int  # the answer's character offset after which the mark stands
    span: Span
    document: Document
    quote: str
    rects: tuple[Rect, ...]
    context: Context | None = None  # places of one quote that stand near each other have the same
    more: str = ""  # what of a table or list is left out behind the quote, such as "12 more rows"
    label: str = ""  # what the document calls the page, if not by its number
    traits: tuple[Trait, ...] = ()  # of the quote's characters, counted as on the page
    cells: tuple[QuotedCell, ...] = ()  # of the rows of tables that it holds
    language: str = ""  # of the quote, a code of ISO 639-1, where the question is in another one

    @property
    def pieces(self) -> list[tuple[str, bool]]:
        """The quote in pieces, with whether each is a cell that the question asks for."""
        pieces, at = [], 0
        for first, last in sorted({place for cell in self.cells if cell.asked for place in cell.ranges}):
            start, end = first - self.span.start, last - self.span.start
            pieces += [(self.quote[at:start], False), (self.quote[start:end], True)]
            at = end
        return [piece for piece in (*pieces, (self.quote[at:], False)) if piece[0]]

    @property
    def blanks(self) -> list[str]:
        """The cells of quoted rows that are blank on the page, each as its row's label and its column's head."""
        labels = {cell.row: cell.text for cell in self.cells if not cell.column}
        blanks = [cell for cell in self.cells if cell.column and cell.head and not cell.text]
        return [f"{labels[cell.row]}, {cell.head}" if labels.get(cell.row) else cell.head for cell in blanks]

    def words_with(self, kind: TraitKind) -> int:
        """How many words of the quote have a trait."""
        places = [trait for trait in self.traits if trait.kind is kind]
        words = [(self.span.start + word.start(), self.span.start + word.end()) for word in _WORD.finditer(self.quote)]
        return sum(any(trait.start < end and start < trait.end for trait in places) for start, end in words)

    @property
    def surroundings(self) -> str:
        """The quote in its context, where it has one."""
        return self.context.text if self.context else self.quote


def by_quote(citations: Iterable[Citation]) -> list[list[Citation]]:
    """The places of each quote: those of one quote are a line end apart in a quoted answer, quotes an empty line."""
    quotes: list[list[Citation]] = []
    end = 0
    for citation in citations:
        if not quotes or citation.at - len(citation.quote) != end + 1:
            quotes.append([])
        quotes[-1].append(citation)
        end = citation.at
    return quotes


class Kind(StrEnum):
    """What an answer is."""

    QUOTED = "quoted"
    CLOSEST = "closest"
    WRITTEN = "written"
    ABSTAINED = "abstained"


class Certainty(StrEnum):
    """How surely the documents answer: they do, their closest lines may, or they do not."""

    ANSWERED = "answered"
    CLOSEST = "closest"
    REFUSED = "refused"

    @property
    def kind(self) -> Kind:
        """What an answer is that no model has written."""
        return _KINDS[self]


_KINDS = {
    Certainty.ANSWERED: Kind.QUOTED,
    Certainty.CLOSEST: Kind.CLOSEST,
    Certainty.REFUSED: Kind.ABSTAINED,
}


class SurveyKind(StrEnum):
    """What a question asks of whole documents."""

    SUMMARY = "summary"  # what each is about
    LIST = "list"  # every place that matches
    EACH = "each"  # the same of each document


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What one document says to a question about whole documents: `count` of an answer's quotes, from `first` on.

    `first` and `count` count places of quotes (citations). `places` is how many match, of which `shown` are quoted.
    """

    document: Document
    kind: Kind
    first: int
    count: int
    places: int = 0
    shown: int = 0
    times: int = 0  # how often the words stand there, if that is asked

    @property
    def heading(self) -> str:
        """What stands above its quotes: whose they are, and how many there are of how many."""
        if self.kind is Kind.ABSTAINED:
            return f"{self.document.name}: the document does not seem to say"
        times = f"{self.times} times in " if self.times > 1 else ""
        number = f": {times}{self.places} place{'s'[: self.places != 1]}" if self.places else ""
        closest = ": these lines come closest" if self.kind is Kind.CLOSEST else ""
        left_out = f", {self.shown} shown" if self.shown < self.places else ""
        return f"{self.document.name}{number}{left_out}{closest}"


@dataclass(frozen=True, slots=True)
class Survey:
    """What a question asks of whole documents, and what each of these says, in their order."""

    kind: SurveyKind
    groups: tuple[Group, ...]
    left_out: int = 0  # documents behind these that would have been asked


def grouped(citations: Sequence[Citation], survey: Survey | None) -> list[tuple[str, Sequence[Citation]]]:
    """The quotes below the headings of a survey's documents; all of them below none, if there is no survey."""
    if survey is None:
        return [("", citations)]
    headed = survey.kind is not SurveyKind.SUMMARY or len(survey.groups) > 1
    return [
        (group.heading if headed else "", citations[group.first : group.first + group.count]) for group in survey.groups
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The outcome of one question. If `kind` is abstained, `text` says so and `nearest` holds what came closest.

    `quotes` are the documents' own sentences: the answer itself if it is quoted, what stands above it if it is written.
    `certainty` says how surely these answer, also below a written answer.
    """

    kind: Kind
    certainty: Certainty
    text: str
    citations: tuple[Citation, ...]
    nearest: tuple[Hit, ...]
    engine: str
    search_s: float
    total_s: float
    quotes: tuple[Citation, ...] = ()
    unsupported: tuple[str, ...] = ()  # written sentences for which the evidence has no support
    notice: str = ""  # why no model wrote, or another one than was to
    detail: str = ""  # what the engine itself said of that, for programs
    searched_for: str = ""  # the question as searched: a follow-up takes terms from those before
    first_token_s: float | None = None
    confidence: float = 0.0  # log-odds that the documents answer: for evaluation, never shown as a score
    survey: Survey | None = None  # of a question about whole documents: which quotes are whose
    missing: tuple[str, ...] = ()  # the parts of the library, on other machines, that did not answer and were left out


class TurnState(StrEnum):
    """How the answer to a question ended."""

    ANSWERED = "answered"
    STOPPED = "stopped"  # by whoever asked, who may also have gone
    FAILED = "failed"


class Standing(StrEnum):
    """Whether what was quoted still stands where it stood."""

    STANDS = "stands"
    CHANGED = "changed"  # the document was read again, and its page does not say it any more
    REPLACED = "replaced"  # the document is gone, and a newer one has its name
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A question that was asked, and what came of it. Follow-ups are of the `conversation` of their first question."""

    id: int
    conversation: int  # the id of its first turn
    asked: float  # seconds since 1970, UTC
    question: str
    searched_for: str  # empty if the search was not reached
    state: TurnState
    kind: Kind | None  # of the answer; None if none came
    answer: Answer | None = None  # where the turn is read whole, with the boxes that its quotes have now
    standings: tuple[tuple[Span, Standing], ...] = ()  # of all that is cited
    problem: Problem | None = None  # what it failed by


class AddStatus(StrEnum):
    """What became of a file."""

    ADDED = "added"
    RECOGNISED = "recognised"  # the pictures of text in a file that was added before
    ALREADY = "already"
    FAILED = "failed"


class FileState(NamedTuple):
    """What tells whether a file is still the one that was read, without reading it; its device aside."""

    size: int
    modified: int  # nanoseconds since 1970, as its file system has it
    inode: int
    device: int

    def same_as(self, state: "FileState") -> bool:
        """Whether the file is unchanged. A device may have another number each time it is mounted."""
        return self[:3] == state[:3]


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncedFile:
    """A file of a folder that is kept in step, as it was when it was last dealt with."""

    state: FileState
    digest: str  # SHA-256 of its bytes, which is the id of its document
    docs: tuple[str, ...]  # what is in the library because of it: its document, and those attached to it
    problem: Problem | None = None  # why its bytes are not in the library; `docs` are those of an older version then


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncedFolder:
    """A folder that is kept in step. `deletes`: whether documents go with their files; None if nobody has decided."""

    path: str
    deletes: bool | None
    watched: bool  # by the server, also after it is started again
    collection: str = ""  # the id of the one that its documents are in


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """The outcome of one file of an `add`. `document` has an empty id if the file could not even be read.

    A file with pictures of text has a second one once they are recognised, with what is there now and new problems.
    """

    document: Document
    status: AddStatus
    passages: int
    seconds: float
    flags: dict[Flag, int]
    problems: tuple[Problem, ...] = ()  # what the person should know first comes first
    hidden: int = 0  # words left out because the pages do not show them
    uncertain: int = 0  # words that were recognised with low confidence
    unrecognised: int = 0  # pages whose pictures of text are being recognised: another outcome is to come

    @property
    def problem(self) -> Problem | None:
        """The first of its problems."""
        return next(iter(self.problems), None)
