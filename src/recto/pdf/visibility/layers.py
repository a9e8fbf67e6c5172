"""Whether a PDF has layers (optional content, ISO 32000-2, 8.11) at all, and other things that few files have.

PDFium does not tell without a look at all pages. In a file with layers any text may belong to one that is off.
"""

import mmap
import os
import re
import zlib
from pathlib import Path

LAYERS = b"/OCProperties"  # the catalogue's entry, without which no layer can be off
ATTACHED = b"/FileAttachment"  # the kind of an annotation that holds a file
OBJECT_STREAM = re.compile(rb"/ObjStm\b")
MOST = 1 << 26  # bytes of one object stream: more is a bomb, and no catalogue


def may_hold(path: str | os.PathLike[str], name: bytes) -> bool:
    """Tell whether a file has a name of PDF, as `LAYERS`, among its objects: where that cannot be read, it may."""
    with Path(path).open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if data.find(name) >= 0 or data.find(name[:4] + b"#") >= 0:
            return True
        return any(_may_hold(data, match.end(), name) for match in OBJECT_STREAM.finditer(data))


def _may_hold(data: mmap.mmap, after: int, name: bytes) -> bool:
    """Whether the object stream whose dictionary goes on here has a name, or cannot be read."""
    start = data.find(b"stream", after)
    if start < 0:
        return False
    start = data.find(b"\n", start) + 1
    try:
        return name in zlib.decompressobj().decompress(data[start : data.find(b"endstream", start)], MOST)
    except zlib.error:  # encrypted, or packed in another way
        return True
