"""From the best pages to the quotes that answer, and how sure it is that they do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from recto.answer.abstain import NO_EVIDENCE, AbstainSignals, Similarity
from recto.answer.blocks import Layout
from recto.answer.evidence import ENCODED, CandidateSentence, TextSpan, blended, priors, shortlist, weigh
from recto.answer.quote import Quote, choose
from recto.answer.rows import RowMatch
from recto.normalize import Float64s
from recto.query import Query
from recto.text.asked_kind import asked_kind
from recto.text.detection import language_of
from recto.types import Floats

EVIDENCE = 5  # quotes that a model may be given, if its speed allows: 99 of 100 of XQuAD's answers stand in them
WINDOWS = 4  # passages of the best sentences that are read whole, to judge whether they answer


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionMatch:
    """How texts are compared with the question at hand."""

    query: Query
    keyword: Callable[[Sequence[str]], Floats]  # BM25 of n texts, (n,)
    similarities: Callable[[Sequence[TextSpan]], Floats] | None  # of n texts with each token of the question,
    # (n, tokens); None without an encoder
    token_weights: Float64s  # (tokens,): how rare each token's word is among the library's passages, as shares
    coverage: Callable[[str], float]  # how much of the question's terms a text holds, 0 to 1
    terms: int  # how many the question has
    rarity: float  # how rare they are among the library's passages, 0 to 1
    cosine: float  # the largest one of the question and a passage
    trained: Callable[[str], bool]  # whether the encoder, if there is one, was trained on a language

    def across(self, page: str) -> bool:
        """Whether the encoder has to tell if a page's text answers, as it is in another language than the question."""
        languages = language_of(page), self.query.language
        return all(languages) and languages[0] != languages[1] and self.query.judged and self.trained(languages[0])

    def read(self, sentences: Sequence[CandidateSentence]) -> tuple[Floats | None, Similarity | None]:
        """The max-sim of sentences, best first, as standard scores, (n,), and how near their passages come.

        The first few passages are read whole, and the sentences in them twice: alone and there. Nothing without an
        encoder.
        """
        if self.similarities is None:
            return None, None
        windows = list(dict.fromkeys(sentence.passage for sentence in sentences))[:WINDOWS]
        inside = [index for index, sentence in enumerate(sentences) if sentence.passage in windows]
        alone = [TextSpan.whole(sentence.text[:ENCODED]) for sentence in sentences]
        in_context = [sentences[index].in_passage for index in inside]
        whole = [TextSpan.whole(window.text) for window in windows]
        similarities = self.similarities([*alone, *in_context, *whole])
        means = similarities.sum(axis=1) / max(similarities.shape[1], 1)  # a question may have no token at all
        of_passages, of_windows = means[len(alone) : -len(windows)], means[-len(windows) :]
        similarity = Similarity(
            passage=self.cosine,
            window=float(of_windows.max()),
            words=float(self.token_weights @ similarities[-len(windows) :].max(axis=0)),
        )
        return blended(means[: len(alone)], inside, of_passages), similarity


@dataclass(frozen=True, slots=True)
class Selection:
    """The best sentences, quoted, and how sure it is that they answer."""

    quotes: list[Quote]
    evidence: list[Quote]  # the same and some more, for a model to read
    signals: AbstainSignals
    located: bool = False  # a place that the question names is there


def select(sentences: Sequence[CandidateSentence], match: QuestionMatch) -> Selection:
    """Choose among the sentences of the best pages, the best page's first."""
    if not sentences:
        return Selection([], [], NO_EVIDENCE)
    layout = Layout.of(sentences, RowMatch.of(match.query, match.coverage))
    keyword = match.keyword([sentence.text for sentence in sentences])
    prior = priors(sentences, asked_kind(match.query.text))
    best = shortlist(sentences, keyword, prior)
    sentences, keyword = [sentences[index] for index in best], keyword[best]
    semantic, similarity = match.read(sentences)
    scores = weigh(keyword, semantic, prior[best], trained=match.query.judged)
    quotes = choose(sentences, scores, layout)
    signals = AbstainSignals(
        similarity=similarity if match.query.judged else None,
        page_coverage=match.coverage(quotes[0].page.text),
        quote_coverage=match.coverage(quotes[0].text),
        terms=match.terms,
        rarity=match.rarity,
        english=match.query.english,
        across=match.across(quotes[0].page.text),
    )
    return Selection(quotes, choose(sentences, scores, layout, most=EVIDENCE), signals)
