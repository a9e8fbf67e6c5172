"""An upload on its way to disk: no more than may come, nothing that cannot be read, and nothing left if it is cut."""

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from recto.errors import DiskFull, FileTooLarge, NotAPdf
from recto.file_kinds import HEAD, kind_of
from recto.server.problems import FULL
from recto.server.tenants import MEGABYTE, Tenant


@dataclass(frozen=True, slots=True)
class SizeLimit:
    """Bytes that a file may have, and those for which the library has room."""

    file: int
    free: int

    def check(self, size: int) -> None:
        """FileTooLarge if the file is."""
        if size > self.file:
            message = f"the file is larger than {self.file / MEGABYTE:g} MB"
            raise FileTooLarge(message, hint="split it: qpdf --split-pages")
        if size > self.free:
            message = f"the file is larger than the {self.free / MEGABYTE:.3g} MB that this library has left"
            raise FileTooLarge(message, hint="remove a document")


async def received(request: Request, tenant: Tenant, *, name: str, free: int) -> Path:
    """Write the body to disk and say where; refuse early what is too large, at its first bytes what cannot be read.

    `name` is what the file is called; `free` is how many bytes the library has room for.
    """
    limit = SizeLimit(tenant.quota.megabytes * MEGABYTE, free)
    limit.check(int(request.headers.get("content-length") or 0))
    try:
        with ExitStack() as undo:
            tenant.folder.mkdir(parents=True, exist_ok=True)
            file = undo.enter_context(tempfile.NamedTemporaryFile(dir=tenant.folder, prefix="upload-", delete=False))
            path = Path(file.name)
            undo.callback(path.unlink, missing_ok=True)
            head, size = b"", 0
            async for chunk in request.stream():
                size += len(chunk)
                limit.check(size)
                if len(head) < HEAD:
                    head += chunk[: HEAD - len(head)]
                    if len(head) == HEAD:
                        _check_kind(head, name)
                await run_in_threadpool(file.write, chunk)
            if size < HEAD:
                _check_kind(head, name)
            file.close()
            undo.pop_all()  # it came whole: it stays
    except OSError as error:
        if error.errno not in FULL:
            raise
        message = f"there is no room left for this file: {error.strerror}"
        raise DiskFull(message, hint="free some space and upload it again") from error
    return path


def _check_kind(head: bytes, name: str) -> None:
    """NotAPdf if nothing can be read that begins so and has this name."""
    if not head:
        raise NotAPdf("the file is empty (0 bytes)")
    if kind_of(head, name) is None:
        raise NotAPdf("this is no PDF, and no other kind of file that recto reads", hint="export it as a PDF first")
