"""One file into the library: read, cut into passages, analysed, kept; scanned pages recognised afterwards."""

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from recto.config import OcrMode
from recto.errors import RectoError
from recto.events import AddEvent, Stage
from recto.files import fingerprint
from recto.index_types import Summary
from recto.pdf.furniture import furniture, headed, marked
from recto.pdf.opening import as_pdf
from recto.pdf.passages import passages
from recto.pdf.progress import collected
from recto.pdf.read import PageResult, Reader, Source
from recto.pdf.recognition import engines
from recto.pdf.structure import headings
from recto.pdf.unread import lost_pages, readable_attachments, scans_left_out, unread_content, unread_scans
from recto.scratch import temporary_folder
from recto.search.candidates import DocumentTerms
from recto.search.index import ATTACHED as ATTACHED
from recto.search.index import indexed_pages, title
from recto.search.summary import summarise, summary
from recto.storage import Store
from recto.text.analyse import ANALYSER_VERSION
from recto.types import Added, AddStatus, Document, Problem

OTHER_VERSION = "other_version"  # the kind of problem that a shell may offer to mend


@dataclass(frozen=True, slots=True, kw_only=True)
class AddOptions:
    """How the person wants files to be added."""

    password: str | None = None
    reread: bool = False  # read again what is there already
    replace: bool = False  # forget other versions of the same file name
    replaces: str | None = None  # the version to forget, "" for none, by whoever knows: names say nothing then
    hidden: bool = False  # read also the text that the pages do not show
    ocr: OcrMode | None = None  # what reads scans; auto, if it is not said
    ocr_language: str = "eng"
    name: str = ""  # what the file is called, if not as it is on disk
    in_memory: bool = False  # keep what is made on the way off the disk: the library is encrypted
    depth: int = 0  # in how many files, one attached to the other, it lies


def add_file(path: Path, store: Store, reader: Reader, options: AddOptions) -> Iterator[AddEvent]:
    """Add one file and then the PDFs attached to it, each with its outcome. Nothing is kept of one that fails.

    One with pictures of text has a second outcome once they are recognised; if that was cut off, it is added once more.
    """
    began = time.monotonic()
    source, added = None, False
    document = unread_document(Path(options.name or path))
    try:
        digest, size = fingerprint(path)
        document = replace(document, id=digest, size=size)
        present = {document.id: document for document in store.documents()}.get(digest)
        if present and not options.reread and present not in store.unrecognised():
            yield _outcome(present, AddStatus.ALREADY, summary(store, present))
        else:
            store.check_writable(size)
            with as_pdf(reader, path, document.name, options.password, in_memory=options.in_memory) as source:
                document = replace(document, pages=source.pages)
                source = replace(source, hidden=options.hidden)
                for event in _add(document, source, store, reader=reader, options=options):
                    added = added or isinstance(event, Added)
                    yield replace(event, seconds=time.monotonic() - began) if isinstance(event, Added) else event
    except RectoError as error:
        yield replace(failure(document, error), seconds=time.monotonic() - began)
    if added and source is not None and source.original is None:
        yield from _add_attached(document, source, store, reader=reader, options=options)


def _add_attached(
    document: Document, source: Source, store: Store, *, reader: Reader, options: AddOptions
) -> Iterator[AddEvent]:
    """Add the PDFs that are attached to a file, each as a document of its own that is called after both."""
    for attachment in readable_attachments(source, options.depth):
        name = f"{attachment.name}{ATTACHED}{document.name}"
        with temporary_folder("recto-", in_memory=options.in_memory) as folder:
            path = Path(folder, "attached.pdf")
            try:
                path.write_bytes(reader.attached(source, attachment))
            except RectoError as error:
                yield failure(unread_document(Path(name)), error)
                continue
            replaces = None if options.replaces is None else ""
            deeper = replace(options, name=name, depth=options.depth + 1, replaces=replaces)
            for event in add_file(path, store, reader, deeper):
                yield renamed(event, path, name) if isinstance(event, Added) else event


def renamed(outcome: Added, path: Path, name: str) -> Added:
    """The outcome of a file under the name that people know it by."""
    problems = (replace(problem, message=problem.message.replace(str(path), name)) for problem in outcome.problems)
    return replace(outcome, problems=tuple(problems))


