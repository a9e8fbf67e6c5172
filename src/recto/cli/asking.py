"""`recto search` and `recto ask`."""

import re
from collections.abc import MutableSequence, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import assert_never

from recto import config, wire
from recto.cli.terminal import Meanwhile, note, one_line, safe, say, say_json, say_piece
from recto.config import Writing
from recto.errors import EngineProblem
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
from recto.library import Library
from recto.types import Answer, Citation, Hit, Kind

NOTHING = 3  # exit code: the documents do not say it
TEASER = 200  # characters of a hit, and of a quote in the list below a written answer
NEAREST = 3  # hits shown below an abstention; --json gives them all
CLOSERS = 5  # characters that end a sentence, when it is seen only by what follows that it does
UNSUPPORTED = " [no support found]"

_STAGES = {  # of Progress, in words
    "waiting": "waiting for {name}",
    "loading": "loading {name}",
    "measuring": "measuring the speed of {name}",
    "prefill": "{name} reads",
}
_END = re.compile(
    r"""[.!?:;\u2026\u3002\uff01\uff1f\u061f\u0964]["'\u201d\u2019)\]]*(?=\s)|(?<=[\u3002\uff01\uff1f])|(?=\n)"""
)


@dataclass(frozen=True, slots=True)
class Wish:
    """How questions are to be answered: in which documents, and shown in which form (text, json or events)."""

    docs: Sequence[str] = ()
    form: str = "text"
    require_model: bool = False


def search(question: str, k: int, docs: Sequence[str], *, home: Path | None, as_json: bool) -> int:
    """Print the hits; 3 if there are none."""
    with Library(home) as library:
        hits = library.search(question, k=k, docs=docs)
        for hit in hits:
            say_json(wire.hit(hit)) if as_json else _say_hit(hit)
        if not hits:
            _explain_nothing(library)
    return 0 if hits else NOTHING


def ask(question: str, wish: Wish, *, home: Path | None, writing: Writing) -> int:
    """Print the answer; 3 if the documents do not say it, 4 if no model wrote though one had to."""
    with Library(home, writing=writing) as library:
        disclose(library)
        return answer(library, question, wish, [])


def disclose(library: Library) -> None:
    """Say who else may see passages, before anybody can."""
    if host := library.recipient:
        note(f"Passages of the documents may leave this machine, to {one_line(host)}: you have allowed that.")


def chosen(home: Path | None, *, model: str | None, allow_remote: bool, patience_s: float | None) -> Writing:
    """What the environment says about writing, but for what the flags say."""
    said = config.load(home).writing
    return replace(
        said,
        model=model or said.model,
        allow_remote=allow_remote or said.allow_remote,
        patience_s=patience_s or said.patience_s,
    )


def answer(library: Library, question: str, wish: Wish, history: MutableSequence[str]) -> int:
    """Print the answer to a question that may lean on the history, and enter it there as it was searched."""
    asking = library.ask(question, docs=wish.docs, history=list(history))
    teller = Teller(question)
    code = 0
    try:
        for event in asking:
            if isinstance(event, Found):
                history.append(event.searched_for)
            if isinstance(event, Done):
                code = _code(event.answer, wish)
            _show(event, wish.form, teller)
    except KeyboardInterrupt:
        asking.stop()
        raise
    finally:
        teller.leave()
    if not library.documents():
        _explain_nothing(library)
    elif code == EngineProblem.exit_code:
        note("error: no language model wrote, and --require-model was given")
        note("  mend: recto models pull default")
    return code


def _code(answer: Answer, wish: Wish) -> int:
    if answer.kind is Kind.ABSTAINED:
        return NOTHING
    return EngineProblem.exit_code if wish.require_model and answer.kind is not Kind.WRITTEN else 0


def _show(event: AskEvent, form: str, teller: "Teller") -> None:
    if form == "events":
        say_json(wire.event(event))
    elif form == "text":
        teller.tell(event)
    elif isinstance(event, Done):
        say_json(wire.answer(event.answer))


