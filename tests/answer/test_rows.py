"""Tables and lists as they are quoted: the rows that answer below their heads, lists whole, on over page ends."""

import re
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recto.answer.blocks import Layout
from recto.answer.evidence import CandidateSentence, PageReader, SourcePassage, candidates
from recto.answer.quote import Quote, choose
from recto.answer.rows import SCREEN, RowMatch
from recto.text.analyse import asks_for_figure, term_ids
from recto.text.languages import MIXED
from recto.text.sentences import is_row
from recto.text.tables import headed_rows, tables

DOC = "d" * 64
STATEMENT = """Lighthouse Paints Limited
CONSOLIDATED BALANCE SHEETS
(in thousands)
31 March 2023 2022
Assets
Current assets:
Cash 1,204 998
Inventories of paint and pigments held
for sale 3,411 3,120
Total current assets 4,615 4,118
Land and buildings 9,870 9,905
Total assets 14,485 14,023
Liabilities
Current liabilities:
Trade payables 2,010 1,877
Total current liabilities 2,010 1,877
Total liabilities 6,722 6,511
See the notes to these statements.
"""
FERRIES = """Ferries of the northern islands
Island Ships Berths
Arran 3 12
Bute 2 8
Coll 1 4
Eigg 1 2
"""
TOWNS = "\n".join(f"Town{number:03} {1000 + number} {2000 + number}" for number in range(400))


def quoted(question: str, *pages: str, first: str = "", meant: str = "") -> list[Quote]:
    """The quotes for a question and lines that it means; the sentence that begins with `first` is the best."""
    reader = PageReader(
        lambda doc, number: pages[number],
        lambda doc, number: [SourcePassage((0, len(pages[number])), pages[number], None)],
        {DOC: len(pages)},
    )
    sentences = [s for number in range(len(pages)) for s in candidates(reader.source(DOC, number, float(number)))]
    terms = set(term_ids(question).tolist())
    searched = terms | set(term_ids(meant).tolist())

    def coverage(text: str) -> float:
        return len(searched & set(term_ids(text).tolist())) / len(searched)

    def score(sentence: CandidateSentence) -> float:
        return 2 * bool(first and sentence.text.startswith(first)) + coverage(sentence.text)

    match = RowMatch(
        coverage=coverage,
        terms=frozenset(terms),
        expanded_terms=frozenset(searched),
        figures=frozenset(re.findall(r"\b\w*\d[\w:]*", question)),
        wants_figure=asks_for_figure(question),
        wants_total=any(word in question.split() for word in MIXED.total_words),
        comparing=frozenset(question.split()).intersection(MIXED.comparing_words),
    )
    scores = np.array([score(sentence) for sentence in sentences], np.float32)
    best = np.argsort(-scores, kind="stable")[:16]
    return choose([sentences[index] for index in best], scores[best], Layout.of(sentences, match))


def best(question: str, *pages: str, first: str = "") -> list[str]:
    """The lines of the first quote."""
    return quoted(question, *pages, first=first)[0].text.splitlines()


# --- which rows ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("first", ["CONSOLIDATED", "(in thousands)", "31 March", "Assets"])
def test_what_stands_above_rows_is_never_quoted_without_them(first: str) -> None:
    lines = best("What were the trade payables in 2023?", STATEMENT, first=first)
    assert lines[-1] == "Trade payables 2,010 1,877"
    assert "31 March 2023 2022" in lines


def test_a_row_comes_below_its_heads_and_the_label_of_its_group() -> None:
    assert best("How much cash did Lighthouse have in 2022?", STATEMENT) == [
        "(in thousands)",
        "31 March 2023 2022",
        "Current assets:",
        "Cash 1,204 998",
    ]


def test_the_row_whose_label_says_no_more_than_the_question_is_the_first() -> None:
    assert best("What were the total assets?", STATEMENT, first="CONSOLIDATED")[-1] == "Total assets 14,485 14,023"


def test_a_line_that_the_question_names_goes_before_those_that_are_only_meant() -> None:
    meant = "total assets, total liabilities, total equity"
    pages = STATEMENT.split("Liabilities\n")
    question = "According to the balance sheet, what were the total current assets?"
    table = quoted(question, pages[0], f"31 March 2023 2022\n{pages[1]}", meant=meant)[0].text
    assert "Total current assets 4,615 4,118" in table.splitlines()


