"""A model reads whole documents, part by part, and writes of each what is cited there.

What it wrote of a part is kept with the document: whoever asks again, or goes on after a stop, waits for the rest only.
"""

import hashlib
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache, cached_property

from recto.answer.attaching import attacher
from recto.answer.prompt import INSTRUCTIONS, Excerpt, compose
from recto.answer.writing import Cite, Draft, write
from recto.errors import EngineProblem, NothingWritten, PromptTooLong
from recto.events import AskEvent, Cited, Expect, Progress, Stage, Token, Unsupported
from recto.generation import Finished, Piece, Prompt, Text
from recto.llm.engine import Engine
from recto.llm.fallback import Request, listen
from recto.llm.speeds import Stopwatch
from recto.queue import Ticket
from recto.search.coverage import TermCoverage
from recto.stop import Stop, Stopped
from recto.storage import Store
from recto.survey.stretches import PageStretch
from recto.text.analyse import term_ids
from recto.text.sanitize import Sanitizer
from recto.text.subjects import question_about
from recto.writing.learning import learning

MOST = 96  # tokens of what is written of one part: one long sentence, or two
APART = "\n\n"  # between what is written of two parts


@dataclass(frozen=True, kw_only=True)
class WholeReading:
    """What a model is to read, and what it is asked of each part; without a question, what the part says."""

    question: str
    stretches: Sequence[PageStretch]
    store: Store

    @cached_property
    def pages(self) -> int:
        """How many pages the documents have."""
        return sum(document.pages for document in {stretch.document for stretch in self.stretches})

    def asked_of(self, stretch: PageStretch) -> str:
        """The question that is asked of a part."""
        return self.question or question_about(stretch.heading or stretch.document.title or stretch.document.name)

    def prompt(self, stretch: PageStretch) -> Prompt:
        """What a model reads of a part."""
        excerpts = [Excerpt(stretch.document.name, piece.text) for piece in stretch.pieces]
        return compose(self.asked_of(stretch), excerpts)

    def cite(self, stretch: PageStretch) -> Cite:
        """What attaches the places of a part to written sentences."""

        @cache
        def coverage(sentence: str) -> TermCoverage:
            return TermCoverage.of(term_ids(sentence), self.store)

        evidence = stretch.evidence(self.store)
        return attacher(evidence, self.asked_of(stretch), lambda sentence, text: coverage(sentence).share(text))

    def draft(self, stretch: PageStretch) -> Draft:
        """What is written of a part: any place of it that is cited says something of it."""
        return Draft(Sanitizer(INSTRUCTIONS, self.prompt(stretch).evidence), self.cite(stretch), bool)


def read_whole(
    engine: Engine, ticket: Ticket, reading: WholeReading, stop: Stop, *, patience_s: float
) -> Iterator[AskEvent]:
    """Announce the time, say how many pages are read, and write what each part says.

    If it is stopped or the engine fails, what came until then stays, and the last Progress says how far that is.
    """
    notes, seconds = _known(engine, reading)
    ticket.ends = time.monotonic() + sum(seconds)
    yield Expect(engine.llm.name, next((own for own in seconds if own), 0.0), sum(seconds))
    written, before, read, missed = "", 0, 0, 0
    for number, stretch in enumerate(reading.stretches):
        if number and stretch.document != reading.stretches[number - 1].document:
            before = read
        yield _progress(engine, reading, read - missed, left_s=sum(seconds[number:]))
        try:
            note = notes[number]
            if note is None:
                note = _write(engine, reading, stretch, stop, patience_s=patience_s)
                reading.store.keep_note(stretch.document.id, _key(engine, reading.prompt(stretch)), note)
        except PromptTooLong:  # for this model: letters that it knows badly are many tokens
            note, missed = "", missed + len({piece.page.number for piece in stretch.pieces})
        except (Stopped, EngineProblem):
            if not written:
                raise
            break
        read = before + stretch.pages
        for event in _spoken(reading, stretch, note, behind=written):
            written += event.text if isinstance(event, Token) else ""
            yield event
    yield _progress(engine, reading, max(read - missed, 0), left_s=0.0)
    if not written:
        raise NothingWritten("nothing that the model wrote has support in the documents")


def _progress(engine: Engine, reading: WholeReading, read: int, *, left_s: float) -> Progress:
    return Progress(stage=Stage.SUMMARISING, name=engine.llm.name, done=read, total=reading.pages, eta_s=left_s)


def _known(engine: Engine, reading: WholeReading) -> tuple[list[str | None], list[float]]:
    """What was written before of each part, None if nothing, and how long each takes that is yet to be read."""
    prompts = [reading.prompt(stretch) for stretch in reading.stretches]
    documents = (stretch.document for stretch in reading.stretches)
    notes = [
        reading.store.note(document.id, _key(engine, prompt))
        for document, prompt in zip(documents, prompts, strict=True)
    ]
    pairs = zip(notes, prompts, strict=True)
    seconds = [engine.speeds.total_s(engine.llm.weigh(prompt).new) if note is None else 0.0 for note, prompt in pairs]
    return notes, seconds


def _key(engine: Engine, prompt: Prompt) -> str:
    """What is written depends on: the model, and all that it reads."""
    parts = (engine.llm.fingerprint, prompt.system, prompt.evidence, prompt.question)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _write(engine: Engine, reading: WholeReading, stretch: PageStretch, stop: Stop, *, patience_s: float) -> str:
    """What the model writes of a part; empty if the part does not support any of it."""
    prompt, speeds = reading.prompt(stretch), engine.speeds
    load = engine.llm.weigh(prompt)
    watch, expected_s = Stopwatch(load), speeds.first_token_s(load.new)
    request = Request(prompt=prompt, most=MOST, patience_s=patience_s, expected_s=expected_s, see=watch.see)
    text = ""
    with learning(engine, speeds, watch), engine.working(), closing(listen(engine.llm, None, request, stop)) as pieces:
        try:
            for event in write(pieces, reading.draft(stretch), engine=""):
                text += event.text if isinstance(event, Token) else ""
        except NothingWritten:
            return ""
    return text


def _spoken(
    reading: WholeReading, stretch: PageStretch, note: str, *, behind: str
) -> Iterator[Token | Cited | Unsupported]:
    """What was written of a part, cited where that stands now, behind what was written before."""
    if not note:
        return
    if behind:
        yield Token(APART)
    start = len(behind) + (len(APART) if behind else 0)
    pieces: list[Piece] = [Text(note), Finished(cut=False)]
    for event in write(iter(pieces), reading.draft(stretch), engine=""):
        match event:
            case Cited(citation):
                yield Cited(replace(citation, at=citation.at + start))
            case Unsupported(at, sentence):
                yield Unsupported(at + start, sentence)
            case Token():
                yield event
            case _:
                pass  # of a text that is there nothing is waited for
