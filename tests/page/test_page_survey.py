"""Questions about whole documents on the page: below the name of each, and side by side where they are compared."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from support.acts import over, quoted, stop
from support.browsing import Served, Shot, Visit
from support.pdfs import text_pdf

pytestmark = pytest.mark.slow


@pytest.fixture
def two(quoting: Served, tmp_path: Path) -> Served:
    """A server with two documents."""
    rules = "Rules of the boat house\nDogs may come along on a lead. A boat costs four crowns an hour."
    lease = "Lease of the mill\nDogs are forbidden in the mill because of the flour. The rent is ninety crowns."
    for name, text in (("rules.pdf", rules), ("lease.pdf", lease)):
        (tmp_path / name).write_bytes(text_pdf(text))
        quoting.upload(tmp_path / name)
    return quoting


def test_documents_are_compared_side_by_side(two: Served, visit: Visit, shot: Shot) -> None:
    page = visit(two.url)
    turn = quoted(page, "Compare the rules and the lease on dogs")
    over(turn)
    groups = turn.locator(".voice")
    expect(groups).to_have_count(2)
    expect(groups.first.locator(".voice-name")).to_contain_text("rules.pdf")
    expect(groups.last).to_contain_text("Dogs are forbidden")
    page.get_by_role("button", name="Close").first.click()
    shot(page, "compared")
    first, last = groups.first.bounding_box(), groups.last.bounding_box()
    assert first is not None
    assert last is not None
    assert abs(first["y"] - last["y"]) < 1
    assert first["x"] + first["width"] <= last["x"]
    numbers = turn.locator(".quoted > .chip").all_inner_texts()
    assert numbers == [str(number) for number in range(1, len(numbers) + 1)]


def test_mentions_stand_below_the_names_of_documents_and_survive_a_reload(
    two: Served, visit: Visit, shot: Shot
) -> None:
    page = visit(two.url, viewport={"width": 390, "height": 800})
    over(quoted(page, "every mention of dogs"))
    names = page.locator(".voice-name")
    expect(names).to_have_text(["rules.pdf: 1 place", "lease.pdf: 1 place"])
    shot(page, "mentions")
    page.reload()
    expect(names).to_have_text(["rules.pdf: 1 place", "lease.pdf: 1 place"])


def test_the_model_reads_a_whole_document_until_it_is_stopped(writer: Served, visit: Visit, shot: Shot) -> None:
    """What it writes of these pages is little: the model is small, and what has no support is left out."""
    page = visit(writer.url)
    page.get_by_label("Ask only software-validation.pdf").check()
    turn = quoted(page, "What is this document about?")
    over(turn)
    turn.get_by_role("button", name="Let the model read all of it").click()
    whole = page.locator(".turn.last")
    expect(whole.locator(".wait-words")).to_contain_text("of 10 pages")
    shot(page, "read-whole")
    stop(page, whole)
    expect(whole.locator(".quoted").first).to_be_visible()
