"""What was asked is kept in the library's file: found, reopened on the pages as they are now, and really deleted."""

import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from recto import Library
from recto.errors import BadSetting, LibraryReadOnly, UnknownTurn
from recto.events import AskEvent
from recto.keeping import KeptAsking, Thread
from recto.types import Kind, Standing, Turn, TurnState
from support.pdfs import text_pdf

QUESTION = "How many litres does the pump of hall 3 move a minute?"
NONSENSE = "Who sang the third aria of the purple elephant opera?"


@pytest.fixture
def library(pumps: Path, tmp_path: Path) -> Iterator[Library]:
    """A library with pumps.pdf, nothing asked so far."""
    shutil.copytree(pumps, tmp_path / "home")
    with Library(tmp_path / "home") as library:
        library.history.forget()
        yield library


def asked(library: Library, question: str = QUESTION, *, conversation: int = 0) -> Turn | None:
    """Ask it to the end, and what was kept of it."""
    kept = KeptAsking(library.ask(question), library.history, question, conversation=conversation)
    for _ in kept:
        pass
    return kept.turn


def kept(library: Library, question: str = QUESTION, *, conversation: int = 0) -> Turn:
    turn = asked(library, question, conversation=conversation)
    assert turn
    return turn


def test_an_answer_is_there_again_when_the_library_is_opened_again(library: Library) -> None:
    turn = kept(library)
    with Library(library.settings.home, runtime=library.runtime) as again:
        reopened = again.history.turn(turn.id)
        assert reopened.answer
        assert turn.answer
        assert reopened.answer.text == turn.answer.text
        assert [place.rects for place in reopened.answer.quotes] == [place.rects for place in turn.answer.quotes]
        assert [place.context for place in reopened.answer.quotes] == [place.context for place in turn.answer.quotes]
        assert set(dict(reopened.standings).values()) == {Standing.STANDS}


def test_one_without_an_answer_keeps_what_came_nearest(library: Library) -> None:
    answer = library.history.turn(kept(library, NONSENSE).id).answer
    assert answer
    assert (answer.kind, answer.quotes) == (Kind.ABSTAINED, ())
    assert answer.nearest[0].document.name == "pumps.pdf"


def test_follow_ups_stand_in_their_conversation(library: Library) -> None:
    first = kept(library)
    second = kept(library, "and of hall 4?", conversation=first.id)
    other = kept(library, NONSENSE)
    assert [turn.id for turn in library.history.conversation(first.id)] == [first.id, second.id]
    assert Thread.last(library.history).id == other.id
    library.history.forget(other.id)
    assert list(Thread.last(library.history).searched) == [first.searched_for, second.searched_for]
    assert kept(library, conversation=4711).conversation not in (4711, first.id)  # a conversation that is not there


def test_a_number_is_never_given_twice(library: Library) -> None:
    first = kept(library)
    library.history.forget()
    assert kept(library).id > first.id
    with pytest.raises(UnknownTurn):
        library.history.turn(first.id)


# --- what became of the documents ------------------------------------------------------------------------------------
def test_a_removed_document_leaves_the_words_and_says_that_it_is_gone(library: Library) -> None:
    turn = kept(library)
    assert turn.answer
    doc = turn.answer.quotes[0].document.id
    library.remove("pumps.pdf")
    reopened = library.history.turn(turn.id)
    assert reopened.answer
    assert reopened.answer.quotes[0].quote == turn.answer.quotes[0].quote
    assert reopened.answer.quotes[0].rects == ()
    assert set(dict(reopened.standings).values()) == {Standing.GONE}
    assert library.history.citing(doc) == library.history.citing(doc[:12]) == [turn.id]
    assert library.history.citing(doc[1:13]) == []


def test_another_version_of_a_document_is_said(library: Library, tmp_path: Path) -> None:
    turn = kept(library)
    (tmp_path / "pumps.pdf").write_bytes(text_pdf("The pump of hall 3 moves 222 litres a minute."))
    library.add(tmp_path / "pumps.pdf", replace=True)
    assert set(dict(library.history.turn(turn.id).standings).values()) == {Standing.REPLACED}


def test_words_that_moved_on_their_page_are_marked_where_they_stand(library: Library) -> None:
    turn = kept(library)
    assert turn.answer
    quote = turn.answer.quotes[0]
    moved = replace(quote, span=replace(quote.span, start=0, end=len(quote.quote)))
    lost = replace(quote, quote="The pump of hall 3 moves 999 litres.", span=replace(quote.span, start=1))
    answer = replace(turn.answer, quotes=(moved, lost), citations=())
    again = library.history.keep(replace(turn, answer=answer))
    assert again
    reopened = library.history.turn(again.id)
    assert reopened.answer
    assert reopened.answer.quotes[0].span == quote.span
    assert reopened.answer.quotes[0].rects == quote.rects
    assert reopened.answer.quotes[1].rects == ()
    assert dict(reopened.standings) == {quote.span: Standing.STANDS, lost.span: Standing.CHANGED}


# --- how it ended ----------------------------------------------------------------------------------------------------
class BrokenStream:
    """The events of an answer, that end before `Done`."""

    def __init__(self, library: Library, error: Exception | None = None) -> None:
        self._events, self._error = list(library.ask(QUESTION))[:-1], error

    def __iter__(self) -> Iterator[AskEvent]:
        yield from self._events
        if self._error:
            raise self._error

    def stop(self) -> None:
        pass


