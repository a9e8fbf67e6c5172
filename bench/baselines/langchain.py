"""LangChain's defaults, as in its tutorials."""

from collections.abc import Sequence

from bench.baselines.shelf import DEEP, Chunk, Rank, Sheet
from bench.baselines.vectors import Vectors
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import InMemoryVectorStore
from langchain_text_splitters import RecursiveCharacterTextSplitter

CHUNK, OVERLAP = 1000, 200  # characters
SENT = 4  # the k of its retrievers


class _Encoder(Embeddings):
    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return list(self._vectors.encode(texts))  # as arrays: lists of numbers would take gigabytes

    def embed_query(self, text: str) -> list[float]:
        return self._vectors.encode([text])[0].tolist()


def chunks(sheets: Sequence[Sheet]) -> list[Chunk]:
    splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK, chunk_overlap=OVERLAP)
    return [Chunk(sheet.place, text) for sheet in sheets for text in splitter.split_text(sheet.text)]


def index(sheets: Sequence[Sheet], vectors: Vectors) -> Rank:
    store = InMemoryVectorStore(_Encoder(vectors))
    store.add_documents([Document(chunk.text, metadata={"place": chunk.place}) for chunk in chunks(sheets)])

    def rank(question: str) -> list[Chunk]:
        found = store.similarity_search(question, k=DEEP)
        return [Chunk(document.metadata["place"], document.page_content) for document in found]

    return rank
