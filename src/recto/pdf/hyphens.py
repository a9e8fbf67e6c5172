"""Words that a line end cut."""

import re

import numpy as np

from recto.pdf.run import NEWLINE, Run, decode

HYPHENS = (0xFFFE, 0x02, 0xAD)  # how a line-end hyphen arrives: PDFium's own mark first
HYPHEN_MINUS = 0x2D
REMAINDER = re.compile(r"(\s*)(\S*)")  # of a word that a line end cut: matches anywhere


def joined(run: Run) -> Run:
    """Join a word cut by a line-end hyphen: its second half moves up to the first; the line break follows it.

    The hyphen stays where it is no mere cut: before a digit or a capital, or where the page spells the word with one.
    """
    marks = np.flatnonzero(np.isin(run.codes, HYPHENS))
    if marks.size == 0:
        return run
    codes = run.codes.copy()
    text = decode(codes)
    words = set(text.split())
    keep = np.ones(len(codes), bool)
    for mark in marks.tolist():
        start = mark
        while start > 0 and not text[start - 1].isspace():
            start -= 1
        remainder = next(REMAINDER.finditer(text, mark + 1))
        left, right = text[start:mark], remainder[2]
        if not left or not right:
            codes[mark] = HYPHEN_MINUS  # a dash that opens a line, or ends the page
            continue
        if left[-1].isalpha() and right[0].islower() and f"{left}-{right}" not in words:
            keep[mark] = False
        else:
            codes[mark] = HYPHEN_MINUS
        keep[mark + 1 : remainder.start(2)] = False
        if remainder.end() < len(codes):
            codes[remainder.end()] = NEWLINE
    return Run(codes, run.boxes, run.weights, run.traits).take(np.flatnonzero(keep))
