"""The library as Python programs use it: add, search, ask, remove, and what bad input costs."""

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recto import Library
from recto.answer import abstain
from recto.errors import AnswerAbandoned, BadQuestion, LibraryClosed, QuoteNotFound, RectoError, UnknownDocument
from recto.events import Abstained, Done, Found, Progress, Quoted, Stage
from recto.files import readable_files
from recto.library import doctor
from recto.pdf.recognition import rapid
from recto.types import Added, Certainty, Flag, Kind, TraitKind
from support.forked import Program
from support.paths import EXAMPLES, HERE
from support.pdfs import Sheet, pdf, text_pdf
from support.scans import LEASE, placed, scan

SEMIHOSTING = HERE / "corpus" / "riscv-semihosting.pdf"
FDA = EXAMPLES / "fda-general-principles-software-validation.pdf"


@pytest.fixture(scope="session")
def shelf(records: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """A library of three real documents that no test changes."""
    home = shutil.copytree(records, tmp_path_factory.mktemp("shelf") / "library")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("RECTO_OCR", "off")  # see `library`
        library = Library(home)
    with library:
        library.add(SEMIHOSTING, FDA)
        yield library


@pytest.fixture
def library(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    """One that recognises nothing, nor do processes that a test starts: the logo of a document costs 4 s of CPU."""
    monkeypatch.setenv("RECTO_OCR", "off")
    with Library(home) as library:
        yield library


@pytest.fixture
def scanning(home: Path) -> Iterator[Library]:
    """One that recognises what is scanned."""
    with Library(home) as library:
        yield library


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


# --- finding and answering -------------------------------------------------------------------------------------------
def test_a_question_finds_the_page_that_answers_it(shelf: Library) -> None:
    hits = shelf.search("semihosting trap instruction sequence slli ebreak srai")
    assert hits[0].document.name == SEMIHOSTING.name
    assert "ebreak" in shelf.page(hits[0].document.id, hits[0].passage.span.page).text
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_a_stream_that_was_left_early_has_no_answer(shelf: Library) -> None:
    asking = shelf.ask("What is software verification?")
    for event in asking:
        assert isinstance(event, Found)
        break
    with pytest.raises(AnswerAbandoned, match="left before its end"):
        asking.answer  # noqa: B018


def test_hits_are_verbatim_and_boxed(shelf: Library) -> None:
    for hit in shelf.search("error record status register"):
        span = hit.passage.span
        assert shelf.page(span.doc, span.page).text[span.start : span.end] == hit.passage.text
        assert hit.score == pytest.approx(hit.keyword + hit.semantic)
        assert hit.rects


def test_the_stream_of_an_answer(shelf: Library) -> None:
    events = list(shelf.ask("What is software verification?"))
    assert [type(event) for event in events] == [Found, Quoted, Done]
    done = events[-1]
    assert isinstance(done, Done)
    assert done.answer.kind is Kind.QUOTED
    assert done.answer.citations
    assert done.answer.total_s >= done.answer.search_s > 0


def test_what_hardly_answers_is_called_the_closest_lines(shelf: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    sure = shelf.ask("What is software verification?").answer
    monkeypatch.setattr(abstain, "ANSWERED", sure.confidence + 0.1)
    _, quoted, done = shelf.ask("What is software verification?")
    assert isinstance(quoted, Quoted)
    assert isinstance(done, Done)
    assert quoted.kind is done.answer.kind is Kind.CLOSEST
    assert done.answer.certainty is Certainty.CLOSEST
    assert quoted.citations == done.answer.citations == sure.citations
    monkeypatch.setattr(abstain, "CLOSEST", sure.confidence + 0.1)
    refused = shelf.ask("What is software verification?").answer
    assert (refused.kind, refused.certainty, refused.quotes) == (Kind.ABSTAINED, Certainty.REFUSED, ())


def test_every_citation_is_the_words_of_its_page(shelf: Library) -> None:
    for question in ("What is software verification?", "Which bits does the status register hold?", "ebreak"):
        answer = shelf.ask(question).answer
        for citation in answer.citations:
            span = citation.span
            assert shelf.page(span.doc, span.page).text[span.start : span.end] == citation.quote
            assert answer.text[citation.at - len(citation.quote) : citation.at] == citation.quote
            assert citation.rects
            context = citation.context
            assert context is not None
            assert context.span.holds(span)
            assert shelf.page(span.doc, span.page).text[context.span.start : context.span.end] == context.text
            assert context.rects


def test_a_scope_holds(shelf: Library) -> None:
    for hit in shelf.search("software error", docs=[SEMIHOSTING.name]):
        assert hit.document.name == SEMIHOSTING.name
    with pytest.raises(UnknownDocument, match="is called 'nothing"):
        shelf.search("software", docs=["nothing.pdf"])


@pytest.mark.parametrize("question", ["", "   ", "\0\x1b\x07", "\n\t"])
def test_an_empty_question_is_a_usage_problem(shelf: Library, question: str) -> None:
    with pytest.raises(BadQuestion) as caught:
        shelf.ask(question)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "question",
    [
        "the of and a",
        "x" * 2000,
        "Was ist Softwarevalidierung?",
        "ソフトウェアの検証とは何ですか",
        "ما هو التحقق",
        "\x1b[31mred\x07 verification",
        "???",
        "1",
        "\ud800 lone surrogate",
    ],
)
def test_any_question_gets_an_answer_or_an_abstention(shelf: Library, question: str) -> None:
    assert shelf.ask(question).answer.kind in (Kind.QUOTED, Kind.CLOSEST, Kind.ABSTAINED)


@pytest.mark.slow
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(question=st.text(max_size=200))
def test_no_question_breaks_anything(shelf: Library, question: str) -> None:
    try:
        answer = shelf.ask(question).answer
    except RectoError as error:
        assert error.exit_code == 2  # noqa: PT017 - either outcome is right
    else:
        assert answer.text


def test_a_question_that_is_too_long_says_so(shelf: Library) -> None:
    with pytest.raises(BadQuestion, match="10000 characters, the limit is 2000"):
        shelf.ask("y" * 10_000)


def test_an_empty_library_abstains(library: Library) -> None:
    events = list(library.ask("anything"))
    assert [type(event) for event in events] == [Found, Abstained, Done]
    assert library.search("anything") == []


def test_of_a_tiny_document_the_closest_lines_are_shown_where_a_longer_one_would_be_silent(
    library: Library, tmp_path: Path
) -> None:
    notice = """Notice of the harbour office
The northern quay is closed from 3 to 9 June.
Divers renew its old fenders in these days.
Ferries land at the fish market meanwhile.
With an east wind of more than 40 knots the work is put off by a week."""
    library.add(write(tmp_path / "notice.pdf", text_pdf(notice)))
    list(library.encoding())
    in_other_words = library.ask("Where do passengers get off instead?").answer
    assert (in_other_words.certainty, "fish market" in in_other_words.text) == (Certainty.CLOSEST, True)
    assert library.ask("Who won the regatta?").answer.certainty is Certainty.REFUSED


# --- adding ----------------------------------------------------------------------------------------------------------
def test_adding_says_how_far_it_is(library: Library) -> None:
    events = list(library.adding(SEMIHOSTING))
    assert isinstance(events[0], Progress)
    assert isinstance(events[-1], Added)
    steps = [event for event in events if isinstance(event, Progress)]
    for stage in {event.stage for event in steps}:
        of_stage = [event.done for event in steps if event.stage is stage]
        assert of_stage == sorted(of_stage)
    assert [event.done for event in steps if event.stage is Stage.READING][-1] == 8


def test_the_same_bytes_are_already_there(library: Library, tmp_path: Path) -> None:
    (first,) = library.add(SEMIHOSTING)
    (second,) = library.add(shutil.copy(SEMIHOSTING, tmp_path / "copy.pdf"))
    assert (first.status, second.status) == ("added", "already")
    assert second.document == first.document
    assert (second.passages, second.flags) == (first.passages, first.flags)
    assert len(library.documents()) == 1


@pytest.mark.slow
def test_another_version_of_a_name_is_kept_and_said_or_replaces(library: Library, tmp_path: Path) -> None:
    path = write(tmp_path / "plan.pdf", text_pdf("the limit is 40 bar in the first version of this plan"))
    library.add(path)
    write(path, text_pdf("the limit is 50 bar in the second version of this plan"))
    (beside,) = library.add(path)
    assert beside.problem is not None
    assert beside.problem.kind == "other_version"
    assert len(library.documents()) == 2
    write(path, text_pdf("the limit is 60 bar in the third version of this plan"))
    library.remove(library.documents()[0].id)
    (instead,) = library.add(path, replace=True)
    assert instead.problem is None
    assert [document.id for document in library.documents()] == [instead.document.id]
    assert "60 bar" in library.ask("What is the limit?").answer.text


@pytest.mark.slow
def test_what_is_removed_is_gone(library: Library, tmp_path: Path) -> None:
    library.add(SEMIHOSTING, write(tmp_path / "note.pdf", text_pdf("Where ebreak is used")))
    library.remove(SEMIHOSTING.name)
    assert [hit.document.name for hit in library.search("semihosting ebreak")] == ["note.pdf"]
    with pytest.raises(UnknownDocument):
        library.page(SEMIHOSTING.name, 0)
    for kept in library.settings.home.rglob("*"):
        assert not kept.is_file() or b"SYS_TMPNAM" not in kept.read_bytes()


def test_a_folder_is_walked_and_bad_files_do_not_stop_it(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    (folder / "deep").mkdir(parents=True)
    write(folder / "a.pdf", b"")
    write(folder / "b.PDF", text_pdf("the pump runs at nine hundred turns a minute"))
    write(folder / "deep" / "c.pdf", b"<html>")
    write(folder / "notes.csv", b"no pdf")
    (folder / "loop").symlink_to(folder)
    outcomes = library.add(folder, tmp_path / "missing.pdf")
    assert [(one.document.name, one.status) for one in outcomes] == [
        ("a.pdf", "failed"),
        ("b.PDF", "added"),
        ("c.pdf", "failed"),
        ("missing.pdf", "failed"),
    ]
    assert all(one.problem and one.problem.hint for one in outcomes if one.status == "failed")


NAMES = [
    "two words.pdf",
    "line\nbreak.pdf",
    "emoji 📄.pdf",
    "é" * 125 + ".pdf",
    "-rf.pdf",
    "'; DROP.pdf",
    "[bold]x.pdf",
]


@pytest.mark.parametrize("name", NAMES)
def test_any_file_name_is_kept_as_it_is(library: Library, tmp_path: Path, name: str) -> None:
    (outcome,) = library.add(write(tmp_path / name, text_pdf("the pump runs at nine hundred turns a minute")))
    assert outcome.status == "added"
    assert library.document(name).name == name
    assert library.search("pump turns", docs=[name])[0].document.name == name


def test_a_name_that_is_no_unicode_is_kept_printable(library: Library, tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.pdf"
    with open(path, "wb") as file:  # noqa: PTH123 - bytes
        file.write(text_pdf("the pump runs at nine hundred turns a minute"))
    (outcome,) = library.add(Path(os.fsdecode(path)))
    assert outcome.document.name == "caf\ufffd.pdf"


def test_an_encrypted_file_needs_its_password_to_be_added_and_shown(library: Library) -> None:
    path = HERE / "corpus" / "encrypted-password.pdf"
    (refused,) = library.add(path)
    assert refused.problem is not None
    assert refused.problem.kind == "password"
    (outcome,) = library.add(path, password="openpassword")
    assert outcome.status == "added"
    assert library.picture(path.name, 0, password="openpassword").startswith(b"\x89PNG")
    kept = [file for file in library.settings.home.rglob("*") if file.is_file()]
    assert not any(b"openpassword" in file.read_bytes() for file in kept)


@pytest.mark.slow
def test_a_scan_is_recognised_and_cited(scanning: Library) -> None:
    (outcome,) = scanning.add(HERE / "corpus" / "scanned-fda-3pages.pdf")
    assert outcome.flags == {Flag.TEXT: 0, Flag.OCR: 3, Flag.GARBLED: 0, Flag.EMPTY: 0}
    citation = scanning.ask("What does verification look for?").answer.citations[0]
    assert "verification" in citation.quote.lower()
    assert citation.rects
    assert citation.words_with(TraitKind.RECOGNISED) == len(citation.quote.split())


def test_a_file_is_added_before_its_pictures_are_recognised(scanning: Library, tmp_path: Path) -> None:
    path = write(
        tmp_path / "both.pdf",
        pdf(Sheet([(72, 720, 11, "The sluice opens at noon.")]), Sheet(content=placed(scan(LEASE)))),
    )
    events = scanning.adding(path)
    first = next(event for event in events if isinstance(event, Added))
    assert (first.status, first.unrecognised, first.flags[Flag.OCR]) == ("added", 1, 0)
    assert scanning.search("When does the sluice open?")[0].document == first.document
    assert scanning.unrecognised() == [first.document]
    *progress, second = events
    assert {event.stage for event in progress if isinstance(event, Progress)} == {Stage.OCR}
    assert isinstance(second, Added)
    assert (second.status, second.unrecognised, second.flags[Flag.OCR]) == ("recognised", 0, 1)
    assert scanning.unrecognised() == []


def add_until_told(home: str, path: str) -> None:
    """Add a file in a process that ends as kill -9 ends it, at the moment that it says that the file is added."""
    for event in Library(home).adding(path):
        if isinstance(event, Added):
            os.kill(os.getpid(), signal.SIGKILL)


def test_what_was_cut_off_before_its_pictures_were_recognised_goes_on(scanning: Library, tmp_path: Path) -> None:
    path = write(tmp_path / "lease.pdf", pdf(Sheet(content=placed(scan(LEASE)))))
    with Program(add_until_told, scanning.settings.home, path) as child:
        assert child.stdout.read() == ""
    (document,) = scanning.documents()
    assert scanning.unrecognised() == [document]
    finding = next(finding for finding in doctor.examine(scanning.settings.home) if finding.name == "library")
    assert "1 document with scans yet to be read" in finding.words
    (outcome,) = scanning.add(path)
    assert (outcome.status, outcome.flags[Flag.OCR]) == ("added", 1)
    assert (scanning.unrecognised(), len(scanning.documents())) == ([], 1)
    (again,) = scanning.add(path)
    assert again.status == "already"


def test_what_is_removed_while_its_scans_are_recognised_does_not_come_back(scanning: Library, tmp_path: Path) -> None:
    path = write(tmp_path / "short.pdf", pdf(Sheet(content=placed(scan(["Short."])))))
    for event in scanning.adding(path):
        if isinstance(event, Progress) and event.stage == "ocr" and scanning.documents():
            scanning.remove("short.pdf")
    assert scanning.documents() == []


def test_a_scan_without_ocr_is_flagged(scanning: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rapid, "available", lambda: False)
    monkeypatch.setenv("PATH", "/nowhere")
    (outcome,) = scanning.add(HERE / "corpus" / "scanned-fda-3pages.pdf")
    assert outcome.flags[Flag.EMPTY] == 3
    assert outcome.problem is not None
    assert outcome.problem.kind == "no_ocr"
    assert "tesseract" in outcome.problem.hint


def test_a_language_that_tesseract_lacks_is_named_with_its_package(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "lease.pdf", pdf(Sheet(content=placed(scan(LEASE)))))
    monkeypatch.setattr(rapid, "available", lambda: False)
    for setting, flag in (("xxa", Flag.EMPTY), ("xxa+eng", Flag.OCR)):
        monkeypatch.setenv("RECTO_OCR_LANGUAGE", setting)
        with Library(home) as library:
            (outcome,) = library.add(path, reread=True)
        assert outcome.flags[flag] == 1
        assert outcome.problem is not None
        assert outcome.problem.kind == "no_ocr"
        assert outcome.problem.message.endswith("tesseract has no data for xxa")
        assert outcome.problem.hint.startswith("apt-get install tesseract-ocr-xxa;")


def test_a_page_without_text_next_to_one_with_text(library: Library, tmp_path: Path) -> None:
    path = write(tmp_path / "mixed.pdf", pdf(Sheet(), Sheet([(72, 700, 12, "the pump runs at 900 turns a minute")])))
    (outcome,) = library.add(path)
    assert (outcome.flags[Flag.EMPTY], outcome.flags[Flag.TEXT]) == (1, 1)
    assert library.ask("How fast does the pump run?").answer.citations[0].span.page == 1


# --- showing ---------------------------------------------------------------------------------------------------------
def test_a_quote_is_found_on_its_page_whatever_its_line_breaks(shelf: Library) -> None:
    page = shelf.page(FDA.name, 9)
    words = page.text.split()[40:60]
    rects = shelf.rects(FDA.name, 9, "  ".join(words))
    assert rects
    assert shelf.picture(FDA.name, 9, marks=rects).startswith(b"\x89PNG")
    with pytest.raises(QuoteNotFound, match="page 10"):
        shelf.rects(FDA.name, 9, "words that are not there")


def test_a_page_that_is_not_there(shelf: Library) -> None:
    with pytest.raises(UnknownDocument, match="pages 1 to 47, not 48"):
        shelf.page(FDA.name, 47)


# --- other processes -------------------------------------------------------------------------------------------------
def add_files(home: str, *paths: str) -> None:
    with Library(home) as library:
        print(*(added.status for added in library.add(*paths)))  # noqa: T201


def ask_unconnected(home: str, path: str) -> None:
    """Add and ask where any attempt to reach a network address raises."""

    def refuse(*_: object) -> None:
        raise AssertionError("a socket was opened")

    sys.addaudithook(lambda event, _: refuse() if event in ("socket.connect", "socket.getaddrinfo") else None)
    with Library(home) as library:
        assert library.add(path)[0].status == "added"
        print(library.ask("What does ebreak do?").answer.kind)  # noqa: T201


@pytest.mark.slow
def test_another_process_sees_what_was_added(library: Library) -> None:
    assert library.search("ebreak") == []
    assert Program(add_files, library.settings.home, SEMIHOSTING).lines() == ["added"]
    assert library.search("ebreak")[0].document.name == SEMIHOSTING.name


@pytest.mark.slow
def test_two_processes_add_at_once(library: Library, tmp_path: Path) -> None:
    lines = "The valve opens at 275 bar.", "The pump moves 111 litres.", "The kiln burns coal."
    paths = [write(tmp_path / f"{number}.pdf", text_pdf(*[line] * 8)) for number, line in enumerate(lines)]
    adding = [Program(add_files, library.settings.home, *part) for part in (paths[:2], paths[1:])]
    assert {word for program in adding for word in program.lines()[0].split()} <= {"added", "already"}
    assert sorted(document.name for document in library.documents()) == ["0.pdf", "1.pdf", "2.pdf"]


@pytest.mark.slow
def test_no_word_leaves_the_machine(library: Library) -> None:
    assert Program(ask_unconnected, library.settings.home, SEMIHOSTING).lines() == ["quoted"]


def test_a_file_that_changes_while_it_is_read_is_refused(library: Library, tmp_path: Path) -> None:
    path = write(tmp_path / "moving.pdf", FDA.read_bytes())
    for event in library.adding(path):
        if isinstance(event, Progress) and event.done == event.total:
            write(path, SEMIHOSTING.read_bytes())
    assert isinstance(event, Added)
    assert event.status == "failed"
    assert library.documents() == []


@pytest.mark.slow
def test_a_document_removed_by_another_process_while_a_question_is_asked(library: Library, tmp_path: Path) -> None:
    library.add(SEMIHOSTING, write(tmp_path / "note.pdf", text_pdf("The ebreak instruction enters the debugger.")))
    events = iter(library.ask("What does the ebreak instruction do?"))
    assert isinstance(next(events), Found)
    with Library(library.settings.home) as other:
        other.remove(SEMIHOSTING.name)
    *_, done = events
    assert isinstance(done, Done)
    assert {citation.document.name for citation in done.answer.citations} <= {"note.pdf"}


def tell_unreadable(folder: str) -> None:
    if os.getuid() == 0:
        os.setuid(65534)
    for path, problem in readable_files([Path(folder), Path(folder, "deeper"), Path("nul" + chr(0))]):
        assert problem
        print(path.name[:6], problem.kind, "cannot be" in problem.message)  # noqa: T201


def test_a_folder_that_may_not_be_read_is_said() -> None:
    """As another user, as root may read everything."""
    open_to_all = Path(tempfile.mkdtemp())
    open_to_all.chmod(0o755)
    closed = open_to_all / "closed"
    (closed / "deeper").mkdir(parents=True)
    write(closed / "a.pdf", text_pdf("hello"))
    closed.chmod(0)
    lines = Program(tell_unreadable, closed).lines()
    closed.chmod(0o755)
    shutil.rmtree(open_to_all)
    assert [line.replace(chr(0), "") for line in lines] == [
        "closed unreadable_file True",
        "deeper unreadable_file True",
        "nul unreadable_file True",
    ]


def test_who_uses_a_library_that_was_closed_is_told_so(pumps: Path) -> None:
    library = Library(pumps)
    events = iter(library.ask("How much coal does the boiler of hall 5 burn?"))
    assert isinstance(next(events), Found)
    library.close()
    with pytest.raises(LibraryClosed):
        list(events)
    with pytest.raises(LibraryClosed):
        library.documents()
