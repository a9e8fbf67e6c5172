"""Room on the library's disk: a reserve, so that something can be removed from a full one, and what else may go."""

import shutil
from contextlib import suppress
from pathlib import Path

from recto.errors import DiskFull

RESERVE = "reserve"
RESERVE_BYTES = 4_000_000  # to forget any document takes less than 1 MB, and to fold the log in as much
KEYWORDS = "keywords"  # the index's folder: derived from the library
VECTORS = "vectors"  # the folder of the mapped vectors: derived as well
COMING_AGAIN = ("models", "evaluation")  # folders of what is fetched or made again


def keep_reserve(folder: Path) -> None:
    """Take room that is let go when something is to be removed, unless there is little."""
    path = folder / RESERVE
    with suppress(OSError):
        if not path.exists() and shutil.disk_usage(folder).free > 4 * RESERVE_BYTES:
            path.write_bytes(bytes(RESERVE_BYTES))  # macOS cannot take room without writing


def give_up(folder: Path) -> bool:
    """Let go of the reserve, or if that is gone of what is derived, a folder each; False if nothing is there."""
    reserve = folder / RESERVE
    if reserve.exists():
        reserve.unlink()
        return True
    for name in (VECTORS, KEYWORDS):
        if (folder / name).exists():
            shutil.rmtree(folder / name, ignore_errors=True)
            return True
    return False


def check_room(path: Path, size: int) -> None:
    """DiskFull if the disk of this file has not so many bytes left."""
    free = shutil.disk_usage(path.parent).free
    if free < size:
        what = f"no room to write {path}: {size / 1e6:.1f} MB are needed, {free / 1e6:.1f} are left"
        raise DiskFull(what, hint=room_hint(path.parent))


def room_hint(folder: Path) -> str:
    """How room is made: what may go, with its size."""
    sizes = {
        path: sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
        for path in (folder / name for name in COMING_AGAIN)
    }
    dispensable = ", ".join(f"{path} ({size / 1e6:.0f} MB)" for path, size in sizes.items() if size)
    hint = f", or delete {dispensable}, which comes again when it is needed" if dispensable else ""
    return f"free some space, recto remove NAME for example{hint}; what was saved before is safe"