def test_a_label_may_take_two_lines() -> None:
    lines = best("How large were the inventories of pigments?", STATEMENT)
    assert lines[-2:] == ["Inventories of paint and pigments held", "for sale 3,411 3,120"]


def test_two_things_that_are_asked_for_are_two_rows_of_one_quote() -> None:
    lines = best("How many berths do Bute and Eigg have?", FERRIES)
    assert lines == ["Island Ships Berths", "Bute 2 8", "Eigg 1 2"]


def test_rows_are_found_beyond_the_sentences_that_were_weighed() -> None:
    (*_, last) = best("How many berths has Town377?", f"Town Ships Berths\n{TOWNS}", first="Town Ships")
    assert last == "Town377 1377 2377"


def test_a_figure_of_the_best_page_goes_before_prose_of_pages_behind() -> None:
    prose = "Berths on Coll are dear, and Coll is far away, as those say who wait for berths on Coll."
    assert best("How many berths does Coll have?", FERRIES, prose, first="Berths")[-1] == "Coll 1 4"


def test_rows_that_are_to_be_compared_are_all_shown() -> None:
    (quote,) = quoted("Which island has the most berths?", FERRIES)
    assert quote.text.splitlines()[-4:] == FERRIES.splitlines()[-4:]
    assert quote.parts[-1].more == ""


def test_a_comparing_word_that_names_a_column_asks_for_its_row_alone() -> None:
    plan = "Benefit Waiting weeks Yearly maximum\nCrowns 12 900\nGlasses 4 250\nSpectacles 6 410"
    assert best("What is the yearly maximum for glasses?", plan) == [plan.splitlines()[0], plan.splitlines()[2]]


# --- what is left out ------------------------------------------------------------------------------------------------
def test_a_table_without_a_word_of_the_question_shows_its_first_rows_and_how_many_there_are() -> None:
    (quote, *_) = quoted("What does it say?", f"Table 3: Ships by town\nTown Ships Berths\n{TOWNS}", first="Table 3")
    lines = quote.text.splitlines()
    assert lines[:3] == ["Table 3: Ships by town", "Town Ships Berths", "Town000 1000 2000"]
    assert quote.parts[-1].more == f"{400 - (len(lines) - 2)} more rows"


@pytest.mark.parametrize("question", ["Which town has the most ships?", "What is the total of all ships?"])
def test_four_hundred_rows_fill_one_screen(question: str) -> None:
    for quote in quoted(question, f"Town Ships Berths\n{TOWNS}"):
        assert len(quote.text) <= SCREEN


def test_three_thousand_sentences_are_quoted_briefly() -> None:
    quotes = quoted("When does the pump run?", "The pump runs at night. " * 3000)
    assert quotes
    assert all(len(quote.text) <= SCREEN for quote in quotes)


def test_a_table_without_heads_is_quoted_by_its_rows() -> None:
    assert best("How many for Bute?", "Arran 3 12\nBute 2 8\n") == ["Bute 2 8"]


def test_a_caption_below_its_table_brings_the_rows_above() -> None:
    page = FERRIES.split("\n", 1)[1] + "Table 7: Ships and berths of each island.\nThe crossing takes an hour in all.\n"
    assert "Bute 2 8" in best("Ships and berths of Bute", page, first="Table 7")


def test_what_follows_a_colon_does_not_stop_at_a_line_of_units() -> None:
    page = (
        "The price of the two mills is paid in the three years that follow as is set out here:\n(in thousands)\n"
        "Instalment 2024 2025\nCorn mill 310 420\nSaw mill 95 99\n"
    )
    lines = best("How is the price of the mills paid?", page, first="The price")
    assert lines[0].startswith("The price")
    assert lines[-2:] == ["Corn mill 310 420", "Saw mill 95 99"]


# --- lines that are rows, and that are none --------------------------------------------------------------------------
@pytest.mark.parametrize(
    "line",
    [
        "Brandt, Ute 07/11/2021 19/11/2021 88.10",
        "Night bus 08:15 09:30",
        "Rent paid 2021-03-01 410.00",
        "Fund A 3rd May, 2004 1,12,000.00 10th June, 2011*",
        "Base model 53.8(0.5) 54.0(1.4)",
    ],
)
def test_dates_times_and_marked_figures_are_cells(line: str) -> None:
    assert is_row(line)


