"""The recipe that everybody writes first: pypdf, LangChain's splitter, MiniLM, a flat FAISS index.

Its MiniLM has recto's weights in float32 on onnxruntime, which costs no more than torch: no baseline is slowed down.
"""

from collections.abc import Sequence
from pathlib import Path

import faiss
from bench import minilm
from langchain_text_splitters import RecursiveCharacterTextSplitter
from pypdf import PdfReader

from recto import machine
from recto.types import Floats

CHUNK, OVERLAP = 1000, 200  # characters, as in LangChain's tutorials
K = 10


class Recipe:
    """An index in memory."""

    def __init__(self, models: Path) -> None:
        threads = machine.available_cores()
        faiss.omp_set_num_threads(threads)
        self._encoder = minilm.float32(models, threads=threads)
        self._index = faiss.IndexFlatIP(self._encoder.dimensions)
        self._splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK, chunk_overlap=OVERLAP)

    def read(self, path: Path) -> list[str]:
        """The chunks of a PDF, page by page."""
        pages = (page.extract_text() for page in PdfReader(path).pages)
        return [chunk for page in pages for chunk in self._splitter.split_text(page)]

    def add(self, chunks: Sequence[str]) -> None:
        """Make chunks searchable."""
        self.fill(self._encoder.encode(chunks))

    def fill(self, vectors: Floats) -> None:
        """Make vectors searchable."""
        self._index.add(vectors)

    def search(self, question: str) -> list[int]:
        """The chunks nearest to a question."""
        _, numbers = self._index.search(self._encoder.encode([question]), K)
        return [int(number) for number in numbers[0]]
