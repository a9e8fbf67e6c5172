"""A component for Haystack (haystack-ai): `RectoRetriever(url="http://127.0.0.1:8765").run("...")`."""

from typing import Any

from haystack import Document, ExtractedAnswer, component, default_from_dict, default_to_dict
from haystack.utils import Secret

from recto.integrations.passages import Recto, key, metadata
from recto.library import Library
from recto.wire import Json

TOKEN = "RECTO_TOKEN"


@component
class RectoRetriever:
    """Passages of a library, or of a server, as documents, and the quotes in them as extracted answers."""

    def __init__(
        self,
        *,
        library: Library | None = None,
        url: str = "",
        token: Secret | None = None,
        documents: list[str] | None = None,
        collections: list[str] | None = None,
        top_k: int = 5,
    ) -> None:
        """A library stays open as long as the component is used; without a token `RECTO_TOKEN` has it."""
        self._library, self._url, self._top_k = library, url, top_k
        self._documents, self._collections = documents or [], collections or []
        self._token = token or Secret.from_env_var(TOKEN, strict=False)

    def to_dict(self) -> dict[str, Any]:
        """The component as a pipeline keeps it. ValueError if it has a library: that is of this process alone."""
        if self._library is not None:
            raise ValueError("a component with a library of this process cannot be kept; give it the url of a server")
        own = {"url": self._url, "token": self._token.to_dict(), "top_k": self._top_k}
        own |= {"documents": self._documents, "collections": self._collections}
        kept: dict[str, Any] = default_to_dict(self, **own)
        return kept

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "RectoRetriever":
        """The component that a pipeline kept."""
        own = data["init_parameters"]
        if isinstance(own["token"], dict):
            own["token"] = Secret.from_dict(own["token"])
        retriever: RectoRetriever = default_from_dict(cls, data)
        return retriever

    @component.output_types(documents=list[Document], answers=list[ExtractedAnswer])
    def run(self, query: str, top_k: int | None = None) -> dict[str, Any]:
        """The passages that match best, and the quotes in them."""
        return _output(query, self._recto.passages(query, top_k or self._top_k))

    @component.output_types(documents=list[Document], answers=list[ExtractedAnswer])
    async def run_async(self, query: str, top_k: int | None = None) -> dict[str, Any]:
        """The same, while the event loop goes on."""
        return _output(query, await self._recto.apassages(query, top_k or self._top_k))

    @property
    def _recto(self) -> Recto:
        token = self._token.resolve_value() or ""
        scope = {"documents": self._documents, "collections": self._collections}
        return Recto(library=self._library, url=self._url, token=token, **scope)


def _output(query: str, passages: list[Json]) -> dict[str, Any]:
    documents = [
        Document(id=key(passage), content=passage["text"], meta=metadata(passage), score=passage["score"])
        for passage in passages
    ]
    answers = [
        _answer(query, passage, quote, document)
        for passage, document in zip(passages, documents, strict=True)
        for quote in passage["quotes"]
    ]
    return {"documents": documents, "answers": answers}


def _answer(query: str, passage: Json, quote: Json, document: Document) -> ExtractedAnswer:
    """A quote; its score is that of its passage, and its offset is in the document's text where it stands there."""
    around = quote["context"] or {"start": quote["start"], "text": quote["quote"]}
    is_within = (
        passage["page"] == quote["page"] and passage["start"] <= quote["start"] <= quote["end"] <= passage["end"]
    )
    return ExtractedAnswer(
        query=query,
        score=passage["score"],
        data=quote["quote"],
        document=document,
        context=around["text"],
        document_offset=_offset(quote, passage["start"]) if is_within else None,
        context_offset=_offset(quote, around["start"]),
        meta={name: quote[name] for name in ("page", "label", "boxes", "url")},
    )


def _offset(quote: Json, start: int) -> ExtractedAnswer.Span:
    """Where a quote stands in a text that begins there on its page."""
    return ExtractedAnswer.Span(quote["start"] - start, quote["end"] - start)
