"""The rule for abstaining, on a real document with real questions."""

import pytest

from recto.answer.abstain import abstains
from recto.library.quoting import Place, weigh_pages
from recto.pdf.passages import passages
from recto.search.encoder import MiniLM
from recto.search.retrieve import find
from recto.types import Document
from support.memory_index import Shelf
from support.paths import EXAMPLES


@pytest.fixture(scope="module")
def encoder():
    return MiniLM.open(threads=1)


@pytest.fixture(scope="module")
def shelf(reader):
    source = reader.open(EXAMPLES / "fda-general-principles-software-validation.pdf", None)
    pages = sorted((result.read.page for result in reader.pages(source)), key=lambda page: page.number)
    document = Document("fda", "fda.pdf", "General principles of software validation", len(pages), 1, 0)
    filled = Shelf()
    filled.add(document, pages, [passages(page, "fda") for page in pages])
    return filled


def abstained(question: str, shelf: Shelf, encoder: MiniLM | None) -> bool:
    pages = [
        Place(hit.doc, hit.page, hit.score, hit.cosine) for hit in find(question, shelf, encoder, docs=shelf.docs, k=5)
    ]
    return abstains(weigh_pages(question, pages, shelf, encoder).signals)


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
def test_what_the_document_says_is_answered(question, with_encoder, shelf, encoder):
    assert not abstained(question, shelf, encoder if with_encoder else None)


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
    ],
)
def test_what_the_document_does_not_say_is_not_answered(question, with_encoder, shelf, encoder):
    assert abstained(question, shelf, encoder if with_encoder else None)
