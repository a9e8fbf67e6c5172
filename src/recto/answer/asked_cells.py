"""Which cells of a quoted table a question asks for: where the rows that it names meet the columns that it names."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TypeVar

from recto.text.analyse import term_ids
from recto.text.asked_kind import asked_kind, holds
from recto.text.head_terms import MEASURED, Terms, terms_of
from recto.text.languages import MIXED
from recto.text.languages.language import any_of
from recto.types import QuotedCell

T = TypeVar("T")

_YEARS = re.compile(rf"\b([12]\d{{3}}) ?(?:[-–—]|{any_of(MIXED.questions.up_to)}) ?([12]\d{{3}})\b")  # 2021 to 2023
CELL_WORDS = 12  # of a cell with its head: longer ones are prose
_NONE: Terms = frozenset()


def with_asked(question: str, rows: Sequence[Sequence[QuotedCell]]) -> list[list[QuotedCell]]:
    """The rows of a quoted table with the cells marked that the question asks for; none where no column is clear."""
    if not rows:
        return []
    kind = asked_kind(question)
    years = [str(year) for first, last in _YEARS.findall(question) for year in range(int(first), int(last))]
    question_terms = terms_of(" ".join([question, *years])) | ({kind.value} if kind else set())
    # A row is called what its first cell says, and those without figures.
    names = [[cell.text for cell in row if not cell.column or not any(map(str.isdigit, cell.text))] for row in rows]
    labels = [frozenset(term_ids(" ".join(texts)).tolist()) for texts in names]
    row_numbers = named(dict(enumerate(labels)), question_terms) if len(rows) > 1 else {*range(len(rows))}
    heads: dict[tuple[int, str], Terms] = {}
    for cell in (cell for row in rows for cell in row if cell.column and cell.head):
        holding = {kind.value} if kind in MEASURED and holds(kind, cell.text) else set()
        heads[cell.column, cell.head] = heads.get((cell.column, cell.head), terms_of(cell.head)) | holding
    # A word that names the row says nothing of the column: "total assets" beside "Total".
    columns = named(heads, question_terms.difference(*(labels[number] for number in row_numbers)))
    # Nobody asks for what the question says itself.
    columns -= {
        (cell.column, cell.head)
        for number in row_numbers
        for cell in rows[number]
        if question_terms.intersection(term_ids(cell.text).tolist()) - terms_of(cell.head)
    }
    return [
        [replace(cell, asked=number in row_numbers and (cell.column, cell.head) in columns) for cell in row]
        for number, row in enumerate(rows)
    ]


def asked_cell(cells: Sequence[QuotedCell]) -> str:
    """The one cell that is asked for, with its head and what its row is called; empty if it is not one, or is prose."""
    answers = [cell for cell in cells if cell.asked]
    if len(answers) != 1 or len(f"{answers[0].head} {answers[0].text}".split()) > CELL_WORDS:
        return ""
    answer = answers[0]
    names = [cell for cell in cells if cell.row == answer.row and not any(map(str.isdigit, cell.text))]
    row = [*(name for name in names if name.text and name is not answer), answer]
    return "; ".join(f"{cell.head}: {cell.text}" if cell.head else cell.text for cell in row)


def named(terms: Mapping[T, Terms], question_terms: Terms) -> set[T]:
    """Those of several rows or columns that a question names, by their terms; none that is not clear.

    One is named by the asked terms that not all have. What has most of these and fewest others goes first, and is named
    if it has some that nothing before it had. Of those with the same ones none is, but a single one without others.
    """
    common = _NONE.union(*terms.values()).intersection(*terms.values()) if len(terms) > 1 else _NONE
    groups: dict[Terms, list[T]] = {}
    for key, own in terms.items():
        groups.setdefault((own & question_terms) - common, []).append(key)

    def further(key: T) -> int:
        return sum(isinstance(term, int) for term in terms[key] - question_terms - common)

    def order(shared: Terms) -> tuple[int, int]:
        least = min(map(further, groups[shared]))
        return least - len(shared), least

    result: set[T] = set()
    covered = _NONE
    for _, equals in groupby(sorted(groups, key=order), key=order):
        rank = list(equals)
        for keys in (groups[shared] for shared in rank if shared - covered):
            exact = [key for key in keys if not further(key)]
            result.update(keys if len(keys) == 1 else exact if len(exact) == 1 else ())
        covered = covered.union(*rank)
    return result
