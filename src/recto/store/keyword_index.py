"""The keyword index of a library, kept level with what SQLite holds: caught up, mended, or built anew at need.

That of an encrypted library lies in memory while it is asked, and in the library itself between two processes.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TypeVar

from recto.errors import DiskFull, LibraryBusy, LibraryProblem
from recto.store.catalogue import Catalogue, Record
from recto.store.file import LibraryFile
from recto.store.keywords import Damaged, Keywords, Unusable, View
from recto.store.room import KEYWORDS
from recto.store.tables import LAST_CHANGE, changed_documents, number, read_terms

T = TypeVar("T")

BUSY_MS = 500  # that closing a library may wait for another process that writes


class KeywordIndex:
    """Answers from the newest view of the index, and says which documents that view does not know."""

    def __init__(self, file: LibraryFile, newest: Callable[[], Catalogue]) -> None:
        self._file, self._newest = file, newest
        self._keywords: Keywords | None = None
        self._replayed = False
        self._level: bool | None = None  # None: not tried; False: in vain, until the next write

    def ask(self, question: Callable[[View, list[int]], T], default: T, catalogue: Catalogue) -> tuple[T, list[Record]]:
        """Ask the index, mended at need; with the answer come the documents of the catalogue that it does not know.

        `question` gets a view and the numbers of the documents whose changes that view has not seen.
        """
        if self._level is None:
            self.catch_up()
        for _ in range(2):
            try:
                keywords, unseen = self._opened_keywords(), list[int]()
                view = keywords.view
                if view is None or (view.applied > catalogue.change and view.applied > self._newest().change):
                    raise Unusable("not open, or of another library")
                if view.applied < catalogue.change:
                    if self._file.key:  # nobody else does it
                        self.catch_up()
                    view = keywords.look()
                    with self._file.reading() as connection:
                        unseen = changed_documents(connection, view.applied)
                answer, pending = question(view, unseen), set(unseen)
                return answer, [record for record in catalogue.records if record.seq in pending] if pending else []
            except Unusable as problem:
                if not self._level:  # not again and again: after a failure the next write tries
                    break
                if isinstance(problem, Damaged):
                    self._opened_keywords().distrust()
                self.catch_up()
                if not self._level:
                    break
        return default, catalogue.records

    def lagging(self) -> int:
        """How many changes are saved but not yet in the index."""
        if self._file.key and self._level is None:
            return 0  # it comes with the first question
        applied = 0
        with suppress(Unusable):
            applied = self._opened_keywords().look().applied
        with self._file.reading() as connection:
            return number(connection, "SELECT count(*) FROM changes WHERE seq > ?", applied)

    def note_write(self) -> None:
        """Catch up, unless nobody has asked an index in memory, which then need not be there."""
        if self._level is not None or not self._file.key:
            self.catch_up()

    def catch_up(self) -> None:
        """Replay what the index has not seen. If that fails, the documents are safe and `lagging` says so."""
        change, level = self._newest().change, False
        try:
            with suppress(Unusable):  # which is what replaying mends
                keywords = self._opened_keywords()
                level = not keywords.damaged and keywords.look().applied == change
            if not level:
                if self._file.displaced:
                    raise Unusable("the library is not where it was; an index that is made there is nobody's")
                self._replay()
            self._level = True
        except (Unusable, LibraryBusy, DiskFull):
            self._level = False

    def close(self) -> None:
        """Have an encrypted library keep its index for the next process; before the file is closed."""
        if self._file.key and self._replayed and self._level and self._keywords and self._keywords.memory:
            self._pack(self._keywords.memory)

    def _pack(self, contents: Mapping[str, bytes]) -> None:
        """Keep the index in the library, unless another process writes at this moment."""
        if isinstance(self._file.writer, LibraryProblem):
            return
        self._file.writer.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        with suppress(LibraryProblem), self._file.writing() as connection:
            connection.execute("DELETE FROM keyword_files")
            connection.executemany("INSERT INTO keyword_files VALUES (?, ?)", contents.items())

    def _replay(self) -> None:
        """Replay the changes; if that fails, or they are not those of this index, build it anew."""
        keywords = self._opened_keywords()
        # Whoever holds SQLite's write lock may write the index. One in memory is nobody else's.
        is_private = keywords.memory is not None
        with self._file.reading() if is_private else self._file.writing(grows=False) as connection:
            last, self._replayed = number(connection, LAST_CHANGE), True
            try:
                applied = keywords.look().applied
                if keywords.damaged or not 0 < applied <= last:
                    raise Unusable("damaged, new, or of another library")
                changed = changed_documents(connection, applied)
                keywords.replay(((doc, read_terms(connection, doc)) for doc in changed), last)
            except Unusable:
                changed = changed_documents(connection, 0)
                keywords.rebuild(((doc, read_terms(connection, doc)) for doc in changed), last)

    def _opened_keywords(self) -> Keywords:
        """In a folder beside the file; in memory if nothing may be written there, or it is secret."""
        with self._file.reading() as connection:
            if self._keywords is None:
                identity = number(connection, "SELECT identity FROM library")
                if self._file.key:
                    contents = dict(connection.execute("SELECT name, content FROM keyword_files"))
                    self._keywords = Keywords(None, identity, contents)
                else:
                    memory: dict[str, bytes] | None = {} if self._file.read_only else None
                    self._keywords = Keywords(self._file.path.with_name(KEYWORDS), identity, memory)
            return self._keywords