@pytest.mark.parametrize(
    "line",
    [
        "Telephone 020 7946 0958",
        "Fax: 555 1234 9876",
        "IBAN XX00 TEST 0000 9999 8888 77",
        "VAT registration: GB 123 4567 89",
        "Call +44 20 7946 0958",
        "Account number 1234 5678",
    ],
)
def test_the_groups_of_one_long_number_are_no_cells(line: str) -> None:
    assert not is_row(line)
    page = f"Item Pieces Price\nTap 1 84.00\nPipe 3 12.50\nPaid within a month, with many thanks for it all.\n{line}\n"
    assert best(line, page, first=line) == [line]


def test_rows_with_one_column_of_amounts_stand_alone() -> None:
    page = (
        "Deposit for the flat in Mill Lane 500.00\nRent for the month of March, in advance 1,210.00\nTotal 1,710.00\n"
    )
    assert best("What is the deposit?", page)[-1] == "Deposit for the flat in Mill Lane 500.00"


def test_running_text_parts_two_tables() -> None:
    page = FERRIES + "In winter no ship goes to the outer islands, and that is that.\nWinter 4 9\n"
    assert [len(table.rows) for table in tables(page)] == [4, 1]
    assert best("winter", page, first="Winter") == ["Winter 4 9"]


# --- over page ends --------------------------------------------------------------------------------------------------
def test_rows_overleaf_come_below_the_heads_of_the_page_before() -> None:
    pages = FERRIES, "Muck 1 3\nRum 2 5\nSkye 6 30\n"
    (quote, *_) = quoted("How many berths does Rum have?", *pages)
    assert quote.text.splitlines() == ["Island Ships Berths", "Rum 2 5"]
    assert [part.page.number for part in quote.parts] == [0, 1]
    assert "Island Ships Berths\nRum 2 5" in list(headed_rows(pages[1], pages[0]))


def test_heads_at_the_end_of_a_page_bring_the_rows_overleaf() -> None:
    pages = (
        "The islands are served all year.\nTable 4. Ferries of the islands\nIsland Ships Berths\n17",
        "Muck 1 3\nRum 2 5\nSkye 6 30\n",
    )
    (quote, *_) = quoted("How many berths has the ferry to Rum?", *pages, first="Table 4")
    assert quote.text.splitlines() == ["Table 4. Ferries of the islands", "Island Ships Berths", "Rum 2 5"]
    assert [part.page.number for part in quote.parts] == [0, 1]


@pytest.mark.parametrize(
    "after", ["• a coat\n• a lamp\nThe boat leaves at noon.", "A coat is needed on board.\nThe boat leaves at noon."]
)
def test_what_a_colon_at_the_end_of_a_page_announces_stands_overleaf(after: str) -> None:
    (quote, *_) = quoted("What is to be brought along?", "Who comes along brings the following:", after, first="Who")
    assert quote.text == "Who comes along brings the following:\n" + after.removesuffix("\nThe boat leaves at noon.")


def test_a_heading_at_the_end_of_a_page_brings_no_prose_from_overleaf() -> None:
    (quote, *_) = quoted("What of the boats?", "It rains.\nThe boats", "A coat is needed on board.", first="The boats")
    assert quote.text == "The boats"


def test_of_a_long_list_the_items_that_hold_the_question_are_shown() -> None:
    lines = ["Bring these with you on the first day of school:", *papers(60), "61. a lamp for the cellar"]
    (quote,) = quoted("Which lamp is to be brought on the first day?", "\n".join(lines), first="Bring")
    assert "61. a lamp for the cellar" in quote.text
    assert len(quote.text) <= SCREEN


def test_a_table_of_another_shape_overleaf_has_heads_of_its_own() -> None:
    assert list(headed_rows("Muck 1 3 9\nRum 2 5 9\n", FERRIES)) == ["Muck 1 3 9", "Rum 2 5 9"]


def papers(count: int) -> list[str]:
    return [f"{number}. sheet {number}, with its stamps" for number in range(1, count + 1)]


def test_a_list_is_whole() -> None:
    lines = ["Bring these with you on the first day of school:", *papers(15)]
    assert best("What is to be brought on the first day?", "\n".join(lines), first="Bring") == lines


