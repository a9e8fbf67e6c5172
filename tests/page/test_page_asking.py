"""Asking with a real model: quotes at once, words streaming under them, citations that open while they stream."""

import io
import json
import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image
from playwright.sync_api import expect

from support.acts import LONG, ask, drawn, over, quoted, speaking, stop
from support.browsing import Served, Shot, Visit

pytestmark = pytest.mark.slow
TESTING = "How should user site testing be planned?"
SHIFTS = """() => { window.shifts = 0; new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifts += one.value;
}).observe({ type: "layout-shift" }); }"""


def test_a_citation_opens_while_words_stream_and_the_stream_goes_on(talker: Served, visit: Visit, shot: Shot) -> None:
    page = visit(talker.url)
    turn = quoted(page, LONG)
    expect(turn.locator(".wait-words")).to_have_text(re.compile("first word in about|still reads|Writing"))
    shot(page, "waiting")
    page.evaluate(SHIFTS)
    speaking(turn)
    before = turn.locator(".prose").inner_text()
    turn.locator(".quoted .chip").nth(1).click()
    expect(page.locator(".page-name")).to_be_focused()
    expect(page.locator(".cited-of")).to_have_text(re.compile("Citation 2 of"))
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    expect(turn.locator(".prose")).not_to_have_text(before)
    page.get_by_role("button", name="Stop").click()
    drawn(page)
    shot(page, "streaming")
    assert page.evaluate("window.shifts") < 0.02
    over(turn)
    kept = turn.locator(".prose").inner_text()
    assert kept.startswith(before.rstrip())
    expect(turn.locator(".label").last).to_contain_text("stopped")
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()
    shot(page, "stopped")


def test_a_mark_lies_on_the_ink_of_its_words(writer: Served, visit: Visit) -> None:
    page = visit(writer.url, reduced_motion="reduce")
    quoted(page, TESTING)
    drawn(page)
    page.locator(".mark").first.scroll_into_view_if_needed()  # which waits until it moves no more
    for number in range(page.locator(".mark").count()):
        box = page.locator(".mark").nth(number).bounding_box()
        assert box is not None
        clip = {"x": box["x"] - 20, "y": box["y"], "width": box["width"] + 40, "height": box["height"]}
        seen = Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB")
        ink, yellow = _columns(seen, lambda r, g, b: r + g + b < 260), _columns(seen, lambda r, g, b: r > 230 > b + 90)
        marked = [column for column in ink if 18 <= column <= seen.width - 18]
        assert abs(min(yellow) - 18) <= 2  # the mark stands 2 pixels wider than its box
        assert abs(min(marked) - 20) <= 3
        assert abs(seen.width - 20 - max(marked)) <= 5


def _columns(picture: Image.Image, wanted: Callable[[int, int, int], bool]) -> list[int]:
    pixels = picture.load()
    assert pixels is not None
    rows = range(picture.height)
    return [x for x in range(picture.width) if any(wanted(*pixels[x, y]) for y in rows)]  # type: ignore[misc]


def test_the_way_from_a_citation_on(writer: Served, visit: Visit, shot: Shot) -> None:
    page = visit(writer.url)
    turn = quoted(page, TESTING)
    drawn(page)
    number = page.get_by_label("Page", exact=True)
    expect(number).to_have_value("6")
    over(turn)
    shot(page, "citation")
    page.get_by_role("button", name="Next page").click()
    expect(number).to_have_value("7")
    page.get_by_role("button", name="Previous page").click()
    expect(page.locator(".mark")).to_have_count(2)
    page.get_by_role("button", name="Next citation").click()
    expect(turn.locator(".quoted .chip").nth(1)).to_have_attribute("aria-current", "true")
    width = page.locator(".leaf-page").bounding_box()
    page.get_by_role("button", name="Larger").click()
    assert page.locator(".leaf-page").bounding_box()["width"] > width["width"] * 1.2  # type: ignore[index]
    page.get_by_role("button", name="Show the page’s text").click()
    expect(page.locator(".page-text mark")).to_contain_text("Guidance contained here is general")
    number.fill("1")
    number.press("Enter")
    expect(page.locator(".mark")).to_have_count(0)
    page.get_by_role("button", name="Close the page").click()
    expect(page.locator("#page")).to_be_hidden()
    shot(page, "answer")
    assert page.url == f"{writer.url}/"


def test_a_link_opens_the_same_view(writer: Served, visit: Visit, shot: Shot) -> None:
    page = visit(writer.url)
    quoted(page, TESTING)
    drawn(page)
    assert page.url.startswith(f"{writer.url}/software-validation.pdf/6?id=")
    again = visit(page.url)
    drawn(again)
    shot(again, "place")
    assert again.locator(".mark").count() == page.locator(".mark").count()
    expect(again.locator(".page-name")).to_have_text("software-validation.pdf")
    expect(again.get_by_label("Page", exact=True)).to_have_value("6")
    former = urlsplit(page.url)
    start, end = parse_qs(former.query)["at"][0].split("-")
    old = visit(f"{writer.url}/d/{parse_qs(former.query)['id'][0]}?page=6&start={start}&end={end}")
    drawn(old)
    assert old.locator(".mark").count() == page.locator(".mark").count()
    assert old.url == page.url
    gone = visit(f"{writer.url}/d/0123456789abcdef?page=3&start=1&end=5")
    expect(gone.locator(".page-notice")).to_contain_text("not in the library")


