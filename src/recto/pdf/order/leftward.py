"""Scripts that run to the left: lines in the order of reading, which PDFium gives as they are drawn, or half of it.

The places of the letters say what stands beside what; the order of reading follows from them by the rules that have put
them there, turned round: those of the Unicode bidirectional algorithm, https://www.unicode.org/reports/tr9/.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isnan
from unicodedata import bidirectional, combining

import numpy as np
from numpy.typing import NDArray

from recto.pdf.boxes import around
from recto.pdf.run import NEWLINE, Run, blank, within
from recto.pdf.run import SPACE as SPACE_CODE
from recto.types import Floats

RIGHT_TO_LEFT = ((0x590, 0x65F), (0x66A, 0x6EF), (0x6FA, 0x8FF), (0xFB1D, 0xFDFF), (0xFE70, 0xFEFE))  # without digits
SPACE = -1  # of a row: a space that is set anew
# Heights between two words. Arabic letters that do not join are up to .17 apart, and spaces of tall fonts .12 wide:
# such a gap is a space where PDFium has one, which it sets between letters that touch, too, if one is raised. Hebrew
# letters with signs are up to .16 apart, and spaces .25 wide.
GAP, GAP_OF_ARABIC, GAP_OF_HEBREW, GAP_OF_LETTERS, GAP_OF_CELLS = 0.12, 0.08, 0.2, 0.3, 1.0
UNEVEN = 2.0  # heights from the top of a line to its foot: more has a line that does not run across the page
LEVEL = 0.6  # of the lower of two lines' heights: those that overlap by more are one line
WHOLE = 0.9  # of the width of a mark that lies on its letter
TOUCHING = 1e-5  # of the page's width: letters and marks of one glyph share its width, the first on the right
# What stands in a line: letters that run to the right or left, digits, their commas and signs; spaces and all others.
KINDS = {"L": "L", "R": "R", "AL": "R", "EN": "n", "AN": "n", "CS": ",", "ES": "+", "ET": "%"}
OTHER, BLANK, CELLS = "o", "s", "c"
RIGHTWARD = re.compile(r"[Ln](?:[^Rc]*[Ln])?%*")
LEFTWARD = re.compile(r"R(?:[^L]*R)?")
# A date or a decimal is one, a range is two: behind Arabic letters, plus and minus part numbers, and elsewhere not.
NUMBER = {True: re.compile(r"n+(?:,n+)*%*"), False: re.compile(r"n+(?:[,+]n+)*%*")}
NUMBER_BEHIND = re.compile(r"s(n+(?:,n+)*)$")
UNIT = re.compile(
    r"([kKMGT]i?(B|bit)|[kMG]?(Hz|Wh?|J|Pa|V|A)|[kcmµ]?m[²³]?|[kmµ]?g|m?[lL]|ha|px|dpi|m?s|h|USD|EUR|GBP|SAR|AED)(/\w+)?\b"
)
MIRRORED = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class Sign:
    """A letter with its marks, or a space: rows of the run, the letter, its kind, its sides in widths of the page."""

    rows: tuple[int, ...]
    text: str
    kind: str
    left: float
    right: float
    tall: float = 0.0
    token: int = 0  # PDFium's spaces before it


def leftward(run: Run, aspect: float) -> Run:
    """Put lines with letters that run to the left in the order of reading. `aspect`: the page's height by its width."""
    if not within(run.codes, RIGHT_TO_LEFT).any():
        return run
    page = _mostly_leftward(run.codes)
    edges = [-1, *_line_ends(run, aspect), len(run.codes)]
    rows: list[int] = []
    brackets: dict[int, str] = {}
    for start, end in pairwise(edges):
        line = range(start + 1, end)
        codes = run.codes[line.start : line.stop]
        signs = _signs(run, line, aspect) if within(codes, RIGHT_TO_LEFT).any() else []
        if signs:
            from_the_right = page or _mostly_leftward(codes)
            signs = list(_read(signs) if from_the_right else _read_rightward(signs))
            brackets |= _bracketed(signs)
        rows += [row for sign in signs for row in sign.rows] if signs else line
        rows += [end] if end < len(run.codes) else []
    codes = run.codes.copy()
    codes[list(brackets)] = [ord(bracket) for bracket in brackets.values()]
    return Run(codes, run.boxes, run.weights, run.traits).take(np.array(rows, np.int64), white=SPACE_CODE)


