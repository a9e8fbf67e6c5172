"""How fast a model is: the formula, learning from answers, the book on disk, and measuring a model that plays."""

import json
import math
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recto.errors import EngineClosed, EngineFailed
from recto.generation import Finished, Load, Piece, Prefilled, Prompt, Text, Waking
from recto.llm import gguf
from recto.llm.engine import Engine
from recto.llm.llama import Llama, LlamaRuntime
from recto.llm.ollama import Daemon, Ollama
from recto.llm.speeds import FILE, REMOTE, WILD, SpeedBook, Speeds, Stopwatch, Timing, calibrate
from recto.queue import Place
from recto.stop import Stop
from support.clock import Clock

USUAL = Speeds(prefill=100.0, overhead_s=0.2, decode=10.0, load_s=3.0, answer=50.0)
PRIMER = Prompt("Answer.", "", "")
PROMPT = 300  # tokens
LATE_S = 120.0  # for what takes no time on a quiet machine

rates = st.floats(0.5, 5000)
overheads = st.floats(0.001, 5)
speeds = st.builds(
    Speeds, prefill=rates, overhead_s=overheads, decode=rates, load_s=st.just(1.0), answer=st.floats(1, 500)
)
seconds = st.floats(0, 1e9)
counts = st.integers(0, 1 << 53)
timings = st.builds(
    Timing, new=counts.map(lambda count: max(1, count)), first_token_s=seconds, answer=counts, total_s=seconds
)


# --- the formula -----------------------------------------------------------------------------------------------------
def test_the_formula() -> None:
    assert USUAL.first_token_s(PROMPT) == pytest.approx(0.2 + 300 / 100 + 1 / 10)
    assert USUAL.total_s(PROMPT) == pytest.approx(0.2 + 300 / 100 + 50 / 10)
    assert USUAL.tokens_within(2.31) == 200
    assert USUAL.tokens_within(0.1) == 0


@given(speeds, st.floats(0, 100))
def test_what_can_be_read_in_time_is_read_in_time(known: Speeds, within: float) -> None:
    tokens = known.tokens_within(within)
    assert tokens == 0 or known.first_token_s(tokens) <= within + 1e-6
    assert known.first_token_s(tokens + 1) > within - 1e-6


# --- learning --------------------------------------------------------------------------------------------------------
def taken(truth: Speeds, new: int, answer: int = 50) -> Timing:
    """What an answer takes on a machine with these speeds."""
    first = truth.first_token_s(new)
    return Timing(new=new, first_token_s=first, answer=answer, total_s=first + (answer - 1) / truth.decode)


@given(speeds, speeds)
def test_learns_a_changed_speed(known: Speeds, truth: Speeds) -> None:
    for _ in range(200):
        known = known.corrected(taken(truth, PROMPT))
    assert known.first_token_s(PROMPT) == pytest.approx(truth.first_token_s(PROMPT), rel=0.05)
    assert known.decode == pytest.approx(truth.decode, rel=0.05)
    assert known.answer == pytest.approx(50, rel=0.05)


@given(st.floats(0.5, 2), st.lists(st.sampled_from([1, 20, 150, 300]), min_size=8, max_size=30))
def test_a_known_speed_stays_known(load: float, prompts: list[int]) -> None:
    """Answers that took as long as announced change nothing."""
    known = truth = Speeds(prefill=100 * load, overhead_s=0.2 / load, decode=10 * load, load_s=3.0)
    for new in prompts:
        known = known.corrected(taken(truth, new))
    assert known.prefill == pytest.approx(truth.prefill)
    assert known.overhead_s == pytest.approx(truth.overhead_s)
    assert known.decode == pytest.approx(truth.decode)


@pytest.mark.parametrize("new", [1, 5])
def test_prompts_that_were_read_ahead_say_nothing_about_reading(new: int) -> None:
    truth = Speeds(prefill=100.0, overhead_s=0.4, decode=10.0, load_s=3.0)
    known = Speeds(prefill=100.0, overhead_s=0.2, decode=10.0, load_s=3.0)
    for _ in range(20):
        known = known.corrected(taken(truth, new))
    assert known.first_token_s(new) == pytest.approx(truth.first_token_s(new), rel=0.1)
    assert known.first_token_s(PROMPT) == pytest.approx(truth.first_token_s(PROMPT), rel=0.15)


