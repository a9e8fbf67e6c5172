"""How well citations are attached: precision and recall on a made set of sentences whose support is known.

    python -m bench.citing [--json FILE] [--wrong]

The set is tests/data/citing.jsonl: sentences as models write them, true ones and such with a changed number, a turned
meaning or another name, each with pieces of evidence. Rarity of words is that of all its evidence. The rule was made
with the rows of every other document before the eyes; those of the documents between were not looked at.
"""

import argparse
import hashlib
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from bench import machine
from bench.samples import ROOT

from recto.answer.citing import CitedSource, supporting
from recto.search.coverage import TermCoverage
from recto.search.index import indexed_pages
from recto.store import Store
from recto.store.sqlite import SqliteStore
from recto.text.analyse import ANALYSER_VERSION, term_ids
from recto.types import Document, Flag, Page, Passage, Span

SET = ROOT / "tests" / "data" / "citing.jsonl"
RESULTS = ROOT / "bench" / "results" / "citing.json"


@dataclass(frozen=True, slots=True)
class Row:
    """A sentence, its evidence, and the places that support it: all of them together, or each alone."""

    id: str
    kind: str
    sentence: str
    sources: tuple[CitedSource, ...]
    support: frozenset[int]
    together: bool

    @property
    def document(self) -> str:
        """What the sentence is about."""
        return self.id.partition("-")[0]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was attached to a row."""

    row: Row
    cited: frozenset[int]

    @property
    def correct(self) -> bool:
        """Whether the sentence got what supports it and nothing else; nothing, if nothing does."""
        if self.row.together or not self.row.support:
            return self.cited == self.row.support
        return bool(self.cited) and self.cited <= self.row.support


def rows() -> list[Row]:
    """The set."""
    return [
        Row(
            one["id"],
            one["kind"],
            one["sentence"],
            tuple(CitedSource(source["text"], source["about"]) for source in one["sources"]),
            frozenset(one["support"]),
            one["need"] == "all" and len(one["support"]) > 1,
        )
        for one in map(json.loads, SET.read_text(encoding="utf-8").splitlines())
    ]


def outcomes(found: Sequence[Row]) -> list[Outcome]:
    """Attach citations to all rows."""
    with tempfile.TemporaryDirectory() as folder, SqliteStore(Path(folder)) as store:
        _fill(store, found, Path(folder))
        return [_outcome(row, store) for row in found]


def _outcome(row: Row, store: Store) -> Outcome:
    def overlap(sentence: str, text: str) -> float:
        return TermCoverage.of(term_ids(sentence), store).share(text)

    return Outcome(row, frozenset(supporting(row.sentence, row.sources, overlap)))


def _fill(store: Store, found: Sequence[Row], folder: Path) -> None:
    """Keep each piece of evidence as a page, so that the library knows how rare its words are."""
    texts = list(dict.fromkeys(source.text for row in found for source in row.sources))
    no_words = np.empty((0, 2), np.uint32), np.empty((0, 4), np.uint16)
    pages = [Page(number, 612, 792, Flag.TEXT, text, *no_words) for number, text in enumerate(texts)]
    content = b"%PDF-"
    document = Document(hashlib.sha256(content).hexdigest(), "set.pdf", "set", len(pages), len(content), 0)
    passages = [[Passage(Span(document.id, page.number, 0, len(page.text)), page.text, "")] for page in pages]
    source = folder / "source"
    source.write_bytes(content)
    store.put(document, source, indexed_pages(document.title, pages, passages), analyser=ANALYSER_VERSION)


def figures(found: Sequence[Outcome]) -> dict[str, Any]:
    """Precision and recall of attached citations, and how many sentences are right as a whole."""
    attached = sum(len(one.cited) for one in found)
    right = sum(len(one.cited & one.row.support) for one in found)
    supported = [one for one in found if one.row.support]
    unsupported = [one for one in found if not one.row.support]
    return {
        "sentences": len(found),
        "precision": _share(right, attached),
        "recall": _share(sum(one.correct for one in supported), len(supported)),
        "unsupported_marked": _share(sum(one.correct for one in unsupported), len(unsupported)),
    }


def _share(part: int, whole: int) -> float:
    return round(part / whole, 3) if whole else 0.0


def measure() -> dict[str, Any]:
    """All figures: of the whole set, of its halves, and by kind of sentence."""
    found = outcomes(rows())
    seen = _looked_at(found)
    kinds: dict[str, list[Outcome]] = defaultdict(list)
    for one in found:
        kinds[one.row.kind].append(one)
    return {
        "about": machine.about(),
        "all": figures(found),
        "looked_at": figures([one for one in found if one.row.document in seen]),
        "not_looked_at": figures([one for one in found if one.row.document not in seen]),
        "right_by_kind": {
            kind: f"{sum(one.correct for one in those)} of {len(those)}" for kind, those in kinds.items()
        },
    }


def _looked_at(found: Sequence[Outcome]) -> set[str]:
    return set(sorted({one.row.document for one in found})[::2])


def _wrong() -> Iterator[str]:
    """The rows that were looked at and are wrong, for people."""
    found = outcomes(rows())
    for one in found:
        if one.row.document in _looked_at(found) and not one.correct:
            yield f"{one.row.id} {one.row.kind}: {one.row.sentence}"
            yield f"   wanted {sorted(one.row.support)}, got {sorted(one.cited)}"
            yield from (f"   {number}. {source.text!r}" for number, source in enumerate(one.row.sources))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--json", type=Path, default=RESULTS, help=f"where figures go, else {RESULTS.relative_to(ROOT)}"
    )
    parser.add_argument("--wrong", action="store_true", help="show what goes wrong in the half that may be looked at")
    arguments = parser.parse_args()
    if arguments.wrong:
        print("\n".join(_wrong()))
        return
    found = measure()
    arguments.json.write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps({name: part for name, part in found.items() if name != "about"}, indent=1))


if __name__ == "__main__":
    main()
