"""From the lines of a page to its tables, and what is none: prose, lists, addresses, contents."""

import re
from collections.abc import Iterable, Iterator, Sequence

from recto.text.contents import are_pages
from recto.text.grids.columns import PAIR, blocks
from recto.text.grids.drafts import Spans, TableDraft, drafts
from recto.text.grids.heads import GridRow, are_labelled, column_heads, head_rows, row_groups, units_of
from recto.text.grids.lines import upright
from recto.text.grids.overleaf import continued
from recto.text.grids.regions import regions
from recto.text.grids.rows import is_figure, is_number
from recto.text.memory import remembered
from recto.types import Cell, Grid, Page

ABOVE = 4  # lines above a table that may name its units
REMEMBERED = 256  # pages, 4 MB: 163 questions of nine documents, in any order, read 3 of 4 again
FEWEST_ROWS = 2  # with figures, heads not counted; without figures one more, with heads
TEXT_COLUMNS = 3  # of a table without figures: two are a letter's head or two columns of text, unless rows are padded
WORDY = 8  # words: cells that are longer on the average are columns of text
FILLED = 0.4  # of the places in rows and columns: a table has less blank

_PAGE_HEAD = re.compile(r"pages?|seiten?|p[áa]ginas?|pagin[ae]|no\.", re.IGNORECASE)
_MARKER = re.compile(r"[^\w\s]|\(?(?:\d{1,2}|[a-zA-Z]|[ivxIVX]{1,5})[.)]|\d{1,2}(?:\.\d{1,2}){0,3}\.?")


def grids(page: Page, *, boxed: bool = True) -> list[Grid]:
    """The tables of a page, from the top; those that go on from the page before have no heads of their own.

    Their cells have no boxes unless these are asked for: who looks at the text alone is spared a fifth of the time.
    """
    tables = []
    spans = page.spans.tolist()
    for region_lines in regions(upright(page)):
        for block in blocks(region_lines):
            top = block.lines[0].top
            above = [line.text for line in region_lines if line.bottom <= top + line.height / 2][-ABOVE:]
            for draft in drafts(block, region_lines, spans):
                if is_table(draft):
                    tables.append((draft.rows[0][0].y0, _grid(page, draft, above, spans, boxed=boxed)))
                above = []
    return [grid for _, grid in sorted(tables, key=lambda table: table[0])]


@remembered(REMEMBERED)
def page_grids(page: Page) -> list[Grid]:
    """The tables of a page, without boxes: a page that is read anew, since its document has changed, is another one."""
    return grids(page, boxed=False)


def grids_in_order(pages: Iterable[Page]) -> Iterator[list[Grid]]:
    """The tables of neighbouring pages, each with the heads of the page before where it goes on from there."""
    before: tuple[Page, list[Grid]] | None = None
    for page in pages:
        tables = grids(page)
        if before and tables:
            tables = [continued(tables[0], page, before[1], before[0]), *tables[1:]]
        yield tables
        before = page, tables


def is_table(draft: TableDraft) -> bool:
    """Whether rows and columns are a table, and no list, address or columns of text."""
    cells = [cell for row in draft.rows for cell in row]
    heads = head_rows(draft.rows, draft.columns)
    body = [row for row in draft.rows[heads:] if len(row) > 1]
    if not body or len(cells) < FILLED * draft.columns * len(draft.rows):
        return False
    labels = [row[0].text for row in body if row[0].first == 0]
    if draft.columns == 2 and labels and all(map(_MARKER.fullmatch, labels)):
        return False  # a list: markers, and what they mark
    if is_contents(body, draft.rows[:heads]):
        return False
    if any(holds_figures(body, column) for column in range(1, draft.columns)):
        single = len(body) == 1 and heads > 0 and (len(body[0]) >= TEXT_COLUMNS or are_labelled_below(draft.rows))
        return len(body) >= FEWEST_ROWS or single
    if len(draft.rows) > FEWEST_ROWS and are_labelled(draft.rows, draft.columns):
        return True
    wordy = sum(len(cell.text.split()) for cell in cells) > WORDY * len(cells)
    rows_enough = len(body) >= FEWEST_ROWS + (draft.columns < TEXT_COLUMNS)
    return rows_enough and (draft.padded or draft.columns >= TEXT_COLUMNS) and (draft.padded or not wordy)


