"""What a folder costs that is in step: `python -m bench.sync [--files N]` prints the CPU seconds of a look.

The folder has so many files in folders of 100, each a copy of one of a few documents: a look reads none, so that
what they hold does not count. Prints only.
"""

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from recto.library import Library
from recto.sync import FolderSync, Report
from recto.sync.plan import Act

FOLDER = 100  # files in one
DOCUMENTS = 4
TEXT = "Report {number}\n\nThe pump of hall {number} moves {number}11 litres a minute.\n"


def fill(folder: Path, files: int) -> None:
    """Write the files."""
    for number in range(files):
        path = folder / f"{number // FOLDER:04}" / f"{number:06}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(TEXT.format(number=number % DOCUMENTS))


def looks(library: Library, folder: Path) -> Iterator[float]:
    """The CPU seconds of looks at a folder in which nothing has changed, without an end."""
    while True:
        began = time.process_time()
        sync = FolderSync(library, folder)
        with sync.alone():
            (report,) = sync.once()
        assert isinstance(report, Report)
        assert not report.busy
        yield time.process_time() - began


def measure(files: int) -> dict[str, float]:
    """Bring a made folder in step, and look at it again."""
    base = Path(tempfile.mkdtemp(prefix="recto-bench-"))
    try:
        fill(base / "papers", files)
        with Library(base / "library") as library:
            began = time.process_time()
            sync = FolderSync(library, base / "papers", settled_s=0)
            with sync.alone():
                *_, report = sync.once()
            assert isinstance(report, Report)
            assert report.counts[Act.ADD] == files
            first_s = time.process_time() - began
            seconds = looks(library, base / "papers")
            return {"files": files, "first_cpu_s": first_s, "look_cpu_s": min(next(seconds) for _ in range(3))}
    finally:
        shutil.rmtree(base)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    print(json.dumps(measure(parser.parse_args().files)))
