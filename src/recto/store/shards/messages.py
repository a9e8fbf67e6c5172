"""What a router and the shards of its library say to each other: JSON, and arrays in the form of our files."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

import numpy as np

from recto.index_types import PageKey, ScoredPage
from recto.store.arrays import Array, ArrayPieces, array_bytes, read_arrays

FORMAT = 2  # raise it when a look-up is asked or answered otherwise
DOCUMENT = ("id", "name", "title", "pages", "size", "added")  # of a document, in this order


class ShardMessage(NamedTuple):
    """A look-up, or the answer to one."""

    about: Mapping[str, Any]
    arrays: Mapping[str, Array]

    @classmethod
    def of(cls, content: bytes) -> Self:
        """Read what `packed` made. DamagedArrays, ValueError or TypeError if it is something else."""
        return cls(*read_arrays(content))

    def packed(self) -> bytes:
        """As it is sent."""
        columns = {name: ArrayPieces.of(array) for name, array in self.arrays.items()}
        return b"".join(array_bytes(self.about, columns))


class PageTable(NamedTuple):
    """Pages of several documents: the ids of these, and of each page which of them it is of, and its number."""

    docs: list[str]
    arrays: dict[str, Array]

    @classmethod
    def of(cls, pages: Sequence[PageKey], name: str = "") -> Self:
        """Lay pages out, in arrays of which one message holds several by their names."""
        places = {doc: place for place, doc in enumerate(dict.fromkeys(page.doc for page in pages))}
        docs = np.array([places[page.doc] for page in pages], np.int64)
        return cls(
            list(places), {f"{name} docs": docs, f"{name} pages": np.array([page.page for page in pages], np.int64)}
        )

    @staticmethod
    def read(docs: Sequence[str], arrays: Mapping[str, Array], name: str = "") -> list[PageKey]:
        """The pages."""
        rows = zip(arrays[f"{name} docs"].tolist(), arrays[f"{name} pages"].tolist(), strict=True)
        return [PageKey(docs[place], page) for place, page in rows]


def scored_table(pages: Sequence[ScoredPage], name: str = "") -> PageTable:
    """Pages with their scores."""
    docs, arrays = PageTable.of([page.key for page in pages], name)
    return PageTable(docs, {**arrays, f"{name} scores": np.array([page.score for page in pages], np.float64)})


def scored_pages(docs: Sequence[str], arrays: Mapping[str, Array], name: str = "") -> list[ScoredPage]:
    """The pages of such a table."""
    keys = PageTable.read(docs, arrays, name)
    return [ScoredPage(*row) for row in zip(keys, arrays[f"{name} scores"].tolist(), strict=True)]


def blob_arrays(blobs: Sequence[bytes]) -> dict[str, Array]:
    """Bytes of any kind, end to end."""
    lengths = np.array([len(blob) for blob in blobs], np.int64)
    return {"bytes": np.frombuffer(b"".join(blobs), np.uint8), "lengths": lengths}


def blobs_of(message: ShardMessage) -> list[bytes]:
    """The bytes again."""
    content, ends = message.arrays["bytes"].tobytes(), np.cumsum(message.arrays["lengths"]).tolist()
    return [content[start:end] for start, end in zip([0, *ends], ends, strict=False)]
