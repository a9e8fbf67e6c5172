"""Which rows of a table answer: those that hold the question's words, or the table's first ones."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

from recto.query import Query
from recto.text.analyse import term_ids
from recto.text.languages import MIXED
from recto.text.languages.language import any_of
from recto.text.sentences import Range
from recto.text.tables import Table, is_total

NEARLY = 0.8  # of the best row's share of the question's words: rows that match as well
MATCHING = 6  # rows that are quoted for the question's words
FURTHER = 0.05  # of the question's words: a row that holds so many which no row above it holds is asked for too
TOTAL = 0.1  # of the question's words: what being the total counts where a total is asked
FILLED = 300  # characters of rows where no row holds a word of the question: the first ones
SCREEN = 1200  # characters of a quote: what a screen holds


@dataclass(frozen=True, slots=True, kw_only=True)
class RowMatch:
    """What of a question tells which rows it asks for."""

    coverage: Callable[[str], float]  # how much of the question's terms a text holds, 0 to 1
    terms: frozenset[int]
    expanded_terms: frozenset[int]  # with those of the lines that figures named in it are worked out from
    figures: frozenset[str]  # numbers, times and codes, as written: "11:15", "E5"
    wants_figure: bool
    wants_total: bool
    comparing: frozenset[str]  # which, how many, highest: words that ask for rows to be compared, in small letters

    @classmethod
    def of(cls, query: Query, coverage: Callable[[str], float]) -> Self:
        """Look at the question once."""
        return cls(
            coverage=coverage,
            terms=frozenset(term_ids(query.text).tolist()),
            expanded_terms=frozenset(query.terms.tolist()),
            figures=frozenset(_CODE.findall(query.text)),
            wants_figure=query.wants_figure,
            wants_total=_TOTAL.search(query.text) is not None,
            comparing=frozenset(word.lower() for word in _COMPARING.findall(query.text)),
        )

    def compares(self, heads: str = "") -> bool:
        """Whether rows are to be compared: a word that names a column, as "yearly maximum", does not ask for that."""
        return bool(self.comparing.difference(heads.lower().split()))

    def precision(self, row: str) -> float:
        """The share of the words of a row's label that the question has, 0 to 1; those only meant count half.

        A row that begins with a figure of the question is the one that this names, whatever else stands in it.
        """
        if row.split(maxsplit=1)[0] in self.figures:
            return 1.0
        label = set(term_ids(_FIGURES.sub(" ", row)).tolist())
        return (len(label & self.terms) + len(label & self.expanded_terms)) / (2 * len(label)) if label else 0.0


_FIGURES = re.compile(r"[\d.,]*\d[\d.,]*")
_CODE = re.compile(r"\b\w*\d(?:[\w.:/-]*\w)?")
_TOTAL = re.compile(rf"\b{any_of(MIXED.total_words)}\b", re.IGNORECASE)
_COMPARING = re.compile(rf"\b{any_of(MIXED.comparing_words)}\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableMatch:
    """A table held against a question: how much of it each of the n rows takes up beyond the heads."""

    heads: str
    rows: tuple[str, ...]  # (n,): each row's text below the label of its group
    gains: tuple[float, ...]  # (n,)
    coverage: float  # by the heads and the best row together
    precision: float  # how much of the best row's label the question has

    @property
    def best(self) -> int:
        """The row that takes up most."""
        return max(range(len(self.gains)), key=self.gains.__getitem__)

    @classmethod
    def of(cls, text: str, table: Table, heads: str, match: RowMatch) -> Self:
        """Compare every row once."""
        # A single row needs no telling apart: what its heads hold is its own.
        head_coverage = match.coverage(heads) if len(table.rows) > 1 else 0.0
        rows = tuple("\n".join(text[slice(*place)] for place in (row.group, row.place) if place) for row in table.rows)
        shares = [match.coverage(f"{heads}\n{row}") - head_coverage for row in rows]
        if not any(shares):  # the heads hold all of the question's words that rows hold: those that hold them, too
            shares = [match.coverage(row) for row in rows]
        gains = [
            gain * (1 + match.precision(text[slice(*row.place)])) / 2
            + TOTAL * (match.wants_total and is_total(text[slice(*row.place)]))
            for gain, row in zip(shares, table.rows, strict=True)
        ]
        best = max(range(len(gains)), key=gains.__getitem__)
        return cls(
            heads=heads,
            rows=rows,
            gains=tuple(gains),
            coverage=match.coverage(f"{heads}\n{rows[best]}"),
            precision=match.precision(text[slice(*table.rows[best].place)]),
        )

    def answering(self, match: RowMatch) -> list[int]:
        """The rows that the question's words ask for, best first: those alike, and those that hold further words."""
        order = sorted(range(len(self.rows)), key=lambda number: (-self.gains[number], len(self.rows[number])))
        best = self.gains[order[0]]
        if best <= 0:
            return []
        answers: list[int] = []
        words = self.heads
        covered = match.coverage(words)
        for number in order:
            if len(answers) == MATCHING or self.gains[number] <= 0:
                break
            further = match.coverage(f"{words}\n{self.rows[number]}")
            if self.gains[number] >= NEARLY * best or further >= covered + FURTHER:
                answers.append(number)
                words, covered = f"{words}\n{self.rows[number]}", further
        return answers


def within_screen(rows: Sequence[Range], order: Sequence[int], room: int) -> list[int]:
    """As many rows as there is room for, in this order of what they matter; at least one."""
    numbers: list[int] = []
    for number in order:
        room -= rows[number][1] - rows[number][0] + 1
        if numbers and room < 0:
            break
        numbers.append(number)
    return numbers
