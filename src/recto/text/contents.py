"""Lists that only say where something stands: contents, figures and tables, an index, abbreviations, a change log.

They hold the words of everything and answer hardly anything. They are told by their shape: the words above them differ
from document to document, and stand above other things as well. `contents` sees a whole document, and so it may take a
number at the end of a line for that of a page. Where one page is all there is, an entry is told by more: `is_entry` of
a line that reads like a heading, `leads_to_page` of a sentence, `are_pages` of a column of figures.
"""

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

from recto.text.languages import MIXED
from recto.text.languages.language import any_of
from recto.text.romans import numeral_value
from recto.text.sentences import LEADERS, Range, grouped, is_item, is_row, lines

FEWEST_PAGES = 4  # of a document with contents: on a bill or a menu of one page the numbers are prices
LONGEST_ENTRY = 300  # characters of a line, leaders included
FRONT_MATTER = 30  # pages that printed numbers may lag behind those of the file
SPREAD = 2  # printed pages on one page of the file, at most
NEXT = 8  # an entry stands at most so many lines below the one before: long titles take some
SPARSEST = 1 / 3  # of a list's lines end in a page's number, at least
FEWEST_LED = 4  # entries with leaders
FEWEST_BARE = 5  # entries without
FEWEST_APART = 8  # page numbers in a column read apart from the titles
LABEL = 25  # characters: titles shorter than that on average, whose numbers rise evenly, are rows or ticks of an axis
SHORT_LABEL = 12  # and such short ones are rows or the pins of a chip, ...
SMALL_STEP = 3  # ... if their numbers never rise by more
FEWEST_TERMS = 8  # of an index
FEWEST_SHORT_FORMS = 5
FEWEST_VERSIONS = 3
IN_ORDER = 0.8  # of neighbouring terms or versions
VERSION_LINES = 20  # that one version's changes may take
MOST_BESIDE = 200  # characters beside a list that are but its head and the page's, if they are ...
SHARE_BESIDE = 0.25  # ... at most this share of the page
MOST_SAID = 2  # words of a question that asks for a short form and hardly anything besides: what PLIC means
MOST_PAGES = 2000  # of a document, where it is not known how many it has
OWN_SUBJECT = 0.5  # a document with a larger share of lists is a directory, and its lists are what it has to say

_ROMAN = r"(?=[ivxlc])(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})"
_LABEL = re.compile(rf"(?:([A-Z]{{1,2}})[-–.])?([0-9]{{1,3}}[-–])?([0-9]{{1,4}})|({_ROMAN})")
_LEADERS = re.compile(r"[._·…‥]{3,}|…")  # of any kind and as short as they come: the whole list decides
_LED_PAGE = re.compile(rf"(?:{LEADERS.pattern})\s*(?:\d{{1,4}}|[ivxlc]+)$")
_PAGE_AT_END = re.compile(r"\s(?:\d{1,4}|[ivx]+)$")
_DOTS = frozenset("._·…‥-–")
_WORD = re.compile(r"[^\W\d_]{3}|[^\W\d_a-zA-Z]{2}")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_CURRENCIES = frozenset("$€£¥")
_PAGES = r"[0-9]{1,4}(?:[-–][0-9]{1,4})?"
_TERM = re.compile(rf"[^\W\d_][^,]{{1,60}}(?:, [^\d,][^,]{{0,40}}){{0,3}}, ?({_PAGES}(?:, ?{_PAGES})*)$")
_SHORT_FORM = re.compile(r"\(?([A-Z][A-Za-z&/-]{0,8}[A-Z](?:s|[0-9])?)\)?(?:\s*[:=–—-])?\s+([^\W\d_][^.]{3,120})$")
_NUMERIC_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{2,4}"
_DATE = rf"(?:{_NUMERIC_DATE}|(?:[0-9]{{1,2}}\.? )?{any_of(MIXED.months)} [0-9])"
_VERSION = re.compile(
    rf"\W{{0,3}}(?:{any_of(MIXED.version_words)}\.? ?v?([0-9]+(?:\.[0-9]+)*(?:-\w+)?)\b|"
    rf"v?([0-9]+(?:\.[0-9]+)+)\s+{_DATE})",
    re.IGNORECASE,
)
_PHRASE = re.compile(rf"\b{any_of(MIXED.contents.phrases)}\b", re.IGNORECASE)
_PARTS = re.compile(
    rf"\b{any_of(MIXED.contents.asking)}(?: \w+){{0,2}} {any_of(MIXED.contents.parts)}\b"
    r"(?! ?(?-i:[0-9]|[A-Z]\b|[IVX]+\b))",  # one that is named by its number is not looked for in a list
    re.IGNORECASE,
)
_VERSIONS = re.compile(rf"\b{any_of(MIXED.version_words)}(?:\b|(?=[0-9]))", re.IGNORECASE)
_QUESTION_WORD = re.compile(r"\w+(?:[&/-]\w+)*")
_CAPITALS = re.compile(r"(?=.*[A-Z].*[A-Z])[A-Z][A-Za-z&/-]{1,9}")
_CHANGES = re.compile(rf"\b{any_of(MIXED.contents.changes)}\b", re.IGNORECASE)


