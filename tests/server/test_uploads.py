"""Uploads on real sockets: many at once, too large, cut off, onto a full disk, under any name."""

import random
import select
import shutil
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from recto import Library
from recto.server.tenants import NO_LIMIT, Quota
from recto.types import Flag
from support.live import Live, connect, listening, live, post, problem, small_disk, soon, until, vanish
from support.paths import EXAMPLES
from support.pdfs import Sheet, pdf, text_pdf
from support.scans import LEASE, placed, scan
from support.served import Json, application, ask, private, settled

pytestmark = pytest.mark.slow
RERI = EXAMPLES / "riscv-reri-architecture.pdf"
MEGABYTE = 1_000_000
MANY = 50
PROBLEM = "application/problem+json"


@pytest.fixture
def server(quoting_server: Live) -> Iterator[Live]:
    yield quoting_server
    assert soon(lambda: left_over(quoting_server.home) == [])
    assert not quoting_server.traceback()


def left_over(home: Path) -> list[Path]:
    return list(home.rglob("upload-*"))


def sent(server: Live, name: str, content: bytes) -> str:
    answer = server.http.post("/api/documents", params={"name": name}, content=content)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def outcomes(server: Live, keys: list[str]) -> list[Json]:
    return [settled(server.http, key, encoded=False)["outcome"] for key in keys]


