"""A library in several languages: each page is read in its own, and a question in its own and in theirs."""

import numpy as np
import pytest

from recto.search.encoder import MiniLM
from recto.search.languages import library_languages
from recto.search.query import analyse_query
from recto.text.analyse import term_ids
from support.memory_index import MemoryStore, find, put_pages, text_page

PAGES = {
    "en": "The pumps of the station were checked in the spring, and they have to be checked again by the autumn. "
    "Who is on duty writes down what the gauges show, and signs for it.",
    "de": "Die Häuser der Siedlung wurden im Frühling gestrichen und werden im Herbst noch einmal geprüft. "
    "Wer Dienst hat, schreibt auf, was die Zähler zeigen, und unterschreibt dafür.",
    "fr": "Les chaudières de la résidence ont été nettoyées au printemps et elles seront contrôlées en automne. "
    "Celui qui est de service note ce que les compteurs indiquent.",
    "ru": "Насосы станции проверены весной, и их нужно снова проверить осенью. Дежурный записывает показания.",
    "th": "เครื่องสูบน้ำของสถานีได้รับการตรวจสอบในฤดูใบไม้ผลิ และต้องตรวจสอบอีกครั้งในฤดูใบไม้ร่วง",
}


@pytest.fixture(scope="module")
def store() -> MemoryStore:
    store = MemoryStore()
    put_pages(store, "house.pdf", [text_page(number, text) for number, text in enumerate(PAGES.values())])
    return store


def test_a_library_tells_its_languages(store: MemoryStore) -> None:
    assert set(library_languages(store)) == set(PAGES)
    assert library_languages(MemoryStore()) == ()


@pytest.mark.parametrize(
    ("question", "page"),
    [
        ("Wann wurde das Haus gestrichen?", "de"),
        ("Quand la chaudière est-elle nettoyée ?", "fr"),
        ("Когда проверен насос?", "ru"),
        ("ตรวจสอบเครื่องสูบน้ำเมื่อใด", "th"),
        ("When was the pump checked?", "en"),
        ("Häuser", "de"),
        ("which houses of the Siedlungen", "de"),  # a word of another language in a question
    ],
)
def test_a_question_finds_its_page_among_other_languages(store: MemoryStore, question: str, page: str) -> None:
    (hit,) = find(question, store, None, docs=store.documents(), k=1)
    assert hit.page == list(PAGES).index(page)


def test_english_is_read_as_english_alone_in_an_english_library() -> None:
    store = MemoryStore()
    put_pages(store, "house.pdf", [text_page(0, PAGES["en"])])
    query = analyse_query("When were the pumps checked?", None, store)
    assert len(query.readings) == 1
    assert np.array_equal(query.terms, term_ids(query.text))


def test_an_encoder_of_latin_letters_is_not_asked_about_others(store: MemoryStore) -> None:
    encoder = MiniLM.open(threads=1)
    assert not analyse_query("Когда проверен насос?", encoder, store).vector.size
    assert analyse_query("Wann wurde das Haus gestrichen?", encoder, store).vector.size
