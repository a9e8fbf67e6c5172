"""The language of a text: by its script, by its small words, and of a question by those of the library as well."""

import pytest

from recto.text.detection import language_of, other_language, page_languages
from recto.text.highlight import matched

QUESTIONS = {
    "en": "How long does the warranty of the pump last?",
    "de": "Wie lange gilt die Garantie der Pumpe?",
    "fr": "Combien de temps dure la garantie de la pompe ?",
    "es": "¿Cuánto tiempo dura la garantía de la bomba?",
    "it": "Quanto tempo dura la garanzia della pompa?",
    "pt": "Quais são as condições da garantia da bomba?",
    "nl": "Hoe lang is de garantie op de pomp geldig?",
    "ro": "Cât timp este valabilă garanția pompei?",
    "tr": "Pompanın garantisi ne kadar sürer ve kaç yıl geçerlidir?",
    "vi": "Bảo hành của máy bơm kéo dài bao lâu?",
    "ru": "Сколько длится гарантия на насос?",
    "el": "Πόσο διαρκεί η εγγύηση της αντλίας;",
    "ar": "كم مدة ضمان المضخة؟",
    "hi": "पंप की वारंटी कितने साल की है?",
    "th": "ปั๊มรับประกันกี่ปี",
    "zh": "水泵的保修期是多久？",
    "ja": "ポンプの保証期間はどのくらいですか。",
    "ko": "펌프의 보증 기간은 얼마입니까?",
}


@pytest.mark.parametrize("language", QUESTIONS)
def test_a_question_tells_its_language(language) -> None:
    assert language_of(QUESTIONS[language]) == language


def test_the_library_decides_where_the_words_leave_it_open() -> None:
    assert language_of("Pumpe", ("de", "en")) == "de"
    assert language_of("Siemens 2023", ("fr",)) == "fr"
    assert language_of("Siemens 2023") == ""
    assert language_of("насос", ("de", "en")) == "ru"  # a word in another script


def test_names_and_quotations_change_no_language() -> None:
    assert language_of("The prize of the Académie des Beaux-Arts was given to the hall in Les Halles de Paris.") == "en"
    assert language_of("Компания IBM представила System/360") == "ru"
    assert language_of("The word насос means pump.") == "en"


@pytest.mark.parametrize(
    ("question", "text", "words"),
    [
        ("Wann wurde das Haus gestrichen?", "Die Häuser sind alt.", ["Häuser"]),
        ("पंप की कीमत क्या है?", "पंपों की क़ीमतें बढ़ीं।", ["पंपों", "क़ीमतें"]),
    ],
)
def test_other_forms_of_a_word_are_marked(question, text, words) -> None:
    assert [text[start:end] for start, end in matched(question, text)] == words


@pytest.mark.parametrize("text", ["", "1,234 5,678 9,012", "x" * 300, "Smith Jones Miller Wagner Costa " * 20])
def test_what_tells_no_language_has_none(text) -> None:
    assert language_of(text) == ""


def test_a_page_of_figures_is_in_the_language_of_the_others() -> None:
    prose = QUESTIONS["de"] + " Das steht auf der ersten Seite der Anleitung, die bei der Pumpe liegt, und im Vertrag."
    assert page_languages([prose, "12 34 56", prose, "The pump of the hall is by the door of the house. " * 3]) == [
        "de",
        "de",
        "de",
        "en",
    ]
    assert page_languages(["", "12"]) == ["", ""]


def test_the_language_of_a_quote_is_told_where_the_question_is_in_another() -> None:
    page = "Die Pumpe steht in der Halle. Sie wird mit dem Schlüssel geöffnet, der in dem Büro des Meisters liegt."
    assert other_language("Sie wird mit dem Schlüssel geöffnet.", page, "en") == "de"
    assert other_language("Sie wird mit dem Schlüssel geöffnet.", page, "de") == ""
    assert other_language("Pumpe 17 B", page, "en") == "de"  # as its page
    assert other_language("Pumpe 17 B", page, "") == ""
    assert other_language("17", "17", "en") == ""
    minutes = "Date: 22 May 2026, 19:00\nPlace: Library\nThe minutes of the last meeting of the council were approved."
    assert other_language("Date: 22 May 2026, 19:00", minutes, "en") == ""
    assert other_language("The pump is opened with a key.", page, "en") == ""
