"""A folder and the library in step: what goes, what stays, and what a person is told."""

import hashlib
import os
import shutil
import threading
from pathlib import Path

import pytest

from recto import Library
from recto.errors import FolderBusy, FolderGone, UsageProblem
from recto.sync import FolderSync, Report
from recto.sync.plan import ALREADY, REMOVED, STILL
from recto.sync.run import Synced
from support.annotated import with_attachments
from support.folders import page, touch, write


def in_step(library: Library, folder: Path, *, emptied: bool = False) -> tuple[list[tuple[str, str, str]], Report]:
    """What was done with each file, and the report."""
    sync = FolderSync(library, folder)
    with sync.alone():
        *events, report = sync.once(emptied=emptied)
    assert isinstance(report, Report)
    steps = [(event.step, event) for event in events if isinstance(event, Synced)]
    return [(step.act, step.path, step.former or step.why or _failure(event)) for step, event in steps], report


def _failure(event: Synced) -> str:
    return event.outcomes[0].problem.kind if event.failed and event.outcomes[0].problem else ""


def names(library: Library) -> list[str]:
    return sorted(document.name for document in library.documents())


@pytest.fixture
def deleting(library: Library, folder: Path) -> Library:
    """A library whose documents go with the files of the folder."""
    FolderSync(library, folder).decide(True)
    return library


def test_what_is_there_comes_in_and_is_not_read_twice(library: Library, folder: Path) -> None:
    write(folder / "a.pdf", page(1))
    write(folder / "deep" / "b.pdf", page(2))
    write(folder / "deep" / "copy of a.pdf", page(1))
    write(folder / "notes.txt", b"The reading room opens at nine.")
    done, report = in_step(library, folder)
    assert [(act, path) for act, path, _ in done] == [
        ("add", "a.pdf"), ("add", "deep/b.pdf"), ("add", "deep/copy of a.pdf"), ("add", "notes.txt"),
    ]  # fmt: skip
    assert done[2][2] == ALREADY
    assert names(library) == ["a.pdf", "b.pdf", "notes.txt"]
    assert (report.counts["add"], report.failed, report.unchanged) == (4, 0, 0)
    assert in_step(library, folder)[0] == []
    assert library.ask("When does the reading room open?").answer.citations[0].document.name == "notes.txt"


def test_a_renamed_file_is_found_by_its_new_name_and_opened_where_it_lies(library: Library, folder: Path) -> None:
    write(folder / "scan0001.pdf", page(1))
    in_step(library, folder)
    (folder / "2024").mkdir()
    (folder / "scan0001.pdf").rename(folder / "2024" / "pump-report.pdf")
    assert in_step(library, folder)[0] == [("move", "2024/pump-report.pdf", "scan0001.pdf")]
    (document,) = library.documents()
    assert (document.name, document.title) == ("pump-report.pdf", "pump report")
    assert library.file_of(document) == folder / "2024" / "pump-report.pdf"
    assert library.ask("How many litres does the pump of hall 0001 move?").answer.citations[0].document == document
    assert list(library.encoding()) is not None
    assert library.unencoded() == []


def test_a_changed_file_takes_the_place_of_its_older_version(library: Library, folder: Path) -> None:
    write(folder / "a.pdf", page(1))
    in_step(library, folder)
    write(folder / "a.pdf", page(2))
    assert in_step(library, folder)[0] == [("replace", "a.pdf", "")]
    (document,) = library.documents()
    assert document.id == hashlib.sha256(page(2)).hexdigest()


def test_a_version_that_is_moved_away_for_the_next_one_is_not_read_again(library: Library, folder: Path) -> None:
    write(folder / "report.pdf", page(1))
    in_step(library, folder)
    (folder / "report.pdf").rename(folder / "report.pdf.2025.pdf")
    write(folder / "report.pdf", page(2))
    done, _ = in_step(library, folder)
    assert done == [("replace", "report.pdf", ""), ("add", "report.pdf.2025.pdf", ALREADY)]
    assert names(library) == ["report.pdf", "report.pdf.2025.pdf"]


def test_the_older_version_stays_while_the_new_one_cannot_be_read(library: Library, folder: Path) -> None:
    write(folder / "a.pdf", page(1))
    in_step(library, folder)
    write(folder / "a.pdf", b"%PDF-1.7 cut off")
    done, report = in_step(library, folder)
    assert done == [("replace", "a.pdf", "damaged")]
    assert report.failed == 1
    assert names(library) == ["a.pdf"]
    (again,) = in_step(library, folder)[0]
    assert again[:2] == ("skip", "a.pdf")
    assert "cannot be opened" in again[2]
    write(folder / "a.pdf", page(2))
    assert in_step(library, folder)[0] == [("replace", "a.pdf", "")]
    assert [document.id for document in library.documents()] == [hashlib.sha256(page(2)).hexdigest()]


