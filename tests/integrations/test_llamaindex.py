"""The retriever for LlamaIndex."""

import asyncio
from importlib.util import find_spec

import pytest

from recto.library import Library
from support.doors import TOKEN

if find_spec("llama_index") is None:
    pytest.skip("uv sync --group clients", allow_module_level=True)

QUESTION = "Up to what amount are meals paid?"
QUOTE = "Meals are paid up to 35 euros a day."


def test_nodes_have_page_boxes_and_quotes(library: Library, url: str) -> None:
    from llama_index.core.schema import MetadataMode  # here: it takes seconds, in every process that collects tests

    from recto.integrations.llamaindex import RectoRetriever

    retriever = RectoRetriever(url=url, token=TOKEN, k=2)
    best = retriever.retrieve(QUESTION)[0]
    assert best.score
    assert QUOTE in best.text
    assert (best.metadata["file_name"], best.metadata["page_label"]) == ("handbook.pdf", "2")
    assert QUOTE in [quote["quote"] for quote in best.metadata["quotes"]]
    assert best.metadata["boxes"]
    assert best.node.get_content(MetadataMode.LLM).startswith("file_name: handbook.pdf\npage_label: 2\n\n")
    (again, *_) = asyncio.run(RectoRetriever(library=library, url=url, k=2).aretrieve(QUESTION))
    assert again.node.to_dict() == best.node.to_dict()
