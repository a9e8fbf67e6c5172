"""The two Lance tables of a shard: their columns, their rows, and conditions on them."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from recto.store.rows import PackedDocument
from recto.types import Document

DOCUMENTS, PARTS = "documents.lance", "parts.lance"
PACKED_ALREADY = {"lance-encoding:compression": "none"}

Stamp = int


def new_stamp() -> Stamp:
    """A number, not 0, that no other has."""
    return secrets.randbits(62) | 1


def parts_table(parts: Sequence[tuple[Stamp, int, bytes]]) -> Any:  # noqa: ANN401 - pyarrow is not there for everybody
    """A table of parts: each belongs to a stamp, and has its place there."""
    import pyarrow as pa

    content = pa.field("content", pa.large_binary(), metadata=PACKED_ALREADY)
    fields = [pa.field("stamp", pa.int64()), pa.field("place", pa.int32()), content]
    columns = zip(*parts, strict=True) if parts else ((), (), ())
    arrays = [pa.array(column, field.type) for column, field in zip(columns, fields, strict=True)]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def numbered(stamp: Stamp, parts: Sequence[bytes]) -> list[tuple[Stamp, int, bytes]]:
    """Parts with their stamp and places."""
    return [(stamp, place, part) for place, part in enumerate(parts)]


def documents_table(rows: list[dict[str, Any]]) -> Any:  # noqa: ANN401
    """A table of documents. A row has the number of its version, which its pages have, and two stamps."""
    import pyarrow as pa

    whole, text = pa.int64(), pa.string()
    columns = {"number": whole, "id": text, "name": text, "title": text, "size": whole, "added": pa.float64()}
    columns |= {"counts": pa.binary(), "text_terms": whole, "heading_terms": whole, "passage_terms": whole}
    columns |= {"analyser": whole, "summary": text, "unrecognised": pa.bool_(), "card": pa.binary()}
    columns |= {"terms": whole, "vectors": whole, "fingerprint": text}
    return pa.Table.from_pylist(rows, schema=pa.schema(columns))


def row_of(number: int, packed: PackedDocument) -> dict[str, Any]:
    """The row of a document; the stamps of its parts are new, that of its vectors 0 if it has none."""
    document = packed.document
    text, heading, passages = packed.sizes
    return {
        "number": number,
        "id": document.id,
        "name": document.name,
        "title": document.title,
        "size": document.size,
        "added": document.added,
        "counts": packed.counts,
        "text_terms": text,
        "heading_terms": heading,
        "passage_terms": passages,
        "analyser": packed.analyser,
        "summary": packed.summary,
        "unrecognised": packed.unrecognised,
        "card": packed.card,
        "terms": new_stamp(),
        "vectors": new_stamp() if packed.fingerprint else 0,
        "fingerprint": packed.fingerprint,
    }


def document_of(row: Mapping[str, Any]) -> PackedDocument:
    """The document of a row, without its parts."""
    own = {name: row[name] for name in ("id", "name", "title", "size", "added")}
    return PackedDocument(
        document=Document(pages=len(row["counts"]) // 4, **own),
        counts=row["counts"],
        sizes=(row["text_terms"], row["heading_terms"], row["passage_terms"]),
        analyser=row["analyser"],
        summary=row["summary"],
        unrecognised=row["unrecognised"],
        card=row["card"],
        pages=[],
        terms=[],
        fingerprint=row["fingerprint"],
    )


def literal(value: str | int) -> str:
    """A value in SQL."""
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def among(column: str, values: Iterable[str | int]) -> str:
    """The condition that a column has one of these values."""
    return f"{column} IN ({', '.join(map(literal, values))})"
