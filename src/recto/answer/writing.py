"""From a model's pieces to events, sanitised, each sentence cited or marked as it ends; and from these to an answer."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from recto.errors import NothingWritten
from recto.eta import Eta
from recto.events import AskEvent, Cited, Expect, FellBack, Progress, Stage, Token, Unsupported
from recto.generation import Delayed, Finished, Piece, Prefilled, Text, Waking
from recto.model_ref import QUOTE
from recto.text.refusing import refuses
from recto.text.sanitize import Sanitizer
from recto.text.sentences import sentences
from recto.types import Answer, Citation, Kind

CUT = " ..."  # shown where the limit ended a sentence

# What supports the sentence that ends there: empty without support, None for one that claims nothing.
Cite = Callable[[str, int], Sequence[Citation] | None]
Written = Token | Cited | Unsupported


class Draft:
    """The answer so far."""

    def __init__(self, sanitizer: Sanitizer, cite: Cite, answers: Callable[[Sequence[Citation]], bool]) -> None:
        """`answers` tells whether any of the places that are cited in the end does, as well as the quotes."""
        self.sanitizer, self._cite, self._answers = sanitizer, cite, answers
        self._text, self._gap = "", ""  # what is shown, and the white space that waits for a word behind it
        self._checked = 0  # characters whose sentences are cited or marked
        self._cited: list[Citation] = []

    def feed(self, text: str) -> Iterator[Written]:
        """Show more text, and cite or mark the sentences that it completes; the last one may still go on."""
        clean = self._gap + self.sanitizer.feed(text)
        self._gap = clean[len(clean.rstrip()) :]
        yield from self._add(clean.rstrip(), last=False)

    def end(self, *, cut: bool) -> Iterator[Written]:
        """Show what was held back, and check the last sentence.

        NothingWritten if the answer is void: nothing in it is supported or answers, or the model had to be stopped.
        """
        tail = (self._gap + self.sanitizer.end()).rstrip() + (CUT if cut and self._text else "")
        yield from self._add(tail, last=True)
        if self.sanitizer.stop:
            raise NothingWritten(f"the model {self.sanitizer.stop}")
        if not self._text.strip():
            raise NothingWritten("the model wrote nothing to show")
        if refuses(self._text):
            raise NothingWritten("the model found no answer in the excerpts")
        if not self._cited:
            raise NothingWritten("nothing that the model wrote has support in the documents")
        if not self._answers(self._cited):
            raise NothingWritten("the documents say what the model wrote, but it answers less than the quotes")

    def _add(self, text: str, *, last: bool) -> Iterator[Written]:
        if text:
            self._text += text
            yield Token(text)
        offset, places = self._checked, sentences(self._text[self._checked :])
        for start, end in places if last else places[:-1]:
            sentence, at = self._text[offset + start : offset + end], offset + end
            citations = self._cite(sentence, at) if any(map(str.isalnum, sentence)) else None
            if citations:
                self._cited += citations
                yield from map(Cited, citations)
            elif citations is not None:
                yield Unsupported(at, sentence)
        if places:
            self._checked += places[-1][1] if last else places[-1][0]


def write(pieces: Iterator[Piece | FellBack], draft: Draft, *, engine: str) -> Iterator[Progress | Written | FellBack]:
    """Show what the model says. NothingWritten if that is nothing, or nothing that the documents support."""
    eta, cut = Eta(), False
    for piece in pieces:
        match piece:
            case Waking(elapsed_s):
                yield Progress(stage=Stage.LOADING, name=engine, done=int(elapsed_s), total=0, eta_s=None)
            case Delayed():
                yield Progress(stage=Stage.WAITING, name=engine, done=0, total=1, eta_s=None)
            case Prefilled(done, total):
                yield Progress(stage=Stage.PREFILL, name=engine, done=done, total=total, eta_s=eta.left_s(done, total))
            case FellBack():
                yield piece
            case Text(text):
                yield from draft.feed(text)
                if draft.sanitizer.stop:
                    break
            case Finished():
                cut = piece.cut
            case _:
                assert_never(piece)
    yield from draft.end(cut=cut)


@dataclass(kw_only=True)
class AnswerBuilder:
    """Puts a written answer together from the events."""

    engine: str = QUOTE
    text: str = ""
    citations: list[Citation] = field(default_factory=list)
    unsupported: list[str] = field(default_factory=list)
    notice: str = ""
    detail: str = ""
    first_token: float | None = None  # on the monotonic clock

    def add(self, event: AskEvent) -> None:
        """Enter an event. What a model wrote before it failed is void."""
        match event:
            case Expect(engine):
                self.engine = engine
            case Token(text):
                self.text += text
                self.first_token = self.first_token or time.monotonic()
            case Cited(citation):
                self.citations.append(citation)
            case Unsupported(_, sentence):
                self.unsupported.append(sentence)
            case Progress(stage=Stage.SUMMARISING, done=done, total=total):
                self.notice = f"{done} of {total} pages were read" if done < total else ""
            case FellBack(why, engine, problem, detail):
                self.text, self.citations, self.unsupported = "", [], []
                if not (problem is NothingWritten and engine == self.engine):  # else the same one tries again
                    self.notice, self.engine, self.detail = why, engine, detail
            case _:
                pass  # the others say nothing about what was written

    def build(self, quoted: Answer, began: float) -> Answer:
        """The answer in a model's words, or, if none wrote one to its end, the quoted one."""
        quoted = replace(quoted, notice=self.notice, detail=self.detail)
        if self.engine == QUOTE or self.first_token is None:
            return quoted
        return replace(
            quoted,
            kind=Kind.WRITTEN,
            text=self.text,
            citations=tuple(self.citations),
            engine=self.engine,
            unsupported=tuple(self.unsupported),
            first_token_s=self.first_token - began,
        )
