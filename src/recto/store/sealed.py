"""A file that waits beside an encrypted library for the next process, with a note on it: sealed under its key."""

from contextlib import ExitStack, closing
from pathlib import Path

from recto.store.driver import connected
from recto.store.file import transaction, translating_errors
from recto.store.tables import copy_source, insert_source

PART = ".part"


def seal(source: Path, target: Path, note: str, key: str) -> None:
    """Seal a file in a new one, which is whole once it has its name. DiskFull."""
    part = target.with_name(f"{target.name}{PART}")
    part.unlink(missing_ok=True)
    try:
        with (
            translating_errors(target, writes=True),
            closing(connected(part, "mode=rwc", key)) as connection,
            source.open("rb") as file,
        ):
            connection.execute("PRAGMA journal_mode = OFF")  # one that is not whole is thrown away
            with transaction(connection):
                connection.execute("CREATE TABLE note (words TEXT)")
                connection.execute("INSERT INTO note VALUES (?)", (note,))
                connection.execute("CREATE TABLE file (seq INTEGER PRIMARY KEY, content BLOB)")
                insert_source(connection, "file", 1, file)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def unseal(source: Path, target: Path, key: str) -> str:
    """Write the file that was sealed; the note on it. KeyNeeded, LibraryDamaged; OSError if there is no room for it."""
    with ExitStack() as failing:
        failing.callback(target.unlink, missing_ok=True)
        with translating_errors(source), closing(connected(source, "mode=ro", key)) as connection:
            copy_source(connection, "file", 1, target)
            note = str(connection.execute("SELECT words FROM note").fetchone()[0])
        failing.pop_all()
    return note
