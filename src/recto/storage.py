"""What a store does: the one protocol between whoever keeps documents and whoever asks for them."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from recto.index_types import (
    Cosines,
    EncoderChoice,
    Field,
    IndexedPage,
    Nearest,
    PageKey,
    PageTerms,
    ScoredPage,
    Statistics,
    Summary,
    Totals,
    Version,
)
from recto.types import (
    AccessToken,
    Collection,
    Document,
    Floats,
    Page,
    Passage,
    Removal,
    SyncedFile,
    SyncedFolder,
    Turn,
    UInt32s,
)

TOKEN_PREFIX = "recto_"  # of a token's secret: tells it from what a client sends that must send something
TURNS = 50  # of a list, unless more are asked for
LOOK_UP = "/api/look-up"  # where a server answers a router, of whose library its own is a shard


class Collections(Protocol):
    """Named sets of documents, which are given as ids. A collection is named by its name, whatever its case, or its id.

    UnknownCollection where there is none of that name, BadName and NameTaken where none can be called so.
    """

    def all(self) -> list[Collection]:
        """All of them, by name."""

    def find(self, name: str) -> Collection:
        """The one of this name."""

    def documents(self, ids: Iterable[str]) -> frozenset[str]:
        """The documents that are in any of these. UnknownCollection if not one of them is there any more."""

    def of_documents(self) -> dict[str, list[str]]:
        """By document that is in any: the names of its collections."""

    def create(self, name: str, docs: Sequence[str] = ()) -> Collection:
        """Make one, with these documents in it."""

    def rename(self, name: str, new_name: str) -> Collection:
        """Call one otherwise."""

    def delete(self, name: str) -> Collection:
        """Forget one, not its documents."""

    def add(self, name: str, docs: Sequence[str]) -> Collection:
        """Put documents in; those that are not in the library are passed over."""

    def discard(self, name: str, docs: Sequence[str]) -> Collection:
        """Take documents out, which stay in the library."""


class Folders(Protocol):
    """What is known of the folders that are kept in step: by path what was in each, and what came from there."""

    def all(self) -> list[SyncedFolder]:
        """All of them, by path."""

    def put(self, folder: SyncedFolder) -> None:
        """Keep what is to be known of a folder, which may be new."""

    def forget(self, path: str) -> None:
        """Forget a folder, not its documents: they count as added by hand, unless another folder holds them."""

    def files(self, path: str) -> dict[str, SyncedFile]:
        """The files of a folder, by their path below it."""

    def record(self, path: str, files: Mapping[str, SyncedFile], *, without: Iterable[str] = ()) -> None:
        """Keep how files of a folder were dealt with, and forget others, in one step; their documents are complete."""

    def claim(self, path: str, doc: str) -> None:
        """Note, before a document is added, that it comes from a folder: a killed process leaves it to the next."""

    def claimed(self, path: str) -> dict[str, bool]:
        """The documents that came from folders and not by hand, and whether they are complete.

        Those that another folder is adding now are left out, unless that folder was forgotten.
        """

    def keep(self, *docs: str) -> None:
        """Note that documents were added by hand, too: no folder takes them away any more."""

    def places(self) -> dict[str, list[tuple[str, bool]]]:
        """By document the paths of its files below their folders; whether it is such a file itself, or attached to it.

        Of all folders: a document stays as long as one holds it.
        """

    def paths(self, doc: str) -> list[Path]:
        """Where the files of a document lie."""


class Removals(Protocol):
    """Documents that were removed and can be put back for a while; until then nothing else finds them.

    They are as they were, in their collections, too, and are deleted by whoever opens the library when their time is
    over.
    """

    @property
    def offered(self) -> bool:
        """Whether anything can be put back."""

    def all(self) -> list[Removal]:
        """All of them, in the order in which the documents were added."""

    def put(self, docs: Sequence[str], until: float) -> list[Removal]:
        """Remove documents in one step, and which of them can be put back until then; the others are deleted."""

    def undo(self, doc: str) -> Document:
        """Put a document back. Gone if that cannot be done any more."""

    def finish(self, *docs: str) -> bool:
        """Delete these now, or without any those whose time is over; whether there were any."""


class Tokens(Protocol):
    """Named secrets of those who may use a server's doors."""

    def all(self) -> list[AccessToken]:
        """All of them, by name."""

    def add(self, name: str, *, read_only: bool = False, collections: Sequence[str] = ()) -> str:
        """Make one, for some collections by their ids or for everything; its secret. BadName, NameTaken."""

    def revoke(self, name: str) -> AccessToken:
        """Forget one. UnknownToken."""

    def of_secret(self, secret: str) -> AccessToken | None:
        """The token of a secret, None if there is none."""


