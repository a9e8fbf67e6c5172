"""The power goes, at any moment of adding, replacing and removing: no reported document is lost, and none is half."""

import hashlib
import json
import os
import random
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from itertools import cycle
from pathlib import Path

import pytest

from recto import Library
from recto.errors import LibraryMissing
from recto.search.encoder import MiniLM
from recto.store import driver
from recto.store.sqlite import SqliteStore
from recto.text.analyse import term_ids
from support.lost_power import Call, Disk, Luck, recorded
from support.pdfs import text_pdf
from support.store_contract import found

SHARES = 0.0, 1.0, 0.5, 0.8  # of what is not safe that the disk keeps
SEED = 14
BACKUP = "backup.sqlite"
Content = tuple[bytes, list[tuple[object, ...]]]  # of a document: its file, and of each page the text, boxes, passages


@dataclass(frozen=True, slots=True)
class Moment:
    """What the commands have done, and said, when the power goes."""

    disk: Disk
    reported: frozenset[str]  # ids
    removed: frozenset[str]
    exported: bool
    heard: bool  # whether something was said just now


def pdf(name: str) -> bytes:
    """A document of three pages, in each of which stands the name and `everywhere`."""
    line = "The {} of hall {} moves {} litres a minute, as {} everywhere.\n"
    return text_pdf(*("".join(line.format(name, hall, 7 * hall, name) for hall in range(n, n + 9)) for n in range(3)))


def identity(name: str) -> str:
    return hashlib.sha256(pdf(name)).hexdigest()


def content(store: SqliteStore, doc: str, pages: int) -> Content:
    read = [store.page(doc, number) for number in range(pages)]
    return store.source(doc), [
        (page.text, page.spans.tobytes(), page.boxes.tobytes(), *store.passages(doc, page.number)) for page in read
    ]


@pytest.fixture
def contents(tmp_path: Path) -> dict[str, Content]:
    """What is to be kept of each document that may be in the library."""
    folder = tmp_path / "whole"
    folder.mkdir()
    for name in ("pump", "kiln", "lathe"):
        (folder / f"{name}.pdf").write_bytes(pdf(name))
    with Library(folder) as library:
        library.add(folder)
    with SqliteStore(folder) as store:
        return {document.id: content(store, document.id, document.pages) for document in store.documents()}


def calls(root: Path, log: Path) -> Iterator[tuple[Call | None, str]]:
    """What the commands do to the disk, and say, one after the other."""
    files, home = log.parent / "files", root / "deep" / "library"
    files.mkdir()
    environment = {**os.environ, "RECTO_OCR": "off"}

    def recto(*arguments: str) -> Iterator[tuple[Call | None, str]]:
        command = [sys.executable, "-m", "recto", *arguments, "--home", str(home)]
        main = None
        for call in recorded(command, log, environment):
            main = main or call.process
            is_said = call.process == main and call.name == "write" and call.arguments.startswith("1<")
            yield (None, call.content.decode()) if is_said else (call, "")
        yield None, f"{arguments[0]}: done"

    (files / "first.pdf").write_bytes(pdf("pump"))
    (files / "second.pdf").write_bytes(pdf("kiln"))
    yield from recto("add", str(files / "first.pdf"), str(files / "second.pdf"), "--json")
    (files / "first.pdf").write_bytes(pdf("lathe"))
    yield from recto("add", "--replace", str(files / "first.pdf"), "--json")
    yield from recto("remove", "second.pdf")
    yield from recto("export", str(root / BACKUP))


def moments(root: Path, log: Path) -> Iterator[Moment]:
    """When it matters whether the power goes: before anything becomes safe, and once something was said."""
    disk = Disk(root)
    reported, removed, exported = frozenset[str](), frozenset[str](), False
    for call, words in calls(root, log):
        if call is None:
            for line in words.splitlines():
                if line.startswith("{"):
                    reported |= {json.loads(line)["document"]["id"]}
                    removed |= {identity("pump")} & (reported if identity("lathe") in reported else frozenset())
                elif line.startswith("removed: second.pdf"):
                    removed |= {identity("kiln")}
                elif line == "add: done" and identity("lathe") in reported:
                    reported -= {identity("kiln")}  # it is to be removed now
                exported |= line.startswith("exported: 1 document")
            reported -= removed
            yield Moment(disk, reported, removed, exported=exported, heard=True)
        elif call.name in ("fsync", "fdatasync"):
            yield Moment(disk, reported, removed, exported=exported, heard=False)
            disk.apply(call)
        else:
            disk.apply(call)
    assert exported
    assert reported == {identity("lathe")}
    assert removed == {identity("pump"), identity("kiln")}


@cache
def _encoder() -> MiniLM:
    return MiniLM.open(threads=1)


def check(home: Path, moment: Moment, contents: dict[str, Content]) -> None:
    """Open what is left: all that was reported is there, whole, and the index says what the truth does."""
    documents = []
    if home.exists():
        try:
            with SqliteStore(home, create=False) as store:
                documents = store.documents()
                for document in documents:
                    assert content(store, document.id, document.pages) == contents[document.id]
                everywhere = {(document.id, number) for document in documents for number in range(document.pages)}
                assert found(store, "text", term_ids("everywhere").tolist()) == everywhere
                assert store.lagging() == 0
                encoder = _encoder()
                unencoded = {version.document.id for version in store.unencoded(encoder.fingerprint)}
                encoded = store.nearest(encoder.encode(["pump"])[0], encoder.fingerprint, 10).moments.count
                assert encoded == sum(document.pages for document in documents if document.id not in unencoded)
        except LibraryMissing:
            pass
        with closing(sqlite3.connect(home / driver.NAME)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    ids = {document.id for document in documents}
    lost = moment.reported - ids
    assert not lost or (lost == {identity("pump")} and identity("lathe") in ids), "a reported document was lost"
    assert not moment.removed & ids, "a removed document came back"
    assert len(ids & {identity("pump"), identity("lathe")}) <= 1, "both versions are there"


@pytest.mark.slow
def test_what_was_reported_outlives_the_power(tmp_path: Path, contents: dict[str, Content]) -> None:
    root, image = tmp_path / "root", tmp_path / "image"
    root.mkdir()
    chance, shares = random.Random(SEED), cycle(SHARES)
    count = 0
    for moment in moments(root, tmp_path / "calls"):
        for share in SHARES if moment.heard else [next(shares)]:
            moment.disk.image(image, Luck(share, chance))
            check(image / "deep" / "library", moment, contents)
            if moment.exported:
                with closing(sqlite3.connect(image / BACKUP)) as connection:
                    assert connection.execute("SELECT id FROM documents").fetchall() == [(identity("lathe"),)]
            count += 1
    assert count > 100
    shutil.rmtree(image)
