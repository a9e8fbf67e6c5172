"""A retriever for LlamaIndex (llama-index-core): `RectoRetriever(url="http://127.0.0.1:8765").retrieve("...")`."""

from collections.abc import Sequence

from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from recto.integrations.passages import Recto, key, metadata
from recto.library import Library
from recto.wire import Json

SEEN = ("file_name", "page_label")  # of the metadata by what writes or embeds; the rest is for programs


class RectoRetriever(BaseRetriever):
    """Passages of a library, or of a server, as nodes; pages, boxes and quotes are in their metadata."""

    def __init__(
        self,
        *,
        library: Library | None = None,
        url: str = "",
        token: str = "",
        documents: Sequence[str] = (),
        collections: Sequence[str] = (),
        k: int = 5,
    ) -> None:
        """A library stays open as long as the retriever is used."""
        super().__init__()
        scope = {"documents": documents, "collections": collections}
        self._recto, self._k = Recto(library=library, url=url, token=token, **scope), k

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return [_node(passage) for passage in self._recto.passages(query_bundle.query_str, self._k)]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return [_node(passage) for passage in await self._recto.apassages(query_bundle.query_str, self._k)]


def _node(passage: Json) -> NodeWithScore:
    known = metadata(passage)
    about = {"file_name": known.pop("source"), "page_label": known.pop("page_label"), **known}
    unseen = [name for name in about if name not in SEEN]
    node = TextNode(
        id_=key(passage),
        text=passage["text"],
        metadata=about,
        excluded_llm_metadata_keys=unseen,
        excluded_embed_metadata_keys=unseen,
    )
    return NodeWithScore(node=node, score=passage["score"])
