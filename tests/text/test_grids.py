"""Tables by the boxes of words: cells, rows, heads, groups and units, and what is no table."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recto.text.grids import grids, grids_in_order, with_grids, with_rows
from recto.text.tables import tables
from recto.types import FULL, Flag, Grid, Page

WIDTH, HEIGHT, SIZE, CHARACTER = 600.0, 800.0, 10.0, 5.0  # points; every letter is as wide
Placed = tuple[float, float, str]  # x, y from the top, text


def page(*texts: Placed, number: int = 0) -> Page:
    """A page with these texts, in this order: a line of text for each line of the page that follows another."""
    text, spans, boxes, level = "", [], [], None
    for x, y, words in texts:
        for word in words.split(" "):
            text += "" if not text else "\n" if y != level else " "
            level = y
            spans.append((len(text), len(text) + len(word)))
            text += word
            boxes.append((x / WIDTH, y / HEIGHT, (x + CHARACTER * len(word)) / WIDTH, (y + 1.15 * SIZE) / HEIGHT))
            x += CHARACTER * (len(word) + 0.5)
    return Page(
        number=number,
        width=WIDTH,
        height=HEIGHT,
        flag=Flag.TEXT,
        text=text,
        spans=np.array(spans, np.uint32).reshape(-1, 2),
        boxes=np.round(np.array(boxes).reshape(-1, 4) * FULL).astype(np.uint16),
    )


def rows(xs: Sequence[float], y: float, pitch: float, *lines: Sequence[str]) -> list[Placed]:
    """Rows of cells that begin at these places."""
    return [
        (x, y + pitch * number, cell)
        for number, line in enumerate(lines)
        for x, cell in zip(xs, line, strict=True)
        if cell
    ]


def texts(grid: Grid) -> list[list[str]]:
    return [[grid.text(row, column) for column in range(grid.columns)] for row in range(grid.rows)]


BENEFITS = [
    (50.0, 100.0, "Benefit"),
    (250.0, 100.0, "Waiting period"),
    (400.0, 100.0, "Maximum"),
    (50.0, 120.0, "Dental crowns and the"),
    (250.0, 120.0, "12 months from"),
    (400.0, 120.0, "900 euros"),
    (50.0, 132.0, "laboratory work"),
    (250.0, 132.0, "the start"),
    (50.0, 152.0, "Glasses"),
    (250.0, 152.0, "none"),
    (400.0, 152.0, "250 euros every"),
    (400.0, 164.0, "two years"),
]


def test_wrapped_cells_are_joined_to_their_row_where_rows_are_padded() -> None:
    (grid,) = grids(page(*BENEFITS))
    assert texts(grid) == [
        ["Benefit", "Waiting period", "Maximum"],
        ["Dental crowns and the laboratory work", "12 months from the start", "900 euros"],
        ["Glasses", "none", "250 euros every two years"],
    ]
    assert grid.heads == ("Benefit", "Waiting period", "Maximum")


@given(st.permutations(BENEFITS))
def test_cells_rest_on_boxes_and_not_on_the_order_of_drawing(placed: list[Placed]) -> None:
    assert [texts(grid) for grid in grids(page(*placed))] == [texts(grid) for grid in grids(page(*BENEFITS))]


def test_every_word_of_a_cell_lies_in_its_boxes() -> None:
    sheet = page(*BENEFITS)
    (grid,) = grids(sheet)
    for cell in grid.cells:
        words = " ".join(sheet.text[start:end] for start, end in cell.ranges)
        assert words.split() == cell.text.split()
        assert len(cell.rects) >= 1
    assert sum(len(cell.text.split()) for cell in grid.cells) == len(sheet.spans)


def test_dates_times_dashes_negatives_and_signs_are_cells() -> None:
    table = rows(
        (50, 200, 300, 400),
        100,
        18,
        ("Stop", "Day", "Leaves", "Fare"),
        ("Arran", "03/04/2019", "7:45", "(920.68)"),
        ("Bute", "10 May 2019", "-", "none"),
    )
    (grid,) = grids(page(*table))
    assert (grid.head_rows, texts(grid)[2]) == (1, ["Bute", "10 May 2019", "-", "none"])


def test_a_currency_sign_is_joined_to_its_figure() -> None:
    lines = [*rows((50, 240, 340), 100, 16, ("", "2023", "2022"), ("Cash", "1,204", "998"), ("Loans", "(310)", "-"))]
    lines += [(210, 116, "$"), (310, 116, "$")]
    (grid,) = grids(page(*lines))
    assert texts(grid)[1] == ["Cash", "$ 1,204", "$ 998"]


def test_heads_of_several_columns_belong_to_each() -> None:
    lines = [(235.0, 100.0, "Six months"), (435.0, 100.0, "One year")]
    lines += rows(
        (50, 220, 290, 420, 490), 118, 18, ("", "2023", "2022", "2023", "2022"), ("Sales", "14", "17", "31", "32")
    )
    lines += rows((50, 220, 290, 420, 490), 154, 18, ("Costs", "11", "15", "25", "27"))
    (grid,) = grids(page(*lines))
    assert grid.heads == ("", "Six months 2023", "Six months 2022", "One year 2023", "One year 2022")


CARD = rows(
    [50, 150], 100, 24, ["Berth", "C 14"], ["Boat", "Heron"], ["Owner", "Ms Odile Tarn"], ["Fee a year", "618.40"]
)


def test_names_and_words_above_figures_are_no_heads() -> None:
    figures = rows([50, 150], 196, 24, ["Deposit", "50.00"], ["Nights", "12"])
    (grid,) = grids(page(*CARD, *figures))
    assert texts(grid)[0] == ["Berth", "C 14"]
    assert grid.head_rows == 0


def test_a_list_below_a_table_is_none_of_its_rows() -> None:
    items = [
        "What is in the fee",
        "Water and electricity",
        "A key to the gate",
        "Storm watch",
        "A mast up to 12 metres",
    ]
    listed = [(60.0, 200.0 + 15 * number, item) for number, item in enumerate(items)]
    limits = rows([50, 150, 200], 295, 24, ["Thing", "Once", "In all"], ["Ropes", "30", "90"], ["Sails", "200", "400"])
    first, second = grids(page(*CARD, *listed, *limits))
    assert [row[0] for row in texts(first)] == ["Berth", "Boat", "Owner", "Fee a year"]
    assert texts(second)[1:] == [["Ropes", "30", "90"], ["Sails", "200", "400"]]


def test_a_label_that_fills_its_column_leaves_the_figure_its_own() -> None:
    lines = [["Boat", "Heron"], ["Length", "9.2"], ["Fee for a whole year", "618.40"], ["Deposit", "50.00"]]
    (grid,) = grids(page(*rows([50, 145.5], 100, 24, *lines)))
    assert texts(grid)[2] == ["Fee for a whole year", "618.40"]


def test_columns_may_stand_as_close_as_rules_between_them_allow() -> None:
    placed = rows(
        (50, 108.5, 143.7), 100, 20, ("Week", "Weight", "Due"), ("1", "25 %", "Friday"), ("2", "40 %", "Monday")
    )
    (grid,) = grids(page(*placed))
    assert texts(grid)[1:] == [["1", "25 %", "Friday"], ["2", "40 %", "Monday"]]


def test_labels_and_what_they_stand_for_are_a_table_without_heads() -> None:
    labels = ("Teacher", "Office hours", "Prerequisites", "Mail")
    values = ("Dr. Ada Quill", "Thursdays 14:00 to 16:00, in room C 3.11", "GEO 101 or a like course", "a@b.org")
    placed = rows((50, 117.5), 100, 15, *zip(labels, values, strict=True))  # close behind the longest label
    (grid,) = grids(page(*placed))
    assert texts(grid) == [list(row) for row in zip(labels, values, strict=True)]
    assert grid.head_rows == 0


def test_a_table_begins_at_heads_that_name_all_columns_below_a_letters_head() -> None:
    head = rows((50, 400), 100, 14, ("Medical laboratory", "Report 26-118"), ("Dr. Ada Quill", "Of 02.06.2026"))
    patient = rows((50, 180, 400), 128, 14, ("Patient: Ida", "Born: 17.11.1984", "Sender: Dr. Oke"))
    lines = ("Test", "Result", "Unit", "Range"), ("Iron", "11.2", "mg", "12 - 15"), ("Zinc", "6.4", "mg", "4 - 10")
    found = grids(page(*head, *patient, *rows((50, 180, 300, 400), 142, 14, *lines)))
    assert texts(found[-1]) == [list(line) for line in lines]
    assert found[-1].heads == lines[0]


def test_a_table_begins_at_heads_that_stand_apart_from_the_address_above_them() -> None:
    address = rows((50, 380), 60, 13, ("Mr Otto Quill", "Account statement"), ("4 Dean Street", "Account 5529017"))
    lines = (
        ("Date", "What for", "Paid out", "Paid in", "Balance"),
        ("01 Jun", "Opening balance", "", "", "2,318.44"),
        ("02 Jun", "Rent of the flat", "940.00", "", "1,378.44"),
        ("15 Jun", "Salary of May", "", "2,745.10", "4,123.54"),
    )
    found = grids(page(*address, *rows((50, 110, 280, 360, 440), 110, 20, *lines)))
    assert found[-1].heads == lines[0]
    assert texts(found[-1]) == [list(line) for line in lines]


def test_cards_have_a_label_above_each_figure() -> None:
    cards = ("Asking price", "Living space"), ("€ 548,000", "103 m²"), ("Garden", "From"), ("85 m²", "1 May 2027")
    found = grids(page(*rows((50, 300), 100, 15, *cards)))
    assert [(grid.heads, texts(grid)[1:]) for grid in found] == [
        (cards[0], [list(cards[1])]),
        (cards[2], [list(cards[3])]),
    ]


def test_a_single_row_below_its_heads_is_a_table_apart_from_the_letters_head_above() -> None:
    head = rows(
        (50, 400), 100, 14, ("Quay Outdoor", "PAYSLIP"), ("Unit 4, Quay Park", "Of 28/08/2026"), ("Bristol", "Week 5")
    )
    lines = ("EMPLOYEE", "NUMBER", "TAX CODE", "DEPARTMENT"), ("Ida Quill", "0417", "1257L", "Warehouse")
    *_, found = grids(page(*head, *rows((50, 180, 300, 400), 142, 14, *lines)))
    assert found.heads == lines[0]
    assert texts(found)[1:] == [list(lines[1])]


def test_the_sides_of_a_letters_head_are_no_table() -> None:
    sender, facts = ("Quay Works", "14 Quay Street", "Bristol"), ("Invoice of May", "Order of April", "Customer Renner")
    assert grids(page(*rows((50, 400), 100, 15, *zip(sender, facts, strict=True)))) == []


def test_groups_units_and_rows_merged_in_the_first_column() -> None:
    lines = [(50.0, 60.0, "Balance sheet"), (50.0, 76.0, "in EUR thousand")]
    lines += rows(
        (50, 250, 350), 100, 16, ("", "2023", "2022"), ("Assets", "", ""), ("Cash", "14", "17"), ("Land", "31", "32")
    )
    (grid,) = grids(page(*lines))
    assert (grid.units, grid.groups[2:], sorted(grid.group_rows)) == ("in EUR thousand", ("Assets", "Assets"), [1])
    merged = rows(
        (50, 150, 300),
        100,
        18,
        ("Region", "Town", "2023"),
        ("", "Arran", "14"),
        ("North", "Bute", "15"),
        ("", "Coll", "16"),
        ("West", "Eigg", "17"),
    )
    (grid,) = grids(page(*merged))
    assert grid.groups == ("", "North", "", "North", "")


def test_a_table_that_goes_on_overleaf_has_the_heads_of_the_page_before() -> None:
    towns = [(f"Town {number}", f"{1000 + number}", f"{2000 + number}") for number in range(45)]
    first = page(*rows((50, 250, 400), 60, 18, ("Town", "In 2010", "In 2020"), *towns[:38]))
    second = page(*rows((50, 250, 400), 60, 18, *towns[38:]), number=1)
    grid = list(grids_in_order([first, second]))[1][0]
    assert (grid.heads, grid.heads_page, grid.head_rows) == (("Town", "In 2010", "In 2020"), 0, 0)


def test_turned_and_mirrored_pages_are_read_as_they_are_read() -> None:
    upright = page(
        *rows((50, 250, 400), 100, 18, ("Town", "Ships", "Berths"), ("Arran", "315", "12"), ("Bute", "298", "114"))
    )
    x0, y0, x1, y1 = upright.boxes.astype(int).T
    turned = np.column_stack((y0, FULL - x1, y1, FULL - x0)).astype(np.uint16)
    sheet = Page(
        number=0, width=HEIGHT, height=WIDTH, flag=Flag.TEXT, text=upright.text, spans=upright.spans, boxes=turned
    )
    assert [texts(grid) for grid in grids(sheet)] == [texts(grid) for grid in grids(upright)]
    hebrew = page(*rows((400, 250, 50), 100, 18, ("עיר", "נהר", "גשר"), ("דרך", "315", "12"), ("רחוב", "298", "114")))
    (grid,) = grids(hebrew)
    assert texts(grid)[1] == ["דרך", "315", "12"]


PROSE = "The committee met twice in the year and looked at the accounts of all the branches"


@pytest.mark.parametrize(
    "lines",
    [
        [(50.0, 60.0 + 12 * number, PROSE) for number in range(30)],
        [(x, 60.0 + 12 * number, PROSE[:45]) for number in range(30) for x in (50.0, 320.0)],
        [
            (x, 60.0 + 12 * n, text)
            for n in range(8)
            for x, text in ((50.0, f"{n}."), (80.0, "Wash the leaves in cold water"))
        ],
        rows(
            (50, 320),
            60,
            12,
            ("Abbot and Sons", "Radley Limited"),
            ("14 Quay Street", "9 Mill Lane"),
            ("Falmouth", "Selby"),
        ),
        rows((50, 500), 60, 16, *((f"Chapter {n}", str(3 * n)) for n in range(1, 12))),
    ],
    ids=["prose", "two columns", "list", "addresses", "contents"],
)
def test_what_is_no_table(lines: list[Placed]) -> None:
    assert grids(page(*lines)) == []


def test_a_row_is_one_sentence_and_quotes_have_its_heads() -> None:
    sheet = page(*BENEFITS)
    own = grids(sheet)
    (table,) = with_grids(sheet.text, tables(sheet.text), own)
    assert sheet.text[slice(*table.rows[0].place)].split()[0] == "Dental"
    assert table.heads is not None
    assert sheet.text[slice(*table.heads)] == "Benefit Waiting period Maximum"
    places = with_rows(sheet.text, [(0, len(sheet.text))], own)
    assert [sheet.text[start:end].split()[0] for start, end in places] == ["Benefit", "Dental", "Glasses"]


def test_rows_above_a_table_are_none_of_its_heads() -> None:
    dues = rows((50, 180), 100, 14, ("Pension", "113.75"), ("Union", "9.20"), ("Cycle", "41.66"))
    lines = ("Pay", "Month", "Year"), ("Gross", "2,275.06", "10,884.15"), ("Net", "1,766.87", "8,834.35")
    sheet = page(*dues, *rows((50, 180, 300), 150, 14, *lines))
    (own,) = (grid for grid in grids(page(*rows((50, 180, 300), 150, 14, *lines))))
    first = sheet.text.index("Pay Month")
    cells = tuple(replace(c, ranges=tuple((a + first, b + first) for a, b in c.ranges)) for c in own.cells)
    above, table = with_grids(sheet.text, tables(sheet.text), [replace(own, cells=cells)])
    assert sheet.text[above.start : above.end].split()[::2] == ["Pension", "Union", "Cycle"]
    assert sheet.text[table.start : table.end].split()[0] == "Pay"


@given(
    st.lists(
        st.tuples(st.integers(0, 550), st.integers(0, 60), st.sampled_from(["12", "Arran", "a b c", "$", "-"])),
        max_size=30,
    )
)
def test_no_page_is_refused(placed: list[tuple[int, int, str]]) -> None:
    sheet = page(*((float(x), 12.0 * y, text) for x, y, text in placed))
    for grid in grids(sheet):
        assert all(0 <= cell.columns[0] < cell.columns[1] <= grid.columns for cell in grid.cells)
        assert {cell.row for cell in grid.cells} <= set(range(grid.rows))