def contents(texts: Sequence[str]) -> list[list[Range]]:
    """For each page of a document, given as their texts, the characters of lists that say where something stands."""
    empty: list[list[Range]] = [[] for _ in texts]
    if len(texts) < FEWEST_PAGES:
        return empty
    pages: list[list[Range]] = []
    carry: Mapping[str, tuple[int, ...]] = {}  # the last numbers of the page before
    for number, text in enumerate(texts, 1):
        page = _PageLines.of(text)
        runs = [run for run in page.runs() if _leads_on(run, number, len(texts), carry)]
        carry = {entry.style: entry.page for run in runs for entry in run}
        spans = [*page.index(SPREAD * len(texts) + FRONT_MATTER), *page.short_forms(), *page.versions()]
        ranges = [page.characters(*place) for place in [*map(page.extent, runs), *spans]]
        pages.append(_merged(ranges, text))
    characters = sum(end - start for ranges in pages for start, end in ranges)
    return pages if characters <= OWN_SUBJECT * sum(map(len, texts)) else empty


def covers(ranges: Sequence[Range], start: int, end: int) -> bool:
    """Whether such lists make up most of what stands there."""
    return 2 * sum(max(min(end, last) - max(start, first), 0) for first, last in ranges) > end - start


def asks_for_contents(question: str) -> bool:
    """Whether a question wants such a list itself: the chapters, a short form's words, what a version changed."""
    if _PHRASE.search(question) or _PARTS.search(question):
        return True
    if _VERSIONS.search(question) and _CHANGES.search(question):
        return True
    words = [word for word in _QUESTION_WORD.findall(question) if word.casefold() not in MIXED.stop_words]
    return len(words) <= MOST_SAID and any(map(_CAPITALS.fullmatch, words))  # "What is a PLIC?"


def is_entry(text: str, line: Range) -> bool:
    """Whether a line is an entry of a table of contents: leaders, or page numbers at its end and at a neighbour's."""
    written = text[slice(*line)]
    if LEADERS.search(written) or "…" in written:
        return True
    if not _PAGE_AT_END.search(written) or is_row(written):
        return False
    above = text[: line[0]].rstrip().rpartition("\n")[2]
    below = text[line[1] :].lstrip().partition("\n")[0]
    return any(_PAGE_AT_END.search(neighbour.rstrip()) for neighbour in (above, below))


def leads_to_page(text: str, place: Range) -> bool:
    """Whether a sentence ends in leaders and the number of a page."""
    return _LED_PAGE.search(text, *place) is not None


def are_pages(figures: Sequence[str]) -> bool:
    """Whether the figures at the ends of a table's rows are numbers of pages: whole, enough, and never falling."""
    numbers = [int(figure) for figure in figures if figure.isdecimal()]
    return len(numbers) == len(figures) >= FEWEST_LED and numbers == sorted(numbers) and numbers[-1] <= MOST_PAGES


