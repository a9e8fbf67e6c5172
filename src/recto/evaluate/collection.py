"""A library made of the PDFs that questions are about, kept so that a second run is quick."""

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Self

from recto import DISTRIBUTION
from recto.errors import BadQuestions
from recto.evaluate.questions import Question
from recto.events import AddEvent, one_outcome_a_file
from recto.files import readable_files
from recto.library import Library
from recto.types import Added, AddStatus, Document

PDF = ".pdf"  # questions are about pages, which other files get only when they are read
FOLDER = "evaluation"  # in a library's folder: what evaluations keep
SINGLE = "single"  # in the folder of a collection: a library for each document
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
    "normalize.py",
    "runtime/encoding.py",
    "library/adding.py",
)


@dataclass(frozen=True, slots=True)
class PdfSet:
    """PDF files, and the folder of the library that is made of them."""

    files: Sequence[Path]
    folder: Path

    @classmethod
    def of(cls, places: Sequence[Path], questions: Sequence[Question], source: Path, home: Path) -> Self:
        """The PDFs of these files and folders. BadQuestions if one that is asked about is missing, or there twice."""
        files = []
        for path, problem in readable_files(places, [PDF]):
            if problem is not None:
                raise BadQuestions(problem.message, hint=problem.hint)
            files.append(path)
        for question in questions:
            matches = [path for path in files if path.name == question.doc]
            if len(matches) != 1:
                what = f"{source}, line {question.line}: {question.doc} is {'there twice' if matches else 'missing'}"
                where = ", ".join(map(str, matches or places))
                raise BadQuestions(f"{what} ({where})", hint="recto eval QUESTIONS.jsonl --pdfs FOLDER")
        names = "\n".join(str(place.absolute()) for place in places)
        return cls(files, home / FOLDER / _digest(names.encode()))

    def of_each(self, questions: Sequence[Question]) -> "dict[str, PdfSet]":
        """A collection for each PDF that is asked about, by its name."""
        names = {question.doc for question in questions}
        paths = [path for path in self.files if path.name in names]
        return {path.name: replace(self, files=[path], folder=self.folder / SINGLE / path.name) for path in paths}

    def prepare(self) -> Path:
        """The folder for the library; emptied if other code made it."""
        stamp, digest = self.folder / STAMP, code_digest(*READING)
        if stamp.exists() and stamp.read_text() != digest:
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        stamp.write_text(digest)
        return self.folder

    def fill(self, library: Library) -> Iterator[AddEvent]:
        """Add what the library lacks, remove what is no longer among the PDFs; an outcome a file, in order."""
        ids = set()
        for event in one_outcome_a_file(library.adding(*self.files)):
            if isinstance(event, Added):
                ids.add(event.document.id)
            yield event
        for document in library.documents():
            if document.id not in ids:
                library.remove(document.id)

    def documents(self, questions: Sequence[Question], outcomes: Sequence[Added], source: Path) -> dict[str, Document]:
        """The document of each file name in the questions. BadQuestions if it, or a page of it, is not to be had."""
        by_name = {path.name: outcome for path, outcome in zip(self.files, outcomes, strict=True)}
        for question in questions:
            outcome = by_name[question.doc]
            where = f"{source}, line {question.line}"
            if outcome.status is AddStatus.FAILED and outcome.problem:
                raise BadQuestions(f"{where}: {outcome.problem.message}", hint=outcome.problem.hint)
            last = max((*question.pages, *(label.page or 0 for label in question.evidence)), default=0)
            if last >= outcome.document.pages:
                what = f"{where}: {question.doc} has {outcome.document.pages} pages, no page {last + 1}"
                raise BadQuestions(what, hint="evidence_pages count from 1, whatever is printed on the page")
        return {question.doc: by_name[question.doc].document for question in questions}


def journal(folder: Path, questions: Sequence[Question], documents: Sequence[Document], encoder: str) -> Path:
    """The file of a run: another one for other questions, documents, code or encoder."""
    keys = [repr(question) for question in questions]
    ids = sorted(document.id for document in documents)
    return folder / f"asked-{_digest(json.dumps([keys, ids, encoder, code_digest('.')]).encode())}.jsonl"


def code_digest(*parts: str) -> str:
    """A digest of parts of the package's source and its version."""
    digest = sha256(version(DISTRIBUTION).encode())
    for part in parts:
        root = PACKAGE / part
        for path in sorted(root.rglob("*.py")) if root.is_dir() else [root]:
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()[:16]
