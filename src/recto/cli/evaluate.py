"""`recto eval`: figures on standard output, progress on standard error."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from recto import config
from recto.cli.bars import collect
from recto.cli.eval_words import eval_lines
from recto.cli.terminal import complain, counted, note, say, say_json
from recto.errors import BadQuestions, EncoderProblem, UnknownDocument
from recto.evaluate import collection, feedback, outcomes, questions, report, results, synthetic
from recto.evaluate.collection import PdfSet
from recto.evaluate.outcomes import QuestionSet
from recto.evaluate.results import EvalRun
from recto.library import Library
from recto.links import one_line
from recto.model_ref import QUOTE
from recto.scratch import temporary_folder
from recto.types import Added, AddStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalOptions:
    """What is asked beyond the usual, and what becomes of the figures."""

    alone: bool = False  # each document in a library of its own as well
    as_json: bool = False
    report: Path | None = None
    against: Path | None = None
    save: Path | None = None
    no_worse: bool = False  # exit code 1 if it is worse than the saved run
    collections: tuple[str, ...] = ()  # whose documents alone are asked


def labelled(source: Path, pdfs: Sequence[Path], options: EvalOptions, *, home: Path | None) -> int:
    """Ask the questions of a file of a library made of these PDFs, and of libraries of one each if that is wanted."""
    labelled_questions = questions.read(source)
    earlier = results.load(options.against) if options.against else None
    settings = config.load(home)
    pdf_collection = PdfSet.of(pdfs, labelled_questions, source, settings.home)
    collections = pdf_collection.of_each(labelled_questions) if options.alone else {}
    with _without_model(settings) as own, ExitStack() as open_libraries:
        with own.reading():
            library, added = filled_library(pdf_collection, own, open_libraries)
            single = {name: filled_library(part, own, open_libraries)[0] for name, part in collections.items()}
        for outcome in added:
            if outcome.problem and outcome.status is AddStatus.FAILED:
                note(f"left out: {one_line(outcome.problem.message)}")
        documents = pdf_collection.documents(labelled_questions, added, source)
        question_set = QuestionSet(questions=labelled_questions, documents=documents, library=library, single=single)
        folder = pdf_collection.folder / collection.SINGLE if options.alone else pdf_collection.folder
        return _publish(_run(question_set, folder), earlier, options, question_set)


def filled_library(pdf_collection: PdfSet, own: Library, open_libraries: ExitStack) -> tuple[Library, list[Added]]:
    """The library of a collection, filled, and what became of its files."""
    library = open_libraries.enter_context(Library(pdf_collection.prepare(), runtime=own.runtime))
    with library.hurried():
        added = collect(pdf_collection.fill(library))
        try:
            collect(library.encoding())
        except EncoderProblem as problem:
            note("Measured by words only:")
            complain(problem)
    return library, added


def own_library(most: int, options: EvalOptions, *, home: Path | None) -> int:
    """Ask the person's own library questions made from its documents, at most so many of each."""
    earlier = results.load(options.against) if options.against else None
    settings = config.load(home)
    with _without_model(settings) as whole_library:
        library = whole_library.within(*options.collections)
        documents = synthetic.documents_by_name(library.documents())
        if not documents:
            raise UnknownDocument(f"the library in {settings.home} is empty", hint="recto add FILE-OR-FOLDER")
        question_set = QuestionSet(
            questions=synthetic.questions(library, documents, most=most), documents=documents, library=library
        )
        run = _run(question_set, settings.home / collection.FOLDER)
        complaints = list(synthetic.all_complaints(library, documents, run.outcomes))
        return _publish(replace(run, complaints=complaints), earlier, options, question_set)


def feedback_questions(options: EvalOptions, *, home: Path | None) -> int:
    """Ask the person's own library what it was asked before, where somebody said what answers."""
    earlier = results.load(options.against) if options.against else None
    settings = config.load(home)
    with _without_model(settings) as library:
        documents = synthetic.documents_by_name(library.documents())
        own = feedback.own_questions(library, {document.id: name for name, document in documents.items()})
        if left_out := len(feedback.lines(library)) - len(own):
            note(f"left out: {counted(left_out, 'question')} about documents that are gone")
        if not own:
            raise BadQuestions("nobody has said yet what answers", hint="recto ask, then recto feedback yes")
        question_set = QuestionSet(questions=own, documents=documents, library=library)
        return _publish(_run(question_set, settings.home / collection.FOLDER), earlier, options, question_set)


def _without_model(settings: config.Settings) -> Library:
    """The person's own library, without a model."""
    return Library(settings.home, writing=replace(settings.writing, model=QUOTE), create=False)


def _run(question_set: QuestionSet, folder: Path) -> EvalRun:
    """Ask everything; what a run that was cut off has asked already is taken from its journal."""
    library = question_set.library
    documents = library.documents()
    encoder = library.encoder.fingerprint if library.encoder else ""
    with resumable(question_set, folder, encoder) as journal:
        return EvalRun(
            outcomes=collect(outcomes.ask_all(question_set, journal)),
            documents=len(documents),
            pages=sum(document.pages for document in documents),
            encoder=encoder,
        )


@contextmanager
def resumable(question_set: QuestionSet, folder: Path, key: str) -> Iterator[Path]:
    """The journal of a run, which goes once the block has ended well; `key` says what beside the questions decides."""
    library = question_set.library
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        if library.settings.key:  # answers hold words of the documents: in memory, and gone with a run that is cut off
            folder = Path(stack.enter_context(temporary_folder("recto-", in_memory=True)))
        journal = collection.journal(folder, question_set.questions, library.documents(), key)
        yield journal
        journal.unlink(missing_ok=True)  # another run of the same may have ended


def _publish(run: EvalRun, earlier: EvalRun | None, options: EvalOptions, question_set: QuestionSet) -> int:
    """Print, save and report a run as the options say; the exit code."""
    value = run.as_json(earlier)
    if options.report:
        looking = report.collecting(run, question_set.questions, question_set.documents, question_set.library)
        options.report.write_text(report.page(run, value, collect(looking)), encoding="utf-8")
        note(f"report: {options.report.absolute()}")
    if options.save:
        results.save(options.save, value)
    if options.as_json:
        say_json(value)
    else:
        for line in eval_lines(value):
            say(line)
    return int(options.no_worse and bool(value["against"]["worse"]))
