"""`bench.shown` in small: what counts as a literal answer, and where it is lost."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bench.shown import (
    LIST,
    PROSE,
    REFUSED,
    ROW,
    ShownAnswer,
    answer_items,
    figures,
    literal_answer,
    literal_pattern,
    main,
)
from hypothesis import given
from hypothesis import strategies as st

from recto.evaluate.questions import parse
from recto.types import Span
from support.pdfs import text_pdf

BAKERY = (
    "The bakery of Elm Court opens at six in the morning.\nIts oven was built by Mason Brothers in 1911.",
    "Sales of the bakery in dollars                2022     2021\n"
    "Rye bread                                    1,250    1,310\n"
    "Wheat rolls                                  2,480    2,395\n"
    "Cakes                                          640      615\n"
    "Total in three years\n"
    "8,815",
    "The bakery keeps these tools:\n- a peel of ash wood\n- a dough scraper\n- a proofing basket",
    "Night porter: ask at the gate.",
)
QUESTIONS = (
    ("oven", "Who built the oven of the bakery?", "Mason Brothers", [1]),
    ("rolls", "How many dollars of wheat rolls did the bakery sell in 2022?", "$2480.00", [2]),
    ("tools", "Which tools does the bakery keep?", "['peel of ash wood', 'dough scraper']", [3]),
    ("growth", "By how much did sales of cakes grow from 2021 to 2022?", "4.1%", [2]),
    ("open", "Does the bakery open at six?", "Yes", [1]),
    ("cellar", "Who built the cellar of the bakery?", "Night porter", [4]),
)
UNSHOWN = ShownAnswer(
    question=parse({"id": "1", "doc": "a.pdf", "question": "Who?", "answer": "Ann", "evidence_pages": [1]}, 1),
    kind=PROSE,
    evidence="Ann did.",
    page_among_five=True,
    page_quoted=True,
    evidence_quote=None,
    outcome="quoted",
    first=0,
    all_quotes=0,
    context=0,
    on_labelled_page=0,
    characters=10,
    characters_in_context=10,
    quotes=["Bob saw it."],
)


@given(st.integers(10, 10**9), st.sampled_from(["{}", "{:,}"]), st.sampled_from(["{}", "{:,}", "${:,}.00", "{}.0 %"]))
def test_a_number_is_the_same_however_it_is_written(number: int, printed: str, answer: str) -> None:
    pattern = literal_pattern(answer.format(number))
    assert pattern
    assert pattern.search(f"Total $ {printed.format(number)} in all, (7%)")
    assert not pattern.search(f"1{number} {number}1 {number}.51 1,{number} 9.{number}")


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("the owner's share", "THE OWNER’S\nSHARE"),
        ("seven-for-one split", "a seven–for–one split"),
        ("01983 100200", "call 01983 100200."),
        ("12.5%", "12.50 %"),
        ("$7 million", "7 million"),
        ("40分钟", "必须在40分\n钟内到达"),
        ("cleaned daily.", "It is cleaned daily by Ann"),
    ],
)
def test_words_are_found_as_they_may_be_printed(answer: str, text: str) -> None:
    pattern = literal_pattern(answer)
    assert pattern
    assert pattern.search(text)


@pytest.mark.parametrize(
    ("answer", "text"), [("1983", "01983"), ("P1.1", "P1.10"), ("rye", "dryer"), ("10 45", "1045")]
)
def test_words_are_not_found_inside_longer_ones(answer: str, text: str) -> None:
    pattern = literal_pattern(answer)
    assert pattern
    assert not pattern.search(text)


@pytest.mark.parametrize("answer", ["Yes", "no.", "7", "-4", "", "$5"])
def test_what_stands_everywhere_is_not_literal(answer: str) -> None:
    assert literal_pattern(answer) is None
    assert literal_answer(answer, {0: "Yes, no: 7, -4, $5"}, ()) is None


def test_an_answer_may_be_a_list_in_python() -> None:
    assert answer_items("['rye', 'wheat']") == ["rye", "wheat"]
    assert answer_items("12") == ["12"]
    assert answer_items("[sic]") == ["[sic]"]


def test_the_kind_is_that_of_the_line_and_labelled_evidence_goes_first() -> None:
    pages = dict(enumerate(BAKERY))
    kinds = {}
    for answer in ("Mason Brothers", "2,480", "8,815", "dough scraper", "['Mason', 'Brothers']"):
        literal = literal_answer(answer, pages, ())
        kinds[answer] = literal and literal.kind
    assert kinds == {
        "Mason Brothers": PROSE,
        "2,480": ROW,
        "8,815": ROW,
        "dough scraper": LIST,
        "['Mason', 'Brothers']": LIST,
    }
    start = BAKERY[2].index("The bakery")
    literal = literal_answer("bakery", pages, [Span("doc", 2, start, start + 20)])
    assert literal
    assert literal.evidence == "The bakery keeps these tools:"
    assert literal.pages == {0, 1, 2}
    assert literal_answer("['Mason', 'nobody']", pages, ()) is None


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        ({}, "other sentence"),
        ({"context": 0.5}, "other sentence"),
        ({"context": 1.0}, ""),
        ({"outcome": REFUSED}, "refused"),
        ({"outcome": REFUSED, "page_among_five": False}, "page not among five"),
    ],
)
def test_an_answer_is_lost_at_the_first_stage_that_lacks_it(change: dict[str, Any], lost: str) -> None:
    assert replace(UNSHOWN, **change).lost == lost
    groups = figures([replace(UNSHOWN, **change)])["groups"]
    assert groups["literal"]["answer in context"] == (lost == "")
    assert groups["literal"]["items in context"] == change.get("context", 0)


def test_questions_are_asked_and_what_is_lost_is_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pdfs").mkdir()
    (tmp_path / "pdfs" / "bakery.pdf").write_bytes(text_pdf(*BAKERY))
    rows = [
        {"id": name, "doc": "bakery.pdf", "question": text, "answer": answer, "evidence_pages": pages}
        for name, text, answer, pages in QUESTIONS
    ]
    (tmp_path / "financebench.jsonl").write_text("\n".join(map(json.dumps, rows)))
    target = tmp_path / "shown.json"
    options = {"--eval": tmp_path, "--cache": tmp_path / "cache", "--json": target, "--set": "financebench"}
    monkeypatch.setattr("sys.argv", ["shown", "--list", *(str(word) for option in options.items() for word in option)])
    main()
    printed = capsys.readouterr().out
    sets = json.loads(target.read_text())["sets"]
    groups = sets["financebench"]["groups"]
    assert {name: row["questions"] for name, row in groups.items()} == {
        "all questions": 6,
        "prose": 2,
        "row": 1,
        "list": 1,
        "figure worked out": 1,
        "other words": 1,
        "literal": 4,
    }
    lost = sets["financebench"]["lost"]
    assert "oven" not in lost
    assert lost["cellar"].startswith("prose: ")
    assert "Who built the cellar of the bakery?" in printed
    assert "cellar of" not in target.read_text()
    assert groups["literal"]["page among five"] == 1
    assert groups["figure worked out"].keys().isdisjoint({"answer in quotes", "items in context"})
