"""Bytes that are no request, or a strange one: the right status, a problem to read, no traceback in the log."""

import json
from collections.abc import Iterator
from contextlib import closing

import pytest

from recto.server.guard import LONGEST_BODY
from support.live import Live, answer, post, problem, until

pytestmark = pytest.mark.slow
PROBLEM = "application/problem+json"
HOST = b"Host: 127.0.0.1\r\n"
GOOD = b"GET /api/documents HTTP/1.1\r\n" + HOST
CLOSE = b"Connection: close\r\n\r\n"
LONG = 16 * 1024  # bytes of a head that has not ended, as far as it is read
DEEP = 50_000


@pytest.fixture
def server(quoting_server: Live) -> Iterator[Live]:
    yield quoting_server
    assert quoting_server.http.get("/api/documents").json() == []
    assert not quoting_server.traceback()


NO_REQUEST = [
    pytest.param(b"\x00\xff\xfe\r\n\r\n", 400, id="bytes"),
    pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 500 + b"\r\n\r\n", 400, id="TLS"),
    pytest.param(b"GET / HTTP/1.1\r\n\r\n", 400, id="no host"),
    pytest.param(GOOD + HOST + CLOSE, 400, id="two hosts"),
    pytest.param((GOOD + b"X: ").ljust(LONG + 1, b"x"), 431, id="huge header"),
    pytest.param((GOOD + b"X: y\r\n" * (LONG // 6))[: LONG + 1], 431, id="many headers"),
    pytest.param(b"GET /".ljust(LONG + 1, b"x"), 431, id="long address"),
    pytest.param(GOOD + b"X: a\x00b\r\n" + CLOSE, 400, id="NUL in a header"),
    pytest.param(GOOD + b"X y: 1\r\n" + CLOSE, 400, id="space in a header's name"),
    pytest.param(GOOD + b"Content-Length: -5\r\n" + CLOSE, 400, id="negative length"),
    pytest.param(GOOD + b"Content-Length: 5\r\nContent-Length: 6\r\n" + CLOSE, 400, id="two lengths"),
    pytest.param(GOOD + b"Content-Length: 1_0\r\n" + CLOSE, 400, id="odd length"),
    pytest.param(GOOD + b"Transfer-Encoding: gzip\r\n" + CLOSE, 501, id="unknown transfer"),
]


@pytest.mark.parametrize(("request_", "status"), NO_REQUEST)
def test_what_is_no_request_is_told_so(server: Live, request_: bytes, status: int) -> None:
    said, kind, body = server.says(request_)
    assert (said, kind) == (status, PROBLEM)
    assert problem(body)["detail"]


STRANGE = [
    pytest.param(GOOD + b"X: \xff\xfe\r\n" + CLOSE, 200, id="header of bytes"),
    pytest.param(GOOD + b"Cookie: a@b=1; <x>=2; =;;\r\n" + CLOSE, 200, id="cookies"),
    pytest.param(b"GET /%ff%fe HTTP/1.1\r\n" + HOST + CLOSE, 404, id="address of bytes"),
    pytest.param(b"GET /static/%00 HTTP/1.1\r\n" + HOST + CLOSE, 404, id="NUL in a file's name"),
    pytest.param(b"GET /static/" + b"x" * 5000 + b" HTTP/1.1\r\n" + HOST + CLOSE, 404, id="long name"),
    pytest.param(b"GET /static/../app.py HTTP/1.1\r\n" + HOST + CLOSE, 404, id="above the folder"),
    pytest.param(b"GET /static/%2e%2e/app.py HTTP/1.1\r\n" + HOST + CLOSE, 404, id="above, escaped"),
    pytest.param(b"GET http://127.0.0.1/api/documents HTTP/1.1\r\n" + HOST + CLOSE, 404, id="whole address"),
    pytest.param(b"BREW /api/documents HTTP/1.1\r\n" + HOST + CLOSE, 405, id="method"),
    pytest.param(b"GET /api/search?q=%ff%fe HTTP/1.1\r\n" + HOST + CLOSE, 200, id="question of bytes"),
    pytest.param(b"GET /api/search?q=%00 HTTP/1.1\r\n" + HOST + CLOSE, 422, id="question of nothing"),
    pytest.param(b"GET /api/search?q=a&k=NaN HTTP/1.1\r\n" + HOST + CLOSE, 422, id="no number"),
    pytest.param(b"GET /api/search?q=a&k=" + b"9" * 5000 + b" HTTP/1.1\r\n" + HOST + CLOSE, 422, id="long number"),
    pytest.param(b"GET /api/documents HTTP/1.0\r\n\r\n", 421, id="no host, as HTTP/1.0 allows"),
    pytest.param(GOOD + b"Upgrade: websocket\r\nConnection: Upgrade, close\r\n\r\n", 200, id="web socket"),
]


@pytest.mark.parametrize(("request_", "status"), STRANGE)
def test_what_is_strange_is_answered(server: Live, request_: bytes, status: int) -> None:
    said, kind, body = server.says(request_)
    assert (said, kind) == (status, "application/json" if status == 200 else PROBLEM)
    assert status == 200 or problem(body)["detail"]


BODIES = [
    pytest.param(b"[" * DEEP, id="deep"),
    pytest.param(b'{"question":' * DEEP, id="deep objects"),
    pytest.param(b"\xff\xfe", id="bytes"),
    pytest.param(b'{"question": "\xff"}', id="invalid UTF-8"),
    pytest.param(b'{"question": NaN}', id="NaN"),
    pytest.param(b'{"question": "x", "history": [Infinity]}', id="Infinity"),
    pytest.param(b'{"question": "\\ud800"}', id="half a character"),
    pytest.param(b'{"question": ' + b"9" * 5000 + b"}", id="long number"),
    pytest.param(b'{"question": "x", "question": 5}', id="twice"),
    pytest.param(b'{"question": "x"}{"question": "y"}', id="two"),
]


@pytest.mark.parametrize("body", BODIES)
def test_what_is_no_question_is_told_so(server: Live, body: bytes) -> None:
    said, kind, text = server.says(post("/api/ask", body))
    assert (said in (400, 422), kind) == (True, PROBLEM)
    assert problem(text)["detail"]


@pytest.mark.parametrize("kind", ["text/plain", "application/pdf", "multipart/form-data; boundary=x", "\xff", ""])
def test_a_question_in_another_type_is_none(server: Live, kind: str) -> None:
    said, shown, _ = server.says(post("/api/ask", b'{"question": "x"}', kind))
    assert (said, shown) == (422, PROBLEM)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_question_of_a_gigabyte_is_refused_before_it_came(server: Live, chunked: bool) -> None:
    head = b"Transfer-Encoding: chunked\r\n" if chunked else b"Content-Length: 1000000000\r\n"
    body = b" " * (LONGEST_BODY + 1)
    with closing(server.connect()) as client:
        client.sendall(b"POST /api/ask HTTP/1.1\r\nContent-Type: application/json\r\n" + HOST + head + b"\r\n")
        client.sendall(b"%x\r\n" % len(body) + body + b"\r\n" if chunked else body)
        said = until(client, b"}")
    assert said.startswith(b"HTTP/1.1 413")
    assert problem(said)["title"] == "too_large"


def test_requests_in_a_row_are_answered_in_a_row(server: Live) -> None:
    with closing(server.connect()) as client:
        client.sendall((GOOD + b"\r\n") * 3 + GOOD + CLOSE)
        assert b"".join(iter(lambda: client.recv(1 << 16), b"")).count(b"HTTP/1.1 200") == 4


@pytest.mark.parametrize("garbage", [b"\x00\xff garbage \r\n\r\n" * 100, b"GET / HTTP/1.1\r\nbroken\r\n\r\n"])
def test_garbage_after_a_request_harms_nobody(server: Live, garbage: bytes) -> None:
    with closing(server.connect()) as client:
        client.sendall(GOOD + b"\r\n" + garbage)
        assert answer(client)[0] == 200


@pytest.mark.parametrize("chunk", [b"zz\r\n", b"-1\r\n", b"5\r\nabcdefgh\r\n"])
def test_garbage_within_a_body_ends_it(server: Live, chunk: bytes) -> None:
    head = b"POST /api/documents?name=x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + HOST + b"\r\n"
    assert server.says(head + b"5\r\n%PDF-\r\n" + chunk)[:2] == (400, PROBLEM)


@pytest.mark.parametrize("chunk", [b"zz\r\n", b"1\r\nabc\r\n"])
def test_garbage_in_a_body_that_was_refused(server: Live, chunk: bytes) -> None:
    with closing(server.connect()) as client:
        client.sendall(b"POST /api/documents HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + HOST + b"\r\n")
        assert client.recv(1 << 16).startswith(b"HTTP/1.1 422")
        client.sendall(chunk)
        while client.recv(1 << 16):
            pass


def test_a_stream_goes_on_whatever_follows_the_question(server: Live) -> None:
    body = json.dumps({"question": "What is said?"}).encode()
    said, kind, text = server.says(post("/api/ask", body) + b"\x00\xff\r\n\r\n")
    assert (said, kind) == (200, "text/event-stream")
    assert b"event: done" in text
