"""How quotes stand on a terminal: marked inside their surroundings, alone where there is little room."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recto import Library
from recto.cli.answer_printer import AnswerPrinter
from recto.cli.messages import t
from recto.cli.terminal import wrapped
from recto.events import Quoted
from recto.text.sentences import flowing
from recto.types import Citation, Context, Document, Kind, QuotedCell, Span, Trait, TraitKind
from support.pdfs import text_pdf
from support.terminals import Terminal

BEFORE, SAYS, AFTER = "Mind the steps.", "The pump of hall 3 moves 111 litres.", "It is cleaned on Mondays."
PAGE = f"{BEFORE} {SAYS}\n{AFTER}"
DOCUMENT = Document(id="d" * 64, name="plan.pdf", title="", pages=1, size=1, added=0.0)
Printed = Callable[..., str]


def cited(words: str, *, at: int, more: str = "", page: str = PAGE) -> Citation:
    span = Span(DOCUMENT.id, 0, page.index(words), page.index(words) + len(words))
    context = Context(Span(DOCUMENT.id, 0, 0, len(page)), page, ())
    return Citation(at=at, span=span, document=DOCUMENT, quote=words, rects=(), context=context, more=more)


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Printed:
    def show(*citations: Citation, kind: Kind = Kind.QUOTED, brief: bool = False) -> str:
        AnswerPrinter("What?", lambda _: None, brief=brief).show(Quoted(citations, kind))
        return capsys.readouterr().out

    return show


def test_without_styles_the_surroundings_are_indented(printed: Printed) -> None:
    assert printed(cited(SAYS, at=36)) == f"    {BEFORE}\n{SAYS}\n    {AFTER}\n    -- plan.pdf, page 1\n\n"


def test_in_brief_the_quote_stands_alone(printed: Printed) -> None:
    assert printed(cited(SAYS, at=36), brief=True) == f"{SAYS}\n    -- plan.pdf, page 1\n\n"


def test_what_is_left_out_is_told_behind_the_quote(printed: Printed) -> None:
    assert printed(cited(SAYS, at=36, more="12 more rows")).endswith("    -- plan.pdf, page 1 (12 more rows)\n\n")


def test_what_the_document_calls_a_page_is_told_beside_its_number(printed: Printed) -> None:
    assert printed(replace(cited(SAYS, at=36), label="72")).endswith("    -- plan.pdf, page 1, printed 72\n\n")


def test_a_quote_read_by_ocr_says_so_with_its_uncertain_words(printed: Printed) -> None:
    place = cited(SAYS, at=36)
    start, end = place.span.start, place.span.end
    recognised = replace(place, traits=(Trait(TraitKind.RECOGNISED, start, end),))
    assert printed(recognised).endswith("    -- plan.pdf, page 1 (read by OCR)\n\n")
    doubts = tuple(Trait(TraitKind.UNCERTAIN, at, at + 2) for at in (start, end - 2))
    doubtful = replace(recognised, traits=(*recognised.traits, *doubts[:1]))
    assert printed(doubtful).endswith("    -- plan.pdf, page 1 (read by OCR, 1 word uncertain)\n\n")
    assert printed(replace(recognised, traits=doubts)).endswith("(read by OCR, 2 words uncertain)\n\n")


def test_a_comment_and_struck_words_are_told(printed: Printed) -> None:
    place = cited(SAYS, at=36)
    at = PAGE.index("111")
    struck = replace(place, traits=(Trait(TraitKind.STRUCK, at, at + 3),))
    assert printed(struck).endswith("    -- plan.pdf, page 1 (struck out: 111)\n\n")
    comment = replace(place, traits=(Trait(TraitKind.COMMENT, place.span.start, place.span.end),))
    assert printed(comment).endswith("    -- plan.pdf, page 1 (a comment)\n\n")


def test_the_pages_of_a_quote_that_goes_on_overleaf_are_told(printed: Printed) -> None:
    heads = cited(BEFORE, at=15)
    row = replace(cited(AFTER, at=16 + len(AFTER)), span=Span(DOCUMENT.id, 1, 0, len(AFTER)), more="2 more rows")
    assert printed(heads, row).endswith("    -- plan.pdf, page 1 and 2 (2 more rows)\n\n")


def test_places_of_one_quote_are_marked_in_one_context(printed: Printed) -> None:
    heads, row = cited(BEFORE, at=15), cited(AFTER, at=16 + len(AFTER))
    assert printed(heads, row) == f"{BEFORE}\n    {SAYS}\n{AFTER}\n    -- plan.pdf, page 1\n\n"


def test_surroundings_that_stand_above_are_not_repeated(printed: Printed) -> None:
    first, second = cited(SAYS, at=36), cited(AFTER, at=38 + len(AFTER))
    assert printed(first, second).endswith(f"page 1\n\n{AFTER}\n    -- plan.pdf, page 1\n\n")


def test_the_closest_lines_are_called_so(printed: Printed) -> None:
    assert printed(cited(SAYS, at=36), kind=Kind.CLOSEST).startswith(t("closest"))
    assert t("closest") not in printed(cited(SAYS, at=36))


def with_cell(words: str) -> Citation:
    place, at = cited(SAYS, at=36), PAGE.index(words)
    cell = QuotedCell(row=1, column=1, head="Litres", text=words, ranges=((at, at + len(words)),), asked=True)
    return replace(place, cells=(cell, replace(cell, column=2, ranges=((0, 4),), asked=False)))


def test_an_asked_cell_changes_nothing_without_styles(printed: Printed) -> None:
    assert printed(with_cell("111")) == printed(cited(SAYS, at=36))
    assert printed(with_cell("111"), brief=True) == printed(cited(SAYS, at=36), brief=True)


@pytest.mark.parametrize("cell", ["111", "The", "litres."])
def test_an_asked_cell_is_bold_on_a_terminal(printed: Printed, monkeypatch: pytest.MonkeyPatch, cell: str) -> None:
    show_terminal(monkeypatch)
    before, after = SAYS.split(cell)
    first = f"{before}\x1b[0m" if before else ""
    assert printed(with_cell(cell), brief=True).startswith(f"{first}\x1b[1m\x1b[4m{cell}\x1b[0m{after}")
    around = printed(with_cell(cell))
    assert f"\x1b[1m\x1b[4m{cell}\x1b[0m" in around
    assert all(f"\x1b[1m{words}\x1b[0m" in around for words in (before, after) if words)


def test_documents_cannot_style_what_is_printed(printed: Printed) -> None:
    page = f"{BEFORE} \x1b[1m{SAYS}\x1b[2J"
    assert "\x1b" not in printed(cited(SAYS, at=36, page=page))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "plan.pdf").write_bytes(text_pdf(f"{BEFORE} {SAYS} {AFTER}"))
    with Library(tmp_path / "home") as library:
        library.add(tmp_path / "plan.pdf")
    return tmp_path / "home"


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, f"\x1b[2m{BEFORE} \x1b[0m\x1b[1m{SAYS}\x1b[0m\x1b[2m {AFTER}\x1b[0m"),
        ({"NO_COLOR": "1"}, f"    {BEFORE}\r\n{SAYS}\r\n    {AFTER}"),
        ({"COLUMNS": "40"}, f"{SAYS}\r\n    -- plan.pdf"),
    ],
)
def test_on_a_terminal(home: Path, environment: dict[str, str], expected: str) -> None:
    env = {"RECTO_HOME": str(home), "RECTO_MODEL": "quote", **environment}
    shown = Terminal("ask", "How much does the pump of hall 3 move?", env=env)
    try:
        shown.wait_for("quoted (engine: quote)")
        assert expected in shown.output
    finally:
        shown.close()


PROSE = (
    "The pump of hall 3 moves 111 litres a minute\n"
    "and is cleaned on Mondays by the night shift of\n"
    "the plant. Bring the following things:\n"
    "- a key\n"
    "- a torch\n"
    "Oil 12.00 13.00\n"
    "Coal 14.00 15.00"
)


def show_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make standard output a terminal of sixty columns; from within a test, as each phase has its own."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.delenv("NO_COLOR", raising=False)


def test_quotes_flow_to_the_width_of_the_terminal_and_rows_and_items_keep_their_lines(
    printed: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    show_terminal(monkeypatch)
    assert printed(cited(PROSE, at=0, page=PROSE), brief=True).startswith(
        "The pump of hall 3 moves 111 litres a minute and is cleaned\n"
        "on Mondays by the night shift of the plant. Bring the\n"
        "following things:\n"
        "- a key\n"
        "- a torch\n"
        "Oil 12.00 13.00\n"
        "Coal 14.00 15.00\n"
    )


def test_a_sentence_is_bold_across_the_lines_that_its_passage_is_wrapped_to(
    printed: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    show_terminal(monkeypatch)
    sentence = PROSE[: PROSE.index(" Bring")]
    bold = sentence.replace("\n", " ").replace("cleaned on", "cleaned\non")
    assert f"\x1b[1m{bold}\x1b[0m" in printed(cited(sentence, at=0, page=PROSE))


def test_the_rows_of_a_table_keep_their_lines_whatever_they_hold(
    printed: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    show_terminal(monkeypatch)
    rows = "a label of a row which goes on\nand on in the next line"
    place = cited(rows, at=0, page=rows)
    cell = QuotedCell(row=0, column=0, head="", text=rows, ranges=((0, len(rows)),))
    assert printed(place, brief=True).startswith(rows.replace("\n", " "))
    assert printed(replace(place, cells=(cell,)), brief=True).startswith(rows)


def test_plain_is_as_into_a_pipe(printed: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    show_terminal(monkeypatch)
    monkeypatch.setattr("recto.cli.terminal._plain", True)
    assert printed(cited(PROSE, at=0, page=PROSE)) == f"{PROSE}\n    -- plan.pdf, page 1\n\n"


@given(st.text(alphabet="aB .\n-1\x1b中", max_size=200), st.integers(8, 40))
def test_laying_out_moves_no_character(text: str, columns: int) -> None:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("COLUMNS", str(columns))
        laid_out = wrapped(flowing(text))
    assert len(laid_out) == len(text)
    assert all(new == old or {new, old} <= {" ", "\n"} for new, old in zip(laid_out, text, strict=True))
