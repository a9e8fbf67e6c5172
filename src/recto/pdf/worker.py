"""The child process that touches PDFs: it reads requests on its standard input and answers on its standard output.

Requests: `open`, `read` (a range of pages), `ocr` (one page), `draw` (one page), `attached` (one file), `convert`
(make a PDF of another file) and `excerpt` (make a PDF of pages of others, with highlights). Each answer ends with a
message that holds `done`, or `failed` with a reason. Whatever goes wrong inside PDFium ends this process and no other.
"""

import io
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import astuple
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pypdfium2 as pdfium

from recto.file_kinds import FileKind
from recto.pdf import layout, native, wire
from recto.pdf.attachments import AttachedFiles, holds_xml_form
from recto.pdf.encryption import is_encrypted, spellings, unknown_scheme
from recto.pdf.hyphens import Vocabulary
from recto.pdf.visibility.layers import ATTACHED, LAYERS, may_hold

MEMORY = 1 << 30  # bytes of address space beyond what the libraries take: a bomb ends here
ENGINE_MEMORY = 1 << 30  # the same for RapidOCR, its models and what it works with
NICENESS = 15  # some 3 % of a core beside a model that writes: it hardly notices, and time limits still hold
MOST_ENTRIES = 20_000  # of an outline: more is no table of contents
GRACE_S = 5  # the parent kills a slow worker; should the parent be gone, the worker ends itself this much later
PASSWORD, SCHEME, DAMAGED, PAGE, PERMISSIONS = "password", "scheme", "damaged", "page", "permissions"
REASONS = {pdfium.raw.FPDF_ERR_PASSWORD: PASSWORD, pdfium.raw.FPDF_ERR_SECURITY: SCHEME}


class Failed(Exception):
    """The request cannot be done: a reason for programs and words for people."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def main() -> None:
    """Serve requests until the standard input closes."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a library that prints must not break the protocol
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop
    if wire.NICE in sys.argv and hasattr(os, "nice"):
        os.nice(NICENESS)
    with suppress(ImportError, OSError, ValueError):
        import resource

        with open("/proc/self/statm") as sizes:  # noqa: PTH123 - a kernel file
            address_space = int(sizes.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        most = address_space + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most + ENGINE_MEMORY))
    requests = Requests(answers)
    with suppress(EOFError, BrokenPipeError):
        wire.send(answers, {"done": True})  # ready: imports do not count against the first file's time
        while True:
            message, _ = wire.receive(sys.stdin.buffer)
            _bounded(message["limit_s"])
            requests.answer(message)
            _bounded(0)


