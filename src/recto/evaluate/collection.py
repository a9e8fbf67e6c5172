"""A library made of the PDFs that questions are about, kept so that a second run is quick."""

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from recto import DISTRIBUTION
from recto.errors import BadQuestions
from recto.evaluate.questions import Question
from recto.events import AddEvent
from recto.library import Library
from recto.library.files import listed
from recto.types import Added, AddStatus, Document

FOLDER = "evaluation"  # in a library's folder: what evaluations keep
STAMP = "read-by"  # which code read the PDFs
PACKAGE = Path(__file__).parent.parent
READING = (  # what decides how a document lies in a library; a change of it empties those that are kept
    "types.py",
    "index_types.py",
    "text",
    "pdf",
    "store",
    "search/encoder.py",
    "search/index.py",
    "search/normalize.py",
    "runtime/encoding.py",
    "library/adding.py",
)


@dataclass(frozen=True, slots=True)
class Collection:
    """PDF files, and the folder of the library that is made of them."""

    files: Sequence[Path]
    folder: Path


def collected(places: Sequence[Path], questions: Sequence[Question], source: Path, home: Path) -> Collection:
    """The PDFs of these files and folders. BadQuestions if one that a question is about is missing, or there twice."""
    files = []
    for path, problem in listed(places):
        if problem is not None:
            raise BadQuestions(problem.message, hint=problem.hint)
        files.append(path)
    for question in questions:
        there = [path for path in files if path.name == question.doc]
        if len(there) != 1:
            what = f"{source}, line {question.line}: {question.doc} is {'there twice' if there else 'missing'}"
            where = ", ".join(map(str, there or places))
            raise BadQuestions(f"{what} ({where})", hint="recto eval QUESTIONS.jsonl --pdfs FOLDER")
    names = "\n".join(str(place.absolute()) for place in places)
    return Collection(files, home / FOLDER / _digest(names.encode()))


def opened(collection: Collection) -> Path:
    """The folder for the library; emptied if other code made it."""
    folder, stamp = collection.folder, code(*READING)
    kept = folder / STAMP
    if kept.exists() and kept.read_text() != stamp:
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    kept.write_text(stamp)
    return folder


def filling(collection: Collection, library: Library) -> Iterator[AddEvent]:
    """Add what the library lacks, remove what is no longer among the PDFs; an outcome a file, in order."""
    there = set()
    for event in library.adding(*collection.files):
        if isinstance(event, Added):
            there.add(event.document.id)
        yield event
    for document in library.documents():
        if document.id not in there:
            library.remove(document.id)


def matched(
    questions: Sequence[Question], collection: Collection, outcomes: Sequence[Added], source: Path
) -> dict[str, Document]:
    """The document of each file name that questions name. BadQuestions if it, or a page of it, is not to be had."""
    by_name = {path.name: outcome for path, outcome in zip(collection.files, outcomes, strict=True)}
    for question in questions:
        outcome = by_name[question.doc]
        where = f"{source}, line {question.line}"
        if outcome.status is AddStatus.FAILED and outcome.problem:
            raise BadQuestions(f"{where}: {outcome.problem.message}", hint=outcome.problem.hint)
        last = max((*question.pages, *(one.page or 0 for one in question.evidence)), default=0)
        if last >= outcome.document.pages:
            what = f"{where}: {question.doc} has {outcome.document.pages} pages, no page {last + 1}"
            raise BadQuestions(what, hint="evidence_pages count from 1, whatever is printed on the page")
    return {question.doc: by_name[question.doc].document for question in questions}


def journal(folder: Path, questions: Sequence[Question], documents: Sequence[Document], encoder: str) -> Path:
    """The file of a run: another one for other questions, documents, code or encoder."""
    asked = [repr(question) for question in questions]
    ids = sorted(document.id for document in documents)
    return folder / f"asked-{_digest(json.dumps([asked, ids, encoder, code('.')]).encode())}.jsonl"


def code(*parts: str) -> str:
    """A digest of parts of the package's source and its version."""
    found = sha256(version(DISTRIBUTION).encode())
    for part in parts:
        root = PACKAGE / part
        for path in sorted(root.rglob("*.py")) if root.is_dir() else [root]:
            found.update(path.read_bytes())
    return found.hexdigest()


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()[:16]
