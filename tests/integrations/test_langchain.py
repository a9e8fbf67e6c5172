"""The retriever for LangChain, held against LangChain's own tests of retrievers."""

import asyncio
from importlib.util import find_spec
from typing import Any

import pytest

from recto.errors import ServerRefused
from recto.library import Library
from support.doors import TOKEN

if find_spec("langchain_tests") is None:
    pytest.skip("uv sync --group clients", allow_module_level=True)

from langchain_core.documents import Document
from langchain_tests.integration_tests.retrievers import RetrieversIntegrationTests

from recto.integrations.langchain import RectoRetriever

QUESTION = "How many days of annual leave do employees have?"
QUOTE = "Every employee has 27 days of annual leave."


class TestConformance(RetrieversIntegrationTests):
    """LangChain's own."""

    @pytest.fixture(autouse=True)
    def _at(self, library: Library, url: str) -> None:
        self._params = {"url": url, "token": TOKEN}

    @property
    def retriever_constructor(self) -> type[RectoRetriever]:
        return RectoRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return self._params

    @property
    def retriever_query_example(self) -> str:
        return QUESTION


@pytest.fixture(params=["library", "server"])
def retriever(request: pytest.FixtureRequest, library: Library, url: str) -> RectoRetriever:
    if request.param == "library":
        return RectoRetriever(library=library, url=url, k=3)
    return RectoRetriever(url=url, token=TOKEN, k=3)


def test_documents_have_page_boxes_and_quotes(retriever: RectoRetriever, library: Library, url: str) -> None:
    best = retriever.invoke(QUESTION)[0]
    (document,) = [document for document in library.documents() if document.name == "handbook.pdf"]
    assert QUOTE in best.page_content
    assert best.metadata["source"] == "handbook.pdf"
    assert (best.metadata["page"], best.metadata["page_label"]) == (1, "1")
    assert best.metadata["document_id"] == document.id
    assert best.metadata["url"].startswith(f"{url}/handbook.pdf/1?id={document.id[:12]}&at=")
    assert best.metadata["certainty"] == "answered"
    quote = best.metadata["quotes"][0]
    assert quote["quote"] == QUOTE
    assert quote["boxes"] == [rect.as_list() for rect in library.rects("handbook.pdf", 0, QUOTE)]
    assert asyncio.run(retriever.ainvoke(QUESTION))[0] == best


def test_a_library_and_a_server_give_the_same(library: Library, url: str) -> None:
    def documents(**more: Any) -> list[Document]:
        return RectoRetriever(url=url, token=TOKEN, k=12, **more).invoke(QUESTION)

    assert documents(library=library) == documents()
    assert {found.metadata["source"] for found in documents(documents=("pumps.pdf",))} == {"pumps.pdf"}


def test_a_question_that_nothing_answers_has_passages_and_no_quotes(retriever: RectoRetriever) -> None:
    found = retriever.invoke("Who won the football world cup in 1998?")
    assert {document.metadata["certainty"] for document in found} == {"refused"}
    assert not any(document.metadata["quotes"] for document in found)


def test_a_server_that_refuses_says_why(url: str) -> None:
    with pytest.raises(ServerRefused, match="this server wants its token"):
        RectoRetriever(url=url, token="wrong").invoke(QUESTION)
    with pytest.raises(ServerRefused, match="no document is called"):
        RectoRetriever(url=url, token=TOKEN, documents=("nothing.pdf",)).invoke(QUESTION)
    with pytest.raises(ServerRefused, match="Method Not Allowed"):
        RectoRetriever(url=f"{url}/static", token=TOKEN).invoke(QUESTION)


def test_the_token_is_not_shown(url: str) -> None:
    assert TOKEN not in repr(RectoRetriever(url=url, token=TOKEN))
