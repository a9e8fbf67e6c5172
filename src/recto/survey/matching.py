"""Every place of a document that matches what is to be listed: lists and tables of it, headings, or sentences."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import takewhile

import numpy as np

from recto.answer.blocks import Part, further_items
from recto.answer.context import headed
from recto.answer.evidence import PageReader, SourcePage
from recto.answer.quote import Quote
from recto.index_types import PageKey
from recto.search.overview import heading_line
from recto.storage import Store
from recto.text.analyse import term_ids
from recto.text.languages import MIXED
from recto.text.languages.language import any_of
from recto.text.lists import List, announces, lists
from recto.text.requests import Listing
from recto.text.sentences import Range, is_item, is_row
from recto.text.tables import is_caption
from recto.types import JOINT, Document, Grid

FEWEST_HEADINGS = 3  # that name one of the things each: fewer are about something else
MOSTLY = 0.5  # of the words above a list: more of them are what is to be listed
SCANNED = 5000  # pages whose terms are looked at, one after the other: half a second
LONGEST_BLOCK = 6000  # characters of one list or table: three screens
LOOSE = 2  # how sure sentences are that but hold the words: less than lists of such things (0) and their headings (1)
NAMING_COLUMNS = 2  # of a table: the first ones say what its rows are
ABOVE = 3  # sentences above a list or table that may say what it is

_PREPOSITION = re.compile(
    rf"\b{any_of(MIXED.questions.prepositions | {'that', 'which', 'who', 'and', 'or'})}\b|[:(,]", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]+")
_COLLECTION = re.compile(  # "register of stations", "types of accounts"
    r"^\W*(?:(?:a|an|the|full|complete|whole)\s+)*(?:list(?:ing)?|register|table|overview|summary|catalogue|index|set|types?|"
    r"kinds?|numbers?|liste|verzeichnis|übersicht|tableau)\s+(?:of\s+|der\s+|des\s+|von\s+)",
    re.IGNORECASE,
)
_TOTAL = re.compile(  # of a row that is no thing as the others are: their sum, and what is added to it
    r"^\W*(?:(?:grand |sub-?)?total|sum|all|overall|value added tax|vat|(?:zwischen|gesamt)?summe|gesamt|insgesamt|"
    r"mehrwertsteuer|mwst|total général|ensemble|tva)\b(?! [^\W\d])|, all$",
    re.IGNORECASE,
)
_FIGURES = re.compile(r"\s+[\W_]*\d")  # behind the label of a row
_NUMBERING = re.compile(
    r"^(?:(?:chapter|section|part|appendix|table|figure|tabelle|tableau)\s+)?[\dA-Z]?[\d.]+[.:)]?\s+", re.I
)


@dataclass(frozen=True, slots=True)
class Match:
    """A place as it is quoted; how many of how many things it shows, and how often their words stand there."""

    quote: Quote
    things: int = 1
    shown: int = 1
    times: int = 0


@dataclass(frozen=True, slots=True)
class Thing:
    """What is to be listed, in terms."""

    listing: Listing
    terms: frozenset[int]
    sequence: tuple[int, ...] = field(repr=False)

    @classmethod
    def of(cls, listing: Listing) -> "Thing | None":
        """Its terms; None if it has none: nothing can be looked for then."""
        sequence = tuple(term_ids(listing.thing).tolist())
        return cls(listing, frozenset(sequence), sequence) if sequence else None

    def names(self, title: str, *, one: bool = False) -> bool:
        """Whether a heading or an introduction says that such things stand below it; or `one`, if it is called so.

        Below "Timer extension" stands one extension: a list of them is headed in the question's own form.
        """
        title = _COLLECTION.sub("", _NUMBERING.sub("", title))
        terms = set(term_ids(title).tolist())
        words = _WORD.findall(_PREPOSITION.split(title, maxsplit=1)[0].lower())
        nouns = {*words[:1], *words[-1:]}  # of "pumps of the plant" pumps; of "grants awarded in May" grants
        if one:
            return bool(set(term_ids(" ".join(words[-1:])).tolist()) & self.terms)
        return len(terms & self.terms) > MOSTLY * len(terms) or not self.words.isdisjoint(nouns)

    @property
    def words(self) -> set[str]:
        """The words themselves, as far as they are terms."""
        return {word for word in _WORD.findall(self.listing.thing.lower()) if term_ids(word).size}

    def times(self, text: str) -> int:
        """How often its words stand in a text one behind the other."""
        terms, length = tuple(term_ids(text).tolist()), len(self.sequence)
        return sum(terms[at : at + length] == self.sequence for at in range(len(terms) - length + 1))


@dataclass(frozen=True, slots=True)
class Finder:
    """Looks through one document."""

    document: Document
    thing: Thing
    reader: PageReader
    store: Store

    def matches(self, pages: Sequence[int]) -> tuple[int, list[Match]]:
        """All of these pages, in order: the lists and tables of such things, else headings, else sentences.

        The number says which, the least one is the surest.
        """
        sources = [self.reader.source(self.document.id, number) for number in pages]
        if self.thing.listing.mentions:
            return 0, [match for page in sources for match in self.mentions(page)]
        blocks, headings = [match for page in sources for match in self.blocks(page)], self.headings(pages)
        if blocks or headings:
            return int(len(headings) > len(blocks)), headings if len(headings) > len(blocks) else blocks
        return LOOSE, [match for page in sources for match in self.sentences(page)]

    # --- things under their name --------------------------------------------------------------------------------------
    def blocks(self, page: SourcePage) -> Iterator[Match]:
        """The lists and tables of a page that are said to hold such things, whole, in order."""
        text = page.text
        grids = [(*_extent(grid), grid) for grid in headed(page, partial(self.store.page, page.doc))]
        tables = [
            _block(page, start, _without_totals(page, _rows(grid)), "row")
            for start, _, grid in grids
            if self.heads(page, start, grid.heads[:NAMING_COLUMNS], grid.heads)
        ]
        rows = [
            _block(page, table.start, _without_totals(page, [row.place for row in table.rows]), "row")
            for table in page.tables
            if not any(start < table.end and table.start < end for start, end, _ in grids)
            if self.heads(page, table.rows[0].place[0], (), (text[slice(*(table.heads or (0, 0)))],))
        ]
        taken = [(start, end) for start, end, _ in grids]
        items = [
            self.whole_list(page, block)
            for block in lists(text, page.sentences)
            if not any(start <= page.sentences[block.first][0] < end for start, end in taken)
            and self.introduces(page, block.first, block.items[0][0])
        ]
        yield from sorted([*tables, *rows, *items], key=lambda match: match.quote.places[0])

    def introduces(self, page: SourcePage, first: int, item: int) -> bool:
        """Whether what stands above an item, from a sentence on, or the heading, names such things, with all words."""
        above = [page.sentences[number] for number in range(max(first - ABOVE, 0), item)]
        announcing = [page.text[slice(*place)] for place in above if announces(page.text, place)]
        return self.stands_below(page, page.sentences[item][0], announcing)

    def heads(self, page: SourcePage, first: int, naming: Sequence[str], heads: Sequence[str]) -> bool:
        """Whether a table that begins there is one of such things: by its first columns, title or the line above."""
        text = page.text
        above = [place for place in page.sentences if place[1] <= first][-ABOVE:]
        titles = [text[slice(*place)] for place in above if is_caption(text[slice(*place)]) or announces(text, place)]
        nearest = [text[slice(*place)] for place in above[-1:]]
        called = any(self.thing.names(head) or self.thing.names(head, one=True) for head in naming)
        return self.stands_below(page, first, [*titles, *nearest], heads, called=called)

    def stands_below(
        self, page: SourcePage, at: int, titles: Sequence[str], about: Sequence[str] = (), *, called: bool = False
    ) -> bool:
        """Whether a title or the heading names such things, and all words stand in them and in what is said beside."""
        path = self.heading(page, at)
        *_, title = path.split(JOINT)
        words = "\n".join([self.document.title, path, *titles, *about])
        names = called or any(map(self.thing.names, [title, *titles]))
        return names and self.thing.terms <= set(term_ids(words).tolist())

    def heading(self, page: SourcePage, at: int) -> str:
        """The path of headings above a character of a page; one within its passage stands nearer."""
        passages = self.store.passages(self.document.id, page.number)
        own = next((own for own in passages if own.span.start <= at < own.span.end), None)
        if own is None:
            return ""
        titles = {title for passage in passages for title in passage.heading.split(JOINT)}
        if page.number + 1 < self.document.pages:
            following = self.store.passages(self.document.id, page.number + 1)
            titles |= {title for passage in following for title in passage.heading.split(JOINT)}
        within = page.text[own.span.start : at].split("\n")
        return next((line for line in reversed(within) if line and line in titles), own.heading)

    def whole_list(self, page: SourcePage, block: List) -> Match:
        """A list with what introduces it and all its items, those overleaf, too."""
        start = page.sentences[block.first][0]
        items = [(page.sentences[first][0], page.sentences[end - 1][1]) for first, end in block.items]
        match = _block(page, start, items, "item")
        overleaf = tuple(further_items(page, block)) if block.end == len(page.sentences) else ()
        if not overleaf or match.shown < match.things:
            return match
        quote = replace(match.quote, parts=(*match.quote.parts, *overleaf))
        return Match(quote, things=match.things + len(overleaf), shown=match.shown + len(overleaf))

    def headings(self, pages: Sequence[int]) -> list[Match]:
        """The headings that name one of the things each."""
        places: dict[str, Match] = {}
        for number in pages:
            for passage in self.store.passages(self.document.id, number):
                for title in passage.heading.split(JOINT):
                    if title in places or not self.thing.names(title, one=True) or not self.all_in(title):
                        continue
                    if span := heading_line(self.store, passage.span, title):
                        page = self.reader.source(self.document.id, number)
                        places[title] = Match(Quote(page, (Part(page, (span.start, span.end)),), 0.0))
        return list(places.values()) if len(places) >= FEWEST_HEADINGS else []

    def all_in(self, title: str) -> bool:
        """Whether a heading has all words, the document's title beside it."""
        return self.thing.terms <= set(term_ids(f"{self.document.title}\n{title}").tolist())

    # --- wherever the words stand -------------------------------------------------------------------------------------
    def mentions(self, page: SourcePage) -> Iterator[Match]:
        """The sentences and rows of a page that hold the words one behind the other."""
        for place in page.sentences:
            if times := self.thing.times(page.text[slice(*place)]):
                yield Match(_quote(page, place), times=times)

    def sentences(self, page: SourcePage) -> Iterator[Match]:
        """The sentences and rows of a page that hold all words and say something."""
        for place in page.sentences:
            terms = set(term_ids(page.text[slice(*place)]).tolist())
            words = page.text[slice(*place)]
            says = words[-1] in ".!?;:" or is_item(words) or is_row(words)
            if self.thing.terms <= terms and len(terms) > len(self.thing.terms) and says:
                yield Match(_quote(page, place))


