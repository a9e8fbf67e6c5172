"""`recto list`, `recto remove`, `recto undo`, `recto original`, `recto export` and `recto import`."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from recto import wire
from recto.cli.hits import note_empty, say_missing
from recto.cli.messages import t
from recto.cli.terminal import note, say, say_json
from recto.errors import UsageProblem
from recto.library import UNDO_S, Library
from recto.links import ID_DIGITS, one_line
from recto.types import Condition


def list_documents(collections: Sequence[str], *, home: Path | None, as_json: bool) -> int:
    """Print the documents, and in which collections they are."""
    began = time.monotonic()
    with Library(home, create=False) as whole_library:
        library, names = whole_library.within(*collections), whole_library.collections.of_documents()
        for condition in library.conditions():
            document, own = condition.document, names.get(condition.document.id, [])
            added = datetime.fromtimestamp(document.added, UTC)
            if as_json:
                entry = {"pages": document.pages, "added": added.isoformat(), "collections": own}
                say_json({"document": wire.document(document), **entry, **wire.condition(condition)})
            else:
                pages = f"{document.pages:>5} {t('list.pages', n=document.pages)}"
                where = "".join(f"  [{one_line(name)}]" for name in own)
                size = f"{condition.size / 1e6:.1f} MB" if condition.size >= 1e6 else f"{condition.size / 1e3:.0f} kB"
                say(f"{document.id[:12]}  {pages}  {size:>9}  {added:%Y-%m-%d}  {one_line(document.name)}{where}")
                note_condition(condition)
        say_missing(library.missing(began))
        if not whole_library.documents():
            note_empty(library)
        elif not library.documents():
            note(t("list.nothing", names=", ".join(collections)))
    return 0


def note_condition(condition: Condition) -> None:
    """Say what is wrong with a document, and what mends it."""
    for problem in condition.problems:
        say(f"  {one_line(problem.message)}")
        say(t("list.mend", hint=one_line(problem.hint)))
    if condition.unencoded:
        say(t("list.unencoded", n=condition.unencoded))
        say(t("list.mend", hint=t("list.unencoded.mend")))


def remove(names: Sequence[str], *, home: Path | None, now: bool) -> int:
    """Forget documents, which can be put back for a while unless `now`; none if one of the names is unknown."""
    with Library(home, create=False) as library:
        forget(library, names, now=now)
    return 0


def forget(library: Library, names: Sequence[str], *, now: bool = False, successor: str = "") -> None:
    """Forget documents; say that, where their words are still, and how they are put back."""
    for document in library.remove_all(names, undo_s=0 if now else UNDO_S, successor=successor):
        say(t("removed", name=one_line(document.name)))
        if quoting := library.history.citing(document.id):
            note(t("removed.history", n=len(quoting)))
            note(f"  recto history forget --doc {document.id[:ID_DIGITS]}")
    if not now and library.removals.all():
        note(t("removed.undo", n=round(UNDO_S / 60)))


def put_back(names: Sequence[str], *, home: Path | None) -> int:
    """Put documents back that were removed; without names those of the last removal."""
    with Library(home, create=False) as library:
        for document in library.put_back(*names):
            say(t("put_back", name=one_line(document.name)))
    return 0


def remove_all(*, home: Path | None, confirmed: bool) -> int:
    """Forget every document, once somebody has said yes."""
    with Library(home, create=False) as library:
        documents = library.documents()
        what = t("remove_all.what", n=len(documents), home=library.settings.home)
        if not documents:
            note_empty(library)
        elif confirmed or click.confirm(t("remove_all.ask", what=what), err=True):
            library.remove_all([document.id for document in documents])
            library.removals.finish(*(removal.document.id for removal in library.removals.all()))
            say(t("removed", name=what))
            if library.history.turns(limit=1):
                note(t("remove_all.history"))
    return 0


def original(name: str, file: Path | None, *, home: Path | None) -> int:
    """Write the file that was added to a new file, by default to one of its own name in this folder."""
    with Library(home, create=False) as library:
        document = library.document(name)
        target = file or Path(Path(document.name).name)
        if target.exists():
            raise UsageProblem(f"{target} exists already", hint="recto original NAME -o FILE")
        library.copy_original(document.id, target)
        say(str(target.absolute()))
    return 0


def export_library(file: Path, *, home: Path | None) -> int:
    """Write the library to a file."""
    with Library(home, create=False) as library:
        library.export(file)
        say(t("exported", what=t("count.document", n=len(library.documents())), file=file))
    return 0


def import_library(file: Path, *, home: Path | None) -> int:
    """Make a library from a file."""
    with Library.imported(file, home) as library:
        say(t("imported", what=t("count.document", n=len(library.documents())), home=library.settings.home))
    return 0
