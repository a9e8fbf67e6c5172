"""What only the whole document shows: the headings above each place."""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from recto.pdf.layout import ReadPage
from recto.types import FULL, JOINT

Headings = Sequence[tuple[int, str]]  # from this character on, this path of headings holds
NO_HEADINGS: Headings = ((0, ""),)
LARGER = 1.15  # times the body's line height
NEARLY_BODY = 0.95  # bold text below this is a note in small print, no heading
LONGEST = 90  # characters of a heading
DEPTH = 3  # parts of a path: more is no help to ranking
BOLD = 600  # CSS weight from which a font counts as bold,
BOLDER = 2  # or times the body's: PDFium guesses weights from the width of stems, of 225 and 455 for DejaVu Sans
COMMON = 0.25  # of all characters: type that so many are set in is text, however large; headings are few

CELLS_APART = 0.75  # times a line's height: what is free between two cells of a row, and hardly between two words

_letters = re.compile(r"[^\W\d_]{3}")


Mark = tuple[int, int, int, str]  # page, character, level, title


def headings(pages: Sequence[ReadPage], outline: Sequence[tuple[int, str, int]]) -> Sequence[Headings]:
    """For each page, the paths of headings and where they begin: from the outline, else from the size of the type."""
    marks = _outline_marks(pages, outline) if outline else _type_marks(pages)
    paths: list[list[tuple[int, str]]] = [[] for _ in pages]
    stack: list[tuple[int, str]] = []  # the open headings, with their levels
    at = 0
    for page in range(len(pages)):
        paths[page].append((0, _path(stack)))
        while at < len(marks) and marks[at][0] == page:
            _, start, level, title = marks[at]
            stack = [entry for entry in stack if entry[0] < level] + [(level, title)]
            paths[page].append((start, _path(stack)))
            at += 1
    return paths


def heading_lines(text: str, above: Headings) -> list[tuple[int, int]]:
    """The lines of a page that are headings themselves, in order; those found in the midst of a line are not."""
    places = []
    for start, path in above[1:]:
        title = r"\s+".join(re.escape(word) for word in path.rpartition(JOINT)[2].split())
        match = re.compile(rf"{title}[^\S\n]*$", re.IGNORECASE | re.MULTILINE).match(text, start)
        begin = text.rfind("\n", 0, start) + 1
        if match and not any(map(str.isalpha, text[begin:start])):
            places.append((begin, match.end()))
    return places


def _path(stack: list[tuple[int, str]]) -> str:
    return JOINT.join(title for _, title in stack[-DEPTH:])


def _outline_marks(pages: Sequence[ReadPage], outline: Sequence[tuple[int, str, int]]) -> list[Mark]:
    marks = []
    for level, title, page in outline:
        if 0 <= page < len(pages) and not title.lower().endswith(".pdf"):  # a merged file's name, no heading
            # Where it stands, spaces aside; the page's start if it cannot be found.
            pattern = r"\s+".join(re.escape(word) for word in title.split())
            match = re.search(pattern, pages[page].page.text, re.IGNORECASE)
            marks.append((page, match.start() if match else 0, level, title[:LONGEST]))
    return sorted(marks, key=lambda mark: mark[:2])


