"""From a model's pieces to a written answer: sanitised, and every sentence cited or marked as it ends."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

from recto.answer.prompt import is_nothing
from recto.errors import NothingWritten
from recto.eta import Eta
from recto.events import Cited, FellBack, Progress, Stage, Token, Unsupported
from recto.generation import Finished, Piece, Prefilled, Text, Waking
from recto.text.sanitize import Sanitizer
from recto.text.sentences import sentences
from recto.types import Citation

CUT = " ..."  # shown where the limit ended a sentence

Cite = Callable[[str, int], Sequence[Citation]]  # what supports the sentence that ends there; nothing if nothing does
Written = Progress | Token | Cited | Unsupported | FellBack


@dataclass
class Draft:
    """The answer so far."""

    text: str = ""
    checked: int = 0  # characters whose sentences are cited or marked

    def add(self, text: str, cite: Cite, *, last: bool) -> Iterator[Token | Cited | Unsupported]:
        """Show more text, and check the sentences that it completes; the last one may still go on."""
        if text:
            self.text += text
            yield Token(text)
        found = sentences(self.text[self.checked :])
        for start, end in found if last else found[:-1]:
            yield from _checked(self.text[self.checked + start : self.checked + end], self.checked + end, cite)
        if found:
            self.checked += found[-1][1] if last else found[-1][0]


def write(pieces: Iterator[Piece | FellBack], sanitizer: Sanitizer, cite: Cite, *, engine: str) -> Iterator[Written]:
    """Show what the model says. NothingWritten if that is nothing, or what no one should read."""
    draft, gap, cut = Draft(), "", False
    eta = Eta()
    for piece in pieces:
        match piece:
            case Waking(elapsed_s):
                yield Progress(Stage.LOADING, engine, int(elapsed_s), 0, None)
            case Prefilled(done, total):
                yield Progress(Stage.PREFILL, engine, done, total, eta.left_s(done, total))
            case FellBack():
                yield piece
            case Text(text):
                shown = gap + sanitizer.feed(text)
                gap = shown[len(shown.rstrip()) :]
                yield from draft.add(shown.rstrip(), cite, last=False)
                if sanitizer.stop:
                    break
            case Finished():
                cut = piece.cut
            case _:
                assert_never(piece)
    yield from _ended(draft, (gap + sanitizer.end()).rstrip() + (CUT if cut and draft.text else ""), sanitizer, cite)


def _ended(draft: Draft, rest: str, sanitizer: Sanitizer, cite: Cite) -> Iterator[Written]:
    if not (draft.text + rest).strip():
        raise NothingWritten(f"the model wrote nothing to show{': it ' + sanitizer.stop if sanitizer.stop else ''}")
    yield from draft.add(rest, cite, last=True)
    if is_nothing(draft.text):
        raise NothingWritten("the model found no answer in the excerpts")


def _checked(sentence: str, at: int, cite: Cite) -> Iterator[Cited | Unsupported]:
    if is_nothing(sentence):
        return
    places = cite(sentence, at)
    for place in places:
        yield Cited(place)
    if not places:
        yield Unsupported(at, sentence)
