"""Collections on the page: grouped, ticked, filled and dissolved; found, ordered; many documents stay smooth."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from support.browsing import Served, Shot, Visit
from support.pdfs import text_pdf

pytestmark = pytest.mark.slow
NAMES = ("lease.pdf", "offer.pdf", "pump.pdf", "valve.pdf", "boiler.pdf")


def expect_listed(page: Page, *texts: str) -> None:
    """The list as it reads: heads of groups and names."""
    expect(page.locator("#documents li:visible").locator("h2, button.name")).to_have_text(list(texts))


STANDING = {"collections": [], "page_flags": {}, "bytes": 1000, "unencoded_passages": 0, "problems": []}
HEADS = ["Contracts <b> (2)", "In no collection (3)"]


@pytest.fixture
def shelves(quoting: Served, visit: Visit, tmp_path: Path) -> Page:
    """The page of five documents, the first two of them in a collection."""
    for pages, name in enumerate(NAMES, 1):
        (tmp_path / name).write_bytes(text_pdf(*(f"Page {page} is about the {name[:-4]}." for page in range(pages))))
        quoting.upload(tmp_path / name)
    page = visit(quoting.url)
    expect(page.locator("#documents .document")).to_have_count(5)
    expect(page.locator("#documents .group")).to_have_count(0)
    for name in ("lease.pdf", "offer.pdf"):
        page.get_by_label(f"Ask only {name}").check()
    expect(page.locator("#ticked-count")).to_have_text("2 documents ticked")
    page.locator("#put-into").select_option("new")
    page.locator("#new-name").fill("Contracts <b>")
    page.keyboard.press("Enter")
    expect(page.locator("#documents .group")).to_have_count(2)
    return page


def test_a_newer_version_takes_the_place_of_the_older_one(shelves: Page, tmp_path: Path) -> None:
    page = shelves
    (tmp_path / "lease.pdf").write_bytes(text_pdf("The newer page is about the lease."))
    page.set_input_files("#files", tmp_path / "lease.pdf")
    expect_listed(
        page,
        HEADS[0],
        "lease.pdf",
        "offer.pdf",
        "In no collection (4)",
        "pump.pdf",
        "valve.pdf",
        "boiler.pdf",
        "lease.pdf",
    )
    page.get_by_role("button", name="Remove the older lease.pdf").click()
    undo = page.get_by_role("button", name="Undo: put lease.pdf back")
    expect(undo).to_be_focused()
    expect(page.locator("#documents .group h2")).to_have_text(HEADS)  # what is removed does not count
    undo.click()
    expect_listed(page, "Contracts <b> (3)", "lease.pdf", "offer.pdf", "lease.pdf", HEADS[1], *NAMES[2:])


def test_the_list_goes_by_collection_and_is_found_and_ordered(shelves: Page, shot: Shot) -> None:
    page = shelves
    expect_listed(page, HEADS[0], "lease.pdf", "offer.pdf", HEADS[1], "pump.pdf", "valve.pdf", "boiler.pdf")
    shot(page, "collections")
    page.locator("#sort").select_option("name")
    expect_listed(page, HEADS[0], "lease.pdf", "offer.pdf", HEADS[1], "boiler.pdf", "pump.pdf", "valve.pdf")
    page.locator("#sort").select_option("pages")
    expect_listed(page, HEADS[0], "offer.pdf", "lease.pdf", HEADS[1], "boiler.pdf", "valve.pdf", "pump.pdf")
    page.locator("#filter").fill("lease")
    expect_listed(page, HEADS[0], "lease.pdf")
    page.locator("#filter").fill("")
    page.get_by_label("Ask only lease.pdf").uncheck()
    page.get_by_label("Ask only Contracts <b>").check()
    expect(page.locator("#scope")).to_have_text("Asking 2 of 5 documents.")
    page.locator("#question").fill("What is page 1 about?")
    page.locator("#ask").click()
    expect(page.locator(".turn .about").first).to_have_text("Asked of lease.pdf, offer.pdf")


def test_collections_are_filled_renamed_and_deleted(shelves: Page, quoting: Served) -> None:
    page = shelves
    head = page.locator("#documents .group").first
    page.get_by_label("Ask only Contracts <b>").uncheck()
    page.get_by_label("Ask only pump.pdf").check()
    page.locator("#put-into").select_option("new")
    page.locator("#new-name").fill("CONTRACTS <B>")
    page.keyboard.press("Enter")
    expect(page.locator("#shelf-problem")).to_contain_text("already")
    page.locator("#put-into").select_option(label="Contracts <b>")
    expect(head.locator("h2")).to_have_text("Contracts <b> (3)")
    page.locator("#take-out").select_option(label="Contracts <b>")
    expect(head.locator("h2")).to_have_text(HEADS[0])
    head.hover()
    page.get_by_label("Rename Contracts <b>", exact=True).click()
    page.get_by_label("New name of Contracts <b>").fill("Papers")
    page.keyboard.press("Enter")
    expect(head.locator("h2")).to_have_text("Papers (2)")
    page.get_by_label("Ask only pump.pdf").uncheck()
    page.get_by_label("Ask only Papers").check()
    page.locator("#remove-ticked").click()
    expect(page.locator("#documents .away:visible")).to_have_count(2)
    head.hover()
    page.get_by_label("Delete the collection Papers; its documents stay").click()
    expect(page.locator("#documents .group")).to_have_count(0)
    assert len(quoting.names()) == 3
    page.get_by_role("button", name="Undo: put lease.pdf back").click()
    expect(page.locator("#documents .away:visible")).to_have_count(1)
    assert len(quoting.names()) == 4


def test_a_long_list_is_made_as_it_is_scrolled_to(quoting: Served, visit: Visit) -> None:
    """Of two hundred documents the server says; none of them has to be read for that."""
    entries = [
        {"id": f"{number:064x}", "name": f"{number}.pdf", "title": "", "pages": 1, "size": 1, "added": number}
        for number in range(200)
    ]
    page = visit(quoting.url)
    page.route("**/api/documents", lambda route: route.fulfill(json=[{**entry, **STANDING} for entry in entries]))
    page.route("**/api/collections", lambda route: route.fulfill(json=[]))  # others may have left some
    page.reload()
    rows = page.locator("#documents .document")
    expect(rows).to_have_count(60)
    for count in (120, 180, 200):
        rows.last.scroll_into_view_if_needed()
        expect(rows).to_have_count(count)
    page.locator("#filter").fill("199")
    expect(rows).to_have_count(1)
