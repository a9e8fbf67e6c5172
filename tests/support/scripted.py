"""A server that plays an engine on loopback, and the ways in which engines behave and misbehave.

Set `behaviour` before a question; `requests` holds every request that came; `gone` is set when a client hangs up
before its answer was whole. `ollama_server` and `openai_server` say the same things in the words of two protocols.
"""

import json
import select
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count, cycle, islice
from typing import Any, Self

Json = dict[str, Any]
ANSWER = ("The", " pump", " of", " hall", " 3", " moves", " 111", " litres", " a", " minute", ".")
WORDS = "".join(ANSWER)
PAUSE_S = 0.002  # between two words, so that a brake finds the answer under way
TICK_S = 0.01
HUGE = 2 << 20


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request as it came; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: Json


class Reply:
    """One answer under way. Each protocol says in its own words what a behaviour says."""

    kind = "text/plain"

    def __init__(self, server: "Server", http: BaseHTTPRequestHandler, request: Request) -> None:
        self.server, self.request, self._http = server, request, http
        self.words = 0  # sent so far

    # --- in the words of the protocol
    @property
    def most(self) -> int:
        """Tokens that the answer may have."""
        raise NotImplementedError

    def word(self, text: str) -> bytes:
        raise NotImplementedError

    def thought(self, text: str) -> bytes:
        raise NotImplementedError

    def finish(self, why: str) -> bytes:
        """What ends an answer: `stop` or `length`."""
        raise NotImplementedError

    def failure(self, text: str) -> bytes:
        """An error after the first word."""
        raise NotImplementedError

    def refusal(self, text: str) -> bytes:
        """The body of an answer that is none."""
        raise NotImplementedError

    # --- on the wire
    @property
    def prompt(self) -> int:
        """Tokens of the prompt, as this engine counts."""
        return 8 + sum(len(message["content"].encode()) for message in self.request.body["messages"]) // 4

    def begin(self, status: int = 200, kind: str = "", headers: dict[str, str] | None = None) -> Self:
        self._http.send_response(status)
        for name, value in {
            "Content-Type": kind or self.kind,
            "Transfer-Encoding": "chunked",
            **(headers or {}),
        }.items():
            self._http.send_header(name, value)
        self._http.end_headers()
        return self

    def send(self, data: bytes) -> None:
        """Send bytes as one piece of the transfer; notice who has hung up."""
        if self.hung_up():
            raise ConnectionResetError
        self._http.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def say(self, text: str) -> None:
        self.words += 1
        self.send(self.word(text))
        self.server.closed.wait(PAUSE_S)

    def end(self) -> None:
        self._http.wfile.write(b"0\r\n\r\n")

    def drop(self) -> None:
        """Break the connection off, as a process does that is killed."""
        self._http.close_connection = True
        self._http.connection.shutdown(socket.SHUT_RDWR)

    def replay(self, status: int, headers: dict[str, str], lines: list[str], *, broken: bool = False) -> None:
        """Send what was recorded: with its headers, whole or in chunks as they say; broken off at the end if it was."""
        self._http.send_response(status)
        for name, value in headers.items():
            self._http.send_header(name, value)
        self._http.end_headers()
        if "Content-Length" in headers:
            self._http.wfile.write("\n".join(lines).encode())
            return
        for line in lines:
            self.send(line.encode() + b"\n")
        self.drop() if broken else self.end()

    def hung_up(self) -> bool:
        """Whether the client has closed its side."""
        readable, _, _ = select.select([self._http.connection], [], [], 0)
        return bool(readable) and not self._http.connection.recv(1, socket.MSG_PEEK)

    def stall(self) -> None:
        """Say nothing until the client hangs up or the server is closed."""
        while not self.hung_up():
            if self.server.closed.wait(TICK_S):
                return
        raise ConnectionResetError


Behaviour = Callable[[Reply], None]


