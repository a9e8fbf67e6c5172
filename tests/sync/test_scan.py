"""What of a folder is looked at: hidden, unfinished and temporary files are not, and no loop of links is run in."""

import os
import time
from pathlib import Path

import pytest

from recto.errors import FolderGone
from recto.sync.scan import BUSY, DOWNLOADING, Scan, scan
from support.folders import write


def seen(folder: Path, now: float | None = None) -> Scan:
    return scan(folder, besides=folder / "library", now=time.time() if now is None else now)


def test_hidden_and_temporary_files_are_left_out(folder: Path) -> None:
    for name in (
        "a.pdf", "sub/b.PDF", "notes.md", ".hidden.pdf", "._a.pdf", ".git/x.pdf", "~$letter.docx", ".~lock.a.pdf#",
        "b.pdf.part", "Unconfirmed 1.crdownload", "c.pdf.download/c.pdf", "program.exe", "lost+found/x.pdf",
        "library/kept.pdf", "backup.pdf~",
    ):  # fmt: skip
        write(folder / name, b"x")
    assert set(seen(folder).files) == {"a.pdf", "sub/b.PDF", "notes.md"}


def test_a_loop_of_links_ends(folder: Path) -> None:
    write(folder / "a.pdf", b"x")
    (folder / "loop").symlink_to(folder)
    (folder / "here.pdf").symlink_to(folder / "here.pdf")
    (folder / "gone.pdf").symlink_to(folder / "nowhere.pdf")
    (folder / "also.pdf").symlink_to(folder / "a.pdf")
    sight = seen(folder)
    assert set(sight.files) == {"a.pdf", "also.pdf"}
    assert sight.files["a.pdf"] == sight.files["also.pdf"]


def test_a_file_that_is_open_in_an_office_program_or_half_downloaded_is_in_use(folder: Path) -> None:
    for name in ("a.odt", ".~lock.a.odt#", "report.docx", "~$port.docx", "b.docx", "~$b.docx", "d.pdf", "d.pdf.part"):
        write(folder / name, b"x")
    now = (folder / "~$b.docx").stat().st_mtime
    assert seen(folder, now).busy == {"a.odt": BUSY, "report.docx": BUSY, "b.docx": BUSY, "d.pdf": DOWNLOADING}
    assert seen(folder, now + 2 * 86_400).busy == {"d.pdf": DOWNLOADING}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may look everywhere")
def test_a_folder_that_may_not_be_looked_into_is_told(folder: Path) -> None:
    write(folder / "closed" / "a.pdf", b"x")
    (folder / "closed").chmod(0)
    try:
        sight = seen(folder)
    finally:
        (folder / "closed").chmod(0o700)
    assert sight.hides("closed/a.pdf")
    assert not sight.hides("closed.pdf")


def test_a_folder_that_is_not_there_is_no_empty_one(folder: Path) -> None:
    with pytest.raises(FolderGone, match="cannot be looked into"):
        seen(folder / "nowhere")
    with pytest.raises(FolderGone):
        seen(write(folder / "a.pdf", b"x"))


def test_a_name_need_not_be_unicode(folder: Path) -> None:
    name = os.fsdecode(b"caf\xe9.pdf")
    write(folder / name, b"x")
    assert set(seen(folder).files) == {name}
