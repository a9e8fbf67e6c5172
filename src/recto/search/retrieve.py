"""A question to ranked pages: their signals, their scores, and the best passage of each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from recto.index_types import Field
from recto.search.bm25 import Float64s, Int64s, Statistics, Texts, bm25, counted, wanted_terms
from recto.search.candidates import Asked, Scope, gather
from recto.search.encoder import Encoder, max_sim
from recto.search.index import headed
from recto.search.lookup import Lookup, statistics
from recto.search.normalize import share, z_against
from recto.search.page_references import named
from recto.search.rank import (
    ACROSS,
    FORMS,
    PASSAGE,
    ROW,
    WITHIN,
    WITHIN_WORDS,
    Signals,
    Weights,
    keyword_across,
    keyword_within,
)
from recto.text.analyse import asks_for_figure, term_ids
from recto.text.ratios import spelled_out
from recto.types import Document, Floats, UInt32s

LOOKED_AT = 10  # pages whose best passages are encoded on the spot while the library has no vectors of them
PASSAGES_EACH = 2
REREAD = 3  # best pages whose passages are read token by token, if they are within reach of the best
SPOT_WEIGHT = 0.75  # of their cosine against their keyword score, both as z-scores over the pages looked at


@dataclass(frozen=True, slots=True)
class Found:
    """A page that search found, by its best passage."""

    doc: str
    page: int
    passage: int  # its index among the page's passages
    keyword: float
    semantic: float
    cosine: float | None  # of the question and that passage; None if it is not known

    @property
    def score(self) -> float:
        """What pages are ranked by."""
        return self.keyword + self.semantic


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """BM25 scores of n pages and m passages."""

    page: Float64s  # (n,)
    heading: Float64s  # (n,)
    passages: Float64s  # (m,)
    passage: Float64s  # (n,): each page's best, 0 if it has none
    rows: Float64s  # (n,): each page's best row of a table, 0 if it has none


def find(question: str, lookup: Lookup, encoder: Encoder | None, *, docs: Sequence[Document], k: int) -> list[Found]:
    """The k best pages of these documents, best first, each by its best passage."""
    if not docs:
        return []
    vector = np.empty(0, np.float32) if encoder is None else encoder.encode([question])[0]
    asked = Asked(question, term_ids(spelled_out(question)), vector, docs, lookup, encoder)
    scope = gather(asked)
    words = _words(asked, scope)
    matched = (words.page > 0) | (words.heading > 0) | (words.passage > 0)
    keyword = _keyword(asked, scope, words)
    cosines = _cosines(asked, scope, words, np.where(matched, keyword, -np.inf))
    semantic = _semantic(asked, scope, scope.best(cosines), keyword)
    answerable = (np.diff(scope.first) > 0) & (matched | ~np.isnan(scope.best(cosines)))
    order = np.argsort(-(keyword + semantic), kind="stable")
    found = []
    for page in order[answerable[order]][: max(k, REREAD)].tolist():
        row, passage = scope.rows[page], _best_passage(scope, page, words.passages, cosines)
        cosine = float(cosines[scope.first[page] + passage])
        known = None if np.isnan(cosine) else cosine
        found.append(Found(row.doc, row.number, passage, float(keyword[page]), float(semantic[page]), known))
    return _reread(asked, found)[:k]


def sentence_scores(question: str, sentences: Sequence[str], *, lookup: Lookup) -> Floats:
    """BM25 of sentences, (n,); how rare a term is, the library's passages say."""
    texts = Texts.of([term_ids(sentence) for sentence in sentences])
    wanted = wanted_terms(term_ids(question), PASSAGE)
    known = replace(statistics(lookup, "passages", wanted, PASSAGE), mean_length=texts.mean_length)
    return bm25(texts, wanted, PASSAGE, known=known).astype(np.float32)


def _words(asked: Asked, scope: Scope) -> Words:
    terms, wanted = [row.terms for row in scope.rows], wanted_terms(asked.terms, PASSAGE)
    texts = Texts.of([array for page in terms for array in page.passages])
    known = counted(texts, wanted, PASSAGE) if scope.whole else statistics(asked.lookup, "passages", wanted, PASSAGE)
    passages = bm25(texts, wanted, PASSAGE, known=known)
    return Words(
        page=_bm25(asked, scope, "text", [page.text for page in terms]),
        heading=_bm25(asked, scope, "heading", [page.heading for page in terms]),
        passages=passages,
        passage=np.nan_to_num(scope.best(passages)),
        rows=_best_rows([page.rows for page in terms], wanted, known),
    )


