"""What a language model writes under the quotes, question by question, beside what the quotes hold by themselves."""

import json
import time
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any, Self

from recto import DISTRIBUTION
from recto.errors import EngineFailed, NothingWritten
from recto.evaluate.judging import Verdict, holds, judge
from recto.evaluate.outcomes import QuestionSet
from recto.evaluate.questions import Question
from recto.evaluate.resuming import QuestionOutcome, ask_each
from recto.events import AskEvent, Cited, Expect, FellBack, Progress, Token, Unsupported
from recto.text.sentences import sentences
from recto.types import Kind

Json = dict[str, Any]


class Fate(StrEnum):
    """What a person gets as an answer."""

    RIGHT = "right"
    PARTLY = "partly"
    WRONG = "wrong"
    UNJUDGED = "unjudged"  # nobody can tell from the words of the known answer
    DECLINED = "declined"  # the documents do not say, or what the model wrote does not stand
    MADE_UP = "made up"  # an answer to a question that has none


class Mark(StrEnum):
    """What stands behind a written sentence."""

    CITED = "cited"
    UNSUPPORTED = "unsupported"
    NONE = "none"  # it claims nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedSentence:
    """A written sentence, its mark, and how much of the known answer it has."""

    text: str
    mark: Mark
    verdict: Verdict | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenOutcome(QuestionOutcome):
    """A question with what a model wrote and what the quotes above it hold. Seconds count from the announcement."""

    doc: str
    type: str
    question: str
    answer: str  # the known one
    answerable: bool
    text: str = ""  # what the model wrote, be it void; empty if it was not asked
    sentences: tuple[MarkedSentence, ...] = ()
    verdict: Verdict | None = None
    stands: bool = False
    notice: str = ""
    quoted: bool  # whether there are quotes, and what they hold of the known answer
    quotes_verdict: Verdict | None
    first_token_s: float | None = None
    total_s: float | None = None
    announced_first_s: float | None = None
    announced_total_s: float | None = None

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Self:
        """From its JSON."""
        marked = [MarkedSentence(**sentence) for sentence in value["sentences"]]
        return cls(**{**value, "sentences": tuple(marked)})

    @property
    def fate(self) -> Fate:
        """What a person gets from the model."""
        return self._fate(self.stands, self.verdict)

    @property
    def quotes_fate(self) -> Fate:
        """What a person gets from the quotes."""
        return self._fate(self.quoted, self.quotes_verdict)

    def _fate(self, stands: bool, verdict: Verdict | None) -> Fate:
        if not stands:
            return Fate.DECLINED
        if not self.answerable:
            return Fate.MADE_UP
        return Fate(verdict) if verdict else Fate.UNJUDGED

    @property
    def is_false(self) -> bool:
        """Whether what the model wrote, void or not, is no answer to the question."""
        return bool(self.text) and (not self.answerable or self.verdict is Verdict.WRONG)

    @property
    def is_unmarked(self) -> bool:
        """Whether no mark warns of any of it."""
        return all(sentence.mark is not Mark.UNSUPPORTED for sentence in self.sentences)


@dataclass(slots=True)
class Watch:
    """What was seen of a model's answer, by the clock."""

    text: str = ""
    marks: dict[int, Mark] = field(default_factory=dict)  # by where a sentence ends
    expect: Expect | None = None
    began: float = 0.0  # on the monotonic clock
    first_s: float | None = None

    def see(self, event: AskEvent) -> None:
        """Enter an event. EngineFailed if the model cannot do it."""
        match event:
            case Expect():
                self.text, self.marks, self.expect, self.began, self.first_s = "", {}, event, time.monotonic(), None
            case Token(text):
                self.text, self.first_s = self.text + text, self.first_s or time.monotonic() - self.began
            case Cited(citation):
                self.marks[citation.at] = Mark.CITED
            case Unsupported(at, _):
                self.marks[at] = Mark.UNSUPPORTED
            case FellBack(why, _, problem) if problem is None or not issubclass(problem, NothingWritten):
                raise EngineFailed(why, hint="run it again: it goes on there")

    def sentences(self, question: Question) -> Iterator[MarkedSentence]:
        """The written sentences, judged."""
        for start, end in sentences(self.text):
            text = self.text[start:end]
            yield MarkedSentence(text=text, mark=self.marks.get(end, Mark.NONE), verdict=judge(text, question))


def ask_written(question_set: QuestionSet, journal: Path) -> Generator[Progress | WrittenOutcome, None, None]:
    """Ask the library's model what the journal does not hold yet, each question of its own document.

    EngineFailed if the model cannot do it: another run goes on there.
    """

    def ask(question: Question) -> WrittenOutcome:
        document = question_set.documents[question.doc]
        asking, watch = question_set.library.ask(question.text, docs=[document.id]), Watch()
        for event in asking:
            watch.see(event)
        answer, ended = asking.answer, time.monotonic()
        return WrittenOutcome(
            id=question.id,
            doc=question.doc,
            type=question.type,
            question=question.text,
            answer=question.answer,
            answerable=bool(question.pages),
            text=watch.text,
            sentences=tuple(watch.sentences(question)),
            verdict=judge(watch.text, question) if watch.text else None,
            stands=answer.kind is Kind.WRITTEN,
            notice=answer.notice,
            quoted=bool(answer.quotes),
            quotes_verdict=holds("\n".join(quote.quote for quote in answer.quotes), question),
            first_token_s=watch.first_s,
            total_s=ended - watch.began if watch.text else None,
            announced_first_s=watch.expect.first_token_s if watch.expect else None,
            announced_total_s=watch.expect.total_s if watch.expect else None,
        )

    yield from ask_each(question_set.questions, journal, ask, WrittenOutcome.of)


