"""Sentences: the same ones in a page and in its parts, whole rows, and no number cut."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from recto.text.sentences import LONGEST, grouped, sentences

SAMPLE = "Net sales rose 1,577.25 in 2018. What (a) 1. — e.g. Dr. 3. März “Yes.” Nr. 4 2019 2020 ..... 7 東京。 • U.S."
WORDS = st.sampled_from(SAMPLE.split())
GAPS = st.sampled_from([" ", " ", " ", "\n", "\n\n", "; ", ". "])
TEXTS = st.lists(st.tuples(WORDS, GAPS), max_size=150).map(lambda parts: "".join(map("".join, parts)))


def written(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@given(TEXTS, st.data())
def test_a_region_has_the_sentences_of_the_whole(text, data) -> None:
    whole = sentences(text)
    assume(whole)
    assume(all(end - start < LONGEST // 2 for start, end in whole))  # a part of what was cut is no sentence
    first = data.draw(st.integers(0, len(whole) - 1))
    last = data.draw(st.integers(first, len(whole) - 1))
    assert sentences(text, (whole[first][0], whole[last][1])) == whole[first : last + 1]


@given(st.text("ab1,. \n", max_size=2500))
def test_no_number_is_cut(text) -> None:
    numbers = [match.span() for match in re.finditer(r"\d[\d.,]*", text) if len(match[0]) < LONGEST // 2]
    places = sentences(text)
    assert all(any(start <= first and last <= end for start, end in places) for first, last in numbers)


@pytest.mark.parametrize(
    "text",
    [
        "Case No. CT-2025-0731 is closed.",
        "Please quote Ref. FR-2291 when you call us.",
        "The fee is 2.38 % incl. VAT, for the buyer.",
        "W7 Windows. All windows are shut at night.",
        "Yes. You may bring a guest on Sundays.",
    ],
)
def test_what_is_read_in_one_go_is_one_sentence(text: str) -> None:
    assert written(text) == [text]


def test_a_short_sentence_within_a_paragraph_stands_by_itself() -> None:
    assert written("The alarm rings for a minute. Do not panic. Walk to the yard.") == [
        "The alarm rings for a minute.",
        "Do not panic.",
        "Walk to the yard.",
    ]


@pytest.mark.parametrize(
    "line", ["2.1 Audience .................. 2", "Revenue 4,795.5 4,147.1", "See p. 4 . . . . . . . 12"]
)
def test_a_row_is_one_piece(line) -> None:
    assert written(f"These are the rows. Here they are.\n\n{line}\n{line}") == [
        "These are the rows.",
        "Here they are.",
        line,
        line,
    ]


def test_a_number_stays_with_its_heading() -> None:
    assert written("2.2. Audience") == ["2.2. Audience"]


def test_grouped_asks_for_each_neighbour() -> None:
    ranges = [(0, 2), (3, 5), (9, 12), (13, 14)]
    assert list(grouped(ranges, lambda group, following: following[0] - group[-1][1] == 1)) == [ranges[:2], ranges[2:]]
    assert list(grouped([], lambda group, following: True)) == []


def test_no_ends_a_sentence_unless_a_number_follows() -> None:
    text = "The answer to this question is no. The document does not say so. See no. 5 of the list. It is Rs. 3,19,648."
    assert [text[start:end] for start, end in sentences(text)] == [
        "The answer to this question is no.",
        "The document does not say so.",
        "See no. 5 of the list.",
        "It is Rs. 3,19,648.",
    ]


@pytest.mark.parametrize(
    "parts",
    [
        ["水泵的保修期为两年。", "请联系服务部门！", "电话在下面。"],
        ["ポンプの保証は二年です。", "「安全が第一です。」", "毎日点検します。"],
        ["पंप की वारंटी दो साल है। ", "सेवा को फोन करें।"],
        ["ضمان المضخة سنتان. ", "هل تعمل كل يوم؟ ", "نعم تعمل."],
        ["Der Vertrag gilt ab dem 3. Tag nach dem Kauf der Pumpe. ", "Er endet im 21. Jahrhundert nach der Prüfung."],
        ["Насос был построен в 1991 г. Иваном Петровым на заводе. ", "Он работает и сегодня."],
        ["Перевозка лодки стоит сегодня 350 руб. ", "Билеты продаются на пристани у сторожа."],
        ["Справки о лодках по тел. 8 (555) 010-90-00 каждый день. ", "Касса открыта до вечера."],
        ["Le bureau du port répond au tél. 05 55 01 09 00 tous les jours. ", "Il ferme en hiver."],
        ["La guardiana del faro es Dña. Inés Ortega desde hace años. ", "Vive en el puerto."],
        ["Il custode del faro è il sig. Elio Brandi da molti anni. ", "Vive nel porto con la moglie."],
        ["De wacht van de haven is dhr. Klaas Blom sinds enkele jaren. ", "Hij woont aan de kade."],
        ["A guarda do farol é a Dra. Inês Prado desde o ano passado. ", "Ela vive no porto."],
        ["Der Hafenwart ist unter Tel. 0555 010900 an jedem Tag erreichbar. ", "Er wohnt am Kai."],
        ["Limanın fenerini Doç. Demir Kaya yıllardır bekliyor. ", "Evi iskelenin hemen yanında."],
    ],
)
def test_sentences_end_where_their_language_ends_them(parts) -> None:
    assert written("".join(parts)) == [part.strip() for part in parts]


def test_thai_is_parted_at_spaces_between_phrases_and_not_beside_numbers() -> None:
    phrase = "เครื่องสูบน้ำนี้มีการรับประกันเป็นเวลานานสองปีนับจากวันที่ซื้อสินค้า"
    first, second, third = phrase * 3, f"และราคา 500 บาท {phrase * 3}", f"กรุณาติดต่อ Siemens ประเทศไทย {phrase * 3}"
    assert written(f"{first} {second} {third}") == [first, second, third]
    assert written("ราคาถูก มาก ๆ") == ["ราคาถูก มาก ๆ"]


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        ("A Water tank of twelve litres", "B Lid of the tank, in black"),
        ("9 The keel and the stern post", "10 The rudder with its tiller"),
        ("Date of the order: 3 May 2024", "Customer no.: 8831, Ida Renner"),
    ],
)
def test_lines_that_are_counted_or_labelled_stand_alone(upper: str, lower: str) -> None:
    assert written(f"{upper}\n{lower}") == [upper, lower]


def test_a_long_number_goes_on_below_a_full_line() -> None:
    line = "Pay the harbour office by the end of the month, account no. 7190 3325 2044 1871"
    assert written(f"{line}\n9033 25") == [f"{line}\n9033 25"]
    assert written("Account no. 7190 3325\n9033 25") == ["Account no. 7190 3325", "9033 25"]
    upper = "If anything on this page looks wrong to you, call us on our free line: +41 44 555"
    assert written(f"{upper}\n0321, day and night.") == [f"{upper}\n0321, day and night."]


def test_a_line_that_goes_on_in_lower_case_is_no_label() -> None:
    upper = "Limit of the card: 900 euros. Interest on what is overdrawn: 11.2 % a year. Credit"
    assert written(f"{upper}\ninterest: 0.4 % a year.")[-1] == "Credit\ninterest: 0.4 % a year."


def test_prose_whose_lines_end_in_amounts_runs_on() -> None:
    first = "Payments to members were 29.4 million euros, 41.2 cents a kilogram on average (the year before: 39.8"
    assert written(f"{first}\ncents). Energy costs fell, and the profit for the year was 1.85\nmillion euros.") == [
        f"{first}\ncents).",
        "Energy costs fell, and the profit for the year was 1.85\nmillion euros.",
    ]
    assert written("Cost of milk 29.40\nCost of staff 8.12") == ["Cost of milk 29.40", "Cost of staff 8.12"]


def test_the_full_stop_of_an_hour_in_thai_ends_no_sentence() -> None:
    assert len(written("สระว่ายน้ำเปิดตั้งแต่ 06.00 น. ถึง 21.00 น. ทุกวัน")) == 1
