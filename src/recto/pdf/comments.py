"""Comments stand at the end of a page's text, whatever they lie on: no rule of its reading order is about them."""

import numpy as np

from recto.pdf.native import TRAITS
from recto.pdf.run import NEWLINE, Run
from recto.types import TraitKind

BIT = 1 << TRAITS.index(TraitKind.COMMENT)


def without_comments(run: Run) -> tuple[Run, Run]:
    """What is no comment, and the comments with all that stands between them."""
    comments = np.flatnonzero(run.traits & BIT)
    if not comments.size:
        return run, run.take(comments)
    first = int(comments[0])
    while first and run.codes[first - 1] == NEWLINE:  # parts them from the text
        first -= 1
    rows = np.arange(len(run.codes))
    return run.take(rows[:first]), run.take(rows[first:])
