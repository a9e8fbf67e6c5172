"""The packed blobs give back exactly what went in."""

import json
import struct
import zlib
from dataclasses import replace

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recto.index_types import PageTerms, Summary
from recto.store.file import DamagedRow
from recto.store.pages import packed, packed_summary, packed_terms, page_of, passages_of, summary_of, terms_of
from recto.types import Flag, Page, Passage, Span, Trait, TraitKind, UInt32s
from support.synthetic_pages import same_page, same_terms

NO_TERMS = np.zeros(0, np.uint32)
SIZES = st.floats(min_value=0.001, max_value=1e6, allow_nan=False)
TERMS = arrays.arrays(np.uint32, st.integers(0, 30))
MANY_TERMS = st.lists(TERMS, max_size=5)


@st.composite
def pages(draw: st.DrawFn) -> Page:
    words = draw(st.integers(0, 20))
    spans = draw(arrays.arrays(np.uint32, (words, 2)))
    boxes = draw(arrays.arrays(np.uint16, (words, 4)))
    text = draw(st.text(st.characters(), max_size=60))  # surrogates too
    return Page(
        number=7,
        width=draw(SIZES),
        height=draw(SIZES),
        flag=draw(st.sampled_from(Flag)),
        text=text,
        spans=spans,
        boxes=boxes,
        label=draw(st.text(st.characters(), max_size=5)),
        hidden=draw(st.integers(0, 9)),
        traits=tuple(
            draw(st.lists(st.builds(Trait, st.sampled_from(TraitKind), st.integers(0, 60), st.integers(0, 60))))
        ),
    )


def terms_with(*, text: UInt32s = NO_TERMS, passages: tuple[UInt32s, ...] = ()) -> PageTerms:
    return PageTerms(
        text=text, heading=NO_TERMS, passages=passages, rows=(), digits=0.0, short=False, contents=NO_TERMS
    )


@given(pages())
def test_a_page_comes_back(page: Page) -> None:
    assert same_page(page_of(packed(page, ()), 7), page)


@given(pages(), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60), st.text(st.characters()))))
def test_passages_come_back(page: Page, cuts: list[tuple[int, int, str]]) -> None:
    passages = [Passage(Span("d", 7, start, end), page.text[start:end], heading) for start, end, heading in cuts]
    assert passages_of(packed(page, passages), "d", 7) == passages


@given(TERMS, TERMS, MANY_TERMS, MANY_TERMS, st.floats(allow_nan=False), st.booleans(), TERMS)
def test_terms_come_back(
    text: UInt32s,
    heading: UInt32s,
    passages: list[UInt32s],
    rows: list[UInt32s],
    digits: float,
    short: bool,
    contents: UInt32s,
) -> None:
    terms = PageTerms(
        text=text,
        heading=heading,
        passages=tuple(passages),
        rows=tuple(rows),
        digits=digits,
        short=short,
        contents=contents,
    )
    assert same_terms(terms_of(packed_terms(terms)), terms)


@given(TERMS, MANY_TERMS)
def test_terms_from_before_they_were_numbered_are_read(text: UInt32s, passages: list[UInt32s]) -> None:
    arrays = [text, NO_TERMS, *passages]
    habits = struct.pack("<dIII", 0.0, 0, len(passages), 0)
    older = b"".join((habits, np.array([len(array) for array in arrays], "<u4").tobytes(), *map(bytes, arrays)))
    assert same_terms(terms_of(older), terms_with(text=text, passages=tuple(passages)))


@pytest.mark.parametrize("count", [255, 256, 257, 65_536, 65_537])
def test_as_many_distinct_terms_come_back_as_a_page_has(count: int) -> None:
    text = np.arange(count, dtype=np.uint32) * 7
    assert same_terms(terms_of(packed_terms(terms_with(text=text))), terms_with(text=text))


@given(pages())
def test_a_page_from_before_labels_and_traits_is_read(page: Page) -> None:
    content = zlib.decompress(packed(page, ()))
    (length,) = struct.unpack_from("<I", content)
    header = json.dumps(json.loads(content[12 : 12 + length])[:4]).encode()
    older = zlib.compress(struct.pack("<I", len(header)) + content[4:12] + header + content[12 + length :])
    assert same_page(page_of(older, 7), replace(page, label="", hidden=0, traits=()))


def test_damage_is_noticed() -> None:
    page = Page(
        number=7,
        width=1.0,
        height=1.0,
        flag=Flag.TEXT,
        text="words " * 50,
        spans=np.zeros((0, 2), np.uint32),
        boxes=np.zeros((0, 4), np.uint16),
    )
    blob = bytearray(packed(page, ()))
    blob[len(blob) // 2] ^= 0xFF
    with pytest.raises(zlib.error):
        page_of(bytes(blob), 7)
    terms = packed_terms(terms_with(text=np.arange(9, dtype=np.uint32)))
    with pytest.raises(DamagedRow, match="bytes of terms"):
        terms_of(terms[:-12])
    shorter = zlib.compress(zlib.decompress(terms[20:])[:-1])
    with pytest.raises(DamagedRow, match="10 numbers for 2 arrays of 9"):
        terms_of(terms[:20] + shorter)


@pytest.mark.parametrize("blob", [b"", b"short", bytes(27), b"\xff" * 64])
def test_terms_that_are_none_are_damage(blob: bytes) -> None:
    with pytest.raises(DamagedRow):
        terms_of(blob)


@pytest.mark.parametrize("content", ["", "[", "[1, 2, 3]", '[1, {"never": 1}, []]', "7"])
def test_a_summary_that_is_none_is_damage(content: str) -> None:
    with pytest.raises(DamagedRow):
        summary_of(content)


@given(st.integers(0, 10**6), st.dictionaries(st.sampled_from(Flag), st.integers(0, 9)), st.lists(st.text()))
def test_a_summary_comes_back(passages: int, flags: dict[Flag, int], subjects: list[str]) -> None:
    summary = Summary(passages, flags, tuple(subjects))
    assert summary_of(packed_summary(summary)) == summary