def _make_room() -> None:
    """Allow what an engine of OCR takes besides; for good, for its models stay."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _bounded(seconds: float) -> None:
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds + GRACE_S if seconds else 0)


class Requests:
    """What the parent may ask. Each request is answered on one stream, and raises `Failed` if it cannot be done.

    A document stays open: opening a large file for each range of its pages would cost more than reading it.
    """

    def __init__(self, answers: BinaryIO) -> None:
        self._answers = answers
        self._key: tuple[str, str | None, int, int] | None = None
        self._document: pdfium.PdfDocument | None = None
        self._layered = False

    def answer(self, message: wire.Message) -> None:
        """Do what a message asks for, or answer why it cannot be done."""
        handlers = {
            "open": self.open,
            "read": self.read,
            "ocr": self.ocr,
            "draw": self.draw,
            "attached": self.attached,
            "convert": self.convert,
            "excerpt": self.excerpt,
        }
        try:
            handlers[message["do"]](message)
        except OSError as error:
            wire.send(self._answers, {"failed": DAMAGED, "message": str(error.strerror)})
        except Failed as failure:
            wire.send(self._answers, {"failed": failure.reason, "message": str(failure)})
        except MemoryError:
            words = f"it needs more than {MEMORY >> 20} MB of memory"
            wire.send(self._answers, {"failed": PAGE, "message": words})

    def open(self, message: wire.Message) -> None:
        """Answer with the number of pages, the outline, and what the file holds beside its pages.

        The outline is the level, title and page of each entry that leads somewhere.
        """
        if message["rescue"]:
            pages = _rescued(message)[1]
            wire.send(
                self._answers, {"done": True, "pages": pages, "outline": [], "attachments": [], "xml_form": False}
            )
            return
        document = self._document_of(message)
        outline: list[tuple[int, str, int]] = []
        with suppress(pdfium.PdfiumError):
            for mark in document.get_toc():
                target = mark.get_dest()
                number = target.get_index() if target else None
                title = " ".join(mark.get_title().split())
                if number is not None and title and len(outline) < MOST_ENTRIES:
                    outline.append((mark.level, title, number))
        with self._attached_files(message) as files:
            attachments = [astuple(file) for file in files.listed()]
        besides = {"attachments": attachments, "xml_form": holds_xml_form(document)}
        wire.send(self._answers, {"done": True, "pages": len(document), "outline": outline, **besides})

    def attached(self, message: wire.Message) -> None:
        """Answer with an attached file."""
        try:
            with self._attached_files(message) as files:
                data = files.content(message["number"])
        except ValueError as error:
            raise Failed(PAGE, str(error)) from error
        wire.send(self._answers, {"done": True}, [data])

    @contextmanager
    def _attached_files(self, message: wire.Message) -> Iterator[AttachedFiles]:
        """The files attached to a message's document; pages of the open one may have lost their symbols when read."""
        if not may_hold(message["path"], ATTACHED):
            yield AttachedFiles(self._document_of(message), on_pages=False)
            return
        with closing(_opened(message["path"], message["password"])) as document:
            yield AttachedFiles(document, on_pages=True)

    def read(self, message: wire.Message) -> None:
        """Answer with each page of a range, or why it could not be read."""
        numbers = range(message["first"], message["last"])
        if message["rescue"]:
            from recto.pdf import rescue

            damaged, _ = _rescued(message)
            for number in numbers:
                self._send(number, lambda n: rescue.read(damaged, n))
        else:
            vocabulary = Vocabulary()
            for number in numbers:
                self._send(number, lambda n: layout.arrange(n, self._glyphs(n, message), vocabulary))
        wire.send(self._answers, {"done": True})

    def _glyphs(self, number: int, message: wire.Message) -> native.Glyphs:
        """The characters of a page of the message's document."""
        document = self._document_of(message)
        return native.glyphs(document, number, layered=self._layered, hidden=message["hidden"])

    def ocr(self, message: wire.Message) -> None:
        """Answer with a page and what its pictures say."""
        from recto.pdf.recognition import ocr
        from recto.pdf.recognition.engines import EngineName, OcrEngines
        from recto.pdf.recognition.memory import give_back

        try:
            regions = np.array(message["regions"], np.float32).reshape(-1, 4)
            names = tuple(map(EngineName, message["engines"]))
            if EngineName.RAPIDOCR in names:
                _make_room()
            engines = OcrEngines(names=names, language=message["language"])
            document, number = self._document_of(message), message["number"]
            own = layout.arrange(number, self._glyphs(number, message))
            page = ocr.read(document, own, regions, engines)
        except (OSError, ValueError, pdfium.PdfiumError) as error:
            raise Failed(PAGE, str(error)) from error
        wire.send_page(self._answers, page)
        wire.send(self._answers, {"done": True})
        give_back()

    def draw(self, message: wire.Message) -> None:
        """Answer with the picture of a page, boxes marked on it."""
        from recto.pdf import drawing, rescue

        number, width = message["number"], message["width"]
        try:
            if message["rescue"]:
                image = rescue.draw(_rescued(message)[0], number, width)
            else:
                image = drawing.draw(self._document_of(message), number, width)
        except (pdfium.PdfiumError, layout.Unreadable) as error:
            raise Failed(PAGE, str(error)) from error
        finally:
            self._close()  # the worker stays, but nothing of a document that is removed may
        wire.send(self._answers, {"done": True}, [drawing.png(image, message["marks"])])

    def convert(self, message: wire.Message) -> None:
        """Make a PDF of another file, and answer with what the person should know of it."""
        from recto.pdf.convert import making
        from recto.pdf.convert.blocks import NotConvertible

        try:
            notice = making.make(Path(message["path"]), FileKind(message["kind"]), Path(message["target"]))
        except NotConvertible as error:
            raise Failed(DAMAGED, str(error)) from error
        wire.send(self._answers, {"done": True, "notice": notice})

    def excerpt(self, message: wire.Message) -> None:
        """Answer with a PDF of pages of others, with highlights; none if the owner of one forbids that."""
        from recto.pdf import excerpt

        pages, place = pdfium.PdfDocument.new(), 0
        try:
            for place, file in enumerate(message["files"]):  # noqa: B007 - a failure tells which file it is of
                document = self._document_of(file)
                if words := excerpt.forbidden(document):
                    raise Failed(PERMISSIONS, words)
                excerpt.append(pages, document, file["pages"])
            pages.save(data := io.BytesIO())  # to a file it says nothing of a disk that is full
        except (Failed, pdfium.PdfiumError) as error:
            reason = error.reason if isinstance(error, Failed) else PAGE
            wire.send(self._answers, {"failed": reason, "message": str(error), "file": place})
        else:
            wire.send(self._answers, {"done": True}, [np.frombuffer(data.getvalue(), np.uint8)])
        finally:
            pages.close()
            self._close()

    def _document_of(self, message: wire.Message) -> pdfium.PdfDocument:
        """The message's document, opened unless it is the one that is open."""
        state = os.stat(message["path"])  # noqa: PTH116 - a changed file is another document
        key = message["path"], message["password"], state.st_mtime_ns, state.st_size
        if self._document is not None and self._key == key:
            return self._document
        self._close()
        document = _opened(message["path"], message["password"])
        if not len(document):
            raise Failed(DAMAGED, "it holds no pages")
        self._key, self._document = key, document
        self._layered = may_hold(message["path"], LAYERS)
        return document

    def _close(self) -> None:
        if self._document is not None:
            self._document.close()
        self._key, self._document = None, None

    def _send(self, number: int, read: Callable[[int], layout.ReadPage]) -> None:
        """Send a page, or why it could not be read: the other pages of the range go on."""
        try:
            page = read(number)
        except (pdfium.PdfiumError, layout.Unreadable) as error:
            wire.send(self._answers, {"lost": number, "message": str(error)})
        else:
            wire.send_page(self._answers, page)


