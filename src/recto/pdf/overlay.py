"""Where what lies above a page's content belongs in its text: values behind their labels, comments at the end.

PDFium gives what was flattened behind all else, in the order of the annotations: a label and its value stand apart.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from recto.pdf.annotations import Annotation, Role
from recto.pdf.boxes import inside
from recto.pdf.run import NEWLINE, blank, decode
from recto.types import Floats

LEVEL = 0.5  # of the lower of two heights: what overlaps by so much stands on one line
PHRASE = 1.0  # heights between two words of a line from which they are two labels
ABOVE = 2.5  # heights that a label may stand above its field
BESIDE = 3.0  # heights that a unit may stand to the right of a field without a label to its left
SLACK = 0.5  # heights by which a field may begin inside its label, as over a line of underscores
LEAST = 1e-3  # of the page: a note at its edge has a box inside it
LINE_ENDS = "\r\n"
GAP = "\n\n"  # ends a paragraph
CHECKED, UNCHECKED = "[x]", "[ ]"
LAST = 1 << 30  # behind all rows of a page

Bools = NDArray[np.bool_]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class OverlayText:
    """Characters in order: `rows` (n,) says which of the page's each is, -1 for one that is new."""

    rows: Rows
    codes: NDArray[np.uint32]
    boxes: Floats  # (n, 4), shares of the page
    comment: Bools  # (n,)

    @classmethod
    def new(cls, text: str, box: Floats | None = None, *, comment: bool = False) -> "OverlayText":
        """Characters that the page's content does not hold, all in one box or in none."""
        codes = np.frombuffer(text.encode("utf-32-le", "replace"), "<u4").astype(np.uint32)
        boxes = np.zeros((len(codes), 4)) if box is None else np.tile(box, (len(codes), 1))
        return cls(np.full(len(codes), -1), codes, boxes.astype(np.float32), np.full(len(codes), comment))

    @classmethod
    def joined(cls, parts: Sequence["OverlayText"]) -> "OverlayText":
        """All of these, one behind the other."""
        return cls(
            np.concatenate([part.rows for part in parts]),
            np.concatenate([part.codes for part in parts]),
            np.concatenate([part.boxes for part in parts]),
            np.concatenate([part.comment for part in parts]),
        )

    def take(self, rows: Rows, *, comment: bool = False) -> "OverlayText":
        """The characters of these rows."""
        return OverlayText(self.rows[rows], self.codes[rows], self.boxes[rows], np.full(len(rows), comment))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Insertion:
    """Characters that go before a row of the page's own, parted from what stands beside them by `joint`."""

    at: int
    box: Floats  # in points
    characters: OverlayText
    joint: str = " "


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """What a field shows, and its first line's box in points."""

    box: Floats
    characters: OverlayText

    @classmethod
    def of(cls, characters: OverlayText, place: Floats, size: tuple[float, float]) -> "Field":
        """The box is that of the first line, from where ink begins to the field's right edge."""
        inked = characters.boxes[~blank(characters.codes) & characters.boxes.any(1)]
        line = np.array([inked[:, 0].min(), inked[0, 1], max(place[2], inked[:, 2].max()), inked[0, 3]], np.float32)
        return cls(_points(line, size), characters)

    @property
    def tall(self) -> float:
        """The height of its first line."""
        return float(self.box[3] - self.box[1])


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Content:
    """The inked characters of the page itself: their rows, their boxes in points, and their lines, all (n, ...)."""

    rows: Rows
    boxes: Floats
    lines: Rows

    def beside(self, field: Field, *, mark: bool) -> int | None:
        """Before which row a field on a line with others goes: behind its label, and a mark also before it."""
        box, slack = field.box, SLACK * field.tall
        overlap = np.minimum(self.boxes[:, 3], box[3]) - np.maximum(self.boxes[:, 1], box[1])
        level = overlap >= LEVEL * np.minimum(self.boxes[:, 3] - self.boxes[:, 1], field.tall)
        left = self._nearest(level & (self.boxes[:, 2] <= box[0] + slack), box[0] - self.boxes[:, 2])
        right = self._nearest(level & (self.boxes[:, 0] >= box[2] - slack), self.boxes[:, 0] - box[2])
        if right is not None:
            gap = self.boxes[right, 0] - box[2]
            nearer = left is None or (mark and gap <= box[0] - self.boxes[left, 2])
            if nearer and (mark or gap <= BESIDE * field.tall):
                return int(self.rows[right])
        return None if left is None else int(self.rows[left]) + 1

    def above(self, field: Field) -> int | None:
        """The nearest character above a field."""
        box = field.box
        over = (self.boxes[:, 0] < box[2]) & (self.boxes[:, 2] > box[0])
        return self._nearest(over & (self.boxes[:, 3] <= box[1] + SLACK * field.tall), box[1] - self.boxes[:, 3])

    def near(self, field: Field, label: int) -> bool:
        """Whether a character stands so little above a field that it may label it."""
        return bool(field.box[1] - self.boxes[label, 3] <= ABOVE * field.tall)

    def _nearest(self, candidates: Bools, distances: Floats) -> int | None:
        indexes = np.flatnonzero(candidates)
        return int(indexes[np.argmin(distances[indexes])]) if indexes.size else None

    def behind_phrase(self, index: int) -> int:
        """The row behind the words around a character, up to a wide gap or the end of its line."""
        tall = float(self.boxes[index, 3] - self.boxes[index, 1])
        while index + 1 < len(self.rows) and self.lines[index + 1] == self.lines[index]:
            if self.boxes[index + 1, 0] - self.boxes[index, 2] > PHRASE * tall:
                break
            index += 1
        return int(self.rows[index]) + 1

    def behind_line(self, index: int) -> int:
        """The row behind the line of a character."""
        return int(self.rows[np.searchsorted(self.lines, self.lines[index], side="right") - 1]) + 1

    def insertions(self, fields: Sequence[Field], *, mark: bool) -> list[Insertion]:
        """Where fields go: on the line of their label, else below it."""
        places = [(field, self.beside(field, mark=mark)) for field in fields]
        level = [Insertion(at=at, box=field.box, characters=field.characters) for field, at in places if at is not None]
        return level + self.below([field for field, at in places if at is None])

    def below(self, fields: Sequence[Field]) -> list[Insertion]:
        """Where fields go that share no line with the page's words: below their labels, in a table below its heads."""
        rows = [[(field, self.above(field)) for field in row] for row in field_rows(fields)]
        lines = [{int(self.lines[label]) for _, label in row if label is not None} for row in rows]
        heads = Counter(line for lines_of_row in lines for line in lines_of_row)
        insertions: list[Insertion] = []
        for row, lines_of_row in zip(rows, lines, strict=True):
            in_table = any(heads[line] > 1 for line in lines_of_row)
            if not in_table and all(label is not None and self.near(field, label) for field, label in row):
                insertions += [
                    Insertion(at=self.behind_phrase(label), box=field.box, characters=field.characters, joint="\n")
                    for field, label in row
                    if label is not None
                ]
            else:
                at = max((self.behind_line(label) for _, label in row if label is not None), default=LAST)
                cells = [part for field, _ in row for part in (OverlayText.new(" "), field.characters)][1:]
                cell_row = OverlayText.joined(cells)
                insertions.append(Insertion(at=at, box=row[0][0].box, characters=cell_row, joint="\n"))
        return insertions


