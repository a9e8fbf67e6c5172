"""`recto feedback`: its commands and their options."""

from pathlib import Path

import click

from recto.cli.commands import _command, _home, _json, recto
from recto.cli.history_commands import TURN
from recto.errors import LARGEST_ID

YES, NO = "yes", "no"


class FeedbackGroup(click.Group):
    """A group in which `12 yes`, `yes` and `12 --here ...` mean `give` with these words."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, `give` for what stands behind its name."""
        name = "give" if cmd_name.isdecimal() or cmd_name in (YES, NO) else cmd_name
        return super().get_command(ctx, name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command, and what is left for it: for `give` all."""
        name, command, rest = super().resolve_command(ctx, args)
        given = command is not None and command.name == "give" and args[0] != "give"
        return ("give", command, args) if given else (name, command, rest)


@recto.group("feedback", cls=FeedbackGroup)
def feedback_group() -> None:
    """Say which answers are right: recto feedback 12 yes, or no, or --here DOC PAGE WORDS. Nothing leaves the machine.

    The number is that of the question, which `recto history list` shows; without one the last question is meant.
    """


@feedback_group.command("give", hidden=True)
@click.argument("words", nargs=-1, metavar="[ID] [yes|no]")
@click.option("--quote", "number", default=1, type=click.IntRange(1, 1000), help="With yes: which quote, from 1.")
@click.option(
    "--here", type=(str, click.IntRange(1, 1_000_000), str), metavar="DOC PAGE WORDS", help="The answer is there."
)
@_home
@_command
def give(words: tuple[str, ...], number: int, here: tuple[str, int, str] | None, home: Path | None) -> int:
    """Say that a quote answers (yes), that none does (no), or where the answer is."""
    from recto.cli import feedback
    from recto.evaluate.feedback import Opinion

    numbers = [int(word) for word in words[:1] if word.isdecimal()]
    said = [*words[len(numbers) :], *(Opinion.HERE for _ in filter(None, [here]))]
    if len(said) != 1 or said[0] not in list(Opinion) or numbers > [LARGEST_ID]:
        raise click.UsageError("say yes, no, or --here DOC PAGE WORDS")
    return feedback.give(numbers, Opinion(said[0]), here, number=number, home=home)


@feedback_group.command("list")
@_json
@_home
@_command
def list_verdicts(as_json: bool, home: Path | None) -> int:
    """List what was said of answers."""
    from recto.cli import feedback

    return feedback.list_verdicts(home=home, as_json=as_json)


@feedback_group.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@_home
@_command
def export(file: Path, home: Path | None) -> int:
    """Write it to a new file, which `recto eval` reads beside the PDFs."""
    from recto.cli import feedback

    return feedback.export(file, home=home)


@feedback_group.command("forget")
@click.argument("ids", nargs=-1, type=TURN, metavar="[ID]...")
@click.option("--all", "everything", is_flag=True, help="All of it; asks first.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_home
@_command
def forget(ids: tuple[int, ...], everything: bool, yes: bool, home: Path | None) -> int:
    """Delete what was said of answers."""
    from recto.cli import feedback

    if bool(ids) == everything:
        raise click.UsageError("name questions by their numbers, or give --all")
    return feedback.forget(ids, home=home, confirmed=yes)
