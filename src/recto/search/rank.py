"""How a page's signals become its score: two formulas, their weights, and the choice of documents.

Every weight was measured, see docs/ranking.md.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from recto.index_types import Field
from recto.search.bm25 import Float64s, Form, Texts, bm25
from recto.search.normalize import share, z
from recto.text.analyse import title_question_ids
from recto.types import UInt32s

PAGE = Form(k1=1.2, b=0.75, with_pairs=True)
PASSAGE = Form(k1=1.2, b=0.75)
HEADING = Form(k1=1.0, b=0.3)
ROW = Form(k1=1.2, b=0)  # without its length, a row scores alike wherever it is looked for
FORMS: dict[Field, Form] = {"text": PAGE, "heading": HEADING, "passages": PASSAGE}
TITLE = Form(k1=0.9, b=0.1)
PROFILE = Form(k1=0.9, b=0.3)


class Weights(NamedTuple):
    """What each signal counts in a page's score."""

    page: float
    passage: float
    heading: float
    rows: float
    cosine: float
    digits: float
    digits_if_figure: float  # when the question asks for a figure
    short: float  # taken off
    fit: float  # of its document
    named: float  # if the question names it
    close: float  # a point of max-sim between the question and its passage, among the first pages
    reach: float  # how far such a page's score may lie behind the best one's


WITHIN = Weights(0.75, 0.25, 0.2, 0.4, 1.2, 0.165, 0.5, 3, 0, 3, 6, 1)  # one document, with vectors
WITHIN_WORDS = Weights(1, 0.6, 0.2, 0.3, 0, 0.05, 0.15, 3, 0, 3, 0, 0)  # one document, by words alone
ACROSS = Weights(1, 0.5, 0.4, 0.3, 0.6, 0.1, 0.2, 1, 0.75, 1, 1.5, 0.25)  # several documents, with or without vectors


@dataclass(frozen=True, slots=True, eq=False)
class Signals:
    """What is known of each page, all (n,). BM25 scores are raw, `digits` are z-scores."""

    page: Float64s
    passage: Float64s  # its best passage's
    heading: Float64s
    rows: Float64s  # its best row of a table, with the heads of the columns
    digits: Float64s
    short: Float64s  # 1 for a page with too little text, else 0
    fit: Float64s  # how well its document fits the question, 0 to 2
    named: Float64s  # 1 for a page that the question names, else 0


def keyword_within(signals: Signals, weights: Weights, *, figure: bool) -> Float64s:
    """The part of a page's score that needs no encoder, among the pages of one document: all of them, for the z."""
    return _keyword(signals, z, weights, figure)


def keyword_across(signals: Signals, weights: Weights, *, figure: bool) -> Float64s:
    """The part of a page's score that needs no encoder, among the pages of several documents: at least the best."""
    return _keyword(signals, share, weights, figure)


def _keyword(signals: Signals, scaled: Callable[[Float64s], Float64s], weights: Weights, figure: bool) -> Float64s:
    words = (
        weights.page * scaled(signals.page)
        + weights.passage * scaled(signals.passage)
        + weights.heading * scaled(signals.heading)
        + weights.rows * scaled(signals.rows)
    )
    prior = weights.digits_if_figure if figure else weights.digits
    page = prior * signals.digits - weights.short * signals.short + weights.named * signals.named
    return words + weights.fit * signals.fit + page


def fitness(question: str, titles: Sequence[UInt32s], profiles: Sequence[UInt32s]) -> Float64s:
    """How well each document fits a question, 0 to 2, by its title and its first pages."""
    wanted = title_question_ids(question)
    title = bm25(Texts.of(titles), wanted, TITLE)
    profile = bm25(Texts.of(profiles), wanted, PROFILE)
    return share(title) + share(profile)
