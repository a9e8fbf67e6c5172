"""The API of chat clients, asked by the official client against a server that listens."""

import asyncio
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from recto.config import Writing
from recto.llm import ollama
from recto.server.guard import LONGEST_BODY
from recto.server.openai.chores import chore
from recto.text.markdown import plain
from support.live import connect, listening, post, soon
from support.ollama_server import MODEL, OllamaServer
from support.scripted import WORDS, brief, stalled
from support.served import application, private

openai: Any = pytest.importorskip("openai", reason="uv sync --group clients")

QUESTION = "How much does the pump of hall 3 move?"
QUOTE = "The pump of hall 3 moves 111 litres a minute."
TITLE = """### Task:
Generate a concise title.
### Output:
JSON format: { "title": "your concise title here" }
### Chat History:
<chat_history>
USER: How much does the pump of hall 3 move?
ASSISTANT: "tags": nothing
</chat_history>"""
CHORES = [
    (TITLE, {"title": "How much does the pump of hall 3 ..."}),
    (TITLE.replace('"title": "your concise title here"', '"tags": ["one"]'), {"tags": []}),
    (TITLE.replace('"title": "your concise title here"', '"follow_ups": ["one"]'), {"follow_ups": []}),
    (TITLE.replace('"title": "your concise title here"', '"queries": ["one"]'), {"queries": [QUESTION]}),
    ("### Task: write one JSON object", {}),
]


@pytest.fixture(scope="module")
def writer() -> Iterator[OllamaServer]:
    with pytest.MonkeyPatch.context() as patch, OllamaServer() as server:
        patch.setattr(ollama, "LOOK_S", 60.0)
        yield server


@pytest.fixture(scope="module")
def url(pumps: Path, writer: OllamaServer) -> Iterator[str]:
    app = application(pumps, writing=Writing(model=f"ollama:{MODEL}", ollama_host=writer.url, patience_s=120.0))
    with listening(app) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def client(url: str, writer: OllamaServer) -> Iterator[Any]:
    writer.behaviour = brief
    with openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0, timeout=120) as client:
        yield client


def said(client: Any, question: str = QUESTION, model: str = "recto-quotes", **more: Any) -> Any:
    return client.chat.completions.create(model=model, messages=[{"role": "user", "content": question}], **more)


def quoted(content: str, citation: Any) -> str:
    """What a citation covers, without the marks of a quotation."""
    return content[citation.start_index : citation.end_index].replace("\n> ", "\n")


def test_there_are_two_models(client: Any) -> None:
    assert [model.id for model in client.models.list()] == ["recto", "recto-quotes"]
    assert client.models.retrieve("recto").owned_by == "recto"
    with pytest.raises(openai.NotFoundError, match="no model 'gpt'"):
        client.models.retrieve("gpt")


def test_quotes_come_with_their_places(client: Any, url: str) -> None:
    answer = said(client)
    message = answer.choices[0].message
    assert message.content.startswith(f"> {QUOTE}\n>\n> [pumps.pdf p. 1]({url}/pumps.pdf/1?id=")
    citation = message.annotations[0].url_citation
    assert quoted(message.content, citation) == QUOTE
    assert citation.title == f"pumps.pdf p. 1: {QUOTE}"
    assert f"]({citation.url})" in message.content
    outcome = answer.model_extra["recto"]
    assert (outcome["stage"], outcome["kind"]) == ("done", "quoted")
    assert outcome["quotes"][0]["url"] == citation.url
    assert outcome["quotes"][0]["quote"] == QUOTE
    assert outcome["quotes"][0]["boxes"]
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 20
    assert httpx2.get(citation.url).status_code == 200


def test_a_model_writes_under_the_quotes(client: Any, writer: OllamaServer) -> None:
    message = said(client, model="recto").choices[0].message
    quotes, _, written = message.content.rpartition("\n\n")
    assert quotes.startswith("> ")
    assert written.startswith(f"{WORDS} [pumps.pdf p. 1](")
    last = message.annotations[-1].url_citation
    assert quoted(message.content, last) == WORDS
    before = len(writer.requests)
    said(client)
    assert len(writer.requests) == before, "quotes alone ask no model"


@pytest.mark.parametrize("model", ["recto", "recto-quotes"])
def test_a_stream_says_what_the_whole_says(client: Any, model: str) -> None:
    whole = said(client, model=model)
    chunks = list(said(client, model=model, stream=True, stream_options={"include_usage": True}))
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert deltas[0].role == "assistant"
    message = whole.choices[0].message
    assert "".join(delta.content or "" for delta in deltas) == message.content
    annotations = [one for delta in deltas for one in (delta.model_extra or {}).get("annotations", [])]
    assert annotations == [annotation.model_dump() for annotation in message.annotations]
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].usage == whole.usage
    stages = [chunk.model_extra["recto"]["stage"] for chunk in chunks if "recto" in (chunk.model_extra or {})]
    assert stages[-1] == "done"
    assert "quoted" in stages
    assert ("expect" in stages) == (model == "recto")