def _opened(path: str, password: str | None) -> pdfium.PdfDocument:
    """A document, by whichever spelling of the password opens it."""
    reason, words = DAMAGED, ""
    for spelling in spellings(password):
        try:
            document = pdfium.PdfDocument(path, password=spelling)
            document.init_forms()
        except pdfium.PdfiumError as error:
            # PDFium's error code may be left over from another file: only an encrypted one lacks a password
            if error.err_code in REASONS and is_encrypted(path):
                reason, words = REASONS[error.err_code], unknown_scheme(path)
                continue
            raise Failed(DAMAGED, str(error)) from error
        if pdfium.raw.FPDF_GetSecurityHandlerRevision(document) >= 0 and (words := unknown_scheme(path)):
            document.close()  # PDFium takes a cipher that it does not know for another one
            break
        return document
    raise Failed(SCHEME if words else reason, words)


def _rescued(message: wire.Message) -> tuple[Any, int]:
    from recto.pdf import rescue  # here and above: what few files need would double the worker's start

    if scheme := unknown_scheme(message["path"]):  # which the second reader takes for another one, too
        raise Failed(SCHEME, scheme)
    try:
        return rescue.open_document(message["path"], message["password"])
    except layout.Unreadable as error:
        raise Failed(DAMAGED, str(error)) from error


if __name__ == "__main__":
    main()
