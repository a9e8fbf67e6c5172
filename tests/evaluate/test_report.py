"""The report: one page that loads nothing, with every question, and the misses with their pages."""

import re
from html.parser import HTMLParser

import pytest
from click.testing import CliRunner

from recto.cli import recto
from recto.evaluate.plots import chart
from support.pdfs import text_pdf

EVIL = "</td><script>alert('x')</script>"
VOID = {"meta", "img", "line", "polyline", "br"}


class Tags(HTMLParser):
    """The tags of a page, and whether they are closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of two documents; the evidence of the second question is said to stand on a page that is not found."""
    folder = tmp_path_factory.mktemp("report")
    (folder / "home").mkdir()
    pages = [f"Chapter {n}\nThe pump of hall {n} moves {n * 11} litres of water a minute." for n in range(1, 9)]
    (folder / "plant.pdf").write_bytes(text_pdf(*pages, "The canteen\nSoup is served at noon."))
    (folder / "garden.pdf").write_bytes(text_pdf("Roses are cut in March.\nThe lawn is watered before sunrise."))
    (folder / "questions.jsonl").write_text(
        '{"id": "found", "doc": "plant.pdf", "question": "How much water does the pump of hall 3 move a minute?", '
        '"evidence_pages": [3]}\n'
        f'{{"id": "missed", "doc": "plant.pdf", "question": "How much water does a pump move? {EVIL}", '
        '"evidence_pages": [9], "evidence": [{"page": 9, "text": "Soup is served at noon."}]}\n'
        '{"id": "none", "doc": "garden.pdf", "question": "Who is the king?", "evidence_pages": []}\n'
    )
    run = ["eval", "questions.jsonl", "--pdfs", "plant.pdf", "--pdfs", "garden.pdf", "--home", "home"]
    target = folder / "report.html"
    places = [str(folder / word) if (folder / word).exists() else word for word in run]
    result = CliRunner().invoke(recto, [*places, "--save", str(folder / "run.json"), "--report", str(target)])
    assert result.exit_code == 0, result.output
    result = CliRunner().invoke(recto, [*places, "--against", str(folder / "run.json"), "--report", str(target)])
    assert f"report: {target}" in result.stderr
    return target.read_text()


@pytest.mark.slow
def test_the_page_is_whole_and_loads_nothing(page: str) -> None:
    tags = Tags(page)
    assert tags.open == []
    names = {name for name, _ in tags.seen}
    assert not names & {"script", "link", "iframe", "object", "form"}
    for _, attributes in tags.seen:
        assert not any(name.startswith("on") for name in attributes)
        assert all((attributes.get(name) or "data:").startswith("data:") for name in ("src", "href"))
    assert "http" not in re.sub(r'http-equiv|src="data:[^"]*"', "", page)
    assert "default-src 'none'" in page


@pytest.mark.slow
def test_the_page_shows_curves_questions_and_the_marked_page_of_a_miss(page: str) -> None:
    assert page.count("<svg") == 3
    assert page.count("<polyline") >= 5
    assert "Misses: 1" in page
    assert "page 9 of plant.pdf" in page
    assert page.count('src="data:image/png;base64,') == 1
    assert "Found instead: plant.pdf, page " in page
    assert "Against the saved run" in page
    assert "Who is the king?" in page


@pytest.mark.slow
def test_text_cannot_become_markup(page: str) -> None:
    assert EVIL not in page
    assert "&lt;script&gt;" in page


def test_a_chart_stays_inside_its_frame() -> None:
    svg = chart("k", "a < b", {"one & all": [(0, 0), (5, 0.5), (10, 1)]}, ends=(0, 10))
    assert Tags(svg).open == []
    assert "one &amp; all" in svg
    (points,) = re.findall(r'points="([^"]+)"', svg)
    width, height = map(float, re.findall(r'viewBox="0 0 (\d+) (\d+)"', svg)[0])
    for point in points.split():
        x, y = map(float, point.split(","))
        assert 0 <= x <= width
        assert 0 <= y <= height