@dataclass(frozen=True, slots=True, kw_only=True)
class _ListEntry:
    """A line that ends in what may be the number of a page."""

    line: int
    style: str  # what numbers must have in common to be compared
    page: tuple[int, ...]  # 12, or 3 and 12 for 3-12
    leaders: bool
    title: int  # its characters, 0 if it stands elsewhere


@dataclass(frozen=True, slots=True)
class _PageLines:
    """The lines of a page."""

    places: list[Range]
    written: list[str]

    @classmethod
    def of(cls, text: str) -> Self:
        places = lines(text)
        return cls(places, [text[slice(*place)] for place in places])

    def characters(self, first: int, last: int) -> Range:
        """The characters from one line to another."""
        return self.places[first][0], self.places[last][1]

    def runs(self) -> Iterator[list[_ListEntry]]:
        """Entries near each other whose numbers ascend."""
        entries = [entry for number, line in enumerate(self.written) if (entry := _entry(number, line))]
        run: list[_ListEntry] = []
        pages: dict[str, tuple[int, ...]] = {}
        for entry in entries:
            if run and (entry.line - run[-1].line > NEXT or entry.page < pages.get(entry.style, entry.page)):
                yield _trimmed(run)
                run, pages = [], {}
            run.append(entry)
            pages[entry.style] = entry.page
        if run:
            yield _trimmed(run)

    def extent(self, run: Sequence[_ListEntry]) -> tuple[int, int]:
        """The lines of a list: above numbers that stand apart, their titles, too."""
        first = run[0].line
        if not run[0].title:
            most = max(first - SPREAD * len(run), 0)
            while first > most and _is_title(self.written[first - 1]):
                first -= 1
        return first, run[-1].line

    def index(self, last_page: int) -> Iterator[tuple[int, int]]:
        """Terms in the order of the alphabet, each before the numbers of its pages."""

        def is_term(line: str) -> bool:
            match = _TERM.match(line) if len(line) <= LONGEST_ENTRY else None
            numbers = [int(number) for number in re.findall("[0-9]+", match[1])] if match else []
            return bool(numbers) and max(numbers) <= last_page and numbers[0] == min(numbers)

        for run in self._near(is_term, NEXT):
            initials = [self.written[number][0].casefold() for number in run]
            ordered = sum(left <= right for left, right in pairwise(initials))
            if len(run) >= FEWEST_TERMS and ordered >= IN_ORDER * (len(run) - 1) and len(set(initials)) > 1:
                yield run[0], run[-1]

    def short_forms(self) -> Iterator[tuple[int, int]]:
        """Capitals before the words that they stand for."""
        for run in self._near(_explains, 2):
            if len(run) >= FEWEST_SHORT_FORMS and 2 * len(run) >= run[-1] - run[0] + 1:
                yield run[0], run[-1]

    def versions(self) -> Iterator[tuple[int, int]]:
        """Versions that follow each other, and what changed in each."""
        for run in self._near(lambda line: _VERSION.match(line) is not None, VERSION_LINES):
            matches = [match for line in run if (match := _VERSION.match(self.written[line]))]
            numbers = [number for match in matches for number in match.groups() if number]
            steps = [tuple(map(int, number.partition("-")[0].split("."))) for number in numbers]
            down = sum(left >= right for left, right in pairwise(steps))
            up = sum(left <= right for left, right in pairwise(steps))
            if len(set(numbers)) >= FEWEST_VERSIONS and max(down, up) >= IN_ORDER * (len(run) - 1):
                last = run[-1]
                while last + 1 < len(self.written) and is_item(self.written[last + 1]):
                    last += 1
                yield run[0], last

    def _near(self, matches: Callable[[str], bool], distance: int) -> Iterator[list[int]]:
        """The numbers of lines that match, in groups of those near each other."""
        numbers = [number for number, line in enumerate(self.written) if matches(line)]
        return grouped(numbers, lambda run, number: number - run[-1] <= distance)


