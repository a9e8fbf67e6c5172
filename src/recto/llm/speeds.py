"""How fast a model is on this machine: measured once, kept on disk, corrected by every answer.

seconds to the last word = overhead + new tokens / prefill speed + answer tokens / decode speed; to the first word as
to the last of an answer of one token.
"""

import json
import secrets
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from time import monotonic
from typing import Self

from recto.errors import EngineFailed
from recto.generation import Finished, Load, Piece, Prefilled, Prompt, Text, Waking
from recto.llm import LLM
from recto.llm.fallback import Request, listen
from recto.stop import Stop

FILE = "speeds.json"
LEARN = 0.25  # of the error that one answer corrects: follows a change of load within some four answers
HOPE = 1.3  # so that four refusals halve and halve again what was expected
WILD = 4.0  # a single answer moves an estimate at most as if it had been so many times off
SHORT, LONG = 12, 200  # words of the two measured prompts; the difference gives the speed, the rest is overhead
WRITTEN = 24  # tokens
USUAL_PROMPT = 340  # tokens to read for a question: the evidence and the question itself
USUAL_ANSWER = 20.0  # tokens, until answers have been seen: one sentence is asked for
SLOWEST, FASTEST = 0.01, 1e6  # tokens a second; what lies outside was not measured but made up
LONGEST_S, LONGEST = 1e6, 1e6  # and of times, and of answers in tokens
LEAST_OVERHEAD_S = 0.001  # an overhead of nothing could never be corrected


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """One answer as it was: tokens read and written, seconds from the request to the first word and to the last."""

    new: int
    first_token_s: float
    answer: int
    total_s: float
    whole: bool = True  # else it was stopped: it says nothing about how long answers are


@dataclass(frozen=True, slots=True, kw_only=True)
class Speeds:
    """Tokens a second, and seconds."""

    prefill: float
    overhead_s: float
    decode: float
    load_s: float
    answer: float = USUAL_ANSWER  # tokens of a usual one

    @classmethod
    def fit(cls, short: Timing, long: Timing, load_s: float) -> Self:
        """From two prompts. A machine that was busy during one of them must not make the model look too fast."""
        slope = (long.first_token_s - short.first_token_s) / (long.new - short.new)
        per_token = max(slope, long.first_token_s / long.new / WILD, 1 / FASTEST)
        prefill = 1 / per_token
        written_s = long.total_s - long.first_token_s
        decode = (long.answer - 1) / written_s if long.answer > 1 and written_s > 0 else prefill
        decode = _between(SLOWEST, decode, prefill)  # none writes faster than it reads
        overhead_s = max(LEAST_OVERHEAD_S, short.first_token_s - short.new * per_token - 1 / decode)
        return cls(prefill=prefill, overhead_s=overhead_s, decode=decode, load_s=load_s)

    def first_token_s(self, new: int) -> float:
        """Seconds until the first word if so many tokens are to be read."""
        return self._without_reading_s + new / self.prefill

    def total_s(self, new: int) -> float:
        """Seconds until the last word of a usual answer."""
        return self.first_token_s(new) + max(0.0, self.answer - 1) / self.decode

    def tokens_within(self, seconds: float) -> int:
        """How many tokens can be read before the first word is due."""
        return int(max(0.0, seconds - self._without_reading_s) * self.prefill)

    @property
    def _without_reading_s(self) -> float:
        """Seconds until the first word if nothing is to be read: also that word has to be written."""
        return self.overhead_s + 1 / self.decode

    def corrected(self, timing: Timing) -> "Speeds":
        """These speeds, a step nearer to what an answer took."""
        error = timing.first_token_s / self.first_token_s(timing.new)
        slower = error > 1  # what was faster says nothing about the part in which the word itself is written
        fixed_s = self._without_reading_s if slower else self.overhead_s
        reading_s = timing.new / self.prefill * min(1.0, timing.new / USUAL_PROMPT)  # few tokens say little of reading
        most = max(fixed_s**2, reading_s**2)  # the part that made most of the wait is corrected most
        fixed, reading = _step(error, fixed_s**2 / most), _step(error, reading_s**2 / most)
        decode = self.decode
        if timing.answer > 1 and timing.total_s > timing.first_token_s:
            decode /= _step((timing.total_s - timing.first_token_s) / (timing.answer - 1) * decode)
        overhead_s = fixed_s * fixed - (1 / decode if slower else 0)
        longer = max(1, timing.answer) / max(1.0, self.answer) if timing.whole else 1.0
        return replace(
            self,
            prefill=_between(SLOWEST, self.prefill / reading, FASTEST),
            overhead_s=_between(LEAST_OVERHEAD_S, overhead_s, LONGEST_S),
            decode=_between(SLOWEST, decode, FASTEST),
            answer=_between(1.0, self.answer * _step(longer), LONGEST),  # the middle one: a few are many times as long
        )

    @property
    def hopeful(self) -> "Speeds":
        """A little faster: what is refused as too slow is not measured, and a busy hour must not last for ever."""
        return replace(self, prefill=self.prefill * HOPE, overhead_s=self.overhead_s / HOPE)

    @property
    def sound(self) -> bool:
        """Whether these can be the speeds of anything: a file may say what it likes."""
        rates, times = (self.prefill, self.decode), (self.overhead_s, self.load_s)
        return (
            all(isinstance(number, int | float) for number in (*rates, *times, self.answer))
            and all(SLOWEST <= rate <= FASTEST for rate in rates)
            and all(0 <= seconds <= LONGEST_S for seconds in times)
            and 0 <= self.answer <= LONGEST
        )