def test_events_have_no_names_that_the_client_would_take_for_chunks(url: str) -> None:
    body = {"model": "recto-quotes", "stream": True, "messages": [{"role": "user", "content": QUESTION}]}
    text = httpx2.post(f"{url}/v1/chat/completions", json=body, timeout=120).text
    assert "event:" not in text
    assert text.endswith("data: [DONE]\n\n")


def test_responses_have_both_kinds_of_citations(client: Any, url: str) -> None:
    answer = client.responses.create(model="recto", input=QUESTION, metadata={"case": "7"})
    assert answer.status == "completed"
    assert answer.metadata == {"case": "7"}
    part = answer.output[0].content[0]
    assert answer.output_text == part.text
    place, file = part.annotations[:2]
    assert quoted(part.text, place) == QUOTE
    assert place.url.startswith(f"{url}/pumps.pdf/1?id=")
    assert (file.type, file.filename, file.index) == ("file_citation", "pumps.pdf", place.end_index)
    assert answer.model_extra["recto"]["quotes"][0]["boxes"]
    assert answer.usage.output_tokens > 20


def test_responses_stream(client: Any) -> None:
    whole = client.responses.create(model="recto", input=[{"role": "user", "content": QUESTION}])
    events = list(client.responses.create(model="recto", input=QUESTION, stream=True))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == whole.output_text
    added = [event.annotation for event in events if event.type == "response.output_text.annotation.added"]
    assert len(added) == len(whole.output[0].content[0].annotations)
    last = events[-1]
    assert last.type == "response.completed"
    assert last.response.output_text == whole.output_text


def test_the_asynchronous_client_gets_the_same(client: Any, url: str) -> None:
    async def content() -> str:
        async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0, timeout=120) as own:
            messages: Any = [{"role": "user", "content": QUESTION}]
            stream = await own.chat.completions.create(model="recto-quotes", messages=messages, stream=True)
            return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    assert asyncio.run(content()) == said(client).choices[0].message.content


def test_earlier_questions_are_the_history(client: Any, pumps: Path) -> None:
    first = said(client, "How much power did the plant use in 2021?").choices[0].message.content
    messages: Any = [
        {"role": "system", "content": "Answer like a pirate."},
        {"role": "user", "content": [{"type": "text", "text": "How much power did the plant use in 2021?"}]},
        {"role": "assistant", "content": first},
        {"role": "user", "content": "And in 2022?"},
        {"role": "assistant", "content": None, "tool_calls": []},
        {"role": "tool", "content": "17", "tool_call_id": "x"},
        {"role": "user", "content": "And in 2021?"},
    ]
    outcomes = []
    for length in (4, 7):
        answer = client.chat.completions.create(model="recto-quotes", messages=messages[:length])
        outcomes.append(answer.model_extra["recto"]["searched_for"])
    assert outcomes == ["How much power did the plant use in 2022?", "How much power did the plant use in 2021?"]


def test_what_is_not_read_is_accepted(client: Any) -> None:
    tool: Any = {"type": "function", "function": {"name": "get_time", "parameters": {"type": "object"}}}
    answer = said(client, tools=[tool] * 36, tool_choice="auto", temperature=2, n=1, extra_body={"chat_id": 7})
    assert answer.choices[0].message.content.startswith(f"> {QUOTE}")


@pytest.mark.parametrize(("text", "value"), CHORES)
def test_chores_are_answered_by_rule(text: str, value: object) -> None:
    assert json.loads(chore(text) or "") == value


@pytest.mark.parametrize("filler", ["<chat_history>", "\n", " ", "USER ", "USER:\n"])
def test_a_chore_of_the_longest_body_takes_no_time(filler: str) -> None:
    text = f"### Task: JSON <chat_history>{filler * (LONGEST_BODY // len(filler))}"
    assert json.loads(chore(text) or "") == json.loads(chore(f"{text}</chat_history>") or "") == {}


def test_what_begins_like_a_chore_and_wants_no_json_is_a_question() -> None:
    assert chore("### Task: find out how much the pump moves") is None