def test_nothing_in_the_documents_looks_like_nothing(writer: Served, visit: Visit, shot: Shot) -> None:
    page = visit(writer.url)
    turn = ask(page, "Who won the football world cup in 1998 and what did the coach eat?")
    expect(turn.locator(".verdict")).to_have_text("The documents do not seem to say.")
    expect(turn.locator(".hit")).to_have_count(3)
    expect(turn.locator(".written")).to_be_hidden()
    shot(page, "abstained")
    turn.locator(".hit .source").first.click()
    drawn(page)


def test_what_the_next_question_and_the_copy_hold(writer: Served, visit: Visit, shot: Shot) -> None:
    page = visit(writer.url, permissions=["clipboard-read", "clipboard-write"])
    turn = quoted(page, TESTING)
    speaking(turn)
    over(turn)
    shot(page, "answered")
    turn.get_by_role("button", name="Copy").click()
    expect(turn.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"**{TESTING}**")
    assert "[^1]: “User site testing should follow a pre-defined written plan" in copied
    assert f"({writer.url}/software-validation.pdf/" in copied
    with page.expect_download() as saved:
        turn.get_by_label("Save the answer as").select_option("txt")
    assert "User site testing should follow" in saved.value.path().read_text(encoding="utf-8")
    turn.get_by_role("button", name="Why these passages").click()
    expect(turn.locator(".hit")).to_have_count(10)
    expect(turn.locator(".hit mark").first).to_be_visible()
    expect(turn.locator(".hit").first.locator(".part")).to_contain_text(["words", "meaning"])
    with page.expect_request("**/api/ask") as sent:
        second = ask(page, "Who should do it?")
    assert json.loads(sent.value.post_data or "")["history"] == [TESTING]
    expect(second.locator(".about")).to_have_text("Searched for: user site testing planned: Who should do it?")
    stop(page, second)
    page.reload()
    expect(page.locator(".turn h2")).to_have_text([TESTING, "Who should do it?"])
    expect(page.locator("#questions button")).to_have_count(2)
    page.get_by_role("button", name="Start over").click()
    expect(page.locator(".turn")).to_have_count(0)
    expect(page.locator("#examples button").first).to_be_visible()


def test_what_is_typed_is_read_ahead_and_only_ticked_documents_are_asked(writer: Served, visit: Visit) -> None:
    page = visit(writer.url)
    page.get_by_label("Ask only riscv-semihosting.pdf").check()
    expect(page.locator("#scope")).to_have_text("Asking only riscv-semihosting.pdf.")
    with page.expect_request("**/api/prepare") as prepared:
        page.get_by_label("Ask your documents").press_sequentially(
            "How does the debugger recognise a semihosting call?", delay=5
        )
    (doc,) = json.loads(prepared.value.post_data or "")["documents"]
    with page.expect_request("**/api/ask") as asked:
        page.keyboard.press("Enter")
    assert json.loads(asked.value.post_data or "")["documents"] == [doc]
    turn = page.locator(".turn.last")
    expect(turn.locator(".about")).to_have_text("Asked of riscv-semihosting.pdf")
    expect(turn.locator(".quoted .source").first).to_contain_text("riscv-semihosting.pdf")
    page.get_by_role("button", name="Stop").click()
    over(turn)
    page.get_by_role("button", name="Ask all").click()
    expect(page.locator("#scope")).to_have_text("Asking all 3 documents.")


def test_errors_are_plain_notices(writer: Served, visit: Visit, shot: Shot) -> None:
    page = visit(writer.url)
    page.wait_for_selector("#examples button")
    page.route("**/api/ask", lambda route: route.abort())
    turn = ask(page, "Is anybody there?")
    expect(turn.locator(".notice")).to_have_text(
        "The server cannot be reached. Check that recto serve still runs, then try again."
    )
    shot(page, "error")
    page.unroute("**/api/ask")
    turn.get_by_role("button", name="Ask again").click()
    over(page.locator(".turn.last"))


def test_the_machine_says_what_writes(writer: Served, visit: Visit, shot: Shot) -> None:
    page = visit(writer.url)
    page.get_by_role("button", name="The machine: SmolLM2-135M-Instruct").click()
    sheet = page.get_by_role("dialog")
    expect(sheet).to_contain_text("Measured here: it reads")
    expect(sheet.locator(".used")).to_have_count(1)
    shot(page, "machine")
    page.keyboard.press("Escape")
    expect(page.locator("#machine")).to_be_focused()
