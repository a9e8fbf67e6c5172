import pytest

from recto.search.coverage import TermCoverage
from recto.text.analyse import term_ids
from support.memory_index import MemoryStore, put_pages, text_page

TEXTS = ["The pump stands near the valve.", "The pump is open.", "The pump is closed.", "The gasket is red."]


@pytest.fixture
def store():
    store = MemoryStore()
    put_pages(store, "d.pdf", [text_page(number, text) for number, text in enumerate(TEXTS)])
    return store


def coverage_of(question, store):
    return TermCoverage.of(term_ids(question), store)


def test_all_terms_are_held_by_a_text_that_has_them_all(store):
    coverage = coverage_of("What is the gasket of the pump?", store)
    assert (coverage.share("The pump's gaskets"), coverage.terms.size) == (1.0, 2)


def test_a_rare_term_counts_more_than_a_common_one(store):
    coverage = coverage_of("gasket pump", store)
    common, rare = coverage.share("pump"), coverage.share("gasket")
    assert 0 < common < 0.5 < rare < 1
    assert common + rare == pytest.approx(1)


def test_a_term_the_library_does_not_know_counts_most(store):
    assert coverage_of("unicorn gasket", store).share("gasket") < 0.5


@pytest.mark.parametrize("question", ["", "What is it about?", "?!"])
def test_a_question_without_terms_is_held_by_nothing(store, question):
    coverage = coverage_of(question, store)
    assert (coverage.share("The pump is open."), coverage.terms.size, coverage.rarity) == (0.0, 0, 0.0)


def test_the_rarity_of_a_word_does_not_depend_on_how_little_else_is_there():
    alone, beside = MemoryStore(), MemoryStore()
    bill = text_page(0, "IBAN CH93 0076. The total is 84 francs.")
    put_pages(alone, "bill.pdf", [bill])
    put_pages(beside, "bill.pdf", [bill])
    put_pages(beside, "others.pdf", [text_page(number, f"A letter on roses, no. {number}.") for number in range(30)])
    assert coverage_of("IBAN", alone).rarity == pytest.approx(coverage_of("IBAN", beside).rarity, abs=0.05)
    assert coverage_of("IBAN", alone).rarity == pytest.approx(coverage_of("zeppelin", alone).rarity, abs=0.05)


def test_the_tokens_of_rare_words_weigh_most_and_those_of_stop_words_nothing(store):
    question = "What is the gasket of the pump?"
    spans = [(12, 15), (15, 18), (0, 4), (26, 30), (30, 31)]  # gas, ket, What, pump, ?
    weights = coverage_of(question, store).token_weights(question, spans)
    assert weights.sum() == pytest.approx(1)
    assert weights[0] == weights[1] > weights[3] > weights[2] == weights[4] == 0


def test_a_question_of_stop_words_weighs_nothing(store):
    assert coverage_of("What is it?", store).token_weights("What is it?", [(0, 4), (5, 7)]).tolist() == [0, 0]
