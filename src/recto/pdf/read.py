"""Reading PDFs in worker processes: what a file does to PDFium costs a range of pages, never the program."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import islice
from operator import attrgetter
from pathlib import Path
from queue import LifoQueue
from types import TracebackType
from typing import Self, TypeVar

from recto.errors import (
    ChangeForbidden,
    DamagedPdf,
    EncryptionUnknown,
    FileProblem,
    NothingReadable,
    PasswordNeeded,
)
from recto.file_kinds import FileKind
from recto.pdf import wire
from recto.pdf.attachments import Attachment
from recto.pdf.layout import ReadPage, blank_page
from recto.pdf.recognition.engines import OcrEngines
from recto.types import Rect

WORKERS = 2
RANGE = 16  # pages a request: a lost range loses little, and progress moves
START_S = 60.0  # for a worker to import what it needs, on a busy machine
LIMIT_S = 20.0  # for one range
CONVERT_LIMIT_S = 120.0  # for one file; a text of 500 pages takes 3, a picture of 100 million dots 5
OCR_LIMIT_S = 70.0  # for one page; that of the engines is shorter
RECYCLE = 500  # pages after which a worker is replaced: what a library leaks goes with it
CONVERTED = 50  # pages that making a PDF counts as: it takes more memory than reading some
MOST_CRASHES = 8  # crashes and time-outs before the rest of a file is given up: at most 8 x 20 s of waiting
REPAIR = "repair it first: qpdf IN.pdf OUT.pdf"
DECRYPT = "qpdf --decrypt --password=PASSWORD IN.pdf OUT.pdf, or print it to a PDF in a program that opens it"
SAVE = "save the attached file from a PDF viewer, and recto add it"
EXPORT = "open it in the program that made it and save it as a PDF"
OTHER_EXPORT = "name a file that ends in .md, .txt or .csv instead: the quotes go there, with their pages"
LETTER = (612.0, 792.0)  # points; the size given to a page that could not be opened

Item = TypeVar("Item")


class WorkerGone(Exception):
    """The worker crashed, or was killed at its time limit."""


class _Worker:
    """One child process. Only the thread that borrowed it talks to it."""

    def __init__(self, *, nice: bool) -> None:
        self.pages = 0
        self.settled = True  # False while answers are due: nobody else may ask then
        self.process = subprocess.Popen(
            [sys.executable, "-m", "recto.pdf.worker", *([wire.NICE] if nice else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # numpy's own threads would only cost memory
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._stdin, self._stdout = self.process.stdin, self.process.stdout
        try:
            list(self._answers(START_S))
        except WorkerGone:
            self.end()
            raise

    def ask(self, message: wire.Message, limit_s: float) -> Iterator[tuple[wire.Message, wire.Arrays]]:
        """Send a request and yield its answers; the last one holds `done` or `failed`. WorkerGone at the limit."""
        self.settled = False
        try:
            wire.send(self._stdin, {**message, "limit_s": limit_s})
        except OSError as error:
            raise WorkerGone("made the PDF library crash") from error
        yield from self._answers(limit_s)

    def _answers(self, limit_s: float) -> Iterator[tuple[wire.Message, wire.Arrays]]:
        late = threading.Event()

        def give_up() -> None:
            late.set()  # first: the pipe ends as soon as the process does
            self.process.kill()

        timer = threading.Timer(limit_s, give_up)
        timer.start()
        try:
            while True:
                answer = wire.receive(self._stdout)
                self.settled = "done" in answer[0] or "failed" in answer[0]
                yield answer
                if self.settled:
                    return
        except (EOFError, OSError, ValueError) as error:
            how = f"took longer than {limit_s:g} s" if late.is_set() else "made the PDF library crash"
            raise WorkerGone(how) from error
        finally:
            timer.cancel()

    def end(self) -> None:
        """Kill the process: a worker has nothing to lose."""
        self.process.kill()
        for stream in (self._stdin, self._stdout):
            with suppress(OSError):
                stream.close()
        self.process.wait()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A PDF that opened: what is needed to ask for its pages."""

    path: Path
    password: str | None
    pages: int
    outline: tuple[tuple[int, str, int], ...]  # level, title, page
    rescue: bool  # True if only the second reader can open it
    hidden: bool = False  # whether text is read as well that the pages do not show
    attachments: tuple[Attachment, ...] = ()
    xml_form: bool = False  # whether its content is an XML form, which no page shows
    original: Path | None = None  # the file that the PDF was made of, if it was
    notice: str = ""  # what the person should know of how it was made

    def request(self, do: str) -> wire.Message:
        """The head of a request about this file."""
        return {
            "do": do,
            "path": str(self.path),
            "password": self.password,
            "rescue": self.rescue,
            "hidden": self.hidden,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Highlight:
    """Boxes of a page, counted from 0, and a note that stands with them."""

    page: int
    rects: tuple[Rect, ...]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HighlightedFile:
    """A PDF, and what is to be highlighted in it."""

    path: Path
    name: str
    password: str | None
    highlights: tuple[Highlight, ...]

    def request(self) -> wire.Message:
        """Its part of a request: the pages in order, each with its highlights."""
        pages: dict[int, list[wire.Message]] = {
            highlight.page: [] for highlight in sorted(self.highlights, key=attrgetter("page"))
        }
        for highlight in self.highlights:
            boxes = [rect.as_list() for rect in highlight.rects]
            pages[highlight.page].append({"boxes": boxes, "note": highlight.note})
        contents = [{"number": number, "highlights": highlights} for number, highlights in pages.items()]
        return {"path": str(self.path), "password": self.password, "pages": contents}

    def problem(self, failure: wire.Message) -> FileProblem:
        """Why its pages cannot be copied."""
        if failure["failed"] == "password":
            why = "the password given does not open it" if self.password else "it is encrypted and needs its password"
            return PasswordNeeded(f"{self.name}: {why}", hint=OTHER_EXPORT)
        if failure["failed"] == "permissions":
            return ChangeForbidden(f"{self.name}: its owner forbids {failure['message']}", hint=OTHER_EXPORT)
        return DamagedPdf(f"{self.name}: its pages cannot be copied ({failure['message']})", hint=OTHER_EXPORT)


@dataclass(frozen=True, slots=True, eq=False)
class PageResult:
    """A page, or a blank one and why it could not be read."""

    read: ReadPage
    lost: str = ""


class Reader:
    """Worker processes for reading and drawing. Use it as a context manager."""

    def __init__(self, workers: int = WORKERS, *, limit_s: float = LIMIT_S, nice: bool = False) -> None:
        """Start with `nice` where somebody may be waiting for an answer meanwhile: the workers then come last."""
        self._at_once, self._limit_s, self._nice, self._closed = workers, limit_s, nice, False
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="recto-read")
        self._idle: LifoQueue[_Worker | None] = LifoQueue()  # one that runs before one that must start
        self._workers: set[_Worker] = set()
        for _ in range(workers):
            self._idle.put(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the workers."""
        self._closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in list(self._workers):
            worker.end()
        self._threads.shutdown()

    def processes(self) -> list[subprocess.Popen[bytes]]:
        """The workers at this moment."""
        return [worker.process for worker in self._workers]

    def open(self, path: Path, password: str | None = None) -> Source:
        """Open a file, with the second reader if PDFium cannot. FileProblem says why neither could."""
        source = Source(path=path, password=password, pages=0, outline=(), rescue=False)
        try:
            return self._open(source)
        except DamagedPdf:
            return self._open(replace(source, rescue=True))
        except (PasswordNeeded, EncryptionUnknown):
            with suppress(DamagedPdf, EncryptionUnknown):
                return self._open(replace(source, rescue=True))
            raise

    def _open(self, source: Source) -> Source:
        """The source with its number of pages and its outline."""
        try:
            with self._worker() as worker:
                answer, _ = list(worker.ask(source.request("open"), self._limit_s))[-1]
        except WorkerGone as failure:
            raise DamagedPdf(f"{source.path}: opening it {failure}", hint=REPAIR) from failure
        _raise_failure(answer, source)
        outline = tuple((level, title, page) for level, title, page in answer["outline"])
        attachments = tuple(Attachment(*file) for file in answer["attachments"])
        return replace(
            source, pages=answer["pages"], outline=outline, attachments=attachments, xml_form=answer["xml_form"]
        )

    def attached(self, source: Source, attachment: Attachment) -> bytes:
        """The bytes of an attached file. DamagedPdf if it cannot be had."""
        try:
            with self._worker() as worker:
                message = {**source.request("attached"), "number": attachment.number}
                answer, arrays = list(worker.ask(message, self._limit_s))[-1]
        except WorkerGone as failure:
            raise DamagedPdf(f"{source.path}: unpacking {attachment.name} {failure}", hint=SAVE) from failure
        if "failed" in answer:
            raise DamagedPdf(f"{source.path}: {attachment.name}: {answer['message']}", hint=SAVE)
        return arrays[0].tobytes()

    def convert(self, path: Path, kind: FileKind, target: Path) -> str:
        """Make a PDF of a picture or a text; what the person should know of it. DamagedPdf says why there is none."""
        message = {"do": "convert", "path": str(path), "kind": kind, "target": str(target)}
        try:
            with self._worker() as worker:
                worker.pages += CONVERTED
                answer, _ = list(worker.ask(message, CONVERT_LIMIT_S))[-1]
        except WorkerGone as failure:
            raise DamagedPdf(f"{path}: making a PDF of it {failure}", hint=EXPORT) from failure
        if "failed" in answer:
            raise DamagedPdf(f"{path}: no PDF can be made of it: {answer['message']}", hint=EXPORT)
        return str(answer["notice"])

    def pages(self, source: Source) -> Iterator[PageResult]:
        """Read every page, in the order in which ranges get done. NothingReadable if all were lost."""
        ranges = [(first, min(first + RANGE, source.pages)) for first in range(0, source.pages, RANGE)]
        message = source.request("read")
        crashes: list[str] = []
        lost = 0
        for result in self._side_by_side(lambda bounds: self._range(message, *bounds, crashes), ranges):
            lost += bool(result.lost)
            if lost == source.pages:
                raise NothingReadable(
                    f"{source.path}: none of its {source.pages} pages could be read; the last one {result.lost}",
                    hint=REPAIR,
                )
            yield result

    def ocr(self, source: Source, reads: Sequence[ReadPage], engines: OcrEngines) -> Iterator[PageResult]:
        """Recognise the pictures of these pages; scans first. A page of which that fails is lost here, and no other."""

        def recognise(read: ReadPage) -> list[PageResult]:
            results: list[PageResult] = []
            number = read.page.number
            message = {**source.request("ocr"), "number": number, "regions": read.regions.tolist()}
            message |= {"engines": list(engines.names), "language": engines.language}
            try:
                self._collect(message, results, OCR_LIMIT_S)
            except (WorkerGone, DamagedPdf) as failure:
                return [_lost(number, str(failure))]
            return results

        yield from self._side_by_side(recognise, sorted(reads, key=lambda read: not read.scan))

    def draw(self, source: Source, number: int, *, width: int, marks: tuple[Rect, ...] = ()) -> bytes:
        """Draw a page as PNG with boxes marked."""
        message = {**source.request("draw"), "number": number, "width": width}
        try:
            with self._worker() as worker:
                request = {**message, "marks": [mark.as_list() for mark in marks]}
                worker.pages += 1
                answer, arrays = list(worker.ask(request, self._limit_s))[-1]
        except WorkerGone as failure:
            raise DamagedPdf(f"{source.path}: drawing page {number + 1} {failure}") from failure
        _raise_failure(answer, source)
        return arrays[0].tobytes()

    def excerpt(self, files: Sequence[HighlightedFile]) -> bytes:
        """A PDF of the highlighted pages. PasswordNeeded, DamagedPdf or ChangeForbidden if that is impossible."""
        requests = [file.request() for file in files]
        try:
            with self._worker() as worker:
                worker.pages += sum(len(request["pages"]) for request in requests)
                answer, arrays = list(worker.ask({"do": "excerpt", "files": requests}, self._limit_s))[-1]
        except WorkerGone as failure:
            raise DamagedPdf(f"copying the pages {failure}", hint=OTHER_EXPORT) from failure
        if "failed" in answer:
            raise files[answer["file"]].problem(answer)
        return arrays[0].tobytes()

    def _side_by_side(self, work: Callable[[Item], list[PageResult]], items: list[Item]) -> Iterator[PageResult]:
        """As many items at once as there are workers, and one that waits: files read at the same time take turns."""
        waiting = iter(items)
        running = {self._threads.submit(work, item) for item in islice(waiting, self._at_once + 1)}
        try:
            while running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                running |= {self._threads.submit(work, item) for item in islice(waiting, len(done))}
                for future in done:
                    yield from future.result()
        finally:
            for future in running:
                future.cancel()

    def _range(self, message: wire.Message, first: int, last: int, crashes: list[str]) -> list[PageResult]:
        """Read a range; after a crash go on behind the page that did it, unless the file has cost too much already."""
        results: list[PageResult] = []
        while first < last and len(crashes) < MOST_CRASHES:
            try:
                self._collect({**message, "first": first, "last": last}, results, self._limit_s)
                return results
            except WorkerGone as failure:
                crashes.append(str(failure))
                first = results[-1].read.page.number + 1 if results else first
                results.append(_lost(first, str(failure)))
                first += 1
        return results + [_lost(number, crashes[-1]) for number in range(first, last)]

    def _collect(self, message: wire.Message, results: list[PageResult], limit_s: float) -> None:
        """Append the pages of one request to `results` as they arrive, so that a crash keeps those before it."""
        with self._worker() as worker:
            for answer, arrays in worker.ask(message, limit_s):
                if "page" in answer:
                    results.append(PageResult(wire.page_of(answer["page"], arrays)))
                    worker.pages += 1
                elif "lost" in answer:
                    results.append(_lost(answer["lost"], answer["message"]))
                elif "failed" in answer:
                    raise DamagedPdf(answer["message"], hint=REPAIR)

    @contextmanager
    def _worker(self) -> Iterator[_Worker]:
        """Lend a worker; one that died or has read enough is replaced at its next turn.

        WorkerGone if it does not start, or nobody waits for it any more.
        """
        lent = self._idle.get()
        try:
            if lent is not None and lent.process.poll() is not None:
                self._end(lent)
                lent = None
            if lent is None:
                lent = _Worker(nice=self._nice)
                self._workers.add(lent)
                if self._closed:  # meanwhile: whoever closed it did not see this one
                    self._end(lent)
                    raise WorkerGone("was ended")
            yield lent
        finally:
            if lent is not None and (not lent.settled or lent.pages >= RECYCLE):
                self._end(lent)
                lent = None
            self._idle.put(lent)

    def _end(self, worker: _Worker) -> None:
        worker.end()
        self._workers.discard(worker)


def _lost(number: int, why: str) -> PageResult:
    return PageResult(blank_page(number, *LETTER), why)


def _raise_failure(answer: wire.Message, source: Source) -> None:
    if "failed" not in answer:
        return
    if answer["failed"] == "password":
        why = "the password given does not open it" if source.password else "it is encrypted and needs a password"
        raise PasswordNeeded(f"{source.path}: {why}", hint="recto add --password PASSWORD FILE")
    if answer["failed"] == "scheme":
        how = answer["message"] or "in a way that its readers refuse"
        raise EncryptionUnknown(f"{source.path}: it is encrypted {how}, which recto does not know", hint=DECRYPT)
    raise DamagedPdf(f"{source.path}: it cannot be opened ({answer['message']})", hint=REPAIR)
