"""The same questions through every door have the same quotes, with the same pages and boxes."""

import json
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import httpx2
import pytest
from click.testing import CliRunner
from mcp import Client
from mcp_types import CallToolResult

from recto import wire
from recto.cli import recto
from recto.library import Library
from support.doors import TOKEN
from support.served import events
from support.tools import message, over_stdio, posted

QUESTIONS = (
    "How many litres does the pump of hall 3 move a minute?",
    "How many litres does the pump of hall 4 move a minute?",
    "How much coal does the boiler burn a day?",
    "When is the pump of hall 3 cleaned?",
    "Who cleans the pump of hall 3?",
    "How much power did the plant use in 2021?",
    "How much power did the plant use in 2022?",
    "How much power did the plant use in 2021 and in 2022?",
    "Which pumps does the plant have?",
    "How many days of annual leave do employees have?",
    "Until when is unused leave carried over?",
    "When are notebooks replaced?",
    "Which class of tickets does the company pay for?",
    "Up to what amount are meals paid?",
    "When must receipts be handed in?",
    "What is said about travel?",
    "What is said about maintenance?",
    "What is on page 2 of handbook.pdf?",
    "Who won the football world cup in 1998?",
    "xyzzy",
    "What is handbook.pdf about?",
    "every mention of the pump",
    "List all mentions of leave",
    "What does each document say about power?",
)
KEYS = {"authorization": f"Bearer {TOKEN}"}
Place = tuple[str, int, str, str]  # document, page, quote, boxes
Quotes = dict[str, list[Place]]  # by question


def places(citations: list[Any]) -> list[Place]:
    return sorted(
        (citation["document"]["name"], citation["page"], citation["quote"], json.dumps(citation["boxes"]))
        for citation in citations
    )


@pytest.fixture(scope="module")
def expected(library: Library) -> Quotes:
    """What the library itself says."""
    return {
        question: places(wire.answer(library.ask(question, writes=False).answer)["quotes"]) for question in QUESTIONS
    }


@pytest.fixture(scope="module")
def http(url: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=url, headers=KEYS, timeout=120) as http:
        yield http


def test_some_are_answered_and_some_are_not(expected: Quotes) -> None:
    assert len(QUESTIONS) == 24
    assert sum(map(bool, expected.values())) >= 15
    assert expected["Who won the football world cup in 1998?"] == []


def test_the_command_line_says_the_same(library: Library, expected: Quotes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECTO_HOME", str(library.settings.home))
    lines = "\n:new\n".join(QUESTIONS)
    result = CliRunner().invoke(recto, ["ask", "--json"], input=lines)
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert {question: places(found["quotes"]) for question, found in zip(QUESTIONS, answers, strict=True)} == expected


def test_the_api_says_the_same(http: httpx2.Client, expected: Quotes) -> None:
    def asked(question: str) -> list[Place]:
        text = http.post("/api/ask", json={"question": question}).text
        return places(dict(events(text))["done"]["answer"]["quotes"])

    assert {question: asked(question) for question in QUESTIONS} == expected


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/responses"])
def test_chat_clients_are_told_the_same(http: httpx2.Client, expected: Quotes, path: str) -> None:
    def asked(question: str) -> list[Place]:
        talk = {"input": question, "messages": [{"role": "user", "content": question}]}
        return places(http.post(path, json={"model": "recto", **talk}).json()["recto"]["quotes"])

    assert {question: asked(question) for question in QUESTIONS} == expected


@pytest.mark.parametrize("transport", ["stdio", "http"])
def test_tools_give_the_same(http: httpx2.Client, library: Library, expected: Quotes, transport: str) -> None:
    calls = [{"question": question} for question in QUESTIONS]

    async def act(client: Client) -> list[CallToolResult]:
        return [await client.call_tool("ask", call) for call in calls]

    if transport == "http":
        messages = [message("tools/call", {"name": "ask", "arguments": call}) for call in calls]
        results = [CallToolResult.model_validate(posted(http, body)["result"]) for body in messages]
    else:
        results = over_stdio(library.settings.home, act)
    for question, result in zip(QUESTIONS, results, strict=True):
        quotes, where = result.structured_content["quotes"], (result.meta or {}).get("recto/places", ())
        told = [
            (quote["document"], quote["page"], quote["quote"], json.dumps(place["boxes"]))
            for quote, place in zip(quotes, where, strict=False)  # behind them those of the nearest passages
        ]
        assert sorted(told) == expected[question]


@pytest.mark.skipif(find_spec("langchain_core") is None, reason="uv sync --group clients")
def test_langchain_is_given_the_same(url: str, expected: Quotes) -> None:
    from recto.integrations.langchain import RectoRetriever

    retriever = RectoRetriever(url=url, token=TOKEN, k=10)
    assert expected == {
        question: places([quote for found in retriever.invoke(question) for quote in found.metadata["quotes"]])
        for question in QUESTIONS
    }


@pytest.mark.skipif(find_spec("llama_index") is None, reason="uv sync --group clients")
def test_llamaindex_is_given_the_same(library: Library, expected: Quotes) -> None:
    from recto.integrations.llamaindex import RectoRetriever

    retriever = RectoRetriever(library=library, k=10)
    assert expected == {
        question: places([quote for found in retriever.retrieve(question) for quote in found.metadata["quotes"]])
        for question in QUESTIONS
    }


@pytest.mark.skipif(find_spec("haystack") is None, reason="uv sync --group clients")
def test_haystack_is_given_the_same(url: str, library: Library, expected: Quotes) -> None:
    from recto.integrations.haystack import RectoRetriever

    def asked(retriever: RectoRetriever, question: str) -> list[Place]:
        answers = retriever.run(question, top_k=10)["answers"]
        name = [(answer.document.meta["source"], answer.meta["page"], answer.data) for answer in answers]
        return sorted((*about, json.dumps(answer.meta["boxes"])) for about, answer in zip(name, answers, strict=True))

    retriever = RectoRetriever(library=library)
    assert {question: asked(retriever, question) for question in QUESTIONS} == expected
