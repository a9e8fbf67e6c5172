"""Columns of prose put one after the other, on proof."""

import numpy as np
from numpy.typing import NDArray

from recto.pdf.run import Run, counts, stretches
from recto.types import Floats

# Two columns are proven by the measures that never fired on 148 pages of filings with tables; more columns likewise.
PIECES, PROSE_PIECES = 24, 20
PROSE_WIDTH = (0.09, 0.55)  # of the page: the lines of five columns, and of two
PLACES = np.linspace(0.08, 0.92, 169)  # where a gutter is looked for
CROSSING = 0.15  # of the pieces at most cross a gutter
ZIGZAG, LINES_ZIGZAG = 0.2, 0.35  # of all pieces, and of the full lines, follow one in another column, or below
# Half of a column's lines fill seven tenths of it, and three in ten begin within a sentence; or nearly all fill it.
FULL_LINE, FULL_LINES, WITHIN_SENTENCE, NEARLY_ALL = 0.7, 0.5, 0.3, 0.8
LETTERS = 0.6  # of the ink of a line of prose at least
FEWEST_LETTERS = 10.0  # a line of prose, on average
PITCH = 1.8  # heights from line to line at most; the cells of a column of words stand farther apart


def columns(run: Run, spans: NDArray[np.int64], boxes: Floats) -> NDArray[np.int64] | None:
    """The order that puts columns one after the other; None unless clean gutters are proven and the drawing zigzags."""
    if len(boxes) < PIECES or not _zigzags(boxes, ZIGZAG):
        return None
    letters, ink = (counts(run.codes > last, spans) for last in (ord("9"), ord(" ")))
    widths = boxes[:, 2] - boxes[:, 0]
    prose = (widths >= PROSE_WIDTH[0]) & (widths <= PROSE_WIDTH[1]) & (letters >= LETTERS * ink)
    if prose.sum() < PROSE_PIECES:
        return None
    # A table or a figure may stand above or below the columns.
    tall = 1.5 * float(np.median(boxes[:, 3] - boxes[:, 1]))  # a short line may come first, or last
    top, bottom = boxes[prose, 1].min() - tall, boxes[prose, 3].max() + tall
    middles = boxes[:, [1, 3]].mean(1)
    part = np.flatnonzero((middles >= top) & (middles <= bottom))
    gutters = _gutters(boxes[part], prose[part])
    begins_within = np.array([not chr(code).isupper() for code in run.codes[spans[part, 0]].tolist()])
    if not gutters.size or not _are_columns(boxes[part], letters[part], begins_within, gutters):
        return None
    rows = part[np.lexsort((boxes[part, 0], boxes[part, 1].round(3)))]
    above, below = np.flatnonzero(middles < top), np.flatnonzero(middles > bottom)
    return np.concatenate((above, _ordered(rows, boxes, gutters), below))


def _zigzags(boxes: Floats, share: float) -> bool:
    """Whether the drawing often leads to another column, or up."""
    aside = (boxes[1:, 0] >= boxes[:-1, 2]) | (boxes[1:, 2] <= boxes[:-1, 0])
    return bool((aside | (boxes[1:, 3] < boxes[:-1, 1])).sum() > share * len(boxes))


def _gutters(boxes: Floats, prose: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The middles of the clean gutters, each with enough pieces of prose between it and the next; or none."""
    crossing = ((boxes[:, :1] < PLACES) & (boxes[:, 2:3] > PLACES)).mean(0)
    gutters = []
    for first, end in stretches(crossing <= CROSSING).tolist():
        best = first + np.flatnonzero(crossing[first:end] == crossing[first:end].min())
        gutters.append(float(PLACES[best[len(best) // 2]]))
    middles = boxes[prose][:, [0, 2]].mean(1)
    # Numbers and bullets of lists, and the margins, are no columns of their own.
    counts = np.histogram(middles, [-np.inf, *gutters, np.inf])[0]
    columns = np.flatnonzero(counts * 4 * len(gutters) >= len(middles))
    return np.array([gutters[after - 1] for after in columns[1:].tolist()])


def _are_columns(
    boxes: Floats, letters: NDArray[np.int64], begins_within: NDArray[np.bool_], gutters: NDArray[np.float64]
) -> bool:
    """Whether the lines between the gutters fill their columns, close below each other, and are drawn out of order."""
    crosses = ((boxes[:, :1] < gutters) & (boxes[:, 2:3] > gutters)).any(1)
    column = np.where(crosses, -1, np.searchsorted(gutters, boxes[:, 0]))
    lines = np.zeros(len(boxes), bool)
    for number in range(len(gutters) + 1):
        rows = np.flatnonzero(column == number)
        if len(rows) < 2:
            return False
        widths, heights = boxes[rows, 2] - boxes[rows, 0], boxes[rows, 3] - boxes[rows, 1]
        full = widths >= FULL_LINE * np.percentile(widths, 95)
        pitch = np.median(np.diff(np.sort(boxes[rows, 1]))) / np.median(heights)
        if full.mean() < (FULL_LINES if begins_within[rows].mean() >= WITHIN_SENTENCE else NEARLY_ALL):
            return False
        if letters[rows].mean() < FEWEST_LETTERS or pitch > PITCH:
            return False
        lines[rows] = full
    # Figures and tables within columns are often drawn in an order of their own: the lines of text must be out of it.
    return _zigzags(boxes[lines], LINES_ZIGZAG)


def _ordered(rows: NDArray[np.int64], boxes: Floats, gutters: NDArray[np.float64]) -> NDArray[np.int64]:
    """Pieces from top to bottom put by columns: a cut along a gutter that none crosses, else around the widest one."""
    if not gutters.size or len(rows) < 2:  # a heading across, too
        return rows
    crosses = (boxes[rows, :1] < gutters) & (boxes[rows, 2:3] > gutters)
    free = np.flatnonzero(~crosses.any(0))
    if free.size:
        gutter = free[0]
        right = boxes[rows, 0] >= gutters[gutter]
        return np.concatenate(
            (
                _ordered(rows[~right], boxes, gutters[:gutter]),
                _ordered(rows[right], boxes, gutters[gutter + 1 :]),
            )
        )
    width = crosses.sum(1)
    cuts = np.flatnonzero(width == width.max())
    blocks = np.split(rows, np.repeat(cuts, 2) + np.tile((0, 1), len(cuts)))
    return np.concatenate([_ordered(block, boxes, gutters) for block in blocks])
