"""`recto ask` asks a server of the same library, if one runs: the same output, and nothing worse when it is none."""

import json
import re
import shutil
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner, Result

from recto import Library, near, wire
from recto.cli import recto
from recto.cli.events_from_json import ask_event
from recto.errors import EngineSlow
from recto.events import AskEvent, Cited, Expect, FellBack, Progress, Quoted, Stage, Token, Unsupported
from recto.near import NearServer, announced
from support.live import PATIENCE, Live, live

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="files have no owners there")

QUESTIONS = (
    ["How many litres does the pump of hall 3 move a minute?"],
    ["--brief", "When is the pump of hall 3 cleaned?"],
    ["--json", "Who won the football world cup in 1998?"],
    ["--events", "every mention of the pump"],
    ["--each", "How much coal does the boiler burn a day?"],
    ["--doc", "none.pdf", "What is this about?"],
    ["--require-model", "How much coal does the boiler burn a day?"],
)
Ask = Callable[[Sequence[str]], Result]


@pytest.fixture(scope="module")
def home(pumps: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("near") / "library"
    shutil.copytree(pumps, copy)
    return copy


@pytest.fixture
def ask(home: Path) -> Ask:
    return lambda arguments: CliRunner().invoke(recto, ["ask", "--home", str(home), *arguments])


def plain(result: Result) -> tuple[int, str, str]:
    """Exit code and output, without what the clock says, and the number that the history gives."""
    varying = re.compile(r'\d+\.\d+ s|"seconds": \{[^}]*\}|"turn": \d+')
    return result.exit_code, varying.sub("", result.stdout), varying.sub("", result.stderr)


@pytest.mark.parametrize("token", ["", "secret"])
def test_a_server_answers_the_same(home: Path, ask: Ask, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECTO_PATIENCE", PATIENCE)  # as the server's: with another one it would be another answer
    alone = [plain(ask(question)) for question in QUESTIONS]
    with live(home, "--model", "quote", *(["--token", token] if token else [])) as server:
        server.http.headers.update({"Authorization": f"Bearer {token}"} if token else {})
        assert near.find(home) is not None
        assert [plain(ask(question)) for question in QUESTIONS] == alone
        assert count(server) == len(QUESTIONS) - 1  # of none.pdf it was asked, and refused it
    assert near.find(home) is None
    assert [plain(ask(question)) for question in QUESTIONS[:1]] == alone[:1]
    assert not (home / near.NAME).exists()


def count(server: Live) -> float:
    """How many answers the server has given."""
    text = server.http.get("/metrics").text
    return sum(float(number) for number in re.findall(r"^recto_answers_total\S* (\S+)$", text, re.MULTILINE))


def test_another_model_is_asked_here(home: Path, ask: Ask) -> None:
    with live(home, "--model", "quote", RECTO_PATIENCE="17") as server:
        assert ask(QUESTIONS[0]).exit_code == 0
        assert count(server) == 0


def test_who_is_asked_by_everybody_is_not_asked_from_here(home: Path) -> None:
    with live(home, "--public", "--model", "quote"):
        assert not (home / near.NAME).exists()


class Handler(BaseHTTPRequestHandler):
    """Proves to be the server, or does not, and answers until it breaks off."""

    protocol_version = "HTTP/1.1"
    secret, writing, frames, paths = "", "", b"", [""]

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        self.paths.append(address.path)
        server = NearServer(host="", port=0, pid=0, secret=self.secret)
        words = parse_qs(address.query).get("words", [""])[0]
        state = {"recipient": "", "documents": 1, "unencoded": 0, "writing": server.proof(self.writing)}
        self.reply(json.dumps({"proof": server.proof(words)} if words else state).encode())

    def do_POST(self) -> None:
        self.paths.append(self.path)
        self.rfile.read(int(self.headers["Content-Length"]))
        self.reply(self.frames)
        self.close_connection = True

    def reply(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body) + (self.command == "POST")))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@contextmanager
