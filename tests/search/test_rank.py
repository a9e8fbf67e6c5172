"""Ranking: fusion, the two formulas, candidates against a full scan, and libraries in every state of encoding."""

from dataclasses import replace

import numpy as np
import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recto.normalize import share, z
from recto.search import candidates
from recto.search import retrieve as finding
from recto.search.bm25 import Texts
from recto.search.candidates import DocumentRouter, Scope, gather
from recto.search.encoder import max_sim
from recto.search.index import title
from recto.search.query import analyse_query
from recto.search.rank import ACROSS, WITHIN, WITHIN_WORDS, RankSignals, RankWeights, fitness, keyword_score
from recto.search.retrieve import sentence_scores, word_scores
from recto.store.sqlite import SqliteStore
from recto.text.analyse import title_ids
from support.memory_index import HashEncoder, MemoryStore, find, put_pages, text_page
from support.paths import EXAMPLES, HERE

ENCODER = HashEncoder()
MARKED = np.array([0.0, 1.0, 0.0])
SCORES = arrays(np.float64, 12, elements=st.floats(0, 100).map(lambda score: round(score, 3)))


def store_of(*documents: list[str], encoded: bool | int = True) -> MemoryStore:
    """A store of documents given as the texts of their pages; the first `encoded` of them with vectors."""
    store = MemoryStore()
    for count, texts in enumerate(documents):
        pages = [text_page(number, text) for number, text in enumerate(texts)]
        encoder = ENCODER if encoded is True or count < encoded else None
        put_pages(store, f"document_{count}.pdf", pages, encoder)
    return store


def words_of(question: str, *documents: list[str]):
    """What the words of the question score in each of these documents by itself."""
    store, query = store_of(*documents), analyse_query(question, ENCODER)
    for document in store.documents():
        scope = Scope(docs=[document], store=store, encoder=ENCODER, router=DocumentRouter())
        yield word_scores(query, gather(query, scope), store)