def _best_rows(pages: Sequence[Sequence[UInt32s]], wanted: UInt32s, known: Statistics) -> Float64s:
    """Each page's best row, (n,); how rare a term is, passages say: among rows no word is common."""
    scores = bm25(Texts.of([array for rows in pages for array in rows]), wanted, ROW, known=known)
    best = np.zeros(len(pages))
    np.maximum.at(best, np.repeat(np.arange(len(pages)), list(map(len, pages))), scores)
    return best


def _bm25(asked: Asked, scope: Scope, field: Field, arrays: Sequence[UInt32s]) -> Float64s:
    form = FORMS[field]
    wanted = wanted_terms(asked.terms, form)
    known = None if scope.whole else statistics(asked.lookup, field, wanted, form)
    return bm25(Texts.of(arrays), wanted, form, known=known)


def _keyword(asked: Asked, scope: Scope, words: Words) -> Float64s:
    pages = named(asked.question, asked.docs, asked.lookup)
    signals = Signals(
        page=words.page,
        passage=words.passage,
        heading=words.heading,
        rows=words.rows,
        digits=np.array([row.terms.digits for row in scope.rows]),
        short=np.array([row.terms.short for row in scope.rows], np.float64),
        fit=scope.fits,
        named=np.array([(row.doc, row.number) in pages for row in scope.rows], np.float64),
    )
    figure = asks_for_figure(spelled_out(asked.question))
    if len(asked.docs) > 1:
        return keyword_across(signals, ACROSS, figure=figure)
    return keyword_within(signals, WITHIN if scope.near.keys.size else WITHIN_WORDS, figure=figure)


def _cosines(asked: Asked, scope: Scope, words: Words, keyword: Float64s) -> Float64s:
    """Each passage's cosine, (m,), or NaN; of the best pages that are not encoded, some are encoded now."""
    cosines = scope.cosines()
    if asked.encoder is None:
        return cosines
    unknown = np.isnan(scope.best(cosines)) & (np.diff(scope.first) > 0) & np.isfinite(keyword)
    order = np.argsort(-keyword, kind="stable")
    chosen = [at for page in order[unknown[order]][:LOOKED_AT] for at in _best_passages(scope, words, page)]
    if chosen:
        cosines[chosen] = asked.encoder.encode([_headed(asked, scope, at) for at in chosen]) @ asked.vector
    return cosines


def _best_passages(scope: Scope, words: Words, page: int) -> Int64s:
    own = np.arange(scope.first[page], scope.first[page + 1])
    return own[np.argsort(-words.passages[own], kind="stable")[:PASSAGES_EACH]]


def _headed(asked: Asked, scope: Scope, at: int) -> str:
    page = scope.owner[at]
    row = scope.rows[page]
    title = next(doc.title for doc in asked.docs if doc.id == row.doc)
    return headed(title, asked.lookup.passages(row.doc, row.number)[at - scope.first[page]])


def _reread(asked: Asked, found: list[Found]) -> list[Found]:
    """Raise the first few by how much of the question the tokens of their passages take up; they stay the first."""
    weights = _weights(asked)
    first = [one for one in found[:REREAD] if one.score >= found[0].score - weights.reach]
    if asked.encoder is None or len(first) < 2:
        return found
    texts = [asked.lookup.passages(one.doc, one.page)[one.passage].text for one in first]
    (question,) = asked.encoder.states([asked.question])  # by itself: beside longer texts it would be filled up
    taken = np.array([max_sim(question, each) for each in asked.encoder.states(texts)])
    raised = weights.close * (taken - taken.min())
    again = [replace(one, semantic=one.semantic + more) for one, more in zip(first, raised.tolist(), strict=True)]
    return sorted(again, key=lambda one: -one.score) + found[len(first) :]


def _semantic(asked: Asked, scope: Scope, cosines: Float64s, keyword: Float64s) -> Float64s:
    """The encoder's part of each page's score; a page of which nothing is known counts like the worst known."""
    known = ~np.isnan(cosines)
    if not known.any():
        return np.zeros(cosines.size)
    everything = scope.near.best if scope.near.best.size else cosines[known]
    standard = z_against(np.where(known, cosines, everything.min()), everything)
    if not scope.near.best.size:
        return SPOT_WEIGHT * float(keyword[known].std()) * standard
    return _weights(asked).cosine * standard


def _weights(asked: Asked) -> Weights:
    """What an encoder's signals count."""
    return ACROSS if len(asked.docs) > 1 else WITHIN


def _best_passage(scope: Scope, page: int, words: Float64s, cosines: Float64s) -> int:
    """The page's passage to show: words and meaning as shares of their best on this page, alike on any scope."""
    own = slice(scope.first[page], scope.first[page + 1])
    return int(np.argmax(share(words[own]) + share(np.nan_to_num(cosines[own]))))
