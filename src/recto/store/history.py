"""The history: what was asked, and what came of it, in the library's own file."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any
from unicodedata import combining, normalize

from recto import wire
from recto.errors import DiskFull, LibraryProblem, UnknownTurn
from recto.index_types import PageKey
from recto.links import one_line
from recto.storage import TURNS
from recto.store.answers import answer_of, packed_answer
from recto.store.file import LibraryFile
from recto.store.reopening import reopened
from recto.store.tables import number
from recto.types import Document, Kind, Page, Problem, Turn, TurnState

HISTORY, OFF = "history", "off"  # a choice by its name, and what was chosen
_COLUMNS = "id, conversation, asked, question, searched_for, state, kind, problem"


class SqliteHistory:
    """A `History` in the tables `asked`, which lists read, and `answers`. Threads may share it."""

    def __init__(
        self,
        file: LibraryFile,
        documents: Callable[[], list[Document]],
        pages: Callable[[Sequence[PageKey]], list[Page]],
        *,
        silence: str = "",
    ) -> None:
        """`documents` and `pages` are the store's. With a `silence`, the reason of it, nothing is kept."""
        self._file, self._documents, self._pages = file, documents, pages
        self._silence = silence or ("this library goes with its process" if file.temporary else "")

    @property
    def silence(self) -> str:
        """Why nothing is kept, for people; empty while everything is."""
        if self._silence:
            return self._silence
        with self._file.reading() as connection:
            row = connection.execute("SELECT value FROM choices WHERE name = ?", (HISTORY,)).fetchone()
        return "it is switched off" if row == (OFF,) else ""

    def switch(self, *, on: bool) -> None:
        """Keep from now on, or keep no more; what is there stays."""
        with self._file.writing() as connection:
            connection.execute("DELETE FROM choices WHERE name = ?", (HISTORY,))
            if not on:
                connection.execute("INSERT INTO choices VALUES (?, ?)", (HISTORY, OFF))

    def keep(self, turn: Turn) -> Turn | None:
        """Keep a turn under a new id; None if it is not kept."""
        with suppress(LibraryProblem):  # read-only, on a full disk, locked: the answer counts, and came
            if not self.silence and self._documents():
                return self._insert(turn)
        return None

    def _insert(self, turn: Turn) -> Turn:
        cited = (
            {citation.document.id for citation in (*turn.answer.citations, *turn.answer.quotes)} if turn.answer else ()
        )
        with self._file.writing() as connection:
            row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'asked'").fetchone()
            id = 1 + (row[0] if row else 0)
            known = number(connection, "SELECT count(*) FROM asked WHERE conversation = ?", turn.conversation)
            turn = replace(
                turn, id=id, conversation=turn.conversation if known else id, question=one_line(turn.question)
            )
            problem = json.dumps(wire.problem(turn.problem)) if turn.problem else ""
            values = (
                id,
                turn.conversation,
                turn.asked,
                turn.question,
                turn.searched_for,
                turn.state,
                turn.kind or "",
                problem,
            )
            query = f"INSERT INTO asked ({_COLUMNS}, cited) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
            connection.execute(query, (*values, " ".join(sorted(cited))))
            content = packed_answer(turn.answer) if turn.answer else b""
            connection.execute("INSERT INTO answers VALUES (?, ?, ?)", (id, " ".join(_words(turn)), content))
        return turn

    # Reading

    def turns(self, words: str = "", *, before: int = 0, conversation: int = 0, limit: int = TURNS) -> list[Turn]:
        """The newest turns, first, without their answers: those that hold all of the words."""
        terms = _folded(words).split()
        numbers = {"id < ?": before, "conversation = ?": conversation}
        conditions = [*(condition for condition, value in numbers.items() if value), *["instr(words, ?)"] * len(terms)]
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        join = "JOIN answers USING (id)" if terms else ""
        query = f"SELECT {_COLUMNS} FROM asked {join} {where} ORDER BY id DESC LIMIT ?"
        with self._file.reading() as connection:
            values = (*filter(None, numbers.values()), *terms, limit)
            return [_turn(row) for row in connection.execute(query, values)]

    def turn(self, id: int) -> Turn:
        """A turn, whole, its quotes with the boxes that they have now. UnknownTurn if there is none."""
        for turn in self._whole("id = ?", id):
            return turn
        raise UnknownTurn(f"the history holds no question {id}", hint="recto history list")

    def conversation(self, id: int) -> list[Turn]:
        """The turns of a conversation, whole, oldest first; none if there is none."""
        return self._whole("conversation = ?", id)

    def _whole(self, condition: str, value: int) -> list[Turn]:
        query = f"SELECT content, {_COLUMNS} FROM asked JOIN answers USING (id) WHERE {condition} ORDER BY id"
        with self._file.reading() as connection:
            rows = list(connection.execute(query, (value,)))
        return [self._reopened(_turn(row), content) for content, *row in rows]

    def _reopened(self, turn: Turn, content: bytes) -> Turn:
        if not content:
            return turn
        answer, standings = reopened(answer_of(content), self._documents(), self._pages)
        return replace(turn, answer=answer, standings=tuple(standings.items()))

    def citing(self, doc: str) -> list[int]:
        """The turns that quote a document with this id, or beginning of one, which need not be there any more."""
        with self._file.reading() as connection:
            rows = connection.execute("SELECT id FROM asked WHERE instr(' ' || cited, ?)", (f" {doc.lower()}",))
            return [id for (id,) in rows]

    # What people say of answers

    def judge(self, turn: int, line: str) -> None:
        """Keep what somebody says of an answer, in the place of what was said before."""
        with self._file.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO verdicts VALUES (?, ?)", (turn, line))

    def verdicts(self) -> dict[int, str]:
        """What was said of answers, by their turns, which need not be there any more; in their order."""
        with self._file.reading() as connection:
            return dict(connection.execute("SELECT turn, line FROM verdicts ORDER BY turn"))

    # Forgetting

    def forget(self, *ids: int) -> int:
        """Forget turns, or without an id all of them, overwriting their bytes in the file; how many there were."""
        return self._delete({"answers": "id", "asked": "id"}, ids)

    def forget_verdicts(self, *turns: int) -> int:
        """Forget what was said of answers, or without a turn of all of them; how many there were."""
        return self._delete({"verdicts": "turn"}, turns)

    def _delete(self, tables: Mapping[str, str], ids: Sequence[int]) -> int:
        """Delete the rows of these numbers, which stand in a column of each table, or without a number all."""
        deleted = 0
        while True:
            try:
                with self._file.writing(grows=False) as connection:
                    for table, column in tables.items():
                        condition = f"{column} IN (SELECT value FROM json_each(?))" if ids else "? = '[]'"
                        rows = connection.execute(f"DELETE FROM {table} WHERE {condition}", (json.dumps(ids),))
                        deleted = rows.rowcount
                break
            except DiskFull:  # to overwrite takes room in the log
                if not self._file.make_room():
                    raise
        if deleted:
            self._file.shrink()
        return deleted


def _turn(row: Sequence[Any]) -> Turn:
    id, conversation, asked, question, searched_for, state, kind, problem = row
    return Turn(
        id=id,
        conversation=conversation,
        asked=asked,
        question=question,
        searched_for=searched_for,
        state=TurnState(state),
        kind=Kind(kind) if kind else None,
        problem=Problem(**json.loads(problem)) if problem else None,
    )


def _words(turn: Turn) -> Iterator[str]:
    """What a turn is found by: its question, its answer, what that quotes, and of which documents."""
    yield _folded(turn.question)
    if turn.answer:
        yield _folded(turn.answer.text)
        for citation in {place.span: place for place in (*turn.answer.quotes, *turn.answer.citations)}.values():
            yield _folded(f"{citation.document.name} {citation.quote}")


def _folded(text: str) -> str:
    """A text in small letters without accents, so that it is found however it is written."""
    letters = normalize("NFKD", one_line(text).casefold())
    return "".join(letter for letter in letters if not combining(letter))
