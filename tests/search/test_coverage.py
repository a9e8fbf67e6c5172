import numpy as np
import pytest

from recto.search.coverage import Weights
from recto.types import Document, Flag, Page, Passage, Span
from support.memory_index import Shelf

TEXTS = ["The pump stands near the valve.", "The pump is open.", "The pump is closed.", "The gasket is red."]


@pytest.fixture
def shelf():
    no_words = np.empty((0, 2), np.uint32), np.empty((0, 4), np.uint16)
    pages = [Page(number, 612, 792, Flag.TEXT, text, *no_words) for number, text in enumerate(TEXTS)]
    passages = [[Passage(Span("d", page.number, 0, len(page.text)), page.text, "")] for page in pages]
    filled = Shelf()
    filled.add(Document("d", "d.pdf", "d", len(pages), 1, 0), pages, passages)
    return filled


def test_all_terms_are_held_by_a_text_that_has_them_all(shelf):
    weights = Weights.of("What is the gasket of the pump?", lookup=shelf)
    assert (weights.share("The pump's gaskets"), weights.terms.size) == (1.0, 2)


def test_a_rare_term_counts_more_than_a_common_one(shelf):
    common = Weights.of("gasket pump", lookup=shelf).share("pump")
    rare = Weights.of("gasket pump", lookup=shelf).share("gasket")
    assert 0 < common < 0.5 < rare < 1
    assert common + rare == pytest.approx(1)


def test_a_term_the_library_does_not_know_counts_most(shelf):
    assert Weights.of("unicorn gasket", lookup=shelf).share("gasket") < 0.5


@pytest.mark.parametrize("question", ["", "What is it about?", "?!"])
def test_a_question_without_terms_is_held_by_nothing(shelf, question):
    weights = Weights.of(question, lookup=shelf)
    assert (weights.share("The pump is open."), weights.terms.size) == (0.0, 0)
