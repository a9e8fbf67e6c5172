"""What was asked before, in a browser: by day, found by words, opened again with its citations, followed up."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from support.acts import ask, drawn, over, quoted
from support.browsing import Serve, Served, Shot, Visit
from support.pdfs import text_pdf

pytestmark = pytest.mark.slow
QUESTION = "How many litres does the pump of hall 3 move?"
NONSENSE = "Who sang the third aria of the purple elephant opera?"
PAPER = "Pumps\nThe pump of hall 3 moves 111 litres a minute.\nThe pump of hall 4 moves 148 litres a minute."


def sheet(page: Page) -> Locator:
    page.get_by_role("button", name="History", exact=True).click()
    return page.get_by_role("dialog", name="History")


def test_a_conversation_is_found_opened_and_followed_up_after_a_restart(
    serve: Serve, visit: Visit, shot: Shot, tmp_path: Path
) -> None:
    served = serve("--model", "quote")
    upload(served, tmp_path, PAPER)
    page = visit(served.url)
    quoted(page, QUESTION)
    over(ask(page, NONSENSE))
    page.get_by_role("button", name="Start over").click()
    again = visit(served.url)  # another browser, which remembers nothing
    dialog = sheet(again)
    expect(dialog.locator("h3")).to_have_text(["Today"])
    expect(dialog.locator("li .asked")).to_have_text([NONSENSE, QUESTION])
    shot(again, "history")
    dialog.get_by_role("searchbox").fill("LITRES")
    expect(dialog.locator("li .asked")).to_have_text([QUESTION])
    dialog.get_by_role("button", name=QUESTION, exact=True).click()
    expect(dialog).to_be_hidden()
    expect(again.locator(".turn")).to_have_count(2)
    expect(again.locator(".turn .question").first).to_be_focused()
    again.locator(".turn .quoted .chip").first.click()
    drawn(again)
    expect(again.locator(".mark")).to_have_count(1)
    again.get_by_role("button", name="Close the page").click()
    over(ask(again, "and of hall 4?"))
    expect(again.locator(".turn").last).to_contain_text("148 litres")
    turns = served.http.get("/api/history").json()["turns"]
    assert {turn["conversation"] for turn in turns} == {turns[-1]["turn"]}


def upload(served: Served, folder: Path, text: str) -> None:
    path = folder / "pumps.pdf"
    path.write_bytes(text_pdf("The boiler burns coal.", text))
    served.upload(path)


def test_what_is_gone_is_said_and_what_is_forgotten_is_gone(
    quoting: Served, visit: Visit, shot: Shot, tmp_path: Path
) -> None:
    quoting.http.delete("/api/history")
    upload(quoting, tmp_path, PAPER)
    page = visit(quoting.url)
    over(ask(page, QUESTION))
    quoting.clear()
    again = visit(quoting.url)
    dialog = sheet(again)
    dialog.get_by_role("button", name=QUESTION, exact=True).click()
    expect(again.locator(".turn .lost").first).to_have_text("This document is not in the library any more.")
    shot(again, "history-gone")
    dialog = sheet(again)
    dialog.get_by_role("button", name=re.compile("^Forget: ")).click()
    dialog.get_by_role("button", name="Forget", exact=True).click()
    expect(dialog).to_contain_text("Nothing was asked so far.")
    dialog.get_by_role("button", name="Keep nothing more").click()
    expect(dialog).to_contain_text("Nothing more is kept: it is switched off.")
    shot(again, "history-off")
    dialog.get_by_role("button", name="Keep what is asked").click()
    expect(dialog).to_contain_text("Kept in this library")


def test_words_that_answer_are_marked_on_the_page(quoting: Served, visit: Visit, shot: Shot, tmp_path: Path) -> None:
    upload(quoting, tmp_path, PAPER)
    page = visit(quoting.url, reduced_motion="reduce")
    turn = quoted(page, QUESTION)
    over(turn)
    turn.get_by_role("button", name="Quote 1 answers").click()
    expect(turn.locator(".judging")).to_contain_text("Noted: quote 1.")
    turn.get_by_role("button", name="Mark it on the page").click()
    drawn(page)
    mark = page.locator(".mark").first.bounding_box()
    assert mark
    line = mark["y"] + mark["height"] / 2
    page.mouse.move(mark["x"] + 2, line)
    page.mouse.down()
    page.mouse.move(mark["x"] + mark["width"] / 2, line)
    page.mouse.move(mark["x"] + mark["width"] - 2, line)
    page.mouse.up()
    expect(page.locator(".marking-bar p")).to_have_text("The pump of hall 3 moves 111 litres a minute.")
    shot(page, "marking")
    page.get_by_role("button", name="This answers").click()
    expect(page.locator(".marking-bar")).to_be_hidden()
    expect(turn.locator(".judging")).to_contain_text("the words that you marked")
    kept = quoting.http.get("/api/history").json()["turns"][0]["turn"]
    said = quoting.http.put(f"/api/history/{kept}/feedback", json={"opinion": "yes"}).json()
    assert (said["evidence_pages"], said["doc"]) == ([2], "pumps.pdf")
