"""Whatever happens to the files of a folder: when it is brought in step, the library equals the folder."""

import hashlib
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from recto import Library
from recto.runtime import Runtime
from recto.sync import FolderSync, Report, Synced
from recto.sync.plan import Act
from support.folders import page, touch, write

PAGES = [page(number) for number in range(6)]
HOUR_S = 3600.0
BROKEN = b"%PDF-1.7 and nothing else"
PATHS = ["a.pdf", "b.pdf", "d/a.pdf", "d/c.pdf", "e/f/x.pdf"]
FOLDERS = ["d", "e", "g", "e/f"]
paths, contents, places = st.sampled_from(PATHS), st.sampled_from(PAGES), st.sampled_from(FOLDERS)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Histories(RuleBasedStateMachine):
    """Files come, change, move and go; `held` says by path which document the folder holds since the last sync."""

    runtime: Runtime

    @initialize()
    def begin(self) -> None:
        self.base = Path(tempfile.mkdtemp())
        self.folder, self.aside = self.base / "papers", self.base / "aside.pdf"
        self.folder.mkdir()
        self.library = Library(self.base / "library", runtime=self.runtime)
        self.sync = FolderSync(self.library, self.folder, settled_s=HOUR_S)
        self.sync.decide(True)
        self.held: dict[str, str] = {}
        self.by_hand: set[str] = set()
        self.unfinished: set[str] = set()  # contents of which half was written a moment ago

    def teardown(self) -> None:
        if hasattr(self, "library"):
            self.library.close()
            shutil.rmtree(self.base)

    def files(self) -> dict[str, Path]:
        return {str(path.relative_to(self.folder)): path for path in self.folder.rglob("*.pdf")}

    @rule(path=paths, content=contents)
    def create_or_change(self, path: str, content: bytes) -> None:
        write(self.folder / path, content)

    @rule(path=paths, content=contents)
    def put_in_place(self, path: str, content: bytes) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        write(self.base / "new", content).replace(target)

    @rule(path=paths, content=contents)
    def half_write(self, path: str, content: bytes) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content[:200])

    @rule(path=paths)
    def break_file(self, path: str) -> None:
        write(self.folder / path, BROKEN)

    @rule(path=paths)
    def touch(self, path: str) -> None:
        if (self.folder / path).exists():
            touch(self.folder / path)

    @rule(path=paths)
    def delete(self, path: str) -> None:
        (self.folder / path).unlink(missing_ok=True)

    @rule(former=paths, path=paths)
    def move(self, former: str, path: str) -> None:
        target = self.folder / path
        if (self.folder / former).exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            (self.folder / former).replace(target)

    @rule(former=places, place=places)
    def rename_folder(self, former: str, place: str) -> None:
        source, target = self.folder / former, self.folder / place
        if source.exists() and not target.exists() and source not in target.parents:
            target.parent.mkdir(parents=True, exist_ok=True)
            source.rename(target)

    @rule(place=places)
    def delete_folder(self, place: str) -> None:
        shutil.rmtree(self.folder / place, ignore_errors=True)

    @rule(content=contents)
    def add_by_hand(self, content: bytes) -> None:
        self.library.add(write(self.aside, content))
        self.by_hand.add(digest(content))

    @rule()
    def look_again(self) -> None:
        self.sync = FolderSync(self.library, self.folder, settled_s=HOUR_S)

    @rule()
    def bring_in_step(self) -> None:
        before = {document.id for document in self.library.documents()}
        planned = self.sync.plan(emptied=True)
        with self.sync.alone():
            *done, report = self.sync.once(emptied=True)
        assert isinstance(report, Report)
        steps = [event for event in done if isinstance(event, Synced)]
        told = [(step.act, step.path, step.former) for step in planned.steps if step.act is not Act.NOTE]
        assert told == [(event.step.act, event.step.path, event.step.former) for event in steps]
        read = {outcome.document.id for event in steps for outcome in event.outcomes if outcome.status == "added"}
        assert not read & before
        self.follow()
        self.check()
        self.check_rest()

    def follow(self) -> None:
        """What the folder holds now: of what is broken or unfinished the version before."""
        files = self.files()
        self.held = {path: doc for path, doc in self.held.items() if path in files}
        for path, file in files.items():
            if (content := file.read_bytes()) in PAGES:
                self.held[path] = digest(content)

    def check(self) -> None:
        documents = {document.id: document for document in self.library.documents()}
        assert set(documents) == {*self.held.values(), *self.by_hand}
        for doc in set(documents) - self.by_hand:
            assert documents[doc].name in {Path(path).name for path, held in self.held.items() if held == doc}
        for document in documents.values():
            assert self.library.page(document.id, 0).text.startswith("Report")

    def check_rest(self) -> None:
        with self.sync.alone():
            *done, report = self.sync.once(emptied=True)
        steps = [event.step for event in done if isinstance(event, Synced)]
        assert {step.act for step in steps} <= {Act.WAIT, Act.SKIP}
        assert report.unchanged == len(self.files()) - len(steps)


@pytest.mark.slow
@pytest.mark.hypothesis
def test_the_library_equals_the_folder_whatever_happened(runtime: Runtime) -> None:
    Histories.runtime = runtime
    run_state_machine_as_test(Histories, settings=settings(max_examples=15, stateful_step_count=25))
