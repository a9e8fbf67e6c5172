"""From a model's pieces to a written answer: sanitised, and every sentence cited or marked as it ends."""

from collections.abc import Callable, Iterator, Sequence
from typing import assert_never

from recto.answer.prompt import is_abstention
from recto.errors import NothingWritten
from recto.eta import Eta
from recto.events import Cited, FellBack, Progress, Stage, Token, Unsupported
from recto.generation import Finished, Piece, Prefilled, Text, Waking
from recto.text.sanitize import Screen
from recto.text.sentences import sentences
from recto.types import Citation

CUT = " ..."  # shown where the limit ended a sentence

Cite = Callable[[str, int], Sequence[Citation]]  # what supports the sentence that ends there; empty without support
Written = Token | Cited | Unsupported


class Draft:
    """The answer so far."""

    def __init__(self, screen: Screen, cite: Cite) -> None:
        self._screen, self._cite = screen, cite
        self._text, self._gap = "", ""  # what is shown, and the white space that waits for a word behind it
        self._checked = 0  # characters whose sentences are cited or marked

    def feed(self, text: str) -> Iterator[Written]:
        """Show more text, and cite or mark the sentences that it completes; the last one may still go on."""
        shown = self._gap + self._screen.feed(text)
        self._gap = shown[len(shown.rstrip()) :]
        yield from self._add(shown.rstrip(), last=False)

    def end(self, *, cut: bool) -> Iterator[Written]:
        """Show what was held back, and check the last sentence. NothingWritten if there is nothing worth reading."""
        tail = (self._gap + self._screen.end()).rstrip() + (CUT if cut and self._text else "")
        if not (self._text + tail).strip():
            why = f": it {self._screen.stop}" if self._screen.stop else ""
            raise NothingWritten(f"the model wrote nothing to show{why}")
        yield from self._add(tail, last=True)
        if is_abstention(self._text):
            raise NothingWritten("the model found no answer in the excerpts")

    def _add(self, text: str, *, last: bool) -> Iterator[Written]:
        if text:
            self._text += text
            yield Token(text)
        offset, places = self._checked, sentences(self._text[self._checked :])
        for start, end in places if last else places[:-1]:
            sentence, at = self._text[offset + start : offset + end], offset + end
            if is_abstention(sentence):
                continue
            citations = self._cite(sentence, at)
            yield from map(Cited, citations)
            if not citations:
                yield Unsupported(at, sentence)
        if places:
            self._checked += places[-1][1] if last else places[-1][0]


def write(
    pieces: Iterator[Piece | FellBack], screen: Screen, cite: Cite, *, engine: str
) -> Iterator[Progress | Written | FellBack]:
    """Show what the model says. NothingWritten if that is nothing, or what no one should read."""
    draft, eta, cut = Draft(screen, cite), Eta(), False
    for piece in pieces:
        match piece:
            case Waking(elapsed_s):
                yield Progress(Stage.LOADING, engine, done=int(elapsed_s), total=0, eta_s=None)
            case Prefilled(done, total):
                yield Progress(Stage.PREFILL, engine, done=done, total=total, eta_s=eta.left_s(done, total))
            case FellBack():
                yield piece
            case Text(text):
                yield from draft.feed(text)
                if screen.stop:
                    break
            case Finished():
                cut = piece.cut
            case _:
                assert_never(piece)
    yield from draft.end(cut=cut)
