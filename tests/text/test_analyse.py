"""The analyser: its rules by example, other alphabets, and what holds for any text."""

import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recto.text.analyse import asks_for_figure, plain_digits, term_ids, title_ids, title_question_ids, tokens
from recto.text.numbers import claimed_numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What is the operating margin of the company's stores?", ["oper", "margin", "compani", "store"]),
        ("It\u2019s its s", []),
        ("$1,577.25 and 12,5", ["1577.25", "12", "5"]),
        ("1,577,000", ["1577000"]),
        ("Year-over-year", ["yearoveryear", "year", "over", "year"]),
        ("AT&T and U.S.", ["at&t", "u.s"]),
        ("P/E-ratios", ["p/eratios", "ratio"]),
        ("fy2018 Q4 10k", ["fy2018", "2018", "fy", "q4", "4", "10k"]),
        ("running runs", ["run", "run"]),
    ],
)
def test_rules(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Zürich", "zurich"),
        ("Zu\u0308rich", "zurich"),
        ("ﬁnance", "finance"),
        ("soft\u00adware", "software"),
        ("co\u2010operate", "co-operate"),
        ("２０１８", "2018"),
        ("٢٠١٨", "2018"),
        ("Ελλάδα", "ΕΛΛΑΔΑ"),
        ("كِتَاب", "كتاب"),
        ("STRASSE", "straße"),
        ("\u1112\u1161\u11ab\u1100\u116e\u11a8", "한국"),
        ("revenue¹", "revenue 1"),
        ("Widget™", "widget tm"),
        ("3½", "3 1 2"),
        ("2017–2018", "2017 2018"),
    ],
)
def test_spellings_of_the_same(one: str, other: str) -> None:
    assert tokens(one) == tokens(other) != []


def test_scripts_without_spaces_give_single_characters() -> None:
    assert tokens("東京都 2020年") == ["東", "京", "都", "2020", "年"]
    assert tokens("Москва и мир") == ["москв", "мир"]


def test_a_devanagari_word_stays_whole() -> None:
    assert tokens("हिन्दी") == ["हिन्द"]  # without its ending, not cut at a vowel


@given(st.text())
def test_any_text_gives_clean_terms(text: str) -> None:
    found = tokens(text)
    assert all(term and not any(map(str.isspace, term)) for term in found)
    assert term_ids(text).size == len(found)


@given(st.text(st.characters(max_codepoint=127)), st.text(st.characters(max_codepoint=127)))
def test_a_line_break_separates(one: str, other: str) -> None:
    assert tokens(f"{one}\n{other}") == tokens(one) + tokens(other)


def test_ids_are_the_same_in_another_process() -> None:
    program = "from recto.text.analyse import term_ids; print(term_ids('operating margin 12.5').tolist())"
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert other.strip() == str(term_ids("operating margin 12.5").tolist())


@pytest.mark.parametrize(
    "question", ["What % fell?", "How many stores?", "Year over year change", "WHICH SEGMENT grew"]
)
def test_asks_for_figure(question: str) -> None:
    assert asks_for_figure(question)


@pytest.mark.parametrize("question", ["Who signed the report?", "Is it generated?", "What is the network for?"])
def test_does_not_ask_for_figure(question: str) -> None:
    assert not asks_for_figure(question)


@pytest.mark.parametrize(
    ("question", "title"),
    [("Best Buy in FY2017", "BESTBUY 2017"), ("what did bestbuy sell", "Best Buy")],
)
def test_titles_match_however_they_are_spaced(question: str, title: str) -> None:
    assert np.intersect1d(title_question_ids(question), title_ids(title)).size


def test_three_words_written_together_match_a_title() -> None:
    assert np.intersect1d(title_question_ids("General Mills Foods"), title_ids("generalmillsfoods")).size


def test_question_terms_are_distinct_and_ascending() -> None:
    assert all(one < other for one, other in pairwise(title_question_ids("sales sales of sales").tolist()))


@pytest.mark.parametrize(
    ("language", "text", "question"),
    [
        ("de", "Die Häuser der Müllabfuhr", "das haus"),
        ("fr", "Les pompes de l’année d'été", "année de la pompe"),
        ("es", "Las estaciones eléctricas", "¿Qué estación electrica?"),
        ("ro", "Pompele stațiilor", "pompă stație"),
        ("tr", "İstanbul'da ILIK ışıklar", "istanbul ılık ışığı"),
        ("", "Насосы и их двигатели", "какой насос с двигателем"),
        ("", "Οι σταθμοί της εταιρείας", "ποιος ΣΤΑΘΜΟΣ"),
        ("", "السيّارةُ الكبيــرة إلى المدينةِ", "أي سيارة كبيرة مدينه"),
        ("", "पंपों की क़ीमतें", "पंप की कीमत"),
    ],
)
def test_a_question_finds_other_forms_of_its_words(language, text, question) -> None:
    found, asked = set(tokens(text, language)), set(tokens(question, language))
    assert asked
    assert asked <= found


def test_latin_names_are_read_alike_in_texts_of_every_script() -> None:
    for language in ("ru", "el", "ar", "hi", "th", "zh", "ja"):
        assert tokens("IBM Consulting", language) == tokens("IBM Consulting")


def test_numbers_are_one_term_however_a_language_writes_them() -> None:
    assert tokens("1.234,56", "de") == tokens("1\u202f234,56", "fr") == tokens("1,234.56") == ["1234.56"]
    assert tokens("am 3.12.2024", "de") == ["3.12.2024", *tokens("3 12 2024")][:1] + tokens("12 2024")
    assert tokens("12,5 %", "ru") == ["12.5"]
    assert tokens("١٢٣") == ["123"]


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("2\u202f400", "fr", "2400"),
        ("2\u202f400", "en", "2400"),
        ("2’400.50", "de", "2400.50"),
        ("2'400", "it", "2400"),
        ("٢٬٤٠٠٫٥٠", "ar", "2400.50"),
        ("९,५००", "hi", "9500"),
        ("２，４００", "zh", "2400"),
    ],
)
def test_a_number_is_one_however_its_thousands_are_parted(text: str, language: str, value: str) -> None:
    assert tokens(text, language) == [value]
    assert [str(number.value) for number in claimed_numbers(plain_digits(text, language))] == [value]


def test_what_asks_in_japanese_is_no_term() -> None:
    assert tokens("支払期限はいつですか。", "ja") == tokens("支払期限は", "ja")


def test_thai_gives_overlapping_pairs_of_letters_with_their_vowels() -> None:
    assert tokens("เครื่องดี 7 ลิตร") == ["เครื่", "รื่อ", "อง", "งดี", "7", "ลิต", "ตร"]
    assert set(tokens("น้ำมัน")) <= set(tokens("ราคาน้ำมันดี"))


def test_english_is_read_as_ever_whatever_is_said_of_it() -> None:
    text = "Die Häuser of Zürich's mil 1,234.5 l'année Москва"
    assert tokens(text, "en") == tokens(text) == tokens(text, "sv")