class History(Protocol):
    """What was asked, and what came of it: turns with their answers, kept in the same file as the documents."""

    @property
    def silence(self) -> str:
        """Why nothing is kept, for people; empty while everything is."""

    def switch(self, *, on: bool) -> None:
        """Keep from now on, or keep no more; what is there stays. LibraryProblem if that cannot be written."""

    def keep(self, turn: Turn) -> Turn | None:
        """Keep a turn under a new id; None if it is not kept, whatever the reason: the answer counts, and came.

        It goes on with its conversation if that is there, else it begins one.
        """

    def turns(self, words: str = "", *, before: int = 0, conversation: int = 0, limit: int = TURNS) -> list[Turn]:
        """The newest turns, first, without their answers: those that hold all of the words.

        Of a conversation, and those before an id, if there are any.
        """

    def turn(self, id: int) -> Turn:
        """A turn, whole, its quotes with the boxes that they have now. UnknownTurn if there is none."""

    def conversation(self, id: int) -> list[Turn]:
        """The turns of a conversation, whole, oldest first; none if there is none."""

    def forget(self, *ids: int) -> int:
        """Forget turns, or without an id all of them, overwriting their bytes in the file; how many there were."""

    def citing(self, doc: str) -> list[int]:
        """The turns that quote a document with this id, or beginning of one, which need not be there any more."""

    def judge(self, turn: int, line: str) -> None:
        """Keep what somebody says of an answer, in the place of what was said before."""

    def verdicts(self) -> dict[int, str]:
        """What was said of answers, by their turns, which need not be there any more; in their order."""

    def forget_verdicts(self, *turns: int) -> int:
        """Forget what was said of answers, or without a turn of all of them; how many there were."""


