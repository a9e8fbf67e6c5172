"""LangChain's defaults, as in its tutorials."""

from collections.abc import Sequence

from bench.baselines.baseline import DEEP, Chunk, PageText, Rank
from bench.baselines.vectors import Vectors
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import InMemoryVectorStore
from langchain_text_splitters import RecursiveCharacterTextSplitter

CHUNK, OVERLAP = 1000, 200  # characters
SENT = 4  # the k of its retrievers


class _LangChainEncoder(Embeddings):  # type: ignore[misc]  # see follow_imports in pyproject.toml
    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return list(self._vectors.encode(texts))  # as arrays: lists of numbers would take gigabytes

    def embed_query(self, text: str) -> list[float]:
        return [float(value) for value in self._vectors.encode([text])[0]]


def chunks(pages: Sequence[PageText]) -> list[Chunk]:
    splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK, chunk_overlap=OVERLAP)
    return [Chunk(page.place, text) for page in pages for text in splitter.split_text(page.text)]


def index(pages: Sequence[PageText], vectors: Vectors) -> Rank:
    store = InMemoryVectorStore(_LangChainEncoder(vectors))
    store.add_documents([Document(chunk.text, metadata={"place": chunk.place}) for chunk in chunks(pages)])

    def rank(question: str) -> list[Chunk]:
        documents = store.similarity_search(question, k=DEEP)
        return [Chunk(document.metadata["place"], document.page_content) for document in documents]

    return rank
