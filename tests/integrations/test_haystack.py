"""The component for Haystack: documents, extracted answers with their offsets, and a pipeline that is kept."""

import asyncio
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest

from recto.library import Library
from support.doors import TOKEN

if find_spec("haystack") is None:
    pytest.skip("uv sync --group clients", allow_module_level=True)

QUESTION = "When must receipts be handed in?"
QUOTE = "Receipts must be handed in within 30 days of the journey."


@pytest.fixture(scope="module")
def retriever() -> Any:
    """The component's class: Haystack takes seconds to import, in every process that collects tests."""
    return import_module("recto.integrations.haystack").RectoRetriever


def test_answers_stand_in_their_documents(retriever: Any, library: Library, url: str) -> None:
    output = retriever(library=library, url=url, top_k=2).run(QUESTION)
    answer = next(answer for answer in output["answers"] if answer.data == QUOTE)
    assert answer.document == output["documents"][0]
    assert answer.document.content[answer.document_offset.start : answer.document_offset.end] == QUOTE
    assert answer.context[answer.context_offset.start : answer.context_offset.end] == QUOTE
    assert answer.meta["boxes"] == [rect.as_list() for rect in library.rects("handbook.pdf", 1, QUOTE)]
    assert answer.document.meta["page"] == 2


def test_a_pipeline_keeps_it_without_the_token(retriever: Any, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECTO_TOKEN", TOKEN)
    from haystack import Pipeline

    pipeline = Pipeline()
    pipeline.add_component("recto", retriever(url=url, top_k=1))
    kept = pipeline.dumps()
    assert TOKEN not in kept
    again = Pipeline.loads(kept, allowed_modules=["recto.integrations.haystack"])
    output = again.run({"recto": {"query": QUESTION}})["recto"]
    assert QUOTE in [answer.data for answer in output["answers"]]
    assert asyncio.run(retriever(url=url).run_async(QUESTION, top_k=1)) == output


def test_a_library_of_this_process_is_not_kept(retriever: Any, library: Library) -> None:
    with pytest.raises(ValueError, match="of this process"):
        retriever(library=library).to_dict()
