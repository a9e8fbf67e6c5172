"""A question that names a place means that place: a page, a table, a section, or the document itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from recto import Library
from recto.search.places import numbered_pages
from recto.search.references import references
from recto.types import Kind
from support.annotated import labelled
from support.pdfs import Sheet, pdf, text_pdf

VALVE = "The valve of hall {} opens at {} bar.\nIt is checked once a year by the night shift."
PAGES = ["The manual", "Contents", *(f"{VALVE.format(number, number * 10)}\n{number}" for number in range(1, 9))]


@pytest.fixture
def library(home: Path, tmp_path: Path) -> Iterator[Library]:
    path = tmp_path / "manual.pdf"
    path.write_bytes(text_pdf(*PAGES))
    with Library(home) as library:
        library.add(path)
        yield library


def pages(library: Library, question: str) -> set[int]:
    """Counted from 1, as people do."""

    return {page + 1 for _, page in numbered_pages(references(question), library.documents(), library._store)}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What opens on page 4?", {4, 6}),  # the fourth of the file, and the one on which a 4 is printed
        ("What opens on p. 8?", {8, 10}),
        ("Compare pages 9-10", {9, 10}),
        ("Compare pages 9 to 10 and page 1", {1, 3, 9, 10}),
        ("Was steht auf Seite 9?", {9}),
        ("Qué dice la página 9?", {9}),
        ("What does the title page say?", {1}),
        ("What does the last page say?", {10}),
        ("Which page says it?", set()),
        ("What do 4 pages say of homepage 4 and page 0?", set()),
        ("page 9999999", set()),
    ],
)
def test_the_pages_that_are_named(library: Library, question: str, expected: set[int]) -> None:
    assert pages(library, question) == expected


def test_pages_are_known_by_what_their_document_calls_them(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "observatory.pdf"
    texts = [f"The dome of house {number} is white." for number in range(6)]
    path.write_bytes(labelled(text_pdf(*texts), [(0, "r"), (3, "D")]))
    with Library(home) as library:
        library.add(path)
        assert pages(library, "What does page iii say?") == {3}
        assert pages(library, "What is on page 2?") == {2, 5}
        answer = library.ask("What is on page 2?").answer
        assert [(citation.span.page + 1, citation.label) for citation in answer.citations] == [(2, "ii"), (5, "2")]
        assert answer.kind is Kind.QUOTED


def test_a_number_that_no_page_has_names_nothing_that_is_there(library: Library) -> None:
    hits = library.search("What does the valve do on page 700?")
    assert hits


@pytest.mark.parametrize("page", [4, 5, 9])
def test_the_named_page_is_found_first(library: Library, page: int) -> None:
    found = [
        hit.passage.span.page + 1 for hit in library.search(f"At how many bar does the valve on page {page} open?")
    ]
    assert set(found[:2]) & {page, page + 2}


# --- a report with tables, sections and appendices --------------------------------------------------------------------
def sheet(*written: str, title: str = "") -> Sheet:
    """A title in large print, and lines below it."""
    lines = [(72.0, 690.0 - 14 * number, 11.0, line) for number, line in enumerate(written)]
    return Sheet([(72, 720, 22, title), *lines] if title else lines)


REPORT = [
    sheet(
        "A report on the wells of the upper valley",
        "by Ida Renner and Paul Oslo",
        "12 March 2021",
        title="Water for the Valley",
    ),
    sheet(
        "Contents",
        "1 Introduction 3",
        "2 Methods 4",
        "2.1 Sampling 4",
        "2.2 Measuring 5",
        "Appendix A The wells 8",
        "Appendix B Letters 9",
        "Table 1: Depth of the wells 5",
        "TABLE II: Yield by year 6",
    ),
    sheet(
        "1 Introduction",
        "The valley has been short of water since the mine closed.",
        "This report says which wells still carry water, as is shown in",
        "Table 1. The wells were drilled by the mine, see Figure 1.",
    ),
    sheet("2 Methods", "Two people measured.", "2.1 Sampling", "Bottles were rinsed three times before use."),
    sheet(
        "2.2 Measuring",
        "The depth was measured with a steel tape.",
        "The tape is wiped dry after each use.",
        "Table 1: Depth of the wells",
        "Well Depth Width",
        "North 41 12",
        "East 55 11",
        "The east well is the deepest of them, and it was the last one to be drilled in the valley.",
        "Figure 1. The steel tape in use at the north well.",
    ),
    sheet(
        "3 Results",
        "TABLE II",
        "Yield by year",
        "Year 2019 2020",
        "North 102 95",
        "South 90 71",
        "The south well lost most, and nobody knows for certain where the water of it has gone to.",
    ),
    sheet("Note 12. Leases", "The drill is leased from a firm in Bern.", "Note 13. Pumps", "Pumps are bought."),
    sheet("Appendix A", "The wells", "North, south and east."),
    sheet("APPENDIX B", "Letters", "The mayor wrote three letters to the mine."),
    sheet("Article V", "The tenant pays forty francs.", "Article VI", "The valley pays the remainder."),
    sheet("Step 1: Open the lid.", "Step 2: Lower the tape.", "Step 3: Read the mark."),
]
TABLE_2 = "TABLE II\nYield by year\nYear 2019 2020\nNorth 102 95\nSouth 90 71"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    path = tmp_path_factory.mktemp("report") / "wells.pdf"
    path.write_bytes(pdf(*REPORT))
    with Library(tmp_path_factory.mktemp("library")) as library:
        library.add(path)
        yield library


@pytest.mark.parametrize(
    ("question", "page", "quote"),
    [
        ("What does Table II show?", 6, TABLE_2),
        ("table 2", 6, TABLE_2),
        ("Que montre le tableau 2 ?", 6, TABLE_2),
        ("What is in table 1?", 5, "Table 1: Depth of the wells\nWell Depth Width\nNorth 41 12\nEast 55 11"),
        ("Describe fig. 1", 5, "Figure 1. The steel tape in use at the north well."),
        ("What does section 2.1 say?", 4, "2.1 Sampling\nBottles were rinsed three times before use."),
        ("Was steht in Abschnitt 2.1?", 4, "2.1 Sampling\nBottles were rinsed three times before use."),
        ("What is note 12?", 7, "Note 12. Leases\nThe drill is leased from a firm in Bern."),
        ("Appendix A", 8, "Appendix A\nThe wells\nNorth, south and east."),
        ("What is in appendix b?", 9, "APPENDIX B\nLetters\nThe mayor wrote three letters to the mine."),
        ("What does article 5 say?", 10, "Article V\nThe tenant pays forty francs."),
        ("What happens in step 2?", 11, "Step 2: Lower the tape."),
        ("What is the title?", 1, "Water for the Valley"),
        ("Who is the author of this report?", 1, "by Ida Renner and Paul Oslo"),
        ("When was it published?", 1, "12 March 2021"),
        ("What is on the last page?", 11, "Step 1: Open the lid.\nStep 2: Lower the tape.\nStep 3: Read the mark."),
    ],
)
def test_a_place_is_quoted_from_its_beginning(report: Library, question: str, page: int, quote: str) -> None:
    answer = report.ask(question).answer
    assert answer.kind is Kind.QUOTED
    assert [(citation.span.page + 1, citation.quote) for citation in answer.citations] == [(page, quote)]
    assert report.search(question)[0].passage.span.page + 1 == page


@pytest.mark.parametrize(
    ("question", "page", "words"),
    [
        ("What was the yield of the south well according to table II?", 6, "South 90 71"),
        ("What does section 2.2 say about drying?", 5, "The tape is wiped dry after each use."),
        ("From whom is the drill leased, by note 12?", 7, "The drill is leased from a firm in Bern."),
        ("Who pays forty francs, says article V?", 10, "The tenant pays forty francs."),
    ],
)
def test_the_best_of_a_place_is_quoted_if_more_is_asked(report: Library, question: str, page: int, words: str) -> None:
    answer = report.ask(question).answer
    assert answer.kind is Kind.QUOTED
    assert answer.citations[0].span.page + 1 == page
    assert words in answer.text


@pytest.mark.parametrize("question", ["What is this about?", "Summarise the report.", "Worum geht es?"])
def test_the_whole_is_its_opening_and_its_introduction(report: Library, question: str) -> None:
    quotes = [citation.quote for citation in report.ask(question).answer.citations]
    assert quotes[0].startswith("Water for the Valley\nA report on the wells")
    assert quotes[1].startswith("1 Introduction\nThe valley has been short of water")


@pytest.mark.parametrize("question", ["table 9", "What is on page 99?", "What does figure 7 show?", "chapter 12"])
def test_a_place_that_is_not_there_is_no_place(report: Library, question: str) -> None:
    assert not any(hit.places for hit in report.search(question))


def test_a_question_that_names_no_place_has_none(report: Library) -> None:
    assert not any(hit.places for hit in report.search("How deep is the east well?"))


HANDBOOK = [
    *("Rules of the house\nThis handbook holds the rules for everybody who works here.", "Nobody smokes in the hall."),
    *("Pay is due on Fridays.", "The dress is blue."),
]


def test_one_of_several_documents_is_named(home: Path, tmp_path: Path) -> None:
    for name, pages in (("handbook", HANDBOOK), ("manual", PAGES)):
        (tmp_path / f"{name}.pdf").write_bytes(text_pdf(*pages))
    with Library(home) as library:
        library.add(tmp_path)
        for question in ("Summarise the handbook.", "What is on page 3 of the handbook?"):
            quoted = library.ask(question).answer.citations
            assert {citation.document.name for citation in quoted} == {"handbook.pdf"}
        assert quoted[0].quote == "Pay is due on Fridays."
        quoted = library.ask("What is this about?").answer.citations
        assert list(dict.fromkeys(citation.document.name for citation in quoted)) == ["handbook.pdf", "manual.pdf"]


def test_an_outline_is_made_of_the_headings_and_what_stands_below_them(home: Path, tmp_path: Path) -> None:
    sections = {
        "Working hours": "The week has 38 hours, and who works longer is paid for it.",
        "Paid leave": "There are 28 days of leave, which are taken in the same year.",
        "Notice period": "Notice is given in writing, three months before the end of a quarter.",
    }
    pages = [sheet(text, title=title) for title, text in sections.items()]
    (tmp_path / "rules.pdf").write_bytes(pdf(sheet("For everybody who works here.", title="House rules"), *pages))
    with Library(home) as library:
        library.add(tmp_path / "rules.pdf")
        answer = library.ask("What is this document about?").answer
    assert [citation.quote for citation in answer.citations] == [
        "House rules\nFor everybody who works here.",
        *(line for section in sections.items() for line in section),
    ]


def test_a_page_by_the_number_that_is_printed_on_it(home: Path, tmp_path: Path) -> None:
    labels = ["", "ii", "iii", "1", "2", "3"]
    texts = [
        "Handbook",
        "Preface of the staff.",
        "Thanks to all.",
        "The dome opens.",
        "The mirror shines.",
        "Open on 3",
    ]
    pages = [Sheet([(72, 700, 11, text), (300, 30, 11, label)]) for text, label in zip(texts, labels, strict=True)]
    (tmp_path / "dome.pdf").write_bytes(pdf(*pages))
    with Library(home) as library:
        library.add(tmp_path / "dome.pdf")
        assert [hit.quote for hit in library.ask("What does page iii say?").answer.citations] == ["Thanks to all."]
        quotes = [citation.quote for citation in library.ask("What is on page 2?").answer.citations]
    assert quotes == ["Preface of the staff.", "The mirror shines."]
