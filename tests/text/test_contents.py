"""Lists that but say where something stands are told by their shape, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recto.text.contents import asks_for_contents, contents, covers

PROSE = (
    "The harbour of Winterstrand froze over for eleven weeks. Its keeper counted every ship that lay there and wrote\n"
    "their names into a book, which the town keeps to this day. Nobody has read all of it.\n"
) * 4
TITLES = [
    "The coast before the harbour",
    "Who built the first mole",
    "Fishing rights and the long dispute about them",
    "The winter of the eleven weeks",
    "Steam, coal and the railway",
    "What is left of it today",
    "Sources",
]
PAGES = ["3", "9", "14", "21", "22", "35", "38"]


def lined(joint: str, titles: list[str] = TITLES, numbers: list[str] = PAGES) -> str:
    return "\n".join(f"{title}{joint}{number}" for title, number in zip(titles, numbers, strict=True))


LISTS = {
    "leaders": "Contents\n" + lined(" ........................ "),
    "leaders apart": "Inhalt\n" + lined(" . . . . . . . . . . . "),
    "leaders, no space": "Contents\n" + lined("......................."),
    "figures": "\n".join(f"Figure {n}. The mole in the year of the storm ...... {n * n + 6}" for n in range(1, 7)),
    "no leaders": "Contents\n" + lined(" "),
    "Roman numerals first": "Preface i\nThanks iii\nThose who paid for this edition vii\n" + lined(" "),
    "by parts": "PART I\n" + lined(" ", TITLES[:4], PAGES[:4]) + "\nPART II\n" + lined(" ", TITLES[4:], PAGES[4:]),
    "an annex": lined(" ", numbers=[f"A-{number}" for number in PAGES]),
    "years in titles": "\n".join(
        f"Accounts of the harbour for 2021 and 2020 {number}" for number in ("31", "33", "34", "36", "38")
    ),
    "titles, then numbers": "Contents\n" + "\n".join([*TITLES, "Thanks", *PAGES, "40"]),
    "titles over numbers": "\n".join(
        f"{title}\n{number}"
        for title, number in zip(TITLES * 2, [3, 5, 9, 11, 12, 12, 15, 18, 20, 26, 27, 31, 33, 37], strict=True)
    ),
    "index": "\n".join(
        f"{term}, {numbers}"
        for term, numbers in (
            ("anchors", "12, 14–16"),
            ("buoys", "7"),
            ("Cargo, lost", "3, 9, 31"),
            ("coal", "22"),
            ("dues", "8, 12"),
            ("fog", "31–33"),
            ("ice", "5, 6"),
            ("keepers", "2"),
            ("lights", "19, 23"),
        )
    ),
    "abbreviations": (
        "Terms\nACPI Advanced Configuration and Power Interface\nBMC Baseboard Management Controller\n"
        "IPI Inter-Processor Interrupt\nSBI Supervisor Binary Interface\nVMID Virtual Machine Identifier\n"
    ),
    "abbreviations with dashes": (
        "FDA – Food and Drug Administration\nGMP – Good Manufacturing Practice\nIRB – Institutional Review Board\n"
        "PQ – Performance Qualification\nUSP – United States Pharmacopeia\n"
    ),
    "change log": (
        "Version 2.0\n• The pump may run backwards\n• A spelling\nVersion 1.1\n• The valve is named\nVersion 1.0\n"
        "• First edition of this manual\n"
    ),
    "dated versions": (
        "Revision Date Author Change\n0.1 2019-04-02 A. Berg first draft\n0.2 2019-09-11 A. Berg pump added\n"
        "1.0 2020-01-09 C. Dunn valve renamed\n"
    ),
    "revisions": "Rev 1 2019-04-02 first edition\nRev 2 2020-01-09 pump added\nRev 3 2021-11-30 valve renamed\n",
}

KEPT = {
    "prose": PROSE,
    "a statement": (
        "Year ended 31 December 2021 2020\nNet sales 415 398\nCost of sales 212 205\nGross profit 203 193\n"
        "Administration 88 91\nProfit before tax 115 102\nTax 24 21\nProfit 91 81\n"
    ),
    "a statement of one year with leaders": (
        "Net sales ................ 415\nCost of sales ............ 212\nGross profit ............. 203\n"
        "Administration ........... 88\nProfit before tax ........ 115\nTax ...................... 24\n"
    ),
    "sums": "Current ........ 12\nDeferred ........ 30\nForeign ........ $ 42\nOther ........ 7\nTotal ........ 91\n",
    "prices": "Coffee 3.20\nTea 2.80\nCake 4.10\nSoup 6.50\nBread 1.20\nWater 2.00\n",
    "whole prices": "Coffee 3\nTea 2\nCake 4\nSoup 6\nBread 1\nWater 2\nJuice 3\n",
    "a league table": "\n".join(
        f"{n} {team} {points}"
        for n, (team, points) in enumerate(
            [("Rovers", 71), ("United", 66), ("Town", 60), ("City", 58), ("Albion", 40), ("Wanderers", 31)], 1
        )
    ),
    "ranks": "\n".join(
        f"{team} {n}" for n, team in enumerate(["Rovers", "United", "Town", "City", "Albion", "County"], 1)
    ),
    "a numbered list": "\n".join(f"{n}. Turn the valve and wait until the pump has stopped." for n in range(1, 9)),
    "a bibliography": "\n".join(
        f"[{n}] {name}, On the freezing of harbours, Journal of Ice {n + 3}, {n * 17}–{n * 17 + 9}."
        for n, name in enumerate(["Abel", "Berg", "Carr", "Dunn", "Eck", "Falk", "Gray", "Holm", "Ivers"], 1)
    ),
    "a timetable": "Dover 8.15 8.45 9.15\nCanterbury 8.41 9.11 9.41\nAshford 9.02 9.32 10.02\nLondon 9.58 10.28",
    "departures": "Platform 1 8.15\nPlatform 2 8.45\nPlatform 3 9.15\nPlatform 4 9.45\nPlatform 5 10.15\n",
    "countries": "\n".join(
        f"{country} {n}"
        for country, n in zip(
            ["Albania", "Austria", "Belgium", "Chile", "Denmark", "Egypt", "France", "Ghana", "Iran"],
            [34, 12, 88, 5, 41, 9, 77, 30, 2],
            strict=True,
        )
    ),
    "pins": "RXD P3.0 10\nTXD P3.1 11\nINT0 P3.2 12\nINT1 P3.3 13\nXTAL2 16\nXTAL1 19\nVSS 20\n",
    "dividends": "June 4, 2018 0.52\nJanuary 2, 2019 0.54\n0.55 April 1, 2019\n0.55 June 3, 2019\n0.55 May 4, 2020",
    "ticks": "Ships a year\n0\n10\n20\n30\n40\n50\n60\n70\n80\n90\n",
    "a glossary": (
        "SOC A system on a chip. Its parts share one clock.\nIPI An interrupt between processors. See chapter 4.\n"
        "BMC Watches the board. It runs while the rest sleeps.\nSBI What the kernel calls. It is stable.\n"
        "VM A virtual machine. It may hold others.\n"
    ),
    "a chronicle": "12 May 1820: the mole is begun\n3 June 1822: it is done\n9 May 1830: a storm\n1 May 1831: repairs",
}


def document(page: str, pages: int = 40) -> list[str]:
    return [PROSE, page, *[PROSE] * (pages - 2)]


@pytest.mark.parametrize("name", LISTS)
def test_each_kind_is_found(name: str) -> None:
    text = LISTS[name]
    found = contents(document(text))
    assert covers(found[1], 0, len(text))
    assert not any(found[:1] + found[2:])


@pytest.mark.parametrize("name", KEPT)
@pytest.mark.parametrize("pages", [1, 4, 40])
def test_what_answers_is_kept(name: str, pages: int) -> None:
    assert not any(contents(document(KEPT[name], max(pages, 2))[-pages:]))
    assert not any(contents(document(KEPT[name] + "\n" + PROSE, 40)))


@pytest.mark.parametrize("name", LISTS)
def test_a_list_beside_other_text_is_out_by_itself(name: str) -> None:
    text = f"Winterstrand\nA history of its harbour\n{PROSE}\n{LISTS[name]}\n\n{PROSE}"
    start = text.index(LISTS[name])
    found = contents(document(text))[1]
    assert covers(found, start, start + len(LISTS[name]))
    assert not covers(found, 0, start)
    assert not covers(found, start + len(LISTS[name]) + 1, len(text))


def test_a_list_goes_on_over_the_page() -> None:
    texts = [PROSE, LISTS["leaders"], "Annex: the ships of the eleven weeks 39\nIndex 40\nii", *[PROSE] * 38]
    assert [bool(ranges) for ranges in contents(texts)[:4]] == [False, True, True, False]


def test_a_document_of_lists_has_nothing_else_to_say() -> None:
    assert not any(contents([LISTS["index"]] * 5))


def test_a_long_number_behind_a_term_is_looked_at_once() -> None:
    """Where digits may be parted in many ways, a line of them would be tried in all: it would never end."""
    assert not any(contents(["\n".join([f"Pump,{'1' * 280}x"] * 20)] * 4))


def test_a_short_document_has_no_contents() -> None:
    assert contents([LISTS["leaders"], PROSE, PROSE]) == [[], [], []]


@given(st.lists(st.text(st.sampled_from("ab .1290,i\n$-FV"), max_size=120), max_size=6))
def test_ranges_lie_on_the_page_in_order(texts: list[str]) -> None:
    found = contents(texts)
    assert len(found) == len(texts)
    for text, ranges in zip(texts, found, strict=True):
        ends = [at for bounds in ranges for at in bounds]
        assert ends == sorted(ends)
        assert all(0 <= at <= len(text) for at in ends)


@given(st.lists(st.integers(1, 80), min_size=8, max_size=30).map(sorted), st.sampled_from([" ", " ..... ", "......"]))
def test_any_ascending_list_of_long_titles_is_found(numbers: list[int], joint: str) -> None:
    if len(set(numbers)) < 5:
        return
    text = lined(joint, ["A chapter with a title of some length"] * len(numbers), list(map(str, numbers)))
    assert contents(document(text))[1] == [(0, len(text))]


@pytest.mark.parametrize(
    "question",
    [
        "Which chapters does it have?",
        "How many figures are there?",
        "Which section deals with the pump?",
        "List all appendices",
        "Show me the table of contents",
        "What does IPI stand for?",
        "What is a PLIC?",
        "What changed in version 2?",
        "What is new in release 1.1?",
        "Which abbreviations are used?",
        "Welche Kapitel gibt es?",
        "Wofür steht SBI?",
    ],
)
def test_who_asks_for_the_list_gets_it(question: str) -> None:
    assert asks_for_contents(question)


@pytest.mark.parametrize(
    "question",
    [
        "What does section 3.2 say about pumps?",
        "What does Table II show?",
        "What was the change in net income?",
        "What is the FY2019 revenue?",
        "Who keeps the harbour book?",
        "How much did the mole cost?",
    ],
)
def test_who_asks_for_what_is_said_does_not(question: str) -> None:
    assert not asks_for_contents(question)