def test_the_same_question_again_and_again_says_nothing_about_reading() -> None:
    """Its first word takes no reading, but a word has to be written all the same."""
    known = Speeds(prefill=430.0, overhead_s=0.001, decode=90.0, load_s=3.0)
    before = known.first_token_s(PROMPT)
    for _ in range(20):
        known = known.corrected(Timing(new=1, first_token_s=0.03, answer=31, total_s=0.36))
    assert known.first_token_s(1) == pytest.approx(0.03, rel=0.1)
    assert known.first_token_s(PROMPT) == pytest.approx(before, rel=0.15)


def test_long_and_short_prompts_by_turns_teach_both() -> None:
    truth, known = Speeds(prefill=60.0, overhead_s=0.6, decode=10.0, load_s=3.0), USUAL
    for new in [15, PROMPT] * 20:
        known = known.corrected(taken(truth, new))
    for new in (1, 15, PROMPT):
        assert known.first_token_s(new) == pytest.approx(truth.first_token_s(new), rel=0.15)


def test_a_load_that_comes_and_goes_is_followed_within_some_answers() -> None:
    busy = Speeds(prefill=40.0, overhead_s=0.5, decode=4.0, load_s=3.0)
    known = USUAL
    for _ in range(5):
        known = known.corrected(taken(busy, PROMPT))
    assert known.first_token_s(PROMPT) == pytest.approx(busy.first_token_s(PROMPT), rel=0.25)
    for _ in range(5):
        known = known.corrected(taken(USUAL, PROMPT))
    assert known.first_token_s(PROMPT) == pytest.approx(USUAL.first_token_s(PROMPT), rel=0.25)


def test_few_long_answers_make_no_usual_one_long() -> None:
    known = USUAL
    for length in [10, 12, 9, 11, 120] * 8:
        known = known.corrected(taken(USUAL, PROMPT, length))
    assert 9 < known.answer < 30  # their mean is 32


@given(speeds, st.lists(timings, max_size=60))
def test_no_answer_makes_speeds_unsound(known: Speeds, seen: list[Timing]) -> None:
    for timing in seen:
        known = known.corrected(timing)
        assert known.sound
        for value in (known.first_token_s(PROMPT), known.total_s(PROMPT)):
            assert math.isfinite(value)
            assert value > 0


@given(speeds, timings)
def test_a_wild_answer_moves_little(known: Speeds, wild: Timing) -> None:
    after = known.corrected(wild)
    most = WILD**0.25 * 1.001
    for before, now in [(known.prefill, after.prefill), (known.decode, after.decode)]:
        assert before / most <= now <= before * most
    assert known.first_token_s(PROMPT) / most <= after.first_token_s(PROMPT) <= known.first_token_s(PROMPT) * most
    assert after.answer <= known.answer * WILD


# --- watching --------------------------------------------------------------------------------------------------------
def seen(*pieces: Piece) -> Stopwatch:
    watch = Stopwatch(Load(90, 10))
    for piece in pieces:
        watch.see(piece)
    return watch


def test_counts_as_the_engine_does_else_as_the_pieces_came() -> None:
    told = seen(Text("a"), Text("b"), Finished(prompt=100, cached=40, answer=7, cut=False))
    silent = seen(Text("a"), Text("b"), Finished(cut=False))
    assert told.whole
    assert silent.whole
    assert (told.timing().new, told.timing().answer) == (60, 7)
    assert (silent.timing().new, silent.timing().answer) == (80, 2)


def test_an_answer_that_was_not_whole_teaches_nothing() -> None:
    assert not seen(Prefilled(80, 80), Text("a")).whole