def matching_pages(thing: Thing, docs: Sequence[Document], store: Store) -> dict[str, list[int]]:
    """By document the pages whose passages hold all terms, with the headings above them.

    Of very many pages those are looked at that the keyword index finds: the best ones, by their own text.
    """
    terms = np.array(sorted(thing.terms), np.uint32)
    keys = [PageKey(document.id, number) for document in docs for number in range(document.pages)]
    if len(keys) > SCANNED:
        scores = store.lexical({"text": terms}, SCANNED, [document.id for document in docs])["text"]
        best = {page.key for page in scores}
        keys = [key for key in keys if key in best]
    pages: dict[str, list[int]] = {}
    for key, own in store.page_terms(keys).items():
        if own.passages and np.isin(terms, np.concatenate([own.text, *own.passages])).all():
            pages.setdefault(key.doc, []).append(key.page)
    return pages


def _extent(grid: Grid) -> Range:
    """Where a table stands on its page, heads and all."""
    places = [place for cell in grid.cells for place in cell.ranges]
    return min(start for start, _ in places), max(end for _, end in places)


def _rows(grid: Grid) -> list[Range]:
    """Where its rows below the heads stand."""
    places = {row: [place for cell in grid.cells if cell.row == row for place in cell.ranges] for row in grid.body}
    ranges = [(min(start for start, _ in own), max(end for _, end in own)) for own in places.values() if own]
    return ranges or [_extent(grid)]


def _without_totals(page: SourcePage, rows: Sequence[Range]) -> Sequence[Range]:
    """The rows of a table but for those at its end that sum up the others."""

    def sums_up(row: Range) -> bool:
        label, *_ = _FIGURES.split(page.text[slice(*row)], maxsplit=1)
        return _TOTAL.search(label) is not None

    totals = len(list(takewhile(sums_up, reversed(rows))))
    return rows[: len(rows) - totals] or rows


def _block(page: SourcePage, start: int, things: Sequence[Range], noun: str) -> Match:
    """Things that follow each other, as many as there is room for, from what stands above the first."""
    shown = max(sum(end - start <= LONGEST_BLOCK for _, end in things), 1)
    left_out = len(things) - shown
    more = f"{left_out} more {noun}{'s'[: left_out != 1]}" if left_out else ""
    part = Part(page, (min(start, things[0][0]), things[shown - 1][1]), more)
    return Match(Quote(page, (part,), 0.0), things=len(things), shown=shown)


def _quote(page: SourcePage, place: Range) -> Quote:
    return Quote(page, (Part(page, place),), 0.0)
