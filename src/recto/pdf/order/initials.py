"""Initials: a large first letter joined to the word that it begins."""

import numpy as np
from numpy.typing import NDArray

from recto.pdf.run import NEWLINE, SPACE, Run, blank, decode
from recto.types import INITIAL

# How far from the initial's right edge its word goes on, in heights of the word's letters: kerned under it, or apart.
NEAREST, FARTHEST = -0.4, 1.0
WORDS = frozenset("AEIOUYÀÉÓ")  # letters that are words in some language


def initials(run: Run, aspect: float) -> Run:
    """Join each initial to the line beside its upper part. `aspect`: the page's height by its width."""
    heights = run.boxes[:, 3] - run.boxes[:, 1]
    heights[np.isnan(heights)] = 0  # where there is no box
    large = np.flatnonzero(heights * np.count_nonzero(heights) > INITIAL * heights.sum())
    if not large.size:
        return run
    rows = np.flatnonzero(heights > 0)
    pairs = {}
    # A capital at the start of a word with which no other of its size goes on.
    white = np.concatenate(([True], ~run.ink, [True]))  # from before the first character on
    smaller = INITIAL * np.append(heights, 0)[large + 1] <= heights[large]
    for row in large[white[large] & (white[large + 2] | smaller)].tolist():
        following = _following(run, row, rows, aspect) if chr(run.codes[row]).isupper() else None
        if following is not None:
            pairs[following] = row
    return _moved(run, pairs) if pairs else run


def _following(run: Run, row: int, rows: NDArray[np.int64], aspect: float) -> int | None:
    """The topmost small letter that begins a word beside the initial."""
    _, top, right, bottom = run.boxes[row].tolist()
    boxes = run.boxes[rows]
    tall, middles = boxes[:, 3] - boxes[:, 1], boxes[:, [1, 3]].mean(1)
    distance = (boxes[:, 0] - right) / np.maximum(tall * aspect, 1e-6)
    beside = (distance >= NEAREST) & (distance <= FARTHEST) & (middles > top) & (middles < bottom)
    begins = (rows == 0) | (rows == row + 1) | blank(run.codes[rows - 1])
    candidates = rows[beside & begins & (INITIAL * tall <= bottom - top)]
    if not candidates.size:
        return None
    following = int(candidates[run.boxes[candidates, 1].argmin()])
    return following if chr(run.codes[following]).isalpha() else None


def _moved(run: Run, pairs: dict[int, int]) -> Run:
    """The run with each initial before the letter that it is paired with, and a space between two words."""
    text = decode(run.codes)
    keep, parted = np.ones(len(run.codes), bool), np.zeros(len(run.codes), bool)
    places, inserted = [], []
    for following, row in pairs.items():
        end = row + 1
        while end < len(text) and text[end].isspace():
            end += 1
        keep[row:end] = False
        parted[row - 1 : row] = True  # what stood before it, in the drawing, is another line
        letters = [row, -1] if _is_word(text, row, following) else [row]  # -1 stands for a space
        places += [following] * len(letters)
        inserted += letters
    rows = np.insert(np.arange(len(keep)), places, inserted)[np.insert(keep, places, True)]
    moved = run.take(rows, SPACE)
    moved.codes[(rows >= 0) & parted[rows]] = NEWLINE
    moved.weights[np.isin(rows, list(pairs.values()))] = run.weights[list(pairs)].max()  # a line's weight is its text's
    return moved


def _is_word(text: str, row: int, following: int) -> bool:
    """Whether the initial is a word by itself: before another one, or where the page has the remainder as a word."""
    remainder = text[following:].split(maxsplit=1)[0]
    if remainder[0].isupper() and not remainder[1:2].isupper():
        return True
    words = [word.casefold() for word in text.split()]
    return (
        text[row] in WORDS and (text[row] + remainder).casefold() not in words and words.count(remainder.casefold()) > 1
    )
