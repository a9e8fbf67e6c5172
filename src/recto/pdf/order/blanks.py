"""Lines to write on, made of underscores or dots: what is written on one stands in its place, behind its label."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recto.pdf.boxes import around_each, level
from recto.pdf.run import NEWLINE, SPACE, Run, decode, distinct, pieces, stretches
from recto.types import Floats

UNDERSCORE, DOT = 0x5F, 0x2E
LEAST = 4  # signs, with spaces between them or not: names in code have up to two underscores, a pause has three dots
PHRASE = 1.0  # heights between two words from which one is no longer written on the same line
ON_LINE = 0.5  # of the lower of two heights: what is written stands on its line by so much, and over it by so much
BESIDE = 1.0  # heights that what is written may begin behind its line of underscores
NEW_SPACE = -2  # of a row: a space that the page does not have


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Segments:
    """Stretches of a page's characters, in the order of drawing: lines to write on, and what lies between them.

    `spans` (m, 2): first and last ink and one; `boxes` (m, 4), with widths in heights of the page; `signs` (m,): the
    code point that a line to write on is made of, else 0.
    """

    spans: NDArray[np.int64]
    boxes: Floats
    signs: NDArray[np.int64]

    @classmethod
    def of(cls, run: Run, lines: NDArray[np.int64], aspect: float) -> "Segments":
        """Those around lines to write on, (k, 2)."""
        rows = np.flatnonzero(run.ink & ~np.isnan(run.boxes[:, 0]))
        edges = np.concatenate((pieces(run, PHRASE * aspect).spans[:, 0], lines.ravel()))
        heads = distinct(np.searchsorted(rows, edges))
        heads = heads[heads < len(rows)]
        ends = rows[np.append(heads[1:], len(rows)) - 1] + 1
        heights = (run.boxes[rows] / np.array((aspect, 1, aspect, 1))).astype(np.float32)
        signs = np.where(np.isin(rows[heads], lines[:, 0]), run.codes[rows[heads]], 0)
        return cls(
            spans=np.column_stack((rows[heads], ends)), boxes=around_each(heights, heads), signs=signs.astype(np.int64)
        )

    def written_on(self, line: int) -> NDArray[np.int64]:
        """The segments that stand on a line, or close behind one of underscores without being drawn next to it."""
        box, boxes = self.boxes[line], self.boxes
        over = np.minimum(boxes[:, 2], box[2]) - np.maximum(boxes[:, 0], box[0]) > ON_LINE * (boxes[:, 2] - boxes[:, 0])
        behind = (boxes[:, 0] - box[2]) / (box[3] - box[1])
        beside = (self.signs[line] == UNDERSCORE) & (behind >= 0) & (behind < BESIDE)
        beside[: line + 2] = False
        return np.flatnonzero((over | beside) & (self.signs == 0) & level(boxes, box[None], ON_LINE))

    def arranged(self, run: Run, places: NDArray[np.int64]) -> Run:
        """The characters with segments at the places of others, which are then no text any more, or at their own."""
        moved = places != np.arange(len(places))
        order = np.lexsort((np.where(moved, self.boxes[:, 0], -1), places))
        order = order[~np.isin(order, places[moved])]
        signs = moved | (self.signs == UNDERSCORE)
        parts = [np.arange(self.spans[0, 0])]
        for number, following in zip(order.tolist(), order[1:].tolist(), strict=False):
            gap = np.arange(self.spans[places[number], 1], self.spans[places[following], 0])
            letter_before, letter_behind = (
                chr(run.codes[row]).isalnum() for row in (self.spans[number, 1] - 1, self.spans[following, 0])
            )
            if following != number + 1 or moved[number] or moved[following] or not gap.size:
                glued = (signs[number] and letter_behind) or (signs[following] and letter_before)
                is_space = gap.size or glued or moved[following]
                gap = np.array([-1] if (run.codes[gap] == NEWLINE).any() else [NEW_SPACE] * bool(is_space), np.int64)
            parts += [np.arange(*self.spans[number]), gap]
        rows = np.concatenate((*parts, np.arange(*self.spans[order[-1]]), np.arange(self.spans[-1, 1], len(run.codes))))
        arranged = run.take(rows)
        arranged.codes[rows == NEW_SPACE] = SPACE
        return arranged


def filled(run: Run, aspect: float) -> Run:
    """Put what is written on lines of underscores or dots where these are; others part from the words beside them.

    `aspect` is the page's height by its width.
    """
    lines = np.concatenate([stretches_of(run.codes, sign) for sign in (UNDERSCORE, DOT)])
    if not len(lines) or np.isnan(run.boxes[lines[:, 0]]).any():
        return run
    segments, text = Segments.of(run, lines, aspect), decode(run.codes)
    places = np.arange(len(segments.signs))
    for line in np.flatnonzero(segments.signs).tolist():
        for number in segments.written_on(line).tolist():
            if any(map(str.isalnum, text[slice(*segments.spans[number])])):
                places[number] = line
    return segments.arranged(run, places)


def stretches_of(codes: NDArray[np.uint32], sign: int) -> NDArray[np.int64]:
    """Where a sign is repeated so often that it makes a line to write on: from and to, (m, 2)."""
    rows = np.flatnonzero(codes == sign)
    if len(rows) < LEAST:
        return np.zeros((0, 2), np.int64)
    steps = np.diff(rows)
    edges = stretches((steps == 1) | ((steps == 2) & (codes[rows[:-1] + 1] == SPACE)))
    edges = edges[edges[:, 1] - edges[:, 0] >= LEAST - 1]
    return np.column_stack((rows[edges[:, 0]], rows[edges[:, 1]] + 1))
