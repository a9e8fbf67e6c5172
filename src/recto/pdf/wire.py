"""Messages between the reader and its worker processes: a JSON header and plain arrays, never pickles.

A worker handles files that nobody vouches for: should one take it over, its words must stay data.
"""

import json
import struct
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from recto.pdf.layout import Lines, ReadPage
from recto.types import Flag, Page, Trait, TraitKind

Message = dict[str, Any]
Arrays = list[NDArray[Any]]
HEADER = struct.Struct("<I")
NICE = "--nice"  # argument of a worker that lets everybody else go first
LARGEST = 1 << 28  # bytes of one part of a message


def send(stream: IO[bytes], message: Message, arrays: Arrays | None = None) -> None:
    """Write one message."""
    parts = [np.ascontiguousarray(a) for a in arrays or []]
    head = json.dumps({**message, "arrays": [(a.dtype.str, a.shape) for a in parts]}).encode()
    stream.write(b"".join((HEADER.pack(len(head)), head, *(part.tobytes() for part in parts))))
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[Message, Arrays]:
    """Read one message. EOFError if the other side is gone, ValueError if it talks nonsense."""
    (length,) = HEADER.unpack(_exactly(stream, HEADER.size))
    message = json.loads(_exactly(stream, length))
    arrays: Arrays = []
    for kind, shape in message.pop("arrays"):
        dtype = np.dtype(kind)
        size = dtype.itemsize * int(np.prod(shape))
        arrays.append(np.frombuffer(_exactly(stream, size), dtype).reshape(shape))
    return message, arrays


def _exactly(stream: IO[bytes], size: int) -> bytes:
    if not 0 <= size <= LARGEST:
        raise ValueError(f"a message part of {size} bytes is over the limit of {LARGEST}")
    data = stream.read(size)
    if len(data) < size:
        raise EOFError("the other side closed the connection")
    return data


def send_page(stream: IO[bytes], read: ReadPage) -> None:
    """Write one page."""
    page = read.page
    text = page.text.encode("utf-8", "replace")
    fields = {
        "number": page.number,
        "width": page.width,
        "height": page.height,
        "flag": page.flag,
        "label": page.label,
        "hidden": page.hidden,
        "traits": [(trait.kind, trait.start, trait.end) for trait in page.traits],
    }
    arrays: Arrays = [
        np.frombuffer(text, np.uint8),
        page.spans,
        page.boxes,
        read.lines.spans,
        read.lines.look,
        read.regions,
    ]
    send(stream, {"page": fields}, arrays)


def page_of(fields: Message, arrays: Arrays) -> ReadPage:
    """Make the page of a message that `send_page` wrote."""
    text, spans, boxes, line_spans, look, regions = arrays
    page = Page(
        number=fields["number"],
        width=fields["width"],
        height=fields["height"],
        flag=Flag(fields["flag"]),
        text=text.tobytes().decode(),
        spans=spans,
        boxes=boxes,
        label=fields["label"],
        hidden=fields["hidden"],
        traits=tuple(Trait(TraitKind(kind), start, end) for kind, start, end in fields["traits"]),
    )
    return ReadPage(page, Lines(line_spans, look), regions)
