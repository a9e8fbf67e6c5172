"""A question is analysed, expanded and encoded once, and everything after it works on what came out."""

from collections.abc import Sequence

import numpy as np
import pytest

from recto.library.quoting import select_sentences
from recto.query import References
from recto.search.candidates import DocumentRouter, Scope
from recto.search.encoder import EncodedText, MiniLM
from recto.search.query import analyse_query
from recto.search.retrieve import rerank, retrieve, with_passages
from recto.text.analyse import term_ids
from recto.types import Floats
from support.memory_index import MemoryStore, put_pages, text_page

TEXTS = [
    "The pump of hall 7 runs day and night.",
    "Current assets were 415 and inventories 398.",
    "A quick ratio of 2.",
]


class Recorder:
    """An encoder that notes what it is given."""

    def __init__(self, encoder: MiniLM) -> None:
        self._encoder = encoder
        self.fingerprint, self.dimensions = encoder.fingerprint, encoder.dimensions
        self.texts: list[str] = []

    def encode(self, texts: Sequence[str], /) -> Floats:
        self.texts += texts
        return self._encoder.encode(texts)

    def states(self, texts: Sequence[str], /) -> list[Floats]:
        self.texts += texts
        return self._encoder.states(texts)

    def token_spans(self, text: str, /) -> Sequence[tuple[int, int]]:
        return self._encoder.token_spans(text)

    def encode_query(self, text: str, /) -> EncodedText:
        self.texts.append(text)
        return self._encoder.encode_query(text)


@pytest.fixture(scope="module")
def encoder() -> MiniLM:
    return MiniLM.open(threads=1)


@pytest.mark.parametrize(
    ("question", "times"),
    [("Which pump runs day and night?", 1), ("What was the quick ratio?", 2)],  # and once with its lines
)
@pytest.mark.parametrize("encoded", [True, False])
def test_a_question_is_encoded_once(encoder: MiniLM, question: str, times: int, encoded: bool) -> None:
    recorder, store = Recorder(encoder), MemoryStore()
    put_pages(
        store, "a.pdf", [text_page(number, text) for number, text in enumerate(TEXTS)], encoder if encoded else None
    )
    query = analyse_query(question, recorder)
    scope = Scope(docs=store.documents(), store=store, encoder=recorder, router=DocumentRouter())
    hits = rerank(query, retrieve(query, scope, 5), scope)
    assert hits
    select_sentences(query, with_passages(hits, scope), scope)
    assert sum(question in text for text in recorder.texts) == times


def test_what_a_query_holds(encoder: MiniLM) -> None:
    query = analyse_query("What was the quick ratio on pages 3 to 5 and the title page?", encoder)
    assert query.expanded.startswith(f"{query.text}\n")
    assert "inventories" in query.expanded
    assert query.terms.tolist() == term_ids(query.expanded).tolist()
    assert query.wants_figure
    assert query.references == References(pages=("3", "4", "5"), ends=(0,), remainder=("ratio",))
    np.testing.assert_array_equal(query.vector, encoder.encode([query.text])[0])
    np.testing.assert_allclose(query.states, encoder.states([query.text])[0], atol=0.01)  # kept states are rounded
    np.testing.assert_allclose(query.expanded_states, encoder.states([query.expanded])[0], atol=0.01)
    words = [query.expanded[start:end] for start, end in query.token_spans]
    assert (words[:5], len(words)) == (["What", "was", "the", "quick", "ratio"], len(query.expanded_states))


def test_without_an_encoder_there_are_words_alone() -> None:
    query = analyse_query("Which pump?", None)
    assert (query.expanded, query.wants_figure, query.references) == (
        "Which pump?",
        False,
        References(remainder=("pump",)),
    )
    assert query.terms.size == 1
    assert query.vector.size == query.states.size == query.expanded_states.size == 0
