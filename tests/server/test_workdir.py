"""The folder that a server works in: its own as long as its process lives, deleted by the next one after a kill."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from recto.server.workdir import FOLDER, workdir

SERVING = """
import sys
from pathlib import Path
from recto.server.workdir import workdir

with workdir(Path(sys.argv[1])) as folder:
    (folder / "upload.pdf").touch()
    print(folder, flush=True)
    sys.stdin.read()
"""


@contextmanager
def serving(home: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A process that works in its folder until the block ends."""
    command = [sys.executable, "-c", SERVING, str(home)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process, Path(process.stdout.readline().strip())


def folders(home: Path) -> set[Path]:
    return {path for path in (home / FOLDER).iterdir() if path.is_dir()}


def test_each_process_has_a_folder_of_its_own_and_leaves_that_of_the_other(tmp_path: Path) -> None:
    with serving(tmp_path) as (_, first), serving(tmp_path) as (_, second):
        assert first != second
        assert (first / "upload.pdf").exists()
        with workdir(tmp_path) as third:
            assert folders(tmp_path) == {first, second, third}
        assert folders(tmp_path) == {first, second}
    assert folders(tmp_path) == set()


def test_what_a_killed_process_left_is_deleted_by_the_next(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, folder):
        process.kill()
        process.wait()
        assert (folder / "upload.pdf").exists()
        with serving(tmp_path) as (_, second):
            assert folders(tmp_path) == {second}


def test_folders_without_a_lock_are_deleted(tmp_path: Path) -> None:
    (tmp_path / FOLDER / "8000" / "visitor").mkdir(parents=True)
    with workdir(tmp_path) as folder:
        assert folders(tmp_path) == {folder}


def test_many_that_start_at_once_leave_each_other_alone(tmp_path: Path) -> None:
    with ExitStack() as stack:
        processes = [stack.enter_context(serving(tmp_path)) for _ in range(4)]
        assert folders(tmp_path) == {folder for _, folder in processes}


@pytest.mark.parametrize("name", ["served", "served/lock"])
def test_a_library_in_which_nothing_can_be_made_is_served_all_the_same(tmp_path: Path, name: str) -> None:
    """What stands in the way here is a file, or a folder, as nothing else keeps root from writing."""
    obstacle = tmp_path / name
    if name == "served":
        obstacle.touch()
    else:
        obstacle.mkdir(parents=True)
    with workdir(tmp_path) as folder:
        assert folder.is_dir()
        assert tmp_path not in folder.parents
    assert not folder.exists()
