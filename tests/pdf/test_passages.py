"""Passages: contiguous spans that lose no ink, keep to their limits and cut no number."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recto.pdf.furniture import RunningLine
from recto.pdf.passages import LIMIT, TARGET, passages
from recto.types import Flag, Page

WORDS = st.sampled_from(
    [
        "Net",
        "sales",
        "rose",
        "1,577.25",
        "in",
        "2018.",
        "What",
        "(a)",
        "—",
        "x" * 320,
        "7" * 290,
        "…",
        "\x00",
        "東京。",
        "-",
    ]
)
GAPS = st.sampled_from([" ", " ", " ", "\n", "\n\n", "\t", "   \n", "; ", ". ", ""])
TEXTS = st.one_of(
    st.text(max_size=1500),
    st.text("ab1,. \n", max_size=1500),
    st.lists(st.tuples(WORDS, GAPS), max_size=200).map(lambda parts: "".join(map("".join, parts))),
)


def page(text: str) -> Page:
    return Page(
        number=3,
        width=612,
        height=792,
        flag=Flag.TEXT,
        text=text,
        spans=np.empty((0, 2), np.uint32),
        boxes=np.empty((0, 4), np.uint16),
    )


def cut(text, furniture=()):
    return passages(page(text), "doc", [(0, "A > B")], furniture)


@given(TEXTS)
def test_no_ink_is_lost_or_doubled(text) -> None:
    covered = [at for passage in cut(text) for at in range(passage.span.start, passage.span.end)]
    assert len(covered) == len(set(covered))
    assert {at for at, char in enumerate(text) if not char.isspace()} <= set(covered)


@given(TEXTS)
def test_each_text_is_its_span(text) -> None:
    for passage in cut(text):
        assert passage.text == text[passage.span.start : passage.span.end] == passage.text.strip()
        assert (passage.span.doc, passage.span.page, passage.heading) == ("doc", 3, "A > B")


@given(TEXTS)
def test_no_passage_is_over_its_limit(text) -> None:
    assert all(0 < len(passage.text) <= LIMIT for passage in cut(text))


@given(TEXTS)
def test_numbers_stay_whole(text) -> None:
    numbers = [match.span() for match in re.finditer(r"\d[\d.,]*", text) if len(match[0]) < LIMIT // 2]
    spans = [(passage.span.start, passage.span.end) for passage in cut(text)]
    assert all(any(start <= a and b <= end for start, end in spans) for a, b in numbers)


@given(st.lists(TEXTS, min_size=2, max_size=5))
def test_furniture_belongs_to_no_passage_and_parts_them(texts) -> None:
    text, furniture = texts[0], []
    for more in texts[1:]:
        furniture.append((len(text), len(text) + len("RUNNING HEAD 12")))
        text += "RUNNING HEAD 12" + more
    running = [RunningLine(place, new=False, own=False) for place in furniture[::-1]]
    covered = {at for passage in cut(text, running) for at in range(passage.span.start, passage.span.end)}
    outside = {at for at in range(len(text)) if not any(start <= at < end for start, end in furniture)}
    assert covered <= outside
    assert {at for at in outside if not text[at].isspace()} <= covered


def test_sentences_are_packed_up_to_the_target() -> None:
    sentences = [f"Sentence number {count} says something about the company." for count in range(40)]
    found = cut("\n".join(sentences))
    assert all(TARGET - 70 < len(passage.text) <= TARGET for passage in found[:-1])
    assert all(passage.text.endswith("company.") for passage in found)


def test_a_long_line_is_cut_at_a_space() -> None:
    found = cut("word " * 300)
    assert all(set(passage.text.split()) == {"word"} for passage in found)


@pytest.mark.parametrize("text", ["", " \n ", "\x0c"])
def test_nothing_to_read(text) -> None:
    assert cut(text) == []


def test_a_row_stays_whole_behind_its_leading_dots() -> None:
    row = "Total revenue for the whole of the year ............... $ 4,795.5 $ 4,147.1 $ 4,055.2 16% 2 %"
    text = "\n".join([row.replace("Total", f"Total {number}") for number in range(12)])
    for passage in cut(text):
        for line in passage.text.split("\n"):
            assert line in text.split("\n")
