"""How a page's signals become its score: two formulas, their weights, and the choice of documents.

Every weight was measured, see docs/ranking.md.
"""

from dataclasses import dataclass

import numpy as np

from recto.index_types import Field
from recto.normalize import Float64s, share, z
from recto.search.bm25 import Form, Texts, bm25
from recto.text.analyse import title_question_ids

PAGE = Form(k1=1.2, b=0.75, with_pairs=True)
PASSAGE = Form(k1=1.2, b=0.75)
HEADING = Form(k1=1.0, b=0.3)
ROW = Form(k1=1.2, b=0)  # without its length, a row scores alike wherever it is looked for
FORMS: dict[Field, Form] = {"text": PAGE, "heading": HEADING, "passages": PASSAGE}
TITLE = Form(k1=0.9, b=0.1)
PROFILE = Form(k1=0.9, b=0.3)
NAMING = 4  # what the document that the question names gains, beside 0 to 2 for fitting it: its quotes come first too


@dataclass(frozen=True, slots=True, kw_only=True)
class RankWeights:
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
    reference: float  # if the question names it
    max_sim: float  # a point of max-sim between the question and its passage, among the first pages
    rerank_reach: float  # how far such a page's score may lie behind the best one's


# One document, with vectors. Behind each weight stands what H@5 / MRR are without the signal, on the 107 questions on
# mixed documents of docs/ranking.md; with all signals they are .953 / .718.
WITHIN = RankWeights(
    page=0.75,  # .888 / .597
    passage=0.25,  # .963 / .690
    heading=0.2,  # .944 / .709
    rows=0.4,  # .944 / .703; what it is for are filings: .827 / .658 without, .885 / .706 with
    cosine=1.2,  # .944 / .749, but filings .827 / .607, and the shipped questions .742 / .542 against .834 / .701
    digits=0.165,  # .935 / .686 without both; higher ones win on filings and lose on annual reports
    digits_if_figure=0.5,
    short=3,  # .953 / .713: it seldom matters
    fit=0,  # there is no choice
    reference=3,  # .916 / .706
    max_sim=6,  # .953 / .713, and H@1 .551 against .561; the shipped questions gain .055
    rerank_reach=1,  # as good as without a limit, and four questions of five need no second look
)
# One document, by words alone: .944 / .735.
WITHIN_WORDS = RankWeights(
    page=1,
    passage=0.6,
    heading=0.2,
    rows=0.3,
    cosine=0,
    digits=0.05,  # without vectors .5 does harm
    digits_if_figure=0.15,
    short=3,
    fit=0,
    reference=3,
    max_sim=0,
    rerank_reach=0,
)
# Several documents, with or without vectors.
ACROSS = RankWeights(
    page=1,
    passage=0.5,
    heading=0.4,
    rows=0.3,
    cosine=0.6,
    digits=0.1,
    digits_if_figure=0.2,
    short=1,
    fit=0.75,  # a modest one: names without meaning mislead it, see the table of routers in docs/ranking.md
    reference=1,
    max_sim=1.5,  # MRR .646 of 107, .625 without; 6.25 takes filings from .634 to .570
    rerank_reach=0.25,  # filings .637, .624 without a limit
)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RankSignals:
    """What is known of each page, all (n,). BM25 scores are raw, `digits` are z-scores."""

    page: Float64s
    passage: Float64s  # its best passage's
    heading: Float64s
    rows: Float64s  # its best row of a table, with the heads of the columns
    digits: Float64s
    short: Float64s  # 1 for a page with too little text, else 0
    fit: Float64s  # how well its document fits the question, 0 to 6
    reference: Float64s  # 1 for a page that the question names, else 0


def keyword_score(signals: RankSignals, weights: RankWeights, *, across: bool, figure: bool) -> Float64s:
    """The part of a page's score that needs no encoder, (n,).

    In one document by standard scores, for which all its pages must be there; `across` several by shares of the best.
    """
    scaled = share if across else z
    words = (
        weights.page * scaled(signals.page)
        + weights.passage * scaled(signals.passage)
        + weights.heading * scaled(signals.heading)
        + weights.rows * scaled(signals.rows)
    )
    prior = weights.digits_if_figure if figure else weights.digits
    # A page that the question names, or that its words rank first, may be short.
    best = words == words.max(initial=-np.inf)
    may_be_short = (signals.reference > 0) | (best & (np.count_nonzero(best) == 1))
    short = np.where(may_be_short, 0, signals.short)
    page = prior * signals.digits - weights.short * short + weights.reference * signals.reference
    return words + weights.fit * signals.fit + page


def fitness(question: str, titles: Texts, profiles: Texts) -> Float64s:
    """How well each document fits a question, 0 to 2, by its title and its first pages."""
    query_terms = title_question_ids(question)
    title = bm25(titles, query_terms, TITLE)
    profile = bm25(profiles, query_terms, PROFILE)
    return share(title) + share(profile)
