"""What stands before the weights of a GGUF file.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from recto.errors import ModelUnusable

MAGIC = b"GGUF"
VERSIONS = (2, 3)
PULL = "recto models pull default"
STRING, ARRAY = 8, 9
SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
LONGEST = 1 << 20  # bytes of a string; chat templates have some thousands
VOCABULARY = ("tokenizer.ggml.tokens", "tokenizer.ggml.merges")
MOST_DIMENSIONS = 4
# Kinds of weights of which the wheel makes a second, repacked copy beside the mapped file, on x86 as of llama.cpp
# b10488: Q4_0, Q2_K, Q4_K and IQ4_NL, in matrices; the table of embeddings stays as it is.
REPACKED = (2, 10, 12, 20)
EMBEDDINGS = "token_embd.weight"


@dataclass(kw_only=True)
class Head:
    """What stands before the weights."""

    metadata: dict[str, object]  # scalars and strings, and the first of several numbers
    entries: int = 0
    repacked: int = 0


def read_head(file: BinaryIO, path: Path) -> Head:
    """Read it. ModelUnusable if this is no GGUF, struct.error or ValueError if it is damaged."""
    magic = file.read(4)
    if magic != MAGIC:
        raise ModelUnusable(f"{path}: no GGUF file, it begins with {magic!r}", hint=PULL)
    (version,) = _unpack(file, "I")
    if version not in VERSIONS:
        raise ModelUnusable(
            f"{path}: GGUF version {version}, known are {VERSIONS}", hint="pip install -U 'recto-pdf[llama]'"
        )
    tensors, count = _unpack(file, "QQ")
    head = Head(metadata={})
    for _ in range(count):
        key = _string(file)
        (kind,) = _unpack(file, "I")
        if kind == STRING:
            head.metadata[key] = _string(file)
        elif kind == ARRAY:
            length = pass_array(file, head, key)
            head.entries += length if key in VOCABULARY else 0
        elif kind in SCALARS:
            (head.metadata[key],) = _unpack(file, SCALARS[kind])
        else:
            raise struct.error(f"unknown type {kind}")
    head.repacked = repacked_bytes(file, tensors)
    return head


def pass_array(file: BinaryIO, head: Head, key: str) -> int:
    """Go on behind an array, whose length is returned. Of numbers a layer the first stands for all."""
    kind, length = _unpack(file, "IQ")
    if kind == STRING:
        for _ in range(length):
            prefix = file.read(8)
            if len(prefix) < 8:
                raise struct.error("the file ends")
            file.seek(int.from_bytes(prefix, "little"), 1)
    elif kind in SCALARS:
        width = struct.calcsize(SCALARS[kind])
        if length:
            (head.metadata[key],) = _unpack(file, SCALARS[kind])
            file.seek((length - 1) * width, 1)
    else:
        raise struct.error(f"an array of type {kind}")
    return int(length)


def repacked_bytes(file: BinaryIO, tensors: int) -> int:
    """Bytes of the weights that are held twice."""
    table = []
    for _ in range(tensors):
        name = _string(file)
        (dimensions,) = _unpack(file, "I")
        _unpack(file, "Q" * min(dimensions, MOST_DIMENSIONS))
        kind, offset = _unpack(file, "IQ")
        table.append((offset, kind in REPACKED and dimensions == 2 and name != EMBEDDINGS))
    table.sort()
    ends = [offset for offset, _ in table[1:]] + [table[-1][0]] if table else []
    return sum(end - offset for (offset, twice), end in zip(table, ends, strict=True) if twice)


def _string(file: BinaryIO) -> str:
    (length,) = _unpack(file, "Q")
    if length > LONGEST:
        raise struct.error(f"a string of {length} bytes")
    text = file.read(length)
    if len(text) < length:
        raise struct.error("the file ends")
    return text.decode()


def _unpack(file: BinaryIO, form: str) -> tuple[int, ...]:
    form = "<" + form
    return struct.unpack(form, file.read(struct.calcsize(form)))
