"""The encoder of the other systems, with what it has encoded kept on disk.

recto's weights in float32: in int8 a vector depends a little on the other texts of its batch, and no baseline shall be
worse for that.
"""

import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from bench import minilm

from recto import machine
from recto.types import Floats

SLAB = 512  # texts between two commits: what an interrupted run loses


class Vectors:
    """Vectors of texts, each encoded once."""

    def __init__(self, folder: Path) -> None:
        self._encoder = minilm.float32(folder, threads=machine.available_cores())
        self._database = sqlite3.connect(folder / f"{self._encoder.fingerprint}.sqlite3")
        self._database.execute("CREATE TABLE IF NOT EXISTS vectors (text BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID")

    def encode(self, texts: Sequence[str]) -> Floats:
        """One vector for each text, (n, dimensions), of length 1."""
        keys = [hashlib.sha256(text.encode(errors="replace")).digest() for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if self._vector(key) is None}
        for start in range(0, len(missing), SLAB):
            slab = dict(list(missing.items())[start : start + SLAB])
            encoded = self._encoder.encode(list(slab.values()))
            rows = ((key, vector.tobytes()) for key, vector in zip(slab, encoded, strict=True))
            with self._database:
                self._database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
        vectors = np.frombuffer(b"".join(self._vector(key) or b"" for key in keys), np.float32)
        return vectors.reshape(len(keys), self._encoder.dimensions)

    def _vector(self, key: bytes) -> bytes | None:
        row: tuple[bytes] | None = self._database.execute(
            "SELECT vector FROM vectors WHERE text = ?", (key,)
        ).fetchone()
        return row[0] if row else None
