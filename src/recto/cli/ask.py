"""`recto ask`: one question, answered on a terminal, as JSON, or as the stream of events."""

import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from recto import config, wire
from recto.cli.answer_printer import AnswerPrinter
from recto.cli.hits import NOTHING_FOUND, explain_nothing, say_unencoded
from recto.cli.terminal import ask_password, note, say_json
from recto.config import Writing
from recto.errors import EngineProblem, PasswordNeeded
from recto.events import AskEvent, Done, Found
from recto.exports import CitedAnswer, export, form_of
from recto.keeping import KeptAsking, Thread
from recto.library import Library
from recto.links import one_line
from recto.types import Answer, Kind

Form = Literal["text", "brief", "json", "events"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskOptions:
    """How questions are to be answered: in which documents, in which form, and whether a model has to write."""

    docs: Sequence[str] = ()
    form: Form = "text"
    require_model: bool = False
    export: Path | None = None  # where the answer is written, too
    collections: Sequence[str] = ()
    goes_on: bool = False  # with the last conversation of the history


def run(question: str, options: AskOptions, *, home: Path | None, writing: Writing) -> int:
    """Print the answer; 3 if the documents do not say it, 4 if no model wrote though one had to."""
    if options.export:
        form_of(options.export)  # before anybody waits for an answer
    with Library(home, writing=writing, create=False) as library:
        disclose(library)
        say_unencoded(library.within(*options.collections))
        return answer(library, question, options, begun(library, options))


def begun(library: Library, options: AskOptions) -> Thread:
    """The conversation that is gone on with, said whether there is one; else a new one."""
    if not options.goes_on:
        return Thread()
    thread = Thread.last(library.history)
    after = f" after {one_line(thread.searched[-1])!r}" if thread.searched else ": there is none, this one begins it"
    note(f"going on with the last conversation{after}")
    return thread


def disclose(library: Library) -> None:
    """Say who else may see passages, before anybody can."""
    if host := library.recipient:
        note(f"Passages of the documents may leave this machine, to {one_line(host)}: you have allowed that.")


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


def _export(library: Library, question: str, whole: Answer, target: Path) -> None:
    """Write the answer to a file if it quotes anything; ask for a PDF's password where somebody can be asked."""
    if not whole.quotes:
        note(f"{one_line(str(target))} is not written: nothing is quoted")
        return
    cited = CitedAnswer.of(question, whole)
    try:
        export(library, cited, target)
    except PasswordNeeded:
        if not sys.stdin.isatty():
            raise
        export(library, cited, target, password=ask_password("the cited PDF"))
    note(f"written to {one_line(str(target.absolute()))}")


def answer(library: Library, question: str, options: AskOptions, thread: Thread) -> int:
    """Print the answer to a question that may lean on the thread, which it is entered in; keep it in the history."""
    part = library.within(*options.collections)
    asking = part.ask(question, docs=options.docs, history=list(thread.searched))
    kept = KeptAsking(asking, library.history, question, conversation=thread.id)
    printer = AnswerPrinter(question, library.file_of, brief=options.form == "brief")
    try:
        with closing(iter(kept)) as events:
            for event in events:
                _show(event, kept, printer, options)
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
    return _exit_code(part, asking.answer, options)


def _show(event: AskEvent, kept: KeptAsking, printer: AnswerPrinter, options: AskOptions) -> None:
    """Print an event in the form that is asked for; the last one says how it was kept."""
    turn = kept.turn.id if kept.turn else None
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
                note(f"kept as {turn}; does it answer? recto feedback {turn} yes, or no")


def _exit_code(library: Library, whole: Answer, options: AskOptions) -> int:
    """What the answer ends the command with, said where it is no answer."""
    if not library.documents():
        explain_nothing(library)
    if whole.kind is Kind.ABSTAINED:
        return NOTHING_FOUND
    if options.require_model and whole.kind is not Kind.WRITTEN:
        note("error: no language model wrote, and --require-model was given")
        note("  mend: recto models pull default")
        return EngineProblem.exit_code
    return 0
