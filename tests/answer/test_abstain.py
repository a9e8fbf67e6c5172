"""The rule for abstaining, on a real document with real questions."""

import pytest

from recto.answer.abstain import certainty, confidence
from recto.library.quoting import select_sentences
from recto.search.candidates import DocumentRouter, Scope
from recto.search.encoder import MiniLM
from recto.search.query import analyse_query
from recto.search.retrieve import with_passages
from recto.types import Certainty
from support.memory_index import MemoryStore, find, put_pages
from support.paths import EXAMPLES


@pytest.fixture(scope="module")
def encoder():
    return MiniLM.open(threads=1)


@pytest.fixture(scope="module")
def store(reader):
    source = reader.open(EXAMPLES / "fda-general-principles-software-validation.pdf", None)
    pages = sorted((result.read.page for result in reader.pages(source)), key=lambda page: page.number)
    store = MemoryStore()
    put_pages(store, "General principles of software validation.pdf", pages)
    return store


def certainty_of(question: str, store: MemoryStore, encoder: MiniLM | None) -> Certainty:
    hits = find(question, store, encoder, docs=store.documents(), k=5)
    scope = Scope(docs=store.documents(), store=store, encoder=encoder, router=DocumentRouter())
    signals = select_sentences(analyse_query(question, encoder), with_passages(hits, scope), scope).signals
    return certainty(confidence(signals))


@pytest.mark.parametrize("with_encoder", [True, False])
@pytest.mark.parametrize(
    "question",
    [
        "What is software validation?",
        "Who is responsible for software validation?",
        "regression testing",
        "Why is software different from hardware?",
        "What is the purpose of a design review?",
    ],
)
def test_what_the_document_says_is_answered(question, with_encoder, store, encoder):
    assert certainty_of(question, store, encoder if with_encoder else None) is Certainty.ANSWERED


@pytest.mark.parametrize("with_encoder", [True, False])
@pytest.mark.parametrize(
    "question",
    [
        "What is the capital of France?",
        "How do I bake sourdough bread?",
        "Who won the 2018 world cup?",
        "What is the boiling point of ethanol?",
        "Wie hoch ist der Mount Everest?",
        "hello",
        "What is it?",
        "\ufffd",  # no token
        "?",
    ],
)
def test_what_the_document_does_not_say_is_not_answered(question, with_encoder, store, encoder):
    assert certainty_of(question, store, encoder if with_encoder else None) is not Certainty.ANSWERED
