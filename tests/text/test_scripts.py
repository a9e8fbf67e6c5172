"""Scripts without spaces: the ranges are in order, and each reader's are taken from the one table."""

import sys
import unicodedata
from itertools import pairwise

import pytest

from recto.text.scripts import LAID_OUT, QUOTED, TERMS, TIBETAN, UNSPACED, Ranges, is_term, is_unspaced


def within(code: int, ranges: Ranges) -> bool:
    return any(first <= code <= last for first, last in ranges)


@pytest.mark.parametrize("ranges", [UNSPACED, TERMS, LAID_OUT, QUOTED])
def test_no_two_ranges_overlap(ranges) -> None:
    ordered = sorted(ranges)
    assert all(first <= last for first, last in ordered)
    assert all(before[1] < after[0] for before, after in pairwise(ordered))


def test_the_predicates_know_every_code_point() -> None:
    for code in range(sys.maxunicode + 1):
        assert is_unspaced(chr(code)) is within(code, UNSPACED)
        assert is_term(chr(code)) is within(code, TERMS)


def test_a_term_is_of_a_script_without_spaces() -> None:
    assert all(within(code, UNSPACED) for ranges in TERMS for code in ranges)
    assert not any(within(code, TERMS) for ranges in TIBETAN for code in ranges)


@pytest.mark.parametrize("text", ["ภาษา", "ພາສາ", "བོད", "မြန်မာ", "ខ្មែរ", "東京", "かな", "カナ", "ꆈꌠ", "𠀀"])
def test_scripts_without_spaces(text) -> None:
    assert all(map(is_unspaced, text))


@pytest.mark.parametrize("text", ["", "Latin", "Ελλάδα", "Россия", "العربية", "हिन्दी", "한국어", "12", ". "])
def test_scripts_with_spaces(text) -> None:
    assert not is_unspaced(text)
    assert not is_term(text)


def test_every_ideograph_is_known_to_all() -> None:
    for code in range(sys.maxunicode + 1):
        if unicodedata.name(chr(code), "").startswith("CJK UNIFIED IDEOGRAPH-") and not within(
            code, ((0xFA0E, 0xFA29),)
        ):
            assert all(within(code, ranges) for ranges in (UNSPACED, TERMS, LAID_OUT, QUOTED))
