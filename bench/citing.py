"""How well citations are attached: precision and recall on a made set of sentences whose support is known.

    python -m bench.citing [--json FILE] [--wrong]

The set is tests/data/citing.jsonl: sentences as models write them, true ones and such with a changed number, a turned
meaning or another name, each with pieces of evidence. Rarity of words is that of all its evidence. The rule was made
with the rows of every other document before the eyes; those of the documents between were not looked at.
"""

import argparse
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import provenance
from bench.samples import ROOT
from bench.text_documents import put_texts

from recto.answer.citing import CitedSource, supporting
from recto.search.coverage import TermCoverage
from recto.store.sqlite import SqliteStore
from recto.text.analyse import term_ids

SET = ROOT / "tests" / "data" / "citing.jsonl"
RESULTS = ROOT / "bench" / "results" / "citing.json"


@dataclass(frozen=True, slots=True, kw_only=True)
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
            id=row["id"],
            kind=row["kind"],
            sentence=row["sentence"],
            sources=tuple(CitedSource(source["text"], source["about"]) for source in row["sources"]),
            support=frozenset(row["support"]),
            together=row["need"] == "all" and len(row["support"]) > 1,
        )
        for row in map(json.loads, SET.read_text(encoding="utf-8").splitlines())
    ]


def attach_all(rows: Sequence[Row]) -> list[Outcome]:
    """Attach citations to all rows; a library of their evidence knows how rare its words are."""
    texts = list(dict.fromkeys(source.text for row in rows for source in row.sources))
    with tempfile.TemporaryDirectory() as folder, SqliteStore(Path(folder)) as store:
        put_texts(store, texts, "set.pdf", title="set", encoder=None)

        def overlap(sentence: str, text: str) -> float:
            return TermCoverage.of(term_ids(sentence), store).share(text)

        return [Outcome(row, frozenset(supporting(row.sentence, row.sources, overlap))) for row in rows]


def figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Precision and recall of attached citations, and how many sentences are right as a whole."""
    attached = sum(len(outcome.cited) for outcome in outcomes)
    right = sum(len(outcome.cited & outcome.row.support) for outcome in outcomes)
    supported = [outcome for outcome in outcomes if outcome.row.support]
    unsupported = [outcome for outcome in outcomes if not outcome.row.support]
    return {
        "sentences": len(outcomes),
        "precision": _share(right, attached),
        "recall": _share(sum(outcome.correct for outcome in supported), len(supported)),
        "unsupported_marked": _share(sum(outcome.correct for outcome in unsupported), len(unsupported)),
    }


def _share(part: int, whole: int) -> float:
    return round(part / whole, 3) if whole else 0.0


def measure() -> dict[str, Any]:
    """All figures: of the whole set, of its halves, and by kind of sentence."""
    outcomes = attach_all(rows())
    documents = looked_at(outcomes)
    kinds: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        kinds[outcome.row.kind].append(outcome)
    return {
        "about": provenance.about(),
        "all": figures(outcomes),
        "looked_at": figures([outcome for outcome in outcomes if outcome.row.document in documents]),
        "not_looked_at": figures([outcome for outcome in outcomes if outcome.row.document not in documents]),
        "right_by_kind": {
            kind: f"{sum(outcome.correct for outcome in of_kind)} of {len(of_kind)}" for kind, of_kind in kinds.items()
        },
    }


def looked_at(outcomes: Sequence[Outcome]) -> set[str]:
    """The documents whose rows the rule was made with."""
    return set(sorted({outcome.row.document for outcome in outcomes})[::2])


def mistakes() -> Iterator[str]:
    """The rows that were looked at and are wrong, for people."""
    outcomes = attach_all(rows())
    documents = looked_at(outcomes)
    for outcome in outcomes:
        row = outcome.row
        if row.document in documents and not outcome.correct:
            yield f"{row.id} {row.kind}: {row.sentence}"
            yield f"   wanted {sorted(row.support)}, got {sorted(outcome.cited)}"
            yield from (f"   {number}. {source.text!r}" for number, source in enumerate(row.sources))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--json", type=Path, default=RESULTS, help=f"where figures go, else {RESULTS.relative_to(ROOT)}"
    )
    parser.add_argument("--wrong", action="store_true", help="show what goes wrong in the half that may be looked at")
    arguments = parser.parse_args()
    if arguments.wrong:
        print("\n".join(mistakes()))
        return
    results = measure()
    arguments.json.write_text(json.dumps(results, indent=1) + "\n")
    print(json.dumps({name: part for name, part in results.items() if name != "about"}, indent=1))


if __name__ == "__main__":
    main()
