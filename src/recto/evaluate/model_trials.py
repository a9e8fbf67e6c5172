"""Which model suits: the same questions over the person's own documents, asked of each."""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from statistics import median

from recto.config import Settings
from recto.errors import ModelMissing, UnknownDocument
from recto.events import Done, Expect, Token
from recto.library import Library
from recto.library.summary import examples
from recto.llm.models import list_models, resolve_model
from recto.model_ref import QUOTE, HostedModel, parse_model
from recto.store import open_store
from recto.types import Kind


@dataclass(frozen=True, slots=True)
class Trial:
    """One answer of one model. Seconds count from when it began to read: without search, without loading."""

    model: str
    question: str
    first_token_s: float | None  # None if it wrote nothing that stands
    total_s: float | None
    tokens_per_s: float | None
    supported: int  # sentences
    sentences: int
    notice: str


@dataclass(frozen=True, slots=True)
class Result:
    """All answers of one model: medians of those that stand, sums of their sentences."""

    model: str
    asked: int
    written: int
    first_token_s: float | None
    total_s: float | None
    tokens_per_s: float | None
    supported: int
    sentences: int


def candidates(settings: Settings) -> list[str]:
    """What to try: every model that is here, by the name that RECTO_MODEL takes. ModelMissing if there is none."""
    names = [entry.name for entry in list_models(settings) if entry.installed]
    if not names:
        raise ModelMissing("there is no model to try", hint="recto models pull default")
    return names


def questions(settings: Settings) -> list[str]:
    """Questions about what the documents themselves put into headings. UnknownDocument if there are none."""
    with closing(open_store(settings)) as store:
        documents = store.documents()
        if not documents:
            raise UnknownDocument(f"the library in {settings.home} is empty", hint="recto add FILE-OR-FOLDER")
        return examples(store, documents)


def trying(names: Sequence[str], asked: Sequence[str], settings: Settings) -> Iterator[Trial]:
    """Ask each model each question, one after the other. EngineProblem if one of the models is not to be had."""
    for name in names:
        resolve_model(name, settings)
    for name in names:
        remote = isinstance(parse_model(name), HostedModel)
        allowed = settings.writing.allow_remote and remote  # nobody else may answer in its stead
        writing = replace(settings.writing, model=name, allow_remote=allowed)
        with Library(settings.home, writing=writing) as library:
            for question in asked:
                yield _asked(library, name, question)


def _asked(library: Library, model: str, question: str) -> Trial:
    began = first = 0.0
    pieces = 0
    for event in library.ask(question):
        if isinstance(event, Expect):
            began, first, pieces = time.monotonic(), 0.0, 0
        elif isinstance(event, Token):
            first, pieces = first or time.monotonic(), pieces + 1
        elif isinstance(event, Done) and event.answer.kind is Kind.WRITTEN:
            ended, answer = time.monotonic(), event.answer
            supported = len({citation.at for citation in answer.citations})
            speed = (pieces - 1) / (ended - first) if pieces > 1 else None
            sentences = supported + len(answer.unsupported)
            return Trial(model, question, first - began, ended - began, speed, supported, sentences, answer.notice)
        elif isinstance(event, Done):
            return Trial(model, question, None, None, None, 0, 0, event.answer.notice)
    raise AssertionError("a stream of events ends with Done")


def summed(model: str, trials: Sequence[Trial]) -> Result:
    """Sum a model's answers up."""
    firsts = [one.first_token_s for one in trials if one.first_token_s is not None]
    totals = [one.total_s for one in trials if one.total_s is not None]
    speeds = [one.tokens_per_s for one in trials if one.tokens_per_s is not None]
    return Result(
        model,
        asked=len(trials),
        written=len(firsts),
        first_token_s=median(firsts) if firsts else None,
        total_s=median(totals) if totals else None,
        tokens_per_s=median(speeds) if speeds else None,
        supported=sum(one.supported for one in trials),
        sentences=sum(one.sentences for one in trials),
    )


def recommended(results: Sequence[Result], within_s: float) -> tuple[str, str]:
    """The model to take, and why.

    Of those whose median first word comes in time, the one with the most supported sentences, of equals the faster. If
    none is in time the fastest; `quote` if none wrote a supported sentence.
    """
    able = [one for one in results if one.supported]
    if not able:
        return QUOTE, "no model wrote a sentence that the documents support; the quoted answer does without"
    in_time = [one for one in able if _first(one) <= within_s]
    if not in_time:
        best = min(able, key=_first)
        return best.model, f"none begins within {within_s:g} s; it is the fastest, with {_first(best):.1f} s (median)"
    best = min(in_time, key=lambda one: (-one.supported, _first(one)))
    share = f"{best.supported} of {best.sentences}"
    return (
        best.model,
        f"of those that begin within {within_s:g} s (median) it wrote the most supported sentences: {share}",
    )


def _first(result: Result) -> float:
    return float("inf") if result.first_token_s is None else result.first_token_s
