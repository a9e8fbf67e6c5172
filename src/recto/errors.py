"""Every error recto raises on purpose: what happened, with the value and the limit, and the command that mends it."""

from collections.abc import Iterable
from typing import ClassVar

LARGEST_ID = (1 << 63) - 1  # of a turn of the history: what SQLite counts to


class RectoError(Exception):
    """The root. `kind` is for programs, the message and the hint are for people; `detail` another program's words."""

    kind: ClassVar[str] = "error"
    cure: ClassVar[str] = ""  # what helps in general, for docs/troubleshooting.md; the hint knows more
    exit_code: ClassVar[int] = 1
    internal: ClassVar[bool] = False  # whether its words may hold paths, addresses or settings of this machine

    def __init__(self, message: str, *, hint: str = "", detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.detail = detail

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
    cure = "Check the spelling of the path, and let yourself read it: `chmod u+r FILE`, or `chmod u+rx FOLDER`."


class NotAPdf(FileProblem):
    """The file is empty, or nothing that recto reads."""

    kind = "not_a_pdf"
    cure = "Print or export it as a PDF first; if it should be one, download or copy it again."


class ConverterMissing(FileProblem):
    """What would make a PDF of the file is not installed."""

    kind = "no_converter"
    cure = "Install LibreOffice (`apt-get install libreoffice-nogui`), or save the file as a PDF and add that."


class FileTooLarge(FileProblem):
    """The file is over the limit."""

    kind = "too_large"
    cure = "Split it: `qpdf --split-pages=200 IN.pdf OUT.pdf`."


class LibraryFull(FileProblem):
    """The file would take the library over what it may hold."""

    kind = "library_full"
    cure = "Remove a document that is no longer needed: `recto list` shows them, `recto remove NAME` forgets one."


class PasswordNeeded(FileProblem):
    """The PDF is encrypted and no password, or a wrong one, was given."""

    kind = "password"
    cure = "Give the password: `recto add --password PASSWORD FILE`."


class EncryptionUnknown(FileProblem):
    """The PDF is encrypted in a way that neither reader knows: by another handler, or another cipher."""

    kind = "encryption"
    cure = "Take the encryption off, `qpdf --decrypt IN.pdf OUT.pdf`, or print it to a PDF in a program that opens it."


class ChangeForbidden(FileProblem):
    """The owner of the PDF forbids what is to be done with its pages, by the permissions that the file holds."""

    kind = "permissions"
    cure = "Take the quotes along as text: `recto ask ... --export answer.md`."


class DamagedPdf(FileProblem):
    """Neither reader could make anything of the file, or no PDF can be made of it."""

    kind = "damaged"
    cure = "Download or copy the file again, or save it as a PDF in the program that made it."


class NothingReadable(FileProblem):
    """The PDF opened, but not one of its pages could be read within the limits."""

    kind = "unreadable_pages"
    cure = "Split it and add the parts: `qpdf --split-pages=200 IN.pdf OUT.pdf`."


class FolderProblem(RectoError):
    """A folder cannot be kept in step. Nothing in the library was changed."""

    internal = True


class FolderGone(FolderProblem):
    """The folder is not there or cannot be read: its disk may not be mounted."""

    kind = "folder_gone"
    cure = "Mount the disk, or name the folder as it is called now; `recto sync FOLDER --forget` lets go of it."


class FolderBusy(FolderProblem):
    """Another process brings the same folder in step at this moment, or watches it."""

    kind = "folder_busy"
    cure = "Nothing needs to be done; to sync it here, end `recto sync --watch`, or stop it on the page."


class UnknownFolder(FolderProblem):
    """No folder of that id is kept in step."""

    kind = "unknown_folder"
    cure = "`recto sync` lists the folders; `recto serve --folder FOLDER` keeps one in step while it serves."


class LibraryProblem(RectoError):
    """The library's folder cannot be used as asked."""

    internal = True


class LibraryMissing(LibraryProblem):
    """There is no library in the folder."""

    kind = "no_library"
    cure = "Check the spelling of `--home` and `RECTO_HOME`, or make a library: `recto add FILE-OR-FOLDER`."


class LibraryClosed(LibraryProblem):
    """The library was closed while somebody used it: its owner ended, or the visit was over."""

    kind = "closed"
    cure = "Open the library again; on the page, reload it."


class LibraryTooNew(LibraryProblem):
    """A newer recto wrote this library."""

    kind = "newer_library"
    cure = "Bring recto up to date: `pip install --upgrade recto-pdf`."


class LibraryTooOld(LibraryProblem):
    """A recto from before the first release wrote this library."""

    kind = "older_library"
    cure = "Move the library's folder away and add the documents again: `recto add FILE-OR-FOLDER`."


class LibraryReadOnly(LibraryProblem):
    """The library's folder may not be written."""

    kind = "read_only"
    cure = "Let yourself write the folder that the message names, or name another folder."


class LibraryDamaged(LibraryProblem):
    """SQLite cannot read the library's file."""

    kind = "damaged_library"
    cure = "Move the folder away and restore a backup, `recto import FILE`, or add the documents again."


class KeyNeeded(LibraryProblem):
    """The library is encrypted, and no key, or a wrong one, was given."""

    kind = "key"
    cure = (
        "Run the command in a terminal, which asks for the pass phrase, or name the file that holds the key: "
        "`RECTO_KEY_FILE=FILE recto ...`."
    )


class CipherMissing(LibraryProblem):
    """What encrypts libraries is not installed."""

    kind = "no_cipher"
    cure = "Install it: `pip install 'recto-pdf[encrypt]'`."


class StoreToolsMissing(LibraryProblem):
    """What keeps libraries on object storage is not installed."""

    kind = "no_store_tools"
    cure = "Install it: `pip install 'recto-pdf[cluster]'`."


class StoreUnreachable(LibraryProblem):
    """The object storage or the servers that hold the library do not answer, or not as they should."""

    kind = "store_unreachable"
    cure = (
        "Check the network and the addresses (`RECTO_STORE`, `AWS_ENDPOINT`, `AWS_REGION`, `recto route`); try again."
    )


class StoreDenied(LibraryProblem):
    """The object storage or the servers that hold the library refuse the credentials, or what they may do."""

    kind = "store_denied"
    cure = "Renew the credentials or the token, and let them list the bucket and get, put and delete below the prefix."


class DiskFull(LibraryProblem):
    """There is no room left; what was committed before is safe."""

    kind = "disk_full"
    cure = "Free some space and add the file again."


class LibraryBusy(LibraryProblem):
    """Another process kept the library locked for longer than the limit, or another machine has it open."""

    kind = "busy"
    cure = "Wait until the other process is through, and try again; end recto on the other machine that is named."


class UnfitFileSystem(LibraryProblem):
    """The folder lies where files can be neither locked nor shared, as on some network disks."""

    kind = "unfit_file_system"
    cure = "Keep the library on a disk of this machine: `RECTO_HOME=FOLDER recto ...`."


class UsageProblem(RectoError):
    """The request itself cannot be answered."""

    kind = "usage"
    cure = "Do what the message says of the request."
    exit_code = 2


class UnknownDocument(UsageProblem):
    """No document, or more than one, has that id or name; or it has no such page."""

    kind = "unknown_document"
    cure = "`recto list` shows the documents with their ids and pages."
    exit_code = 1


class Gone(UnknownDocument):
    """A document, or a page of it, is not there any more: somebody removed it, or put another version in its place."""


class UnknownCollection(UsageProblem):
    """No collection has that name or id, or it was deleted meanwhile."""

    kind = "unknown_collection"
    cure = "`recto collection list` shows the collections; `recto collection create NAME` makes one."
    exit_code = 1


class BadName(UsageProblem):
    """The name is empty or too long for a collection or a token, or holds control characters."""

    kind = "bad_name"
    cure = "Choose a name of at most 100 characters that can all be seen."


class NameTaken(UsageProblem):
    """Another collection, or another token, has that name already; upper and lower case do not count."""

    kind = "name_taken"
    cure = "Choose another name, or rename the other: `recto collection rename NAME NEW-NAME`."
    exit_code = 1


class UnknownToken(UsageProblem):
    """No token has that name."""

    kind = "unknown_token"
    cure = "`recto token list` shows the tokens."
    exit_code = 1


class AccessDenied(RectoError):
    """The token may do less than that: it is for reading, or for some collections."""

    kind = "access"
    cure = "Use a token that may, or ask the owner of the library for one."


class UnknownTurn(UsageProblem):
    """The history holds no question of that number."""

    kind = "unknown_turn"
    cure = "`recto history list` shows the questions with their numbers."
    exit_code = 1


class BadQuestion(UsageProblem):
    """The question is empty or too long."""

    kind = "bad_question"
    cure = "Ask something, or shorten it."


class EmptyCollection(BadQuestion):
    """There is no document in the collections that are asked."""

    kind = "empty_collection"
    cure = "Put documents in, `recto collection add NAME DOCUMENT`, or ask all documents, without `--collection`."
    exit_code = 1

    @classmethod
    def of(cls, names: Iterable[str]) -> "EmptyCollection":
        """That nothing is in the collections of these names."""
        what = f"there is no document in {', '.join(map(repr, names)) or 'the library'}, and nothing else is asked"
        return cls(what, hint="recto collection add NAME DOCUMENT")


class AnswerAbandoned(UsageProblem):
    """The stream of an answer's events was left before its end: there is no answer."""

    kind = "abandoned"
    cure = "Ask again, and read the events to the end, or take `.answer` first."


class BadSetting(UsageProblem):
    """A setting has a value that means nothing."""

    kind = "bad_setting"
    cure = "Give the setting that the message names another value, or unset it."
    internal = True


class ServerRefused(UsageProblem):
    """A recto server that a retriever asks would not answer, or is none."""

    kind = "server_refused"
    cure = "Mend what the message names: the address of the server, its token, the name of a document."


class BadQuestions(UsageProblem):
    """A line of a file of questions is none, or names a PDF or a page that is not there."""

    kind = "bad_questions"
    cure = "Mend the line that the message names."


class BadRun(UsageProblem):
    """The file is no saved evaluation, or one of other questions."""

    kind = "bad_run"
    cure = "Save one for these questions: `recto eval QUESTIONS.jsonl --save FILE.json`."


class QuoteNotFound(UsageProblem):
    """The words to mark are not on that page."""

    kind = "quote_not_found"
    cure = "Look for the page that has them: `recto search WORDS`."
    exit_code = 1


class EncoderProblem(RectoError):
    """The sentence encoder cannot be loaded; search goes on by keywords."""

    kind = "encoder"
    cure = "Do what the message says; until then search goes by keywords alone."
    internal = True


class EncodingFailed(RectoError):
    """A document could not be encoded; it is found by keywords, and the others were encoded."""

    kind = "encoding"
    cure = "Add the file again, `recto add FILE`: what has no vectors yet is encoded then."
    internal = True


class ConsentNeeded(UsageProblem):
    """A remote engine would see passages, and nobody has allowed that."""

    kind = "consent"
    cure = "Allow it, if passages may leave this machine: `recto ask --allow-remote`, or `export RECTO_ALLOW_REMOTE=1`."
    internal = True


class EngineProblem(RectoError):
    """A language model cannot write; the quoted answer stands."""

    kind = "engine"
    cure = "Do what the message says; quoted answers go on without a model."
    exit_code = 4
    internal = True


class EngineMissing(EngineProblem):
    """What runs models is not installed, or does not answer."""

    kind = "no_engine"
    cure = "Install the bundled engine, `pip install 'recto-pdf[llama]'`, or start Ollama, `ollama serve`."


class ModelMissing(EngineProblem):
    """The engine is there, the model is not."""

    kind = "no_model"
    cure = "`recto models list` shows what is here; `recto models pull default` fetches a model."


class ModelUnusable(EngineProblem):
    """The file is no model, is cut short, or holds a model that cannot write."""

    kind = "unusable_model"
    cure = "Choose another model: `recto models list`."


class TooLittleMemory(EngineProblem):
    """The model would not fit into the memory that is free."""

    kind = "too_little_memory"
    cure = "Free some memory, or take a smaller model: `recto models pull fast`."


class PromptTooLong(EngineProblem):
    """The prompt is longer than the model's context."""

    kind = "prompt_too_long"
    cure = "Shorten the question, or choose another model: `recto models list`."

    def __init__(self, message: str, *, hint: str = "", detail: str = "", tokens: int | None = None) -> None:
        """`tokens` of the prompt, if the engine has counted them."""
        super().__init__(message, hint=hint, detail=detail)
        self.tokens = tokens


class EngineBusy(EngineProblem):
    """The engine has too much to do."""

    kind = "engine_busy"
    cure = "Wait a little and ask again."


class EngineDenied(EngineProblem):
    """The engine refuses the token, or wants to be paid."""

    kind = "engine_denied"
    cure = "Check the token, `RECTO_REMOTE_TOKEN`, and what the provider's account may use."


class EngineSlow(EngineProblem):
    """The first word was not to be had within the patience, or no sign of life came for as long."""

    kind = "engine_slow"
    cure = "Wait longer, `recto ask --patience SECONDS`, or take a smaller model: `recto models list`."


class EngineFailed(EngineProblem):
    """The engine broke off: it crashed, cut its stream, or sent what is no answer."""

    kind = "engine_failed"
    cure = "Ask again; if it comes back, read the log that the message names."


class ConnectionBroken(EngineFailed):
    """The connection to the engine broke."""


class EngineClosed(EngineProblem):
    """The model was put away while it was needed: another one was chosen, or recto ends."""

    kind = "engine_closed"
    cure = "Ask again: the model that was chosen instead answers."


class NothingWritten(EngineProblem):
    """The model ended without a usable word."""

    kind = "nothing_written"
    cure = "Ask again, or choose another model: `recto models list`."


class PullProblem(RectoError):
    """A model could not be fetched; what was fetched so far is kept for the next try."""

    kind = "pull"
    cure = "Run the same `recto models pull` again."


class ChecksumWrong(PullProblem):
    """What was fetched is not what the hub announced."""

    kind = "checksum"
    cure = "Run the same `recto models pull` again; if another file has its name: `recto models remove NAME` first."


class DeployProblem(RectoError):
    """The hub refused what was sent, or could not be reached; what it took stays there."""

    kind = "deploy"
    cure = "Log in with a token that may write (`hf auth login`), then run the same command again."


class InternalError(RectoError):
    """Something failed that recto was not prepared for; what is in the library is safe."""

    kind = "internal"
    cure = "Try again; if it comes back, report it with the lines of the server's log."
    internal = True
