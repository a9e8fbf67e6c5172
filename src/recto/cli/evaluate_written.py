"""`recto eval --written`: what language models write, judged by the known answers, beside what the quotes hold."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from recto import config
from recto.cli.bars import collect
from recto.cli.eval_words import written_lines
from recto.cli.evaluate import EvalOptions, filled_library, resumable
from recto.cli.terminal import note, say, say_json
from recto.config import Settings
from recto.evaluate import questions, written, written_report
from recto.evaluate.collection import PdfSet
from recto.evaluate.outcomes import QuestionSet
from recto.evaluate.written import WrittenRun
from recto.library import Library
from recto.library.models import borrowed, resolve_model

PATIENCE_S = 600.0  # an evaluation may take its time,
FIRST_TOKEN_S = 1000.0  # and a slow machine is not to leave out evidence: figures are to be compared


def run(source: Path, pdfs: Sequence[Path], models: Sequence[str], options: EvalOptions, *, home: Path | None) -> int:
    """Ask each model the questions of a file, of a library made of these PDFs; without any the one that writes anyway.

    EngineProblem if one of them is not to be had, or fails.
    """
    labelled_questions = questions.read(source)
    settings = config.load(home)
    pdf_collection = PdfSet.of(pdfs, labelled_questions, source, settings.home)
    choices = {model: resolve_model(model, settings) for model in models or [settings.writing.model]}
    runs = []
    with ExitStack() as journals:  # they go when all models are done
        for model, choice in choices.items():
            with borrowed(choice, settings), ExitStack() as libraries:
                own = libraries.enter_context(_own_library(model, settings, hosted=choice.hosted))
                library, added = filled_library(pdf_collection, own, libraries)
                documents = pdf_collection.documents(labelled_questions, added, source)
                question_set = QuestionSet(questions=labelled_questions, documents=documents, library=library)
                key = f"{choice.provider} {choice.model}"
                journal = journals.enter_context(resumable(question_set, pdf_collection.folder, key))
                runs.append(WrittenRun(model=model, outcomes=collect(written.ask_written(question_set, journal))))
    return _publish(runs, options)


def _own_library(model: str, settings: Settings, *, hosted: bool) -> Library:
    """The person's own library, with this model, which may take its time."""
    writing = replace(
        settings.writing,
        model=model,
        allow_remote=settings.writing.allow_remote and hosted,  # nobody else may answer in its stead
        once=True,
        patience_s=PATIENCE_S,
        first_token_s=FIRST_TOKEN_S,
    )
    return Library(settings.home, writing=writing, create=False)


def _publish(runs: Sequence[WrittenRun], options: EvalOptions) -> int:
    value = written.as_json(runs)
    if options.report:
        options.report.write_text(written_report.page(runs, value), encoding="utf-8")
        note(f"report: {options.report.absolute()}")
    if options.save:
        written.save(options.save, value)
    if options.as_json:
        say_json(value)
    else:
        for line in written_lines(value):
            say(line)
    return 0
