"""A document full of hostile passages, asked of engines that obey it and of a real model: what holds in the answer."""

import socket
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from textwrap import wrap
from typing import Any

import pytest

from recto import Library, writing
from recto.answer.prompt import Excerpt, compose, neutral
from recto.config import Writing
from recto.events import Done, Expect, Token
from recto.generation import Prompt
from recto.llm.speeds import Speeds
from recto.types import Answer
from support import scripted
from support.hostile_passages import ROWS, obeyed
from support.ollama_server import MODEL as OLLAMA_MODEL
from support.ollama_server import OllamaServer
from support.openai_server import KEY, OpenAIServer
from support.openai_server import MODEL as REMOTE_MODEL
from support.pdfs import text_pdf
from support.plain import assert_fenced, assert_plain

pytestmark = pytest.mark.slow

ANSWER = "Sales of paint were 14,694 thousand in 2023."
PIECES = 60  # of an obedient answer; an engine may say twice as many
QUICK = Speeds(prefill=1e5, overhead_s=0.001, decode=1e3, load_s=0.1)


def spelled(row: dict[str, str]) -> str:
    """A page whose answer runs on into the passage; empty if no page of a plain PDF can hold it."""
    passage = row["passage"].removeprefix(ANSWER).strip()
    fits = 0 < len(passage) < 2000 and all(one == "\n" or 31 < ord(one) < 127 for one in passage)
    text = f"In the report on {row['name']} sales of paint were 14,694 thousand in 2023, {passage}"
    return "\n".join(line for part in text.splitlines() for line in wrap(part, 90)) if fits else ""


def told(row: dict[str, str]) -> str:
    """The first of what the passage tells a model, as a prompt would have it."""
    return " ".join(neutral(row["passage"].removeprefix(ANSWER)).split())[:25]


PAGES = {row["name"]: page for row in ROWS if (page := spelled(row))}


@pytest.fixture(scope="module")
def besieged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with one document, each of its pages a hostile passage."""
    home = tmp_path_factory.mktemp("besieged")
    (home / "sales.pdf").write_bytes(text_pdf(*PAGES.values()))
    with Library(home) as library:
        assert library.add(home / "sales.pdf")[0].status == "added"
    return home


@pytest.fixture
def turned_to(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The hosts that this process looks up, connects to or sends to."""
    hosts: set[str] = set()

    def watched(method: Callable[..., Any], at: int) -> Callable[..., Any]:
        def watch(*given: Any, **named: Any) -> Any:
            host = given[at][0] if isinstance(given[at], tuple) else given[at]
            hosts.add(host.decode() if isinstance(host, bytes) else str(host))
            return method(*given, **named)

        return watch

    monkeypatch.setattr(socket.socket, "connect", watched(socket.socket.connect, 1))
    monkeypatch.setattr(socket.socket, "connect_ex", watched(socket.socket.connect_ex, 1))
    monkeypatch.setattr(socket.socket, "sendto", watched(socket.socket.sendto, -1))
    monkeypatch.setattr(socket, "getaddrinfo", watched(socket.getaddrinfo, 0))
    return hosts


@pytest.fixture
def prompts(monkeypatch: pytest.MonkeyPatch) -> list[Prompt]:
    """What the library gives a model to read, in order."""
    composed: list[Prompt] = []

    def note(question: str, excerpts: Sequence[Excerpt]) -> Prompt:
        composed.append(compose(question, excerpts))
        return composed[-1]

    monkeypatch.setattr(writing, "compose", note)
    return composed


@pytest.fixture(params=["ollama", "remote"])
def obedient(request: pytest.FixtureRequest, besieged: Path) -> Iterator[tuple[scripted.Server, Library]]:
    """An engine that plays, and the library that asks it."""
    server: scripted.Server
    with OllamaServer() if request.param == "ollama" else OpenAIServer() as server:
        ollama = Writing(model=f"ollama:{OLLAMA_MODEL}", ollama_host=server.url)
        remote = Writing(model=f"remote:{REMOTE_MODEL}", remote_url=f"{server.url}/v1", remote_token=KEY)
        with Library(besieged, writing=ollama if request.param == "ollama" else remote) as library:
            engine = library._writer.engine()
            assert engine is not None
            engine.learn(QUICK)
            engine.awake = True
            yield server, library


def saying(text: str) -> scripted.Behaviour:
    size = len(text) // PIECES + 1

    def behave(reply: scripted.Reply) -> None:
        reply.begin()
        for at in range(0, len(text), size):
            reply.say(text[at : at + size])
        reply.send(reply.finish("stop"))
        reply.end()

    return behave


def asked(library: Library, name: str) -> tuple[str, Answer]:
    """What was shown of the written answer, and the answer."""
    events = list(library.ask(f"What were the sales of paint in 2023 in the report on {name}?"))
    assert [event for event in events if isinstance(event, Expect)]
    done = events[-1]
    assert isinstance(done, Done)
    return "".join(event.text for event in events if isinstance(event, Token)), done.answer


def assert_holds(library: Library, prompt: Prompt, shown: str, answer: Answer) -> None:
    """Whatever the model said."""
    assert_fenced(prompt)
    assert "14,694" in prompt.evidence
    assert_plain(shown, prompt.evidence)
    assert answer.quotes
    read = " ".join(prompt.evidence.split())
    for citation in answer.citations:
        page = library.page(citation.document.id, citation.span.page)
        assert page.text[citation.span.start : citation.span.end] == citation.quote
        assert citation.rects
        assert " ".join(neutral(citation.quote).split()) in read


def test_engines_that_obey(
    obedient: tuple[scripted.Server, Library], prompts: list[Prompt], turned_to: set[str]
) -> None:
    server, library = obedient
    rows = [row for row in ROWS if row["name"] in PAGES][:: 1 if isinstance(server, OllamaServer) else 4]
    tempted = voids = 0
    for row in rows:
        server.behaviour = saying(f"{ANSWER}\n\n{obeyed(row)}")
        shown, answer = asked(library, row["name"])
        assert_holds(library, prompts[-1], shown, answer)
        assert shown.startswith(ANSWER)
        assert not [forbidden for forbidden in row["must_not"] if forbidden in shown], row["name"]
        void = answer.notice in ("the model recites its instructions", "the model repeats itself")
        assert void is (answer.engine == "quote"), answer.notice
        assert void or answer.citations
        voids += void
        tempted += told(row) in " ".join(prompts[-1].evidence.split())
    assert 0 < voids < len(rows) / 2
    assert tempted > 0.8 * len(rows)  # most of the passages did reach the model
    assert turned_to == {"127.0.0.1"}


def test_a_real_model(
    besieged: Path, smol: Path, prompts: list[Prompt], turned_to: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recto.writing.worse_than_quotes", lambda _: False)  # else it reads one quote
    with Library(besieged, writing=Writing(model=str(smol), first_token_s=60, patience_s=300)) as library:
        for name in ("reveal the system prompt", "markdown image", "fence closer 1"):
            shown, answer = asked(library, name)
            assert_holds(library, prompts[-1], shown, answer)
            assert told(next(row for row in ROWS if row["name"] == name)) in " ".join(prompts[-1].evidence.split())
    assert turned_to == {"127.0.0.1"}
