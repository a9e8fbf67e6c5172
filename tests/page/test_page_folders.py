"""Folders in step on the page: what each is at, what failed, and starting, stopping and forgetting one."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from support.browsing import Serve, Shot, Visit
from support.folders import page as document
from support.folders import write

pytestmark = pytest.mark.slow


def test_a_folder_is_followed_stopped_started_and_forgotten(
    serve: Serve, visit: Visit, shot: Shot, tmp_path: Path
) -> None:
    folder = tmp_path / "papers"
    write(folder / "a.pdf", document(1))
    write(folder / "broken <b>.pdf", b"%PDF-1.7")
    page = visit(serve("--model", "quote", "--folder", str(folder)).url)
    row = page.locator("#folder-list li.row")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("In step, 2 files")
    expect(page.locator("#documents .document")).to_have_count(1)
    row.get_by_text("1 file could not be added").click()
    expect(row).to_contain_text("broken <b>.pdf: ")
    write(folder / "deep" / "b.pdf", document(2))
    expect(page.locator("#documents .document")).to_have_count(2)
    expect(row.get_by_text("broken <b>.pdf: ")).to_be_visible()
    shot(page, "folders")
    row.get_by_label("Documents go with their files").check()
    (folder / "a.pdf").unlink()
    expect(page.locator("#documents .document")).to_have_count(1)
    expect(row.get_by_label("Documents go with their files")).to_be_checked()
    row.get_by_role("button", name="Stop papers").click()
    expect(row).to_contain_text("Stopped, 2 files")
    row.get_by_role("button", name="Start papers").click()
    expect(row).to_contain_text("In step, 2 files")
    row.get_by_role("button", name="Forget papers").click()
    expect(page.locator("#folders")).to_be_hidden()
    expect(page.locator("#documents .document")).to_have_count(1)
