"""kill -9 in the middle of `recto add`: what was committed stays whole, the rest is absent, and no worker is left."""

import hashlib
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from recto.index_types import PageKey
from recto.library import Library
from recto.search.encoder import MiniLM
from recto.store.sqlite import SqliteStore
from support.paths import HERE

ROUNDS = 20
LIMIT_S = 120.0  # for what takes a second on a quiet machine
CORPUS = HERE / "corpus"
# Pictures are recognised in the first: kills hit that, too. What takes longest to encode or to recognise is left out.
FILES = [
    CORPUS / "riscv-semihosting.pdf",
    *(CORPUS / f"{name}.pdf" for name in ("arabic-habibi", "encrypted-password", "fda-aiml-samd-action-plan")),
    *(CORPUS / f"{name}.pdf" for name in ("forms-pdflatex", "multicolumn-latex", "riscv-io-mapping-table")),
]


def workers(parent: int) -> list[int]:
    """The reading processes of one command, also after it died."""
    found = []
    for status in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = status.read_bytes()
        except OSError:
            continue
        if b"recto.pdf.worker" in line and b"%d" % parent in (status.parent / "environ").read_bytes():
            found.append(int(status.parent.name))
    return found


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
def test_twenty_kills_during_add_lose_nothing(home: Path) -> None:
    kept = 0
    chance = random.Random(7)
    for number in range(ROUNDS):
        command = [sys.executable, "-m", "recto", "add", "--reread", *map(str, FILES), "--home", str(home)]
        mark = 900_000_000 + number
        with subprocess.Popen(
            command, env={"PATH": "/nowhere", "RECTO_TEST_ROUND": str(mark)}, stdout=subprocess.PIPE
        ) as child:
            assert child.stdout is not None
            time.sleep(chance.uniform(0.4, 2))
            if number % 5 == 4:  # on a busy machine, too, some get as far as a document
                child.stdout.readline()
            child.kill()
        now = check(home)
        assert now >= kept, "a committed document was lost"
        kept = now
        deadline = time.monotonic() + LIMIT_S
        while workers(mark):
            assert time.monotonic() < deadline, "a worker outlived its parent"
            time.sleep(0.2)
    assert kept > 0
    with Library(home) as library:
        library.add(*FILES, password="openpassword")
    assert check(home) == len(FILES)
    with SqliteStore(home) as store:
        encoder = MiniLM.open(threads=1)
        assert store.lagging() == 0
        assert store.unencoded(encoder.fingerprint) == []
        vector = encoder.encode(["trap"])[0]
        pages = [PageKey(document.id, number) for document in store.documents() for number in range(document.pages)]
        assert len(store.cosines(vector, encoder.fingerprint, pages).values) == store.totals().passages
