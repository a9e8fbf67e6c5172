"""Ranking: fusion, the two formulas, candidates against a full scan, and libraries in every state of encoding."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recto.index_types import IndexedPage
from recto.pdf.passages import passages
from recto.search import candidates
from recto.search import retrieve as finding
from recto.search.candidates import Asked, gather
from recto.search.encoder import max_sim
from recto.search.index import headed, page_terms, title
from recto.search.normalize import share, z
from recto.search.rank import ACROSS, WITHIN, WITHIN_WORDS, Signals, fitness, keyword_across, keyword_within
from recto.search.retrieve import _words, find, sentence_scores
from recto.store.sqlite import open_store
from recto.text.analyse import term_ids, title_ids
from recto.text.tables import headed_rows
from recto.types import Document, Flag, Page
from support.memory_index import HashEncoder, Shelf
from support.paths import EXAMPLES, HERE

ENCODER = HashEncoder()
SCORES = arrays(np.float64, 12, elements=st.floats(0, 100).map(lambda score: round(score, 3)))


def page(number: int, text: str) -> Page:
    return Page(number, 612, 792, Flag.TEXT, text, np.empty((0, 2), np.uint32), np.empty((0, 4), np.uint16))


def shelf_of(*documents: list[str], encoded: bool | int = True) -> Shelf:
    """A shelf of documents given as the texts of their pages; the first `encoded` of them with vectors."""
    shelf = Shelf()
    for count, texts in enumerate(documents):
        name = f"document_{count}.pdf"
        pages = [page(number, text) for number, text in enumerate(texts)]
        document = Document(name, name, title(name), len(pages), 1, 0.0)
        shelf.add(document, pages, [passages(each, name) for each in pages])
        if encoded is True or count < encoded:
            shelf.encode(ENCODER, document)
    return shelf


def words_of(question: str, *documents: list[str]):
    """What the words of the question score in each of these documents by itself."""
    shelf = shelf_of(*documents)
    for document in shelf.docs:
        asked = Asked(question, term_ids(question), ENCODER.encode([question])[0], [document], shelf, ENCODER)
        yield _words(asked, gather(asked))


def word(number: int) -> str:
    """A made-up word, of letters alone."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number)) + "q"


def prose(seed: int, words: int = 90) -> str:
    """Text of Zipf-distributed made-up words."""
    rng = np.random.default_rng(seed)
    return " ".join(word(number) for number in np.minimum(rng.zipf(1.3, words), 3000)) + "."


def places(found):
    return [(hit.doc, hit.page) for hit in found]


# --- fusion ----------------------------------------------------------------------------------------------------------
@given(SCORES, st.floats(0.01, 1000))
def test_fusion_ignores_the_scale_of_scores(scores, factor) -> None:
    signals = Signals(scores, scores[::-1], scores**2, scores**3, *[np.zeros(12)] * 4)
    larger = replace(signals, page=signals.page * factor)
    across = [keyword_across(each, ACROSS, figure=True) for each in (signals, larger)]
    assert np.allclose(*across)
    if scores.std() > 0.01 and (scores * factor).std() > 0.01:  # epsilon aside
        within = [keyword_within(each, WITHIN, figure=True) for each in (signals, larger)]
        assert np.allclose(*within, atol=0.01)


@given(SCORES)
def test_scales(scores) -> None:
    assert abs(z(scores).mean()) < 1e-6
    assert share(scores).max() in (0, 1)


def test_a_figure_question_prefers_digits_and_short_pages_lose() -> None:
    equal, marked = np.ones(3), np.array([0.0, 1.0, 0.0])
    signals = Signals(equal, equal, equal, equal, marked, *[np.zeros(3)] * 3)
    assert keyword_within(signals, WITHIN, figure=True)[1] > keyword_within(signals, WITHIN, figure=False)[1] > 0
    assert keyword_within(replace(signals, short=marked), WITHIN, figure=True).argmin() == 1


