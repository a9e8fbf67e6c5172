"""The vectors of a larger library in a file that is mapped: opening reads none of them, and no process holds a copy.

Derived from SQLite alone, and never there for an encrypted library. Each file has a number, the greatest counts, and
none is changed once it is there. Vectors that are newer than the file lie in memory, until they are an eighth of all.
"""

import math
from collections.abc import Iterator, Mapping, Set
from contextlib import suppress
from itertools import chain, pairwise
from pathlib import Path

import numpy as np

from recto.errors import LibraryProblem
from recto.store.arrays import NEW, Array, ArrayFile, ArrayPieces, DamagedArrays, array_bytes, map_arrays, write_bytes
from recto.store.catalogue import Record
from recto.store.file import LibraryFile
from recto.store.room import VECTORS, check_room
from recto.store.tables import number, read_vectors
from recto.store.vectors import DocumentVectors, VectorBlock

FORMAT = 1
LEAST = 1 << 14  # passages: fewer are read in 20 ms
LARGER = 8  # a new file is made once an eighth of the vectors are not in the one that is there
ENDING = ".vectors"

Encoded = Mapping[int, Record]  # documents by the `seq` of their vectors


class VectorFile:
    """The newest file of a library, if it has one."""

    def __init__(self, file: LibraryFile) -> None:
        self._file = file
        self._folder = file.path.with_name(VECTORS)
        self._added = 0  # passages whose vectors were kept here since this process made a file

    def is_due(self, added: int, passages: int) -> bool:
        """Whether a new file is to be made, as vectors of `added` passages were kept, and the library has so many."""
        self._added += added
        if self._file.key or self._added < LEAST or self._added * LARGER <= passages:
            return False
        self._added = 0
        return True

    def fingerprint(self) -> str | None:
        """Of the encoder whose vectors are in it; None if there is no file."""
        content = self._newest()
        return None if content is None else str(content.about["fingerprint"])

    def block(self, fingerprint: str, encoded: Encoded, live: Set[int]) -> VectorBlock:
        """What is mapped of these documents. A new file is made if too much is missing, or something in it is gone.

        `live` are the numbers of all vectors that are in SQLite: those of others are to leave no bytes.
        """
        parts, block = self._mapped(fingerprint, encoded)
        passages = sum(int(record.counts.sum()) for record in encoded.values())
        missing = passages - sum(len(part.pages) for part in parts if part.seq in encoded)
        gone = any(part.seq not in live for part in parts)
        large = passages >= LEAST
        if not (gone or (large and missing * LARGER > passages)):
            return block
        if not (large and self._write(fingerprint, encoded, {part.seq: part for part in parts})) and gone:
            self._delete(self._files())
        return self._mapped(fingerprint, encoded)[1]

    def _mapped(self, fingerprint: str, encoded: Encoded) -> tuple[list[DocumentVectors], VectorBlock]:
        """The newest file's vectors; those of documents that are not among these stand for nothing."""
        content = self._newest()
        if content is None or content.about["fingerprint"] != fingerprint:
            return [], VectorBlock.of(())
        codes, scales = content.arrays["codes"], content.arrays["scales"]
        bounds = pairwise([0, *content.arrays["ends"].tolist()])
        parts = [
            DocumentVectors.of(seq, encoded.get(seq), codes[start:end], scales[start:end])
            for seq, (start, end) in zip(content.arrays["seqs"].tolist(), bounds, strict=True)
        ]
        return parts, VectorBlock(parts, codes, scales)

    def _newest(self) -> ArrayFile | None:
        """The newest file that is whole and of this library."""
        for path in reversed(self._files()):
            with suppress(OSError, DamagedArrays, KeyError, ValueError):
                content = map_arrays(path)
                ends, codes = content.arrays["ends"], content.arrays["codes"]
                whole = len(codes) == len(content.arrays["scales"]) == (ends[-1] if ends.size else 0)
                if content.about["of"] == [FORMAT, self._identity()] and whole and np.all(np.diff(ends) > 0):
                    return content
        return None

    def _write(self, fingerprint: str, encoded: Encoded, mapped: Mapping[int, DocumentVectors]) -> bool:
        """Make a file of these vectors, and delete the others; False if nothing can be kept here."""
        if self._file.read_only or self._file.key or not encoded:
            return False
        former = self._files()
        path = self._folder / f"{max(map(_number, former), default=0) + 1}{ENDING}"
        with suppress(OSError, LibraryProblem), self._file.reading() as connection:
            self._file.check_writable()
            ordered = dict(sorted(encoded.items(), key=lambda item: item[1].first))
            parts = (mapped.get(seq) or read_vectors(connection, seq, record) for seq, record in ordered.items())
            self._folder.mkdir(exist_ok=True)
            columns = _columns(ordered, parts)
            check_room(path, 2 * math.prod(columns["codes"].shape))
            about = {"of": [FORMAT, self._identity()], "fingerprint": fingerprint}
            write_bytes(path, array_bytes(about, columns))
            self._delete([*former, *self._folder.glob(f"*{NEW}")])
            return True
        return False

    def _identity(self) -> int:
        with self._file.reading() as connection:
            return number(connection, "SELECT identity FROM library")

    def _files(self) -> list[Path]:
        """All of them, the newest last."""
        return sorted(self._folder.glob(f"*{ENDING}"), key=_number) if not self._file.key else []

    def _delete(self, paths: list[Path]) -> None:
        for path in paths:
            with suppress(OSError):  # Windows deletes no file that somebody has mapped: the next one does
                path.unlink()


def _number(path: Path) -> int:
    return int(path.stem) if path.stem.isdecimal() else 0


def _columns(encoded: Encoded, parts: Iterator[DocumentVectors]) -> dict[str, ArrayPieces]:
    """The arrays of a file; the parts are asked for one at a time, while it is written."""
    counts = [int(record.counts.sum()) for record in encoded.values()]
    first = next(parts)
    scales: list[Array] = []

    def codes() -> Iterator[Array]:
        for part in chain([first], parts):
            scales.append(part.scales)
            yield part.codes

    return {
        "seqs": ArrayPieces.of(np.array(list(encoded), np.int64)),
        "ends": ArrayPieces.of(np.cumsum(counts)),
        "codes": ArrayPieces((sum(counts), first.codes.shape[1]), "|i1", codes()),
        "scales": ArrayPieces((sum(counts),), "<f4", scales),  # complete once the codes are written
    }