def rename(document: Document, name: str, store: Store) -> Document:
    """Call a document otherwise, also in what is searched; nothing is read of its file. Gone if it is gone."""
    document, content = replace(document, name=name, title=title(name)), summary(store, document)
    pages = [store.page(document.id, number) for number in range(document.pages)]
    passages_of = [store.passages(document.id, page.number) for page in pages]
    store.put(
        document,
        None,
        indexed_pages(document.title, pages, passages_of),
        analyser=ANALYSER_VERSION,
        summary=content,
        card=DocumentTerms.of(document, pages).card,
        unrecognised=document.id in {waiting.id for waiting in store.unrecognised()},
    )
    return document


def unread_document(path: Path) -> Document:
    """A document of which only the name is known."""
    name = os.fsencode(path.name).decode("utf-8", "replace")  # bytes that are no Unicode become U+FFFD
    return Document(id="", name=name, title=title(name), pages=0, size=0, added=time.time())


def failure(document: Document, error: RectoError) -> Added:
    """The outcome of a file that could not be added."""
    return _outcome(document, AddStatus.FAILED, summarise([], []), [Problem(error.kind, error.message, error.hint)])


def _outcome(document: Document, status: AddStatus, content: Summary, problems: Iterable[Problem] = ()) -> Added:
    return Added(
        document=document,
        status=status,
        passages=content.passages,
        seconds=0.0,
        flags=content.flags,
        problems=tuple(problems),
        hidden=content.hidden,
        uncertain=content.uncertain,
    )


def _add(
    document: Document, source: Source, store: Store, *, reader: Reader, options: AddOptions
) -> Iterator[AddEvent]:
    """Read and keep a document, then recognise its pictures of text and keep it again."""
    pages = reader.pages(source)
    results = yield from collected(Stage.READING, document, pages, total=source.pages)
    namesakes = [namesake.id for namesake in store.documents() if namesake.name == document.name]
    older = [doc for doc in namesakes if doc != document.id and options.replaces is None]
    replaces = older[-1] if older and options.replace else options.replaces
    unread = [result.read for result in results if len(result.read.regions)]
    present = engines.present(options.ocr or OcrMode.AUTO, options.ocr_language)
    unrecognised = len(unread) if present.names else 0
    problems = [
        *lost_pages(source, results),
        *unread_scans(source, unread, present),
        *unread_content(source, options.depth),
    ]
    lasting, waits = [*problems, *scans_left_out(source, unread, present)], unrecognised > 0
    content = _put(document, source, results, store, problems=lasting, replaces=replaces, unrecognised=waits)
    if older and not options.replace:
        message = f"{document.name}: another version of this file is in the library ({older[-1][:12]}); both are kept"
        problems.append(Problem(OTHER_VERSION, message, f"recto remove {older[-1][:12]}, or add with --replace"))
    yield replace(_outcome(document, AddStatus.ADDED, content, problems), unrecognised=unrecognised)
    if unrecognised:
        pages = reader.ocr(source, unread, present)
        recognised = yield from collected(Stage.OCR, document, pages, total=len(unread))
        lost = list(lost_pages(source, recognised))
        by_number = {result.read.page.number: result for result in recognised if not result.lost}
        results = [by_number.get(result.read.page.number, result) for result in results]
        if document in store.documents():  # it may have been removed meanwhile
            content = _put(document, source, results, store, problems=[*lasting, *lost])
            yield _outcome(document, AddStatus.RECOGNISED, content, lost)


def _put(
    document: Document,
    source: Source,
    results: Sequence[PageResult],
    store: Store,
    *,
    problems: Sequence[Problem],
    replaces: str | None = None,
    unrecognised: bool = False,
) -> Summary:
    """Cut the pages into passages, analyse and keep them, with what went wrong, which stays so."""
    reads = [result.read for result in results]
    running = furniture(reads)
    above = headings(reads, source.outline)
    pages = [marked(read.page, lines, paths) for read, lines, paths in zip(reads, running, above, strict=True)]
    layout = zip(pages, headed(reads, above, running), running, strict=True)
    passages_of = [passages(page, document.id, paths, lines) for page, paths, lines in layout]
    path = source.original or source.path
    nameless = [replace(problem, message=problem.message.removeprefix(f"{path}: ")) for problem in problems]
    content = summarise(pages, passages_of, str(path.absolute()), nameless)
    indexed = indexed_pages(document.title, pages, passages_of)
    store.put(
        document,
        source.path,
        indexed,
        analyser=ANALYSER_VERSION,
        summary=content,
        card=DocumentTerms.of(document, pages).card,
        replaces=replaces,
        original=source.original,
        unrecognised=unrecognised,
    )
    return content
