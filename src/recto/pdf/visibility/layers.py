"""Whether a PDF has layers (optional content, ISO 32000-2, 8.11) at all: PDFium does not tell.

Nearly no file has them, and in those that do any text may belong to a layer that is off.
"""

import mmap
import os
import re
import zlib
from pathlib import Path

MARK = b"/OCProperties"  # the catalogue's entry, without which no layer can be off
OBJECT_STREAM = re.compile(rb"/ObjStm\b")
MOST = 1 << 26  # bytes of one object stream: more is a bomb, and no catalogue


def layered(path: str | os.PathLike[str]) -> bool:
    """Tell whether the catalogue may name layers: where it cannot be read without PDFium, it may."""
    with Path(path).open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if data.find(MARK) >= 0 or data.find(b"/OCP#") >= 0:
            return True
        return any(_may_hold(data, match.end()) for match in OBJECT_STREAM.finditer(data))


def _may_hold(data: mmap.mmap, after: int) -> bool:
    """Whether the object stream whose dictionary goes on here names layers, or cannot be read."""
    start = data.find(b"stream", after)
    if start < 0:
        return False
    start = data.find(b"\n", start) + 1
    try:
        return MARK in zlib.decompressobj().decompress(data[start : data.find(b"endstream", start)], MOST)
    except zlib.error:  # encrypted, or packed in another way
        return True
