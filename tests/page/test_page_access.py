"""Who may see what: the token of a server that others can reach, and visitors who share nothing but the address."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from support.acts import ask, quoted
from support.browsing import Serve, Served, Shot, Visit
from support.pdfs import text_pdf

pytestmark = pytest.mark.slow
QUESTIONS = 20  # a minute
TOKEN = "correct horse, größer"
VALVE = {"name": "valve.pdf", "mimeType": "application/pdf", "buffer": text_pdf("The valve opens at 40 bar.")}
PUMP = {"name": "pump.pdf", "mimeType": "application/pdf", "buffer": text_pdf("The pump moves 111 litres.")}


def test_the_page_asks_for_the_token_and_keeps_it_over_a_reload(serve: Serve, visit: Visit, shot: Shot) -> None:
    page = visit(serve("--token", TOKEN).url)
    expect(page.get_by_role("heading", name="This server wants its token.")).to_be_visible()
    expect(page.locator("#composer")).to_have_js_property("inert", True)
    token = page.get_by_label("Token", exact=True)
    token.fill("a wrong one")
    token.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("That is not its token.")
    shot(page, "token")
    token.fill(TOKEN)
    token.press("Enter")
    expect(page.get_by_role("heading", name="Drop your files here.")).to_be_visible()
    page.set_input_files("#files", [VALVE])
    expect(page.locator("#documents .document")).to_have_count(1)
    quoted(page, "When does the valve open?")
    page.reload()
    expect(page.locator(".turn h2")).to_have_text("When does the valve open?")
    expect(page.locator("#documents .document")).to_have_count(1)


def test_the_printed_address_holds_the_token_and_the_page_takes_it_out(serve: Serve, visit: Visit) -> None:
    url = serve("--token", "secret").url
    page = visit(f"{url}/#token=secret")
    expect(page.get_by_role("heading", name="Drop your files here.")).to_be_visible()
    assert page.url == f"{url}/"


def test_two_visitors_see_their_own_documents_and_their_limits_in_words(
    serve: Serve, visit: Visit, shot: Shot, tmp_path: Path
) -> None:
    url = serve("--public").url
    one, other = visit(url), visit(url)
    expect(one.locator("#limits")).to_contain_text(
        "20 documents and 1,000 pages in all; deleted an hour after you leave"
    )
    one.set_input_files("#files", [VALVE])
    other.set_input_files("#files", [PUMP])
    for page, name in ((one, "valve.pdf"), (other, "pump.pdf")):
        expect(page.locator("#documents .name")).to_have_text([name])
    link = quoted(one, "When does the valve open?").page.url
    assert "/valve.pdf/1?id=" in link
    ask(other, "When does the valve open?")
    expect(other.locator(".turn.last .verdict")).to_be_visible()
    other.goto(link)
    expect(other.locator(".page-notice")).to_contain_text("not in the library")
    one.set_input_files("#files", _huge(tmp_path))
    expect(one.locator("#uploads .job")).to_contain_text(
        "It has 51 MB, the limit is 50 MB. Split it into smaller files"
    )
    shot(one, "limits")
    other.evaluate(
        """async (count) => {
          const { ask } = await import("/static/api.js");
          const question = { question: "pump", documents: [], history: [] };
          await Promise.all(Array.from({ length: count }, () => ask(question).next()));
        }""",
        QUESTIONS - 1,
    )
    turn = ask(other, "What does the pump move?")
    expect(turn.locator(".notice")).to_contain_text("20 questions a minute are the limit. Try again in")


def _huge(folder: Path) -> Path:
    path = folder / "huge.pdf"
    with path.open("wb") as file:
        file.write(b"%PDF-1.7")
        file.truncate(51_000_000)
    return path


def test_a_full_library_says_what_to_do(quoting: Served, visit: Visit) -> None:
    page = visit(quoting.url)
    refusal = {"title": "library_full", "detail": "20 documents are the limit", "hint": "remove one"}
    page.route("**/api/documents?name=*", lambda route: route.fulfill(status=409, json=refusal))
    page.set_input_files("#files", [VALVE])
    expect(page.locator("#uploads .job")).to_contain_text("20 documents are the limit. Remove a document first.")