@pytest.mark.parametrize("weights", [WITHIN, WITHIN_WORDS])
def test_a_page_that_the_question_names_comes_first(weights) -> None:
    equal, marked = np.ones(3), np.array([0.0, 1.0, 0.0])
    signals = Signals(equal, equal, equal, equal, *[np.zeros(3)] * 3, marked)
    assert keyword_within(signals, weights, figure=False).argmax() == 1


@pytest.mark.parametrize("weights", [WITHIN, WITHIN_WORDS])
def test_a_page_with_a_row_that_answers_comes_before_one_without(weights) -> None:
    equal, marked = np.ones(3), np.array([0.0, 1.0, 0.0])
    signals = Signals(equal, equal, equal, marked, *[np.zeros(3)] * 4)
    assert keyword_within(signals, weights, figure=False).argmax() == 1


def test_a_row_counts_with_the_heads_of_its_columns() -> None:
    """The same words on the same page, but only there the year stands above the row."""
    prose = "In 2019 it was dry. " * 4
    below = f"{prose}\nYear 2019 2018\nDepreciation 415 398\n"
    apart = f"{prose}\nYear 2019 2018 was dry.\nDepreciation 415 398\n"
    scores = [one.rows.max() for one in words_of("depreciation 2019", [below], [apart])]
    assert scores[0] > scores[1] > 0


def test_the_document_that_is_named_fits_best() -> None:
    titles = [title_ids(title(name)) for name in ("BESTBUY_2017_10K.pdf", "NIKE_2018_10K.pdf", "NIKE_2021_10K.pdf")]
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
    shelf = shelf_of(*TEXTS, encoded=encoded)
    for docs in (shelf.docs, shelf.docs[:1]):
        found = find("How much did net revenue rise?", shelf, encoder, docs=docs, k=10)
        assert places(found)[0] == ("document_0.pdf", 1)
        assert all(hit.semantic == 0 for hit in found) or encoder
    assert places(find("timer extension", shelf, encoder, docs=shelf.docs, k=1)) == [("document_1.pdf", 1)]


@pytest.mark.parametrize(
    "question", ["what is it", "", "§ ¶ …", "\x00\ufffe\ud800", "nowhere to be found", "q " * 5000]
)
def test_odd_questions(question) -> None:
    shelf = shelf_of(*TEXTS)
    assert find(question, shelf, None, docs=shelf.docs, k=10) == []
    assert len(find(question, shelf, ENCODER, docs=shelf.docs, k=10)) == 5
    assert find(question, shelf_of(*TEXTS, encoded=0), ENCODER, docs=shelf.docs, k=10) == []


def test_nothing_to_search() -> None:
    assert find("revenue", Shelf(), ENCODER, docs=[], k=10) == []
    empty = shelf_of(["", " "], [""])
    assert find("revenue", empty, ENCODER, docs=empty.docs, k=10) == []
    assert find("revenue", empty, None, docs=empty.docs[:1], k=10) == []


def test_one_hit_a_page_in_order_of_score() -> None:
    shelf = shelf_of(*[[prose(10 * doc + number, 400) for number in range(8)] for doc in range(3)])
    found = find("fq jq bcaq", shelf, ENCODER, docs=shelf.docs, k=10)
    scores = [hit.keyword + hit.semantic for hit in found]
    assert scores == sorted(scores, reverse=True)
    assert len(set(places(found))) == len(found) == 10


