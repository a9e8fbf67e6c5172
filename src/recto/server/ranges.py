"""A PDF's bytes as a response, or those that a viewer asks for: a page of a long document needs few of them."""

import os
import re
from collections.abc import Iterator
from contextlib import closing
from http import HTTPStatus
from typing import Annotated, Any, BinaryIO
from urllib.parse import quote

from fastapi import Header
from starlette.background import BackgroundTask
from starlette.responses import Response, StreamingResponse

from recto.server.problems import answer
from recto.types import Document

Ranged = Annotated[str | None, Header(alias="Range", max_length=200)]
IfRange = Annotated[str | None, Header(alias="If-Range", max_length=200)]
PDF: dict[int | str, dict[str, Any]] = {
    200: {"description": "The PDF", "content": {"application/pdf": {}}},
    206: {"description": "Some of its bytes", "content": {"application/pdf": {}}},
}
PIECE = 1 << 18  # bytes in memory at once
_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)


def response(file: BinaryIO, document: Document, *, range_header: str | None, if_range: str | None) -> Response:
    """The bytes of an open file, which is closed at the end; all of them if the range is none, or of another version.

    Only one range is answered as such: viewers ask for one at a time.
    """
    size = file.seek(0, os.SEEK_END)
    version = f'"{document.id[:32]}-{size:x}"'
    span = byte_span(range_header, size) if range_header and if_range in (None, version) else range(size)
    if not span and range_header and size:
        file.close()
        refusal = answer(416, "range", f"{document.name} has {size} bytes, not those of {range_header!r}")
        refusal.headers["Content-Range"] = f"bytes */{size}"
        return refusal
    name = document.name if document.name.lower().endswith(".pdf") else f"{document.name}.pdf"
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Length": str(len(span)),
        "Content-Disposition": f"inline; filename*=UTF-8''{quote(name, safe='', errors='replace')}",
        "ETag": version,
    }
    if len(span) < size:
        headers["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{size}"
    status = HTTPStatus.PARTIAL_CONTENT if len(span) < size else HTTPStatus.OK
    end = BackgroundTask(file.close)
    return StreamingResponse(pieces(file, span), status, headers, media_type="application/pdf", background=end)


def byte_span(range_header: str, size: int) -> range:
    """The bytes that a range names (RFC 9110, 14.1.2): all of them if it is not understood, empty if beyond."""
    match = _RANGE.fullmatch(range_header.strip())
    if match is None or match[0] == "bytes=-":
        return range(size)
    first, last = match.groups()
    if not first:
        return range(max(0, size - int(last)), size)
    if last and int(last) < int(first):
        return range(size)
    return range(int(first), min(int(last) + 1, size) if last else size)


def pieces(file: BinaryIO, span: range) -> Iterator[bytes]:
    """These bytes of an open file, which is closed at the end, a little of them in memory at once."""
    with closing(file):
        file.seek(span.start)
        for start in range(span.start, span.stop, PIECE):
            yield file.read(min(PIECE, span.stop - start))
