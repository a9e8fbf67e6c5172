"""One answer on a terminal, event by event."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import assert_never

from recto.cli.hits import FileOf, address, place_name, remarks, say_hit, say_missing, say_quotes, teaser
from recto.cli.messages import t
from recto.cli.terminal import StatusLine, note, say, say_linked, say_piece
from recto.events import (
    Abstained,
    AskEvent,
    Cited,
    Done,
    Expect,
    FellBack,
    Found,
    Progress,
    Quoted,
    Stage,
    Token,
    Unsupported,
)
from recto.links import one_line
from recto.marking import MarkedText
from recto.types import Answer, Citation, Kind, Survey, by_quote, grouped

NEAREST = 3  # hits shown below an abstention; --json gives them all


class AnswerPrinter:
    """Prints the quotes, then the written sentences with their marks, then the places that the marks stand for."""

    def __init__(self, question: str, file_of: FileOf, *, brief: bool = False) -> None:
        """`brief` shows quotes without what stands around them."""
        self._question, self._file_of, self._brief = one_line(question), file_of, brief
        self._status = StatusLine()
        self._written = WrittenText(file_of=file_of)

    def show(self, event: AskEvent) -> None:  # noqa: C901 - a case for each event
        """Print what this event says."""
        if isinstance(event, Progress):
            self._status.show(progress_words(event))
            return
        self._status.clear()
        match event:
            case Found(_, searched_for):
                if searched_for != self._question:
                    note(t("searched_for", words=one_line(searched_for)))
            case Quoted(citations, kind, survey):
                if kind is Kind.CLOSEST:
                    say(t("closest") + "\n")
                self._quote(citations, survey)
            case Abstained(nearest):
                say(t("abstained"))
                for hit in nearest[:NEAREST]:
                    say_hit(hit, self._file_of)
            case Expect():
                first, total = _seconds(event.first_token_s), _seconds(event.total_s)
                note(t("expect", engine=one_line(event.engine), first=first, total=total))
            case Token() | Cited() | Unsupported():
                self._written.show(event)
            case FellBack(why):
                self._fall_back(why)
            case Done(answer):
                self._written.end()
                say_missing(answer.missing)
                note(done_words(answer))
            case _:
                assert_never(event)

    def _quote(self, citations: Sequence[Citation], survey: Survey | None) -> None:
        """The quotes, below the names of the documents if whole ones were asked."""
        for heading, places in grouped(citations, survey):
            if heading:
                say(f"{one_line(heading)}\n")
            say_quotes(by_quote(places), self._file_of, brief=self._brief)
        if survey and survey.left_out:
            say(t("not_asked", n=survey.left_out) + "\n")

    def _fall_back(self, why: str) -> None:
        void = self._written.leave()
        note(t("notice", why=one_line(why)))
        if void:
            note(t("void"))
        self._written = WrittenText(file_of=self._file_of)

    def leave(self) -> None:
        """End in the middle, at the beginning of a line."""
        self._status.clear()
        self._written.leave()


def progress_words(progress: Progress) -> str:
    """What is done before the first word, and how to stop it."""
    share = ""
    match progress.stage:
        case Stage.WAITING:
            late = progress.total == 1 and progress.eta_s is None
            work = t("work.late" if late else "work.waiting", name=progress.name)
        case Stage.LOADING:
            work = t("work.loading", name=progress.name)
        case Stage.MEASURING:
            work = t("work.measuring", name=progress.name)
        case Stage.SUMMARISING:
            work = t("work.summarising", name=progress.name, done=progress.done, n=progress.total)
        case Stage.PREFILL:
            work = t("work.reads", name=progress.name)
            share = f" {100 * progress.done // progress.total} %" if progress.total else ""
        case Stage.READING | Stage.OCR | Stage.ENCODING | Stage.ASKING | Stage.DRAWING | Stage.PULLING | Stage.CHECKING:
            work = f"{progress.stage} {progress.name}"
        case _:
            assert_never(progress.stage)
    remaining = t("work.left", time=f"{progress.eta_s:.1f}") if progress.eta_s is not None else ""
    return t("work.stops", work=f"{work}{share}{remaining}")


def done_words(answer: Answer) -> str:
    """What kind of answer it was, who gave it, and how long it took."""
    values = {"search": f"{answer.search_s:.2f}", "total": f"{answer.total_s:.2f}", "engine": one_line(answer.engine)}
    kind = t(f"kind.{answer.kind}")
    if answer.first_token_s is None:
        return t("done", kind=kind, **values)
    return t("done.written", kind=kind, first=f"{answer.first_token_s:.2f}", **values)


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"


@dataclass(kw_only=True)
class WrittenText:
    """The written answer as it streams, each mark after its sentence."""

    file_of: FileOf
    marked_text: MarkedText = field(default_factory=MarkedText)
    marked: int = 0  # the offset after which marks stand
    places: list[Citation] = field(default_factory=list)  # place n has the mark [n + 1]
    open: bool = False  # whether the line at hand has no end yet

    def show(self, event: Token | Cited | Unsupported) -> None:
        """Print what comes after what was printed: text, or a mark."""
        for piece in self.marked_text.add(event):
            match piece:
                case str():
                    self._print(piece)
                case Cited(citation):  # with the number of its place
                    keys = [(place.span, place.quote) for place in self.places]
                    key = citation.span, citation.quote
                    if key not in keys:
                        self.places.append(citation)
                        keys.append(key)
                    gap = "" if self.marked == citation.at else " "
                    self.marked = citation.at
                    self._print(f"{gap}[{keys.index(key) + 1}]")
                case Unsupported(at):
                    self.marked = at
                    self._print(t("unsupported"))
                case _:
                    assert_never(piece)

    def end(self) -> None:
        """Print what has waited, and the places that the marks stand for."""
        for text in self.marked_text.end():
            self._print(text)
        self.leave()
        if self.places:
            say("")
        for number, citation in enumerate(self.places, start=1):
            place = place_name(citation.document, citation.span.page, citation.label)
            at = address(citation.document, citation.span.page, self.file_of)
            say_linked(f"[{number}] ", place, at, f": {teaser(citation.quote)}{remarks([citation])}")

    def leave(self) -> bool:
        """End the line at hand, if there is one; tell whether there was."""
        was_open, self.open = self.open, False
        if was_open:
            say("")
        return was_open

    def _print(self, text: str) -> None:
        say_piece(text)
        self.open = True
