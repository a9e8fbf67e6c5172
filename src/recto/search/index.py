"""What ranking keeps of a document: term arrays for its pages, their first lines, their passages and their tables."""

import re
from collections.abc import Iterable, Sequence

import numpy as np

from recto.index_types import PageTerms
from recto.search.normalize import z
from recto.text.analyse import term_ids
from recto.types import Page, Passage, UInt32s

HEADING_LINES = 6  # non-empty lines at a page's top that count as its heading field, see docs/ranking.md
HEADING_CHARACTERS = 300
SHORT = 400  # characters: a page below holds a title or a divider, hardly ever an answer
FILINGS = {"10k": "10-K annual report", "10q": "10-Q quarterly report"}  # what people call these forms in a question

_LINE = re.compile(r"\S.*")


def title(name: str) -> str:
    """Make a title of a file name: no ending, separators as spaces, a filing's form in words."""
    words = re.sub(r"[_-]+", " ", re.sub(r"\.pdf$", "", name, flags=re.IGNORECASE)).split()
    return " ".join(FILINGS.get(word.lower(), word) for word in words)


def headed(title: str, passage: Passage) -> str:
    """Give a passage's text with what stands above it, as the encoder reads it; never shown."""
    return f"{title}. {passage.heading}\n{passage.text}"


def page_terms(
    title: str, pages: Sequence[Page], passages: Sequence[Sequence[Passage]], rows: Sequence[Iterable[str]]
) -> list[PageTerms]:
    """Analyse a whole document: for each page, its terms and those of its passages and of the rows of its tables.

    A row is given with the heads of its columns.
    """
    digits = z(np.array([_digit_share(page.text) for page in pages]))
    return [
        PageTerms(
            text=term_ids(page.text),
            heading=term_ids(_heading(page.text)),
            passages=tuple(_passage_terms(title, passage) for passage in those),
            rows=tuple(map(term_ids, tables)),
            digits=float(share),
            short=len(page.text) < SHORT,
        )
        for page, those, tables, share in zip(pages, passages, rows, digits, strict=True)
    ]


def _passage_terms(title: str, passage: Passage) -> UInt32s:
    return term_ids(headed(title, passage))


def _heading(text: str) -> str:
    lines = [line for line, _ in zip(_LINE.finditer(text), range(HEADING_LINES), strict=False)]
    return "\n".join(line[0] for line in lines)[:HEADING_CHARACTERS]


def _digit_share(text: str) -> float:
    return sum(map(text.count, "0123456789")) / max(len(text), 1)
