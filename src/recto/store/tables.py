"""Rows in and out of the SQLite file, within a transaction or a snapshot of whoever calls."""

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from recto.index_types import EncoderChoice, PageTerms
from recto.store.catalogue import COLUMNS, RECORD, RECORDS, Record
from recto.store.file import DamagedRow
from recto.store.pages import packed_terms, terms_of
from recto.store.rows import PackedDocument, field_sizes
from recto.store.vectors import DocumentVectors
from recto.types import Floats

CHUNK = 1 << 20  # bytes held in memory while a PDF is copied
SOURCES = ("sources", "originals")  # tables of the files' bytes
MARKS = ("unrecognised", "coming_vectors", "removals")  # tables of what is to be done with documents
LAST_CHANGE = "SELECT coalesce(max(seq), 0) FROM changes"


def number(connection: sqlite3.Connection, query: str, *values: object) -> int:
    """The one number that a query gives."""
    return int(connection.execute(query, values).fetchone()[0])


def changed_documents(connection: sqlite3.Connection, change: int) -> list[int]:
    """The documents that were put or deleted after a change."""
    query = "SELECT DISTINCT doc FROM changes WHERE seq > ? ORDER BY doc"
    return [doc for (doc,) in connection.execute(query, (change,))]


def find_record(connection: sqlite3.Connection, seq: int) -> Record | None:
    """The record of a version, None if it is gone."""
    row = connection.execute(f"{RECORDS} AND seq = ?", (seq,)).fetchone()
    return None if row is None else Record.of(row)


def read_terms(connection: sqlite3.Connection, seq: int) -> Iterator[tuple[int, PageTerms]]:
    """The keys and terms of a version's pages: none if it is gone."""
    record = find_record(connection, seq)
    if record is not None:
        query = "SELECT key, content FROM terms WHERE key >= ? AND key < ? ORDER BY key"
        for key, content in connection.execute(query, (record.keys.start, record.keys.stop)):
            yield key, terms_of(content)


def read_vectors(connection: sqlite3.Connection, seq: int, record: Record) -> DocumentVectors:
    """The vectors of a document, in their row `seq`."""
    passages = int(record.counts.sum())
    row = connection.execute("SELECT codes, scales FROM vectors WHERE seq = ?", (seq,)).fetchone()
    if row is None or len(row[1]) != 4 * passages:
        raise DamagedRow(f"no vectors for the {passages} passages of {record.document.name!r}")
    scales: Floats = np.frombuffer(row[1], "<f4")
    return DocumentVectors.of(seq, record, np.frombuffer(row[0], np.int8).reshape(passages, -1), scales)


def insert_document(connection: sqlite3.Connection, rows: PackedDocument, seq: int | None = None) -> int:
    """Put a document's rows, without its PDF; its number in the store, which is greater than all before it."""
    first = 1 + number(connection, "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'pages'")
    keys, document = range(first, first + len(rows.pages)), rows.document
    values = seq, document.id, document.name, document.title, document.size, document.added, first, rows.counts
    marks = ", ".join("?" * len((*values, *rows.sizes)))
    query = f"INSERT INTO documents ({COLUMNS}) VALUES ({marks})"
    seq = int(connection.execute(query, (*values, *rows.sizes)).lastrowid or 0)
    connection.executemany("INSERT INTO pages VALUES (?, ?)", zip(keys, rows.pages, strict=True))
    connection.executemany("INSERT INTO terms VALUES (?, ?)", zip(keys, rows.terms, strict=True))
    connection.execute("INSERT INTO summaries VALUES (?, ?, ?)", (seq, rows.analyser, rows.summary))
    connection.execute("INSERT INTO stored VALUES (?, ?)", (seq, rows.size))
    if rows.unrecognised:
        connection.execute("INSERT INTO unrecognised VALUES (?)", (seq,))
    if rows.card:
        connection.execute("INSERT INTO cards VALUES (?, ?)", (seq, rows.card))
    connection.execute("INSERT INTO changes (doc) VALUES (?)", (seq,))
    return seq


def read_packed(connection: sqlite3.Connection, record: Record) -> PackedDocument:
    """A document's rows, without its PDF."""
    span = "key >= ? AND key < ? ORDER BY key", record.keys.start, record.keys.stop
    pages, terms = (_contents(connection, table, *span) for table in ("pages", "terms"))
    summary, card = (_contents(connection, table, "doc = ?", record.seq) for table in ("summaries", "cards"))
    query = "SELECT fingerprint, codes, scales FROM vectors WHERE doc = ?"
    fingerprint, codes, scales = connection.execute(query, (record.seq,)).fetchone() or ("", b"", b"")
    return PackedDocument(
        document=record.document,
        counts=record.counts.astype("<u4").tobytes(),
        sizes=record.terms,
        analyser=record.analyser,
        summary="".join(summary),
        unrecognised=number(connection, "SELECT count(*) FROM unrecognised WHERE doc = ?", record.seq) > 0,
        card=b"".join(card),
        pages=pages,
        terms=terms,
        fingerprint=fingerprint,
        codes=codes,
        scales=scales,
    )


