"""What `recto feedback` does: what is said of answers is kept, listed, written to a file, forgotten."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from recto.cli.hits import NOTHING_FOUND, teaser
from recto.cli.messages import t
from recto.cli.terminal import note, say, say_json
from recto.errors import UnknownTurn, UsageProblem
from recto.evaluate import feedback
from recto.evaluate.feedback import Opinion
from recto.library import Library
from recto.wire import Json

Place = tuple[str, int, str]  # a document, a page counted from 1, words of it


def give(ids: Sequence[int], opinion: Opinion, place: Place | None, *, number: int, home: Path | None) -> int:
    """Keep what is said of an answer, without a number of the last one."""
    with Library(home, create=False) as library:
        for id in ids or [turn.id for turn in library.history.turns(limit=1)]:
            if place:
                doc, page, words = place
                line = feedback.found_here(library, id, doc, page - 1, words)
            elif opinion is Opinion.YES:
                line = feedback.answered(library, id, number)
            else:
                line = feedback.unanswered(library, id)
            say(_line(line))
            return 0
    raise UnknownTurn("no question is kept", hint="recto ask QUESTION")


def _line(line: Json) -> str:
    """A line for people: what was asked, and where the answer is."""
    places = [t("place", name=line["doc"], page=label["page"]) for label in line["evidence"]]
    texts = (teaser(label["text"]) for label in line["evidence"])
    evidence = " / ".join(f"{place}: {text}" for place, text in zip(places, texts, strict=True))
    return f"{line['id']:>6}  {teaser(line['question'])}\n        {evidence or t('feedback.nothing')}"


def list_verdicts(*, home: Path | None, as_json: bool) -> int:
    """Print all that was said."""
    with Library(home, create=False) as library:
        lines = feedback.lines(library)
        for line in lines:
            if as_json:
                say_json(line)
            else:
                say(_line(line))
        if not lines:
            note(t("feedback.none"))
    return 0 if lines else NOTHING_FOUND


def export(file: Path, *, home: Path | None) -> int:
    """Write all that was said to a new file that `recto eval` reads."""
    with Library(home, create=False) as library:
        if file.exists():
            raise UsageProblem(f"{file} exists already", hint="choose another name, or remove that file first")
        lines = feedback.lines(library)
        file.write_text("".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines), encoding="utf-8")
        say(t("exported", what=t("count.line", n=len(lines)), file=file))
    return 0


def forget(ids: Sequence[int], *, home: Path | None, confirmed: bool) -> int:
    """Forget what was said of these answers, or without any of all, once somebody has said yes."""
    with Library(home, create=False) as library:
        if ids or confirmed or click.confirm(t("feedback.forget_all"), err=True):
            say(t("forgotten", what=t("count.line", n=library.history.forget_verdicts(*ids))))
    return 0