def overlaid(
    codes: NDArray[np.uint32],
    boxes: Floats,
    appearance: Bools,
    annotations: Sequence[tuple[Annotation, Floats]],
    size: tuple[float, float],
) -> OverlayText:
    """The page's characters with what annotations show where it belongs.

    `appearance` (n,) tells the characters that came by flattening. Boxes, also those that annotations lie in, are
    shares of the page; `size` is the page's in points.
    """
    page = OverlayText(np.arange(len(codes)), codes, boxes, np.zeros(len(codes), bool))
    own = ~with_spaces(codes, appearance)
    inked = np.flatnonzero(own & ~blank(codes) & boxes.any(1))
    content = Content(rows=inked, boxes=_points(boxes[inked], size), lines=np.cumsum(codes == NEWLINE)[inked])
    words = " ".join(decode(codes[own]).split())
    free = ~own
    marks, fields, comments = [], [], []
    for annotation, place in annotations:
        rows = rows_in(page, free, place) if annotation.role is not Role.OTHER else np.zeros(0, np.int64)
        free[rows] = False
        if annotation.role is Role.MARK:
            text = CHECKED if annotation.checked else UNCHECKED
            marks.append(Field(_points(place, size), OverlayText.new(text, place)))
        elif annotation.role is Role.VALUE and (value := field_value(annotation, page.take(rows), place)):
            fields.append(Field.of(value, place, size))
        elif annotation.role is Role.COMMENT and " ".join(annotation.text.split()) not in words:
            comments.append(comment_characters(annotation, page.take(rows, comment=True), place))
    insertions = [*content.insertions(marks, mark=True), *content.insertions(fields, mark=False)]
    remainder = [page.take(np.flatnonzero(free))] if (free & ~blank(codes)).any() else []
    return _assembled(page, np.flatnonzero(own), insertions, [*remainder, *comments])


