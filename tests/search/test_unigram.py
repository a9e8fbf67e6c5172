import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recto.search.unigram import BEGIN, END, FRONT, UNKNOWN, Unigram, normalised

PIECES = ["", "", "", "", "▁", "▁water", "▁pump", "s", "pump", "p", "u", "m", "▁w", "ater", "é", "가", "fi"]


@pytest.fixture(scope="module")
def unigram(tmp_path_factory) -> Unigram:
    path: Path = tmp_path_factory.mktemp("pieces") / "pieces.txt"
    path.write_text("".join(f"{piece} {-1 - len(piece) / 10}\n" for piece in PIECES), "utf-8")
    return Unigram(path)


def pieces(unigram: Unigram, text: str) -> list[str]:
    return [PIECES[number] if number != UNKNOWN else "?" for number in unigram.encode(text, 100)[0][1:-1]]


def test_the_likeliest_pieces_are_chosen(unigram):
    assert pieces(unigram, "water pumps") == ["▁water", "▁pump", "s"]


def test_what_is_in_no_piece_is_one_unknown_token_a_character(unigram):
    assert pieces(unigram, "xy") == ["▁", "?", "?"]


def test_special_tokens_stand_around_and_are_no_text(unigram):
    assert unigram.encode("", 100) == ([BEGIN, END], [(0, 0), (0, 0)])
    assert pieces(unigram, "<s>")[0] == "▁"


def test_a_text_is_cut_and_keeps_its_end(unigram):
    ids, spans = unigram.encode("water " * 50, 10)
    assert len(ids) == len(spans) == 10
    assert ids[-1] == END


@pytest.mark.parametrize(
    ("text", "wanted", "characters"),
    [
        ("e\u0301", "é", "e\u0301"),  # an accent that stands apart
        ("\u1100\u1161", "가", "\u1100\u1161"),  # Korean that is taken apart
        ("ﬁ", "fi", "ﬁ"),
    ],
)
def test_characters_that_melt_are_told_by_where_they_come_from(unigram, text, wanted, characters):
    ids, spans = unigram.encode(f"water {text}", 100)
    assert PIECES[ids[-2]] == wanted
    start, end = spans[-2]
    assert f"water {text}"[start:end] == characters


@given(st.text(st.characters(), max_size=60))
def test_spans_go_forward_and_lie_within_the_text(unigram, text):
    spans = unigram.encode(text, 1000)[1][1:-1]
    assert all(0 <= start <= end <= len(text) for start, end in spans)
    assert all(before[0] <= behind[0] for before, behind in pairwise(spans))


@given(
    st.text(
        st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"], exclude_characters=FRONT),
        min_size=1,
        max_size=20,
    )
)
def test_a_normalised_word_is_that_of_the_whole(word):
    normal, origins = normalised(word)
    assert len(origins) in (0, len(normal)) or not normal
    if unicodedata.is_normalized("NFKC", word):
        assert normal == FRONT + word
