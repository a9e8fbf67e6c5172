"""What a process holds once, however many libraries there are: one encoder, few processes, none while nobody adds."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from recto import Library
from recto.config import load
from recto.events import Done, Found, Progress, Quoted, Stage
from recto.pdf.read import WORKERS
from recto.runtime import Runtime, drawing
from recto.search.encoder import MiniLM
from recto.stop import Stop
from support.pdfs import text_pdf

VISITORS = 6
PUMP = "The pump of hall 3 moves 111 litres a minute."


@pytest.fixture
def runtime(home: Path) -> Iterator[Runtime]:
    with Runtime(load(home)) as runtime:
        yield runtime


@pytest.fixture
def library(tmp_path: Path, runtime: Runtime) -> Iterator[Library]:
    with Library(tmp_path / "library", runtime=runtime) as library:
        yield library


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    path = tmp_path / "paper.pdf"
    path.write_bytes(text_pdf(PUMP, "The boiler of hall 5 burns coal."))
    return path


def copies(runtime: Runtime) -> list[Path]:
    """The files that pages are drawn from."""
    folder = runtime.drawing._folders.get(False)
    return sorted(Path(folder.name).iterdir()) if folder else []


def test_all_libraries_share_one_encoder_and_few_processes(
    tmp_path: Path, runtime: Runtime, paper: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions: list[MiniLM] = []
    build = MiniLM.__init__

    def count(self: MiniLM, *arguments: object, **options: object) -> None:
        sessions.append(self)
        build(self, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(MiniLM, "__init__", count)
    most = 0
    with ExitStack() as stack:
        libraries = [
            stack.enter_context(Library(tmp_path / f"visitor {number}", runtime=runtime)) for number in range(VISITORS)
        ]
        assert runtime.processes() == []  # a library costs a file

        def visit(library: Library) -> None:
            nonlocal most
            for _ in library.adding(paper):
                most = max(most, len(runtime.processes()))
            library.picture("paper.pdf", 0)

        visits = [threading.Thread(target=visit, args=(library,)) for library in libraries]
        for thread in visits:
            thread.start()
        for thread in visits:
            thread.join()
        for library in libraries:
            list(library.encoding())
            assert library.search("How much does the pump move?")[0].document.name == "paper.pdf"
        assert most <= WORKERS + 1
        assert len(runtime.processes()) == 1  # the one that draws
    assert len(sessions) == 1


def test_a_runtime_that_is_closed_leaves_no_process(tmp_path: Path, home: Path, paper: Path) -> None:
    runtime = Runtime(load(home))
    with Library(tmp_path / "library", runtime=runtime) as library, runtime.reading.borrowed():
        library.add(paper)
        library.picture("paper.pdf", 0)
        processes = runtime.processes()
        assert len(processes) >= 2
        runtime.close()
    assert all(process.poll() is not None for process in processes)


def test_a_library_without_a_runtime_has_its_own_and_ends_it(home: Path, paper: Path) -> None:
    with Library(home) as library:
        library.add(paper)
        library.picture("paper.pdf", 0)
        (process,) = library.runtime.processes()
    assert process.poll() is not None


def test_a_library_adds_after_an_error_while_reading(library: Library, paper: Path) -> None:
    with pytest.raises(RuntimeError), library.reading():
        raise RuntimeError
    (outcome,) = library.add(paper)
    assert outcome.status == "added"


def test_who_ends_first_takes_no_process_from_those_who_still_add(
    tmp_path: Path, library: Library, runtime: Runtime, paper: Path
) -> None:
    with Library(tmp_path / "other", runtime=runtime) as visitor:
        events = library.adding(paper)
        next(events)
        list(visitor.adding(paper))
        assert [event.status for event in events if hasattr(event, "status")] == ["added"]
    assert runtime.reading.processes() == []


def test_pages_of_a_document_are_drawn_from_one_private_copy(library: Library, runtime: Runtime, paper: Path) -> None:
    library.add(paper)
    first = library.picture("paper.pdf", 0)
    (copy,) = copies(runtime)
    assert copy.read_bytes() == paper.read_bytes()
    made = copy.stat().st_mtime_ns
    assert library.picture("paper.pdf", 1) != first
    assert [path.stat().st_mtime_ns for path in copies(runtime)] == [made]
    assert copy.parent.stat().st_mode & 0o077 == 0
    library.remove("paper.pdf")
    assert copies(runtime) == []


def test_copies_are_bounded_and_go_with_their_library(
    tmp_path: Path, library: Library, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [tmp_path / f"{number}.pdf" for number in range(4)]
    for number, path in enumerate(paths):
        path.write_bytes(text_pdf(f"{PUMP} In the year {number}."))
    size = paths[0].stat().st_size
    monkeypatch.setattr(drawing, "KEPT_BYTES", 2 * size)
    library.add(*paths)
    for number in (0, 1, 2, 0, 3):
        library.picture(f"{number}.pdf", 0)
    contents = {path.read_bytes() for path in copies(runtime)}
    assert contents == {paths[number].read_bytes() for number in (2, 0, 3)}
    monkeypatch.setattr(drawing, "KEPT_BYTES", 0)
    library.picture("1.pdf", 0)
    assert [path.read_bytes() for path in copies(runtime)] == [paths[1].read_bytes()]
    with Library(tmp_path / "other", runtime=runtime) as visitor:
        monkeypatch.setattr(drawing, "KEPT_BYTES", 1 << 20)
        visitor.add(paths[0])
        visitor.picture("0.pdf", 0)
        assert len(copies(runtime)) == 2
    assert [path.read_bytes() for path in copies(runtime)] == [paths[1].read_bytes()]


def test_a_copy_that_cannot_be_made_leaves_nothing(
    library: Library, runtime: Runtime, paper: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.add(paper)

    def fail(doc: str, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(library._store, "copy_source", fail)
        with pytest.raises(OSError, match="No space left"):
            library.picture("paper.pdf", 0)
    assert copies(runtime) == []
    assert library.picture("paper.pdf", 0).startswith(b"\x89PNG")


def test_a_question_waits_for_a_core_and_says_so(library: Library, runtime: Runtime, paper: Path) -> None:
    library.add(paper)
    with ExitStack() as turns:
        for _ in range(runtime.settings.threads):
            turns.enter_context(runtime.questions.turn())
        events = iter(library.ask("How much does the pump of hall 3 move?"))
        event = next(events)
        assert isinstance(event, Progress)
        assert (event.stage, event.total) == (Stage.WAITING, 1)
        assert runtime.questions.waiting == 1
        turns.close()
    kinds = [type(event) for event in events]
    assert [kind for kind in kinds if kind is not Progress] == [Found, Quoted, Done]
    assert (runtime.questions.served, runtime.questions.waiting) == (0, 0)


def test_who_leaves_a_question_that_waits_leaves_the_queue(library: Library, runtime: Runtime, paper: Path) -> None:
    library.add(paper)
    with ExitStack() as turns:
        for _ in range(runtime.settings.threads):
            turns.enter_context(runtime.questions.turn())
        events = library._ask("the pump", library.documents(), None, Stop(), writes=True, whole=False)
        next(events)
        events.close()
        assert runtime.questions.waiting == 0


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are counted where Linux lists them")
@pytest.mark.parametrize("setting", [None, "2"])
def test_products_of_matrices_take_one_thread_unless_the_user_says_otherwise(setting: str | None) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    if setting:
        environment["OPENBLAS_NUM_THREADS"] = setting
    product = "numpy.ones((999, 999)) @ numpy.ones((999, 999))"
    facts = "os.environ['OPENBLAS_NUM_THREADS'], len(os.listdir('/proc/self/task'))"
    code = f"import os, recto, numpy; {product}; print({facts})"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    threads = min(int(setting or 1), len(os.sched_getaffinity(0)))  # OpenBLAS takes no more than there are cores
    assert done.stdout.split() == [setting or "1", str(threads)]