# A hosted engine is not measured, which would cost money: this is corrected by its first answers.
REMOTE = Speeds(prefill=2000.0, overhead_s=1.0, decode=60.0, load_s=0.0)


class SpeedBook:
    """The measured speeds of all models, in one JSON file that may be lost without harm."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._lock = threading.Lock()

    def get(self, fingerprint: str) -> Speeds | None:
        """What is known of a model, None if it was never measured here."""
        entry = self._entries().get(fingerprint)
        if not isinstance(entry, dict):
            return None
        try:
            speeds = Speeds(**{field.name: entry[field.name] for field in fields(Speeds) if field.name in entry})
        except TypeError:
            return None
        return speeds if speeds.sound else None

    def put(self, fingerprint: str, speeds: Speeds) -> None:
        """Keep what was measured; on a disk that is full or may not be written it is measured anew the next time."""
        draft = self._path.with_suffix(f".{secrets.token_hex(8)}")
        with self._lock, suppress(OSError):
            try:
                draft.write_text(json.dumps({**self._entries(), fingerprint: asdict(speeds)}, indent=1))
                draft.replace(self._path)
            finally:
                draft.unlink(missing_ok=True)

    def _entries(self) -> dict[str, object]:
        try:
            entries = json.loads(self._path.read_text())
        except (OSError, ValueError, RecursionError):
            return {}
        return entries if isinstance(entries, dict) else {}


def calibrate(llm: LLM, patience_s: float, stop: Stop) -> Iterator[Waking | Prefilled | Speeds]:
    """Measure a model with two prompts that it has not seen, saying that it loads, then reads; the speeds come last.

    EngineSlow if it is silent for longer than the patience.
    """
    load_s = 0.0
    ready = Request(prompt=Prompt("Ready?", "", ""), most=0, patience_s=patience_s, wordless=True)
    for piece in listen(llm, None, ready, stop):
        if isinstance(piece, Waking):
            load_s = piece.elapsed_s
            yield piece
    yield Prefilled(0, SHORT + LONG)
    short = timed(llm, replace(ready, prompt=_prompt(SHORT), most=1), stop)
    long = timed(llm, replace(ready, prompt=_prompt(LONG), most=WRITTEN), stop)
    if long.new <= short.new:
        raise EngineFailed(f"{llm.name} counts {long.new} tokens in a prompt of {LONG} words")
    yield Speeds.fit(short, long, load_s)


def timed(llm: LLM, request: Request, stop: Stop) -> Timing:
    """Ask and look at the clock."""
    watch = Stopwatch(llm.weigh(request.prompt))
    deque(listen(llm, None, replace(request, see=watch.see), stop), maxlen=0)
    return watch.timing()


class Stopwatch:
    """Looks at the clock when an engine's pieces come, however late somebody takes them."""

    def __init__(self, load: Load) -> None:
        self._load, self._began = load, monotonic()
        self._first_s = self._end_s = 0.0
        self._pieces = 0
        self._finished: Finished | None = None
        self._woke = False  # a model that had to be loaded says nothing about reading

    @property
    def whole(self) -> bool:
        """Whether it wrote its answer to the end, and did nothing else meanwhile."""
        return self._finished is not None and not self._woke

    @property
    def spoke(self) -> bool:
        """Whether it wrote a word, or ended without one, and did nothing else before. It may have been stopped then."""
        return (self._finished is not None or self._first_s > 0) and not self._woke

    @property
    def elapsed_s(self) -> float:
        """Since it was asked."""
        return monotonic() - self._began

    def see(self, piece: Piece) -> None:
        """Note when a piece came."""
        self._end_s = self.elapsed_s
        if isinstance(piece, Waking):
            self._woke = True
        elif isinstance(piece, Finished):
            self._finished = piece
        elif isinstance(piece, Text):
            self._pieces += 1
            self._first_s = self._first_s or self._end_s

    def timing(self) -> Timing:
        """What was seen; tokens as the engine counted them, else as they were counted before and as they came."""
        end = self._finished or Finished(cut=False)
        new = self._load.new if end.prompt is None or end.cached is None else max(1, end.prompt - end.cached)
        return Timing(
            new=new,
            first_token_s=self._first_s or self._end_s,
            answer=self._pieces if end.answer is None else end.answer,
            total_s=self._end_s,
            whole=self.whole,
        )


def _prompt(words: int) -> Prompt:
    """A prompt that shares no beginning with any other, now or earlier: engines keep what they have read."""
    text = " ".join(f"Line {number} of this paper says nothing new." for number in range(words // 8 + 1))
    return Prompt(f"{secrets.token_hex(4)} is the name of this text.", text, "Go on.")


def _step(ratio: float, weight: float = 1.0) -> float:
    return float(_between(1 / WILD, ratio, WILD) ** (LEARN * weight))


def _between(least: float, value: float, most: float) -> float:
    return min(max(value, least), most)
