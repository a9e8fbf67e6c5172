"""Figures that nobody prints are looked for by what they are worked out from."""

import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recto import Library
from recto.text.highlight import matched
from recto.text.statements import KINDS, spelled_out
from recto.types import Kind
from support.pdfs import text_pdf

WORDS = tomllib.loads(resources.files("recto.text").joinpath("statements.toml").read_text(encoding="utf-8"))
LONGEST = 100  # characters of an entry's lines: they are encoded with the question

SHEET = (
    "Consolidated balance sheets",
    "(in millions)",
    "2021 2020",
    "Cash and equivalents 411 356",
    "Inventories, net 702 655",
    "Total current assets 2,629 2,055",
    "Property, plant and equipment, net 940 917",
    "Total assets 4,011 3,444",
    "Accounts payable 283 224",
    "Total current liabilities 967 828",
    "Long-term debt 1,203 1,190",
)


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("What is the quick ratio?", "total current liabilities"),
        ("Has the QUICK RATIO improved?", "inventories"),
        ("Is this a capital-intensive business?", "property, plant and equipment"),
        ("What was the ROA in 2021?", "total assets"),
        ("How did margins and EBITDA margins develop?", "depreciation and amortization"),
        ("What did R&D cost?", "research and development"),
        ("Compare the gross-margins", "cost of sales"),
        ("the operating cash flow ratio", "net cash provided by operating activities"),
        ("What was the cashflow in May?", "cash flow"),
        ("What are the trade receivables?", "accounts receivable"),
        ("How high was the annual turnover?", "revenue"),
        ("Which revenues were there?", "net sales"),
        ("the shareholders\u2019 equity", "total stockholders' equity"),
        ("What does the balance sheet say?", "total assets"),
        ("Show the profit and loss account", "operating income"),
        ("the statement of cash flows", "financing activities"),
        ("capitalisation ratio", "long-term debt"),
        ("capitalization ratios", "long-term debt"),
        ("interest to debt", "interest expense"),
        ("What is its debt-to-assets ratio?", "total liabilities"),
        ("book value a share", "shares outstanding"),
        ("degree of operating leverage", "operating income"),
        ("What is the return on assets?", "net income"),
        ("Was it 5 per cent?", "percent"),
    ],
)
def test_a_figure_is_asked_with_its_lines(question: str, line: str) -> None:
    asked, lines = spelled_out(question).split("\n", 1)
    assert asked == question
    assert line in lines


ENTRIES = [entry for kind in KINDS for entry in WORDS[kind]]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["names"][0])
def test_each_entry_of_the_data_is_found_by_each_name_is_short_and_has_a_source(entry: dict[str, Any]) -> None:
    assert WORDS["sources"][entry["source"]]
    assert len(entry["lines"]) <= LONGEST
    for name in entry["names"]:
        assert entry["lines"] in spelled_out(f"What of the {name.upper()} in 2021?")


def test_no_name_stands_for_two_things() -> None:
    names = [name for entry in ENTRIES for name in entry["names"]]
    assert len(names) == len(set(names))
    assert set(WORDS) == {"sources", *KINDS}


@pytest.mark.parametrize(
    "question",
    [
        "Which roads are closed?",
        "What was EBITDAR?",
        "Is the ratio quick?",
        "Which gear ratio has the landing gear?",
        "How high is the turnover of staff?",
        "What percentage was it?",
        "",
        "ppear",
    ],
)
def test_other_questions_stay_as_they_are(question: str) -> None:
    assert spelled_out(question) == question


def test_each_line_is_added_once() -> None:
    assert spelled_out("working capital, or the current ratio?").count("total current assets") == 1


@given(st.text())
def test_a_question_is_never_changed(question: str) -> None:
    assert spelled_out(question).startswith(question)


def test_the_words_of_its_lines_are_marked() -> None:
    assert [SHEET[5][slice(*place)] for place in matched("the current ratio", SHEET[5])] == [
        "Total",
        "current",
        "assets",
    ]


def test_a_ratio_is_answered_with_the_lines_of_the_balance_sheet(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(
        text_pdf("Letter to those who own us\nThe year was good.", "\n".join(SHEET), "Our people\nWe have 300.")
    )
    with Library(home) as library:
        library.add(path)
        asking = library.ask("What is the current ratio in 2021?")
        for _ in asking:
            pass
    assert asking.answer.kind is Kind.QUOTED
    assert {citation.span.page for citation in asking.answer.citations} == {1}
    assert "Total current assets 2,629 2,055" in asking.answer.text
    assert "Total current liabilities 967 828" in asking.answer.text
