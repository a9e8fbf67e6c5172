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
    "written-true": 20,  # by models, judged by a person
    "written-false": 70,
    "written-empty": 15,  # claims nothing
    "written-beside": 5,  # true, and no answer to the question
    "bare-true": 60,  # nothing but the answer
    "other-row": 35,  # a number of another row or sentence
}
SUPPORTED = {"verbatim", "paraphrase", "merged", "shortened", "number-format", "written-true", "bare-true"}


def rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in SET.read_text(encoding="utf-8").splitlines()]


def test_every_row_has_the_same_shape() -> None:
    for row in rows():
        where = row["id"]
        assert list(row) == ["id", "kind", "question", "sentence", "by", "sources", "support", "need"], where
        assert row["need"] in ("all", "any"), where
        assert bool(row["by"]) == row["kind"].startswith("written"), where
        assert (3 if not row["question"] else 1) <= len(row["sources"]) <= 6, where
        texts = [source["text"] for source in row["sources"]]
        assert len(set(texts)) == len(texts), where
        for line in (row["sentence"], *(line for text in texts for line in text.split("\n"))):
            assert line, where
            assert line == " ".join(line.split()), where
        for source in row["sources"]:
            assert list(source) == ["text", "about"], where
            name, *headings = source["about"].split("\n")
            assert name.endswith(".pdf"), where
            assert headings, where
            assert all(headings) or row["question"], where


def test_support_names_sources_and_is_empty_for_exactly_the_false_kinds() -> None:
    for row in rows():
        support = row["support"]
        assert support == sorted(set(support)), row["id"]
        assert all(0 <= index < len(row["sources"]) for index in support), row["id"]
        assert bool(support) == (row["kind"] in SUPPORTED), row["id"]
        assert (row["need"] == "all") == (row["kind"] == "merged"), row["id"]
        assert row["kind"] != "merged" or len(support) == 2, row["id"]


def test_no_row_repeats_another() -> None:
    ids = Counter(row["id"] for row in rows())
    pairs = Counter((row["question"], row["sentence"], row["kind"]) for row in rows())
    assert [value for counts in (ids, pairs) for value, count in counts.items() if count > 1] == []


def test_enough_rows_of_every_kind() -> None:
    counts = Counter(row["kind"] for row in rows())
    assert set(counts) == set(LEAST)
    assert {kind: counts[kind] for kind, least in LEAST.items() if counts[kind] < least} == {}
    assert counts.total() >= 400
