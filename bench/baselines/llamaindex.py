"""LlamaIndex's defaults: every page a document, as its PDF reader gives them."""

from collections.abc import Sequence

from bench.baselines.shelf import DEEP, Chunk, Rank, Sheet
from bench.baselines.vectors import Vectors
from llama_index.core import Document, VectorStoreIndex
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.constants import DEFAULT_SIMILARITY_TOP_K
from llama_index.core.schema import MetadataMode
from pydantic import PrivateAttr

SENT = DEFAULT_SIMILARITY_TOP_K
UNSEEN = ["doc", "page"]  # by encoder and language model: where the page stands, for us


class _Encoder(BaseEmbedding):
    _vectors: Vectors = PrivateAttr()

    def __init__(self, vectors: Vectors) -> None:
        super().__init__()
        self._vectors = vectors

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return self._vectors.encode(texts).tolist()

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)


def index(sheets: Sequence[Sheet], vectors: Vectors) -> Rank:
    kept = VectorStoreIndex.from_documents([_document(sheet) for sheet in sheets], embed_model=_Encoder(vectors))
    retriever = kept.as_retriever(similarity_top_k=DEEP)

    def rank(question: str) -> list[Chunk]:
        nodes = [found.node for found in retriever.retrieve(question)]
        return [
            Chunk((node.metadata["doc"], node.metadata["page"]), node.get_content(MetadataMode.LLM)) for node in nodes
        ]

    return rank


def _document(sheet: Sheet) -> Document:
    """With the metadata that its directory reader lets the encoder see."""
    doc, page = sheet.place
    seen = {"page_label": str(page + 1), "file_path": f"data/{sheet.name}"}
    return Document(
        text=sheet.text,
        metadata={**seen, "doc": doc, "page": page},
        excluded_embed_metadata_keys=UNSEEN,
        excluded_llm_metadata_keys=UNSEEN,
    )