@pytest.mark.parametrize("seed", range(5))
def test_the_first_pages_stand_in_order_of_how_their_passages_take_up_the_question(seed, monkeypatch) -> None:
    shelf = shelf_of([prose(10 * seed + number, 400) for number in range(8)])
    question = "fq jq bcaq bbq ccq"
    monkeypatch.setattr(finding, "WITHIN", WITHIN._replace(reach=3))
    after = find(question, shelf, ENCODER, docs=shelf.docs, k=10)
    monkeypatch.setattr(finding, "REREAD", 0)
    before = find(question, shelf, ENCODER, docs=shelf.docs, k=10)
    near = sum(hit.score >= before[0].score - 3 for hit in before[:3])
    assert near > 1
    assert set(places(after[:near])) == set(places(before[:near]))
    assert after[near:] == before[near:]
    raised, taken = {}, {}
    for hit in after[:near]:
        (was,) = (one for one in before if one.page == hit.page)
        states = ENCODER.states([question, shelf.passages(hit.doc, hit.page)[hit.passage].text])
        raised[hit.page], taken[hit.page] = hit.semantic - was.semantic, max_sim(*states)
    assert sorted(raised, key=raised.__getitem__) == sorted(taken, key=taken.__getitem__)
    assert min(raised.values()) == 0 < max(raised.values())


def test_the_best_passage_of_a_page_is_shown() -> None:
    text = "\n".join(["Filler about nothing. " * 15, "The zebra crossed the road. " * 10, "More filler here. " * 20])
    for encoder in (None, ENCODER):
        shelf = shelf_of([text, prose(1)])
        (hit,) = find("zebra road", shelf, encoder, docs=shelf.docs, k=1)
        assert "zebra" in shelf.passages(hit.doc, hit.page)[hit.passage].text


def test_sentences_are_scored_by_rarity_in_the_library() -> None:
    shelf = shelf_of(["common common rare. " * 30, "common words. " * 40, "common again. " * 40])
    scores = sentence_scores("common rare", ["It is common.", "It is rare.", "Neither."], lookup=shelf)
    assert scores.argmax() == 1
    assert scores[2] == 0
    assert sentence_scores("common", [], lookup=shelf).size == 0


# --- candidates against a full scan ----------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def large() -> Shelf:
    return shelf_of(*[[prose(1000 * doc + number) for number in range(30)] for doc in range(20)], encoded=14)


@pytest.mark.slow
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(numbers=st.lists(st.integers(3, 400), min_size=3, max_size=8), named=st.booleans())
def test_candidates_give_the_pages_of_a_full_scan(large, monkeypatch, numbers, named) -> None:
    question = " ".join(map(word, numbers)) + (" in document 7" if named else "")
    for encoder in (None, ENCODER):
        scanned = find(question, large, encoder, docs=large.docs, k=10)
        with monkeypatch.context() as patch:
            patch.setattr(candidates, "SCAN_PAGES", 0)
            assert places(find(question, large, encoder, docs=large.docs, k=10)) == places(scanned)


QUESTIONS = ["software validation plan", "What does the timer extension do?", "number of counters", "machine learning"]


@pytest.mark.slow
def test_candidates_of_the_real_store_too(tmp_path, monkeypatch) -> None:
    store = open_store(tmp_path)
    for path in sorted([*EXAMPLES.glob("*.pdf"), *(HERE / "corpus").glob("riscv*.pdf")]):
        document, pages = read(path)
        cut = [passages(each, document.id) for each in pages]
        terms = page_terms(document.title, pages, cut, [headed_rows(page.text) for page in pages])
        store.put(document, path, [IndexedPage(*parts) for parts in zip(pages, map(tuple, cut), terms, strict=True)])
        texts = [headed(document.title, passage) for those in cut for passage in those]
        store.put_vectors(document.id, ENCODER.fingerprint, ENCODER.encode(texts))
    docs = store.documents()
    scanned = [places(find(question, store, ENCODER, docs=docs, k=10)) for question in QUESTIONS]
    monkeypatch.setattr(candidates, "SCAN_PAGES", 0)
    assert [places(find(question, store, ENCODER, docs=docs, k=10)) for question in QUESTIONS] == scanned
    store.close()


def read(path: Path) -> tuple[Document, list[Page]]:
    content = path.read_bytes()
    pdf = pypdfium2.PdfDocument(content)
    pages = [page(number, each.get_textpage().get_text_bounded()) for number, each in enumerate(pdf)]
    pdf.close()
    name = path.name
    return Document(hashlib.sha256(content).hexdigest(), name, title(name), len(pages), len(content), 0.0), pages
