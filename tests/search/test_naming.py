"""The document that a question names goes before those that share its subject, however short they are."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recto import Library
from recto.search.bm25 import Texts
from recto.search.naming import BEARERS, DocumentNames, naming_scores
from recto.text.analyse import title_ids
from recto.types import Kind
from support.memory_index import HashEncoder, MemoryStore, find, put_pages, text_page
from support.pdfs import text_pdf

HANDBOOK = (
    "Staff handbook of the Hotel Seeblick\nThis handbook holds the rules for all who work in the house.",
    "Working hours\nThe working week has 38 hours. Overtime is paid with an extra 25 per cent.",
    "Leave\nEvery employee has 28 days of paid leave a year.",
    "Notice\nAfter the trial period the period of notice is one month.",
)
RULES = (
    "Staff rules of the Hotel Bergblick\nThe working week has 40 hours. Overtime is paid with an extra 15 per cent.\n"
    "Every employee has 24 days of paid leave a year. Smoking is forbidden in all rooms.\n"
    "After the trial period the period of notice is six weeks.",
)


def laid(documents: list[DocumentNames]) -> tuple[Texts, Texts]:
    """Their titles and mentions, end to end."""
    return Texts.of([own.titles for own in documents]), Texts.of([own.mentions for own in documents])


def ids(words: str) -> list[int]:
    return title_ids(words).tolist()


def lease(landlord: str, street: str, rent: str, deposit: str) -> tuple[str, ...]:
    return (
        f"Lease agreement\nbetween {landlord}, landlord, and a tenant.\nThe flat at {street} is let from May on.\n"
        f"The rent is {rent} francs a month.",
        f"Costs\nThe tenant pays a deposit of {deposit} francs before the keys are handed over.",
        "Notice\nEither side may give notice to the end of a quarter.",
    )


def invoice(firm: str, number: str, total: str) -> tuple[str, ...]:
    return (f"{firm}\nInvoice {number}\nTotal to pay {total} francs.\nPlease pay within thirty days.",)


def sheet(code: str, power: int) -> tuple[str, ...]:
    return (f"Product data sheet {code}\nThe {code} is a pump for clean water.\nPower {power} W\nWeight {power} kg",)


def report(year: int, people: int) -> tuple[str, ...]:
    return (
        f"Annual report {year}\nAlpina Cable Cars",
        f"Our people\nAt the end of the year we employed {people} people. In {year - 1} there were fewer.",
    )


HOTELS = {"handbook.pdf": HANDBOOK, "rules.pdf": RULES}
LEASES = {
    "lease1.pdf": lease("Anna Keller", "Lindenweg 4", "1,450", "2,900"),
    "lease2.pdf": lease("Otto Brunner", "Seestrasse 12", "1,720", "5,160"),
    "lease3.pdf": lease("Helvetia Immobilien AG", "Bahnhofplatz 1", "2,100", "6,300"),
    "lease4.pdf": ("Lease of a garage, landlord Ida Wyss.\nThe rent is 120 francs a month, the deposit 240 francs.",),
}
INVOICES = {
    "scan1.pdf": invoice("Elektro Huber", "2023-118", "1,840"),
    "scan2.pdf": invoice("Malerei Rossi GmbH", "R-77", "2,310"),
    "scan3.pdf": invoice("Sanitaer Meier", "5521", "412"),
    "scan4.pdf": invoice("Garten Huber & Sons", "G-9", "655"),
}
SHEETS = {f"P-{power}.pdf": sheet(f"P-{power}", power) for power in (100, 200, 300)}
SHEETS["P-200.pdf"] += ("Accessories\nThe hose of the P-100 fits too. Its weight is 1 kg, its power cable 100 cm.",)
REPORTS = {f"report-{year}.pdf": report(year, people) for year, people in ((2021, 140), (2022, 151), (2023, 166))}


@pytest.mark.parametrize("encoder", [None, HashEncoder()])
@pytest.mark.parametrize(
    ("documents", "question", "name"),
    [
        (HOTELS, "How many days of paid leave does the Hotel Seeblick give?", "handbook.pdf"),
        (HOTELS, "How many days of paid leave does the Hotel Bergblick give?", "rules.pdf"),
        (HOTELS, "how long is the period of notice at seeblick", "handbook.pdf"),
        (HOTELS, "How is overtime paid by Seeblick\u2019s handbook?", "handbook.pdf"),
        (LEASES, "What deposit does Otto Brunner ask?", "lease2.pdf"),
        (LEASES, "How high is the deposit for Brunner's flat?", "lease2.pdf"),
        (LEASES, "What deposit does Helvetia Immobilien want?", "lease3.pdf"),
        (LEASES, "the deposit for the flat at Lindenweg", "lease1.pdf"),
        (LEASES, "rent of ida wyss", "lease4.pdf"),
        (INVOICES, "How much must we pay to Elektro Huber?", "scan1.pdf"),
        (INVOICES, "What is the total of Rossi's invoice?", "scan2.pdf"),
        (INVOICES, "total to pay of invoice R-77", "scan2.pdf"),
        (SHEETS, "What is the power of the P-100?", "P-100.pdf"),
        (SHEETS, "What is the weight of a P100?", "P-100.pdf"),
        (SHEETS, "power of the P 200", "P-200.pdf"),
        (REPORTS, "How many people were employed according to the report 2021?", "report-2021.pdf"),
        (REPORTS, "How many people were employed according to the report 2022?", "report-2022.pdf"),
    ],
)
def test_the_document_that_is_named_comes_first(documents, question, name, encoder) -> None:
    store = MemoryStore()
    for other, texts in documents.items():
        put_pages(store, other, [text_page(number, text) for number, text in enumerate(texts)], encoder)
    names = {document.id: document.name for document in store.documents()}
    hits = find(question, store, encoder, docs=store.documents(), k=10)
    assert names[hits[0].doc] == name


@pytest.mark.parametrize(
    ("hotel", "named_document", "days"),
    [("Seeblick", "handbook.pdf", "28 days"), ("Bergblick", "rules.pdf", "24 days")],
)
def test_its_sentences_are_quoted_first(home: Path, tmp_path: Path, hotel: str, named_document: str, days: str) -> None:
    for name, pages in HOTELS.items():
        (tmp_path / name).write_bytes(text_pdf(*pages))
    with Library(home) as library:
        library.add(*(tmp_path / name for name in HOTELS))
        answer = library.ask(f"How many days of paid leave does the Hotel {hotel} give?").answer
    assert answer.kind is Kind.QUOTED
    assert answer.citations[0].document.name == named_document
    assert days in " ".join(citation.quote for citation in answer.citations if citation.document.name == named_document)


def test_names_stand_in_titles_in_first_lines_and_in_capitals() -> None:
    opening = "Painting\nFor Mr Rossi\nThe walls were red. Paid is what\nAnna Keller counted."
    names = DocumentNames.of("R 77", [opening, "A page"])
    titles, mentions = set(names.titles.tolist()), set(names.mentions.tolist())
    assert {*ids("R 77"), *ids("painting"), *ids("Rossi")} <= titles
    assert set(ids("Anna Keller")) <= mentions
    assert not {*ids("walls"), *ids("paid"), *ids("counted")} & (titles | mentions)


@given(st.lists(st.tuples(st.text(), st.text()), min_size=1, max_size=4), st.text())
def test_how_surely_a_document_is_named_lies_between_0_and_1(documents: list[tuple[str, str]], question: str) -> None:
    names = laid([DocumentNames.of(title, [opening]) for title, opening in documents])
    sure = naming_scores(question, *names, lambda _: set())
    assert sure.shape == (len(documents),)
    assert ((sure >= 0) & (sure <= 1)).all()


def test_a_word_that_other_documents_hold_names_none_surely() -> None:
    names = laid([DocumentNames.of(title, []) for title in ("Leave policy", "Handbook", "Rules", "Minutes")])
    assert naming_scores("Leave", *names, lambda _: {0}).tolist() == [1, 0, 0, 0]
    assert naming_scores("Leave", *names, lambda _: {0, 1, 2, 3}).tolist() == [0.25, 0, 0, 0]


def test_a_word_that_many_documents_go_by_names_none() -> None:
    names = laid([DocumentNames.of(f"Lease {number}", []) for number in range(BEARERS + 1)])
    assert not naming_scores("the lease", *names, lambda _: set()).any()