def _entry(number: int, line: str) -> _ListEntry | None:
    if len(line) > LONGEST_ENTRY:
        return None
    words = line.split()
    label = _LEADERS.split(words[-1])[-1]
    match = _LABEL.fullmatch(label)
    if match is None:
        return None
    before = words[-2] if len(words) > 1 else ""
    leaders = label != words[-1] or (before != "" and (set(before) <= _DOTS or before.endswith(("...", "…"))))
    title = line[: len(line) - len(label)].rstrip("._·…‥-– ")
    if title and not _WORD.search(title):
        return None
    if before in _CURRENCIES or (not leaders and is_row(line) and not _YEAR.fullmatch(before)):
        return None
    prefix, chapter, page, roman = match.groups()
    if roman:
        return _ListEntry(line=number, style="i", page=(numeral_value(roman),), leaders=leaders, title=len(title))
    value = (int(chapter[:-1]), int(page)) if chapter else (int(page),)
    style = f"{prefix or ''}{len(value)}"
    return _ListEntry(line=number, style=style, page=value, leaders=leaders, title=len(title))


def _trimmed(run: list[_ListEntry]) -> list[_ListEntry]:
    """The entries without the page's own number at its head or foot; numbers alone stay as they are."""
    titled = [place for place, entry in enumerate(run) if entry.title]
    return run[titled[0] : titled[-1] + 1] if 2 * len(titled) > len(run) else run


def _is_title(line: str) -> bool:
    """Whether a line above numbers may be a title: a sentence ends in a full stop, leaders in many."""
    return _WORD.search(line) is not None and (line[-1] not in ".,;" or line.endswith(("...", ". .")))


def _leads_on(run: Sequence[_ListEntry], number: int, pages: int, carry: Mapping[str, tuple[int, ...]]) -> bool:
    """Whether a run of entries is a list of what stands on the document's pages, of which this is the `number`-th."""
    led = 2 * sum(entry.leaders for entry in run) >= len(run)
    is_column = 2 * sum(entry.title == 0 for entry in run) >= len(run)
    fewest = FEWEST_APART if is_column else FEWEST_LED if led else FEWEST_BARE
    plain = [entry.page[0] for entry in run if entry.style == "1"]
    if plain and plain[0] < number - FRONT_MATTER:
        fewest *= 2  # it lists what lies far behind: a contract's contents in an annex, or a table
    goes_on = not is_column and carry.get(run[0].style, (sys.maxsize,)) <= run[0].page  # from the page before
    if goes_on:
        fewest = 2
    if len(run) < fewest or 2 * len({(entry.style, entry.page) for entry in run}) <= min(fewest, len(run)):
        return False
    if plain and plain[-1] > SPREAD * pages + FRONT_MATTER:
        return False
    steps = [right - left for left, right in pairwise(plain)]
    title = sum(entry.title for entry in run) / len(run)
    even, close = len(set(steps)) == 1, 0 <= max(steps, default=-1) <= SMALL_STEP
    if not led and not goes_on and ((even and title < LABEL) or (close and title < SHORT_LABEL)):
        return False
    return len(run) >= SPARSEST * (run[-1].line - run[0].line + 1)


def _explains(line: str) -> bool:
    """Whether a line gives a short form and words that begin with its letters."""
    match = _SHORT_FORM.match(line) if len(line) <= LONGEST_ENTRY else None
    if match is None:
        return False
    letters = [letter for letter in match[1].casefold() if letter.isalpha()]
    initials = [word[0].casefold() for word in re.findall(r"[^\W_]+", match[2])]
    if letters[0] != initials[0]:
        return False
    remainder, common = iter(initials), 0
    for letter in letters:
        common += letter in remainder
    return common >= max(2, len(letters) / 2)


def _merged(ranges: Sequence[Range], text: str) -> list[Range]:
    """The same without overlaps; the whole page, if hardly anything stands beside them."""
    groups = grouped(sorted(ranges), lambda group, following: following[0] <= max(end for _, end in group))
    merged = [(group[0][0], max(end for _, end in group)) for group in groups]
    beside = len(text) - sum(end - start for start, end in merged)
    return [(0, len(text))] if merged and beside <= min(MOST_BESIDE, SHARE_BESIDE * len(text)) else merged
