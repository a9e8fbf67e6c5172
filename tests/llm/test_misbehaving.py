"""Models that misbehave, through the whole library: the quoted answer stands, a notice says why, and all of it ends.

Time passes for an engine's silence only (see `clock`). Each takes a fraction of a second; they are slow together.
"""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from recto import Library
from recto.config import Writing
from recto.events import AskEvent, Asking, Cited, Done, Expect, FellBack, Progress, Quoted, Token, Unsupported
from recto.llm import ollama as ollama_engine
from recto.llm.speeds import Speeds
from recto.types import Answer, Kind
from support import scripted
from support.clock import Clock
from support.ollama_server import MODEL as OLLAMA_MODEL
from support.ollama_server import OllamaServer
from support.openai_server import KEY, OpenAIServer
from support.openai_server import MODEL as REMOTE_MODEL

QUESTION = "How many litres does the pump of hall 3 move a minute?"
OTHER = "How much does the pump of hall 3 move a minute?"
WORDS = scripted.WORDS
PATIENCE_S = 30.0
HURRY_S = 0.5  # for what is measured by the real clock, where nothing comes at all
QUICK = Speeds(prefill=1e5, overhead_s=0.001, decode=1e3, load_s=0.1)
SLOW = Speeds(prefill=1.0, overhead_s=0.1, decode=1.0, load_s=0.1)  # minutes for a prompt
STOPS_S = 60.0  # what is left alone ends long before; how soon, bench/writing.py measures
pytestmark = pytest.mark.usefixtures("clock")


@dataclass
class Stage:
    """An engine that plays, and a library that knows it as quick."""

    server: scripted.Server
    library: Library

    def ask(self, behaviour: scripted.Behaviour, question: str = QUESTION) -> list[AskEvent]:
        self.server.behaviour = behaviour
        return list(self.library.ask(question))


def opened(home: Path, writing: Writing, speeds: Speeds = QUICK) -> Library:
    """A library whose engine is taken for awake, and measured."""
    library = Library(home, writing=writing)
    engine = library._writer.engine()
    assert engine is not None
    engine.learn(speeds)
    engine.awake = True
    return library


def of_ollama(daemon: OllamaServer, patience_s: float = PATIENCE_S) -> Writing:
    return Writing(model=f"ollama:{OLLAMA_MODEL}", ollama_host=daemon.url, patience_s=patience_s)


def of_remote(
    hosted: OpenAIServer, model: str = f"remote:{REMOTE_MODEL}", daemon_url: str = "", *, patience_s: float = PATIENCE_S
) -> Writing:
    return Writing(
        model=model,
        ollama_host=daemon_url,
        remote_url=f"{hosted.url}/v1",
        remote_model=REMOTE_MODEL,
        remote_token=KEY,
        allow_remote=True,
        patience_s=patience_s,
    )


@pytest.fixture
def ollama(daemon: OllamaServer, pumps: Path) -> Iterator[Stage]:
    with opened(pumps, of_ollama(daemon)) as library:
        yield Stage(daemon, library)


@pytest.fixture
def remote(hosted: OpenAIServer, pumps: Path) -> Iterator[Stage]:
    with opened(pumps, of_remote(hosted)) as library:
        yield Stage(hosted, library)


@pytest.fixture(params=["ollama", "remote"])
def stage(request: pytest.FixtureRequest) -> Stage:
    found: Stage = request.getfixturevalue(request.param)
    return found


def done(events: list[AskEvent]) -> Answer:
    assert [type(event) for event in events].count(Done) == 1
    last = events[-1]
    assert isinstance(last, Done)
    return last.answer


def quoted(events: list[AskEvent]) -> str:
    """The notice of an answer for which no model wrote; everything else is as if there were no model."""
    answer = done(events)
    assert answer.kind is Kind.QUOTED
    assert answer.engine == "quote"
    assert answer.quotes
    assert answer.citations == answer.quotes
    assert "111 litres" in answer.text
    assert not answer.unsupported
    assert answer.first_token_s is None
    fell = [event for event in events if isinstance(event, FellBack)]
    assert [(event.why, event.engine) for event in fell] == [(answer.notice, "quote")]
    assert answer.notice.isprintable()
    return answer.notice