def standing(home: Path, frames: bytes, *, secret: str = "") -> Iterator[list[str]]:
    """A server that sends these frames and then is gone; the paths that it was asked for."""
    from dataclasses import astuple

    from recto.cli.ask import writing_settings

    writing = writing_settings(home, model=None, allow_remote=False, patience_s=None, once=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    own = NearServer.new("127.0.0.1", server.server_port)
    assert own is not None
    Handler.secret, Handler.writing, Handler.frames = secret or own.secret, repr(astuple(writing)), frames
    Handler.paths = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with announced(home, own):
            yield Handler.paths
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def frame(name: str, value: object) -> bytes:
    return f"event: {name}\ndata: {json.dumps(value)}\n\n".encode()


FOUND = frame("found", {"hits": [], "searched_for": "x"})
QUOTED = frame("quoted", {"citations": [], "kind": "quoted", "survey": None})


def test_if_the_server_dies_before_it_says_anything_the_question_is_asked_here(home: Path, ask: Ask) -> None:
    expected = plain(ask(QUESTIONS[0]))
    with standing(home, frame("begun", {"ask": "k"})) as paths:
        assert plain(ask(QUESTIONS[0])) == expected
        assert "/api/ask" in paths
    with standing(home, frame("failed", {"kind": "damaged_library", "message": "m", "hint": "h"})):
        assert plain(ask(QUESTIONS[0])) == expected
    with standing(home, FOUND + QUOTED):
        assert plain(ask(["--json", *QUESTIONS[0]])) == plain(ask(["--json", "--model", "quote", *QUESTIONS[0]]))


@pytest.mark.parametrize("form", [[], ["--events"]])
def test_if_the_server_dies_in_the_middle_that_is_an_error(home: Path, ask: Ask, form: list[str]) -> None:
    with standing(home, FOUND + QUOTED):
        result = ask([*form, *QUESTIONS[0]])
    assert result.exit_code == 1
    assert "the recto server that was answering has ended" in result.stderr


def test_who_cannot_prove_to_be_the_server_is_told_nothing(home: Path, ask: Ask) -> None:
    with standing(home, FOUND, secret="another") as paths:
        assert ask(QUESTIONS[0]).exit_code == 0
        assert paths == ["/.well-known/recto-library"]


def test_files_that_others_may_have_written_or_read_are_not_believed(home: Path, tmp_path: Path) -> None:
    server = NearServer.new("127.0.0.1", 1)
    assert NearServer.new("192.0.2.1", 1) is None
    with announced(tmp_path, server):
        assert near.find(tmp_path) == server
        path = tmp_path / near.NAME
        path.chmod(0o644)
        assert near.find(tmp_path) is None
        path.chmod(0o600)
        value = json.loads(path.read_text())
        for change in ({"host": "192.0.2.1"}, {"pid": 2**22 + 1}, {"pid": "1"}, {"more": 1}):
            path.write_text(json.dumps({**value, **change}))
            assert near.find(tmp_path) is None
        path.write_text("{")
        assert near.find(tmp_path) is None
    assert path.exists()  # another server's, as far as this one can tell
    with announced(tmp_path / "gone", server):  # a folder that cannot be written
        assert near.find(tmp_path / "gone") is None


def test_events_come_through_json_as_they_were(home: Path) -> None:
    with Library(home) as library:
        asked = [
            event
            for question in ("every mention of the pump", "How much coal does the boiler burn a day?", "xyzzy")
            for event in library.ask(question)
        ]
    place = next(event.citations[0] for event in asked if isinstance(event, Quoted) and event.citations)
    written: list[AskEvent] = [
        Progress(stage=Stage.PREFILL, name="m", done=1, total=2, eta_s=None),
        Expect("m", 1.0, 2.0),
        Token("It is."),
        Cited(place),
        Unsupported(3, "It is."),
        FellBack("slow", "quote", EngineSlow),
        FellBack("stopped", "quote"),
    ]
    for event in [*asked, *written]:
        value = wire.event(event)
        name = value["event"]
        assert (read := ask_event(name, value)) is not None
        assert wire.event(read) == value
    assert ask_event("begun", {"ask": "k"}) is None
    assert isinstance(ask_event("queued", {"ahead": 2, "eta_s": None}), Progress)