def test_one_that_failed_keeps_what_had_come_and_why(library: Library) -> None:
    stream = KeptAsking(BrokenStream(library, LibraryReadOnly("no", hint="mend")), library.history, QUESTION)
    with pytest.raises(LibraryReadOnly):
        list(stream)
    assert stream.turn
    turn = library.history.turn(stream.turn.id)
    assert turn.problem
    assert (turn.state, turn.problem.kind, turn.kind) == (TurnState.FAILED, "read_only", Kind.QUOTED)
    assert turn.answer
    assert "111 litres" in turn.answer.quotes[0].quote
    for place in turn.answer.citations:
        assert turn.answer.text[place.at - len(place.quote) : place.at] == place.quote


def test_one_that_was_left_is_kept_as_stopped(library: Library) -> None:
    stream = KeptAsking(library.ask(QUESTION), library.history, QUESTION)
    events = iter(stream)
    next(events)
    assert stream.turn is None
    events.close()
    assert stream.turn
    turn = library.history.turn(stream.turn.id)
    assert (turn.state, turn.kind, turn.answer) == (TurnState.STOPPED, None, None)


# --- finding it again ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("words", ["LITRES hall 3", "pumps.pdf", "naïve", "NAIVE", "111"])
def test_it_is_found_by_the_words_of_question_answer_and_quotes(library: Library, words: str) -> None:
    kept(library, NONSENSE)
    turn = kept(library, f"Naïve: {QUESTION}")
    assert [found.id for found in library.history.turns(words)] == [turn.id]


def test_words_are_no_patterns_and_all_must_be_there(library: Library) -> None:
    kept(library)
    for words in ("litres_", "%", "litres zebra", "' OR 1 --"):
        assert library.history.turns(words) == []


def test_control_characters_and_broken_unicode_are_kept_as_spaces(library: Library) -> None:
    turn = kept(library, f"\x1b[31m\x00{QUESTION}\ud800\n")
    assert library.history.turns("litres")[0].question == f"[31m {QUESTION}"
    assert library.history.turn(turn.id).answer


def test_lists_go_on_before_a_number(library: Library) -> None:
    turns = [kept(library) for _ in range(3)]
    assert [turn.id for turn in library.history.turns(limit=2)] == [turns[2].id, turns[1].id]
    assert [turn.id for turn in library.history.turns(before=turns[1].id)] == [turns[0].id]


def test_two_who_ask_at_once_have_numbers_of_their_own(library: Library) -> None:
    turn = kept(library)
    with Library(library.settings.home, runtime=library.runtime) as other:
        ids: list[int] = []

        def keep(history_of: Library) -> None:
            for _ in range(20):
                again = history_of.history.keep(turn)
                ids.append(again.id if again else 0)

        threads = [threading.Thread(target=keep, args=(each,)) for each in (library, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(set(ids)) == 40
    assert 0 not in ids


# --- not keeping it --------------------------------------------------------------------------------------------------
def test_switched_off_nothing_is_kept_until_it_is_on_again(library: Library) -> None:
    library.history.switch(on=False)
    assert asked(library) is None
    with Library(library.settings.home, runtime=library.runtime) as again:
        assert "switched off" in again.history.silence
    library.history.switch(on=True)
    assert kept(library)


def test_the_setting_wins(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECTO_HISTORY", "off")
    with Library(library.settings.home) as silent:
        assert asked(silent) is None
        assert "RECTO_HISTORY" in silent.history.silence
    monkeypatch.setenv("RECTO_HISTORY", "of")
    with pytest.raises(BadSetting, match="RECTO_HISTORY"):
        Library(library.settings.home)


def test_a_library_that_goes_with_its_process_keeps_nothing(library: Library, tmp_path: Path) -> None:
    with Library(tmp_path / "visitor", runtime=library.runtime, temporary=True) as visitor:
        visitor.add(library.settings.home / "pumps.pdf")
        assert asked(visitor) is None


def test_a_read_only_library_answers_and_keeps_nothing(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(library)
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    with Library(library.settings.home, runtime=library.runtime) as read_only:
        assert asked(read_only) is None
        assert len(read_only.history.turns()) == 1
        with pytest.raises(LibraryReadOnly):
            read_only.history.forget()


def test_a_library_of_before_has_an_empty_history(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    home, runtime = library.settings.home, library.runtime
    with sqlite3.connect(home / "library.sqlite") as connection:
        for table in ("asked", "answers", "choices"):
            connection.execute(f"DROP TABLE {table}")
    connection.close()
    with monkeypatch.context() as patch:
        patch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
        with Library(home, runtime=runtime) as read_only:
            assert read_only.history.turns() == []
            assert asked(read_only) is None
    with Library(home, runtime=runtime) as before:
        assert before.history.turns() == []
        assert kept(before).id == 1


# --- forgetting and taking along -------------------------------------------------------------------------------------
def test_what_is_forgotten_leaves_no_byte_in_the_folder(library: Library) -> None:
    home = library.settings.home
    for number in range(3):
        kept(library, f"{QUESTION} zibeline{number}")
    one, *_ = library.history.turns("zibeline1")
    assert library.history.forget(one.id) == 1
    assert not _told(home, b"zibeline1")
    assert _told(home, b"zibeline2")
    assert library.history.forget() == 2
    library.close()
    assert not _told(home, b"zibeline")


def _told(home: Path, word: bytes) -> bool:
    return any(word in path.read_bytes() for path in home.rglob("*") if path.is_file())


def test_it_goes_with_an_export(library: Library, tmp_path: Path) -> None:
    turn = kept(library)
    library.export(tmp_path / "whole.recto")
    with Library.imported(tmp_path / "whole.recto", tmp_path / "other") as imported:
        assert imported.history.turn(turn.id).question == QUESTION