class Server:
    """An engine on loopback; a protocol says which class its replies have and what else it answers."""

    reply: type[Reply]

    def __init__(self, port: int = 0) -> None:
        self.behaviour: Behaviour = well
        self.requests: list[Request] = []
        self.came = threading.Event()  # a question came
        self.gone = threading.Event()
        self.closed = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._http.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    def asked_at(self, path: str) -> list[Json]:
        """The bodies of the requests to this path."""
        return [request.body for request in self.requests if request.path == path]

    def answer(self, http: BaseHTTPRequestHandler, request: Request) -> None:
        """Answer a question by the behaviour; other requests as the protocol's server says."""
        self.came.set()
        self.behaviour(self.reply(self, http, request))

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, args=(TICK_S,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.closed.set()
        self._http.shutdown()
        self._http.server_close()


def respond(http: BaseHTTPRequestHandler, status: int, body: Json | str) -> None:
    """A short answer, whole."""
    data = (body if isinstance(body, str) else json.dumps(body)).encode()
    http.send_response(status)
    http.send_header("Content-Type", "application/json")
    http.send_header("Content-Length", str(len(data)))
    http.end_headers()
    http.wfile.write(data)


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class EngineHandler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle(self) -> None:
            with suppress(ConnectionResetError):  # a client that has its answer may go while the next is waited for
                super().handle()

        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(method=self.command, path=self.path, headers=headers, body=body)
            server.requests.append(request)
            try:
                server.answer(self, request)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True
                server.gone.set()

        do_GET = do_POST = do_DELETE = handle_any

        def log_message(self, format: str, *args: object) -> None:
            pass

    return EngineHandler


# --- behaviours ------------------------------------------------------------------------------------------------------
def well(reply: Reply) -> None:
    """Speak up to the limit."""
    reply.begin()
    for word in islice(cycle(ANSWER), reply.most):
        reply.say(word)
    reply.send(reply.finish("length"))
    reply.end()


def brief(reply: Reply) -> None:
    """Say one sentence and stop."""
    reply.begin()
    for word in ANSWER:
        reply.say(word)
    reply.send(reply.finish("stop"))
    reply.end()


def stalled(reply: Reply) -> None:
    """Take the question and never answer."""
    reply.stall()


def muted(reply: Reply) -> None:
    """Say one word, and then nothing more."""
    reply.begin().say("The")
    reply.stall()


def falling_silent(reply: Reply) -> None:
    """Say some words, and then nothing more."""
    reply.begin()
    for word in ANSWER[:4]:
        reply.say(word)
    reply.stall()


def slow(pause_s: float) -> Behaviour:
    """Speak, with a pause before each word."""

    def behave(reply: Reply) -> None:
        reply.begin()
        for word in ANSWER[: reply.most]:
            if reply.server.closed.wait(pause_s):
                return
            reply.say(word)
        reply.send(reply.finish("stop"))
        reply.end()

    return behave


def after(event: threading.Event, behaviour: Behaviour) -> Behaviour:
    """Behave so once this has come; say nothing before."""

    def behave(reply: Reply) -> None:
        while not event.wait(TICK_S):
            if reply.server.closed.is_set():
                return
        behaviour(reply)

    return behave


def to_question(question: str, behaviour: Behaviour) -> Behaviour:
    """Behave so when asked this; be brief before, as when the engine is measured."""

    def behave(reply: Reply) -> None:
        asked = any(question in message["content"] for message in reply.request.body["messages"])
        (behaviour if asked else brief)(reply)

    return behave


def babbling(reply: Reply) -> None:
    """Ignore the limit and never stop."""
    reply.begin()
    for number in count():
        if reply.server.closed.is_set():
            return
        reply.say(f" word{number}")


def endless(reply: Reply) -> None:
    """Say something new for ever."""
    reply.begin()
    number = 0
    while not reply.server.closed.wait(0.05):
        number += 1
        reply.say(f" word{number}")


def repeating(reply: Reply) -> None:
    """Say the same sentence over and over, up to the limit."""
    reply.begin()
    for word in islice(cycle((" It", " is", " so", ".")), reply.most):
        reply.say(word)
    reply.send(reply.finish("length"))
    reply.end()


def pondering(reply: Reply) -> None:
    """Think for ever, limit or not."""
    reply.begin()
    while not reply.server.closed.wait(PAUSE_S):
        reply.send(reply.thought("Hmm. "))


def thinking(reply: Reply) -> None:
    """Think first, aside from the answer."""
    reply.begin()
    reply.send(reply.thought("The user wants a pump."))
    for word in ANSWER:
        reply.say(word)
    reply.send(reply.finish("stop"))
    reply.end()


def crashing(reply: Reply) -> None:
    """Die after two words."""
    reply.begin()
    for word in ANSWER[:2]:
        reply.say(word)
    reply.drop()


def hanging_up(reply: Reply) -> None:
    """Die before the first word."""
    reply.drop()


def unfinished(reply: Reply) -> None:
    """End the transfer in good order, but not the answer."""
    reply.begin()
    for word in ANSWER[:2]:
        reply.say(word)
    reply.end()


def half_line(reply: Reply) -> None:
    """End within a line."""
    reply.begin().say("The")
    reply.send(reply.finish("stop")[:-20])
    reply.end()


def wordless(reply: Reply) -> None:
    """Finish without a word."""
    reply.begin().send(reply.finish("stop"))
    reply.end()


def spaces(reply: Reply) -> None:
    """Say only spaces."""
    reply.begin()
    for _ in range(3):
        reply.say(" \n")
    reply.send(reply.finish("stop"))
    reply.end()


def invalid_utf8(reply: Reply) -> None:
    """Send bytes that are no text, in a line that is one otherwise."""
    reply.begin()
    reply.send(reply.word(f"@ {WORDS}").replace(b"@", b"\xff\xfe"))
    reply.send(reply.finish("stop"))
    reply.end()


def half_character(reply: Reply) -> None:
    """Escape half of a surrogate pair."""
    reply.begin()
    reply.send(reply.word(f"@ {WORDS}").replace(b"@", rb"\ud83d"))
    reply.send(reply.finish("stop"))
    reply.end()


def byte_by_byte(reply: Reply) -> None:
    """Cut the transfer within lines and within characters."""
    reply.begin()
    whole = reply.word(f"{WORDS} Dürr pumpt 5 m³ – 泵") + reply.finish("stop")
    for at in range(len(whole)):
        reply.send(whole[at : at + 1])
    reply.end()


def failing(text: str) -> Behaviour:
    """Say two words, then report an error, though the status was 200."""

    def behave(reply: Reply) -> None:
        reply.begin()
        for word in ANSWER[:2]:
            reply.say(word)
        reply.send(reply.failure(text))
        reply.end()

    return behave


def refusing(status: int, text: str, **headers: str) -> Behaviour:
    """Answer with an error; header names with `_` for `-`."""

    def behave(reply: Reply) -> None:
        reply.begin(status, "application/json", {name.replace("_", "-"): value for name, value in headers.items()})
        reply.send(reply.refusal(text))
        reply.end()

    return behave


def huge_line(reply: Reply) -> None:
    """Send a line that does not end."""
    reply.begin()
    for _ in range(HUGE >> 16):
        reply.send(b"x" * (1 << 16))
    reply.end()


def sending(data: bytes) -> Behaviour:
    """Send just this."""

    def behave(reply: Reply) -> None:
        reply.begin().send(data)
        reply.end()

    return behave


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """Behave differently each time; the last one stays."""
    queue = list(behaviours)

    def behave(reply: Reply) -> None:
        (queue.pop(0) if len(queue) > 1 else queue[0])(reply)

    return behave


def telling(text: str) -> Behaviour:
    """Say this, word by word."""

    def behave(reply: Reply) -> None:
        reply.begin()
        words = text.split(" ")[: reply.most]
        for number, word in enumerate(words):
            reply.say(f" {word}" if number else word)
        reply.send(reply.finish("stop"))
        reply.end()

    return behave
