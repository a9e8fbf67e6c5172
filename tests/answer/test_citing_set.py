"""The labelled set for citations: well formed, balanced, and without rows that say the same."""

import json
from collections import Counter
from typing import Any

from support.paths import HERE

SET = HERE / "data" / "citing.jsonl"
LEAST = {  # rows of each kind
    "verbatim": 10,
    "paraphrase": 35,
    "merged": 12,
    "shortened": 12,
    "number-format": 15,
    "number-change": 30,
    "negation": 20,
    "entity-swap": 15,
    "unit-change": 8,
    "unrelated": 15,
    "overreach": 8,
}
SUPPORTED = {"verbatim", "paraphrase", "merged", "shortened", "number-format"}


def rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in SET.read_text(encoding="utf-8").splitlines()]


def test_every_row_has_the_same_shape() -> None:
    for row in rows():
        where = row["id"]
        assert list(row) == ["id", "kind", "sentence", "sources", "support", "need"], where
        assert row["need"] in ("all", "any"), where
        assert 3 <= len(row["sources"]) <= 6, where
        texts = [source["text"] for source in row["sources"]]
        assert len(set(texts)) == len(texts), where
        for text in (row["sentence"], *texts):
            assert text, where
            assert text == " ".join(text.split()), where
        for source in row["sources"]:
            assert list(source) == ["text", "about"], where
            name, *headings = source["about"].split("\n")
            assert name.endswith(".pdf"), where
            assert headings, where
            assert all(headings), where


def test_support_names_sources_and_is_empty_for_exactly_the_false_kinds() -> None:
    for row in rows():
        support = row["support"]
        assert support == sorted(set(support)), row["id"]
        assert all(0 <= index < len(row["sources"]) for index in support), row["id"]
        assert bool(support) == (row["kind"] in SUPPORTED), row["id"]
        assert (row["need"] == "all") == (row["kind"] == "merged"), row["id"]
        assert row["kind"] != "merged" or len(support) == 2, row["id"]


def test_no_row_repeats_another() -> None:
    for key in ("id", "sentence"):
        repeated = [value for value, count in Counter(row[key] for row in rows()).items() if count > 1]
        assert repeated == []


def test_enough_rows_of_every_kind() -> None:
    counts = Counter(row["kind"] for row in rows())
    assert set(counts) == set(LEAST)
    assert {kind: counts[kind] for kind, least in LEAST.items() if counts[kind] < least} == {}
    assert counts.total() >= 180