# --- the book --------------------------------------------------------------------------------------------------------
def test_the_book_keeps_what_is_put(tmp_path: Path) -> None:
    SpeedBook(tmp_path).put("a", USUAL)
    SpeedBook(tmp_path).put("ü \udcff", REMOTE)
    book = SpeedBook(tmp_path)
    assert (book.get("a"), book.get("ü \udcff"), book.get("c")) == (USUAL, REMOTE, None)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


DAMAGED = ["", "{", "[]", "5", "null", '{"a": 5}', '{"a": []}', '{"a": {}}', '{"a": {"prefill": 1}}', "[" * 100_000]
UNSOUND = [("prefill", 0), ("prefill", -5), ("decode", math.nan), ("decode", math.inf), ("overhead_s", -1)]
UNSOUND += [("prefill", "fast"), ("load_s", None), ("answer", [1]), ("overhead_s", 10**400)]


@pytest.mark.parametrize("text", DAMAGED, ids=lambda text: text[:20])
def test_a_damaged_book_is_an_empty_one(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    book = SpeedBook(tmp_path)
    assert book.get("a") is None
    book.put("a", USUAL)
    assert book.get("a") == USUAL


def test_a_book_of_bytes_is_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"\xff\xfe\x00")
    assert SpeedBook(tmp_path).get("a") is None


@pytest.mark.parametrize(("name", "value"), UNSOUND)
def test_speeds_that_cannot_be_are_measured_anew(tmp_path: Path, name: str, value: object) -> None:
    entry = {"prefill": 100.0, "overhead_s": 0.1, "decode": 10.0, "load_s": 1.0, "answer": 50.0}
    (tmp_path / FILE).write_text(json.dumps({"a": {**entry, name: value}, "b": entry}))
    assert SpeedBook(tmp_path).get("a") is None
    assert SpeedBook(tmp_path).get("b") is not None


def test_fields_of_a_later_version_are_passed_over(tmp_path: Path) -> None:
    entry = {"prefill": 100.0, "overhead_s": 0.2, "decode": 10.0, "load_s": 3.0, "answer": 50.0, "colour": "red"}
    (tmp_path / FILE).write_text(json.dumps({"a": entry}))
    assert SpeedBook(tmp_path).get("a") == USUAL


