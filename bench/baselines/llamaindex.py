"""LlamaIndex's defaults: every page a document, as its PDF reader gives them."""

from collections.abc import Sequence

from bench.baselines.baseline import DEEP, Chunk, PageText, Rank
from bench.baselines.vectors import Vectors
from llama_index.core import Document, VectorStoreIndex
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.constants import DEFAULT_SIMILARITY_TOP_K
from llama_index.core.schema import MetadataMode
from pydantic import PrivateAttr

SENT = DEFAULT_SIMILARITY_TOP_K
UNSEEN = ["doc", "page"]  # by encoder and language model


class _LlamaIndexEncoder(BaseEmbedding):  # type: ignore[misc]  # see follow_imports in pyproject.toml
    _vectors: Vectors = PrivateAttr()

    def __init__(self, vectors: Vectors) -> None:
        super().__init__()
        self._vectors = vectors

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        embeddings: list[list[float]] = self._vectors.encode(texts).tolist()
        return embeddings

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)


def index(pages: Sequence[PageText], vectors: Vectors) -> Rank:
    documents = []
    for page in pages:
        doc, number = page.place
        # What its directory reader lets the encoder see, and where the page stands, for us.
        metadata = {"page_label": str(number + 1), "file_path": f"data/{page.name}", "doc": doc, "page": number}
        documents.append(
            Document(
                text=page.text,
                metadata=metadata,
                excluded_embed_metadata_keys=UNSEEN,
                excluded_llm_metadata_keys=UNSEEN,
            )
        )
    store = VectorStoreIndex.from_documents(documents, embed_model=_LlamaIndexEncoder(vectors))
    retriever = store.as_retriever(similarity_top_k=DEEP)

    def rank(question: str) -> list[Chunk]:
        nodes = [scored.node for scored in retriever.retrieve(question)]
        return [
            Chunk((node.metadata["doc"], node.metadata["page"]), node.get_content(MetadataMode.LLM)) for node in nodes
        ]

    return rank