def stored_sizes(connection: sqlite3.Connection, records: Sequence[Record]) -> dict[str, int]:
    """By document the bytes of its rows; of most only their number is read."""
    columns = {"stored": "bytes", "vectors": "length(codes) + length(scales)"}
    columns |= dict.fromkeys(SOURCES, "length(content)")
    rows, *others = (dict(connection.execute(f"SELECT doc, {size} FROM {name}")) for name, size in columns.items())
    return {
        record.document.id: sum(sizes.get(record.seq, 0) for sizes in others)
        + (rows[record.seq] if record.seq in rows else _rows_size(connection, record))
        for record in records
    }


def _rows_size(connection: sqlite3.Connection, record: Record) -> int:
    """The bytes of the pages and terms of a document from before these were written down."""
    query = "SELECT coalesce(sum(length(content)), 0) FROM {} WHERE key >= ? AND key < ?"
    span = record.keys.start, record.keys.stop
    return sum(number(connection, query.format(table), *span) for table in ("pages", "terms"))


def _contents(connection: sqlite3.Connection, table: str, condition: str, *values: int) -> list[Any]:
    return [content for (content,) in connection.execute(f"SELECT content FROM {table} WHERE {condition}", values)]


def replace_vectors(connection: sqlite3.Connection, seq: int, fingerprint: str, *, codes: bytes, scales: bytes) -> None:
    """Put the vectors of a version, in the place of those it had."""
    connection.execute("DELETE FROM vectors WHERE doc = ?", (seq,))
    row = seq, fingerprint, codes, scales
    connection.execute("INSERT INTO vectors (doc, fingerprint, codes, scales) VALUES (?, ?, ?, ?)", row)


def read_choice(connection: sqlite3.Connection) -> EncoderChoice:
    """Which encoder was chosen."""
    row = connection.execute("SELECT name, former FROM encoder").fetchone()
    return EncoderChoice(*row) if row else EncoderChoice()


def replace_choice(connection: sqlite3.Connection, choice: EncoderChoice) -> None:
    """Choose an encoder, and forget the vectors that were to come."""
    connection.execute("DELETE FROM encoder")
    connection.execute("DELETE FROM coming_vectors")
    connection.execute("INSERT INTO encoder VALUES (?, ?)", choice)


def adopt_coming(connection: sqlite3.Connection, fingerprint: str) -> None:
    """Put the vectors that were to come in the place of those of the former encoder."""
    connection.execute("DELETE FROM vectors WHERE doc IN (SELECT doc FROM coming_vectors)")
    columns = "doc, fingerprint, codes, scales"
    query = f"INSERT INTO vectors ({columns}) SELECT {columns} FROM coming_vectors WHERE fingerprint = ?"
    connection.execute(query, (fingerprint,))
    connection.execute("DELETE FROM coming_vectors")
    connection.execute("UPDATE encoder SET former = ''")


def insert_source(connection: sqlite3.Connection, table: str, seq: int, file: BinaryIO) -> str:
    """Stream a file in; the SHA-256 of what was kept. It may have been written anew while it was being read."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    connection.execute(f"INSERT INTO {table} VALUES (?, zeroblob(?))", (seq, size))
    digest = hashlib.sha256()
    with connection.blobopen(table, "content", seq) as blob:
        while chunk := file.read(min(CHUNK, size - blob.tell())):
            blob.write(chunk)
            digest.update(chunk)
    return digest.hexdigest()


def copy_source(connection: sqlite3.Connection, table: str, seq: int, target: Path) -> None:
    """Stream a file out."""
    with connection.blobopen(table, "content", seq, readonly=True) as blob, target.open("wb") as copy:
        shutil.copyfileobj(blob, copy, CHUNK)


def replace_terms(connection: sqlite3.Connection, record: Record, analyser: int, terms: Sequence[PageTerms]) -> None:
    """Put other terms in the place of those of a version's pages."""
    rows = zip(map(packed_terms, terms), record.keys, strict=True)
    connection.executemany("UPDATE terms SET content = ? WHERE key = ?", rows)
    query = "UPDATE documents SET text_terms = ?, heading_terms = ?, passage_terms = ? WHERE seq = ?"
    connection.execute(query, (*field_sizes(terms), record.seq))
    query = "INSERT INTO summaries VALUES (?, ?, '') ON CONFLICT (doc) DO UPDATE SET analyser = excluded.analyser"
    connection.execute(query, (record.seq, analyser))
    connection.execute("INSERT INTO changes (doc) VALUES (?)", (record.seq,))


def hand_on_sources(connection: sqlite3.Connection, former: int, seq: int) -> None:
    """Let a version have the bytes of the one before it."""
    for table in SOURCES:
        connection.execute(f"UPDATE {table} SET doc = ? WHERE doc = ?", (seq, former))


def forget_document(connection: sqlite3.Connection, doc: str, *, sources: bool = True) -> bool:
    """Delete all rows of a document, also its files' bytes unless they are handed on. False if there is none."""
    row = connection.execute(RECORD, (doc,)).fetchone()
    if row is None:
        return False
    record = Record.of(row)
    for table in ("pages", "terms"):
        connection.execute(f"DELETE FROM {table} WHERE key >= ? AND key < ?", (record.keys.start, record.keys.stop))
    for table in (*(SOURCES if sources else ()), "vectors", "summaries", "cards", "stored", "notes", *MARKS):
        connection.execute(f"DELETE FROM {table} WHERE doc = ?", (record.seq,))
    connection.execute("DELETE FROM documents WHERE seq = ?", (record.seq,))
    connection.execute("INSERT INTO changes (doc) VALUES (?)", (record.seq,))
    return True