def holds_figures(body: Sequence[GridRow], column: int) -> bool:
    """Whether most cells of a column are figures."""
    texts = [cell.text for row in body for cell in row if cell.first == column]
    return 2 * sum(map(is_figure, texts)) >= max(len(texts), 1)


def are_labelled_below(rows: Sequence[GridRow]) -> bool:
    """Whether two rows are labels with a figure below each."""
    return len(rows) == PAIR and len(rows[0]) == len(rows[1]) and all(is_figure(cell.text) for cell in rows[1])


def is_contents(body: Sequence[GridRow], heads: Sequence[GridRow]) -> bool:
    """Whether rows are entries of contents: words, and the number of a page, which never falls."""
    if any(len(row) > len(heads) + 3 for row in body) or (heads and not _PAGE_HEAD.fullmatch(heads[-1][-1].text)):
        return False
    titles = all(not is_number(cell.text) or _MARKER.fullmatch(cell.text) for row in body for cell in row[:-1])
    return titles and are_pages([row[-1].text for row in body])


def untitled(draft: TableDraft) -> tuple[list[GridRow], str]:
    """The rows of a table without lines above its heads that stand alone, and the units that these name."""
    table_rows = list(draft.rows)
    units = ""
    while len(table_rows) > FEWEST_ROWS and len(table_rows[0]) == 1:
        row_units = units_of(table_rows[0][0].text)
        if not row_units and (table_rows[0][0].first or head_rows(table_rows, draft.columns) == 0):
            break
        units = units or row_units
        table_rows.pop(0)
    return table_rows, units


def _grid(page: Page, draft: TableDraft, above: Sequence[str], spans: Spans, *, boxed: bool) -> Grid:
    """The table of a draft, with the units that a line above it names."""
    table_rows, units = untitled(draft)
    heads = head_rows(table_rows, draft.columns)
    units = units or next(filter(None, map(units_of, reversed(above))), "")
    middles = middles_of(table_rows[max(heads - 1, 0) :], draft.columns)
    groups, names = row_groups(table_rows, heads)
    cells = [
        Cell(
            row=number,
            columns=(cell.first, cell.end),
            text=cell.text,
            ranges=(ranges := _ranges(cell.numbers, spans)),
            rects=tuple(rect for start, end in ranges for rect in page.rects(start, end)) if boxed else (),
        )
        for number, row in enumerate(table_rows)
        for cell in row
    ]
    return Grid(
        page=page.number,
        rows=len(table_rows),
        columns=draft.columns,
        cells=tuple(cells),
        head_rows=heads,
        heads=column_heads(table_rows[:heads], draft.columns, middles),
        heads_page=page.number,
        units=units,
        group_rows=names,
        groups=groups,
    )


def middles_of(table_rows: Sequence[GridRow], columns: int) -> list[float]:
    """The middle of each column across."""
    middles = []
    for column in range(columns):
        cells = [cell for row in table_rows for cell in row if cell.first == column and cell.alone]
        middles.append((min(c.x0 for c in cells) + max(c.x1 for c in cells)) / 2 if cells else 0.0)
    return middles


def _ranges(numbers: Sequence[int], spans: Spans) -> tuple[tuple[int, int], ...]:
    """The characters of words, those next to each other in the text as one range."""
    ranges: list[tuple[int, int]] = []
    last = -2
    for number in numbers:
        start, end = spans[number]
        if number == last + 1:
            ranges[-1] = ranges[-1][0], end
        else:
            ranges.append((start, end))
        last = number
    return tuple(ranges)
