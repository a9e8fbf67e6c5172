"""The command line: what is printed where, exit codes, and the JSON that other programs rely on."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from recto.cli import recto
from support.live import small_disk
from support.paths import EXAMPLES, HERE
from support.pdfs import Sheet, pdf, text_pdf

SEMIHOSTING = HERE / "corpus" / "riscv-semihosting.pdf"
FDA = EXAMPLES / "fda-general-principles-software-validation.pdf"
LATE_S = 300.0  # for what takes some seconds on a quiet machine

Run = Callable[..., Result]


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("RECTO_HOME", str(home))
    return lambda *arguments, **more: CliRunner().invoke(recto, [str(a) for a in arguments], **more)


@pytest.fixture(scope="session")
def full_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a library with one document that no test changes."""
    folder = tmp_path_factory.mktemp("cli")
    assert CliRunner().invoke(recto, ["add", str(SEMIHOSTING), "--ocr", "off", "--home", str(folder)]).exit_code == 0
    return folder


def lines(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_help_names_every_command() -> None:
    shown = CliRunner().invoke(recto, ["--help"]).stdout
    for command in ("add", "search", "ask", "list", "remove", "show", "original", "export", "import", "eval", "doctor"):
        assert f"\n  {command} " in shown


def test_help_imports_nothing_heavy() -> None:
    code = "import sys, recto.cli; print([m for m in ('numpy', 'rich', 'onnxruntime', 'sqlite3') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_add_json_keeps_its_promise(run: Run, tmp_path: Path) -> None:
    (tmp_path / "broken.pdf").write_bytes(b"no pdf")
    result = run("add", SEMIHOSTING, tmp_path / "broken.pdf", SEMIHOSTING, "--ocr", "off", "--json")
    added, failed, already = lines(result)
    assert result.exit_code == 1
    keys = {"document", "pages", "passages", "seconds", "status", "page_flags", "problem"}
    assert all(set(line) >= keys for line in (added, failed, already))
    assert (added["status"], failed["status"], already["status"]) == ("added", "failed", "already")
    assert added["pages"] == 8
    assert added["page_flags"] == {"text": 8, "ocr": 0, "garbled": 0, "empty": 0}
    assert added["problem"] is None
    assert set(failed["problem"]) == {"kind", "message", "hint"}  # type: ignore[call-overload]


def test_search_json_keeps_its_promise(run: Run, full_home: Path) -> None:
    result = run("search", "which instruction traps", "--json", "--k", "3", "--home", full_home)
    hits = lines(result)
    assert result.exit_code == 0
    assert [hit["rank"] for hit in hits] == [1, 2, 3]
    for hit in hits:
        assert set(hit) >= {"rank", "document", "page", "text", "score", "keyword", "semantic", "boxes"}
        assert 1 <= hit["page"] <= 8  # type: ignore[operator]
        assert all(len(box) == 4 and all(0 <= v <= 1 for v in box) for box in hit["boxes"])  # type: ignore[attr-defined]


def test_ask_json_keeps_its_promise(run: Run, full_home: Path) -> None:
    result = run("ask", "What does the ebreak instruction do?", "--json", "--home", full_home)
    (answer,) = lines(result)
    assert result.exit_code == 0
    assert set(answer) >= {"kind", "answer", "citations", "nearest", "engine", "seconds"}
    assert answer["kind"] == "quoted"
    assert set(answer["seconds"]) >= {"search", "total"}  # type: ignore[call-overload]
    for citation in answer["citations"]:  # type: ignore[attr-defined]
        assert set(citation) >= {"at", "document", "page", "quote", "boxes"}
        assert citation["quote"] in answer["answer"]  # type: ignore[operator]


def test_ask_events_ends_with_done(run: Run, full_home: Path) -> None:
    events = lines(run("ask", "What does the ebreak instruction do?", "--events", "--home", full_home))
    assert [event["event"] for event in events] == ["found", "quoted", "done"]


def test_nothing_found_is_exit_code_3(run: Run) -> None:
    for command in ("ask", "search"):
        result = run(command, "anything")
        assert result.exit_code == 3
        assert "recto add" in result.stderr


@pytest.mark.parametrize("question", ["", "  ", "x" * 10_000])
def test_a_bad_question_is_exit_code_2(run: Run, question: str) -> None:
    result = run("ask", question)
    assert result.exit_code == 2
    assert result.stderr.startswith("error: the question")
    assert result.stdout == ""


def test_list_and_remove(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "pump.pdf"
    path.write_bytes(text_pdf("the pump runs at nine hundred turns a minute"))
    run("add", path)
    (listed,) = lines(run("list", "--json"))
    assert listed["document"]["name"] == "pump.pdf"  # type: ignore[index]
    assert run("remove", "nothing.pdf").exit_code == 1
    removed = run("remove", "pump.pdf")
    assert removed.stdout == "removed: pump.pdf\n"
    assert "recto undo" in removed.stderr
    assert run("list", "--json").stdout == ""


def test_a_removal_is_undone_until_it_is_final(run: Run, tmp_path: Path) -> None:
    for name in ("a.pdf", "b.pdf", "c.pdf"):
        (tmp_path / name).write_bytes(text_pdf(f"the pump {name} runs at nine hundred turns a minute"))
    run("add", tmp_path, "--no-wait")
    run("remove", "a.pdf")
    run("remove", "b.pdf", "c.pdf")
    assert run("undo").stdout == "put back: b.pdf\nput back: c.pdf\n"  # the last one
    assert run("undo", "a.pdf").stdout == "put back: a.pdf\n"
    nothing = run("undo")
    assert (nothing.exit_code, nothing.stdout) == (1, "")
    assert "no removal that can be undone" in nothing.stderr
    assert "recto undo" not in run("remove", "--now", "a.pdf").stderr
    assert run("undo").exit_code == 1
    run("remove", "b.pdf")
    assert run("undo", "c.pdf").exit_code == 1
    assert run("remove", "--now", "b.pdf").exit_code == 0  # somebody does not want to wait
    assert run("undo").exit_code == 1
    assert [entry["document"]["name"] for entry in lines(run("list", "--json"))] == ["c.pdf"]  # type: ignore[index]


def test_a_library_is_emptied_when_somebody_says_yes(run: Run, tmp_path: Path) -> None:
    for name in ("a.pdf", "b.pdf"):
        (tmp_path / name).write_bytes(text_pdf(f"the pump {name} runs at nine hundred turns a minute"))
    run("add", tmp_path, "--no-wait")
    assert run("remove").exit_code == 2
    assert run("remove", "a.pdf", "--all").exit_code == 2
    refused = run("remove", "--all", input="n\n")
    assert "all 2 documents" in refused.stderr
    assert run("remove", "--all", input="").exit_code == 1
    assert len(lines(run("list", "--json"))) == 2
    assert "all 2 documents" in run("remove", "--all", input="y\n").stdout
    assert lines(run("list", "--json")) == []
    assert run("remove", "--all", "--yes").exit_code == 0
    run("add", tmp_path / "a.pdf", "--no-wait")
    assert run("remove", "--all", "--yes").stdout.startswith("removed: the one document in ")


def test_show_marks_the_quote(run: Run, full_home: Path, tmp_path: Path) -> None:
    plain, marked = tmp_path / "plain.png", tmp_path / "marked.png"
    assert run("show", SEMIHOSTING.name, 4, "-o", plain, "--home", full_home).exit_code == 0
    hit = lines(run("search", "ebreak", "--json", "--k", "1", "--home", full_home))[0]
    quote = " ".join(str(hit["text"]).split()[:5])
    result = run("show", SEMIHOSTING.name, hit["page"], "--quote", quote, "-o", marked, "--home", full_home)
    assert result.stdout.strip() == str(marked)
    assert marked.read_bytes() != plain.read_bytes()
    assert run("show", SEMIHOSTING.name, 99, "--home", full_home).exit_code == 1
    assert run("show", SEMIHOSTING.name, 1, "--quote", "not there", "--home", full_home).exit_code == 1


def test_the_file_that_was_added_can_be_had_again(run: Run, tmp_path: Path) -> None:
    notes, copy, home = tmp_path / "notes.md", tmp_path / "copy.md", tmp_path / "home"
    notes.write_text("# Pumps\n\nThe pump of hall 7 delivers 33 litres a second.\n")
    assert run("add", notes, "--home", home).stdout.startswith("added: notes.md: 1 page, 1 passage")
    assert run("original", notes.name, "-o", copy, "--home", home).stdout.strip() == str(copy)
    assert copy.read_bytes() == notes.read_bytes()
    refused = run("original", notes.name, "-o", copy, "--home", home)
    assert (refused.exit_code, "exists already" in refused.stderr) == (2, True)


def test_export_and_import_carry_everything(run: Run, full_home: Path, tmp_path: Path) -> None:
    backup, other = tmp_path / "backup.recto", tmp_path / "other"
    assert run("export", backup, "--home", full_home).exit_code == 0
    assert run("import", backup, "--home", other).exit_code == 0
    ask = ("search", "which instruction traps", "--json", "--home")
    assert run(*ask, other).stdout == run(*ask, full_home).stdout
    assert run("import", backup, "--home", other).exit_code == 2


def test_doctor_says_what_was_found(run: Run) -> None:
    found = json.loads(run("doctor", "--json").stdout)
    assert {"cores", "memory", "cpu", "environment", "encoder", "ocr", "office", "data"} <= set(found)
    assert found["cores"]["found"]["usable"] >= 1
    assert "cores" in run("doctor").stdout


def test_a_hostile_document_cannot_drive_the_terminal(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "\x1b[2Jevil.pdf"
    path.write_bytes(text_pdf("the secret pump runs at nine hundred turns a minute \x1b[31m"))
    shown = run("add", path).stdout + run("search", "secret pump").stdout + run("ask", "secret pump").stdout
    assert "\x1b" not in shown


@pytest.mark.usefixtures("own_workers")
def test_a_library_that_takes_nothing_refuses_a_folder_once(run: Run, tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.pdf").write_bytes(text_pdf(f"pump {number}"))
    with small_disk(tmp_path / "disk", 20):
        home = tmp_path / "disk" / "home"
        run("add", tmp_path / "0.pdf", "--home", home, "--no-wait")
        subprocess.run(["mount", "-o", "remount,ro", str(tmp_path / "disk")], check=True)
        result = run("add", tmp_path, tmp_path / "4.pdf", "--home", home, "--json")
    already, refused = lines(result)
    assert (already["status"], refused["status"], result.exit_code) == ("already", "failed", 1)
    assert refused["problem"]["kind"] == "read_only"  # type: ignore[index]
    assert "Stopped" in result.stderr


HOSTILE = "\x1b[2J\u202eevil\u2066\x9b.pdf"


def is_safe(output: str) -> bool:
    return all(char.isprintable() for char in output.replace("\n", ""))


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_hostile_name_is_shown_safely_everywhere(run: Run, tmp_path: Path, form: list[str]) -> None:
    papers = tmp_path / "\u202epapers"
    papers.mkdir()
    (papers / HOSTILE).write_bytes(text_pdf("the secret pump runs at nine hundred turns a minute"))
    (papers / f"broken{HOSTILE}").write_bytes(b"%PDF-1.7 cut")
    outputs = [
        run("add", papers, *form),
        run("list", *form),
        run("search", "secret pump", *form),
        run("ask", "How fast does the secret pump run?", *form),
        run("table", HOSTILE, 1, *form),
        run("add", papers / HOSTILE, *form),
        run("add", papers / f"none{HOSTILE}", *form),
    ]
    if form:
        assert json.loads(outputs[1].stdout)["document"]["name"] == HOSTILE
    else:
        outputs.append(run("original", HOSTILE, "-o", papers / "copy.pdf"))
        outputs.append(run("show", HOSTILE, 1, "-o", papers / "nowhere" / "page.png"))
        outputs.append(run("remove", HOSTILE))
    assert [output.output for output in outputs if not is_safe(output.output)] == []
    assert sum("secret" in output.output or "evil" in output.output for output in outputs) >= 5


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["list"], 0),
        (["list", "--json"], 0),
        (["search", "anything"], 3),
        (["ask", "anything at all?"], 3),
        (["table", "a.pdf", "1"], 1),
        (["show", "a.pdf", "1"], 1),
        (["original", "a.pdf"], 1),
        (["remove", "a.pdf"], 1),
        (["remove", "--all"], 0),
        (["export", "copy.recto"], 1),
        (["doctor"], 0),
        (["models", "list"], 0),
        (["eval", "--own"], 1),
    ],
)
def test_who_only_reads_makes_no_library(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str], code: int
) -> None:
    here = tmp_path / "here"
    (here / "folder").mkdir(parents=True)
    monkeypatch.chdir(here)
    for home in (here / "typo", here / "folder"):
        result = run(*command, "--home", home)
        assert (result.exit_code, "Traceback" in result.output) == (code, False), result.output
    assert [path.name for path in here.rglob("*")] == ["folder"]