def written(events: list[AskEvent]) -> Answer:
    answer = done(events)
    assert answer.kind is Kind.WRITTEN
    assert answer.notice == "" or "fell back" not in answer.notice
    assert "".join(event.text for event in events if isinstance(event, Token)) == answer.text
    assert answer.citations == tuple(event.citation for event in events if isinstance(event, Cited))
    assert answer.unsupported == tuple(event.sentence for event in events if isinstance(event, Unsupported))
    assert answer.quotes
    return answer


def until(true: threading.Event) -> bool:
    return true.wait(STOPS_S)


def at(asking: Asking, moment: type) -> tuple[list[AskEvent], Iterator[AskEvent]]:
    """The events up to the first of this kind, and the stream, which goes on."""
    events, seen = iter(asking), []
    for event in events:
        seen.append(event)
        if isinstance(event, moment):
            break
    return seen, events


def stop_once_asked(asking: Asking, *servers: scripted.Server) -> None:
    """Stop as soon as all of these were asked."""

    def stop() -> None:
        if all(until(server.came) for server in servers):
            asking.stop()

    threading.Thread(target=stop).start()


def leave(events: Iterator[AskEvent]) -> None:
    events.close()  # type: ignore[attr-defined] - a generator


def alive() -> list[str]:
    """The threads that recto runs, but for those of libraries that other tests share."""
    names = [thread.name for thread in threading.enumerate()]
    return [name for name in names if name.startswith("recto-") and not name.startswith(("recto-read_", "recto-lease"))]


@pytest.fixture(autouse=True)
def _no_thread_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """After a library is closed its threads end within a second; this comes first, and so ends last."""
    yield
    assert until_quiet(), alive()


@pytest.fixture(autouse=True)
def _closed_last(_no_thread_is_left: None) -> None:
    """Libraries are fixtures that come after."""


def silent(clock: Clock, seconds: float = PATIENCE_S + 1) -> scripted.Behaviour:
    """Say nothing while that much time passes, nor later."""

    def behave(reply: scripted.Reply) -> None:
        clock.advance(seconds)
        reply.stall()

    return behave


def silent_after_a_word(clock: Clock) -> scripted.Behaviour:
    """Say one word, and nothing more while time passes: over and over, for nobody knows when the word is heard."""

    def behave(reply: scripted.Reply) -> None:
        reply.begin().say("The")
        while not reply.hung_up():
            clock.advance(PATIENCE_S + 1)
            if reply.server.closed.wait(scripted.TICK_S):
                return
        raise ConnectionResetError

    return behave


SILENT = pytest.mark.parametrize("silence", [silent, silent_after_a_word])
Silence = Callable[[Clock], scripted.Behaviour]


