"""Which language model writes: the one that the settings name, or the best that is here."""

import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from recto import config
from recto.answer.llm import LLM, Prefilled, Prompt, Stop, Waking
from recto.answer.llm.presets import PRESETS, installed, located
from recto.answer.patience import Request, listen
from recto.answer.prompt import SYSTEM
from recto.answer.speeds import REMOTE, SpeedBook, Speeds, calibrate
from recto.config import AUTO, QUOTE, Settings
from recto.errors import (
    EngineBusy,
    EngineMissing,
    EngineProblem,
    ModelMissing,
    ModelUnusable,
    NothingWritten,
    UsageProblem,
)
from recto.events import Progress

LLAMA, OLLAMA, REMOTE_HOME, HF = "llama.cpp", "ollama", "remote", "hf"
HF_MODEL = "meta-llama/Llama-3.1-8B-Instruct"  # asked of Hugging Face's router if none is named
NAMED = "RECTO_MODEL, --model or the page names it"
TICK_S = 0.1
LOOK_AGAIN_S = 10.0  # for a model where there was none: it may have been pulled meanwhile
LONGEST_REST_S = 300.0  # for an engine that fails again and again; somebody may have mended it
PREFERRED = ("default", "fast", "best")  # presets, as `auto` takes them
PRIME = Prompt(SYSTEM, "", "")


@dataclass(frozen=True, slots=True)
class Choice:
    """The model that writes, and why it does. `model` is a path for llama.cpp, else a name."""

    home: str
    model: str
    why: str

    @property
    def hosted(self) -> bool:
        """Whether somebody else runs it: it is not loaded and measured, and may be far away."""
        return self.home in (REMOTE_HOME, HF)


def choice(settings: Settings) -> Choice | None:
    """What would write now; None if nothing does. EngineProblem or ConsentNeeded if what is named cannot be had."""
    wanted = settings.writing.model
    home, _, name = wanted.partition(":")
    if wanted == QUOTE:
        return None
    if wanted == AUTO:
        return _best(settings)
    if home == OLLAMA:
        return Choice(OLLAMA, name or _of_ollama(settings)[0], NAMED)
    if home in (REMOTE_HOME, HF):
        return Choice(home, name or _remote_model(settings, home), NAMED)
    return Choice(LLAMA, str(located(wanted, *settings.shelves)), NAMED)


def _best(settings: Settings) -> Choice | None:
    """What this machine has, else a remote model if that is allowed."""
    return _local(settings) or (_distant(settings) if _may_ask_remote(settings) else None)


def _local(settings: Settings) -> Choice | None:
    """A model file, else one of Ollama's."""
    if (path := _file(settings)) and _has_runtime(settings):
        return Choice(LLAMA, str(path), f"it is in {path.parent}")
    with suppress(EngineMissing, ModelMissing):
        return Choice(OLLAMA, _of_ollama(settings)[0], "Ollama has it")
    return None


def _file(settings: Settings) -> Path | None:
    """The first model file that can write, the preferred ones before the others."""
    from recto.answer.llm import gguf

    names = [PRESETS[name].file for name in PREFERRED]
    files = installed(*settings.shelves)
    for path in sorted(files, key=lambda path: names.index(path.name) if path.name in names else len(names)):
        with suppress(ModelMissing, ModelUnusable):
            gguf.read(path)
            return path
    return None


def _distant(settings: Settings) -> Choice:
    """The remote engine of the settings, else Hugging Face's."""
    home = REMOTE_HOME if settings.writing.remote_url else HF
    return Choice(home, _remote_model(settings, home), "nothing is installed here, and asking others is allowed")


def _remote_model(settings: Settings, home: str) -> str:
    """The model that is set, if it is set for this address: without one it is Hugging Face's."""
    said = settings.writing
    if home == HF and (said.remote_url or not said.remote_model):
        return HF_MODEL
    return said.remote_model


def _has_runtime(settings: Settings) -> bool:
    from recto.answer.llm.llama import runtime

    try:
        runtime(settings.writing.llama_server)
    except EngineMissing:
        return False
    return True


def _of_ollama(settings: Settings) -> list[str]:
    """Names of Ollama's models, the preferred first. EngineMissing or ModelMissing if there are none."""
    from recto.answer.llm import ollama

    server = ollama.daemon(settings.writing.ollama_host, config.environment())
    names = [model.name for model in server.models()]
    if not names:
        raise ModelMissing(f"Ollama at {server.url} has no model", hint=f"ollama pull {PRESETS['default'].ollama}")
    wanted = [PRESETS[name].ollama for name in PREFERRED]
    return sorted(names, key=lambda name: wanted.index(name) if name in wanted else len(wanted))


def _may_ask_remote(settings: Settings) -> bool:
    return settings.writing.allow_remote and bool(settings.writing.remote_url or settings.writing.hf_token)