def test_a_folder_without_pdfs_is_said(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = run("add", tmp_path / "empty")
    assert result.exit_code == 1
    assert "no file in it that ends in .pdf" in result.stderr


def test_a_picture_that_cannot_be_written_is_an_error(run: Run, full_home: Path, tmp_path: Path) -> None:
    result = run("show", SEMIHOSTING.name, 1, "-o", tmp_path / "missing" / "page.png", "--home", full_home)
    assert result.exit_code == 1
    assert result.stderr.startswith("error: ")


def test_a_closed_pipe_ends_quietly(full_home: Path) -> None:
    command = f"{sys.executable} -m recto search ebreak --home {full_home} | head -c 1"
    shown = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert "Traceback" not in shown.stderr


def test_a_library_that_may_not_be_made_is_an_error(run: Run) -> None:
    result = run("add", SEMIHOSTING, "--home", "/proc/nowhere")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: ")


@pytest.fixture
def child(home: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "recto", "add", str(EXAMPLES), "--ocr", "off", "--home", str(home)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    yield process
    process.kill()
    process.communicate()


@pytest.mark.slow
@pytest.mark.parametrize(("documents_in", "later_s"), [(1, 0.0), (3, 0.5)])
def test_control_c_ends_cleanly(child: subprocess.Popen[str], run: Run, documents_in: int, later_s: float) -> None:
    """While documents are read, and in the seconds of encoding behind the last one."""
    assert child.stdout is not None
    names = [child.stdout.readline().split(": ")[1] for _ in range(documents_in)]
    time.sleep(later_s)
    child.send_signal(2)
    _, errors = child.communicate(timeout=LATE_S)
    assert "Traceback" not in errors
    assert child.returncode in (0, 130)
    listed = run("list").stdout
    assert all(name in listed for name in names)


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_each_file_of_a_folder_is_told_when_it_is_done_and_an_interrupted_add_says_what_it_did(
    home: Path, tmp_path: Path, form: list[str]
) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "a.pdf").write_bytes(text_pdf("The sluice opens at noon."))
    os.mkfifo(folder / "b.pdf")  # which cannot be read before somebody writes it
    command = [sys.executable, "-m", "recto", "add", str(folder), "--home", str(home), "--no-wait", *form]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert "a.pdf" in child.stdout.readline()
        child.send_signal(2)
        _, errors = child.communicate()
    assert child.returncode == 130
    assert "1 added" in errors
    assert "Traceback" not in errors


def test_the_home_of_the_environment_counts(home: Path) -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "recto", "doctor"],
        env={**os.environ, "RECTO_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert str(home) in shown.stdout


def test_hidden_words_are_told_and_read_if_asked_for(run: Run, tmp_path: Path) -> None:
    white = b"1 g BT /F1 12 Tf 60 600 Td (The reserve price is 1,900,000 pounds.) Tj ET"
    (tmp_path / "tender.pdf").write_bytes(pdf(Sheet([(60, 700, 12, "Bids are opened in June.")], content=white)))
    result = run("add", tmp_path / "tender.pdf")
    assert "6 words of hidden text left out" in result.stderr
    assert "6 words of hidden text left out" in run("list").stdout
    (listed,) = lines(run("list", "--json"))
    assert listed["hidden_words"] == 6
    assert "1,900,000" not in run("search", "reserve price", "--json").stdout
    (added,) = lines(run("add", tmp_path / "tender.pdf", "--reread", "--hidden", "--json"))
    assert added["hidden_words"] == 0
    assert "1,900,000" in run("search", "reserve price", "--json").stdout