def word(number: int) -> str:
    """A made-up word, of letters alone."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number)) + "q"


def prose(seed: int, words: int = 90) -> str:
    """Text of Zipf-distributed made-up words."""
    rng = np.random.default_rng(seed)
    return " ".join(word(number) for number in np.minimum(rng.zipf(1.3, words), 3000)) + "."


def places(hits):
    return [(hit.doc, hit.page) for hit in hits]


def signals(**values) -> RankSignals:
    """Signals of pages that are alike in all that is not given."""
    pages = len(next(iter(values.values())))
    words = dict.fromkeys(("page", "passage", "heading", "rows"), np.ones(pages))
    habits = dict.fromkeys(("digits", "short", "fit", "reference"), np.zeros(pages))
    return RankSignals(**(words | habits | values))


def within(values: RankSignals, weights: RankWeights = WITHIN, *, figure: bool = False):
    return keyword_score(values, weights, across=False, figure=figure)


def names(store: MemoryStore, hits) -> list[tuple[str, int]]:
    by_id = {document.id: document.name for document in store.documents()}
    return [(by_id[doc], page) for doc, page in places(hits)]


# --- fusion ----------------------------------------------------------------------------------------------------------
@given(SCORES, st.floats(0.01, 1000))
def test_fusion_ignores_the_scale_of_scores(scores, factor) -> None:
    smaller = signals(page=scores, passage=scores[::-1], heading=scores**2, rows=scores**3)
    larger = replace(smaller, page=smaller.page * factor)
    across = [keyword_score(each, ACROSS, across=True, figure=True) for each in (smaller, larger)]
    assert np.allclose(*across)
    if scores.std() > 0.01 and (scores * factor).std() > 0.01:  # epsilon aside
        assert np.allclose(*[within(each, figure=True) for each in (smaller, larger)], atol=0.01)


@given(SCORES)
def test_scales(scores) -> None:
    assert abs(z(scores).mean()) < 1e-6
    assert share(scores).max() in (0, 1)


def test_a_figure_question_prefers_digits_and_short_pages_lose() -> None:
    digits = signals(digits=MARKED)
    assert within(digits, figure=True)[1] > within(digits)[1] > 0
    assert within(signals(short=MARKED), figure=True).argmin() == 1


@pytest.mark.parametrize("across", [True, False])
def test_a_page_that_words_rank_first_or_that_is_named_may_be_short(across) -> None:
    def scores(**values):
        return keyword_score(signals(**values), WITHIN, across=across, figure=False).tolist()

    ranked_first = {"page": np.array([1.0, 2.0, 1.5])}
    assert scores(**ranked_first, short=MARKED) == scores(**ranked_first)
    assert scores(reference=MARKED, short=MARKED) == scores(reference=MARKED)
    assert scores(**ranked_first, short=MARKED[[1, 0, 2]])[0] < scores(**ranked_first)[0]


@pytest.mark.parametrize("weights", [WITHIN, WITHIN_WORDS])
def test_a_page_that_the_question_names_comes_first(weights) -> None:
    assert within(signals(reference=MARKED), weights).argmax() == 1


@pytest.mark.parametrize("weights", [WITHIN, WITHIN_WORDS])
def test_a_page_with_a_row_that_answers_comes_before_one_without(weights) -> None:
    assert within(signals(rows=MARKED), weights).argmax() == 1


def test_a_row_counts_with_the_heads_of_its_columns() -> None:
    """The same words on the same page, but only there the year stands above the row."""
    prose = "In 2019 it was dry. " * 4
    below = f"{prose}\nYear 2019 2018\nDepreciation 415 398\n"
    apart = f"{prose}\nYear 2019 2018 was dry.\nDepreciation 415 398\n"
    scores = [words.rows.max() for words in words_of("depreciation 2019", [below], [apart])]
    assert scores[0] > scores[1] > 0


def test_the_document_that_is_named_fits_best() -> None:
    names = "BESTBUY_2017_10K.pdf", "NIKE_2018_10K.pdf", "NIKE_2021_10K.pdf"
    titles = Texts.of([title_ids(title(name)) for name in names])
    assert fitness("What did Best Buy sell in FY2017?", titles, titles).argmax() == 0
    assert fitness("Nike's FY2021 margin", titles, titles).argmax() == 2


# --- finding ---------------------------------------------------------------------------------------------------------
TEXTS = [
    ["The company sells shoes. " * 20, "Net revenue rose to 12.5 million in 2020. " * 20, "Risks are many. " * 30],
    ["A manual for kernel hackers. " * 20, "The timer extension sets the clock. " * 20],
]


@pytest.mark.parametrize("encoded", [0, 1, True])
@pytest.mark.parametrize("encoder", [None, ENCODER])
def test_the_right_page_is_first_in_every_state(encoded, encoder) -> None:
    store = store_of(*TEXTS, encoded=encoded)
    for docs in (store.documents(), store.documents()[:1]):
        found = find("How much did net revenue rise?", store, encoder, docs=docs, k=10)
        assert names(store, found)[0] == ("document_0.pdf", 1)
        assert all(hit.semantic == 0 for hit in found) or encoder
    hits = find("timer extension", store, encoder, docs=store.documents(), k=1)
    assert names(store, hits) == [("document_1.pdf", 1)]


@pytest.mark.parametrize(
    "question", ["what is it", "", "§ ¶ …", "\x00\ufffe\ud800", "nowhere to be found", "q " * 5000]
)
def test_odd_questions(question) -> None:
    store = store_of(*TEXTS)
    assert find(question, store, None, docs=store.documents(), k=10) == []
    assert len(find(question, store, ENCODER, docs=store.documents(), k=10)) == 5
    assert find(question, store_of(*TEXTS, encoded=0), ENCODER, docs=store.documents(), k=10) == []


def test_nothing_to_search() -> None:
    assert find("revenue", MemoryStore(), ENCODER, docs=[], k=10) == []
    empty = store_of(["", " "], [""])
    assert find("revenue", empty, ENCODER, docs=empty.documents(), k=10) == []
    assert find("revenue", empty, None, docs=empty.documents()[:1], k=10) == []


def test_one_hit_a_page_in_order_of_score() -> None:
    store = store_of(*[[prose(10 * doc + number, 400) for number in range(8)] for doc in range(3)])
    found = find("fq jq bcaq", store, ENCODER, docs=store.documents(), k=10)
    scores = [hit.keyword + hit.semantic for hit in found]
    assert scores == sorted(scores, reverse=True)
    assert len(set(places(found))) == len(found) == 10


@pytest.mark.parametrize("seed", range(5))
def test_the_first_pages_stand_in_order_of_how_their_passages_take_up_the_question(seed, monkeypatch) -> None:
    store = store_of([prose(10 * seed + number, 400) for number in range(8)])
    question = "fq jq bcaq bbq ccq"
    monkeypatch.setattr(finding, "WITHIN", replace(WITHIN, rerank_reach=3))
    after = find(question, store, ENCODER, docs=store.documents(), k=10)
    monkeypatch.setattr(finding, "RERANKED", 0)
    before = find(question, store, ENCODER, docs=store.documents(), k=10)
    near = sum(hit.score >= before[0].score - 3 for hit in before[:3])
    assert near > 1
    assert set(places(after[:near])) == set(places(before[:near]))
    assert after[near:] == before[near:]
    raised, taken = {}, {}
    for hit in after[:near]:
        (was,) = (earlier for earlier in before if earlier.page == hit.page)
        states = ENCODER.states([question, store.passages(hit.doc, hit.page)[hit.passage].text])
        raised[hit.page], taken[hit.page] = hit.semantic - was.semantic, max_sim(*states)
    assert sorted(raised, key=raised.__getitem__) == sorted(taken, key=taken.__getitem__)
    assert min(raised.values()) == 0 < max(raised.values())


def test_the_best_passage_of_a_page_is_shown() -> None:
    text = "\n".join(["Filler about nothing. " * 15, "The zebra crossed the road. " * 10, "More filler here. " * 20])
    for encoder in (None, ENCODER):
        store = store_of([text, prose(1)])
        (hit,) = find("zebra road", store, encoder, docs=store.documents(), k=1)
        assert "zebra" in store.passages(hit.doc, hit.page)[hit.passage].text


def test_sentences_are_scored_by_rarity_in_the_library() -> None:
    store = store_of(["common common rare. " * 30, "common words. " * 40, "common again. " * 40])
    scores = sentence_scores(analyse_query("common rare", None), ["It is common.", "It is rare.", "Neither."], store)
    assert scores.argmax() == 1
    assert scores[2] == 0
    assert sentence_scores(analyse_query("common", None), [], store).size == 0


# --- candidates against a full scan ----------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def large() -> MemoryStore:
    return store_of(*[[prose(1000 * doc + number) for number in range(20)] for doc in range(12)], encoded=8)


@pytest.mark.slow
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(numbers=st.lists(st.integers(3, 400), min_size=3, max_size=8), named=st.booleans())
def test_candidates_give_the_pages_of_a_full_scan(large, monkeypatch, numbers, named) -> None:
    question = " ".join(map(word, numbers)) + (" in document 7" if named else "")
    for encoder in (None, ENCODER):
        scanned = find(question, large, encoder, docs=large.documents(), k=10)
        with monkeypatch.context() as patch:
            patch.setattr(candidates, "SCAN_PAGES", 0)
            assert places(find(question, large, encoder, docs=large.documents(), k=10)) == places(scanned)


QUESTIONS = ["software validation plan", "What does the timer extension do?", "number of counters", "machine learning"]


@pytest.mark.slow
def test_candidates_of_the_real_store_too(tmp_path, monkeypatch) -> None:
    store = SqliteStore(tmp_path)
    for path in sorted([*EXAMPLES.glob("*.pdf"), *(HERE / "corpus").glob("riscv*.pdf")]):
        pdf = pypdfium2.PdfDocument(path)
        pages = [text_page(number, each.get_textpage().get_text_bounded()) for number, each in enumerate(pdf)]
        pdf.close()
        put_pages(store, path.name, pages, ENCODER)
    docs = store.documents()
    scanned = [places(find(question, store, ENCODER, docs=docs, k=10)) for question in QUESTIONS]
    monkeypatch.setattr(candidates, "SCAN_PAGES", 0)
    assert [places(find(question, store, ENCODER, docs=docs, k=10)) for question in QUESTIONS] == scanned
    store.close()
