"""What the library says while it works. Each shell is a `match` over these that ends in `assert_never`."""

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from recto.errors import AnswerAbandoned, RectoError
from recto.stop import Stop
from recto.types import Added, AddStatus, Answer, Citation, Hit, Kind, Survey


class Stage(StrEnum):
    """What kind of work `Progress` speaks of; what is counted, and whose name it carries."""

    READING = "reading"  # pages of a file or folder
    OCR = "ocr"  # pages of a file
    ENCODING = "encoding"  # passages of a document
    ASKING = "asking"  # questions of an evaluation
    DRAWING = "drawing"  # pages of its report
    PULLING = "pulling"  # bytes of a model
    CHECKING = "checking"  # bytes of a model
    WAITING = "waiting"  # for an engine: `total` answers end before, in `eta_s`
    LOADING = "loading"  # seconds of an engine
    MEASURING = "measuring"  # the speed of an engine
    PREFILL = "prefill"  # tokens that an engine reads
    SUMMARISING = "summarising"  # pages of whole documents that an engine has read


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Work under way: `done` of `total` units of `stage`; `eta_s` seconds are left, or None while unknown."""

    stage: Stage
    name: str
    done: int
    total: int
    eta_s: float | None
    doc: str = ""  # the id of a file that is being added: another one may have its name


@dataclass(frozen=True, slots=True)
class Found:
    """The passages that search found, best first."""

    hits: tuple[Hit, ...]
    searched_for: str


@dataclass(frozen=True, slots=True)
class Quoted:
    """The documents' own sentences that answer the question; or, if `kind` says so, the lines that come closest."""

    citations: tuple[Citation, ...]
    kind: Kind
    survey: Survey | None = None


@dataclass(frozen=True, slots=True)
class Expect:
    """A model begins: seconds from now until its first word and its last, by this machine's measured speed."""

    engine: str
    first_token_s: float
    total_s: float


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the written answer; joined they are its text."""

    text: str


@dataclass(frozen=True, slots=True)
class Cited:
    """The sentence that ends at `citation.at` rests on this place. Code found it, not the model."""

    citation: Citation


@dataclass(frozen=True, slots=True)
class Unsupported:
    """The written sentence that ends at character `at` has no support in the evidence."""

    at: int
    sentence: str


@dataclass(frozen=True, slots=True)
class FellBack:
    """A model did not do: `engine` answers instead, `quote` if the quoted answer stands; a weak one may try again."""

    why: str
    engine: str
    problem: type[RectoError] | None = None  # None: it was stopped
    detail: str = ""  # what another program said of it, for programs


@dataclass(frozen=True, slots=True)
class Abstained:
    """Nothing in the documents answers; these came nearest."""

    nearest: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """The answer, whole. Always the last event, and always there."""

    answer: Answer


AskEvent = Found | Quoted | Abstained | Progress | Expect | Token | Cited | Unsupported | FellBack | Done
AddEvent = Progress | Added


class Asking:
    """The events of one question, one after the other; `answer` waits for the last.

    Whoever leaves the stream before its end stops the model, and has no answer.
    """

    def __init__(self, events: Generator[AskEvent, None, None], stop: Stop) -> None:
        self._events, self._stop = events, stop
        self._answer: Answer | None = None

    def stop(self) -> None:
        """Stop the model, from any thread; the quoted answer comes as the last event."""
        self._stop.pull()

    def __iter__(self) -> Iterator[AskEvent]:
        try:
            for event in self._events:
                if isinstance(event, Done):
                    self._answer = event.answer
                yield event
        except GeneratorExit:
            self.stop()
            self._events.close()
            raise

    @property
    def answer(self) -> Answer:
        """The answer, whole. AnswerAbandoned if the stream was left before its end, or ended with an error."""
        deque(self, maxlen=0)
        if self._answer is None:
            raise AnswerAbandoned("the stream of events was left before its end", hint="ask again")
        return self._answer


def one_outcome_a_file(events: Iterable[AddEvent]) -> Iterator[AddEvent]:
    """The events with both outcomes of a file in one, which comes when the next file has its first one."""
    first: Added | None = None
    for event in events:
        if isinstance(event, Progress):
            yield event
        elif first and first.unrecognised and event.document == first.document:
            status = first.status if event.status is AddStatus.RECOGNISED else event.status
            first = replace(event, status=status, problems=(*first.problems, *event.problems))
        else:
            yield from filter(None, [first])
            first = event
    yield from filter(None, [first])