def _mostly_leftward(codes: NDArray[np.uint32]) -> bool:
    """Whether more letters run to the left than to the right."""
    kinds = [KINDS.get(bidirectional(chr(code)), OTHER) for code in codes.tolist()]
    return kinds.count("R") > kinds.count("L")


def _line_ends(run: Run, aspect: float) -> list[int]:
    """The newlines, but for those within a word, where PDFium takes letters that stand a little higher for a line."""
    ends = np.flatnonzero(run.codes == NEWLINE)
    edges = [-1, *ends.tolist(), len(run.codes)]
    boxed = run.ink & ~np.isnan(run.boxes[:, 0])
    lines = [run.boxes[start + 1 : end][boxed[start + 1 : end]] for start, end in pairwise(edges)]
    leftward = within(run.codes, RIGHT_TO_LEFT)
    kept = []
    for end, above, below, start, stop in zip(ends.tolist(), lines, lines[1:], edges, edges[2:], strict=False):
        both = leftward[start + 1 : end].any() and leftward[end + 1 : stop].any()
        if not both or not _touching(above, below, aspect):
            kept.append(end)
    return kept


def _touching(above: Floats, below: Floats, aspect: float) -> bool:
    """Whether the boxes of two lines stand beside each other, without a space between them."""
    if not len(above) or not len(below):
        return False
    (left, top, right, bottom), (its_left, its_top, its_right, its_bottom) = around(above), around(below)
    tall = min(bottom - top, its_bottom - its_top)
    level = min(bottom, its_bottom) - max(top, its_top) > LEVEL * tall
    return bool(level and abs(max(left, its_left) - min(right, its_right)) < GAP * tall * aspect)


def _signs(run: Run, line: range, aspect: float) -> list[Sign]:
    """What stands in a line, from the left to the right, with spaces; nothing if it does not run across the page."""
    codes, boxes = run.codes[line.start : line.stop], run.boxes[line.start : line.stop]
    ink = ~blank(codes)
    marks = np.array([bool(combining(chr(code))) for code in codes.tolist()]) | np.isnan(boxes[:, 0])
    letters = np.flatnonzero(ink & ~marks)
    tall = (boxes[letters, 3] - boxes[letters, 1]) * aspect
    if not letters.size or np.ptp(boxes[letters][:, [1, 3]]) * aspect > UNEVEN * np.median(tall):
        return []
    bearers = _bearers(boxes, letters, np.flatnonzero(ink & marks))
    tokens = np.cumsum(~ink)
    signs, sides = [], boxes.tolist()
    for letter, height in zip(letters.tolist(), tall.tolist(), strict=True):
        own = [letter, *bearers.get(letter, ())]
        boxed = [sides[row] for row in own if not isnan(sides[row][0])]
        text = chr(codes[letter])
        signs.append(
            Sign(
                tuple(line.start + row for row in own),
                text,
                KINDS.get(bidirectional(text), OTHER),
                min(left for left, *_ in boxed),
                max(right for *_, right, _ in boxed),
                height,
                int(tokens[letter]),
            )
        )
    # Letters of one box are one glyph's, in the order of reading.
    signs.sort(key=lambda sign: (sign.left + sign.right, -sign.rows[0] if sign.kind == "R" else sign.rows[0]))
    return list(_spaced(signs))


def _bearers(boxes: Floats, letters: NDArray[np.int64], marks: NDArray[np.int64]) -> dict[int, list[int]]:
    """The marks of each letter that has some: those over it, and those drawn as one with it, which then follow it."""
    bearers: dict[int, list[int]] = {}
    left, right = boxes[letters, 0].copy(), boxes[letters, 2]
    for mark in marks[np.argsort(-np.nan_to_num(boxes[marks, 0]), kind="stable")].tolist():
        start, end = boxes[mark, [0, 2]].tolist()
        bearer = max(int(np.searchsorted(letters, mark)) - 1, 0)  # the letter before it
        if not np.isnan(start):
            over = np.minimum(right, end) - np.maximum(left, start)
            distances = np.abs(left - end)
            if over[bearer] < WHOLE * (end - start) and distances.min() < TOUCHING:
                bearer = int(distances.argmin())
                left[bearer] = start
            elif over[bearer] < over.max():
                bearer = int(over.argmax())
        bearers.setdefault(int(letters[bearer]), []).append(mark)
    return bearers