# --- nothing usable was said -----------------------------------------------------------------------------------------
USELESS = [
    pytest.param(scripted.wordless, "without a word", id="nothing"),
    pytest.param(scripted.spaces, "without a word", id="spaces"),
    pytest.param(scripted.pondering, "without a word", id="only thinking"),
    pytest.param(scripted.crashing, "connection broke", id="crashing"),
    pytest.param(scripted.hanging_up, "connection broke", id="hanging up"),
    pytest.param(scripted.unfinished, "ended without", id="unfinished"),
    pytest.param(scripted.half_line, "", id="half a line"),
    pytest.param(scripted.huge_line, "line of more than", id="huge line"),
    pytest.param(scripted.failing("the runner has \x1b[31mterminated"), "terminated", id="error after 200"),
    pytest.param(scripted.refusing(500, "internal error"), "internal error", id="500"),
    pytest.param(scripted.refusing(503, "too many requests"), "too many requests", id="503"),
    pytest.param(scripted.refusing(401, "who are you"), "who are you", id="401"),
    pytest.param(scripted.sending(b"\x00\xff\xfe\n"), "", id="bytes"),
    pytest.param(scripted.sending(b""), "", id="empty"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("behaviour", "why"), USELESS)
def test_the_quoted_answer_stands(stage: Stage, behaviour: scripted.Behaviour, why: str) -> None:
    assert why in quoted(stage.ask(behaviour))


@pytest.mark.slow
@SILENT
def test_silence_leaves_the_quoted_answer(stage: Stage, silence: Silence, clock: Clock) -> None:
    assert "no sign of life for 30 s" in quoted(stage.ask(silence(clock)))


def test_quotes_come_before_the_engine_is_asked(stage: Stage) -> None:
    events, stream = at(stage.library.ask(QUESTION), Quoted)
    assert stage.server.asked_at("/v1/chat/completions") == stage.server.asked_at("/api/chat") == []
    assert isinstance(events[-1], Quoted)
    leave(stream)


@pytest.mark.slow
def test_thinking_without_end_is_not_listened_to(stage: Stage) -> None:
    stage.ask(scripted.pondering)
    assert until(stage.server.gone)


# --- something usable was said ---------------------------------------------------------------------------------------
USABLE = [
    pytest.param(scripted.brief, WORDS, id="well"),
    pytest.param(scripted.slow(0.02), WORDS, id="slow"),
    pytest.param(scripted.thinking, WORDS, id="thinking first"),
    pytest.param(scripted.invalid_utf8, WORDS, id="invalid UTF-8"),
    pytest.param(scripted.half_character, WORDS, id="half a character"),
    pytest.param(scripted.byte_by_byte, f"{WORDS} Dürr pumpt 5 m³ – 泵", id="byte by byte"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("behaviour", "text"), USABLE)
def test_what_is_usable_is_written(stage: Stage, behaviour: scripted.Behaviour, text: str) -> None:
    answer = written(stage.ask(behaviour))
    assert " ".join(answer.text.split()).startswith(text)
    assert answer.citations


# --- what is said is void --------------------------------------------------------------------------------------------
def shown(events: list[AskEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, Token))


@pytest.mark.slow
@pytest.mark.parametrize("behaviour", [scripted.repeating, scripted.well])
def test_what_repeats_itself_is_stopped_and_void(stage: Stage, behaviour: scripted.Behaviour) -> None:
    events = stage.ask(behaviour)
    assert quoted(events) == "the model repeats itself"
    assert shown(events).count("It is so.") + shown(events).count(WORDS) in (1, 2)


@pytest.mark.slow
def test_a_model_that_ignores_its_limit_is_cut(stage: Stage) -> None:
    events = stage.ask(scripted.babbling)
    assert quoted(events) == "nothing that the model wrote has support in the documents"
    assert shown(events).endswith("...")
    assert len(shown(events)) < 2000
    assert until(stage.server.gone)


@pytest.mark.slow
def test_a_loop_is_stopped_at_its_source(stage: Stage) -> None:
    def looping(reply: scripted.Reply) -> None:
        reply.begin()
        with suppress(IndexError):
            while not reply.server.closed.is_set():
                reply.say(" again and again")

    events = stage.ask(looping)
    assert quoted(events) == "the model repeats itself"
    assert len(shown(events)) < 200
    assert until(stage.server.gone)


# --- not there, denied -----------------------------------------------------------------------------------------------
def test_a_model_that_ollama_does_not_have(daemon: OllamaServer, pumps: Path) -> None:
    missing = Writing(model="ollama:mistral:7b", ollama_host=daemon.url)
    with Library(pumps, writing=missing) as library:
        assert "no model mistral:7b (recto models pull ollama:mistral:7b)" in quoted(list(library.ask(QUESTION)))


def test_a_model_in_ollamas_cloud_gets_no_passage(daemon: OllamaServer, pumps: Path) -> None:
    cloud = Writing(model="ollama:gpt-oss:120b", ollama_host=daemon.url)
    with Library(pumps, writing=cloud) as library:
        assert "passages would leave this machine" in quoted(list(library.ask(QUESTION)))
    assert daemon.asked_at("/api/chat") == []


TOO_LONG = (
    '{"error":{"code":400,"message":"request (5000 tokens) exceeds the available context size (4096 tokens)",'
    '"type":"exceed_context_size_error","n_prompt_tokens":5000,"n_ctx":4096}}'
)


def test_a_prompt_that_was_counted_too_low_is_asked_again_with_fewer_passages(ollama: Stage) -> None:
    ollama.server.behaviour = scripted.in_turn(scripted.refusing(400, TOO_LONG), scripted.brief)
    events = list(ollama.library.ask("What does the pump of hall 3 move, and when is the pump of hall 3 cleaned?"))
    assert written(events).text == WORDS
    assert [type(event) for event in events].count(Expect) == 1
    long, short = [body["messages"][1]["content"] for body in ollama.server.asked_at("/api/chat") if body["messages"]]
    assert len(short) < len(long)


def test_a_prompt_that_is_too_long_with_one_passage_leaves_the_quotes(ollama: Stage) -> None:
    ollama.server.behaviour = scripted.refusing(400, TOO_LONG)
    events = list(ollama.library.ask(QUESTION))
    assert "too long" in quoted(events)
    assert "5000" in done(events).detail
    ollama.server.behaviour = scripted.brief
    assert written(list(ollama.library.ask(QUESTION)))  # the engine is well


def test_an_ollama_that_answers_another_question_first_is_told_so(ollama: Stage, clock: Clock) -> None:
    goes_on = threading.Event()

    def busy(reply: scripted.Reply) -> None:
        clock.advance(PATIENCE_S / 2)
        assert until(goes_on)
        scripted.brief(reply)

    ollama.server.behaviour = busy
    events = []
    for event in ollama.library.ask(QUESTION):
        events.append(event)
        if isinstance(event, Progress) and event.stage == "waiting":
            goes_on.set()
    assert written(events).text == WORDS
    waits = [event for event in events if isinstance(event, Progress) and event.stage == "waiting"]
    assert [(wait.name, wait.total, wait.eta_s) for wait in waits] == [(f"ollama/{OLLAMA_MODEL}", 1, None)]


def test_a_stopped_answer_teaches_how_fast_the_model_reads(ollama: Stage, clock: Clock) -> None:
    def late(reply: scripted.Reply) -> None:
        clock.advance(5.0)
        scripted.babbling(reply)

    ollama.server.behaviour = late
    asking = ollama.library.ask(QUESTION)
    before = ollama.library.speeds
    seen, events = at(asking, Token)
    asking.stop()
    list(events)
    after = ollama.library.speeds
    assert before is None or after is not None
    announced = next(event for event in seen if isinstance(event, Expect))
    assert after is not None
    assert after.first_token_s(100) > QUICK.first_token_s(100)
    assert announced.first_token_s < 5.0
    assert after.answer == QUICK.answer  # how long it would have been nobody knows


def test_a_denied_token_is_not_shown_again(remote: Stage) -> None:
    denied = scripted.refusing(403, "your plan has ended")
    assert "your plan has ended" in quoted(remote.ask(denied))
    assert "not asked again" in quoted(remote.ask(denied))
    assert len(remote.server.requests) == 1


# --- failing costs no second question --------------------------------------------------------------------------------
@pytest.mark.slow
@SILENT
def test_silence_is_borne_once(stage: Stage, silence: Silence, clock: Clock) -> None:
    quoted(stage.ask(silence(clock)))
    asked = len(stage.server.requests)
    assert "no sign of life" in quoted(stage.ask(silence(clock)))
    assert len(stage.server.requests) == asked


@pytest.mark.slow
def test_an_engine_that_was_silent_is_tried_again(stage: Stage, clock: Clock) -> None:
    quoted(stage.ask(silent(clock)))
    clock.advance(PATIENCE_S)
    assert "it is asked again in 1.0 s" in quoted(stage.ask(scripted.brief))
    clock.advance(1.1)
    written(stage.ask(scripted.brief))
    written(stage.ask(scripted.brief))


@pytest.mark.slow
@pytest.mark.parametrize("behaviour", [scripted.crashing, scripted.wordless, scripted.refusing(503, "busy")])
def test_what_failed_at_once_may_be_asked_at_once(stage: Stage, behaviour: scripted.Behaviour) -> None:
    quoted(stage.ask(behaviour))
    written(stage.ask(scripted.brief))


def test_a_hosted_engine_writes_for_several_at_once(remote: Stage) -> None:
    both = threading.Barrier(2, timeout=STOPS_S)

    def together(reply: scripted.Reply) -> None:
        both.wait()
        scripted.brief(reply)

    remote.server.behaviour = together
    with ThreadPoolExecutor(2) as pool:
        for events in pool.map(lambda _: list(remote.library.ask(QUESTION)), range(2)):
            written(events)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("state", "why"), [("loading", "took longer than 300 s to load"), ("measuring", "no sign of life for 1000 s")]
)
def test_waking_is_not_waited_for_twice(daemon: OllamaServer, pumps: Path, clock: Clock, state: str, why: str) -> None:
    """It begins in the background while the documents are searched; the answer shares its end."""
    patience_s = 1000.0  # beyond the limit of loading
    shared = threading.Event()
    if state == "loading":
        daemon.loading = scripted.after(shared, silent(clock, ollama_engine.LOAD_LIMIT_S + 1))
    daemon.behaviour = scripted.after(shared, silent(clock, patience_s + 1))
    with Library(pumps, writing=of_ollama(daemon, patience_s)) as library:
        seen, stream = at(library.ask(QUESTION), Progress)
        assert isinstance(seen[-1], Progress)
        assert seen[-1].stage == "loading"
        shared.set()
        assert why in quoted(seen + list(stream))
        posts = len(daemon.asked_at("/api/chat"))
        assert posts == (1 if state == "loading" else 2)
        assert why in quoted(list(library.ask(QUESTION)))
        assert len(daemon.asked_at("/api/chat")) == posts


def test_a_lookup_in_vain_is_not_repeated_at_once(pumps: Path, daemon: OllamaServer) -> None:
    missing = Writing(model="ollama", ollama_host=daemon.url)
    daemon.models = []
    with Library(pumps, writing=missing) as library:
        assert "has no model" in quoted(list(library.ask(QUESTION)))
        asked = len(daemon.requests)
        assert "has no model" in quoted(list(library.ask(QUESTION)))
        assert len(daemon.requests) == asked


# --- a consented engine stands by ------------------------------------------------------------------------------------
@dataclass
class Pair:
    daemon: OllamaServer
    hosted: OpenAIServer
    library: Library


def pair(home: Path, daemon: OllamaServer, hosted: OpenAIServer, speeds: Speeds = QUICK) -> Pair:
    library = opened(home, of_remote(hosted, f"ollama:{OLLAMA_MODEL}", daemon.url), speeds)
    standby = library.runtime.engines.standby
    assert standby is not None
    standby.learn(QUICK)
    hosted.behaviour = scripted.brief
    return Pair(daemon, hosted, library)


@pytest.fixture
def both(daemon: OllamaServer, hosted: OpenAIServer, pumps: Path) -> Iterator[Pair]:
    found = pair(pumps, daemon, hosted)
    with found.library:
        yield found


FAILS = [
    pytest.param(scripted.spaces, "without a word", id="spaces"),
    pytest.param(scripted.pondering, "without a word", id="only thinking"),
    pytest.param(scripted.hanging_up, "connection broke", id="hanging up"),
    pytest.param(scripted.refusing(503, "too busy"), "too busy", id="503"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("behaviour", "why"), FAILS)
def test_another_takes_over(both: Pair, behaviour: scripted.Behaviour, why: str) -> None:
    takes_over(both, behaviour, why)


@pytest.mark.slow
def test_another_takes_over_from_a_silent_one(both: Pair, clock: Clock) -> None:
    takes_over(both, silent(clock), "said no word for 31.0 s")


def takes_over(both: Pair, behaviour: scripted.Behaviour, why: str) -> None:
    both.daemon.behaviour = behaviour
    events = list(both.library.ask(QUESTION))
    answer = written(events)
    (fell,) = [event for event in events if isinstance(event, FellBack)]
    assert fell.engine == answer.engine == f"remote/127.0.0.1/{REMOTE_MODEL}"
    assert why in fell.why
    assert answer.notice == fell.why
    assert answer.text == WORDS


@pytest.mark.slow
def test_another_takes_over_while_the_first_loads(daemon: OllamaServer, hosted: OpenAIServer, pumps: Path) -> None:
    daemon.loading, hosted.behaviour = scripted.stalled, scripted.brief
    hasty = of_remote(hosted, f"ollama:{OLLAMA_MODEL}", daemon.url, patience_s=HURRY_S)
    with Library(pumps, writing=hasty) as library:
        library._writer.engine()
        standby = library.runtime.engines.standby
        assert standby is not None
        standby.learn(QUICK)
        events = list(library.ask(QUESTION))
        assert written(events).engine.startswith("remote/")
        assert "after 0.5 s" in done(events).notice
        assert not daemon.gone.is_set()  # it goes on: the next question may find it there
    assert until(daemon.gone)


@pytest.mark.slow
def test_signs_of_life_without_a_word_bring_another(both: Pair, clock: Clock) -> None:
    def creeping(reply: scripted.Reply) -> None:
        reply.begin()
        for _ in range(5):
            clock.advance(10)
            reply.send(reply.word(" "))
        reply.stall()

    both.daemon.behaviour = creeping
    assert written(list(both.library.ask(QUESTION))).engine.startswith("remote/")


def test_what_the_first_said_is_void(both: Pair) -> None:
    def breaks(reply: scripted.Reply) -> None:
        reply.begin().send(reply.word(" \n ") + reply.thought("Hm, nonsense."))
        reply.drop()

    both.daemon.behaviour = breaks
    assert written(list(both.library.ask(QUESTION))).text == WORDS


def test_nobody_speaks_after_words_were_shown(both: Pair) -> None:
    both.daemon.behaviour = scripted.crashing
    assert "connection broke" in quoted(list(both.library.ask(QUESTION)))
    assert both.hosted.requests == []


def test_while_the_first_is_in_time_nothing_leaves_the_machine(both: Pair) -> None:
    both.daemon.behaviour = scripted.brief
    assert written(list(both.library.ask(QUESTION))).engine == f"ollama/{OLLAMA_MODEL}"
    assert both.hosted.requests == []


@pytest.mark.slow
def test_a_dead_first_is_not_waited_for_twice(both: Pair, clock: Clock) -> None:
    both.daemon.behaviour = silent(clock)
    written(list(both.library.ask(QUESTION)))
    asked = len(both.daemon.requests)
    events = list(both.library.ask(OTHER))
    assert done(events).engine.startswith("remote/")
    assert any(isinstance(event, FellBack) for event in events)
    assert len(both.daemon.requests) == asked


def test_both_fail(both: Pair) -> None:
    both.daemon.behaviour = both.hosted.behaviour = scripted.hanging_up
    assert "connection broke" in quoted(list(both.library.ask(QUESTION)))


def test_whoever_speaks_first_is_heard(daemon: OllamaServer, hosted: OpenAIServer, pumps: Path) -> None:
    """Announced as too slow, the first gets company at once; here it is the quicker one all the same."""
    slow = pair(pumps, daemon, hosted, SLOW)
    slow.daemon.behaviour = scripted.after(hosted.came, scripted.brief)
    slow.hosted.behaviour = scripted.stalled
    with slow.library:
        events = list(slow.library.ask(QUESTION))
    assert written(events).engine == f"ollama/{OLLAMA_MODEL}"
    assert not [event for event in events if isinstance(event, FellBack)]
    assert len(slow.hosted.requests) == 1
    assert until(slow.hosted.gone)


@pytest.mark.slow
def test_the_slower_one_is_stopped(daemon: OllamaServer, hosted: OpenAIServer, pumps: Path) -> None:
    slow = pair(pumps, daemon, hosted, SLOW)
    slow.daemon.behaviour = scripted.stalled
    slow.hosted.behaviour = scripted.after(daemon.came, scripted.brief)
    with slow.library:
        events = list(slow.library.ask(QUESTION))
        assert "the patience is 30 s" in done(events).notice
        assert written(events).engine.startswith("remote/")
        assert until(slow.daemon.gone)


def test_a_missing_model_is_replaced(daemon: OllamaServer, hosted: OpenAIServer, pumps: Path) -> None:
    hosted.behaviour = scripted.brief
    patient = Writing(
        model="ollama:mistral:7b",
        ollama_host=daemon.url,
        remote_url=f"{hosted.url}/v1",
        remote_model=REMOTE_MODEL,
        remote_token=KEY,
        allow_remote=True,
    )
    with Library(pumps, writing=patient) as library:
        events = list(library.ask(QUESTION))
    assert written(events).engine.startswith("remote/")
    assert "no model mistral:7b" in done(events).notice


# --- left alone, it all ends -----------------------------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.parametrize("behaviour", [scripted.endless, scripted.falling_silent])
def test_a_stream_that_is_closed_stops_the_engine(stage: Stage, behaviour: scripted.Behaviour) -> None:
    stage.server.behaviour = behaviour
    asking = stage.library.ask(QUESTION)
    _, stream = at(asking, Token)
    leave(stream)
    assert until(stage.server.gone)
    assert until_quiet()
    written(stage.ask(scripted.brief))  # its turn is over, though somebody still holds `asking`
    assert list(asking) == []


@pytest.mark.slow
@pytest.mark.parametrize("behaviour", [scripted.stalled, scripted.endless, scripted.falling_silent])
def test_stop_stops_the_engine(stage: Stage, behaviour: scripted.Behaviour) -> None:
    stage.server.behaviour = behaviour
    asking = stage.library.ask(QUESTION)
    events, stream = at(asking, Expect)
    stop_once_asked(asking, stage.server)
    assert quoted(events + list(stream)) == "stopped"
    assert until(stage.server.gone)


@pytest.mark.slow
def test_stop_works_though_nobody_listens(stage: Stage) -> None:
    stage.server.behaviour = scripted.endless
    asking = stage.library.ask(QUESTION)
    events, stream = at(asking, Token)
    asking.stop()
    assert until(stage.server.gone)
    assert quoted(events + list(stream)) == "stopped"


def until_quiet() -> bool:
    """Whether recto's threads end in time."""
    ends = time.monotonic() + STOPS_S
    while alive() and time.monotonic() < ends:
        time.sleep(0.01)
    return alive() == []


@pytest.mark.slow
@pytest.mark.parametrize("how", ["close", "stop", "library"])
def test_a_load_left_alone_is_stopped(daemon: OllamaServer, pumps: Path, how: str) -> None:
    daemon.loading = scripted.stalled
    library = Library(pumps, writing=of_ollama(daemon, patience_s=PATIENCE_S))
    asking = library.ask(QUESTION)
    _, stream = at(asking, Progress)
    if how == "close":
        leave(stream)
    elif how == "stop":
        asking.stop()
    else:
        library.close()
    assert until(daemon.gone)
    assert until_quiet()
    leave(stream)
    library.close()


@pytest.mark.slow
@pytest.mark.parametrize("how", ["close", "stop"])
def test_measuring_left_alone_is_stopped(daemon: OllamaServer, pumps: Path, how: str) -> None:
    daemon.behaviour = scripted.stalled
    with Library(pumps, writing=of_ollama(daemon, patience_s=PATIENCE_S)) as library:
        asking = library.ask(QUESTION)
        _, stream = at(asking, Quoted)
        assert daemon.came.wait(STOPS_S)
        if how == "close":
            leave(stream)
        else:
            asking.stop()
        assert until(daemon.gone)
        assert until_quiet()
        leave(stream)


@pytest.mark.slow
def test_who_waits_and_leaves_does_not_disturb(ollama: Stage) -> None:
    left = threading.Event()
    ollama.server.behaviour = scripted.after(left, scripted.brief)
    events: list[AskEvent] = []
    first = threading.Thread(target=lambda: events.extend(ollama.library.ask(QUESTION)))
    first.start()
    assert ollama.server.came.wait(STOPS_S)
    seen, stream = at(ollama.library.ask(OTHER), Progress)
    waiting = seen[-1]
    assert isinstance(waiting, Progress)
    assert (waiting.stage, waiting.total) == ("waiting", 1)
    assert waiting.eta_s is not None
    leave(stream)
    left.set()
    first.join()
    assert written(events).text == WORDS
    assert not ollama.server.gone.is_set()
    written(ollama.ask(scripted.brief))


def test_reading_ahead_is_left_for_the_question(ollama: Stage) -> None:
    ollama.server.behaviour = scripted.in_turn(scripted.stalled, scripted.brief)
    ollama.library.prepare(QUESTION[:-12])
    assert ollama.server.came.wait(STOPS_S)
    written(list(ollama.library.ask(QUESTION)))
    assert until(ollama.server.gone)


@pytest.mark.slow
def test_two_that_race_are_both_stopped(daemon: OllamaServer, hosted: OpenAIServer, pumps: Path) -> None:
    slow = pair(pumps, daemon, hosted, SLOW)
    slow.daemon.behaviour = slow.hosted.behaviour = scripted.stalled
    with slow.library:
        asking = slow.library.ask(QUESTION)
        _, stream = at(asking, Expect)
        stop_once_asked(asking, daemon, hosted)
        list(stream)
        assert until(slow.daemon.gone)
        assert until(slow.hosted.gone)


@pytest.mark.slow
def test_closing_the_library_ends_what_runs(stage: Stage) -> None:
    stage.server.behaviour = scripted.endless
    _, stream = at(stage.library.ask(QUESTION), Token)
    stage.library.close()
    assert until(stage.server.gone)
    leave(stream)
    assert until_quiet()
