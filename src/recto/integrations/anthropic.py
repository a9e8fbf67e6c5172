"""Passages as Claude reads them: `search_result` blocks, one text block a sentence, which it cites by itself."""

from collections.abc import Iterable

from recto.integrations.passages import Recto
from recto.text.sentences import sentences
from recto.wire import Json


def search_results(recto: Recto, question: str, k: int = 5) -> list[Json]:
    """The k best passages for a question, as blocks of a message's content or of a tool's result.

    The shape is that of https://docs.claude.com/en/docs/build-with-claude/search-results: `source` is the address that
    shows the passage on its page, and a citation's `start_block_index` the number of the sentence in it.
    """
    return [_block(passage) for passage in recto.passages(question, k)]


def _block(passage: Json) -> Json:
    place = f" (printed {passage['label']})" if passage["label"] else ""
    return {
        "type": "search_result",
        "source": passage["url"],
        "title": f"{passage['document']['name']} p. {passage['page']}{place}",
        "content": [{"type": "text", "text": text} for text in _sentences(passage["text"])],
        "citations": {"enabled": True},
    }


def _sentences(text: str) -> Iterable[str]:
    """The sentences of a passage; the whole where there are none: a block may not be empty."""
    return [text[start:end] for start, end in sentences(text)] or [text]