def recipient(settings: Settings) -> str:
    """The host that passages may be sent to, by the model that writes or the one that stands by; empty if to none."""
    from recto.answer.llm import remote

    home = settings.writing.model.partition(":")[0]
    hub = home == HF or (home != REMOTE_HOME and not settings.writing.remote_url)
    return "" if home == QUOTE else remote.destination(settings.writing, hub=hub)


def made(chosen: Choice, settings: Settings) -> LLM:
    """The model that was chosen, not loaded yet."""
    if chosen.home == LLAMA:
        return _llama(Path(chosen.model), settings)
    if chosen.home == OLLAMA:
        return _ollama(chosen.model, settings)
    return _remote(chosen, settings)


def _llama(path: Path, settings: Settings) -> LLM:
    from recto.answer.llm import gguf
    from recto.answer.llm.llama import Llama, runtime

    found = runtime(settings.writing.llama_server)
    return Llama(gguf.read(path), found, threads=settings.threads, logs=settings.home / "logs")


def _ollama(name: str, settings: Settings) -> LLM:
    from recto.answer.llm import ollama
    from recto.answer.llm.llama import CONTEXT

    server = ollama.daemon(settings.writing.ollama_host, config.environment())
    return ollama.Ollama(server, name, threads=settings.threads, context=CONTEXT)


def _remote(chosen: Choice, settings: Settings) -> LLM:
    from recto.answer.llm import remote

    return remote.allowed(settings.writing, model=chosen.model, hub=chosen.home == HF)


@dataclass(eq=False)
class Ticket:
    """A place in the line before an engine."""

    ends: float | None = None  # when the answer is expected to end, on the monotonic clock; None until it is announced


class Turns:
    """First come, first served: a model on two cores writes one answer at a time; a hosted one, all at once."""

    def __init__(self, *, all_at_once: bool) -> None:
        self._all_at_once = all_at_once
        self._line: deque[Ticket] = deque()
        self._lock = threading.Lock()

    @property
    def busy(self) -> bool:
        """Whether anybody has or awaits a turn."""
        return bool(self._line)

    def join(self) -> Ticket:
        """Stand in line; the ticket shows the place."""
        ticket = Ticket()
        with self._lock:
            self._line.append(ticket)
        return ticket

    def ahead(self, ticket: Ticket) -> list[Ticket]:
        """Those whose answers must end before."""
        with self._lock:
            return [] if self._all_at_once else list(self._line)[: self._line.index(ticket)]

    def leave(self, ticket: Ticket) -> None:
        """Let the next one have its turn."""
        with self._lock:
            self._line.remove(ticket)


class Engine:
    """A model at hand: how fast it is here, and the line of those who wait for it."""

    def __init__(self, llm: LLM, book: SpeedBook, *, hosted: bool) -> None:
        self.llm, self._book, self.hosted = llm, book, hosted
        self.turns = Turns(all_at_once=hosted)
        self.awake = hosted
        self._waking = threading.Lock()
        self._progress = Progress("loading", llm.name, 0, 0, None)
        self._speeds: Speeds | None = None
        self._failures, self._again = 0, 0.0
        self._problem: EngineProblem | None = None

    @property
    def speeds(self) -> Speeds:
        """As last measured. The engine must have been woken before."""
        known = self._known
        assert known is not None
        return known

    @property
    def _known(self) -> Speeds | None:
        return self._speeds or self._book.get(self.llm.fingerprint) or (REMOTE if self.hosted else None)

    def wait_s(self, ahead: Sequence[Ticket], within_s: float) -> float | None:
        """Seconds until these have ended, each as announced, or usual for evidence that is read within that time.

        None while nobody knows how fast the engine is.
        """
        if not (speeds := self._known):
            return None
        usual, now = speeds.total_s(speeds.tokens_within(within_s)), time.monotonic()
        return sum(usual if one.ends is None else max(0.0, one.ends - now) for one in ahead)

    def learn(self, speeds: Speeds) -> None:
        """Keep what an answer has taught."""
        self._speeds, self._failures = speeds, 0
        self._book.put(self.llm.fingerprint, speeds)

    def hope(self) -> None:
        """Expect a little more of an engine that was refused as too slow."""
        self._speeds = self.speeds.hopeful
        self._book.put(self.llm.fingerprint, self._speeds)

    def failed(self, problem: EngineProblem, after_s: float) -> None:
        """Leave the engine alone for as long as its failure took, twice as long if it fails again, and so on.

        A failure that cost no time rests none: the next question may ask at once. A silent engine costs its wait once.
        """
        self._again = time.monotonic() + min(after_s * 2**self._failures, LONGEST_REST_S)
        self._failures, self._problem = self._failures + 1, problem

    @contextmanager
    def working(self) -> Iterator[None]:
        """While the block runs the engine works; note whether it fails."""
        began = time.monotonic()
        try:
            yield
        except NothingWritten:
            raise  # it had nothing to say to this question
        except EngineProblem as problem:
            self.failed(problem, time.monotonic() - began)
            self.awake = self.hosted  # it may have crashed: the next question looks, and loads it if need be
            raise

    def _check_rest(self) -> None:
        left = self._again - time.monotonic()
        if left > 0 and self._problem:
            raise EngineBusy(f"{self._problem.message}; it is asked again in {left:.1f} s", hint=self._problem.hint)

    def wake(self, patience_s: float, stop: Stop) -> Iterator[Progress]:
        """Load the model, measure it if that was never done here, and let it read the part that every prompt has.

        EngineBusy if it is left alone after a failure.
        """
        while not self.awake:
            if self._waking.acquire(timeout=TICK_S):
                try:
                    yield from self._wake_once(patience_s, stop)
                finally:
                    self._waking.release()
            else:
                stop.check()
                yield self._progress
        self._check_rest()

    def _wake_once(self, patience_s: float, stop: Stop) -> Iterator[Progress]:
        """Wake it, unless somebody just has; if it failed for whoever that was, the wait is not to be borne again."""
        if not self.awake:
            self._check_rest()
            with self.working():
                yield from self._wake(patience_s, stop)

    def _wake(self, patience_s: float, stop: Stop) -> Iterator[Progress]:
        self._speeds = self._book.get(self.llm.fingerprint)
        if self._speeds is None:
            yield from self._measure(patience_s, stop)
        with closing(listen(self.llm, None, Request(PRIME, 0, patience_s, wordless=True), stop)) as pieces:
            for piece in pieces:
                if isinstance(piece, Waking):
                    yield self._loading(piece)
        self.awake = True

    def _loading(self, piece: Waking) -> Progress:
        usual = self._speeds.load_s if self._speeds else 0.0
        left = max(0.0, usual - piece.elapsed_s) if usual else None
        self._progress = Progress("loading", self.llm.name, int(piece.elapsed_s), int(usual), left)
        return self._progress

    def _measure(self, patience_s: float, stop: Stop) -> Iterator[Progress]:
        for found in calibrate(self.llm, patience_s, stop):
            match found:
                case Waking():
                    yield self._loading(found)
                case Prefilled():
                    self._progress = Progress("measuring", self.llm.name, 0, 1, None)
                    yield self._progress
                case Speeds():
                    self.learn(found)


