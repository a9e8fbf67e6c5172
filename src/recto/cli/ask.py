"""`recto ask`: one question, answered on a terminal, as JSON, or as the stream of events."""

import sys
from collections.abc import MutableSequence, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from recto import config, wire
from recto.cli.answer_printer import AnswerPrinter
from recto.cli.hits import NOTHING_FOUND, explain_nothing, say_unencoded
from recto.cli.terminal import ask_password, note, say_json
from recto.config import Writing
from recto.errors import EngineProblem, PasswordNeeded
from recto.events import Done, Found
from recto.exports import CitedAnswer, export, form_of
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
    each: bool = False  # each document by itself


def run(question: str, options: AskOptions, *, home: Path | None, writing: Writing) -> int:
    """Print the answer; 3 if the documents do not say it, 4 if no model wrote though one had to."""
    if options.export:
        form_of(options.export)  # before anybody waits for an answer
    with Library(home, writing=writing, create=False) as library:
        disclose(library)
        say_unencoded(library)
        return answer(library, question, options, [])


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


def answer(library: Library, question: str, options: AskOptions, history: MutableSequence[str]) -> int:
    """Print the answer to a question that may lean on the history, and enter it there as it was searched."""
    asking = library.ask(question, docs=options.docs, history=list(history), each=options.each)
    printer = AnswerPrinter(question, library.file_of, brief=options.form == "brief")
    try:
        for event in asking:
            if isinstance(event, Found):
                history.append(event.searched_for)
            if options.form == "events":
                say_json(wire.event(event))
            elif options.form != "json":
                printer.show(event)
            elif isinstance(event, Done):
                say_json(wire.answer(event.answer))
    except KeyboardInterrupt:
        asking.stop()
        raise
    finally:
        printer.leave()
    if options.export:
        _export(library, question, asking.answer, options.export)
    return _exit_code(library, asking.answer, options)


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
