"""How well citations are attached: precision and recall on a made set of sentences whose support is known.

    python -m bench.citing [--json FILE] [--wrong]

The set is tests/data/citing.jsonl: sentences as models write them, true ones and such with a changed number, a turned
meaning or another name, each with pieces of evidence. Those with a question answer one of tests/data/*/questions.jsonl:
what two small models wrote, at temperature 0, judged by one person reading the evidence; bare answers; and numbers of
another row. Rarity of words is that of all its evidence. The rule was made with one half of the rows before the eyes;
the other one was measured, and its rows were not looked at: those of every other document and, with a question, those
whose question has an odd CRC-32.
"""

import argparse
import json
import tempfile
import zlib
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
EMPTY, BESIDE = "written-empty", "written-beside"  # claims nothing; is true, and answers something else


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A sentence, its evidence, and the places that support it: all of them together, or each alone."""

    id: str
    kind: str
    question: str  # empty for rows that were made without one
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
            question=row["question"],
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

        return [Outcome(row, frozenset(supporting(row.sentence, row.sources, overlap, row.question))) for row in rows]


def figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Precision and recall of attached citations, and the shares of marks that are wrong."""
    attached = sum(len(outcome.cited) for outcome in outcomes)
    right = sum(len(outcome.cited & outcome.row.support) for outcome in outcomes)
    true = [outcome for outcome in outcomes if outcome.row.support]
    empty = [outcome for outcome in outcomes if outcome.row.kind == EMPTY]
    false = [outcome for outcome in outcomes if not outcome.row.support and outcome.row.kind not in (EMPTY, BESIDE)]
    return {
        "sentences": len(outcomes),
        "precision": _share(right, attached),
        "recall": _share(sum(outcome.correct for outcome in true), len(true)),
        "unsupported_marked": _share(sum(not outcome.cited for outcome in false), len(false)),
        "true_unsupported": _share(sum(not outcome.cited for outcome in true), len(true)),
        "false_cited": _share(sum(bool(outcome.cited) for outcome in false), len(false)),
        "empty_cited": sum(bool(outcome.cited) for outcome in empty),
    }


def _share(part: int, whole: int) -> float:
    return round(part / whole, 3) if whole else 0.0


def measure() -> dict[str, Any]:
    """All figures: of each half, also of its rows with a question alone, and by kind of sentence."""
    outcomes = attach_all(rows())
    seen = looked_at([outcome.row for outcome in outcomes])
    kinds: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        kinds[outcome.row.kind].append(outcome)

    with_question = [outcome for outcome in outcomes if outcome.row.question]
    return {
        "about": provenance.about(),
        "all": figures(outcomes),
        "looked_at": figures([outcome for outcome in outcomes if outcome.row.id in seen]),
        "not_looked_at": figures([outcome for outcome in outcomes if outcome.row.id not in seen]),
        "with_question_looked_at": figures([outcome for outcome in with_question if outcome.row.id in seen]),
        "with_question_not_looked_at": figures([outcome for outcome in with_question if outcome.row.id not in seen]),
        "right_by_kind": {
            kind: f"{sum(outcome.correct for outcome in of_kind)} of {len(of_kind)}" for kind, of_kind in kinds.items()
        },
    }


def looked_at(rows: Sequence[Row]) -> set[str]:
    """The ids of the rows that the rule was made with."""
    documents = set(sorted({row.document for row in rows if not row.question})[::2])
    return {
        row.id
        for row in rows
        if (zlib.crc32(row.question.encode()) % 2 == 0 if row.question else row.document in documents)
    }


def mistakes() -> Iterator[str]:
    """The rows that were looked at and are wrong, for people."""
    outcomes = attach_all(rows())
    seen = looked_at([outcome.row for outcome in outcomes])
    for outcome in outcomes:
        row = outcome.row
        if row.id in seen and not outcome.correct:
            yield f"{row.id} {row.kind}: {row.question} {row.sentence}"
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