# --- what it amounts to ----------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenRun:
    """The questions asked of one model."""

    model: str
    outcomes: Sequence[WrittenOutcome]

    def as_json(self) -> Json:
        """Its figures, and its outcomes each with its fate."""
        outcomes = [{**asdict(outcome), "fate": outcome.fate} for outcome in self.outcomes]
        return {"model": self.model, **figures(self.outcomes), "outcomes": outcomes}


def as_json(runs: Sequence[WrittenRun]) -> Json:
    """All models, beside them the quotes, which are the same for each."""
    return {
        "recto": version(DISTRIBUTION),
        "documents": len({outcome.doc for outcome in runs[0].outcomes}),
        "questions": len(runs[0].outcomes),
        "quotes": _fates((outcome.answerable, outcome.quotes_fate) for outcome in runs[0].outcomes),
        "models": [run.as_json() for run in runs],
    }


def figures(outcomes: Sequence[WrittenOutcome]) -> Json:
    """What became of the questions, marks that mislead, and seconds against what was announced.

    A sentence is true if it has the known answer. It counts as false if the whole answer is wrong or made up: it may
    say something true that answers nothing.
    """
    true = [sentence for own in outcomes for sentence in own.sentences if sentence.verdict is Verdict.RIGHT]
    false = [
        sentence for own in outcomes if own.is_false for sentence in own.sentences if sentence.mark is not Mark.NONE
    ]
    wrong = [outcome for outcome in outcomes if outcome.stands and outcome.is_false]
    return {
        "fates": _fates((outcome.answerable, outcome.fate) for outcome in outcomes),
        "wrong_unmarked": sum(outcome.is_unmarked for outcome in wrong),
        "right_but_void": sum(outcome.verdict is Verdict.RIGHT and not outcome.stands for outcome in outcomes),
        "true_sentences": len(true),
        "true_unsupported": sum(sentence.mark is Mark.UNSUPPORTED for sentence in true),
        "false_sentences": len(false),
        "false_cited": sum(sentence.mark is Mark.CITED for sentence in false),
        "first_token_s": _middle(outcome.first_token_s for outcome in outcomes),
        "total_s": _middle(outcome.total_s for outcome in outcomes),
        "announced_first_s": _middle(outcome.announced_first_s for outcome in outcomes),
        "announced_total_s": _middle(outcome.announced_total_s for outcome in outcomes),
    }


def _fates(outcomes: Iterable[tuple[bool, Fate]]) -> dict[str, dict[str, int]]:
    """How many questions had which fate: those with an answer, and those without."""
    counts = Counter(outcomes)
    return {
        name: {fate: count for fate in Fate if (count := counts[answerable, fate])}
        for name, answerable in (("answerable", True), ("unanswerable", False))
    }


def _middle(values: Iterable[float | None]) -> float | None:
    numbers = [value for value in values if value is not None]
    return round(median(numbers), 3) if numbers else None


def words(model: Json) -> Iterator[str]:
    """A model's marks and seconds, line by line."""
    yield f"wrong or made up, and no mark warns: {model['wrong_unmarked']}"
    yield f"right, but it does not stand, for no mark supports it: {model['right_but_void']}"
    unsupported = f"{model['true_unsupported']} of {model['true_sentences']}"
    yield f"sentences that have the answer, marked as unsupported: {unsupported}"
    yield f"sentences of wrong answers, cited: {model['false_cited']} of {model['false_sentences']}"
    if model["total_s"] is not None:
        first = f"first word {model['first_token_s']:.1f} s (announced {model['announced_first_s']:.1f})"
        yield f"median: {first}, all {model['total_s']:.1f} s (announced {model['announced_total_s']:.1f})"


def save(path: Path, value: Json) -> None:
    """Write a run as one JSON object, an outcome a line: versions of it can be compared."""
    models = ",\n".join(
        "{"
        + "".join(f"{json.dumps(key)}: {json.dumps(part)},\n" for key, part in model.items() if key != "outcomes")
        + '"outcomes": [\n'
        + ",\n".join(json.dumps(outcome, ensure_ascii=False) for outcome in model["outcomes"])
        + "\n]}"
        for model in value["models"]
    )
    head = "".join(f"{json.dumps(key)}: {json.dumps(part)},\n" for key, part in value.items() if key != "models")
    path.write_text(f'{{\n{head}"models": [\n{models}\n]\n}}\n', encoding="utf-8")