def usable(settings: Settings) -> Choice | None:
    """What would write now, looked at more closely: consent is there, and the file holds a model."""
    chosen = choice(settings)
    if chosen:
        made(chosen, settings).close()
    return chosen


def standby(settings: Settings, book: SpeedBook, chosen: Choice | None) -> Engine | None:
    """The engine that may speak for a slow or dead one, if there is any.

    For one of this machine that is a remote one, if that is allowed; for a remote one, what this machine has.
    """
    with suppress(EngineProblem, UsageProblem):
        if chosen and chosen.hosted:
            other = _local(settings)
        else:
            other = _distant(settings) if _may_ask_remote(settings) else None
        return Engine(made(other, settings), book, hosted=other.hosted) if other else None
    return None


class Engines:
    """The engines of a process, chosen when they are first needed; libraries beside each other share them."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self._book = settings, SpeedBook(settings.home)
        self._lock = threading.Lock()
        self._looked: float | None = None
        self._missing: EngineProblem | UsageProblem | None = None  # why there was no model when one was looked for
        self._first: Engine | None = None
        self.standby: Engine | None = None

    def first(self) -> Engine | None:
        """The model that writes, None if none does. EngineProblem if the one that is named cannot be had."""
        with self._lock:
            if self._first is None and (self._looked is None or time.monotonic() - self._looked > LOOK_AGAIN_S):
                self._look()
            if self._missing:
                raise self._missing.with_traceback(None)
            return self._first

    def _look(self) -> None:
        """Look for a model, and remember why there is none: looking may take seconds, once."""
        self._missing = chosen = None
        try:
            if chosen := choice(self.settings):
                self._first = self._engine(chosen, self.settings)
        except (EngineProblem, UsageProblem) as problem:
            self._missing = problem
        self.standby = self.standby or standby(self.settings, self._book, chosen)
        self._looked = time.monotonic()

    def _engine(self, chosen: Choice, settings: Settings) -> Engine:
        return Engine(made(chosen, settings), self._book, hosted=chosen.hosted)

    @property
    def awake(self) -> bool:
        """Whether the model that writes is loaded."""
        return self._first is not None and self._first.awake

    @property
    def speeds(self) -> Speeds | None:
        """How fast the model that writes is; None if it is not loaded."""
        first = self._first
        return first.speeds if first is not None and first.awake else None

    def choose(self, settings: Settings) -> None:
        """Let another model write; what the one before is writing ends. EngineProblem if it cannot be had."""
        chosen = choice(settings)
        found = self._engine(chosen, settings) if chosen else None
        with self._lock:
            before, self._first = self._first, found
            self.settings, self._looked, self._missing = settings, time.monotonic(), None
        if before is not None:
            before.llm.close()

    def close(self) -> None:
        """Let go of the models."""
        for engine in (self._first, self.standby):
            if engine:
                engine.llm.close()