def _spaced(signs: Sequence[Sign]) -> Iterator[Sign]:
    """The signs with spaces where the gaps between them say so."""
    yield signs[0]
    for before, after in pairwise(signs):
        gap = (after.left - before.right) / min(before.tall, after.tall)
        letters = {sign.text for sign in (before, after) if sign.kind == "R"}
        if before.token == after.token:
            least = GAP_OF_LETTERS if before.kind == after.kind == "R" else GAP
        else:
            least = GAP_OF_HEBREW if {bidirectional(text) for text in letters} == {"R"} else GAP_OF_ARABIC
        apart = gap > least
        if apart or (before.token != after.token and gap < -GAP_OF_LETTERS):  # or one text lies on another
            yield Sign((SPACE,), " ", CELLS if gap > GAP_OF_CELLS else BLANK, before.right, after.left)
        yield after


def _read(signs: Sequence[Sign]) -> Iterator[Sign]:
    """Signs from the left to the right in the order of reading of a line that runs to the left."""
    arabic = any(bidirectional(sign.text) == "AL" for sign in signs)
    kinds = "".join(sign.kind for sign in signs)
    pieces: list[Sequence[Sign]] = []
    at = 0
    for match in RIGHTWARD.finditer(kinds):
        pieces += [[sign] for sign in signs[at : match.start()]]
        pieces += _rightward(signs[match.start() : match.end()], arabic=arabic)
        at = match.end()
    pieces += [[sign] for sign in signs[at:]]
    for piece in reversed(pieces):
        yield from piece


def _rightward(signs: Sequence[Sign], *, arabic: bool) -> Iterator[Sequence[Sign]]:
    """Words and numbers that stand together in a line that runs to the left, in pieces that follow each other leftward.

    "100 Mbit/s" and "Excel 2019" look the same there, the number on the right: a unit stands behind its number.
    """
    kinds, text = ("".join(parts) for parts in zip(*((sign.kind, sign.text) for sign in signs), strict=True))
    if "L" not in kinds:
        at = 0
        for match in NUMBER[arabic].finditer(kinds):
            yield from ([sign] for sign in signs[at : match.start()])
            yield signs[match.start() : match.end()]
            at = match.end()
        yield from ([sign] for sign in signs[at:])
        return
    number = NUMBER_BEHIND.search(kinds)
    if number and UNIT.match(text):
        yield signs[: number.start()]
        yield signs[number.start() : number.start(1)]
        yield signs[number.start(1) :]
    else:
        yield signs


def _read_rightward(signs: Sequence[Sign]) -> Iterator[Sign]:
    """Signs from the left to the right in the order of reading of a line that runs to the right."""
    at = 0
    for match in LEFTWARD.finditer("".join(sign.kind for sign in signs)):
        yield from signs[at : match.start()]
        yield from _read(signs[match.start() : match.end()])
        at = match.end()
    yield from signs[at:]


def _bracketed(signs: Sequence[Sign]) -> dict[int, str]:
    """Brackets as they are read, by row: some files give those of lines that run to the left as they are drawn."""
    new: dict[int, str] = {}
    for opening, closing in MIRRORED.items():
        rows = [sign.rows[0] for sign in signs if sign.text in (opening, closing)]
        text = [sign.text for sign in signs if sign.text in (opening, closing)]
        if len(rows) % 2 == 0 and not _balanced(text, opening):
            new |= {row: (opening, closing)[number % 2] for number, row in enumerate(rows)}
    return new


def _balanced(brackets: Sequence[str], opening: str) -> bool:
    depths = np.cumsum([1 if bracket == opening else -1 for bracket in brackets])
    return not len(depths) or bool(depths.min() >= 0 and depths[-1] == 0)
