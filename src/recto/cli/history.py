"""What `recto history` does: what was asked, printed again, deleted, kept or not."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path

import click

from recto import wire
from recto.cli.hits import NOTHING_FOUND, say_hit, say_quotes, teaser
from recto.cli.messages import t
from recto.cli.terminal import note, say, say_json
from recto.errors import UnknownDocument
from recto.library import SHORTEST_ID, Library
from recto.links import one_line, place_name
from recto.types import Citation, Kind, Standing, Turn, TurnState, by_quote


def list_turns(words: str, most: int, *, home: Path | None, as_json: bool) -> int:
    """Print the newest questions by day, the newest first; 3 if there is none."""
    with Library(home, create=False) as library:
        turns = library.history.turns(words, limit=most)
        if as_json:
            for turn in turns:
                say_json(wire.turn(turn))
        else:
            for day, of_day in groupby(turns, key=lambda turn: f"{asked(turn):%Y-%m-%d}"):
                say(day)
                for turn in of_day:
                    say(_line(turn))
        if not turns:
            note(t("history.no_match") if words else t("history.none"))
        _note_silence(library)
    return 0 if turns else NOTHING_FOUND


def asked(turn: Turn) -> datetime:
    """When it was asked, by the clock of this machine."""
    return datetime.fromtimestamp(turn.asked).astimezone()


def _line(turn: Turn) -> str:
    follows = t("history.after", turn=turn.conversation) if turn.conversation != turn.id else ""
    end = "" if turn.state is TurnState.ANSWERED else t(f"history.{turn.state}")
    nothing = t("history.no_answer") if turn.kind is Kind.ABSTAINED else ""
    return f"{turn.id:>6}  {asked(turn):%H:%M}  {teaser(turn.question)}{follows}{nothing}{end}"


def _note_silence(library: Library) -> None:
    if silence := library.history.silence:
        note(t("history.silent", why=silence))


def show(id: int, *, home: Path | None, as_json: bool) -> int:
    """Print a question with its answer."""
    with Library(home, create=False) as library:
        turn = library.history.turn(id)
        if as_json:
            say_json(wire.whole_turn(turn))
        else:
            say(f"{turn.question}\n{asked(turn):%Y-%m-%d %H:%M}\n")
            _show_answer(turn, library)
            _show_end(turn)
    return 0


def _show_answer(turn: Turn, library: Library) -> None:
    if turn.answer is None:
        return
    if turn.searched_for != turn.question:
        note(t("searched_for", words=one_line(turn.searched_for)))
    say_quotes(by_quote(turn.answer.quotes), library.file_of, brief=False)
    if turn.answer.kind is Kind.ABSTAINED:
        say(t("abstained"))
        for hit in turn.answer.nearest:
            say_hit(hit, library.file_of)
    if turn.answer.kind is Kind.WRITTEN:
        say(f"{turn.answer.text}\n")
        for place in {citation.span: citation for citation in turn.answer.citations}.values():
            say(f"  {_place(place)}: {teaser(place.quote)}")
    for place in {citation.span: citation for citation in (*turn.answer.quotes, *turn.answer.citations)}.values():
        standing = dict(turn.standings)[place.span]
        if standing is not Standing.STANDS:
            say(f"{_place(place)}: {t(f'history.{standing}')}")


def _place(citation: Citation) -> str:
    return place_name(citation.document, citation.span.page, citation.label)


def _show_end(turn: Turn) -> None:
    if turn.problem:
        note(t("history.problem", why=one_line(turn.problem.message)))
    elif turn.state is TurnState.STOPPED:
        note(t("history.cut"))
    if turn.answer and turn.answer.notice:
        note(t("notice", why=one_line(turn.answer.notice)))


def forget(ids: Sequence[int], docs: Sequence[str], *, home: Path | None) -> int:
    """Delete these questions, and those that quote these documents; none if one of the numbers is unknown."""
    with Library(home, create=False) as library:
        known = [library.history.turn(id).id for id in ids]
        quoting = [id for doc in docs for id in library.history.citing(_id_of(doc, library))]
        forgotten = library.history.forget(*known, *quoting) if known or quoting else 0
        say(t("forgotten", what=t("count.question", n=forgotten)))
    return 0


def _id_of(doc: str, library: Library) -> str:
    """The id of a document by its name, or what is taken for the beginning of one that is gone."""
    try:
        return library.document(doc).id
    except UnknownDocument:
        if len(doc) < SHORTEST_ID:
            raise
        return doc


def forget_all(*, home: Path | None, confirmed: bool) -> int:
    """Delete all questions, once somebody has said yes."""
    with Library(home, create=False) as library:
        if confirmed or click.confirm(t("history.forget_all"), err=True):
            say(t("forgotten", what=t("count.question", n=library.history.forget())))
    return 0


def switch(*, on: bool, home: Path | None) -> int:
    """Keep what is asked from now on, or keep no more."""
    with Library(home, create=False) as library:
        library.history.switch(on=on)
        say(t("history.on") if on else t("history.off"))
        if on:
            _note_silence(library)
    return 0
