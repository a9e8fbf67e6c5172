"""Requests that are cut while nothing comes, and lines however they arrive."""

import os
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from recto.errors import EngineFailed, EngineMissing
from recto.llm.http import ask, clean, client, lines, parsed, streaming, words
from recto.stop import Stop, Stopped
from support import scripted
from support.openai_server import KEY, MODEL, OpenAIServer

LIMIT_S = 60.0  # for what takes milliseconds on a quiet machine
BODY = {"model": MODEL, "messages": [{"role": "user", "content": "?"}], "max_tokens": 8}


def read(url: str, stop: Stop, *, trusted: bool = False) -> list[str]:
    with (
        client(url, token=KEY, trusted=trusted) as http,
        streaming(http, "/v1/chat/completions", BODY, stop) as response,
    ):
        return list(lines(response, stop))


@pytest.mark.parametrize("behaviour", [scripted.stalled, scripted.muted])
def test_a_brake_wakes_the_thread_that_reads(hosted: OpenAIServer, behaviour: scripted.Behaviour) -> None:
    hosted.behaviour, stop = behaviour, Stop()
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read, hosted.url, stop)
        assert hosted.came.wait(LIMIT_S)
        stop.pull()
        with pytest.raises(Stopped):
            reading.result(1.0)
    assert hosted.gone.wait(LIMIT_S)


def test_a_brake_pulled_before_sends_nothing(hosted: OpenAIServer) -> None:
    stop = Stop()
    stop.pull()
    with pytest.raises(Stopped):
        read(hosted.url, stop)
    assert not hosted.requests


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate for 127.0.0.1 that this process trusts."""
    if not shutil.which("openssl"):
        pytest.skip("needs openssl")
    made = tmp_path / "loopback.pem"
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", str(made)]
    names = ["-subj", "/CN=recto", "-addext", "subjectAltName=IP:127.0.0.1", "-out", str(tmp_path / "certificate")]
    subprocess.run(["openssl", "req", "-x509", "-days", "2", *key, *names], check=True, capture_output=True)
    with made.open("a") as file:
        file.write((tmp_path / "certificate").read_text())
    monkeypatch.setenv("SSL_CERT_FILE", str(made))
    return made


@pytest.fixture
def silent_tls(certificate: Path) -> Iterator[tuple[str, threading.Event]]:
    """A server that speaks TLS, takes a request and says nothing; and when it has taken it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    took = threading.Event()

    def serve(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with context.wrap_socket(connection, server_side=True) as wrapped:
            while wrapped.recv(1 << 16):
                took.set()

    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor(1) as pool:
        pool.submit(serve, listening)
        yield f"https://127.0.0.1:{listening.getsockname()[1]}", took


def test_a_brake_works_under_tls(silent_tls: tuple[str, threading.Event]) -> None:
    (url, took), stop = silent_tls, Stop()
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read, url, stop, trusted=True)
        assert took.wait(LIMIT_S)
        stop.pull()
        with pytest.raises(Stopped):
            reading.result(1.0)


def test_other_requests_go_on_when_one_is_cut(hosted: OpenAIServer) -> None:
    hosted.behaviour = scripted.in_turn(scripted.stalled, scripted.brief)
    first, second = Stop(), Stop()
    with ThreadPoolExecutor(1) as pool, client(hosted.url, token=KEY) as http:

        def ask(stop: Stop) -> list[str]:
            with streaming(http, "/v1/chat/completions", BODY, stop) as response:
                return list(lines(response, stop))

        cut = pool.submit(ask, first)
        assert hosted.came.wait(LIMIT_S)
        with streaming(http, "/v1/chat/completions", BODY, second) as response:
            coming = lines(response, second)
            next(coming)
            first.pull()
            assert list(coming)[-1] == "data: [DONE]"
        with pytest.raises(Stopped):
            cut.result(1.0)


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with pytest.raises(EngineMissing, match=f"{url}: nobody answers"):
        read(url, Stop())


@pytest.mark.parametrize("behaviour", [scripted.hanging_up, scripted.crashing])
def test_a_connection_that_breaks(hosted: OpenAIServer, behaviour: scripted.Behaviour) -> None:
    hosted.behaviour = behaviour
    with pytest.raises(EngineFailed, match="the connection broke"):
        read(hosted.url, Stop())


def test_lines_do_not_depend_on_how_they_arrive(hosted: OpenAIServer) -> None:
    hosted.behaviour = scripted.byte_by_byte
    assert "Dürr pumpt 5 m³ – 泵" in read(hosted.url, Stop())[0]


def test_the_last_line_needs_no_end(hosted: OpenAIServer) -> None:
    hosted.behaviour = scripted.sending(b"one\r\n\n  \ntwo \xff")
    assert read(hosted.url, Stop()) == ["one", "two \ufffd"]


def test_a_line_without_an_end_is_no_answer(hosted: OpenAIServer) -> None:
    hosted.behaviour = scripted.huge_line
    with pytest.raises(EngineFailed, match="a line of more than 1048576 bytes"):
        read(hosted.url, Stop())


def test_a_short_answer_that_does_not_end(hosted: OpenAIServer) -> None:
    hosted.behaviour = scripted.sending(b"x\n" * (1 << 20) + b"x")
    with client(hosted.url, token=KEY) as http, pytest.raises(EngineFailed, match="more than 1048576 characters"):
        ask(http, "POST", "/v1/chat/completions", BODY)


def test_addresses_are_named_without_the_password_in_them() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(EngineMissing) as raised:
        read(f"http://me:secret@127.0.0.1:{port}", Stop())
    assert "secret" not in raised.value.message


@pytest.mark.parametrize("text", ["", "{", "[]", "5", "null", '"x"', "[" * 100_000])
def test_what_is_no_object_is_no_answer(text: str) -> None:
    with pytest.raises(EngineFailed):
        parsed(text)


@pytest.mark.parametrize(
    ("complaint", "shown"),
    [
        ('{"error": "model not found"}', "model not found"),
        ('{"error": {"code": 400, "message": "too long"}}', "too long"),
        ({"message": "no"}, "no"),
        ("plain\n  text", "plain text"),
        ("\x1b[31mred\x07\u202e", "[31mred"),
        ('{"error": {"code": 1}}', "{'code': 1}"),
        ("x" * 500, "x" * 200),
    ],
)
def test_complaints_are_shown_short_and_harmless(complaint: object, shown: str) -> None:
    assert words(complaint) == shown


def test_pieces_can_be_written_anywhere() -> None:
    assert clean("a\ud83db\U0001f600") == "a\ufffdb\U0001f600"
    assert clean(None) == clean(5) == ""


def test_loopback_knows_no_proxy(hosted: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    hosted.behaviour = scripted.brief
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    assert os.environ["http_proxy"]
    assert read(hosted.url, Stop())
    with pytest.raises(EngineMissing):
        read("http://engine.invalid", Stop(), trusted=True)  # the proxy is asked, and nobody answers there
