"""Words that people type are found on pages, however either of them encodes accents."""

from unicodedata import normalize

import pytest

from recto.text.highlight import matched
from recto.text.verbatim import find_words

TEXTS = ["Gödel und Erdős in Zürich", "\u1112\u1161\u11ab글 문서", "が行 の ぱ", "2 ≠ 3, but Å is one"]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("typed", ["NFC", "NFD"])
def test_words_are_found_whichever_way_accents_are_encoded(text: str, form: str, typed: str) -> None:
    page = normalize(form, "A page: " + text + " and more.")
    for word in text.split():
        span = find_words(page, normalize(typed, word))
        assert span
        assert normalize("NFC", page[slice(*span)]) == normalize("NFC", word)


def test_a_word_with_combining_marks_is_marked_whole() -> None:
    text = normalize("NFD", "Zürich pays")
    assert [text[start:end] for start, end in matched("Zürich", text)] == [normalize("NFD", "Zürich")]