def with_spaces(codes: NDArray[np.uint32], appearance: Bools) -> Bools:
    """The characters that came by flattening, with the white space behind each; what ends the page counts as such."""
    inked = np.flatnonzero(~blank(codes))
    if not inked.size:
        return appearance
    before = np.searchsorted(inked, np.arange(len(codes)), side="right") - 1
    behind: Bools = (before >= 0) & appearance[inked[before]]
    behind[inked[-1] + 1 :] = True
    return behind


def _points(boxes: Floats, size: tuple[float, float]) -> Floats:
    points: Floats = (boxes * np.tile(size, 2)).astype(np.float32)
    return points


def rows_in(page: OverlayText, free: Bools, place: Floats) -> Rows:
    """The free characters that stand in an annotation, with the white space between them."""
    own = free & ~blank(page.codes) & page.boxes.any(1) & inside(page.boxes, place)[:, 0]
    rows = np.flatnonzero(own)
    if not rows.size:
        return rows
    between = np.arange(rows[0], rows[-1] + 1)
    return between[own[between] | (free & blank(page.codes))[between]]


def field_value(annotation: Annotation, appearance: OverlayText, place: Floats) -> OverlayText | None:
    """What a field holds: as it is shown, of a list with its selected options marked; else the text it is to show."""
    if not len(appearance.rows):
        return OverlayText.new(annotation.text, place) if annotation.text else None
    if not annotation.selected:
        ink = np.flatnonzero(~blank(appearance.codes))
        # In a field with a cell for each letter the page shows them apart.
        return appearance.take(ink) if decode(appearance.codes[ink]) == annotation.text else appearance
    starts = [0, *(np.flatnonzero(appearance.codes == NEWLINE) + 1).tolist(), len(appearance.rows)]
    parts = []
    for start, end in pairwise(starts):
        line = appearance.take(np.arange(start, end))
        text = decode(line.codes).strip()
        mark = CHECKED if any(" ".join(option.split()) == text for option in annotation.selected) else UNCHECKED
        parts += [OverlayText.new(f"{mark} ", line.boxes[0]), line]
    return OverlayText.joined(parts)


def comment_characters(annotation: Annotation, appearance: OverlayText, place: Floats) -> OverlayText:
    """A comment as it is shown on the page; one behind a symbol or a mark has its words where that lies."""
    low = np.clip(place[:2], 0, 1 - LEAST)
    box = np.concatenate((low, np.maximum(np.clip(place[2:], 0, 1), low + LEAST)))
    text = f"{annotation.author}: {annotation.text}" if annotation.author else annotation.text
    return appearance if len(appearance.rows) else OverlayText.new(text, box, comment=True)


def field_rows(fields: Sequence[Field]) -> list[list[Field]]:
    """Fields that stand on one line, from left to right, line by line."""
    rows: list[list[Field]] = []
    for field in sorted(fields, key=lambda field: float(field.box[1])):
        if rows and field.box[1] < rows[-1][0].box[3] - LEVEL * field.tall:
            rows[-1].append(field)
        else:
            rows.append([field])
    return [sorted(row, key=lambda field: float(field.box[0])) for row in rows]


def _assembled(
    page: OverlayText, own: Rows, insertions: Sequence[Insertion], behind: Sequence[OverlayText]
) -> OverlayText:
    """The page's own characters with the insertions among them, in reading order, and the others at the end."""
    parts: list[OverlayText] = []
    joint = ""  # what parts an insertion from what follows it
    done = 0
    for insertion in sorted(insertions, key=lambda insertion: (insertion.at, *insertion.box[[1, 0]].tolist())):
        end = int(np.searchsorted(own, insertion.at))
        _append(parts, page.take(own[done:end]), joint)
        joint = insertion.joint
        _append(parts, insertion.characters, joint)
        done = end
    _append(parts, page.take(own[done:]), joint)
    for characters in behind:
        _append(parts, characters, GAP)
    return OverlayText.joined(parts or [page.take(own)])


def _append(parts: list[OverlayText], characters: OverlayText, joint: str) -> None:
    """Append characters, parted from those before by white space of this kind, unless it is there."""
    if not len(characters.codes):
        return
    if parts and joint:
        edges = decode(np.array([parts[-1].codes[-1], characters.codes[0]], np.uint32))
        if not any(edge.isspace() if joint == " " else edge in LINE_ENDS for edge in edges) or joint == GAP:
            parts.append(OverlayText.new(joint))
    parts.append(characters)