def test_what_was_added_by_hand_stays_whatever_the_folder_does(deleting: Library, folder: Path, tmp_path: Path) -> None:
    deleting.add(write(tmp_path / "before.pdf", page(1)))
    for number in (1, 2, 3):
        write(folder / f"{number}.pdf", page(number))
    write(folder / "9.pdf", page(9))
    in_step(deleting, folder)
    deleting.add(write(tmp_path / "after.pdf", page(2)))
    for number in (1, 2, 3):
        (folder / f"{number}.pdf").unlink()
    assert {act for act, _, _ in in_step(deleting, folder)[0]} == {"delete"}
    assert names(deleting) == ["2.pdf", "9.pdf", "before.pdf"]


def test_a_document_stays_as_long_as_one_of_its_files_does(deleting: Library, folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    for path in (folder / "a.pdf", folder / "copy.pdf", elsewhere / "third.pdf"):
        write(path, page(1))
    write(folder / "b.pdf", page(2))
    in_step(deleting, folder)
    in_step(deleting, elsewhere)
    for gone, name in ((folder / "a.pdf", "copy.pdf"), (folder / "copy.pdf", "third.pdf")):
        gone.unlink()
        in_step(deleting, folder)
        assert names(deleting) == ["b.pdf", name]
    FolderSync(deleting, elsewhere).decide(True)
    (elsewhere / "third.pdf").unlink()
    in_step(deleting, elsewhere, emptied=True)
    assert names(deleting) == ["b.pdf"]


def test_documents_stay_when_files_go_until_somebody_decides(library: Library, folder: Path) -> None:
    for number in (1, 2):
        write(folder / f"{number}.pdf", page(number))
    in_step(library, folder)
    (folder / "1.pdf").unlink()
    assert in_step(library, folder)[0] == [("keep", "1.pdf", "")]
    FolderSync(library, folder).decide(True)
    assert in_step(library, folder)[0] == [("delete", "1.pdf", "")]
    assert names(library) == ["2.pdf"]
    (folder / "2.pdf").rename(folder / "3.pdf")
    assert in_step(library, folder)[0] == [("move", "3.pdf", "2.pdf")]  # no deletion, though everything was gone


def test_a_folder_that_is_forgotten_leaves_its_documents(deleting: Library, folder: Path) -> None:
    write(folder / "a.pdf", page(1))
    write(folder / "b.pdf", page(2))
    in_step(deleting, folder)
    sync = FolderSync(deleting, folder)
    sync.forget()
    assert deleting.folders.all() == []
    sync.decide(True)
    (folder / "a.pdf").unlink()
    in_step(deleting, folder)
    (folder / "b.pdf").unlink()
    in_step(deleting, folder, emptied=True)
    assert names(deleting) == ["a.pdf", "b.pdf"]


def test_what_is_attached_goes_and_is_renamed_with_its_file(deleting: Library, folder: Path) -> None:
    write(folder / "case.pdf", with_attachments(page(1), {"offer.pdf": page(2)}))
    write(folder / "b.pdf", page(3))
    in_step(deleting, folder)
    assert names(deleting) == ["b.pdf", "case.pdf", "offer.pdf, attached to case.pdf"]
    (folder / "case.pdf").rename(folder / "suit.pdf")
    in_step(deleting, folder)
    assert names(deleting) == ["b.pdf", "offer.pdf, attached to suit.pdf", "suit.pdf"]
    (folder / "suit.pdf").unlink()
    in_step(deleting, folder)
    assert names(deleting) == ["b.pdf"]


def test_a_sync_that_was_killed_before_what_is_attached_goes_on_there(deleting: Library, folder: Path) -> None:
    path = write(folder / "case.pdf", with_attachments(page(1), {"offer.pdf": page(2)}))
    write(folder / "b.pdf", page(3))
    deleting.folders.claim(str(folder), hashlib.sha256(path.read_bytes()).hexdigest())
    adding = deleting.adding(path, replaces="")
    while names(deleting) == []:
        next(adding)
    adding.close()
    assert names(deleting) == ["case.pdf"]
    in_step(deleting, folder)
    assert names(deleting) == ["b.pdf", "case.pdf", "offer.pdf, attached to case.pdf"]
    path.unlink()
    in_step(deleting, folder)
    assert names(deleting) == ["b.pdf"]


def test_what_was_removed_by_hand_stays_out_until_its_file_changes(library: Library, folder: Path) -> None:
    path = write(folder / "a.pdf", page(1))
    in_step(library, folder)
    library.remove("a.pdf")
    assert in_step(library, folder)[0] == [("skip", "a.pdf", REMOVED)]
    write(path, page(2))
    in_step(library, folder)
    library.remove("a.pdf")
    library.add(path)
    assert in_step(library, folder)[0] == []


def test_a_file_that_is_being_written_waits(library: Library, folder: Path) -> None:
    (folder / "a.pdf").write_bytes(page(1)[:100])
    sync = FolderSync(library, folder, settled_s=3600)
    with sync.alone():
        event, report = sync.once()
        assert isinstance(event, Synced)
        assert (event.step.act, event.step.why) == ("wait", STILL)
        write(folder / "a.pdf", page(1))
        *_, report = sync.once()
    assert isinstance(report, Report)
    assert (report.counts["add"], report.counts["wait"]) == (1, 0)
    assert names(library) == ["a.pdf"]


def test_a_file_that_cannot_be_read_is_told_and_tried_again(library: Library, folder: Path) -> None:
    secret = write(folder.parent / "secret.pdf", page(1))
    (folder / "a.pdf").symlink_to(secret)
    secret.chmod(0)
    if os.access(secret, os.R_OK):
        pytest.skip("root may read everything")
    assert in_step(library, folder)[0] == [("add", "a.pdf", "unreadable_file")]
    secret.chmod(0o600)
    assert in_step(library, folder)[0] == [("add", "a.pdf", "")]


def test_a_file_that_is_too_large_is_not_looked_at_again(
    library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recto.files.LARGEST", 100)
    write(folder / "a.pdf", page(1))
    assert in_step(library, folder)[0] == [("add", "a.pdf", "too_large")]
    ((act, path, why),) = in_step(library, folder)[0]
    assert (act, path) == ("skip", "a.pdf")
    assert "the limit is" in why


def test_a_folder_that_is_unmounted_deletes_nothing(deleting: Library, folder: Path) -> None:
    for number in (1, 2):
        write(folder / f"{number}.pdf", page(number))
    in_step(deleting, folder)
    away = folder.rename(folder.with_name("away"))
    with pytest.raises(FolderGone, match="nothing of it was changed"):
        in_step(deleting, folder)
    folder.mkdir()
    done, report = in_step(deleting, folder)
    assert done == [("keep", "1.pdf", ""), ("keep", "2.pdf", "")]
    assert report.vanished == 2
    assert names(deleting) == ["1.pdf", "2.pdf"]
    folder.rmdir()
    away.rename(folder)
    assert in_step(deleting, folder)[0] == []


def test_one_folder_is_brought_in_step_by_one_at_a_time(library: Library, folder: Path) -> None:
    sync, link = FolderSync(library, folder), folder.with_name("link")
    link.symlink_to(folder)
    with sync.alone(), pytest.raises(FolderBusy, match="by another recto"), FolderSync(library, link).alone():
        pass
    with FolderSync(library, folder.parent).alone(), sync.alone():
        pass  # another folder, which holds this one


def test_syncs_of_two_folders_at_the_same_time_do_not_disturb_each_other(
    deleting: Library, folder: Path, tmp_path: Path
) -> None:
    folders = [folder, tmp_path / "second"]
    for number in range(8):
        for place in folders:
            write(place / f"{number}.pdf", page(number))
    threads = [threading.Thread(target=in_step, args=(deleting, place)) for place in folders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert names(deleting) == [f"{number}.pdf" for number in range(8)]
    shutil.rmtree(folder)
    folder.mkdir()
    in_step(deleting, folder, emptied=True)
    assert len(names(deleting)) == 8
    assert in_step(deleting, folders[1])[0] == []


@pytest.fixture
def encrypted(tmp_path: Path) -> Path:
    home = tmp_path / "encrypted"
    with Library(home, key="a pass phrase"):
        pass
    return home


def test_a_library_that_is_encrypted_keeps_what_it_knows_encrypted(encrypted: Path, folder: Path) -> None:
    write(folder / "salaries.pdf", page(1))
    with Library(encrypted, key="a pass phrase") as library:
        in_step(library, folder)
        assert names(library) == ["salaries.pdf"]
        assert list(library.folders.files(str(folder))) == ["salaries.pdf"]
    content = b"".join(path.read_bytes() for path in encrypted.rglob("*") if path.is_file())
    assert b"salaries" not in content


def test_a_library_on_object_storage_is_refused_plainly(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECTO_STORE", f"lance+file://{tmp_path}/shard")
    with Library(tmp_path / "copy") as library, pytest.raises(UsageProblem, match="recto ingest"):
        FolderSync(library, folder)


def test_an_export_takes_along_what_is_known_of_folders(library: Library, folder: Path, tmp_path: Path) -> None:
    write(folder / "a.pdf", page(1))
    in_step(library, folder)
    library.export(tmp_path / "backup.recto")
    with Library.imported(tmp_path / "backup.recto", tmp_path / "restored") as restored:
        assert in_step(restored, folder)[0] == []


def test_a_name_need_not_be_unicode(library: Library, folder: Path) -> None:
    path = write(folder / os.fsdecode(b"caf\xe9.pdf"), page(1))
    in_step(library, folder)
    assert in_step(library, folder)[0] == []
    touch(path)
    assert in_step(library, folder)[0] == []
    assert names(library) == ["caf\ufffd.pdf"]