def test_fifty_files_at_once_and_each_of_them_twice(server: Live) -> None:
    files = [(f"{number}.pdf", text_pdf(f"Pump {number} moves {number} litres.")) for number in range(MANY // 2)] * 2
    with ThreadPoolExecutor(MANY) as clients:
        keys = list(clients.map(lambda file: sent(server, *file), files))
    found = [one["status"] for one in outcomes(server, keys)]
    assert sorted(found) == ["added"] * (MANY // 2) + ["already"] * (MANY // 2)
    names = {document["name"] for document in server.http.get("/api/documents").json()}
    assert names >= {name for name, _ in files}


def test_uploads_and_their_pictures_go_on_after_a_kill(home: Path) -> None:
    """The server is killed while pictures of the first file are recognised, and the others wait behind it."""
    names = ["scanned.pdf", *(f"{number}.pdf" for number in range(3))]
    pictures = [Sheet(content=placed(scan(LEASE))) for _ in range(2)]
    with live(home, RECTO_MODEL="quote") as server:
        first = sent(server, names[0], pdf(*pictures))
        for name in names[1:]:
            sent(server, name, text_pdf(f"Pump {name} moves 9 litres."))
        assert soon(lambda: server.http.get("/api/uploads").json()[0]["outcome"])
        (upload, *_) = server.http.get("/api/uploads").json()
        assert (upload["id"], upload["outcome"]["status"]) == (first, "added")
        server.process.kill()
        server.process.wait()
    with live(home, RECTO_MODEL="quote") as server:
        assert soon(lambda: len(server.http.get("/api/documents").json()) == len(names))
        assert soon(lambda: {upload["state"] for upload in server.http.get("/api/uploads").json()} <= {"done"})
        assert {document["name"] for document in server.http.get("/api/documents").json()} == set(names)
        assert not server.traceback()
    with Library(home) as library:
        scanned = next(own for own in library.conditions() if own.document.name == names[0])
        assert (scanned.flags[Flag.OCR], scanned.problems, library.unrecognised()) == (2, (), [])
        assert library.unencoded() == []
    assert [path.name for path in (home / "served").iterdir()] == ["lock"]


def test_what_ends_server_after_server_is_not_tried_for_ever(home: Path) -> None:
    waiting = home / "served" / "former" / "waiting"
    waiting.mkdir(parents=True)
    (waiting / "abc").write_bytes(text_pdf("The pump moves 9 litres."))
    (waiting / "abc.name").write_text('["pump.pdf", 2]')
    (waiting / "nobody's").write_bytes(b"%PDF")
    with live(home, RECTO_MODEL="quote") as server:
        (outcome,) = outcomes(server, ["abc"])
        assert (outcome["status"], outcome["problem"]["kind"]) == ("failed", "internal")
        assert [upload["name"] for upload in server.http.get("/api/uploads").json()] == ["pump.pdf"]
    assert [path.name for path in (home / "served").iterdir()] == ["lock"]


def test_two_gigabytes_are_refused_before_they_come(server: Live) -> None:
    head = post("/api/documents?name=x.pdf", b"", "application/pdf", length=2_000_000_000)
    status, kind, body = server.says(head)
    assert (status, kind, problem(body)["title"]) == (413, PROBLEM, "too_large")
    assert f"{NO_LIMIT.megabytes} MB" in problem(body)["detail"]


def test_what_announces_no_length_is_refused_at_the_limit(home: Path) -> None:
    piece = b"%x\r\n%s\r\n" % (MEGABYTE // 4, b"0" * (MEGABYTE // 4))
    pieces = 0
    with listening(application(home, quota=Quota(megabytes=2))) as port, closing(connect(port)) as client:
        client.sendall(
            b"POST /api/documents?name=x.pdf HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        client.sendall(b"8\r\n%PDF-1.7\r\n")
        while not select.select([client], [], [], 0.05)[0]:
            client.sendall(piece)
            pieces += 1
        assert 8 <= pieces <= 12
        assert problem(until(client, b"}"))["title"] == "too_large"
        assert left_over(home) == []


def test_a_cut_upload_leaves_nothing(server: Live) -> None:
    whole = post("/api/documents?name=cut-off.pdf", RERI.read_bytes(), "application/pdf")
    for cut in (whole[:500], whole[:100_000]):
        for go in (socket.socket.close, vanish):
            client = server.connect()
            client.sendall(cut)
            assert len(cut) < 1000 or soon(lambda: left_over(server.home) != [])
            go(client)
            assert soon(lambda: left_over(server.home) == [])
    assert "cut-off.pdf" not in {upload["name"] for upload in server.http.get("/api/uploads").json()}


NAMES = ["../../evil.pdf", "/etc/passwd", "a\x00b.pdf", "..", ".", "C:\\evil.pdf", "x" * 200]
NAMES += ["a\r\nSet-Cookie: x\x1b[31m", "\u202efdp.exe", "<script>alert(1)</script>.pdf"]


def test_a_name_is_a_name_whatever_it_holds(server: Live) -> None:
    before = {path.name for path in server.home.iterdir()}
    keys = [sent(server, name, text_pdf(f"Valve {number} opens.")) for number, name in enumerate(NAMES)]
    for found in outcomes(server, keys):
        assert found["status"] == "added"
        assert "/" not in found["document"]["name"]
    assert {path.name for path in server.home.iterdir()} - before <= {"served", "keywords", "reserve"}


@pytest.mark.parametrize("name", ["", "x" * 256, "x" * 4000])
def test_a_name_that_is_none_is_refused(server: Live, name: str) -> None:
    answer = server.http.post("/api/documents", params={"name": name}, content=text_pdf("The pump."))
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)


@pytest.mark.parametrize("content", [b"", b"\x00" * 5000, b"GIF89a" * 500, b"%PDF", b"<script>alert(1)</script>"])
def test_what_is_no_pdf_is_refused(server: Live, content: bytes) -> None:
    for kind in ("application/pdf", "image/gif", "text/html"):
        status, shown, body = server.says(post("/api/documents?name=x.pdf", content, kind))
        assert (status, shown, problem(body)["title"]) == (415, PROBLEM, "not_a_pdf")


@pytest.fixture(name="small_disk")
def _small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    with small_disk(folder, megabytes=8):
        yield folder


def _fill(disk: Path, *, but: int) -> Path:
    """A file that leaves so many bytes of the disk free."""
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(shutil.disk_usage(disk).free - but))
    return ballast


# As large as the disk must have room for, and soon encoded: a page with one line, and a comment that is not drawn.
COMMENT = b"%" + random.Random(7).randbytes(90_000).hex().encode()
BULKY = pdf(Sheet([(72, 700, 12, "The valve opens at 275 bar.")], content=COMMENT))


@pytest.mark.parametrize("room", [0, len(BULKY) + 4 * 4096])
def test_a_full_disk_loses_nothing(small_disk: Path, room: int) -> None:
    """Without room for the body, and with room for that, but none for the library."""
    home = small_disk / "library"
    home.mkdir()
    with private(home) as client:
        pump = text_pdf("The pump moves 111 litres.")
        assert (
            settled(client, client.post("/api/documents?name=pump.pdf", content=pump).json()["id"])["state"] == "done"
        )
        ballast = _fill(small_disk, but=room)
        answer = client.post("/api/documents?name=bulky.pdf", content=BULKY)
        if room:
            assert answer.status_code == 202, answer.text
            failed = settled(client, answer.json()["id"])["outcome"]["problem"]
            assert (failed["kind"], str(home) in failed["message"]) == ("disk_full", False)
        else:
            assert (answer.status_code, answer.headers["content-type"]) == (507, PROBLEM)
            assert (answer.json()["title"], str(home) in answer.text) == ("disk_full", False)
        assert soon(lambda: left_over(home) == [])
        assert "111 litres" in dict(ask(client, "How many litres does the pump move?"))["done"]["answer"]["answer"]
        (doc,) = client.get("/api/documents").json()
        assert client.get(f"/api/documents/{doc['id']}/pages/1/picture").content.startswith(b"\x89PNG")
        ballast.unlink()
        sent = client.post("/api/documents?name=bulky.pdf", content=BULKY)
        assert settled(client, sent.json()["id"])["state"] == "done"
