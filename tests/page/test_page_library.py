"""The column of documents: files coming in, what is wrong with them, and taking them out again."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from support.acts import drawn, over, quoted
from support.browsing import Served, Shot, Visit
from support.paths import HERE
from support.pdfs import Sheet, pdf, text_pdf
from support.scans import placed, scan

pytestmark = pytest.mark.slow
CORPUS = HERE / "corpus"
THREE = [CORPUS / name for name in ("riscv-semihosting.pdf", "riscv-io-mapping-table.pdf", "multicolumn-latex.pdf")]
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
LOCKED = CORPUS / "encrypted-password.pdf"


def test_three_files_come_in_and_one_goes_and_comes_back(quoting: Served, visit: Visit, shot: Shot) -> None:
    page = visit(quoting.url)
    expect(page.get_by_role("heading", name="Drop your files here.")).to_be_visible()
    expect(page.locator("#limits")).to_have_text("Up to 500 MB each.")
    shot(page, "empty")
    page.set_input_files("#files", THREE)
    expect(page.locator("#uploads .job").first).to_be_visible()
    shot(page, "uploading")
    expect(page.locator("#documents .document")).to_have_count(3)
    expect(page.locator("#uploads .job")).to_have_count(0)
    expect(page.locator("#examples button").first).to_be_visible()
    row = page.locator("#documents li", has_text="riscv-semihosting.pdf")
    row.hover()
    row.get_by_role("button", name="Remove riscv-semihosting.pdf").click()
    undo = row.get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    expect(page.locator("#scope")).to_have_text("Asking all 2 documents.")
    assert "riscv-semihosting.pdf" not in quoting.names()
    shot(page, "removed")
    page.reload()
    undo.click()
    expect(row.get_by_role("button", name="riscv-semihosting.pdf", exact=True)).to_be_focused()
    assert len(quoting.names()) == 3
    row.hover()
    row.get_by_role("button", name="Remove riscv-semihosting.pdf").click()
    row.get_by_role("button", name="Delete riscv-semihosting.pdf now").click()
    expect(row).to_have_count(0)
    assert quoting.http.get("/api/removals").json() == []
    page.reload()
    expect(page.locator("#documents .document")).to_have_count(2)


def test_what_is_wrong_with_each_document_is_said_with_what_mends_it(
    quoting: Served, visit: Visit, tmp_path: Path, shot: Shot
) -> None:
    white = b"1 g BT /F1 12 Tf 60 600 Td (The reserve price is 1,900,000 pounds.) Tj ET"
    files = {
        "tender.pdf": pdf(Sheet([(60, 700, 12, "Bids are opened in June.")], content=white)),
        "scanned lease.pdf": pdf(Sheet(content=placed(scan(["The rent is due on the first day."])))),
        "manual.pdf": text_pdf("The valve opens at 40 bar."),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        quoting.upload(tmp_path / name)
    page = visit(quoting.url)
    expect(page.locator("#standing-words")).to_have_text(re.compile(r"^[\d.]+ [kM]B on disk\.$"))
    lease = page.locator("#documents .document", has_text="scanned lease.pdf")
    lease.get_by_text("Scans not read", exact=True).click()
    expect(lease.locator("details li")).to_contain_text("reading them was off")
    tender = page.locator("#documents .document", has_text="tender.pdf")
    tender.get_by_text("Hidden text left out", exact=True).click()
    expect(tender.locator("details li")).to_contain_text("6 words of hidden text left out. No page shows it")
    shot(page, "problems")
    page.set_viewport_size(PHONE)
    page.locator("#open-library").click()
    expect(lease.locator("details li")).to_be_visible()
    shot(page, "problems-phone")
    page.set_viewport_size(DESKTOP)
    page.get_by_role("button", name="2 documents with problems").click()
    expect(page.locator("#documents .document:visible")).to_have_count(2)
    tender.get_by_role("button", name="Read tender.pdf again").click()
    expect(tender).to_have_count(0)  # it has no problem any more
    expect(page.get_by_role("button", name="1 document with problems")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="1 document with problems").click()
    expect(page.locator("#documents .document:visible")).to_have_count(3)
    (mended,) = (own for own in quoting.http.get("/api/documents").json() if own["name"] == "tender.pdf")
    assert (mended["problems"], mended["hidden_words"]) == ([], 0)


def test_passages_without_vectors_are_counted_until_they_have_them(quoting: Served, visit: Visit) -> None:
    """What the server says of them is made up here: on a quiet machine they are encoded before anybody looks."""
    quoting.upload(THREE[0])
    page = visit(quoting.url)
    expect(page.locator("#standing-words")).not_to_contain_text("vectors")
    whole = quoting.http.get("/api/totals").json()
    page.route("**/api/totals", lambda route: route.fulfill(json={**whole, "unencoded_passages": 1200}))
    page.reload()
    expect(page.locator("#standing-words")).to_contain_text("1,200 passages without vectors: found by words only.")
    page.unroute("**/api/totals")
    expect(page.locator("#standing-words")).not_to_contain_text("vectors")


def test_what_cannot_be_added_says_why_and_what_to_do(
    quoting: Served, visit: Visit, tmp_path: Path, shot: Shot
) -> None:
    quoting.upload(THREE[2])
    page = visit(quoting.url)
    page.set_input_files(
        "#files",
        [
            {"name": "notes.docx", "mimeType": "application/msword", "buffer": b"PK not a pdf"},
            {"name": "nothing.pdf", "mimeType": "application/pdf", "buffer": b""},
            {"name": "broken.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\nnothing that could be read"},
            {"name": "again.pdf", "mimeType": "application/pdf", "buffer": THREE[2].read_bytes()},
        ],
    )
    jobs = page.locator("#uploads .job")
    expect(jobs.filter(has_text="notes.docx")).to_contain_text(
        "This is no PDF, and no other kind of file that recto reads"
    )
    expect(jobs.filter(has_text="nothing.pdf")).to_contain_text("The file is empty (0 bytes).")
    expect(jobs.filter(has_text="broken.pdf").locator("strong")).to_be_visible()
    expect(jobs.filter(has_text="broken.pdf")).not_to_contain_text("upload-")
    expect(jobs.filter(has_text="again.pdf")).to_contain_text("Is in the library already.")
    shot(page, "refused")
    for name in ("notes.docx", "nothing.pdf", "broken.pdf", "again.pdf"):
        page.get_by_role("button", name=f"Dismiss {name}").click()
    expect(jobs).to_have_count(0)
    page.reload()
    expect(page.locator("#documents .document")).to_have_count(1)
    expect(jobs).to_have_count(0)


def test_an_encrypted_file_is_opened_with_its_password(quoting: Served, visit: Visit, shot: Shot) -> None:
    page = visit(quoting.url)
    page.set_input_files("#files", LOCKED)
    password = page.get_by_label("Password of encrypted-password.pdf")
    password.fill("wrong one, ü")
    shot(page, "password")
    password.press("Enter")
    expect(page.locator("#uploads strong")).to_have_text("The password given does not open it")
    password.fill("openpassword")
    password.press("Enter")
    page.get_by_role("button", name="encrypted-password.pdf", exact=True).click()
    expect(page.locator(".leaf-page img:not(.old)[src]")).to_be_visible()
    page.reload()
    page.locator(".page-notice").get_by_label("Password of encrypted-password.pdf").fill("openpassword")
    page.keyboard.press("Enter")
    expect(page.locator(".leaf-page img:not(.old)[src]")).to_be_visible()


def test_markup_in_names_and_text_is_shown_and_never_run(quoting: Served, visit: Visit, shot: Shot) -> None:
    name = "<img src=x onerror=pwned()>.pdf"
    text = "The <script>window.pwned=1</script> valve <b>opens</b> at 40 bar & closes at 30 bar."
    page = visit(quoting.url)
    page.set_input_files("#files", [{"name": name, "mimeType": "application/pdf", "buffer": text_pdf(text)}])
    expect(page.get_by_role("button", name=name, exact=True)).to_be_visible()
    question = "When does the <i>valve</i> open?"
    turn = quoted(page, question)
    over(turn)
    expect(turn.locator(".quote").first).to_contain_text("<script>window.pwned=1</script> valve <b>opens</b>")
    expect(turn.locator(".source").first).to_have_text(f"{name}, page 1")
    turn.locator(".chip").first.click()
    drawn(page)
    page.get_by_role("button", name="Show the page’s text").click()
    expect(page.locator(".page-text")).to_contain_text("<script>window.pwned=1</script>")
    turn.get_by_role("button", name="Why these passages").click()
    expect(turn.locator(".hit")).to_have_count(1)
    expect(turn.locator(".parts")).to_have_count(0)  # one passage is compared with nothing
    shot(page, "markup")
    assert page.evaluate("typeof window.pwned") == "undefined"
    assert page.locator("main script, main b, main i:not(.bar i):not(.meter i):not(.leaf i)").count() == 0


def test_a_folder_brings_its_pdfs_and_leaves_the_rest(quoting: Served, visit: Visit, tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "one.pdf").write_bytes(text_pdf("The first page of one."))
    (tmp_path / "two.PDF").write_bytes(text_pdf("The first page of two."))
    (tmp_path / "notes.csv").write_text("no PDF")
    page = visit(quoting.url)
    page.set_input_files("#folder", tmp_path)
    expect(page.locator("#documents .document")).to_have_count(2)
    assert sorted(quoting.names()) == ["one.pdf", "two.PDF"]
    expect(page.locator("#uploads .job")).to_have_count(0)


def test_folders_that_are_dropped_are_walked(quoting: Served, visit: Visit, tmp_path: Path, shot: Shot) -> None:
    below = tmp_path / "dropped" / "below" / "deep"
    below.mkdir(parents=True)
    (below / "one.pdf").write_bytes(text_pdf("The first page of one."))
    (tmp_path / "dropped" / "notes.csv").write_text("no PDF")
    (tmp_path / "two.pdf").write_bytes(text_pdf("The first page of two."))
    page = visit(quoting.url)
    expect(page.get_by_role("heading", name="Drop your files here.")).to_be_visible()
    drag = page.context.new_cdp_session(page)
    carried = {"items": [], "files": [str(tmp_path / "dropped"), str(tmp_path / "two.pdf")], "dragOperationsMask": 1}
    for step in ("dragEnter", "dragOver", "drop"):
        drag.send("Input.dispatchDragEvent", {"type": step, "x": 700, "y": 300, "data": carried})
        if step == "dragOver":
            expect(page.locator("#dropping")).to_be_visible()
            shot(page, "dropping")
    expect(page.locator("#dropping")).to_be_hidden()
    expect(page.locator("#documents .document")).to_have_count(2)
    assert sorted(quoting.names()) == ["one.pdf", "two.pdf"]


def test_the_older_version_of_a_file_can_be_removed_and_kept_after_all(
    quoting: Served, visit: Visit, tmp_path: Path, shot: Shot
) -> None:
    old, new = tmp_path / "old.pdf", tmp_path / "new.pdf"
    old.write_bytes(text_pdf("The valve opens at 40 bar, said the first version of this manual."))
    new.write_bytes(text_pdf("The valve opens at 50 bar, says the second version of this manual."))
    older = quoting.upload(old, "manual.pdf")
    page = visit(quoting.url)
    manual = {"name": "manual.pdf", "mimeType": "application/pdf", "buffer": new.read_bytes()}
    page.set_input_files("#files", [manual])
    job = page.locator("#uploads .job")
    expect(job).to_contain_text("Both can be asked.")
    shot(page, "versions")
    job.get_by_role("button", name="Remove the older manual.pdf").click()
    expect(job).to_have_count(0)
    rows = page.locator("#documents .document")
    undo = rows.first.get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    undo.click()
    expect(rows.first.get_by_role("button", name="manual.pdf", exact=True)).to_be_visible()
    assert quoting.names() == ["manual.pdf"] * 2
    rows.first.hover()
    rows.first.get_by_role("button", name="Remove manual.pdf").click()
    rows.first.get_by_role("button", name="Delete manual.pdf now").click()
    expect(rows).to_have_count(1)
    assert older not in [one["id"] for one in quoting.http.get("/api/documents").json()]


def test_a_drop_adds_and_a_long_list_can_be_searched(quoting: Served, visit: Visit) -> None:
    page = visit(quoting.url)
    files = [[f"manual {number}.pdf", text_pdf(f"Manual number {number} says so.").hex()] for number in range(5)]
    page.evaluate(
        """(files) => {
          const transfer = new DataTransfer();
          for (const [name, hex] of files) {
            transfer.items.add(new File([Uint8Array.from(hex.match(/../g), (two) => parseInt(two, 16))], name));
          }
          document.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
        }""",
        files,
    )
    expect(page.locator("#documents .document")).to_have_count(5)
    page.get_by_label("Find a document").fill("3")
    expect(page.locator("#documents .document:visible")).to_have_count(1)
    page.get_by_label("Find a document").fill("no such")
    expect(page.locator("#no-match")).to_be_visible()
