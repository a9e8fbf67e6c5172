"""Where a server keeps uploads, pictures and tenants' libraries while it runs, and what killed servers left there."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from recto.scratch import own_folder, temporary_folder

FOLDER = "served"


@contextmanager
def workdir(home: Path, *, in_memory: bool = False) -> Iterator[Path]:
    """A new folder of this server's own, which is deleted at the end of the block, or when the next server starts.

    Where the library may only be read, or files cannot be locked, it is one of the system's temporary ones; for an
    encrypted library it is `in_memory`.
    """
    with ExitStack() as stack:
        folder = None
        if not in_memory:
            with suppress(OSError):
                folder = stack.enter_context(own_folder(home / FOLDER))
        yield folder or Path(stack.enter_context(temporary_folder("recto-", in_memory=in_memory)))
