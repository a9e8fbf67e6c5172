"""Files of arrays that are mapped and not read: derived from SQLite alone, each whole or not there.

A file begins with a line of JSON that says what lies where, and the CRC-32 of that line. It is written beside, synced
and renamed, and never changed afterwards: what somebody has mapped neither shrinks nor turns under it.
"""

import json
import mmap
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recto.store.driver import sync_folder

NEW = ".new"  # the ending of a file that is being written
ALIGNMENT = 64  # bytes: a line of the processor's cache

Array = NDArray[Any]


class DamagedArrays(Exception):
    """A file is cut off, of another format, or not one of ours."""


class ArrayFile(NamedTuple):
    """What a file holds: what is said about its arrays, and these, mapped to be read."""

    about: Mapping[str, Any]
    arrays: Mapping[str, Array]


class ArrayPieces(NamedTuple):
    """An array that is written a piece at a time."""

    shape: tuple[int, ...]
    dtype: str
    pieces: Iterable[Array]

    @classmethod
    def of(cls, array: Array) -> "ArrayPieces":
        """One that is at hand."""
        return cls(array.shape, array.dtype.str, (array,))


def array_bytes(about: Mapping[str, Any], columns: Mapping[str, ArrayPieces]) -> Iterator[bytes | memoryview]:
    """A file of these arrays, a piece at a time."""
    described = [[name, column.dtype, column.shape] for name, column in columns.items()]
    header = json.dumps([about, described]).encode()
    yield (line := b"%08x%s\n" % (zlib.crc32(header), header))
    at = len(line)
    for column in columns.values():
        yield bytes(-at % ALIGNMENT)
        at += -at % ALIGNMENT
        for piece in column.pieces:
            array = np.ascontiguousarray(piece, column.dtype)
            yield array.reshape(-1).view(np.uint8).data
            at += array.nbytes


def write_bytes(path: Path, pieces: Iterable[bytes | memoryview]) -> None:
    """Write a file whole, or raise an OSError and leave what was there before."""
    beside = path.with_name(f"{path.name}.{os.getpid()}{NEW}")
    try:
        with beside.open("wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        sync_folder(path.parent)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def map_arrays(path: Path) -> ArrayFile:
    """Map a file. DamagedArrays if it is not whole, an OSError if it is not there."""
    with path.open("rb") as file:
        try:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError as problem:
            raise DamagedArrays(f"{path} is empty") from problem
    return read_arrays(content)


def read_arrays(content: mmap.mmap | bytes) -> ArrayFile:
    """The arrays of a file's content. DamagedArrays if it is not whole."""
    line = content[: content.find(b"\n") + 1]
    if line[:8] != b"%08x" % zlib.crc32(line[8:-1]):
        raise DamagedArrays("not a file of arrays, or cut off")
    about, described = json.loads(line[8:-1])
    arrays, at = dict[str, Array](), len(line)
    for name, dtype, shape in described:
        at += -at % ALIGNMENT
        count = int(np.prod(shape))
        end = at + count * np.dtype(dtype).itemsize
        if end > len(content):
            raise DamagedArrays(f"{len(content)} bytes, {end} are missing some")
        arrays[name] = np.frombuffer(content, dtype, count, at if count else 0).reshape(shape)
        at = end
    return ArrayFile(about, arrays)
