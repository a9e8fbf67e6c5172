"""What of a page is quoted together: the rows of a table below their heads, a list below what introduces it."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from recto.answer.evidence import CandidateSentence, SourcePage
from recto.answer.rows import FILLED, MATCHING, SCREEN, RowMatch, TableMatch, within_screen
from recto.text.lists import List, announces, follows, lists
from recto.text.sentences import Range, cut, is_labelled
from recto.text.tables import Table, continued, is_caption, may_go_on, names_columns
from recto.types import Span

REACH = 6  # headings and lines of units that may stand between a heading and the table that it announces
NEAR = 2  # the same for a list: short lines further above are lines of their own


@dataclass(frozen=True, slots=True)
class Part:
    """A place of a page, and what is left out behind it: "12 more rows"."""

    page: SourcePage
    place: Range
    more: str = ""

    @property
    def text(self) -> str:
        """Its words."""
        return self.page.text[slice(*self.place)]

    @property
    def span(self) -> Span:
        """What cites it."""
        return Span(self.page.doc, self.page.number, *self.place)

    def overlaps(self, part: "Part") -> bool:
        """Whether both have words in common."""
        (start, end), (first, last) = self.place, part.place
        return self.page.key == part.page.key and first < end and start < last


@dataclass(frozen=True, slots=True)
class TableBlock:
    """A table held against the question, with the heads on the page before if it goes on from there."""

    page: SourcePage
    table: Table
    overleaf: Part | None
    match: TableMatch

    def quote(self, leads: Sequence[int], match: RowMatch) -> tuple[Part, ...]:
        """The rows that answer, and those that sentences led to; where there are none, the first."""
        page, table = self.page, self.table
        order, compares = self.match.answering(match), match.compares(self.match.heads)
        # Rows that answer by their words need no others that were only led to.
        ranges = [page.sentences[lead] for lead in (leads[:1] if order else leads)]
        titles = [place for place in ranges if place[1] <= table.rows[0].place[0] or place[0] >= table.end]
        titles += [place for lead in leads[1:] if self._states(place := page.sentences[lead], match)]
        heads = [*titles, *([table.heads] if table.heads and not self.overleaf else [])]
        order += [number for number in self._led_to(ranges) if number not in order]
        room = SCREEN - sum(end - start for start, end in heads) if order or compares else FILLED
        if compares or not order:
            order += [number for number in range(len(table.rows)) if number not in set(order)]
        row_numbers = within_screen([row.place for row in table.rows], order, room)
        groups = [group for number in row_numbers if (group := table.rows[number].group)]
        places = [*heads, *groups, *(table.rows[number].place for number in row_numbers)]
        left_out = len(table.rows) - len(row_numbers)
        more = f"{left_out} more row{'s' * (left_out > 1)}" if left_out else ""
        *above, last = [*([self.overleaf] if self.overleaf else []), *_parts(page, places)]
        return (*above, replace(last, more=more))

    def _states(self, place: Range, match: RowMatch) -> bool:
        """Whether a sentence ends in a colon, or is a fact above the heads with asked words: "Paid 28/08/2026"."""
        text = self.page.text[slice(*place)]
        above = place[0] < (self.table.heads or self.table.rows[0].place)[0]
        is_head = is_caption(text) or names_columns(text)
        fact = is_labelled(text) or any(map(str.isdigit, text))
        return text[-1] == ":" or (above and not is_head and fact and match.coverage(text) > 0)

    def _led_to(self, ranges: Sequence[Range]) -> list[int]:
        """The rows that hold these sentences, and the first ones of the groups that are named by them."""
        numbers: list[int] = []
        for start, end in ranges:
            rows = [number for number, row in enumerate(self.table.rows) if row.place[0] < end and start < row.place[1]]
            group_rows = [
                number for number, row in enumerate(self.table.rows) if row.group and start <= row.group[0] < end
            ]
            numbers += rows or group_rows[:MATCHING]
        return list(dict.fromkeys(numbers))


@dataclass(frozen=True, slots=True)
class ListBlock:
    """A list, with its items on the next page if it goes on there."""

    page: SourcePage
    list: List
    overleaf: tuple[Part, ...]

    def quote(self, leads: Sequence[int], match: RowMatch) -> tuple[Part, ...]:
        """All of it, if what introduces it answers or several items do; else the item below the introduction."""
        page, items = self.page, self.list.items
        introduction = [] if self.list.introduction is None else [self.list.introduction]
        led_to = [number for number, (first, end) in enumerate(items) if any(first <= lead < end for lead in leads)]
        whole = match.compares() or len(led_to) != 1 or len(leads) > 1
        places = [(page.sentences[first][0], page.sentences[end - 1][1]) for first, end in items]
        parts = [*(Part(page, place) for place in places), *self.overleaf]
        room = SCREEN - sum(page.sentences[number][1] - page.sentences[number][0] for number in introduction)
        order = led_to + [number for number in range(len(parts)) if whole and number not in set(led_to)]
        if sum(len(part.text) for part in parts) > room:  # those that hold more of the question go first
            order.sort(key=lambda number: (number not in led_to, -match.coverage(parts[number].text)))
        part_numbers = sorted(within_screen([part.place for part in parts], order, room))
        own = [parts[number].place for number in part_numbers if number < len(items)]
        above = [page.sentences[number] for number in introduction]
        further_places = [parts[number].place for number in part_numbers if number >= len(items)]
        overleaf = _parts(self.overleaf[0].page, further_places) if further_places else []
        left_out = [parts[number] for number in range(len(parts)) if number not in set(part_numbers)]
        further = [part.page.number + 1 for part in left_out if part.page is not page]
        more = f"and {len(left_out)} more" if left_out else ""
        *before, last = [*_parts(page, [*above, *own]), *overleaf]
        return (*before, replace(last, more=f"{more}, page {further[0]}" if further else more))


@dataclass(frozen=True, slots=True)
class OverleafBlock:
    """What the last lines of a page announce, at the top of the next page."""

    parts: tuple[Part, ...]

    @classmethod
    def of(cls, page: SourcePage, index: int, match: RowMatch) -> Self | None:
        """What a sentence announces, if it and all below it on its page announce; None if that is not overleaf."""
        last = len(page.sentences)
        while last > index + 1 and not any(map(str.isalpha, page.text[slice(*page.sentences[last - 1])])):
            last -= 1  # the page's number
        below = page.sentences[index:last]
        if len(below) > REACH or not all(announces(page.text, place) for place in below):
            return None
        after = page.neighbour(1)
        if after is None or not after.sentences:
            return None
        parts = tuple(cls.announced(Part(page, (below[0][0], below[-1][1])), after, match))
        return cls(parts) if parts else None

    def quote(self, leads: Sequence[int], match: RowMatch) -> tuple[Part, ...]:
        """All of it: only its first line leads to it."""
        return self.parts

    @staticmethod
    def announced(heads: Part, after: SourcePage, match: RowMatch) -> Iterable[Part]:
        """These lines and what stands below them on the page after; nothing if that is only a heading's prose."""
        table = next(iter(after.tables), None)
        if table and may_go_on(table, after.text):
            table_match = TableMatch.of(after.text, table, heads.text, match)
            return TableBlock(after, table, heads, table_match).quote((), match)
        block = next(iter(lists(after.text, after.sentences)), None)
        if block and block.first == 0:
            return heads, *ListBlock(after, block, ()).quote((), match)
        return (heads, Part(after, after.sentences[0])) if heads.text[-1] == ":" else ()


