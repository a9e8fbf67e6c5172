"""Every error recto raises on purpose: what happened, with the value and the limit, and the command that mends it."""

from typing import ClassVar


class RectoError(Exception):
    """The root. `kind` is for programs, the message and the hint are for people."""

    kind: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1
    internal: ClassVar[bool] = False  # whether its words may hold paths, addresses or settings of this machine

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @classmethod
    def outline(cls) -> str:
        """What such an error is, without a word about this machine: for visitors of somebody's server."""
        text = (cls.__doc__ or cls.kind).strip().rstrip(".")
        return text[:1].lower() + text[1:]


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


class LibraryFull(FileProblem):
    """The file would take the library over what it may hold."""

    kind = "library_full"


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

    internal = True


class LibraryClosed(LibraryProblem):
    """The library was closed while somebody used it: its owner ended, or the visit was over."""

    kind = "closed"


class LibraryTooNew(LibraryProblem):
    """A newer recto wrote this library."""

    kind = "newer_library"


class LibraryTooOld(LibraryProblem):
    """A recto from before the first release wrote this library."""

    kind = "older_library"


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


class BadSetting(UsageProblem):
    """A setting has a value that means nothing."""

    kind = "bad_setting"
    internal = True


class BadQuestions(UsageProblem):
    """A line of a file of questions is none, or names a PDF or a page that is not there."""

    kind = "bad_questions"


class BadRun(UsageProblem):
    """The file is no saved evaluation, or one of other questions."""

    kind = "bad_run"


class QuoteNotFound(UsageProblem):
    """The words to mark are not on that page."""

    kind = "quote_not_found"
    exit_code = 1


class EncoderProblem(RectoError):
    """The sentence encoder cannot be loaded; search goes on by keywords."""

    kind = "encoder"
    internal = True


class ConsentNeeded(UsageProblem):
    """A remote engine would see passages, and nobody has allowed that."""

    kind = "consent"
    internal = True


class EngineProblem(RectoError):
    """A language model cannot write; the quoted answer stands."""

    kind = "engine"
    exit_code = 4
    internal = True


class EngineMissing(EngineProblem):
    """What runs models is not installed, or does not answer."""

    kind = "no_engine"


class ModelMissing(EngineProblem):
    """The engine is there, the model is not."""

    kind = "no_model"


class ModelUnusable(EngineProblem):
    """The file is no model, is cut short, or holds a model that cannot write."""

    kind = "unusable_model"


class TooLittleMemory(EngineProblem):
    """The model would not fit into the memory that is free."""

    kind = "too_little_memory"


class PromptTooLong(EngineProblem):
    """The prompt is longer than the model's context."""

    kind = "prompt_too_long"


class EngineBusy(EngineProblem):
    """The engine has too much to do."""

    kind = "engine_busy"


class EngineDenied(EngineProblem):
    """The engine refuses the token, or wants to be paid."""

    kind = "engine_denied"


class EngineSlow(EngineProblem):
    """The first word was not to be had within the patience, or no sign of life came for as long."""

    kind = "engine_slow"


class EngineFailed(EngineProblem):
    """The engine broke off: it crashed, cut its stream, or sent what is no answer."""

    kind = "engine_failed"


class NothingWritten(EngineProblem):
    """The model ended without a usable word."""

    kind = "nothing_written"


class PullProblem(RectoError):
    """A model could not be fetched; what was fetched so far is kept for the next try."""

    kind = "pull"


class ChecksumWrong(PullProblem):
    """What was fetched is not what the hub announced."""

    kind = "checksum"
