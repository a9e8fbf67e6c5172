"""Passages as Claude's search results."""

from recto.integrations.anthropic import search_results
from recto.integrations.passages import Recto
from recto.library import Library


def test_a_block_for_each_passage_and_a_text_for_each_sentence(library: Library) -> None:
    first, *others = search_results(Recto(library=library), "Up to what amount are meals paid?", k=3)
    assert len(others) == 2
    assert first["type"] == "search_result"
    assert first["citations"] == {"enabled": True}
    assert first["title"] == "handbook.pdf p. 2"
    assert first["source"].startswith("/handbook.pdf/2?id=")
    assert {"type": "text", "text": "Meals are paid up to 35 euros a day."} in first["content"]
    assert all(block["text"].strip() for block in first["content"])
