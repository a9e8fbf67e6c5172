"""Quotes inside their surroundings."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from recto.answer.blocks import Layout
from recto.answer.context import LONGEST, citations, grown, surroundings
from recto.answer.evidence import SourcePage, candidates
from recto.answer.quote import choose
from recto.text.sentences import Range, sentences
from recto.types import Document, Flag, Page
from support.evidence import NO_WORDS, source_page

DOCUMENT = Document(id="d" * 64, name="plan.pdf", title="", pages=1, size=1, added=0.0)
WORDS = st.sampled_from(
    ["The pump", "moves", "12.5", "litres.", "\n", "Total", "(11)", "2,004", "— It", "....... 7\n", "數字。"]
)
TEXTS = st.lists(WORDS, max_size=150).map(" ".join)
LIST = """The pump is cleaned every week.
Before that:
• Close the valve.
• Let it cool.
Nobody else may do it."""


def page_of(text: str) -> Page:
    """A page whose words stand side by side, ten on a line."""
    words = [(start, start + 1) for start, character in enumerate(text) if not character.isspace()]
    corners = np.array([(at % 10 * 6000, at // 10 % 60 * 1000) for at in range(len(words))], np.uint16).reshape(-1, 2)
    return Page(
        number=0,
        width=600.0,
        height=800.0,
        flag=Flag.TEXT,
        text=text,
        spans=np.array(words, np.uint32).reshape(-1, 2),
        boxes=np.hstack([corners, corners + np.uint16(900)]),
    )


def source(text: str, *within: Range) -> SourcePage:
    page = source_page(text, places=within)
    found = candidates(page)
    return found[0].page if found else page


def around(text: str, words: str, *within: Range) -> str:
    """What these words are shown in."""
    page, start = source(text, *within), text.index(words)
    return text[slice(*grown(text, page.sentences, (start, start + len(words))))]


@given(TEXTS, st.integers(0, 10**9))
@example("\n".join(f"Row {number} 1 2" for number in range(400)), 7)
def test_each_quote_stands_in_its_context(text: str, seed: int) -> None:
    page, spread = page_of(text), source_page(text)
    found = candidates(spread)
    scores = np.random.default_rng(seed).random(len(found), np.float32)
    for quote in choose(found, scores, Layout.of(found, NO_WORDS)):
        places = citations(quote, lambda number: page, DOCUMENT)
        assert [(place.span.start, place.span.end) for place in places] == list(quote.places)
        for place in places:
            context = place.context
            assert context is not None
            assert context.span.holds(place.span)
            assert context.text == text[context.span.start : context.span.end]
            assert len(context.text) <= max(LONGEST, len(place.quote))
            assert context.rects == page.rects(context.span.start, context.span.end) != ()
        together = {place.context.span for place in places if place.context}
        assert sum(span.end - span.start for span in together) <= LONGEST + sum(len(place.quote) for place in places)


@given(TEXTS, st.integers(0, 200))
def test_a_context_holds_whole_sentences(text: str, number: int) -> None:
    places = sentences(text)
    if places:
        start, end = grown(text, places, places[number % len(places)])
        assert {start, end} <= {edge for place in places for edge in place}


def test_it_grows_after_and_before_in_turns() -> None:
    sentence = "This sentence has exactly sixty characters, as have they all"
    text = " ".join(f"{sentence[:-3]}{number}." for number in range(10, 22))
    shown = around(text, f"{sentence[:-3]}15.")
    assert [number for number in range(10, 22) if f"{number}." in shown] == [12, 13, 14, 15, 16, 17, 18]


def test_it_does_not_grow_across_a_running_head() -> None:
    first, head, second = "The pump moves 111 litres.", "PLANT MANUAL 2023", "The valve opens at 40 bar."
    text = f"{first}\n{head}\n{second}"
    start = text.index(second)
    assert around(text, second, (0, len(first)), (start, len(text))) == second


def test_it_grows_neither_into_a_table_of_contents_nor_out_of_it() -> None:
    text = "Contents\n1. Pumps ............ 7\n2. Valves ............ 12\nThis manual is for plant staff."
    assert around(text, "This manual is for plant staff.") == "This manual is for plant staff."
    assert around(text, "1. Pumps ............ 7") == "1. Pumps ............ 7\n2. Valves ............ 12"


def test_a_list_is_shown_with_what_announces_it() -> None:
    assert around(LIST, "• Let it cool.") == LIST


def test_it_does_not_end_with_what_stands_for_the_next_lines() -> None:
    text = "The pump moves 111 litres.\n4.2 Stopping the pump\n\n" + "It takes a while. " * 40
    assert around(text, "The pump moves 111 litres.") != text
    short = text[: text.index("\n\n")]
    assert around(short, "The pump moves 111 litres.") == "The pump moves 111 litres."
    assert around(LIST, "The pump is cleaned every week.") == LIST
    assert around(LIST[:44], "The pump is cleaned every week.") == "The pump is cleaned every week."


def test_a_long_quote_is_its_own_context() -> None:
    text = "It begins. " + "word " * 100 + "ends. It goes on."
    start, end = text.index("word"), text.index(" It goes")
    assert grown(text, sentences(text), (start, end)) == (start, end)


def test_a_row_has_its_neighbours_and_heads_far_above_stand_alone() -> None:
    rows = "\n".join(f"Sales of paint number {number:02} 1,2{number:02} 1,1{number:02}" for number in range(40))
    text = f"Year ended 31 March 2023 2022\n{rows}\n"
    heads, row = (
        (0, text.index("\n")),
        (text.index("Sales of paint number 30"), text.index("\nSales of paint number 31")),
    )
    above, beside = surroundings(source(text), [heads, row])
    assert above == heads
    assert "number 29" in text[slice(*beside)]
    assert "number 31" in text[slice(*beside)]
    near = (text.index("Sales of paint number 02"), text.index("\nSales of paint number 03"))
    assert len(set(surroundings(source(text), [heads, near]))) == 1