def test_a_list_that_is_longer_than_a_screen_says_how_much_is_left_out() -> None:
    lines = ["Bring these with you on the first day of school:", *papers(60)]
    (quote,) = quoted("What is to be brought on the first day?", "\n".join(lines), first="Bring")
    shown = len(quote.text.splitlines()) - 1
    assert len(quote.text) <= SCREEN
    assert quote.parts[-1].more == f"and {60 - shown} more"


def test_a_list_goes_on_overleaf() -> None:
    items = papers(7)
    pages = (
        "\n".join(["Bring these with you on the first day of school:", *items[:4]]),
        "\n".join([*items[4:], "Whoever has no stamps gets some from the porter at the gate."]),
    )
    (quote, *_) = quoted("What is to be brought on the first day?", *pages, first="Bring")
    assert quote.text.splitlines()[1:] == items
    assert [part.page.number for part in quote.parts] == [0, 1]


def test_what_is_left_out_of_a_list_overleaf_is_linked() -> None:
    items = papers(60)
    pages = "\n".join(["Bring these with you on the first day of school:", *items[:30]]), "\n".join(items[30:])
    (quote, *_) = quoted("What is to be brought on the first day?", *pages, first="Bring")
    assert re.fullmatch(r"and \d+ more, page 2", quote.parts[-1].more)


LINES = st.sampled_from(
    [
        "(in millions)",
        "2021 2020",
        "Cash 1 2",
        "Table 2: Ships",
        "Assets:",
        "1. one",
        "2. two",
        "• Coll",
        "It is so.",
        "x",
    ]
)


@given(st.lists(st.lists(LINES, max_size=12).map("\n".join), min_size=1, max_size=3))
def test_quotes_are_what_pages_say_and_fit_a_screen(pages: Sequence[str]) -> None:
    for quote in quoted("How much cash is there in 2021?", *pages):
        assert len(quote.text) <= SCREEN
        for part in quote.parts:
            assert pages[part.page.number][slice(*part.place)] == part.text != ""


TALKS = "Time Talk Seats\n9:30 Knots 1 2\n11:15 Oil on the coast 3 4\n12:15 Closing talk and the best talk 5 6"


def test_a_row_that_begins_with_a_figure_of_the_question_is_meant() -> None:
    assert best("What is the talk at 11:15 about?", TALKS)[-1] == "11:15 Oil on the coast 3 4"


def test_where_the_heads_hold_the_questions_words_rows_that_hold_them_too_are_shown() -> None:
    text = "Contents insured\nItem Sum Excess\nContents of the home 65,000 250\nJewels of all kinds 900 250"
    assert "Contents of the home 65,000 250" in best("contents insured", text, first="Contents")
    assert "Jewels of all kinds 900 250" not in best("contents insured", text, first="Contents")


@pytest.mark.parametrize(("above", "pages"), [("", [0, 1]), ("The dues of the islands' ferries follow.\n" * 5, [1])])
def test_the_page_before_is_read_for_a_table_at_the_top_alone(above: str, pages: list[int]) -> None:
    texts = [FERRIES, f"{above}Gigha 1 5\nIona 1 3\n"]
    read: list[int] = []

    def text(doc: str, number: int) -> str:
        read.append(number)
        return texts[number]

    reader = PageReader(
        text, lambda doc, number: [SourcePassage((0, len(texts[number])), texts[number], None)], {DOC: 2}
    )
    match = RowMatch(
        coverage=len,
        terms=frozenset(),
        expanded_terms=frozenset(),
        figures=frozenset(),
        wants_figure=True,
        wants_total=False,
        comparing=frozenset(),
    )
    Layout.of(candidates(reader.source(DOC, 1)), match)
    assert sorted(read) == pages


def test_a_line_above_a_table_that_holds_words_of_the_question_is_quoted_with_its_rows() -> None:
    report = """Pupil: Ida Quill Tutor: Ms Rao
Subject Exam Effort
Science 88 1
French 51 3
Music 64 2
"""
    lines = best("Who is the tutor of the pupil in science?", report, first="Science")
    assert lines == ["Pupil: Ida Quill Tutor: Ms Rao", "Subject Exam Effort", "Science 88 1"]
