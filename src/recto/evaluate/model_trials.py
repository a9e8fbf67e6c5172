"""Which model suits: the same questions over the person's own documents, asked of each."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from recto.config import Settings, Writing
from recto.errors import ModelMissing, UnknownDocument
from recto.events import Done, Expect, Token
from recto.library import Library
from recto.library.models import borrowed, list_models, resolve_model
from recto.model_ref import QUOTE
from recto.types import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One answer of one model. Seconds count from when it began to read: without search, without loading."""

    model: str
    question: str
    first_token_s: float | None = None  # None if it wrote nothing that stands
    total_s: float | None = None
    tokens_per_s: float | None = None
    supported: int = 0  # sentences
    sentences: int = 0
    notice: str

    @property
    def is_supported(self) -> bool:
        """Whether every sentence is: one that is not spoils the answer that it stands in."""
        return 0 < self.supported == self.sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialSummary:
    """All answers of one model: medians of those that stand, sums of their sentences."""

    model: str
    asked: int
    written: int
    first_token_s: float | None
    total_s: float | None
    tokens_per_s: float | None
    supported: int
    sentences: int
    supported_answers: int  # of which every sentence is supported


def candidates(settings: Settings) -> list[str]:
    """What to try: every model that is here, by the name that RECTO_MODEL takes. ModelMissing if there is none."""
    names = [entry.name for entry in list_models(settings) if entry.installed]
    if not names:
        raise ModelMissing("there is no model to try", hint="recto models pull default")
    return names


def questions(home: Path) -> list[str]:
    """Questions about what the documents themselves put into headings. UnknownDocument if there are none."""
    with Library(home, writing=Writing(model=QUOTE), create=False) as library:
        if not library.documents():
            raise UnknownDocument(f"the library in {home} is empty", hint="recto add FILE-OR-FOLDER")
        return library.examples()


def trying(names: Sequence[str], questions: Sequence[str], settings: Settings) -> Iterator[Trial]:
    """Ask each model each question, one after the other. EngineProblem if one of the models is not to be had."""
    choices = {name: resolve_model(name, settings) for name in names}
    for name, choice in choices.items():
        allow_remote = settings.writing.allow_remote and choice.hosted  # nobody else may answer in its stead
        writing = replace(settings.writing, model=name, allow_remote=allow_remote, once=True)
        with borrowed(choice, settings), Library(settings.home, writing=writing, create=False) as library:
            for question in questions:
                yield _trial(library, name, question)


def _trial(library: Library, model: str, question: str) -> Trial:
    began = first = 0.0
    tokens = 0
    for event in library.ask(question):
        match event:
            case Expect():
                began, first, tokens = time.monotonic(), 0.0, 0
            case Token():
                first, tokens = first or time.monotonic(), tokens + 1
            case Done(answer) if answer.kind is Kind.WRITTEN:
                ended = time.monotonic()
                supported = len({citation.at for citation in answer.citations})
                return Trial(
                    model=model,
                    question=question,
                    first_token_s=first - began,
                    total_s=ended - began,
                    tokens_per_s=(tokens - 1) / (ended - first) if tokens > 1 else None,
                    supported=supported,
                    sentences=supported + len(answer.unsupported),
                    notice=answer.notice,
                )
            case Done(answer):
                return Trial(model=model, question=question, notice=answer.notice)
    raise AssertionError("a stream of events ends with Done")


def summarise(model: str, trials: Sequence[Trial]) -> TrialSummary:
    """Sum a model's answers up."""
    firsts = [trial.first_token_s for trial in trials if trial.first_token_s is not None]
    totals = [trial.total_s for trial in trials if trial.total_s is not None]
    speeds = [trial.tokens_per_s for trial in trials if trial.tokens_per_s is not None]
    return TrialSummary(
        model=model,
        asked=len(trials),
        written=len(firsts),
        first_token_s=median(firsts) if firsts else None,
        total_s=median(totals) if totals else None,
        tokens_per_s=median(speeds) if speeds else None,
        supported=sum(trial.supported for trial in trials),
        sentences=sum(trial.sentences for trial in trials),
        supported_answers=sum(trial.is_supported for trial in trials),
    )


def recommended(summaries: Sequence[TrialSummary], within_s: float) -> tuple[str, str]:
    """The model to take, and why.

    Of those whose median first word comes in time, the one with the most answers that are supported in every sentence,
    of equals the faster: who writes more sentences has not answered better. If none is in time the fastest; `quote` if
    none wrote a supported sentence.
    """
    able = [
        (summary.first_token_s, summary)
        for summary in summaries
        if summary.supported and summary.first_token_s is not None
    ]
    if not able:
        return QUOTE, "no model wrote a sentence that the documents support; the quoted answer does without"
    in_time = [(first_s, summary) for first_s, summary in able if first_s <= within_s]
    if not in_time:
        first_s, best = min(able, key=lambda pair: pair[0])
        return best.model, f"none begins within {within_s:g} s; it is the fastest, with {first_s:.1f} s (median)"
    _, best = min(in_time, key=lambda pair: (-pair[1].supported_answers, pair[0]))
    share = f"{best.supported_answers} of {best.asked}"
    return (
        best.model,
        f"of those that begin within {within_s:g} s (median) it wrote the most answers supported in full: {share}",
    )
