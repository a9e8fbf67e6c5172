"""`recto table`: a page's tables as text, comma-separated values and JSON."""

import csv
import json
from pathlib import Path

from click.testing import CliRunner

from recto import Library
from recto.cli import recto
from support.pdfs import Sheet, pdf

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