class Teller:
    """Tells one answer on a terminal: the quotes, then the written sentences with their marks, then the places."""

    def __init__(self, question: str) -> None:
        self._question = one_line(question)
        self._meanwhile = Meanwhile()
        self._prose = Prose()

    def tell(self, event: AskEvent) -> None:  # noqa: C901, PLR0912 - a case for each event
        """Print what this event says."""
        if isinstance(event, Progress):
            self._meanwhile.show(_words(event))
            return
        self._meanwhile.clear()
        match event:
            case Found(_, searched_for):
                if searched_for != self._question:
                    note(f"searched for: {one_line(searched_for)}")
            case Quoted(citations):
                for citation in citations:
                    _say_citation(citation)
            case Abstained(nearest):
                say("The documents do not seem to say. The nearest passages:")
                for hit in nearest[:NEAREST]:
                    _say_hit(hit)
            case Expect():
                _announce(event)
            case Token(text):
                self._prose.add(text)
            case Cited(citation):
                self._prose.cite(citation)
            case Unsupported(at):
                self._prose.mark(at, UNSUPPORTED)
            case FellBack(why):
                self._fall_back(why)
            case Done(answer):
                self._prose.end()
                _say_times(answer)
            case _:
                assert_never(event)

    def _fall_back(self, why: str) -> None:
        void = self._prose.leave()
        note(f"notice: {one_line(why)}")
        if void:
            note("  what was written so far does not count; the quotes above stand")
        self._prose = Prose()

    def leave(self) -> None:
        """End in the middle, at the beginning of a line."""
        self._meanwhile.clear()
        self._prose.leave()


@dataclass
class Prose:
    """The written answer as it streams. A sentence's marks come when the next one has begun: that beginning waits."""

    text: str = ""
    shown: int = 0  # characters printed
    marked: int = 0  # the offset after which marks stand
    places: list[Citation] = field(default_factory=list)  # place n has the mark [n + 1]
    open: bool = False  # whether the line at hand has no end yet

    def add(self, text: str) -> None:
        """Print what has waited, and of the new text what still belongs to the sentence at hand."""
        self._print_to(len(self.text))
        self.text += text
        ends = (match.end() for match in _END.finditer(self.text, max(0, self.shown - CLOSERS)))
        self._print_to(next((end for end in ends if end >= self.shown), len(self.text)))

    def cite(self, citation: Citation) -> None:
        """Mark the sentence with the number of its place."""
        known = [_place(one) for one in self.places]
        if _place(citation) not in known:
            self.places.append(citation)
            known.append(_place(citation))
        gap = "" if self.marked == citation.at else " "
        self.mark(citation.at, f"{gap}[{known.index(_place(citation)) + 1}]")

    def mark(self, at: int, mark: str) -> None:
        """Print a mark after this character."""
        self._print_to(at)
        self.marked = at
        self._print(mark)

    def end(self) -> None:
        """Print what is left, and the places that the marks stand for."""
        self._print_to(len(self.text))
        self.leave()
        if self.places:
            say("")
        for number, citation in enumerate(self.places, start=1):
            say(f"[{number}] {_where(citation)}: {_teaser(citation.quote)}")

    def leave(self) -> bool:
        """End the line at hand, if there is one; tell whether there was."""
        was_open, self.open = self.open, False
        if was_open:
            say("")
        return was_open

    def _print_to(self, at: int) -> None:
        if at > self.shown:
            self._print(self.text[self.shown : at])
            self.shown = at

    def _print(self, text: str) -> None:
        say_piece(safe(text))
        self.open = True


def _place(citation: Citation) -> tuple[object, ...]:
    return citation.span, citation.quote


def _words(progress: Progress) -> str:
    known = progress.stage is Stage.PREFILL and progress.total
    share = f" {100 * progress.done // progress.total} %" if known else ""
    left = f", {progress.eta_s:.1f} s left" if progress.eta_s is not None else ""
    return f"{_STAGES[progress.stage].format(name=progress.name)}{share}{left} (Ctrl-C stops it)"


def _announce(expect: Expect) -> None:
    first, total = _seconds(expect.first_token_s), _seconds(expect.total_s)
    note(f"{one_line(expect.engine)} writes: first word in about {first}, done in about {total} (Ctrl-C stops it)")


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"


def _say_citation(citation: Citation) -> None:
    say(safe(citation.quote))
    say(f"    -- {_where(citation)}\n")


def _where(citation: Citation) -> str:
    return f"{one_line(citation.document.name)}, page {citation.span.page + 1}"


def _say_hit(hit: Hit) -> None:
    where = f"{one_line(hit.document.name)}, page {hit.passage.span.page + 1}"
    say(f"{hit.rank}. {where}  [{hit.score:.2f} = {hit.keyword:.2f} words + {hit.semantic:.2f} meaning]")
    say(f"   {_teaser(hit.passage.text)}\n")


def _teaser(text: str) -> str:
    line = one_line(text)
    return f"{line[:TEASER]}{'...' if len(line) > TEASER else ''}"


def _say_times(answer: Answer) -> None:
    first = f", first word {answer.first_token_s:.2f} s" if answer.first_token_s is not None else ""
    times = f"search {answer.search_s:.2f} s{first}, all {answer.total_s:.2f} s"
    note(f"{answer.kind} (engine: {one_line(answer.engine)}): {times}")


def _explain_nothing(library: Library) -> None:
    if library.documents():
        note("Nothing in these documents matches.")
    else:
        note(f"The library in {library.settings.home} is empty.")
        note("  mend: recto add FILE-OR-FOLDER")
