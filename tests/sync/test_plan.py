"""The difference between a folder and what is known of it, told as steps before anything is done."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from recto.sync.plan import REMOVED, STILL, Act, Situation, SyncPlan, plan, to_hash
from recto.sync.scan import Scan
from recto.types import FileState, Problem, SyncedFile

DISK, STICK = 1, 2
BROKEN = Problem("damaged", "it is broken", "mend it")


def state(number: int, device: int = DISK, size: int = 100) -> FileState:
    return FileState(size, number, number, device)


def known(number: int, device: int = DISK, *, problem: Problem | None = None) -> SyncedFile:
    digest = f"{number:064}"
    return SyncedFile(state=state(number, device), digest=digest, docs=() if problem else (digest,), problem=problem)


def planned(
    present: dict[str, FileState],
    files: dict[str, SyncedFile],
    digests: dict[str, str] | None = None,
    *,
    deletes: bool = True,
    emptied: bool = False,
    unsettled: frozenset[str] = frozenset(),
    unread: dict[str, str] | None = None,
    documents: set[str] | None = None,
    devices: set[int] | None = None,
) -> SyncPlan:
    sight = Scan(present, {}, unread or {}, {DISK} if devices is None else devices)
    ids = {file.digest for file in files.values() if file.docs} if documents is None else documents
    situation = Situation(
        sight=sight, files=files, documents=ids, unsettled=unsettled, deletes=deletes, emptied=emptied
    )
    return plan(situation, digests or {})


def told(work: SyncPlan) -> list[tuple[str, str, str]]:
    return [(step.act, step.path, step.former or step.why) for step in work.steps]


def test_a_file_that_was_moved_is_known_by_its_inode_size_and_time() -> None:
    work = planned({"new/a.pdf": state(1), "b.pdf": state(2)}, {"a.pdf": known(1), "b.pdf": known(2)})
    assert told(work) == [("move", "new/a.pdf", "a.pdf")]
    assert work.unchanged == 1


def test_a_file_that_was_copied_and_deleted_is_known_by_its_hash() -> None:
    files, present = {"a.pdf": known(1), "b.pdf": known(2)}, {"new.pdf": state(7), "b.pdf": state(2)}
    situation = Situation(sight=Scan(present, {}, {}, {DISK}), files=files, documents=set(), unsettled=(), deletes=True)
    assert to_hash(situation) == ["new.pdf"]
    assert told(planned(present, files, {"new.pdf": files["a.pdf"].digest})) == [("move", "new.pdf", "a.pdf")]


def test_of_two_places_the_one_with_the_same_name_is_where_it_went() -> None:
    files = {"x.pdf": known(1), "y.pdf": known(1), "b.pdf": known(2)}
    digest = files["x.pdf"].digest
    present = {"d/y.pdf": state(8), "d/x.pdf": state(9), "b.pdf": state(2)}
    work = planned(present, files, {"d/x.pdf": digest, "d/y.pdf": digest})
    assert told(work) == [("move", "d/x.pdf", "x.pdf"), ("move", "d/y.pdf", "y.pdf")]


def test_without_a_word_documents_stay_when_files_go() -> None:
    present, files = {"b.pdf": state(2)}, {"a.pdf": known(1), "b.pdf": known(2)}
    assert told(planned(present, files, deletes=False)) == [("keep", "a.pdf", "")]
    assert told(planned(present, files)) == [("delete", "a.pdf", "")]


def test_nothing_is_deleted_if_everything_is_gone_at_once() -> None:
    work = planned({}, {"a.pdf": known(1), "b.pdf": known(2)})
    assert told(work) == [("keep", "a.pdf", ""), ("keep", "b.pdf", "")]
    assert work.vanished == 2
    assert told(planned({}, {"a.pdf": known(1)}, emptied=True)) == [("delete", "a.pdf", "")]


def test_what_was_moved_shows_that_the_disk_is_there() -> None:
    work = planned({"new.pdf": state(1)}, {"a.pdf": known(1), "b.pdf": known(2)})
    assert told(work) == [("move", "new.pdf", "a.pdf"), ("delete", "b.pdf", "")]


def test_nothing_is_deleted_of_a_disk_that_is_mounted_in_the_folder_no_more() -> None:
    files = {"a.pdf": known(1), "b.pdf": known(2), "stick/c.pdf": known(3, STICK), "stick/d.pdf": known(4, STICK)}
    work = planned({"b.pdf": state(2)}, files)
    assert told(work) == [("delete", "a.pdf", ""), ("keep", "stick/c.pdf", ""), ("keep", "stick/d.pdf", "")]
    assert work.vanished == 2


def test_a_device_may_have_another_number_after_it_was_mounted_again() -> None:
    files = {"a.pdf": known(1), "b.pdf": known(2)}
    work = planned({"b.pdf": state(2, device=9)}, files, devices={9})
    assert told(work) == [("delete", "a.pdf", "")]
    assert work.unchanged == 1


def test_nothing_is_deleted_below_a_folder_that_cannot_be_looked_into() -> None:
    files = {"a.pdf": known(1), "d/b.pdf": known(2), "d/e/c.pdf": known(3), "dd.pdf": known(4)}
    work = planned({"a.pdf": state(1)}, files, unread={"d": "Permission denied"})
    assert told(work) == [("delete", "dd.pdf", ""), ("skip", "d", "Permission denied")]


def test_a_file_that_is_being_written_waits_and_its_document_stays() -> None:
    work = planned({"a.pdf": state(5), "n.pdf": state(6)}, {"a.pdf": known(1)}, unsettled=frozenset({"a.pdf", "n.pdf"}))
    assert told(work) == [("wait", "a.pdf", STILL), ("wait", "n.pdf", STILL)]


def test_a_file_whose_time_alone_changed_is_not_read() -> None:
    files = {"a.pdf": known(1)}
    work = planned({"a.pdf": state(5)}, files, {"a.pdf": files["a.pdf"].digest})
    assert [step.act for step in work.steps] == [Act.NOTE]
    assert work.unchanged == 1


def test_a_file_that_failed_is_tried_again_when_it_changes_or_what_it_needs_may_be_there() -> None:
    files = {"a.pdf": known(1, problem=BROKEN)}
    assert told(planned({"a.pdf": state(1)}, files)) == [("skip", "a.pdf", BROKEN.message)]
    assert told(planned({"a.pdf": state(2)}, files, {"a.pdf": "other"})) == [("add", "a.pdf", "")]
    needs = known(1, problem=Problem("no_converter", "LibreOffice is missing", "install it"))
    assert told(planned({"a.docx": state(1)}, {"a.docx": needs})) == [("add", "a.docx", "")]


def test_what_was_removed_by_hand_stays_out_until_the_file_changes() -> None:
    files = {"a.pdf": known(1)}
    assert told(planned({"a.pdf": state(1)}, files, documents=set())) == [("skip", "a.pdf", REMOVED)]
    assert told(planned({"a.pdf": state(2)}, files, {"a.pdf": "other"}, documents=set())) == [("replace", "a.pdf", "")]


numbers = st.integers(1, 6)
names = st.sampled_from(["a.pdf", "b.pdf", "d/a.pdf", "d/b.pdf", "c.pdf"])


@given(st.dictionaries(names, numbers), st.dictionaries(names, numbers), st.booleans(), st.booleans())
def test_a_plan_speaks_once_of_each_file(
    present: dict[str, int], past: dict[str, int], deletes: bool, emptied: bool
) -> None:
    """And deletes nothing that it moves, nor what is there."""
    files = {path: known(number) for path, number in past.items()}
    seen = {path: state(number) for path, number in present.items()}
    digests = {path: f"{number:064}" for path, number in present.items()}
    work = planned(seen, files, digests, deletes=deletes, emptied=emptied)
    paths = [path for step in work.steps for path in (step.path, step.former) if path]
    assert len(paths) == len(set(paths))
    assert {step.path for step in work.steps if step.act in (Act.DELETE, Act.KEEP)} <= past.keys() - present.keys()
    assert {step.former for step in work.steps if step.former} <= past.keys() - present.keys()
    assert deletes or not work.counts[Act.DELETE]
    assert {path for path in past if path not in present} <= set(paths)
    told_of = {step.path for step in work.steps if step.act is not Act.NOTE} & present.keys()
    assert work.unchanged == len(present) - len(told_of)


def test_names_that_differ_only_in_case_or_form_are_as_many_files(tmp_path: Path) -> None:
    names = {"Cafe.pdf", "cafe.pdf", "caf\u00e9.pdf", "cafe\u0301.pdf"}
    work = planned({name: state(number) for number, name in enumerate(sorted(names))}, {})
    assert {step.path for step in work.steps} == names