Block = TableBlock | ListBlock | OverleafBlock


@dataclass(frozen=True, slots=True)
class PageBlocks:
    """The tables and lists of a page, each by where it starts."""

    page: SourcePage
    tables: tuple[TableBlock, ...]
    lists: tuple[ListBlock, ...]

    @classmethod
    def of(cls, page: SourcePage, match: RowMatch) -> Self:
        """Look at the page once, and at its neighbours if a table or a list goes on there."""
        blocks = [
            ListBlock(page, block, tuple(further_items(page, block)) if block.end == len(page.sentences) else ())
            for block in lists(page.text, page.sentences)
        ]
        return cls(page, tuple(_tables(page, match)), tuple(blocks))

    def block(self, index: int) -> Block | None:
        """What a sentence is part of, or announces; None for running text."""
        if block := self._around(index):
            return block
        text, sentences = self.page.text, self.page.sentences
        for following in range(index + 1, min(index + 1 + REACH, len(sentences))):
            if not announces(text, sentences[following - 1]):
                break
            block = self._around(following)
            if isinstance(block, TableBlock) or (block and self._is_near(index, following)):
                return block
        below = index and is_caption(text[slice(*sentences[index])])
        return self._around(index - 1) if below else None

    def _is_near(self, index: int, following: int) -> bool:
        """Whether a line stands so close above another one, and in the same section, that it may announce it."""
        headings = [place in self.page.headings for place in self.page.sentences[index : following + 1]]
        return following - index <= NEAR and (headings[0] or not any(headings))

    def _around(self, index: int) -> Block | None:
        number = bisect_right(self.lists, index, key=lambda block: block.list.first) - 1
        if number >= 0 and index < self.lists[number].list.end:
            return self.lists[number]
        start, end = self.page.sentences[index]
        number = bisect_left(self.tables, end, key=lambda block: block.table.start) - 1
        return self.tables[number] if number >= 0 and start < self.tables[number].table.end else None

    def sentence_at(self, start: int) -> int:
        """The sentence that holds a character of the page."""
        return max(bisect_right(self.page.sentences, start, key=lambda place: place[0]) - 1, 0)


