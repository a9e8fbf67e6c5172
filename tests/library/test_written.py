"""Written answers, whole: a real model over a real document, and whatever may go wrong with it."""

import os
import shutil
import signal
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from recto import Library
from recto.config import Writing
from recto.events import (
    AskEvent,
    Cited,
    Done,
    Expect,
    FellBack,
    Found,
    Progress,
    Quoted,
    Token,
    Unsupported,
)
from recto.generation import Finished, Piece, Prompt, Text
from recto.stop import Stop
from recto.types import Kind

QUESTION = "What is an IOMMU?"  # the small model answers it well, whatever it has read before
OTHER = "What is an error record?"
LATE_S = 300.0  # nothing that comes at all comes later


def writing(smol: Path, first_token_s: float = LATE_S) -> Writing:
    """Settings of a real model, which may be slow: the machine is busy, and yet it reads all of the evidence."""
    return Writing(model=str(smol), patience_s=LATE_S, first_token_s=first_token_s)


@pytest.fixture(scope="module")
def stocked(records: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with one document."""
    return shutil.copytree(records, tmp_path_factory.mktemp("stocked") / "library")


@pytest.fixture(scope="module")
def shared(stocked: Path, smol: Path) -> Iterator[Library]:
    """The library with a model, loaded once for the tests that leave it as it is."""
    with Library(stocked, writing=writing(smol)) as library:
        yield library


@pytest.fixture
def own(stocked: Path, smol: Path) -> Iterator[Library]:
    with Library(stocked, writing=writing(smol)) as library:
        yield library


def of(events: Iterable[AskEvent], kind: type) -> list[AskEvent]:
    return [event for event in events if isinstance(event, kind)]


def test_the_stream_of_a_written_answer(shared: Library) -> None:
    events = list(shared.ask(QUESTION))
    kinds = [type(event) for event in events if not isinstance(event, Progress)]
    assert kinds[:3] == [Found, Quoted, Expect]
    assert kinds[-1] is Done
    assert kinds.count(Done) == 1
    done = events[-1]
    assert isinstance(done, Done)
    answer = done.answer
    assert answer.kind is Kind.WRITTEN
    assert answer.engine.startswith("llama.cpp/SmolLM2")
    assert "".join(event.text for event in events if isinstance(event, Token)) == answer.text
    assert answer.citations == tuple(event.citation for event in events if isinstance(event, Cited))
    assert answer.unsupported == tuple(event.sentence for event in events if isinstance(event, Unsupported))
    assert answer.citations or answer.unsupported
    assert answer.quotes
    assert answer.first_token_s
    assert answer.search_s < answer.first_token_s < answer.total_s


def test_every_citation_of_a_written_answer_is_the_pages_own_text(shared: Library) -> None:
    answer = shared.ask(QUESTION).answer
    for citation in answer.citations:
        page = shared.page(citation.document.id, citation.span.page)
        assert page.text[citation.span.start : citation.span.end] == citation.quote
        assert citation.rects
        assert 0 < citation.at <= len(answer.text)


def test_the_wait_is_announced_and_learned_from(shared: Library) -> None:
    first = shared.ask(QUESTION)
    expected = of(first, Expect)[0]
    assert isinstance(expected, Expect)
    assert 0 < expected.first_token_s < expected.total_s
    speeds = shared.settings.home / "speeds.json"
    before = speeds.read_text()
    assert shared.ask(QUESTION).answer.kind is Kind.WRITTEN
    assert speeds.read_text() != before


def test_without_a_model_nothing_is_said_of_one(stocked: Path) -> None:
    with Library(stocked, writing=Writing(model="quote")) as library:
        events = list(library.ask(QUESTION))
    assert [type(event) for event in events] == [Found, Quoted, Done]
    done = events[-1]
    assert isinstance(done, Done)
    assert (done.answer.kind, done.answer.engine, done.answer.notice) == (Kind.QUOTED, "quote", "")


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("/nowhere/model.gguf", "does not hold"),
        ("default", "default"),
        ("ollama:llama3.2", "no Ollama answers"),
        ("remote:x", "no address"),
        ("hf:x", "leave this machine"),
        (__file__, "no GGUF"),
    ],
)
def test_a_model_that_cannot_be_had_is_a_notice(
    stocked: Path, model: str, words: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    named = Writing(model=model, ollama_host="http://127.0.0.1:9")
    with Library(stocked, writing=named) as library:
        library.settings = replace(library.settings, weights=tmp_path)
        events = list(library.ask(QUESTION))
    fell = of(events, FellBack)
    assert len(fell) == 1
    assert isinstance(fell[0], FellBack)
    assert fell[0].engine == "quote"
    done = events[-1]
    assert isinstance(done, Done)
    assert words in done.answer.notice
    assert done.answer.kind is Kind.QUOTED
    assert done.answer.text


def test_a_crash_leaves_the_quoted_answer(own: Library) -> None:
    own.ask(OTHER).answer  # noqa: B018 - loads and measures the model
    events = []
    for event in own.ask(QUESTION):
        events.append(event)
        if isinstance(event, Expect):
            os.kill(pid(own), signal.SIGKILL)
    assert "broke off" in "".join(event.why for event in events if isinstance(event, FellBack))
    done = events[-1]
    assert isinstance(done, Done)
    assert done.answer.kind is Kind.QUOTED
    assert done.answer.citations == done.answer.quotes


def pid(library: Library) -> int:
    engine = library._writer.engine()
    assert engine is not None
    return engine.llm.pid or 0  # type: ignore[attr-defined, no-any-return] - llama.cpp's, not every engine's


@pytest.mark.parametrize("moment", [Expect, Token])
def test_stop_ends_with_the_quotes(shared: Library, moment: type) -> None:
    asking = shared.ask(QUESTION)
    events = []
    for event in asking:
        events.append(event)
        if isinstance(event, moment):
            asking.stop()
    assert asking.answer.notice == "stopped"
    assert asking.answer.kind is Kind.QUOTED
    assert asking.answer.citations == asking.answer.quotes


def test_a_closed_stream_lets_the_next_one_in(shared: Library) -> None:
    events = iter(shared.ask("Tell me everything about error records and their fields."))
    for event in events:
        if isinstance(event, Token):
            break
    events.close()  # type: ignore[attr-defined] - a generator
    assert shared.ask(QUESTION).answer.kind is Kind.WRITTEN


def test_two_questions_at_once_wait_for_their_turn(shared: Library) -> None:
    waits = threading.Event()
    second: list[AskEvent] = []

    def ask() -> None:
        for event in shared.ask(OTHER):
            second.append(event)
            if isinstance(event, Progress) and event.stage == "waiting":
                waits.set()

    thread = threading.Thread(target=ask)
    first: list[AskEvent] = []
    for event in shared.ask(QUESTION):
        first.append(event)
        if isinstance(event, Expect):
            thread.start()
            assert waits.wait(LATE_S)
    thread.join()
    for events in (first, second):
        assert isinstance(events[-1], Done)
        assert events[-1].answer.engine != "quote" or events[-1].answer.notice


def test_reading_ahead_leaves_only_the_question_to_read(stocked: Path, smol: Path) -> None:
    ample = writing(smol, first_token_s=60.0)  # so that a slow machine reads all evidence ahead, too
    with Library(stocked, writing=ample) as library:
        library.prepare("What does an IOMMU")
        library._writer.join()
        events = library.ask("What does an IOMMU connect?")
        reading = [event for event in events if isinstance(event, Progress) and event.stage == "prefill"]
    assert reading
    assert all(0 < event.total < 30 for event in reading)  # tokens, of some 170


def test_a_weak_model_whose_answer_is_void_is_asked_again_with_the_best_quote(
    own: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = own._writer.engine()
    assert engine is not None
    best = own.ask(QUESTION, writes=False).answer.citations[0].quote
    said = iter(["The moon is made of 999 cheeses.", best])
    prompts: list[Prompt] = []

    def stream(prompt: Prompt, *, most: int, stop: Stop) -> Iterator[Piece]:
        prompts.append(prompt)
        yield Text(next(said))
        yield Finished(cut=False)

    for _ in engine.wake(LATE_S, Stop()):
        pass
    monkeypatch.setattr(engine.llm, "stream", stream)
    events = list(own.ask(QUESTION))
    assert [event.engine for event in of(events, FellBack)] == [engine.llm.name]  # type: ignore[attr-defined]
    assert len(of(events, Expect)) == len(prompts) == 2
    assert len(prompts[1].evidence) < len(prompts[0].evidence)
    assert isinstance(events[-1], Done)
    answer = events[-1].answer
    assert (answer.kind, answer.notice) == (Kind.WRITTEN, "")
    assert "cheeses" not in answer.text + "".join(answer.unsupported)


def test_a_weak_model_reads_the_best_quote_that_has_the_kind_asked_for(own: Library) -> None:
    query, hits = own._find(QUESTION, own.documents())
    task = own._quote(query, hits, own.documents())
    first = task.quoted.evidence[0]

    def reads(question: str, *texts: str) -> str:
        pieces = tuple(replace(first, quote=SimpleNamespace(text=text, page=first.quote.page)) for text in texts)
        asked = replace(task, question=question, quoted=replace(task.quoted, evidence=pieces))
        assert asked.best.quote.text in asked.of_best_quote.evidence
        return asked.best.quote.text

    fees = "Fees are high.", "The fee is due in May."
    assert reads("When is the fee due?", *fees) == fees[1]
    assert reads("Why is there a fee?", *fees) == fees[0]  # nothing tells the kind
    assert reads("What is the code of the fee?", *fees) == fees[0]  # neither has it


def test_preparing_nothing_or_nonsense_does_no_harm(shared: Library) -> None:
    shared.prepare("")
    shared.prepare("   ")
    shared.prepare("xyzzy plugh")
    assert shared.ask(QUESTION).answer.kind is Kind.WRITTEN


def test_evidence_follows_from_the_time_there_is(stocked: Path, smol: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recto.writing.worse_than_quotes", lambda _: False)  # else it is one quote in any case
    prompts = []
    for seconds in (0.01, 60.0):
        with Library(stocked, writing=writing(smol, first_token_s=seconds)) as library:
            engine = library._writer.engine()
            assert engine is not None
            library.ask(QUESTION).answer  # noqa: B018
            prompts.append(engine.llm._cached[0])  # type: ignore[attr-defined]
    assert len(prompts[0]) < len(prompts[1])


def test_a_removed_document_does_not_break_an_answer(stocked: Path, smol: Path, tmp_path: Path) -> None:
    home = tmp_path / "copy"
    shutil.copytree(stocked, home, symlinks=True)
    with Library(home, writing=writing(smol)) as library:
        for event in library.ask(QUESTION):
            if isinstance(event, Expect):
                library.remove("riscv-reri-architecture.pdf")
    assert isinstance(event, Done)
    assert event.answer.kind is Kind.WRITTEN
