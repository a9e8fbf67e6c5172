"""`recto table`: a page's tables as text, comma-separated values and JSON."""

import csv
import json
from pathlib import Path

from click.testing import CliRunner

from recto import Library, wire
from recto.cli import recto
from support.pdfs import Sheet, pdf
from support.typesetting import typeset

ROWS = (("Town", "In 2010", "In 2020"), ("Thirsk", "5,932", "6,176"), ("=1+1", "(310)", "none"))
LINES = [(x, 700 - 18 * n, 10, text) for n, row in enumerate(ROWS) for x, text in zip((60, 200, 300), row, strict=True)]


def test_a_table_is_printed_as_text_csv_and_json(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "towns.pdf"
    path.write_bytes(pdf(Sheet(LINES), Sheet([(60, 700, 10, "No table here.")])))
    with Library(home) as library:
        assert list(library.adding(path))

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(recto, ["table", "towns.pdf", *arguments, "--home", str(home)])
        assert result.exit_code == 0, result.output
        return result.output

    assert run("1").splitlines()[1].split() == ["Thirsk", "5,932", "6,176"]
    rows = list(csv.reader(run("1", "--csv").splitlines()))
    assert rows == [list(ROWS[0]), list(ROWS[1]), ["'=1+1", "(310)", "none"]]
    table = json.loads(run("1", "--json"))
    assert (table["heads"], table["head_rows"], len(table["cells"])) == (list(ROWS[0]), 1, 9)
    assert all(cell["boxes"] for cell in table["cells"])
    missing = CliRunner().invoke(recto, ["table", "towns.pdf", "2", "--home", str(home)])
    assert missing.exit_code == 3


def test_a_quoted_row_overleaf_has_the_heads_of_the_page_before(tmp_path: Path, home: Path) -> None:
    rows = [
        ("Vehicle", "Purchase price", "Annual cost"),
        *((f"Van T{n}", f"{12 + n},400", f"{900 + n}") for n in range(80)),
    ]
    sheets = [
        Sheet(
            [
                (x, 740 - 17 * n, 10, text)
                for n, row in enumerate(part)
                for x, text in zip((60, 250, 400), row, strict=True)
            ]
        )
        for part in (rows[:41], [("Tug B1", "45,100", "3,300"), ("Skiff Q", "1,200", "700")])
    ]
    path = tmp_path / "fleet.pdf"
    path.write_bytes(pdf(*sheets))
    with Library(home) as library:
        library.add(path)
        quotes = library.ask("What is the annual cost of tug B1?").answer.quotes
    cells = [cell for quote in quotes for cell in quote.cells if cell.text in {"Tug B1", "45,100", "3,300"}]
    assert [(cell.head, cell.text, cell.asked) for cell in cells] == [
        ("Vehicle", "Tug B1", False),
        ("Purchase price", "45,100", False),
        ("Annual cost", "3,300", True),
    ]


def test_the_blank_cells_of_a_quoted_row_are_told(tmp_path: Path, home: Path) -> None:
    rows = [
        "Van T2 | 12,400 | 900 | 5,100",
        "Truck M9 |  | 1,750 | 8,300",
        "Tug B1 | 45,100 | 3,300 | ",
        "Skiff Q |  |  | 700",
    ]
    table = "\n".join(["|= grid 30,20,20,30 lrrr", "| Vehicle | Purchase price | Annual cost | Resale value", "|-"])
    path = tmp_path / "fleet.pdf"
    path.write_bytes(typeset("\n".join(["# Vehicles of the yard\n", table, *(f"| {row}" for row in rows)])))
    with Library(home) as library:
        library.add(path)
        question = "What is the purchase price of truck M9?"
        answer = library.ask(question).answer
        task = library._quote(*library._find(question, library.documents()), library.documents())
        assert "Truck M9, Purchase price" in str(task.prompt(task.quoted.evidence, question))
        citations = wire.answer(answer)["citations"]
    (row,) = [citation for citation in citations if "Truck M9" in citation["quote"]]
    cells = {cell["head"]: cell for cell in row["cells"] if cell["row"] == 3}
    heads = {"Vehicle": "Truck M9", "Purchase price": "", "Annual cost": "1,750", "Resale value": "8,300"}
    assert {head: cell["text"] for head, cell in cells.items()} == heads
    assert [bool(cell["boxes"]) for cell in cells.values()] == [True, False, True, True]
    assert "Truck M9, Purchase price" in row["blanks"]
    asked = [(cell["row"], cell["head"]) for citation in citations for cell in citation["cells"] if cell["asked"]]
    assert asked == [(3, "Purchase price")]
    arguments = ["What is the resale value of skiff Q?", "--model", "quote", "--home", str(home)]
    result = CliRunner().invoke(recto, ["ask", *arguments])
    assert "Skiff Q, Purchase price; Skiff Q, Annual cost" in result.stdout
    whole = CliRunner().invoke(recto, ["table", "fleet.pdf", "1", "--csv", "--home", str(home)])
    assert whole.stdout.splitlines()[2:] == ['Truck M9,,"1,750","8,300"', 'Tug B1,"45,100","3,300",', "Skiff Q,,,700"]
