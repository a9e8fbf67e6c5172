"""What people, files and accidents do to the page."""

import os
import re
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from support.acts import LONG, ask, drawn, over, quoted, speaking
from support.browsing import PATIENCE_S, Serve, Served, Shot, Visit
from support.live import soon
from support.pdfs import text_pdf
from support.processes import children

pytestmark = pytest.mark.slow
VALVE = "The valve opens at 40 bar."


def upload(name: str, *pages: str) -> Any:
    return {"name": name, "mimeType": "application/pdf", "buffer": text_pdf(*pages)}


def test_long_names_and_right_to_left_names_fit(quoting: Served, visit: Visit, shot: Shot) -> None:
    long, hebrew = "a-very-long-name-" * 14 + ".pdf", "דוח שנתי 2023.pdf"
    page = visit(quoting.url)
    page.set_input_files("#files", [upload(long, VALVE), upload(hebrew, "The second valve opens at 55 bar.")])
    expect(page.locator("#documents .document")).to_have_count(2)
    expect(page.locator("#uploads .job")).to_have_count(0)
    turn = quoted(page, "When does the valve open?")
    over(turn)
    shot(page, "long-names")
    assert sorted(quoting.names()) == sorted([long, hebrew])
    expect(turn.locator(".source bdi", has_text=hebrew)).to_have_text(hebrew)
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    for box in page.locator("#documents .row, .source").all():
        assert box.evaluate("(node) => node.scrollWidth <= node.clientWidth + 1")
    expect(page.get_by_role("button", name=hebrew, exact=True)).to_have_css("unicode-bidi", "plaintext")


def test_three_hundred_documents_stay_in_hand(quoting: Served, visit: Visit, shot: Shot) -> None:
    page = visit(quoting.url)
    many = [
        {
            "id": f"{at:064x}",
            "name": f"report {at}.pdf",
            "title": "",
            "pages": 9,
            "size": 9000,
            "bytes": 9000,
            "page_flags": {"ocr": 0, "empty": 0},
            "problems": [],
            "unencoded_passages": 0,
            "added": 1.0 * at,
            "collections": [],
        }
        for at in range(300)
    ]
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.route("**/api/documents", lambda route: route.fulfill(json=many))
    page.route("**/api/collections", lambda route: route.fulfill(json=[]))  # others may have left some
    page.reload()
    rows = page.locator("#documents .document")
    expect(rows).to_have_count(60)  # others are made as they are scrolled to
    shot(page, "three-hundred")
    rows.last.scroll_into_view_if_needed()
    expect(rows).to_have_count(120)
    page.get_by_label("Find a document").fill("report 29")
    expect(page.locator("#documents .document:visible")).to_have_count(11)
    expect(page.get_by_label("Ask your documents")).to_be_in_viewport()
    assert len([url for url in asked if re.search(r"/api/documents/\w+$", url)]) < 60  # those in sight


def test_a_document_of_five_hundred_pages_opens_at_its_end(quoting: Served, visit: Visit, tmp_path: Path) -> None:
    path = tmp_path / "long.pdf"
    path.write_bytes(
        text_pdf(*(f"Page {at} of the log of all pumps and valves of this plant." for at in range(1, 501)))
    )
    doc = quoting.upload(path)
    page = visit(f"{quoting.url}/d/{doc}?page=500")
    expect(page.locator(".leaf-page img:not(.old)[src]")).to_be_visible()
    expect(page.get_by_label("Page", exact=True)).to_have_value("500")
    expect(page.get_by_role("button", name="Next page")).to_be_disabled()
    number = page.get_by_label("Page", exact=True)
    for typed, shown in (("9999", "500"), ("0", "1"), ("abc", "1"), ("250", "250")):
        number.fill(typed)
        number.press("Enter")
        expect(number).to_have_value(shown)


def test_the_way_back_closes_the_page_and_the_way_forward_opens_it(
    quoting: Served, visit: Visit, tmp_path: Path
) -> None:
    path = tmp_path / "valve.pdf"
    path.write_bytes(text_pdf(VALVE))
    doc = quoting.upload(path)
    page = visit(quoting.url, viewport={"width": 900, "height": 800})  # where nothing opens by itself
    turn = quoted(page, "When does the valve open?")
    over(turn)
    turn.locator(".chip").first.click()
    drawn(page)
    page.go_back()
    expect(page.locator("#page")).to_be_hidden()
    expect(page.locator(".turn h2")).to_have_count(1)
    page.go_forward()
    drawn(page)
    quoting.http.delete(f"/api/documents/{doc}").raise_for_status()
    page.reload()
    expect(page.locator(".page-notice")).to_contain_text("not in the library")
    page.get_by_role("button", name="Close the page").click()
    expect(page.get_by_role("heading", name="When does the valve open?")).to_be_visible()


def test_an_answer_that_a_reload_breaks_off_keeps_what_came(talker: Served, visit: Visit) -> None:
    page = visit(talker.url)
    turn = quoted(page, LONG)
    speaking(turn)
    page.reload()
    expect(turn.locator(".label").last).to_have_text("Written answer, broken off")
    expect(turn.locator(".prose")).not_to_be_empty()
    again = ask(page, "What is software validation?")
    over(again)
    held = again.locator(".notice").filter(has_not_text="that the model wrote")  # what a small one says may be void
    expect(held).to_have_count(0)  # the one that was left does not hold the model


def test_an_upload_that_a_reload_cuts_leaves_nothing(quoting: Served, visit: Visit) -> None:
    page = visit(quoting.url)
    page.route("**/api/documents?name=*", lambda route: None)  # it hangs on its way
    page.set_input_files("#files", [upload("valve.pdf", VALVE)])
    expect(page.locator("#uploads .job")).to_contain_text("Sending")
    page.reload()
    expect(page.get_by_role("heading", name="Drop your files here.")).to_be_visible()
    expect(page.locator("#uploads .job")).to_have_count(0)
    assert quoting.names() == []


def test_a_model_that_is_killed_leaves_the_quotes_and_says_so(
    serve: Serve, visit: Visit, smol: Path, tmp_path: Path, shot: Shot
) -> None:
    served = serve("--model", str(smol))
    path = tmp_path / "plant.pdf"
    path.write_bytes(
        text_pdf(*(f"The pump of hall {at} moves {at}11 litres a minute, every day." for at in range(1, 9)))
    )
    served.upload(path)
    page = visit(served.url)
    turn = quoted(page, "Explain in detail what the pump of hall 3 does every day.")
    assert soon(lambda: bool(children(served.pid, "recto.llm.child")))
    for pid in children(served.pid, "recto.llm.child"):
        os.kill(pid, signal.SIGKILL)
    over(turn)
    expect(turn.locator(".notice")).to_contain_text("No model has written")
    expect(turn.locator(".quoted").first).to_be_visible()
    shot(page, "killed")
    last = page.locator(".turn.last")
    until = time.monotonic() + PATIENCE_S

    def asked_again() -> bool:
        """Whether the model was asked: it wrote, or what it wrote says nothing that the documents say."""
        notices = last.locator(".notices").inner_text()
        return bool(last.locator(".prose").inner_text()) or "has support in the documents" in notices

    while not asked_again() and time.monotonic() < until:  # a model that has failed rests first
        last.get_by_role("button", name="Ask again").click()
        over(last)
    assert asked_again()
