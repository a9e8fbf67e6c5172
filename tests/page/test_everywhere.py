"""The page for everybody: by keyboard, on a phone, in the dark, read aloud, in another site's frame."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from support.acts import drawn, over, quoted, speaking, stop
from support.browsing import CALLS, PATIENCE_S, Served, Shot, Visit

pytestmark = pytest.mark.slow
TESTING = "How should user site testing be planned?"
DENIED = """for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, {
  get() { throw new DOMException("Access is denied for this document.", "SecurityError"); } });"""


def faults(page: Page) -> list[str]:
    """What axe finds that is serious or critical."""
    found = Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    return [f"{one['id']}: {[node['target'] for node in one['nodes']]}" for one in serious]


def test_everything_goes_by_keyboard(writer: Served, visit: Visit) -> None:
    page = visit(writer.url)
    page.wait_for_selector("#examples button")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the question")).to_be_focused()
    page.keyboard.press("/")
    page.keyboard.type(TESTING)
    page.keyboard.press("Enter")
    turn = page.locator(".turn.last")
    speaking(turn)
    page.keyboard.press("Escape")  # closes the page that opened by itself
    expect(page.locator("#page")).to_be_hidden()
    page.keyboard.press("Escape")  # stops the answer
    over(turn)
    turn.locator(".quoted .chip").nth(1).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".page-name")).to_be_focused()
    page.keyboard.press("n")
    expect(page.locator(".cited-of")).to_have_text(re.compile("Citation 3 of"))
    page.keyboard.press("]")
    expect(page.get_by_label("Page", exact=True)).to_have_value("8")
    page.keyboard.press("Escape")
    expect(turn.locator(".quoted .chip").nth(1)).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("next and previous citation")
    page.keyboard.press("Escape")
    page.locator("#question").focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator("#question")).to_have_value(TESTING)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(writer: Served, visit: Visit, shot: Shot, scheme: str) -> None:
    page = visit(writer.url, color_scheme=scheme, reduced_motion="reduce")
    page.wait_for_selector("#examples button")
    assert faults(page) == []
    turn = quoted(page, TESTING)
    drawn(page)
    speaking(turn)
    assert faults(page) == []
    stop(page, turn)
    turn.get_by_role("button", name="Why these passages").click()
    page.get_by_role("button", name="Show the page’s text").click()
    assert faults(page) == []
    shot(page, f"why-{scheme}")
    page.locator("#machine").click()
    expect(page.get_by_role("dialog")).to_contain_text("Quotes only")
    assert faults(page) == []


def test_a_phone_has_a_drawer_and_a_sheet(writer: Served, visit: Visit, shot: Shot) -> None:
    phone: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2}
    page = visit(writer.url, is_mobile=True, has_touch=True, **phone)
    turn = quoted(page, TESTING)
    expect(page.locator("#page")).to_be_hidden()  # nothing opens over the answer by itself
    stop(page, turn)
    shot(page, "phone")
    turn.locator(".chip").first.tap()
    drawn(page)
    box = page.locator("#page").bounding_box()
    assert box is not None
    assert box["width"] == 390
    assert 0.65 < box["height"] / 844 < 0.8
    shot(page, "phone-sheet")
    assert faults(page) == []
    page.get_by_role("button", name="Close the page").tap()
    page.get_by_role("button", name="Documents").tap()
    expect(page.get_by_role("button", name="Add files")).to_be_visible()
    page.wait_for_timeout(250)  # until it has slid in
    shot(page, "phone-drawer")
    page.get_by_role("button", name="Close documents").tap()
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", [1024, 720, 320])
def test_nothing_is_cut_off_in_a_narrow_window_or_at_200_percent(
    writer: Served, visit: Visit, shot: Shot, width: int
) -> None:
    page = visit(writer.url, viewport={"width": width, "height": 700})
    page.wait_for_selector("#examples button")
    turn = quoted(page, TESTING)
    stop(page, turn)
    turn.locator(".chip").first.click()
    drawn(page)
    shot(page, f"width-{width}")
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    assert page.evaluate(
        "document.querySelector('#scroll').scrollWidth <= document.querySelector('#scroll').clientWidth"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forced_colours_keep_what_is_only_a_colour_elsewhere(
    writer: Served, visit: Visit, shot: Shot, scheme: str
) -> None:
    page = visit(writer.url, forced_colors="active", color_scheme=scheme)
    turn = quoted(page, TESTING)
    drawn(page)
    stop(page, turn)
    turn.get_by_role("button", name="Why these passages").click()
    mark, chip, meter = page.locator(".mark").first, turn.locator(".quoted .chip"), turn.locator(".meter i").first
    expect(mark).to_have_css("outline-style", "solid")
    assert style(chip.nth(0), "background-color") != style(chip.nth(1), "background-color")  # which one is shown
    expect(chip.nth(1)).to_have_css("border-top-style", "solid")
    assert style(meter, "background-color") != style(page.locator("body"), "background-color")
    matched = turn.locator(".hit mark").first
    assert (
        style(matched, "color") != style(matched, "background-color") != style(page.locator("body"), "background-color")
    )
    shot(page, f"forced-{scheme}")


def style(node: Locator, name: str) -> str:
    return str(node.evaluate("(node, name) => getComputedStyle(node).getPropertyValue(name)", name))


def test_more_contrast_is_given_where_it_is_asked_for(writer: Served, visit: Visit, shot: Shot) -> None:
    page = visit(writer.url, contrast="more")
    turn = quoted(page, TESTING)
    drawn(page)
    assert style(turn.locator(".source").first, "color") == style(page.locator("body"), "color")
    expect(page.locator(".mark").first).to_have_css("outline-style", "solid")
    expect(page.locator(".row .bin").first).to_have_css("opacity", "1")
    shot(page, "contrast")


def test_nothing_moves_for_whoever_wants_it_calm(writer: Served, visit: Visit) -> None:
    page = visit(writer.url, reduced_motion="reduce")
    page.evaluate(
        """() => { window.moved = []; for (const kind of ["animationstart", "transitionrun"])
          addEventListener(kind, (event) => window.moved.push(`${kind} ${event.target.className}`), true); }"""
    )
    turn = quoted(page, TESTING)
    drawn(page)
    speaking(turn)
    assert page.evaluate("document.getAnimations().length") == 0
    stop(page, turn)
    page.get_by_role("button", name="Next citation").click()
    turn.get_by_role("button", name="Why these passages").click()
    assert page.evaluate("window.moved") == []


def test_everything_is_in_reach_at_200_percent(writer: Served, visit: Visit, shot: Shot) -> None:
    page = visit(writer.url, viewport={"width": 640, "height": 450}, device_scale_factor=2)  # of 1280 by 900
    turn = quoted(page, TESTING)
    stop(page, turn)
    turn.locator(".chip").first.click()
    drawn(page)
    shot(page, "zoom-200")
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    for name in ("Close the page", "Next page", "Larger"):
        expect(page.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    page.get_by_role("button", name="Close the page").click()
    for name in ("Ask", "Documents"):
        expect(page.get_by_role("button", name=name, exact=True)).to_be_in_viewport(ratio=1)


@contextmanager
def _other_site(at: str, shown: str) -> Iterator[None]:
    """A page of another site with recto in a frame."""

    class Frame(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(f'<!doctype html><iframe src="{shown}/" width=1200 height=800></iframe>'.encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", urlsplit(at).port or 0), Frame)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_it_works_in_a_frame_of_another_site_that_denies_storage(quoting: Served, browser: Browser, shot: Shot) -> None:
    context = browser.new_context(viewport={"width": 1240, "height": 860})
    context.add_init_script(DENIED)
    page = context.new_page()
    with _other_site(quoting.embedder, quoting.url):
        page.goto(quoting.embedder)
        frame = page.frame_locator("iframe")
        frame.locator("#files").set_input_files(CALLS)
        expect(frame.locator("#documents .document")).to_have_count(1)
        frame.locator("#question").fill("How does the debugger recognise a semihosting call?")
        frame.locator("#question").press("Enter")
        expect(frame.locator(".quoted").first).to_be_visible()
        frame.locator(".quoted .chip").first.click()
        expect(frame.locator(".leaf-page img:not(.old)[src]")).to_be_visible()
        expect(frame.locator(".mark").first).to_be_attached()
        shot(page, "frame")
    context.close()


def test_no_other_site_may_show_it(quoting: Served, browser: Browser) -> None:
    page = browser.new_context().new_page()
    stranger = quoting.embedder.replace("localhost", "127.0.0.2")
    page.route(
        f"{stranger}/", lambda route: route.fulfill(content_type="text/html", body=f'<iframe src="{quoting.url}/">')
    )
    page.goto(stranger)
    limit = time.monotonic() + PATIENCE_S
    while [frame.url for frame in page.frames[1:]] != ["chrome-error://chromewebdata/"]:
        assert time.monotonic() < limit, [frame.url for frame in page.frames]
        page.wait_for_timeout(50)  # unlike sleeping, this hears of what the browser does
    page.context.close()