@dataclass(frozen=True, slots=True)
class Layout:
    """The tables and lists of pages, looked for and held against the question once."""

    pages: Mapping[tuple[str, int, bool], PageBlocks]  # by `SourcePage.key`
    match: RowMatch

    @classmethod
    def of(cls, sentences: Iterable[CandidateSentence], match: RowMatch) -> Self:
        """Those of the pages of these sentences."""
        pages = {sentence.page.key: sentence.page for sentence in sentences}
        return cls({key: PageBlocks.of(page, match) for key, page in pages.items()}, match)

    def block(self, sentence: CandidateSentence) -> Block | None:
        """What a sentence is part of, or announces, be it overleaf; None for running text."""
        on_page = self.pages[sentence.page.key].block(sentence.index)
        return on_page or OverleafBlock.of(sentence.page, sentence.index, self.match)


def _tables(page: SourcePage, match: RowMatch) -> Iterable[TableBlock]:
    for number, table in enumerate(page.tables):
        overleaf = None
        if number == 0 and may_go_on(table, page.text) and (before := page.neighbour(-1)):
            place = continued(table, page.text, before.tables, before.text)
            overleaf = Part(before, place) if place else None
        heads = page.text[table.start : table.rows[0].place[0]]
        heads = f"{overleaf.text}\n{heads}" if overleaf else heads
        yield TableBlock(page, table, overleaf, TableMatch.of(page.text, table, heads, match))


def further_items(page: SourcePage, block: List) -> Iterable[Part]:
    """The items at the top of the next page that go on with a list at the end of its own."""
    after = page.neighbour(1)
    if after is None or not after.sentences:
        return
    item = page.text[slice(*page.sentences[block.items[-1][0]])]
    for place in after.sentences:
        if not follows(item, after.text[slice(*place)]):
            return
        item = after.text[slice(*place)]
        yield Part(after, place)


def _parts(page: SourcePage, places: Iterable[Range]) -> list[Part]:
    """The places in order, none twice, neighbours as one, none longer than a sentence may be."""
    parts: list[Part] = []
    for start, end in sorted(set(places)):
        if not parts or page.text[parts[-1].place[1] : start].strip():
            parts.append(Part(page, next(iter(cut(page.text, start, end)))))
        elif end > parts[-1].place[1]:
            parts[-1] = Part(page, (parts[-1].place[0], end))
    return parts