def test_many_may_write_at_once(tmp_path: Path) -> None:
    """Each has the file open by itself, as processes have."""
    problems: list[Exception] = []

    def write(name: str) -> None:
        try:
            book = SpeedBook(tmp_path)
            for _ in range(20):
                book.put(name, USUAL)
                assert book.get(name) in (USUAL, None)  # None if another, who had read before, wrote after
        except Exception as problem:  # noqa: BLE001 - a thread's failure is not pytest's otherwise
            problems.append(problem)

    threads = [threading.Thread(target=write, args=(str(number),)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems
    assert json.loads((tmp_path / FILE).read_text())
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_a_folder_that_cannot_be_written_breaks_nothing(tmp_path: Path, clock: Clock) -> None:
    for folder in (tmp_path / "missing", tmp_path / "blocked"):
        if folder.name == "blocked":
            (folder / FILE / "x").mkdir(parents=True)  # as root a folder without the right to write is written
        engine = Engine(Playing(clock), SpeedBook(folder), PRIMER, hosted=False)
        engine.learn(USUAL)
        assert engine.speeds == USUAL
    assert [path.name for path in (tmp_path / "blocked").iterdir()] == [FILE]


def test_who_waits_for_an_engine_is_told_how_long(tmp_path: Path, clock: Clock) -> None:
    engine = Engine(Playing(clock), SpeedBook(tmp_path), PRIMER, hosted=False)
    usual_s = 2.2 + 49 / 10
    with engine.turns.joined() as announced, ExitStack() as line, engine.turns.joined() as asking:
        assert engine.place(asking, 2.2) == Place(1, None)  # nobody knows how fast it is
        engine.learn(USUAL)
        assert engine.place(announced, 2.2) is None
        now = time.monotonic()
        announced.ends = now + 3
        waiting = line.enter_context(engine.turns.joined())
        waits = [place.eta_s for ticket in (asking, waiting) if (place := engine.place(ticket, 2.2))]
        assert waits == pytest.approx([3, 3 + usual_s], abs=time.monotonic() - now)
        announced.ends = now - 3  # later than announced
        assert engine.place(asking, 2.2) == Place(1, 0)
        engine.close()
        with pytest.raises(EngineClosed):
            engine.place(asking, 2.2)


# --- measuring -------------------------------------------------------------------------------------------------------
class Playing:
    """A model of known speeds, that loads first; it moves the clock on. Implements LLM."""

    def __init__(
        self, clock: Clock, truth: Speeds = USUAL, *, words: int | None = None, fingerprint: str = "playing"
    ) -> None:
        self.clock, self.name, self.fingerprint = clock, "playing", fingerprint
        self._truth, self._words, self._loaded = truth, words, False
        self.prompts: list[Prompt] = []

    def weigh(self, prompt: Prompt) -> Load:
        return Load(len(f"{prompt.system} {prompt.evidence} {prompt.question}".split()), 0)

    def stream(self, prompt: Prompt, *, most: int, stop: Stop) -> Iterator[Piece]:
        self.prompts.append(prompt)
        if not self._loaded:
            self._loaded = True
            yield Waking(self._truth.load_s)
        new, words = self.weigh(prompt).new, most if self._words is None else self._words
        self.clock.advance(self._truth.first_token_s(new))
        for number in range(words):
            self.clock.advance(1 / self._truth.decode if number else 0)
            yield Text("word ")
        yield Finished(prompt=new, cached=0, answer=words, cut=False)

    def close(self) -> None:
        pass


def measured(llm: Playing) -> Speeds:
    *signs, found = calibrate(llm, 5.0, Stop())
    assert all(isinstance(piece, Waking | Prefilled) for piece in signs)
    assert isinstance(found, Speeds)
    return found


@pytest.mark.slow
def test_measures_about_the_true_speeds(clock: Clock) -> None:
    truth = Speeds(prefill=400.0, overhead_s=0.3, decode=50.0, load_s=3.0)
    found = measured(Playing(clock, truth))
    assert found.prefill == pytest.approx(truth.prefill, rel=0.3)
    assert found.overhead_s == pytest.approx(truth.overhead_s, rel=0.3)
    assert found.decode == pytest.approx(truth.decode, rel=0.3)
    assert found.load_s == truth.load_s


def test_no_measured_prompt_begins_like_another(clock: Clock) -> None:
    quick = Speeds(prefill=1e5, overhead_s=0.01, decode=1e4, load_s=0.0)
    llm = Playing(clock, quick)
    measured(llm)
    measured(llm)
    systems = [prompt.system for prompt in llm.prompts if prompt.evidence]
    assert len({system[:4] for system in systems}) == len(systems) == 4


def test_a_model_that_says_nothing_has_speeds_all_the_same(clock: Clock) -> None:
    found = measured(Playing(clock, Speeds(prefill=1e4, overhead_s=0.01, decode=1e3, load_s=0.0), words=0))
    assert found.sound
    assert found.decode <= found.prefill


@pytest.mark.slow
def test_a_busy_moment_does_not_make_a_model_infinitely_fast(clock: Clock) -> None:
    class Busy(Playing):
        def stream(self, prompt: Prompt, *, most: int, stop: Stop) -> Iterator[Piece]:
            self.clock.advance(0.2 if most == 1 else 0.0)
            yield from super().stream(prompt, most=most, stop=stop)

    found = measured(Busy(clock, Speeds(prefill=2000.0, overhead_s=0.01, decode=1000.0, load_s=0.0)))
    assert found.first_token_s(PROMPT) > 0.05


def test_an_engine_that_cannot_count_is_not_measured(clock: Clock) -> None:
    class Same(Playing):
        def weigh(self, prompt: Prompt) -> Load:
            return Load(9, 0)

    with pytest.raises(EngineFailed, match="counts 9 tokens"):
        measured(Same(clock, Speeds(prefill=1e4, overhead_s=0.001, decode=1e4, load_s=0.0)))


def test_measured_once_for_each_fingerprint(tmp_path: Path, clock: Clock) -> None:
    book = SpeedBook(tmp_path)
    asked = []
    for fingerprint in ("2 threads", "2 threads", "4 threads"):
        llm = Playing(clock, Speeds(prefill=1e5, overhead_s=0.001, decode=1e4, load_s=0.0), fingerprint=fingerprint)
        list(Engine(llm, book, PRIMER, hosted=False).wake(5.0, Stop()))
        asked.append(len(llm.prompts))
    assert asked == [4, 1, 4]  # the measuring takes three, then the system's part is read


class Loading(Playing):
    """Loads for as long as it is told, in steps of half a second."""

    loads_s = 0.0

    def stream(self, prompt: Prompt, *, most: int, stop: Stop) -> Iterator[Piece]:
        self._loaded = True
        for half_seconds in range(1, int(self.loads_s * 2) + 1):
            yield Waking(half_seconds / 2)
        yield from super().stream(prompt, most=most, stop=stop)


def test_loading_is_never_full_and_takes_as_long_as_the_last_time(tmp_path: Path, clock: Clock) -> None:
    book = SpeedBook(tmp_path)
    book.put("playing", replace(USUAL, load_s=1.3))
    llm = Loading(clock)
    for loads_s, known_s in ((3.0, 1.3), (2.0, 3.0)):
        llm.loads_s = loads_s
        steps = list(Engine(llm, book, PRIMER, hosted=False).wake(60.0, Stop()))
        assert len(steps) == loads_s * 2
        for step, elapsed_s in zip(steps, (half / 2 for half in range(1, len(steps) + 1)), strict=True):
            if elapsed_s < known_s:
                assert step.eta_s == pytest.approx(known_s - elapsed_s)
                assert step.done < step.total
            else:
                assert (step.eta_s, step.total) == (None, 0)  # it is late: nobody knows
        speeds = book.get("playing")
        assert speeds is not None
        assert speeds.load_s == loads_s


def test_threads_and_model_make_another_fingerprint(smol: Path, tmp_path: Path) -> None:
    model, other = gguf.read(smol), tmp_path / "other.gguf"
    other.symlink_to(smol)
    engines = [
        *(Llama(model, LlamaRuntime("", ""), threads=threads, logs=tmp_path) for threads in (1, 2)),
        Llama(model, LlamaRuntime("/usr/bin/llama-server", ""), threads=2, logs=tmp_path),
        Llama(gguf.read(other), LlamaRuntime("", ""), threads=2, logs=tmp_path),
        *(Ollama(Daemon("http://127.0.0.1:9", "1"), "a", threads=threads, context=9) for threads in (1, 2)),
        Ollama(Daemon("http://127.0.0.1:9", "1"), "b", threads=2, context=9),
        Ollama(Daemon("http://127.0.0.1:9", "2"), "b", threads=2, context=9),
    ]
    assert len({engine.fingerprint for engine in engines}) == len(engines)


def test_whoever_waited_for_a_waking_engine_may_wake_it_again(tmp_path: Path, clock: Clock) -> None:
    """After a crash nobody could, if two had waited for the first loading."""
    quick = Speeds(prefill=1e5, overhead_s=0.01, decode=1e4, load_s=0.0)
    engine = Engine(Playing(clock, quick), SpeedBook(tmp_path), PRIMER, hosted=False)
    first, second = engine.wake(5.0, Stop()), engine.wake(5.0, Stop())
    next(first)  # holds on while it loads
    waiting = threading.Thread(target=lambda: list(second), daemon=True)
    waiting.start()
    list(first)
    waiting.join(LATE_S)
    assert engine.awake
    engine.awake = False  # it crashed
    again = threading.Thread(target=lambda: list(engine.wake(5.0, Stop())), daemon=True)
    again.start()
    again.join(LATE_S)
    assert engine.awake
