"""One file into the library: read, cut into passages, analysed, kept; scanned pages recognised afterwards."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from recto.errors import RectoError
from recto.eta import Eta
from recto.events import AddEvent, Progress, Stage
from recto.library.files import fingerprint, printable
from recto.library.summary import summarise, summary
from recto.pdf import ocr, structure
from recto.pdf.layout import FEW, ReadPage
from recto.pdf.passages import passages
from recto.pdf.read import PageResult, Reader, Source
from recto.search.index import indexed_pages, title
from recto.store import Store
from recto.text.analyse import ANALYSER_VERSION
from recto.types import Added, AddStatus, Document, Flag, Passage, Problem

OTHER_VERSION = "other_version"  # the kind of problem that a shell may offer to mend
NAMED = 8  # pages listed in a message before it says how many more


@dataclass(frozen=True, slots=True)
class Wishes:
    """How the person wants files to be added."""

    password: str | None = None
    reread: bool = False  # read again what is there already
    replace: bool = False  # forget other versions of the same file name
    ocr_language: str = "eng"
    name: str = ""  # what the file is called, if not as it is on disk


def add_file(path: Path, store: Store, reader: Reader, wishes: Wishes) -> Iterator[AddEvent]:
    """Add one file; the last event is its outcome. The library is as it was if it fails."""
    began = time.monotonic()
    document = named(Path(wishes.name or path))
    try:
        document = _identified(document, path)
        known = {d.id: d for d in store.documents()}
        if document.id in known and not wishes.reread:
            yield _already(known[document.id], store, began)
            return
        yield from _kept(path, document, store, reader, wishes, began)
    except RectoError as error:
        yield failed(document, error, time.monotonic() - began)


def failed(document: Document, error: RectoError, seconds: float = 0.0) -> Added:
    """The outcome of a file that could not be added."""
    return Added(document, AddStatus.FAILED, 0, seconds, flags([]), Problem(error.kind, error.message, error.hint))


def named(path: Path) -> Document:
    """A document of which only the name is known."""
    name = printable(path)
    return Document("", name, title(name), 0, 0, time.time())


def _identified(document: Document, path: Path) -> Document:
    digest, size = fingerprint(path)
    return replace(document, id=digest, size=size)


def _already(document: Document, store: Store, began: float) -> Added:
    known = summary(store, document)
    return Added(document, AddStatus.ALREADY, known.passages, time.monotonic() - began, known.flags, None)


def _kept(
    path: Path, document: Document, store: Store, reader: Reader, wishes: Wishes, began: float
) -> Iterator[AddEvent]:
    source = reader.open(path, wishes.password)
    document = replace(document, pages=source.pages)
    results: list[PageResult] = []
    for event in _counted(Stage.READING, document, reader.pages(source), results, source.pages):
        yield event
    older = [d.id for d in store.documents() if d.name == document.name and d.id != document.id]
    count = _put(document, source, results, store, replaces=older[-1] if older and wishes.replace else None)
    poor = [result.read.page.number for result in results if _poor(result)]
    if poor and ocr.available() and not source.rescue:
        seen: list[PageResult] = []
        for event in _counted(Stage.OCR, document, reader.ocr(source, poor, wishes.ocr_language), seen, len(poor)):
            yield event
        results = _bettered(results, seen)
        if document.id in {kept.id for kept in store.documents()}:  # it may have been removed meanwhile
            count = _put(document, source, results, store)
    problem = _problem(path, results) or _other_version(document, older, wishes)
    seen_as = flags([result.read.page.flag for result in results])
    yield Added(document, AddStatus.ADDED, count, time.monotonic() - began, seen_as, problem)


def _counted(
    stage: Stage, document: Document, results: Iterator[PageResult], into: list[PageResult], total: int
) -> Iterator[Progress]:
    """Collect pages as they come, and say how many there are and how long the rest will take."""
    eta = Eta()
    yield Progress(stage, document.name, 0, total, None, document.id)
    for result in results:
        into.append(result)
        yield Progress(stage, document.name, len(into), total, eta.left_s(len(into), total), document.id)
    into.sort(key=lambda result: result.read.page.number)


def _put(
    document: Document, source: Source, results: Sequence[PageResult], store: Store, *, replaces: str | None = None
) -> int:
    """Keep the document; return the number of its passages."""
    reads = [result.read for result in results]
    pages = [read.page for read in reads]
    cut = _passages(document, reads, source)
    indexed = indexed_pages(document.title, pages, cut)
    summarised = summarise([page.flag for page in pages], cut)
    store.put(document, source.path, indexed, analyser=ANALYSER_VERSION, summary=summarised, replaces=replaces)
    return summarised.passages


def _passages(document: Document, reads: Sequence[ReadPage], source: Source) -> list[list[Passage]]:
    running = structure.furniture(reads)
    headings = structure.headings(reads, source.outline)
    parts = zip(reads, headings, running, strict=True)
    return [passages(read.page, document.id, above, edges) for read, above, edges in parts]


def _poor(result: PageResult) -> bool:
    """Tell whether a picture of the page may hold more than its text does."""
    page = result.read.page
    return not result.lost and (page.flag is not Flag.TEXT or _visible(page.text) < FEW)


def _visible(text: str) -> int:
    return len("".join(text.split()))


def _bettered(results: list[PageResult], seen: list[PageResult]) -> list[PageResult]:
    """Take what was recognised where it is more than the text there was, or where that was garbled."""
    by_number = {result.read.page.number: result for result in seen if not result.lost}

    def better(old: PageResult) -> PageResult:
        new = by_number.get(old.read.page.number, old)
        garbled = old.read.page.flag is Flag.GARBLED and new.read.page.text
        return new if garbled or _visible(new.read.page.text) > _visible(old.read.page.text) else old

    return [better(result) for result in results]


def flags(pages: Sequence[Flag]) -> dict[Flag, int]:
    """Count pages by how they came to their text."""
    counts = Counter(pages)
    return {flag: counts[flag] for flag in Flag}


def _problem(path: Path, results: Sequence[PageResult]) -> Problem | None:
    """What the person should know about pages that cannot be found."""
    lost = [result for result in results if result.lost]
    if lost:
        message = f"{path}: {_counted_pages(lost)} of {len(results)} could not be read; the first {lost[0].lost}"
        return Problem("lost_pages", message, "repair it first: qpdf IN.pdf OUT.pdf")
    blind = [result for result in results if result.read.page.flag in (Flag.EMPTY, Flag.GARBLED)]
    if blind and not ocr.available():
        message = f"{path}: {_counted_pages(blind)} of {len(results)} hold no readable text, and tesseract is missing"
        return Problem("no_ocr", message, "apt-get install tesseract-ocr; then recto add --reread FILE")
    return None


def _counted_pages(results: Sequence[PageResult]) -> str:
    numbers = [str(result.read.page.number + 1) for result in results[:NAMED]]
    more = f" and {len(results) - NAMED} more" if len(results) > NAMED else ""
    return f"{len(results)} page{'s'[: len(results) > 1]} ({', '.join(numbers)}{more})"


def _other_version(document: Document, older: list[str], wishes: Wishes) -> Problem | None:
    if not older or wishes.replace:
        return None
    message = f"{document.name}: another version of this file is in the library ({older[-1][:12]}); both are kept"
    return Problem(OTHER_VERSION, message, f"recto remove {older[-1][:12]}, or add with --replace")
