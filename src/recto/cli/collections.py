"""`recto collection`: named sets of documents, made, filled, emptied, renamed and deleted."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from recto.cli.commands import _command, _home, _json, recto
from recto.cli.messages import t

if TYPE_CHECKING:
    from recto.types import Collection


def _say(what: str, own: "Collection", *, as_json: bool) -> int:
    """Say what became of a collection, and what is in it now."""
    from recto import wire
    from recto.cli.terminal import say, say_json
    from recto.links import one_line

    words = t(f"collection.{what}", name=one_line(own.name), documents=t("count.document", n=own.documents))
    say_json({**wire.collection(own), "status": what}) if as_json else say(words)
    return 0


@recto.group("collection")
def collection() -> None:
    """Named sets of documents, which can be asked by themselves; a document may be in several."""


@collection.command("list")
@_json
@_home
@_command
def list_collections(as_json: bool, home: Path | None) -> int:
    """List the collections, and how many documents are in each."""
    from recto import wire
    from recto.cli.terminal import note, say, say_json
    from recto.library import Library
    from recto.links import one_line

    with Library(home, create=False) as library:
        collections = library.collections.all()
        for own in collections:
            words = f"{t('count.document', n=own.documents):>14}  {one_line(own.name)}"
            say_json(wire.collection(own)) if as_json else say(words)
        if not collections:
            note(t("collection.none"))
    return 0


@collection.command("create")
@click.argument("name")
@click.argument("docs", nargs=-1, metavar="[ID|NAME]...")
@_json
@_home
@_command
def create_collection(name: str, docs: tuple[str, ...], as_json: bool, home: Path | None) -> int:
    """Make a collection, with these documents in it."""
    from recto.library import Library

    with Library(home) as library:
        ids = [library.document(doc).id for doc in docs]
        return _say("made", library.collections.create(name, ids), as_json=as_json)


@collection.command("rename")
@click.argument("name")
@click.argument("new_name", metavar="NEW-NAME")
@_json
@_home
@_command
def rename_collection(name: str, new_name: str, as_json: bool, home: Path | None) -> int:
    """Call a collection otherwise."""
    from recto.library import Library

    with Library(home, create=False) as library:
        return _say("renamed", library.collections.rename(name, new_name), as_json=as_json)


@collection.command("add")
@click.argument("name")
@click.argument("docs", nargs=-1, required=True, metavar="ID|NAME...")
@_json
@_home
@_command
def add_to_collection(name: str, docs: tuple[str, ...], as_json: bool, home: Path | None) -> int:
    """Put documents of the library into a collection; `recto add --collection` does so with new files."""
    from recto.library import Library

    with Library(home, create=False) as library:
        ids = [library.document(doc).id for doc in docs]
        return _say("filled", library.collections.add(name, ids), as_json=as_json)


@collection.command("discard")
@click.argument("name")
@click.argument("docs", nargs=-1, required=True, metavar="ID|NAME...")
@_json
@_home
@_command
def discard_from_collection(name: str, docs: tuple[str, ...], as_json: bool, home: Path | None) -> int:
    """Take documents out of a collection; they stay in the library."""
    from recto.library import Library

    with Library(home, create=False) as library:
        part = library.within(name)
        ids = [part.document(doc).id for doc in docs]
        return _say("emptied", library.collections.discard(name, ids), as_json=as_json)


@collection.command("delete")
@click.argument("name")
@_json
@_home
@_command
def delete_collection(name: str, as_json: bool, home: Path | None) -> int:
    """Delete a collection; its documents stay in the library."""
    from recto.library import Library

    with Library(home, create=False) as library:
        return _say("deleted", library.collections.delete(name), as_json=as_json)
