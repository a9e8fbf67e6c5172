"""A folder that is watched: each change follows when the system tells of it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest

from recto import Library
from recto.sync import FolderSync, Report
from recto.sync import watch as watching
from recto.sync.run import Synced
from recto.sync.watch import Interrupted, WatchEvent, is_silent, watch
from support.folders import page, write


@pytest.fixture
def watched(library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Iterator[WatchEvent]]:
    """What a watch tells; without looking by itself before an hour has passed."""
    monkeypatch.setattr(watching, "SAFETY_S", 3600.0)
    sync = FolderSync(library, folder)
    sync.decide(True)
    with sync.alone(), closing(watch(sync, Event())) as events:
        yield events


def following(events: Iterator[WatchEvent]) -> list[tuple[str, str]]:
    """What is done with files until a look ends in which something was done."""
    done = []
    for event in events:
        if isinstance(event, Synced):
            done.append((str(event.step.act), event.step.path))
        elif isinstance(event, Report) and event.busy:
            return done
    return done


def names(library: Library) -> list[str]:
    return sorted(document.name for document in library.documents())


def test_new_changed_moved_and_deleted_files_follow(
    watched: Iterator[WatchEvent], library: Library, folder: Path
) -> None:
    write(folder / "kept.pdf", page(0))
    assert following(watched) == [("add", "kept.pdf")]
    write(folder / "deep" / "er" / "a.pdf", page(1))
    assert following(watched) == [("add", "deep/er/a.pdf")]
    write(folder.parent / "new", page(2)).replace(folder / "deep" / "er" / "a.pdf")
    assert following(watched) == [("replace", "deep/er/a.pdf")]
    (folder / "deep").rename(folder / "shallow")
    assert following(watched) == [("move", "shallow/er/a.pdf")]
    (folder / "shallow" / "er" / "a.pdf").unlink()
    assert following(watched) == [("delete", "shallow/er/a.pdf")]
    assert names(library) == ["kept.pdf"]


def test_a_folder_that_goes_and_comes_back_is_followed_again(
    watched: Iterator[WatchEvent], library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "POLL_S", 0.1)
    write(folder / "a.pdf", page(1))
    following(watched)
    away = folder.rename(folder.with_name("away"))
    assert any(isinstance(event, Interrupted) for event in watched)
    assert names(library) == ["a.pdf"]
    away.rename(folder)
    write(folder / "b.pdf", page(2))
    assert following(watched) == [("add", "b.pdf")]
    write(folder / "c.pdf", page(3))
    assert following(watched) == [("add", "c.pdf")]


def test_where_the_system_tells_nothing_the_folder_is_looked_at(
    library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import watchfiles

    def refuse(*_: object, **__: object) -> object:
        raise OSError(28, "No space left on device")  # as inotify says that there are too many folders

    monkeypatch.setattr(watchfiles, "watch", refuse)
    monkeypatch.setattr(watching, "POLL_S", 0.1)
    sync = FolderSync(library, folder)
    with sync.alone(), closing(watch(sync, Event())) as events:
        assert isinstance(next(events), Report)
        write(folder / "a.pdf", page(1))
        assert following(events) == [("add", "a.pdf")]


def test_a_watch_ends_when_it_is_told_to(library: Library, folder: Path) -> None:
    over = Event()
    sync = FolderSync(library, folder)
    with sync.alone():
        for event in watch(sync, over):
            assert isinstance(event, Report)
            over.set()


MOUNTS = """\
21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 21 0:35 / /mnt/my\\040papers rw,relatime - nfs4 server:/papers rw
41 40 0:36 / /mnt/my\\040papers/local rw - btrfs /dev/sdb rw
42 21 0:37 / /home/ada/cloud rw - fuse.rclone remote: rw
"""


@pytest.mark.parametrize(
    ("path", "silent"),
    [
        ("/home/ada", False),
        ("/home/ada/cloud/2024", True),
        ("/home/ada/clouds", False),
        ("/mnt/my papers", True),
        ("/mnt/my papers/local/x", False),
    ],
)
def test_file_systems_that_do_not_tell_are_known(path: str, silent: bool) -> None:
    assert is_silent(Path(path), MOUNTS) is silent
