from dataclasses import fields, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from recto.answer.abstain import ANSWERED, CLOSEST, AbstainSignals, Similarity, certainty, confidence
from recto.answer.blocks import Layout
from recto.answer.evidence import SHORTLIST, CandidateSentence, blended, candidates, priors, shortlist, weigh
from recto.answer.quote import MOST, Quote, choose, join
from recto.answer.rows import RowMatch
from recto.text.asked_kind import AskedKind
from recto.text.sentences import LONGEST, is_row, sentences
from recto.text.tables import headed_rows
from recto.types import Certainty
from support.evidence import NO_WORDS, source_page

STATEMENT = """Lighthouse Paints Limited
Statement of income
(in thousands, except per share data)
Year ended 31 March 2023 2022
Sales of paint $ 14,694 $ 14,544
Cost of sales (11,969) (11,724)
Gross profit 2,725 2,820
Earnings per share:
Basic 0.709 0.532
See the notes to these statements.
"""
MANUAL = """4.2 Starting the pump
The pump must not be started dry. It overheats within minutes. Before starting, do the following:
• Open the suction valve.
• Fill the casing with water.
However, a self-priming pump needs no filling. Use 3.5 litres of oil, e.g. Type B. Mr. Brown wrote this.
"""


def parted(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def quote_of(text: str, words: str) -> str:
    """What is quoted for the first sentence that holds these words."""
    return quoted([next(sentence for sentence in found(text) if words in sentence.text)])[0].text


def quoted(chosen: list[CandidateSentence], match: RowMatch = NO_WORDS) -> list[Quote]:
    """The quotes of these sentences, the first being the best."""
    return choose(chosen, -np.arange(len(chosen), dtype=np.float32), Layout.of(chosen, match))


def found(*texts: str) -> list[CandidateSentence]:
    """The sentences of pages, best page first."""
    sheets = (source_page(text, number) for number, text in enumerate(texts))
    return [sentence for sheet in sheets for sentence in candidates(sheet)]


def chosen(*texts: str) -> list[str]:
    """The quotes from pages, the first sentence being the best."""
    return [quote.text for quote in quoted(found(*texts))]


# Sentences

LINES = st.lists(st.text(max_size=90), max_size=8).map("\n".join)


@given(st.text() | LINES)
@example("e.g.\n1. 。\n!\n" + "x" * 2000)
def test_sentences_keep_all_ink_in_order(text):
    spans = sentences(text)
    covered = "".join(text[start:end] for start, end in spans)
    assert "".join(covered.split()) == "".join(text.split())
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


@given(st.text() | LINES)
def test_sentences_are_short_and_hold_ink_at_both_ends(text):
    for sentence in parted(text):
        assert sentence == sentence.strip() != ""
        assert len(sentence) <= LONGEST


def test_prose_is_split_at_full_stops_only():
    assert parted("It weighs 3.5 kg. See Fig. 4 of the U.S. Army manual, e.g. Part Two. Done! Why? Because.") == [
        "It weighs 3.5 kg.",
        "See Fig. 4 of the U.S. Army manual, e.g. Part Two.",
        "Done!",
        "Why?",
        "Because.",
    ]


def test_a_sentence_runs_over_line_ends():
    assert parted("The valve on the suction side must\nbe open. The other one\nis closed.") == [
        "The valve on the suction side must\nbe open.",
        "The other one\nis closed.",
    ]


def test_a_heading_and_list_items_stand_alone():
    assert parted(MANUAL)[:6] == [
        "4.2 Starting the pump",
        "The pump must not be started dry.",
        "It overheats within minutes.",
        "Before starting, do the following:",
        "• Open the suction valve.",
        "• Fill the casing with water.",
    ]


def test_the_number_of_a_list_item_is_no_sentence():
    assert parted("1. Open the valve.\n2. Start the pump.") == ["1. Open the valve.", "2. Start the pump."]


def test_table_rows_stand_alone():
    assert "Cost of sales (11,969) (11,724)" in parted(STATEMENT)
    assert parted("Trade payables .......... $ 93,307\nOther debts .......... 12") == [
        "Trade payables .......... $ 93,307",
        "Other debts .......... 12",
    ]


def test_other_scripts_are_split():
    assert parted("東京は首都です。人口は多い。") == ["東京は首都です。", "人口は多い。"]
    assert parted("ما هذا؟ هذا كتاب جديد.") == ["ما هذا؟", "هذا كتاب جديد."]


@pytest.mark.parametrize("line", ["Net sales $ 14,694 $ 14,544", "Loss (4) — (14)", "Adults 59% 47%", "Tax n/a 7"])
def test_rows_are_known(line):
    assert is_row(line)


@pytest.mark.parametrize(
    "line", ["In 2018 we sold 5 ships.", "as of December 31, 2019", "Chapter 4", "", "see 3 and 4"]
)
def test_prose_is_no_row(line):
    assert not is_row(line)


# Quotes


def test_a_row_comes_with_the_heads_of_its_columns():
    assert quote_of(STATEMENT, "Gross profit").splitlines() == [
        "(in thousands, except per share data)",
        "Year ended 31 March 2023 2022",
        "Gross profit 2,725 2,820",
    ]


def test_heads_without_dates_stand_above_the_first_row():
    table = "Adoption among adults\nGo online Own a tablet\nAll 59% 47%\nAge\nYoung 74 65\nOld 68 55\n"
    assert quote_of(table, "Old").splitlines() == ["Go online Own a tablet", "Age", "Old 68 55"]


def test_every_row_of_a_page_comes_below_its_heads():
    rows = list(headed_rows(STATEMENT))
    assert "(in thousands, except per share data)\nYear ended 31 March 2023 2022\nGross profit 2,725 2,820" in rows
    assert all(is_row(row.splitlines()[-1]) for row in rows)
    assert list(headed_rows(MANUAL)) == []


def test_a_label_comes_with_its_numbers_on_the_next_line():
    table = "Number of boxes\nYear 2021 2022\nBoxes shipped\n2,407 1,894\n"
    assert quote_of(table, "shipped") == "Year 2021 2022\nBoxes shipped\n2,407 1,894"


def test_rows_of_one_table_share_their_heads():
    rows = [one for one in found(STATEMENT) if one.text.startswith(("Cost", "Gross"))]
    (quote,) = quoted(rows)
    assert quote.text.endswith("2023 2022\nCost of sales (11,969) (11,724)\nGross profit 2,725 2,820")


def test_a_sentence_that_leans_on_the_one_before_brings_it():
    assert quote_of(MANUAL, "overheats") == "The pump must not be started dry. It overheats within minutes."
    assert quote_of(MANUAL, "However").startswith("• Fill the casing with water.\nHowever, a self-priming")


def test_a_sentence_that_ends_in_a_colon_brings_what_follows():
    assert quote_of(MANUAL, "following:").splitlines()[-2:] == [
        "• Open the suction valve.",
        "• Fill the casing with water.",
    ]


def test_a_heading_brings_the_sentence_below_it():
    assert quote_of(MANUAL, "4.2 Starting") == "4.2 Starting the pump\nThe pump must not be started dry."


def test_a_sentence_that_stands_alone_is_left_alone():
    assert quote_of(MANUAL, "dry") == "The pump must not be started dry."


def test_running_text_is_quoted_once():
    twice = "The pump is made of cast iron and weighs 12 kg."
    assert chosen(twice, twice.replace("The", "Our")) == [twice]


def test_texts_that_differ_in_a_number_are_both_quoted():
    assert len(chosen("Version 1 of the pump weighs 12 kg in all.", "Version 1 of the pump weighs 13 kg in all.")) == 2


def test_a_sentence_that_was_quoted_as_a_neighbour_is_not_quoted_again():
    sentence, leaning = (one for one in found(MANUAL) if "dry" in one.text or "overheats" in one.text)
    (quote,) = quoted([leaning, sentence])
    assert quote.text == "The pump must not be started dry. It overheats within minutes."


def test_a_row_at_the_top_of_a_page_has_no_heads():
    assert quote_of("Flow 12 14\nHead 30 28\n", "Flow") == "Flow 12 14"


@given(st.lists(LINES, max_size=4))
@example(["A\n0 0"])
def test_what_is_written_is_what_the_pages_say(texts):
    everything = found(*texts)
    quotes = quoted(everything[::-1])
    text, marks = join(quotes)
    assert len(quotes) <= MOST
    assert text == "\n\n".join(quote.text for quote in quotes)
    for at, part in marks:
        said = texts[part.span.page][part.span.start : part.span.end]
        assert said == text[at - len(said) : at] != ""


# Evidence


def test_running_headers_and_bare_numbers_are_no_candidates():
    text = "A running header that is as long as the line\nThe pump is open. It runs.\n17\nFooter"
    page = source_page(text, places=[(45, 62), (63, 71), (72, 74)])
    assert [sentence.text for sentence in candidates(page)] == ["The pump is open.", "It runs."]


def test_sentences_run_from_one_passage_into_the_next():
    page = source_page("The pump is open and the valve which is beside it is closed.", places=[(0, 16), (17, 60)])
    (sentence,) = candidates(page)
    assert sentence.text == page.text
    assert sentence.passage is page.passages[0]


def test_a_sentence_is_found_again_in_its_passage():
    page = source_page("The pump is open. The valve is closed. It is red.", places=[(0, 38), (39, 49)])
    for sentence in candidates(page):
        text, start, end = sentence.in_passage
        assert text[start:end] == sentence.text
        assert text == sentence.passage.text


def test_the_shortlist_is_short_and_best_first():
    many = found("The valve is open. " * 50)
    keyword = np.arange(len(many), dtype=np.float32)
    assert shortlist(many, keyword, priors(many, None)) == list(range(len(many)))[::-1][:SHORTLIST]


def test_of_equal_words_the_sentence_of_the_nearer_passage_is_shortlisted_first():
    page = source_page(
        "The pump is open. The valve is red. It is hot.", places=[(0, 17), (18, 35), (36, 46)], cosines=[0.2, 0.7]
    )
    sentences = candidates(page)
    assert shortlist(sentences, np.zeros(3, np.float32), priors(sentences, None)) == [1, 0, 2]


def test_context_moves_only_the_candidate_sentencesinside_passages_that_were_read():
    alone = np.array([0.1, 0.5, 0.4, 0.9], np.float32)
    same = blended(alone, [1, 2], alone[[1, 2]] * 2)
    turned = blended(alone, [1, 2], np.array([0.1, 0.9], np.float32))
    assert (turned[[0, 3]] == same[[0, 3]]).all()
    assert (same[1] > same[2], turned[1] < turned[2]) == (True, True)
    assert turned.mean() == pytest.approx(same.mean(), abs=1e-5)


def test_a_quote_lowers_the_others_of_its_page():
    near, far = "One pump runs. Two valves leak. Three seals drip.", "Four tanks rust."
    candidate_sentences = found(near, far)
    scores = np.array([3, 2.9, 2.8, 2.5], np.float32)
    quotes = choose(candidate_sentences, scores, Layout.of(candidate_sentences, NO_WORDS))
    assert [quote.text for quote in quotes] == ["One pump runs.", "Four tanks rust.", "Two valves leak."]


def test_words_meaning_and_page_all_count():
    six = found(*["One pump runs. Two pumps run. Three pumps run."] * 2)
    words, meaning = np.array([0, 1, 0, 0, 1, 0], np.float32), np.array([0, 0, 1, 0, 0, 1], np.float32)
    prior = priors(six, None)
    assert weigh(words, None, prior).argmax() == 1
    assert weigh(words, meaning, prior).argmax() == 2
    assert weigh(words * 1000, meaning, prior) == pytest.approx(weigh(words, meaning, prior), abs=1e-3)


def test_a_sentence_with_the_kind_of_thing_that_is_asked_for_goes_before_one_with_the_words():
    sentences = found(
        "Quay House is a home for old sailors. Quay House has 32 beds.\nTel: 0555 010900\nOpened 05/10/2015"
    )
    words, meaning = np.zeros(4, np.float32), np.array([1, 0.5, 0, 0], np.float32)
    best = {kind: int(weigh(words, meaning, priors(sentences, kind)).argmax()) for kind in (None, *AskedKind)}
    assert best[None] == 0
    assert (best[AskedKind.TELEPHONE], best[AskedKind.DATE], best[AskedKind.MAIL]) == (2, 3, 0)


def test_nothing_found_is_nothing_chosen():
    assert weigh(np.zeros(0, np.float32), None, priors([], AskedKind.DATE)).shape == (0,)
    assert quoted([]) == []
    assert join([]) == ("", [])


# Abstaining


def signals(similarity, page, quote, **words):
    return AbstainSignals(similarity=similarity, page_coverage=page, quote_coverage=quote, **words)


def test_it_abstains_from_the_unrelated_and_answers_the_near():
    def sure(similarity, page, quote, **words):
        return certainty(confidence(signals(similarity, page, quote, **words)))

    assert sure(Similarity(0.2, 0.25, 0.25), 0.1, 0.1, terms=4, rarity=0.7) is Certainty.REFUSED
    assert sure(Similarity(0.6, 0.7, 0.7), 0.7, 0.6, terms=5, rarity=0.5) is Certainty.ANSWERED
    assert sure(Similarity(0.6, 0.75, 0.75), 1.0, 1.0, terms=1, rarity=0.5) is Certainty.ANSWERED
    assert sure(None, 0.2, 0.2, terms=5, rarity=0.5) is not Certainty.ANSWERED
    assert sure(None, 0.9, 0.8, terms=5, rarity=0.5) is Certainty.ANSWERED
    assert sure(None, 0.2, 0.2, terms=30, rarity=0.6, english=False) is Certainty.REFUSED
    assert sure(None, 0.8, 0.6, terms=30, rarity=0.6, english=False) is Certainty.ANSWERED


def test_across_languages_meaning_alone_tells_whether_a_text_answers():
    def sure(meaning, page, quote):
        return certainty(confidence(signals(Similarity(*[meaning] * 3), page, quote, terms=4, rarity=1.0, across=True)))

    assert sure(0.1, 0.0, 0.0) is Certainty.REFUSED
    assert sure(0.3, 0.0, 0.0) is Certainty.ANSWERED
    assert sure(0.1, 1.0, 1.0) is Certainty.REFUSED


@given(st.floats(-20, 20))
def test_between_an_answer_and_a_refusal_stand_the_closest_lines(log_odds):
    expected = (
        Certainty.ANSWERED if log_odds >= ANSWERED else Certainty.CLOSEST if log_odds >= CLOSEST else Certainty.REFUSED
    )
    assert certainty(log_odds) is expected


@given(*[st.floats(-1, 1)] * 3, st.floats(0, 1), st.floats(0, 1), st.integers(0, 50), st.floats(0, 1))
def test_more_evidence_never_lowers_confidence(passage, window, words, share, more, terms, rarity):
    low, high = sorted((share, more))
    near = Similarity(passage, window, words)

    def sure(similarity, page, quote):
        return confidence(signals(similarity, page, quote, terms=terms, rarity=rarity))

    for similarity in (near, None):
        assert sure(similarity, low, low) <= sure(similarity, high, low) <= sure(similarity, high, high)
    for field in fields(Similarity):
        farther = replace(near, **{field.name: getattr(near, field.name) - 0.1})
        assert sure(farther, low, low) < sure(near, low, low)
