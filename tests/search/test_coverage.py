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
