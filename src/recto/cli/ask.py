"""`recto ask`: one question, answered on a terminal, as JSON, or as the stream of events."""

import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from recto import config, wire
from recto.cli.answer_printer import AnswerPrinter
from recto.cli.asking_near import NearLibrary, ServerLost
from recto.cli.hits import NOTHING_FOUND, explain_nothing, say_unencoded, say_waiting
from recto.cli.messages import t
from recto.cli.terminal import ask_password, note, say_json
from recto.config import Writing
from recto.errors import EngineProblem, PasswordNeeded
from recto.events import AskEvent, Done, Found, Progress
from recto.keeping import KeptAsking, Thread
from recto.links import one_line
from recto.types import Answer, Document, Kind
from recto.wire import Json

if TYPE_CHECKING:  # it takes most of a second, which nobody waits for whom a server answers
    from recto.library import Library

Form = Literal["text", "brief", "json", "events"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskOptions:
    """How questions are to be answered: in which documents, in which form, and whether a model has to write."""

    docs: Sequence[str] = ()
    form: Form = "text"
    require_model: bool = False
    export: Path | None = None  # where the answer is written, too
    collections: Sequence[str] = ()
    each: bool = False  # each document by itself
    whole: bool = False  # the model reads all pages
    goes_on: bool = False  # with the last conversation of the history

    def request(self, question: str) -> Json:
        """The question as the API takes it."""
        return {
            "question": question,
            "documents": list(self.docs),
            "collections": list(self.collections),
            "each": self.each,
            "whole": self.whole,
        }


def run(question: str, options: AskOptions, *, home: Path | None, writing: Writing) -> int:
    """Print the answer; 3 if the documents do not say it, 4 if no model wrote though one had to."""
    near = None if options.export or options.goes_on else NearLibrary.find(home, writing)
    code = _answered_near(near, question, options, home) if near else None
    if code is not None:
        return code
    from recto.library import Library

    if options.export:
        from recto.exports import form_of

        form_of(options.export)  # before anybody waits for an answer
    with Library(home, writing=writing, create=False) as library:
        disclose(library.recipient)
        say_unencoded(library.within(*options.collections))
        return answer(library, question, options, begun(library, options))


def begun(library: "Library", options: AskOptions) -> Thread:
    """The conversation that is gone on with, said whether there is one; else a new one."""
    if not options.goes_on:
        return Thread()
    thread = Thread.last(library.history)
    searched = thread.searched
    note(t("ask.goes_on", question=repr(one_line(searched[-1]))) if searched else t("ask.begins"))
    return thread


def disclose(host: str) -> None:
    """Say who else may see passages, before anybody can."""
    if host:
        note(t("ask.leaves", host=one_line(host)))


def _answered_near(near: NearLibrary, question: str, options: AskOptions, home: Path | None) -> int | None:
    """The exit code after a server of this library has answered; None if it did not, and nothing was printed."""

    def file_of(document: Document) -> Path | None:  # for a link, which few terminals show
        from recto.library import Library

        with Library(home, create=False) as library:
            return library.file_of(library.document(document.id))

    body = options.request(question)
    printer, answers = AnswerPrinter(question, file_of, brief=options.form == "brief"), False
    try:
        for event, turn in near.ask(body):
            if not answers and not isinstance(event, Progress):
                disclose(near.recipient)
                say_waiting(near.unencoded, near.documents)
            answers = answers or not isinstance(event, Progress)
            _show(event, turn, options, printer)
            if isinstance(event, Done):
                return _exit_code(event.answer, options)
    except ServerLost:
        if not answers or options.form == "json":
            return None
        note(t("error", message=t("ask.lost")))
        note(t("mend", hint=t("ask.again")))
        return 1
    finally:
        printer.leave()
    return None


def _show(event: AskEvent, turn: int | None, options: AskOptions, printer: AnswerPrinter) -> None:
    """Print an event in the form that is asked for; the last one says as which turn it was kept, if it was."""
    match options.form, event:
        case "events", Done():
            say_json({**wire.event(event), "turn": turn})
        case "events", _:
            say_json(wire.event(event))
        case "json", Done(whole):
            say_json({**wire.answer(whole), "turn": turn})
        case "json", _:
            pass
        case _:
            printer.show(event)
            if turn and sys.stderr.isatty():
                note(t("ask.kept", turn=turn))


def writing_settings(
    home: Path | None, *, model: str | None, allow_remote: bool, patience_s: float | None, once: bool = False
) -> Writing:
    """What the environment says about writing, but for what the flags say; `once` is for a model that is only tried."""
    writing = config.load(home).writing
    return replace(
        writing,
        model=model or writing.model,
        allow_remote=allow_remote or writing.allow_remote,
        patience_s=patience_s or writing.patience_s,
        once=once and model not in (None, writing.model),
    )


def _export(library: "Library", question: str, whole: Answer, target: Path) -> None:
    """Write the answer to a file if it quotes anything; ask for a PDF's password where somebody can be asked."""
    if not whole.quotes:
        note(t("ask.not_written", file=one_line(str(target))))
        return
    from recto.exports import CitedAnswer, export

    cited = CitedAnswer.of(question, whole)
    try:
        export(library, cited, target)
    except PasswordNeeded:
        if not sys.stdin.isatty():
            raise
        export(library, cited, target, password=ask_password("the cited PDF"))
    note(t("ask.written", file=one_line(str(target.absolute()))))


def answer(library: "Library", question: str, options: AskOptions, thread: Thread) -> int:
    """Print the answer to a question that may lean on the thread, which it is entered in; keep it in the history."""
    part = library.within(*options.collections)
    history = list(thread.searched)
    asking = part.ask(question, docs=options.docs, history=history, each=options.each, whole=options.whole)
    kept = KeptAsking(asking, library.history, question, conversation=thread.id)
    printer = AnswerPrinter(question, library.file_of, brief=options.form == "brief")
    try:
        with closing(iter(kept)) as events:
            for event in events:
                _show(event, kept.turn.id if kept.turn else None, options, printer)
                if isinstance(event, Found):
                    thread.searched.append(event.searched_for)
    except KeyboardInterrupt:
        asking.stop()
        raise
    finally:
        thread.id = kept.turn.conversation if kept.turn else thread.id
        printer.leave()
    if options.export:
        _export(library, question, asking.answer, options.export)
    if not part.documents():
        explain_nothing(part)
    return _exit_code(asking.answer, options)


def _exit_code(whole: Answer, options: AskOptions) -> int:
    """What the answer ends the command with, said where no model wrote that had to."""
    if whole.kind is Kind.ABSTAINED:
        return NOTHING_FOUND
    if options.require_model and whole.kind is not Kind.WRITTEN:
        note(t("error", message=t("ask.no_model")))
        note(t("mend", hint="recto models pull default"))
        return EngineProblem.exit_code
    return 0