def _type_marks(pages: Sequence[ReadPage]) -> list[Mark]:
    """Lines that are set larger than the body, or bold by themselves, and read like a heading."""
    heights, plain = _looks(pages)
    if not heights:
        return []
    body = heights.most_common(1)[0][0]
    common = {height for height, count in heights.items() if count >= COMMON * heights.total()}
    bold = max(min(BOLD, BOLDER * plain), plain + 1)
    marks = []
    for read in pages:
        spans, look = read.lines.spans.tolist(), (read.lines.look * [1, 1, read.page.height, 1]).tolist()
        first = _below_title(look, body, bold) if read is pages[0] else 0
        places = zip(spans[first:], look[first:], _in_rows(read)[first:], strict=True)
        for (start, end), (_, _, height, weight), is_cell in places:
            words = " ".join(read.page.text[start:end].split())
            ratio = height / body
            is_large = ratio >= LARGER and (_rounded(height) not in common or weight >= bold)
            stands_out = is_large or (weight >= bold and ratio > NEARLY_BODY)
            is_prose = words.endswith((".", ",", ";")) or words[:1].islower()
            reads_like_one = not is_prose and len(words) <= LONGEST and _letters.search(words)
            if stands_out and reads_like_one and not is_cell:
                # Steps of a quarter of the body's height; bold text of the body's size stands lowest.
                level = max(0, 8 - int((ratio - 1) / 0.25)) if ratio >= LARGER else 9
                marks.append((read.page.number, start, level, words))
    return _without_runs(marks)


def _in_rows(read: ReadPage) -> list[bool]:
    """Which lines of a page are cells: parted by wide blanks more than once, or beside the line before or behind.

    One blank may follow a heading's number.
    """
    top, bottom, height = read.lines.look[:, :3].T
    shared = np.minimum(bottom[1:], bottom[:-1]) - np.maximum(top[1:], top[:-1])
    beside = shared > np.minimum(height[1:], height[:-1]) / 2
    starts, boxes = read.page.spans[:, 0], read.page.boxes.astype(np.float64) * read.page.width / FULL
    line_of = np.searchsorted(read.lines.spans[:, 0], starts, "right") - 1
    apart = boxes[1:, 0] - boxes[:-1, 2] > CELLS_APART * read.page.height * height[line_of[1:]]
    gaps = np.bincount(line_of[1:][apart & (line_of[1:] == line_of[:-1])], minlength=len(top))
    cells: list[bool] = ((gaps > 1) | np.append(beside, False) | np.insert(beside, 0, False)).tolist()
    return cells


def _below_title(look: Sequence[Sequence[float]], body: float, bold: float) -> int:
    """The first line of a document's first page that is running text: above it stand its title and who wrote it."""
    plain = (number for number, (_, _, height, weight) in enumerate(look) if height < LARGER * body and weight < bold)
    return next(plain, len(look))


def _looks(pages: Sequence[ReadPage]) -> tuple[Counter[float], float]:
    """How many characters are set in each height, in points, and the weight that most are set in."""
    heights: Counter[float] = Counter()
    weights: Counter[float] = Counter()
    for read in pages:
        lengths = np.diff(read.lines.spans.astype(np.int64), axis=1)[:, 0].tolist()
        look = (read.lines.look * [1, 1, read.page.height, 1]).tolist()
        for (_, _, height, weight), length in zip(look, lengths, strict=True):
            heights[_rounded(height)] += length
            weights[weight] += length
    return heights, weights.most_common(1)[0][0] if weights else 0.0


def _rounded(height: float) -> float:
    return round(height * 2) / 2


RUN = 4  # headings one behind the other: a title page or a table set in bold, no headings


def _without_runs(marks: Sequence[Mark]) -> list[Mark]:
    """Of stretches of many marks with next to no text between them, only those that are set larger than most."""
    runs: list[list[Mark]] = []
    for mark in marks:
        last = runs[-1][-1] if runs else None
        if last and last[0] == mark[0] and mark[1] - last[1] - len(last[3]) <= RUN:
            runs[-1].append(mark)
        else:
            runs.append([mark])
    if all(len(run) < RUN for run in runs):
        return list(marks)
    return _without_runs([mark for run in runs for mark in (_larger(run) if len(run) >= RUN else run)])


def _larger(run: Sequence[Mark]) -> list[Mark]:
    """The marks of a stretch that stand higher than most of it."""
    most = Counter(level for _, _, level, _ in run).most_common(1)[0][0]
    return [mark for mark in run if mark[2] < most]


def heading_at(headings: Headings, start: int) -> str:
    """The path of headings that holds at a character of the page."""
    return [path for at, path in headings if at <= start][-1]
