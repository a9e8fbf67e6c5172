"""From the best pages to the quotes that answer, and how sure it is that they do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from recto.answer.abstain import NO_EVIDENCE, AbstainSignals, Similarity
from recto.answer.blocks import laid_out
from recto.answer.evidence import ENCODED, CandidateSentence, shortlist, weigh
from recto.answer.quote import Quote, choose
from recto.answer.rows import RowMatch
from recto.query import Query
from recto.types import Floats

EVIDENCE = 5  # quotes that a model may be given, if its speed allows: 99 of 100 of XQuAD's answers stand in them

Measure = Callable[[Sequence[str]], Floats]  # a score for each of n texts, (n,)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionMatch:
    """How texts are compared with the question at hand."""

    query: Query
    keyword: Measure  # BM25
    semantic: Measure | None  # max-sim; None without an encoder
    coverage: Callable[[str], float]  # how much of the question's terms a text holds, 0 to 1
    terms: int  # how many the question has
    rarity: float  # how rare they are among the library's passages, 0 to 1
    cosine: float  # the largest one of the question and a passage


@dataclass(frozen=True, slots=True)
class Selection:
    """The best sentences, quoted, and how sure it is that they answer."""

    quotes: list[Quote]
    evidence: list[Quote]  # the same and some more, for a model to read
    signals: AbstainSignals


def select(sentences: Sequence[CandidateSentence], match: QuestionMatch) -> Selection:
    """Choose among the sentences of the best pages, the best page's first."""
    if not sentences:
        return Selection([], [], NO_EVIDENCE)
    rows = RowMatch.of(match.query, match.coverage)
    pages = laid_out((sentence.page for sentence in sentences), rows)
    keyword = match.keyword([sentence.text for sentence in sentences])
    best = shortlist(sentences, keyword)
    sentences, keyword = [sentences[index] for index in best], keyword[best]
    semantic = match.semantic([sentence.text[:ENCODED] for sentence in sentences]) if match.semantic else None
    scores = weigh(sentences, keyword, semantic)
    quotes = choose(sentences, scores, pages, rows)
    signals = AbstainSignals(
        similarity=None if semantic is None else Similarity(float(semantic.max()), match.cosine),
        page_coverage=match.coverage(quotes[0].page.text),
        quote_coverage=match.coverage(quotes[0].text),
        terms=match.terms,
        rarity=match.rarity,
    )
    return Selection(quotes, choose(sentences, scores, pages, rows, most=EVIDENCE), signals)
