"""`recto history`: its commands and their options."""

from pathlib import Path

import click

from recto.cli.commands import _command, _home, _json, recto
from recto.errors import LARGEST_ID

TURN = click.IntRange(1, LARGEST_ID)


@recto.group("history")
def history_group() -> None:
    """What was asked, and what came of it: kept in the library, and nowhere else."""


@history_group.command("list")
@click.option("--most", default=20, show_default=True, type=click.IntRange(1, 10_000), help="Number of questions.")
@_json
@_home
@_command
def list_turns(most: int, as_json: bool, home: Path | None) -> int:
    """List the last questions, with the numbers that the other commands take."""
    from recto.cli import history

    return history.list_turns("", most, home=home, as_json=as_json)


@history_group.command("search")
@click.argument("words", nargs=-1, required=True)
@click.option("--most", default=20, show_default=True, type=click.IntRange(1, 10_000), help="Number of questions.")
@_json
@_home
@_command
def search_turns(words: tuple[str, ...], most: int, as_json: bool, home: Path | None) -> int:
    """List the questions that hold all of these words: in the question, its answer, or what that quotes."""
    from recto.cli import history

    return history.list_turns(" ".join(words), most, home=home, as_json=as_json)


@history_group.command("show")
@click.argument("id", type=TURN)
@_json
@_home
@_command
def show_turn(id: int, as_json: bool, home: Path | None) -> int:
    """Print an answer again, and say of each quote whether it still stands on its page."""
    from recto.cli import history

    return history.show(id, home=home, as_json=as_json)


@history_group.command("forget")
@click.argument("ids", nargs=-1, type=TURN, metavar="[ID]...")
@click.option(
    "--doc", "docs", multiple=True, metavar="ID|NAME", help="What quotes this document, also one that is gone."
)
@click.option("--all", "everything", is_flag=True, help="All of it; asks first.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_home
@_command
def forget_turns(ids: tuple[int, ...], docs: tuple[str, ...], everything: bool, yes: bool, home: Path | None) -> int:
    """Delete questions with their answers: their bytes are overwritten in the library's file."""
    from recto.cli import history

    if bool(ids or docs) == everything:
        raise click.UsageError("name questions by their numbers, or a --doc, or give --all")
    return history.forget_all(home=home, confirmed=yes) if everything else history.forget(ids, docs, home=home)


@history_group.command("on")
@_home
@_command
def switch_on(home: Path | None) -> int:
    """Keep what is asked of this library, as at first."""
    from recto.cli import history

    return history.switch(on=True, home=home)


@history_group.command("off")
@_home
@_command
def switch_off(home: Path | None) -> int:
    """Keep nothing more; what is there stays until it is forgotten."""
    from recto.cli import history

    return history.switch(on=False, home=home)
