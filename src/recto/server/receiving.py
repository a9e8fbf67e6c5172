"""An upload on its way to disk: no more of it than may come, nothing that is no PDF, and nothing left if it is cut."""

import errno
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from recto.errors import DiskFull, FileTooLarge, NotAPdf
from recto.server.visitors import Room

HEAD = 1024  # bytes in which the mark of a PDF must stand
MARK = b"%PDF-"
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


async def received(request: Request, room: Room) -> Path:
    """Write the body to disk and say where; refuse early what is too large, at its first bytes what is no PDF."""
    if int(request.headers.get("content-length") or 0) > room.quota.megabytes * 1_000_000:
        raise _too_large(room)
    with ExitStack() as undo, _room_on_disk():
        room.folder.mkdir(parents=True, exist_ok=True)
        file = undo.enter_context(
            tempfile.NamedTemporaryFile(dir=room.folder, prefix="upload-", suffix=".pdf", delete=False)
        )
        path = Path(file.name)
        undo.callback(path.unlink, missing_ok=True)
        async for chunk in _checked(request, room):
            await run_in_threadpool(file.write, chunk)
        file.close()
        undo.pop_all()  # it came whole: it stays
    return path


async def _checked(request: Request, room: Room) -> AsyncIterator[bytes]:
    """The pieces of the body, as long as it is not too large and may be a PDF."""
    head, size = b"", 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > room.quota.megabytes * 1_000_000:
            raise _too_large(room)
        if len(head) < HEAD:
            head += chunk[: HEAD - len(head)]
            if len(head) == HEAD and MARK not in head:
                raise NotAPdf(f"this is no PDF: no {MARK.decode()} mark in its first {HEAD} bytes")
        yield chunk
    if MARK not in head:
        raise NotAPdf(f"this is no PDF ({size} bytes)" if size else "the file is empty (0 bytes)")


def _too_large(room: Room) -> FileTooLarge:
    return FileTooLarge(f"the file is larger than {room.quota.megabytes} MB", hint="split it: qpdf --split-pages")


@contextmanager
def _room_on_disk() -> Iterator[None]:
    """DiskFull if the block finds no room."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise DiskFull(
            f"there is no room left for this file: {error.strerror}", hint="free some space and upload it again"
        ) from error
