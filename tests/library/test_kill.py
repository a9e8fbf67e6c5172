"""kill -9 in the middle of `recto add`: what was committed stays whole, the rest is absent, and no worker is left."""

import hashlib
import random
import time
from pathlib import Path

import pytest

from recto.index_types import PageKey
from recto.library import Library
from recto.search.encoder import MiniLM
from recto.store.sqlite import SqliteStore
from support.forked import Program, command
from support.paths import HERE
from support.pdfs import Sheet, pdf, text_pdf
from support.scans import placed, written

ROUNDS = 20
LIMIT_S = 120.0  # for what takes a second on a quiet machine
CORPUS = [
    HERE / "corpus" / f"{name}.pdf"
    for name in ("arabic-habibi", "encrypted-password", "forms-pdflatex", "multicolumn-latex")
]
LINES = "The kiln burns at 1,200 degrees.", "The lathe is oiled every Monday."


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Small documents; the pictures in one of them are recognised: kills hit that, too."""
    manual, pictures = tmp_path / "manual.pdf", tmp_path / "pictures.pdf"
    manual.write_bytes(text_pdf(*(f"The pump of hall {hall} moves {hall}11 litres a minute." for hall in range(1, 9))))
    images = [written([line], (800, 130), height=32) for line in LINES]
    pictures.write_bytes(
        pdf(*(Sheet([(72, 700, 12, "A sheet.")], content=placed(image, (72, 500, 400, 65))) for image in images))
    )
    return [manual, pictures, *CORPUS]


def workers(parent: int) -> list[int]:
    """The reading processes of one command, also after it died."""
    pids = []
    for status in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = status.read_bytes()
        except OSError:
            continue
        if b"recto.pdf.worker" in line and b"%d" % parent in (status.parent / "environ").read_bytes():
            pids.append(int(status.parent.name))
    return pids


def check(home: Path) -> int:
    """Every document is there with all its pages, passages and bytes; return how many there are."""
    with SqliteStore(home) as store:
        for document in store.documents():
            copy = home / "copy"
            store.copy_original(document.id, copy)
            assert hashlib.sha256(copy.read_bytes()).hexdigest() == document.id
            pages = store.page_terms([PageKey(document.id, number) for number in range(document.pages)])
            assert len(pages) == document.pages
            for key, terms in pages.items():
                assert len(store.passages(*key)) == len(terms.passages)
                store.page(*key)
        return len(store.documents())


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="counts processes in /proc")
def test_twenty_kills_during_add_lose_nothing(home: Path, files: list[Path]) -> None:
    committed = 0
    chance = random.Random(7)
    for number in range(ROUNDS):
        mark = 900_000_000 + number
        environment = {"PATH": "/nowhere", "RECTO_TEST_ROUND": str(mark)}
        arguments = ["add", "--reread", *map(str, files), "--home", str(home)]
        with Program(command, *arguments, environment=environment) as adding:
            time.sleep(chance.uniform(0, 1.5))
            if number % 5 == 4:  # on a busy machine, too, some get as far as a document
                adding.stdout.readline()
            adding.kill()
        documents = check(home)
        assert documents >= committed, "a committed document was lost"
        committed = documents
        deadline = time.monotonic() + LIMIT_S
        while workers(mark):
            assert time.monotonic() < deadline, "a worker outlived its parent"
            time.sleep(0.2)
    assert committed > 0
    with Library(home) as library:
        library.add(*files, password="openpassword")
        assert library.search("lathe")[0].document.name == "pictures.pdf"
    assert check(home) == len(files)
    with SqliteStore(home) as store:
        encoder = MiniLM.open(threads=1)
        assert store.lagging() == 0
        assert store.unencoded(encoder.fingerprint) == []
        vector = encoder.encode(["trap"])[0]
        pages = [PageKey(document.id, number) for document in store.documents() for number in range(document.pages)]
        assert len(store.cosines(vector, encoder.fingerprint, pages).values) == store.totals().passages
