"""A retriever for LangChain (langchain-core): `RectoRetriever(url="http://127.0.0.1:8765").invoke("...")`."""

from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import SecretStr

from recto.integrations.passages import Recto, key, metadata
from recto.wire import Json


class RectoRetriever(BaseRetriever):
    """Passages of a library, or of a server, as documents; pages, boxes and quotes are in their metadata."""

    library: Any = None  # a `recto.Library`, open as long as the retriever is used
    url: str = ""
    token: SecretStr = SecretStr("")
    documents: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    k: int = 5

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, k: int | None = None
    ) -> list[Document]:
        return [_document(passage) for passage in self._recto.passages(query, k or self.k)]

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun, k: int | None = None
    ) -> list[Document]:
        return [_document(passage) for passage in await self._recto.apassages(query, k or self.k)]

    @property
    def _recto(self) -> Recto:
        token = self.token.get_secret_value()
        scope = {"documents": self.documents, "collections": self.collections}
        return Recto(library=self.library, url=self.url, token=token, **scope)


def _document(passage: Json) -> Document:
    return Document(page_content=passage["text"], metadata=metadata(passage), id=key(passage))
