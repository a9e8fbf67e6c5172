"""How fast a model is on this machine: measured once, kept on disk, corrected by every answer.

seconds to the first word = overhead + new tokens / prefill speed; to the last = that + answer tokens / decode speed.
"""

import json
import os
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from recto.answer.llm import LLM, Finished, Load, Piece, Prompt, Stop, Text, Waking
from recto.answer.patience import Request, listen
from recto.errors import EngineFailed
from recto.events import FellBack

FILE = "speeds.json"
LEARN = 0.25  # of the error that one answer corrects: follows a change of load within some four answers
WILD = 4.0  # a single answer moves an estimate at most as if it had been so many times off
SHORT, LONG = 12, 200  # words of the two measured prompts; the difference gives the speed, the rest is overhead
WRITTEN = 24  # tokens
USUAL_ANSWER = 60.0  # tokens, until answers have been seen


@dataclass(frozen=True, slots=True)
class Timing:
    """One answer as it was: tokens read and written, seconds from the request to the first word and to the last."""

    new: int
    first_token_s: float
    answer: int
    total_s: float


@dataclass(frozen=True, slots=True)
class Speeds:
    """Tokens a second, and seconds."""

    prefill: float
    overhead_s: float
    decode: float
    load_s: float
    answer: float = USUAL_ANSWER  # tokens of a usual one

    def first_token_s(self, new: int) -> float:
        """Seconds until the first word if so many tokens are to be read."""
        return self.overhead_s + new / self.prefill

    def total_s(self, new: int) -> float:
        """Seconds until the last word of a usual answer."""
        return self.first_token_s(new) + self.answer / self.decode

    def tokens_within(self, seconds: float) -> int:
        """How many tokens can be read before the first word is due."""
        return int(max(0.0, seconds - self.overhead_s) * self.prefill)

    def corrected(self, seen: Timing) -> "Speeds":
        """These speeds, a step nearer to what an answer took."""
        reading = _step(seen.first_token_s / self.first_token_s(seen.new))
        decode = self.decode
        if seen.answer > 1 and seen.total_s > seen.first_token_s:
            decode /= _step((seen.total_s - seen.first_token_s) / (seen.answer - 1) * decode)
        return replace(
            self,
            prefill=self.prefill / reading,
            overhead_s=self.overhead_s * reading,
            decode=decode,
            answer=self.answer + LEARN * (seen.answer - self.answer),
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
        try:
            return Speeds(**self._all()[fingerprint])
        except (KeyError, TypeError):
            return None

    def put(self, fingerprint: str, speeds: Speeds) -> None:
        """Keep what was measured."""
        with self._lock:
            text = json.dumps({**self._all(), fingerprint: asdict(speeds)}, indent=1)
            draft = self._path.with_suffix(f".{os.getpid()}")
            draft.write_text(text)
            draft.replace(self._path)

    def _all(self) -> dict[str, dict[str, float]]:
        try:
            found = json.loads(self._path.read_text())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def calibrate(llm: LLM, patience_s: float, stop: Stop) -> Iterator[Waking | Speeds]:
    """Measure a model with two prompts that it has not seen, saying that it loads; the speeds come last.

    EngineSlow if it is silent for longer than the patience.
    """
    load_s = 0.0
    for piece in listen(llm, None, Request(Prompt("Ready?", "", ""), 0, patience_s, wordless=True), stop):
        if isinstance(piece, Waking):
            load_s = piece.elapsed_s
            yield piece
    short = timed(llm, Request(_prompt(SHORT), 1, patience_s, wordless=True), stop)
    long = timed(llm, Request(_prompt(LONG), WRITTEN, patience_s, wordless=True), stop)
    if long.new <= short.new:
        raise EngineFailed(f"{llm.name} counts {long.new} tokens in a prompt of {LONG} words")
    per_token = max(1e-5, (long.first_token_s - short.first_token_s) / (long.new - short.new))
    overhead = max(0.0, short.first_token_s - short.new * per_token)
    writing = max(1e-5, long.total_s - long.first_token_s)
    yield Speeds(1 / per_token, overhead, max(1, long.answer - 1) / writing, load_s)


def timed(llm: LLM, request: Request, stop: Stop) -> Timing:
    """Ask and look at the clock."""
    watch = Watch(llm.weigh(request.prompt))
    for piece in listen(llm, None, request, stop):
        watch.see(piece)
    return watch.timing()


class Watch:
    """Looks at the clock while an answer comes."""

    def __init__(self, load: Load) -> None:
        self._load, self._began = load, time.monotonic()
        self._first = self._end = 0.0
        self._pieces = 0
        self._finished = Finished(None, None, None, cut=False)
        self.whole = False  # whether the engine that was asked wrote its answer to the end
        self._other = False

    def see(self, piece: Piece | FellBack) -> None:
        """Note when a piece came."""
        self._end = time.monotonic() - self._began
        if isinstance(piece, FellBack):
            self._other = True
        elif isinstance(piece, Finished):
            self._finished, self.whole = piece, not self._other
        elif isinstance(piece, Text):
            self._pieces += 1
            self._first = self._first or self._end

    def seen(self, pieces: Iterator[Piece | FellBack]) -> Iterator[Piece | FellBack]:
        """The same pieces, each looked at as it passes."""
        for piece in pieces:
            self.see(piece)
            yield piece

    def timing(self) -> Timing:
        """What was seen; tokens as the engine counted them, else as they were counted before and as they came."""
        prompt, cached, answer = self._finished.prompt, self._finished.cached, self._finished.answer
        new = self._load.new if prompt is None or cached is None else max(1, prompt - cached)
        return Timing(new, self._first or self._end, self._pieces if answer is None else answer, self._end)


def _prompt(words: int) -> Prompt:
    """A prompt that shares no beginning with any other, now or earlier: engines keep what they have read."""
    text = " ".join(f"Line {number} of this paper says nothing new." for number in range(words // 8 + 1))
    return Prompt(f"{secrets.token_hex(4)} is the name of this text.", text, "Go on.")


def _step(ratio: float) -> float:
    return float(min(max(ratio, 1 / WILD), WILD) ** LEARN)
