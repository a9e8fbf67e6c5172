"""Every error recto raises on purpose: what happened, with the value and the limit, and the command that mends it."""

from typing import ClassVar


class RectoError(Exception):
    """The root. `kind` is for programs, the message and the hint are for people."""

    kind: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class FileProblem(RectoError):
    """One file could not be added. The library is as it was before it."""


class FileMissing(FileProblem):
    """There is no such file or folder, or it may not be read."""

    kind = "unreadable_file"


class NotAPdf(FileProblem):
    """The file is empty or something else than a PDF."""

    kind = "not_a_pdf"


class FileTooLarge(FileProblem):
    """The file is over the limit."""

    kind = "too_large"


class PasswordNeeded(FileProblem):
    """The PDF is encrypted and no password, or a wrong one, was given."""

    kind = "password"


class DamagedPdf(FileProblem):
    """Neither reader could make anything of the file."""

    kind = "damaged"


class NothingReadable(FileProblem):
    """The PDF opened, but not one of its pages could be read within the limits."""

    kind = "unreadable_pages"


class LibraryProblem(RectoError):
    """The library's folder cannot be used as asked."""


class LibraryTooNew(LibraryProblem):
    """A newer recto wrote this library."""

    kind = "newer_library"


class LibraryReadOnly(LibraryProblem):
    """The library's folder may not be written."""

    kind = "read_only"


class LibraryDamaged(LibraryProblem):
    """SQLite cannot read the library's file."""

    kind = "damaged_library"


class DiskFull(LibraryProblem):
    """There is no room left; what was committed before is safe."""

    kind = "disk_full"


class LibraryBusy(LibraryProblem):
    """Another process kept the library locked for longer than the limit."""

    kind = "busy"


class UsageProblem(RectoError):
    """The request itself cannot be answered."""

    kind = "usage"
    exit_code = 2


class UnknownDocument(UsageProblem):
    """No document, or more than one, has that id or name; or it has no such page."""

    kind = "unknown_document"
    exit_code = 1


class BadQuestion(UsageProblem):
    """The question is empty or too long."""

    kind = "bad_question"


class QuoteNotFound(UsageProblem):
    """The words to mark are not on that page."""

    kind = "quote_not_found"
    exit_code = 1


class EncoderProblem(RectoError):
    """The sentence encoder cannot be loaded; search goes on by keywords."""

    kind = "encoder"