def test_one_question_of_a_chat_client_costs_one_search(client: Any, url: str, writer: OllamaServer) -> None:
    def searched() -> float:
        text = httpx2.get(f"{url}/metrics").text
        return float(re.findall(r'recto_answer_seconds_count\{stage="search"\} (\d+)', text)[0])

    before, asked = searched(), len(writer.requests)
    for text, value in CHORES:
        assert json.loads(said(client, text, model="recto").choices[0].message.content) == value
        chunks = said(client, text, model="recto", stream=True)
        assert json.loads("".join(chunk.choices[0].delta.content or "" for chunk in chunks)) == value
    assert (searched(), len(writer.requests)) == (before, asked)
    said(client)
    assert searched() == before + 1


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"model": "gpt-5"}, 404, "model_not_found"),
        ({"model": None}, 400, "bad_request"),
        ({"messages": []}, 400, "bad_request"),
        ({"messages": "hello"}, 400, "bad_request"),
        ({"messages": [{"role": "user", "content": 7}]}, 400, "bad_request"),
        ({"messages": [{"role": "user", "content": ""}]}, 400, "bad_question"),
        ({"messages": [{"role": "user", "content": None}]}, 400, "bad_question"),
        ({"messages": [{"role": "assistant", "content": "hello"}]}, 400, "no_question"),
        ({"messages": [{"role": "user", "content": "x" * 3000}]}, 400, "bad_question"),
        ({"messages": [{"role": "user", "content": "x" * (2 << 20)}]}, 413, "too_large"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]},
            400,
            "unsupported_content",
        ),
        ({"stream": "perhaps"}, 400, "bad_request"),
        ({"stream_options": 3}, 400, "bad_request"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_the_clients_own_words(
    client: Any, changes: dict[str, Any], status: int, code: str
) -> None:
    body = {"model": "recto", "messages": [{"role": "user", "content": QUESTION}], **changes}
    for stream in (False, True):
        with pytest.raises(openai.APIStatusError) as refused:
            client.post("/chat/completions", body={"stream": stream, **body}, cast_to=object)
        assert (refused.value.status_code, refused.value.code) == (status, code)
        assert set(refused.value.body or {}) == {"message", "type", "param", "code"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"input": QUESTION, "previous_response_id": "resp_1"}, "not_kept"),
        ({"input": []}, "no_question"),
        ({"input": [{"role": "user", "content": [{"type": "input_image"}]}]}, "unsupported_content"),
        ({}, "bad_request"),
    ],
)
def test_responses_refuse_alike(client: Any, body: dict[str, Any], code: str) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.post("/responses", body={"model": "recto", **body}, cast_to=object)
    assert refused.value.code == code


def test_what_is_no_request_is_refused_alike(url: str) -> None:
    for method, path, status in (
        ("POST", "/v1/chat/completions", 400),
        ("GET", "/v1/chat/completions", 405),
        ("GET", "/v1/nothing", 404),
    ):
        answer = httpx2.request(method, url + path, content=b"{" if method == "POST" else None)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json")
        assert answer.json()["error"]["message"]
    assert httpx2.head(f"{url}/v1/nothing").status_code == 404
    strange = httpx2.get(f"{url}/v1/models", headers={"host": "evil.example"})
    assert (strange.status_code, strange.json()["error"]["code"]) == (421, "host")


def test_two_hundred_messages_are_a_conversation(client: Any) -> None:
    messages: Any = [
        {"role": role, "content": f"{QUESTION} {number} " + "x" * 3000}
        for number in range(100)
        for role in ("user", "assistant")
    ]
    answer = client.chat.completions.create(
        model="recto-quotes", messages=[*messages, {"role": "user", "content": QUESTION}]
    )
    assert answer.choices[0].message.content.startswith(f"> {QUOTE}")


def test_the_token_is_the_key(home: Path) -> None:
    with private(home, token="secret") as closed:
        refused = closed.get("/v1/models")
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "invalid_api_key")
        assert closed.get("/v1/models", headers={"authorization": "Bearer secret"}).status_code == 200


def test_nothing_in_the_documents_is_said_so(client: Any, url: str) -> None:
    answer = said(client, "Who won the world cup in 1998?", model="recto")
    message = answer.choices[0].message
    assert message.content.startswith("The documents do not seem to say. The nearest passages:\n- [pumps.pdf p. ")
    assert message.annotations == []
    assert answer.model_extra["recto"]["kind"] == "abstained"


@pytest.mark.parametrize("stream", [True, False])
def test_who_hangs_up_stops_the_model(client: Any, url: str, writer: OllamaServer, stream: bool) -> None:
    said(client, model="recto")  # the model is awake, and measured
    writer.behaviour = stalled
    writer.gone.clear()
    before = len(writer.asked_at("/api/chat"))
    body = {"model": "recto", "stream": stream, "messages": [{"role": "user", "content": QUESTION}]}
    with closing(connect(int(url.rpartition(":")[2]))) as guest:
        guest.sendall(post("/v1/chat/completions", json.dumps(body).encode()))
        assert soon(lambda: len(writer.asked_at("/api/chat")) > before)
    assert soon(writer.gone.is_set)


def test_fifty_clients_at_once_are_all_answered(client: Any) -> None:
    with ThreadPoolExecutor(50) as pool:
        contents = list(pool.map(lambda _: said(client).choices[0].message.content, range(50)))
    assert set(contents) == {said(client).choices[0].message.content}


@given(st.text(alphabet=st.sampled_from("ab _*[]()<>`~&;#!|\\-+1.\n") | st.characters(codec="utf-8"), max_size=60))
@example("__0__")
def test_documents_are_no_markup(text: str) -> None:
    html = (
        MarkdownIt("commonmark", {"html": True})
        .enable("strikethrough")
        .render(f"> {plain(text)}".replace("\n", "\n> "))
    )
    for tag in ("<a ", "<img", "<em", "<strong", "<code>", "<s>", "<h1", "<h2", "<b", "<script"):
        assert tag not in html.replace("<blockquote>", "").replace("<br />", "")