class Store(Protocol):
    """Each write is one transaction: after a crash a document is there whole or not at all.

    `docs` are ids of documents and restrict a look-up to these, None to nothing; unknown ones are left out.
    A document that is deleted leaves its collections in the same step, and one that replaces another takes its place.
    """

    @property
    def collections(self) -> Collections:
        """Its collections."""

    @property
    def folders(self) -> Folders:
        """The folders that are kept in step with it."""

    @property
    def removals(self) -> Removals:
        """What was removed and can be put back."""

    @property
    def tokens(self) -> Tokens:
        """Its tokens."""

    @property
    def history(self) -> History:
        """What was asked."""

    # Writing

    def check_writable(self, size: int = 0) -> None:
        """LibraryProblem if a file of so many bytes cannot be kept, as far as is known before it is read."""

    def put(
        self,
        document: Document,
        source: Path | None,
        pages: Sequence[IndexedPage],
        *,
        analyser: int,
        summary: Summary | None = None,
        replaces: str | None = None,
        original: Path | None = None,
        unrecognised: bool = False,
        card: bytes = b"",
    ) -> Version:
        """Keep a document and its PDF's bytes; the same id replaces it; `replaces` is deleted in the same step.

        Without a source its bytes stay those that are there, as it is called otherwise. Gone if there are none.

        It stays `unrecognised`, if it is, until it is put again.

        `original` is the file that was added, if the PDF was made of it: it is kept beside it, and has the id.

        `card` is what choosing among documents reads of it, see `cards`.

        `analyser` is the version of the analyser that made the pages' terms. FileProblem if the PDF cannot be kept.
        """

    def delete(self, *docs: str) -> bool:
        """Forget documents everywhere, in one step. False if none of them was there."""

    def put_vectors(self, version: Version, fingerprint: str, vectors: Floats) -> bool:
        """Keep one vector for each passage of a version, (n, dim), of length 1. False if that version is gone.

        What `page` and `passages` gave between `unencoded` and a True was this version: its number comes once.
        """

    def put_terms(self, version: Version, analyser: int, terms: Sequence[PageTerms]) -> bool:
        """Put other terms, one for each page, in the place of those of a version. False if that version is gone."""

    def choose_encoder(self, choice: EncoderChoice) -> None:
        """Let another encoder encode; while there is a `former` one, vectors of others are kept beside its own.

        What was made for another choice is forgotten. UsageProblem if this store keeps one encoder for good.
        """

    def adopt_vectors(self, fingerprint: str) -> None:
        """Put the vectors of this encoder in the place of those of the former one, in one step, if there is one."""

    # Documents and pages

    def documents(self) -> list[Document]:
        """All documents, in the order in which they were added."""

    def source(self, doc: str) -> bytes:
        """The PDF's own bytes. Gone if there is no such document."""

    def copy_source(self, doc: str, target: Path) -> None:
        """Write the PDF's own bytes to a file, a piece at a time. Gone if there is no such document."""

    def copy_original(self, doc: str, target: Path) -> None:
        """Write the file that was added: the PDF, or what it was made of. Gone if there is no such document."""

    def steady(self) -> AbstractContextManager[None]:
        """The documents stay those of its beginning for the thread that asks, and each page is read once.

        Nothing is locked meanwhile: what is deleted may be Gone once its pages are asked for.
        """

    def pages(self, keys: Sequence[PageKey]) -> list[Page]:
        """Some pages with their words, read in one go. Gone if one is not there."""

    def page(self, doc: str, number: int) -> Page:
        """One page with its words. Gone if there is none."""

    def passages(self, doc: str, number: int) -> list[Passage]:
        """The passages of one page, in order. Gone if there is no such page."""

    def summary(self, doc: str) -> Summary | None:
        """The summary that was put with a document, None if there was none. Gone if there is no such document."""

    def note(self, doc: str, key: str) -> str | None:
        """What a model wrote of a part of a document, by a key that says which model, and of what; None if nothing."""

    def keep_note(self, doc: str, key: str, text: str) -> None:
        """Keep it as long as the document is there as it is; nothing where nothing may be written."""

    def summaries(self) -> dict[str, Summary]:
        """By document the summary that was put with it; documents without one are left out."""

    def cards(self) -> dict[str, bytes]:
        """By document the card that was put with it; documents without one are left out."""

    def encoder_choice(self) -> EncoderChoice:
        """Which encoder was chosen."""

    # Work that waits

    def unencoded(self, fingerprint: str) -> list[Version]:
        """The documents without vectors of this encoder, oldest first."""

    def outdated(self, analyser: int) -> list[Version]:
        """The documents whose terms another version of the analyser made, oldest first."""

    def unrecognised(self) -> list[Document]:
        """The documents whose pictures of text are yet to be recognised, oldest first."""

    # Looking up

    def lexical(
        self,
        terms: Mapping[Field, UInt32s],
        k: int,
        docs: Sequence[str] | None = None,
        statistics: Mapping[Field, Statistics] | None = None,
    ) -> dict[Field, list[ScoredPage]]:
        """For each field the k pages that hold its terms best, best first, by the engine's own BM25.

        It weighs the terms by its own statistics, unless it is given those of a collection of which it is a part.
        Behind them stand, with score 0, the pages that the keyword index has not seen yet.
        """

    def nearest(self, vector: Floats, fingerprint: str, k: int, docs: Sequence[str] | None = None) -> Nearest:
        """The k pages whose best passage is nearest to a vector (dim,), of those that this encoder encoded."""

    def cosines(self, vector: Floats, fingerprint: str, pages: Sequence[PageKey]) -> Cosines:
        """The cosine of a vector (dim,) with each passage of these pages."""

    def page_terms(self, pages: Sequence[PageKey]) -> dict[PageKey, PageTerms]:
        """The terms of these pages, in their order; those that are gone are left out."""

    def totals(self) -> Totals:
        """The sizes of the collection."""

    def frequencies(self, field: Field, terms: UInt32s) -> NDArray[np.int64]:
        """In how many pages ("text", "heading") or passages each term occurs."""

    # The whole

    def state(self) -> str:
        """What is another whenever documents or their terms are, and the same in all copies of a library."""

    def missing(self, since: float) -> tuple[str, ...]:
        """The parts, of those that lie on other machines, that have not answered since a time of the monotonic clock.

        Their documents are none of this store's meanwhile.
        """

    def sizes(self) -> dict[str, int]:
        """By document the bytes that it takes: its files, text, terms and vectors, as far as they lie here."""

    def lagging(self) -> int:
        """How many changes are saved but not yet in the keyword index."""

    def export(self, target: Path) -> None:
        """Write everything to one file."""

    def close(self) -> None:
        """Let go of files and locks."""
