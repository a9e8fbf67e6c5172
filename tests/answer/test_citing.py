"""Which evidence a sentence gets, and which gets none."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recto.answer.citing import CitedSource, claims, supporting

REPORT = [
    CitedSource(
        "Net sales were $14,694 million in 2023, 3 percent more than in 2022.", "acme.pdf\nAcme annual report\nSales"
    ),
    CitedSource("Net sales were $14,266 million in 2022.", "acme.pdf\nAcme annual report\nSales"),
    CitedSource("The company employs 9,200 people in Ohio.", "acme.pdf\nAcme annual report\nPeople"),
]


def overlap(sentence: str, text: str) -> float:
    """Shared words, all of the same weight."""
    these, those = (set(re.findall(r"\w{3,}", one.casefold())) for one in (sentence, text))
    return len(these & those) / len(these) if these else 0.0


def cited(sentence: str, sources: Sequence[CitedSource] = REPORT) -> tuple[int, ...]:
    return supporting(sentence, sources, overlap)


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("Net sales were $14,694 million in 2023.", (0,)),
        ("Net sales were $14.694 billion in 2023.", (0,)),
        ("According to the documents, net sales were $14,266 million in 2022.", (1,)),
        ("1. The company employs 9200 people.", (2,)),
        ("Acme employs 9,200 people in Ohio.", (2,)),
        ("Net sales were $14,694 million in 2023, and the company employs 9,200 people.", (0, 2)),
    ],
)
def test_a_sentence_gets_what_it_rests_on(sentence: str, wanted: tuple[int, ...]) -> None:
    assert cited(sentence) == wanted


@pytest.mark.parametrize(
    "sentence",
    [
        "Net sales were $14,964 million in 2023.",
        "Net sales were $14,694 thousand in 2023.",
        "Net sales were €14,694 million in 2023.",
        "Net sales were 4 percent more than in 2022.",
        "Net sales were 3 percent less in 2023 than in 2022.",
        "The company does not employ people in Ohio.",
        "The company employs 9,200 people in Utah.",
        "The board met in Paris and elected a chairman.",
        "",
        "...",
    ],
)
def test_a_sentence_gets_nothing(sentence: str) -> None:
    assert cited(sentence) == ()


def test_without_evidence_there_is_no_support() -> None:
    assert cited("Net sales were $14,694 million in 2023.", []) == ()


@given(st.text(max_size=300), st.lists(st.text(max_size=300), max_size=4))
def test_what_is_cited_is_there_once(sentence: str, texts: list[str]) -> None:
    found = cited(sentence, [CitedSource(text, "") for text in texts])
    assert len(set(found)) == len(found) <= 2
    assert all(0 <= index < len(texts) for index in found)


@given(st.integers(2, 10**6), st.integers(2, 10**6))
def test_a_number_that_does_not_stand_there_is_never_cited(true: int, claimed: int) -> None:
    source = CitedSource(f"The plant made {true} pumps last year.", "")
    assert bool(cited(f"The plant made {claimed} pumps last year.", [source])) is (true == claimed)


# --- held against the question ---------------------------------------------------------------------------------------
SHEET = [
    CitedSource(
        "Part Weight Price\nBrass valve 4.2 kg 31.50\nBrass valve cap 0.3 kg 7.25\nSteel valve 5.1 kg 44.00",
        "sheet.pdf\nPrice list",
    ),
    CitedSource("Ask at the desk in Mill Street, telephone 555 01 99, or write.", "sheet.pdf\nContact"),
    CitedSource("The extension goes into r7, the function into r6.", "sheet.pdf\nCalls"),
]


@pytest.mark.parametrize(
    ("question", "sentence", "wanted"),
    [
        ("What does the brass valve cost?", "The brass valve costs 31.50.", (0,)),
        ("What does the brass valve cost?", "31.50", (0,)),
        ("What does the brass valve cost?", "The answer is: 7.25.", ()),  # of another row
        ("What does the brass valve cost?", "The brass valve costs 31.75.", ()),  # of none
        ("What does the brass valve cost?", "The brass valve costs steel.", ()),  # no amount
        ("What is the telephone number of the office?", "The telephone number is 555 01 99.", (1,)),
        ("What is the telephone number of the office?", "The desk in Mill Street.", ()),  # another kind of thing
        ("How many parts are there?", "The parts are brass.", ()),
        ("In which register does the extension go?", "The extension goes into r7.", (2,)),
        ("In which register does the extension go?", "The extension goes into r6.", ()),
    ],
)
def test_a_sentence_is_held_against_its_question(question: str, sentence: str, wanted: tuple[int, ...]) -> None:
    assert supporting(sentence, SHEET, overlap, question) == wanted


@pytest.mark.parametrize(
    "sentence",
    [
        "The brass valve has a cost.",
        "The cost of the brass valve is:",
        "Question: what does the brass valve cost?",
        "The answer is: The documents do not say.",
        "The cost of the brass valve is not provided in the excerpts.",
        "The brass valve does cost what the brass valve costs.",
        "...",
    ],
)
def test_what_repeats_the_question_or_refuses_claims_nothing(sentence: str) -> None:
    assert not claims(sentence, "What does the brass valve cost?")
    assert supporting(sentence, SHEET, overlap, "What does the brass valve cost?") == ()


def test_the_unit_of_a_number_is_to_be_named_with_it_or_above() -> None:
    question = "How many square metres does the attic flat have?"
    row = CitedSource("Flat Monthly charge\nAttic flat 2,980", "handbook.pdf\nCharges in crowns")
    sized = CitedSource("Flat Area in square metres\nAttic flat 80", "handbook.pdf")
    assert supporting("The attic flat has 2,980 square metres.", [row], overlap, question) == ()
    assert supporting("The attic flat has 80 square metres.", [sized], overlap, question) == (0,)
    assert supporting("The charge of the attic flat is $2,980.", [row], overlap, "What is its charge?") == (0,)


def test_the_words_of_a_question_need_no_support_in_another_form() -> None:
    sources = [CitedSource("In October 2020 the board held a meeting for visitors.", "minutes.pdf")]
    for question, sentence in (
        ("When did visitors get a say?", "Visitors got a say in October 2020."),
        ("When was the visitors' book kept?", "They keep it for visitors in October 2020."),
    ):
        assert supporting(sentence, sources, overlap, question) == (0,)
    assert supporting("Visitors lost a say in October 2020.", sources, overlap, "When did visitors get a say?") == ()


def test_a_month_that_is_spelled_like_another_word_says_when() -> None:
    assembly = [CitedSource("The assembly of all owners takes place in May.", "minutes.pdf")]
    question = "When is the assembly of the owners?"
    assert supporting("The assembly occurs in May.", assembly, overlap, question) == (0,)
    assert not claims("It may occur.", question)


def test_what_is_asked_for_may_be_called_otherwise() -> None:
    home = [CitedSource("Tel: 555 01 99", "report.pdf"), CitedSource("The policy gives no numbers.", "report.pdf")]
    question = "What is the telephone no of the home?"
    assert supporting("The telephone number of the home is 555 01 99.", home, overlap, question) == (0,)
    assert supporting("The telephone number of the home is 555 01 98.", home, overlap, question) == ()


def test_what_numbers_something_does_not_say_how_many() -> None:
    plan = [CitedSource("Quiz #1: core concepts of Unit 1 & 2", ""), CitedSource("Three essays are written.", "")]
    assert supporting("There is 1 essay.", plan, overlap, "How many essays are there?") == ()
    assert supporting("There are 3 essays.", plan, overlap, "How many essays are there?") == (1,)
    assert not claims("2.1. How many essays?", "How many essays are there?")
    assert (
        supporting("2.1. Quiz (#1)", [CitedSource("2.1. Quiz (#1)", "")], overlap, "How many essays are there?") == ()
    )


def test_the_answer_to_a_choice_may_add_nothing() -> None:
    assert claims("The brass valve is heavier.", "Is the brass valve heavier, or the steel valve?")
    assert claims("Yes.", "Does the brass valve leak?")


def test_lines_of_wrapped_prose_are_read_as_one() -> None:
    wrapped = [CitedSource("The minor\nnumber is held by 24 bits, the major number\nby the next 7 bits.", "")]
    question = "How many bits hold the minor number?"
    assert supporting("24 bits", wrapped, overlap, question) == (0,)
    assert supporting("7 bits", wrapped, overlap, question) == ()


def test_what_is_not_permitted_may_be_banned() -> None:
    house = [CitedSource("Parrots were banned in 2012.", ""), CitedSource("Dogs may be kept by all.", "")]
    question = "Which animals are not permitted?"
    assert supporting("Parrots are not permitted.", house, overlap, question) == (0,)
    assert supporting("Dogs are not permitted.", house, overlap, question) == ()
