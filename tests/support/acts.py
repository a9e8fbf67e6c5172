"""What a person does on the page, for the tests."""

from contextlib import suppress

from playwright.sync_api import Locator, Page, TimeoutError, expect

LONG = "Explain in detail what software validation is, and list all of its typical tasks."
LOOK_MS = 1000  # for a button that goes when an answer ends by itself


def ask(page: Page, question: str) -> Locator:
    """Type a question and send it once the answer before is over, as the page wants it; the turn that answers."""
    expect(page.locator("#stop")).to_be_hidden()
    page.get_by_label("Ask your documents").fill(question)
    page.keyboard.press("Enter")
    turn = page.locator(".turn.last")
    expect(turn.locator("h2")).to_have_text(question)
    return turn


def quoted(page: Page, question: str) -> Locator:
    """Ask and wait for the quotes."""
    turn = ask(page, question)
    expect(turn.locator(".quoted").first).to_be_visible()
    return turn


def speaking(turn: Locator) -> None:
    """Wait for the model's first words."""
    expect(turn.locator(".prose")).not_to_be_empty()


def stop(page: Page, turn: Locator) -> None:
    """Stop the answer, unless it ended by itself before."""
    with suppress(TimeoutError):
        page.get_by_role("button", name="Stop").click(timeout=LOOK_MS)
    over(turn)


def over(turn: Locator) -> None:
    """Wait for the end of an answer."""
    expect(turn).to_have_attribute("aria-busy", "false")


def drawn(page: Page) -> None:
    """Wait until the page's picture stands, with its marks."""
    expect(page.locator(".leaf-page img:not(.old)[src]")).to_be_visible()
    expect(page.locator(".mark").first).to_be_attached()
