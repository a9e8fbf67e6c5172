"""What the page makes of a stream, event by event: made-up answers over real documents."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from support.acts import over
from support.browsing import Served, Shot, Visit

pytestmark = pytest.mark.slow
FIRST, SECOND = "Äther 😀 has a plan.", " The moon is a cheese."
QUOTE = "User site testing should follow a pre-defined written plan"
Events = list[tuple[str, dict[str, Any]]]


def place(served: Served, at: int) -> dict[str, Any]:
    document = served.http.get("/api/documents").json()[0]
    boxes = [[0.1, 0.5, 0.6, 0.52]]
    named = {"id": document["id"], "name": document["name"]}
    return {"at": at, "document": named, "page": 6, "start": 0, "end": 58, "quote": QUOTE, "boxes": boxes}


def answered(page: Page, events: Events) -> Any:
    """Ask, and let the server say this."""

    def said(route: Route) -> None:
        frames = [f"event: {name}\ndata: {json.dumps({'event': name, **data})}\n\n" for name, data in events]
        route.fulfill(content_type="text/event-stream", body=": beat\n\n" + "".join(frames))

    page.route("**/api/ask", said)
    page.get_by_label("Ask your documents").fill("What is planned?")
    page.keyboard.press("Enter")
    turn = page.locator(".turn.last")
    over(turn)
    return turn


def hanging(page: Page, events: Events) -> None:
    """Ask, and let the server say this and then nothing more."""
    page.route("**/api/documents/*/pages/**", lambda route: route.abort())
    page.evaluate(
        """(events) => { const real = fetch; window.fetch = (path, options) => path !== "/api/ask" ? real(path, options)
          : Promise.resolve(new Response(new ReadableStream({ start(line) {
              line.enqueue(new TextEncoder().encode(events)); } }), { status: 200 })); }""",
        "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in events),
    )
    page.get_by_label("Ask your documents").fill("What is planned?")
    page.keyboard.press("Enter")


def done(**more: Any) -> tuple[str, dict[str, Any]]:
    seconds = {"search": 0.01, "first_token": 0.5, "total": 1.5}
    answer = {"kind": "written", "answer": "", "citations": [], "nearest": [], "engine": "llama.cpp/Some-Model.Q4_K_M"}
    return "done", {"answer": {**answer, "seconds": seconds, "quotes": [], "unsupported": [], **more}}


def begun(served: Served, first_token_s: float = 0.5) -> Events:
    return [
        ("begun", {"ask": "x"}),
        ("queued", {"ahead": 2}),
        ("found", {"hits": [], "searched_for": "What is planned?"}),
        ("quoted", {"citations": [place(served, len(QUOTE))]}),
        ("expect", {"engine": "llama.cpp/Some-Model.Q4_K_M", "first_token_s": first_token_s, "total_s": 9.5}),
    ]


def test_marks_stand_after_their_sentences_and_a_hover_shows_the_quote(shelf: Served, visit: Visit, shot: Shot) -> None:
    page = visit(shelf.url)
    events: Events = [
        ("token", {"text": FIRST + SECOND[:4]}),
        ("cited", {"citation": place(shelf, len(FIRST))}),
        ("token", {"text": SECOND[4:] + " More."}),
        ("unsupported", {"at": len(FIRST + SECOND), "sentence": SECOND.strip()}),
        done(),
    ]
    turn = answered(page, [*begun(shelf), *events])
    expect(turn.locator(".prose")).to_have_text(f"{FIRST}1 The moon is a cheese.no support found More.")
    expect(turn.locator(".unsupported")).to_have_text("The moon is a cheese.")
    chip = turn.locator(".prose .chip")
    expect(chip).to_have_attribute("aria-current", "true")
    expect(turn.locator(".quoted .chip")).to_have_count(1)
    chip.hover()
    expect(page.get_by_role("tooltip")).to_contain_text(QUOTE)
    shot(page, "preview")
    page.mouse.move(0, 0)
    expect(page.get_by_role("tooltip")).to_be_hidden()
    expect(turn.locator(".label").last).to_have_text("Written by Some-Model")
    expect(turn.locator(".times")).to_have_text("found in 0.01 s, first word after 0.5 s, 1.5 s in all")


def test_scores_are_bars_and_never_numbers_below_nothing(shelf: Served, visit: Visit) -> None:
    page = visit(shelf.url)
    hits = [
        {**place(shelf, 0), "rank": rank, "text": QUOTE, "score": score, "keyword": score + 0.9, "semantic": -0.9}
        for rank, score in ((1, 2.1), (2, -0.4))
    ]
    found = ("found", {"hits": hits, "searched_for": "What is planned?"})
    turn = answered(page, [found, ("quoted", {"citations": [place(shelf, len(QUOTE))]}), done()])
    turn.get_by_role("button", name="Why these passages").click()
    assert turn.locator(".parts").all_inner_texts() == ["words\nmeaning"] * 2
    bars = turn.locator(".meter")
    assert [bars.nth(at).get_attribute("aria-label") for at in range(4)] == ["5 of 5", "0 of 5", "1 of 5", "0 of 5"]


def test_a_model_that_fails_leaves_the_quotes_and_says_why(shelf: Served, visit: Visit, shot: Shot) -> None:
    page = visit(shelf.url)
    broken = ("fell_back", {"why": "the model's child ended", "engine": "quote"})
    turn = answered(page, [*begun(shelf), ("token", {"text": "Half a"}), broken, done(kind="quoted", engine="quote")])
    expect(turn.locator(".notice")).to_have_text(
        "No model has written: the model's child ended. The quotes above stand."
    )
    expect(turn.locator(".written")).to_be_hidden()
    expect(turn.locator(".quoted")).to_have_count(1)
    shot(page, "fell-back")


def test_another_engine_may_write_instead(shelf: Served, visit: Visit) -> None:
    page = visit(shelf.url)
    other = ("fell_back", {"why": "it was silent for 20 s", "engine": "hf/Other"})
    turn = answered(page, [*begun(shelf), other, ("token", {"text": "Whole."}), done(engine="hf/Other")])
    expect(turn.locator(".notice")).to_contain_text("it was silent for 20 s. Other answers instead.")
    expect(turn.locator(".prose")).to_have_text("Whole.")
    expect(turn.locator(".label").last).to_have_text("Written by Other")


def test_a_line_that_breaks_keeps_what_came(shelf: Served, visit: Visit) -> None:
    page = visit(shelf.url)
    turn = answered(page, [*begun(shelf), ("token", {"text": "As far as"})])
    expect(turn.locator(".prose")).to_have_text("As far as")
    expect(turn.locator(".label").last).to_have_text("Written by Some-Model, broken off")
    expect(turn.get_by_role("button", name="Ask again")).to_be_visible()


def test_a_wait_that_grows_is_told_as_it_is(shelf: Served, visit: Visit, shot: Shot) -> None:
    page = visit(shelf.url)
    hanging(page, begun(shelf, first_token_s=5.0))
    words = page.locator(".wait-words")
    expect(words).to_contain_text("reads the quotes: first word in about")
    expect(words).to_contain_text("still reads: ")
    expect(words).to_contain_text("announced were 5.0 s")
    shot(page, "late")


def test_a_clock_that_jumps_back_does_not_break_the_wait(shelf: Served, visit: Visit) -> None:
    page = visit(shelf.url)
    page.add_init_script("const now = Date.now; let jumped = 0; Date.now = () => now() - (jumped += 3_600_000);")
    page.reload()
    hanging(page, begun(shelf))
    words = page.locator(".wait-words")
    expect(words).to_contain_text("announced were 0.5 s")
    expect(words).not_to_have_text(re.compile(r"-\d"))
    assert page.locator(".wait").evaluate("(wait) => wait.classList.contains('late')")


# --- quotes inside their surroundings -------------------------------------------------------------------------------
CONTEXT = f"Plans\nSites <b>differ</b> 😀. {QUOTE}. It is kept."
CLOSEST = "These lines come closest; the documents may not answer this."
IN_CONTEXT = "In context"


def surrounded(served: Served, at: int = len(QUOTE), **more: Any) -> dict[str, Any]:
    """A place whose context holds what looks like markup, and a character that JavaScript counts twice."""
    start = 100 + CONTEXT.index(QUOTE)
    context = {"start": 100, "end": 100 + len(CONTEXT), "text": CONTEXT, "boxes": []}
    return {**place(served, at), "start": start, "end": start + len(QUOTE), "context": context, "more": "", **more}


def quotes(kind: str, *citations: dict[str, Any]) -> Events:
    return [
        ("found", {"hits": [], "searched_for": "What is planned?"}),
        ("quoted", {"citations": citations, "kind": kind}),
        done(kind=kind, engine="quote"),
    ]


def test_a_quote_is_marked_inside_its_surroundings(shelf: Served, visit: Visit, shot: Shot) -> None:
    page = visit(shelf.url)
    turn = answered(page, quotes("quoted", surrounded(shelf)))
    quote = turn.locator(".quote")
    expect(quote.locator("mark")).to_have_text(QUOTE)
    assert quote.inner_text() == f"Plans\nSites <b>differ</b> 😀. {QUOTE}. It is kept."
    expect(quote.locator("b")).to_have_count(0)
    expect(turn.get_by_role("button", name=IN_CONTEXT)).to_be_hidden()
    shot(page, "context")


def test_on_a_phone_the_quote_stands_alone_until_it_is_unfolded(shelf: Served, visit: Visit, shot: Shot) -> None:
    page = visit(shelf.url, viewport={"width": 390, "height": 844}, has_touch=True)
    turn = answered(page, quotes("quoted", surrounded(shelf)))
    assert turn.locator(".quote").inner_text() == QUOTE
    unfold = turn.get_by_role("button", name=IN_CONTEXT)
    expect(unfold).to_have_attribute("aria-expanded", "false")
    unfold.tap()
    expect(turn.get_by_role("button", name="Quote alone")).to_have_attribute("aria-expanded", "true")
    assert "It is kept." in turn.locator(".quote").inner_text()
    shot(page, "phone-context")


def test_surroundings_that_stand_above_are_folded_away(shelf: Served, visit: Visit) -> None:
    page = visit(shelf.url)
    start = 100 + CONTEXT.index("It is kept.")
    second = surrounded(shelf, len(QUOTE) + 20, quote="It is kept.", start=start, end=start + 11)
    turn = answered(page, quotes("quoted", surrounded(shelf), second))
    assert turn.locator(".quote").nth(1).inner_text() == "It is kept."
    turn.get_by_role("button", name=IN_CONTEXT).click()
    assert QUOTE in turn.locator(".quote").nth(1).inner_text()


def test_rows_and_their_heads_are_marked_in_one_context(shelf: Served, visit: Visit) -> None:
    page = visit(shelf.url)
    text = "Charges\nSize Monthly\nOne room 1,240 310\nTwo rooms 1,860 465\nThree rooms 2,415 605"
    context = {"start": 0, "end": len(text), "text": text, "boxes": []}
    parts, at = [], 0
    for words in ("Size Monthly", "Two rooms 1,860 465"):
        at += len(words) + bool(parts)
        start = text.index(words)
        part = place(shelf, at) | {"quote": words, "start": start, "end": start + len(words), "context": context}
        parts.append(part | {"more": "12 more rows" if len(parts) else ""})
    turn = answered(page, quotes("quoted", *parts))
    expect(turn.locator(".quoted")).to_have_count(1)
    expect(turn.locator(".quote mark")).to_have_text(["Size Monthly", "Two rooms 1,860 465"])
    assert turn.locator(".quote").inner_text() == text
    expect(turn.get_by_role("button", name="12 more rows")).to_be_visible()


def shown_lines(served: Served, visit: Visit, text: str) -> list[str]:
    """A quote of this text as it stands on the page."""
    context = {"start": 0, "end": len(text), "text": text, "boxes": []}
    quote = place(served, len(text)) | {"quote": text, "start": 0, "end": len(text), "context": context, "more": ""}
    turn = answered(visit(served.url), quotes("quoted", quote))
    lines: list[str] = turn.locator(".quote").inner_text().splitlines()
    return lines


def test_the_items_of_a_list_stand_below_each_other(shelf: Served, visit: Visit) -> None:
    text = "To be handed in:\n1. the form, signed by\nboth parents\n2. two photographs\n- if wanted, a letter"
    assert shown_lines(shelf, visit, text) == [
        "To be handed in:",
        "1. the form, signed by both parents",
        "2. two photographs",
        "- if wanted, a letter",
    ]


def test_prose_does_not_go_on_behind_its_numbered_heading(shelf: Served, visit: Visit) -> None:
    text = "3. Security deposit\nTenants pay two months before they move in, and it is returned within\na month."
    assert shown_lines(shelf, visit, text) == [
        "3. Security deposit",
        "Tenants pay two months before they move in, and it is returned within a month.",
    ]


def test_what_goes_on_elsewhere_opens_that_page(shelf: Served, visit: Visit) -> None:
    page = visit(shelf.url)
    turn = answered(page, quotes("quoted", surrounded(shelf, more="goes on, page 7")))
    turn.get_by_role("button", name="goes on, page 7").click()
    expect(page.get_by_label("Page", exact=True)).to_have_value("7")
    expect(page.locator(".mark")).to_have_count(0)


def test_closest_lines_are_called_so(shelf: Served, visit: Visit, shot: Shot) -> None:
    tablet = {"width": 900, "height": 800}  # where no page opens by itself, and says so
    page = visit(shelf.url, viewport=tablet, permissions=["clipboard-read", "clipboard-write"])
    turn = answered(page, quotes("closest", surrounded(shelf)))
    expect(turn.get_by_role("region", name="Closest lines")).to_be_visible()
    expect(turn.locator(".verdict")).to_have_text(CLOSEST)
    expect(page.get_by_role("status")).to_have_text(CLOSEST)
    shot(page, "closest")
    turn.get_by_role("button", name="Copy").click()
    expect(turn.get_by_role("button", name="Copied")).to_be_visible()
    assert f"*{CLOSEST}*" in page.evaluate("navigator.clipboard.readText()")
    page.reload()
    expect(page.locator(".turn .verdict")).to_have_text(CLOSEST)


def test_a_model_may_write_below_closest_lines(shelf: Served, visit: Visit) -> None:
    page = visit(shelf.url)
    found, (name, quoted), _ = quotes("closest", surrounded(shelf))
    events = [found, (name, quoted), ("token", {"text": FIRST}), done(certainty="closest")]
    turn = answered(page, events)
    expect(turn.locator(".verdict")).to_have_text(CLOSEST)
    expect(turn.locator(".prose")).to_have_text(FIRST)
