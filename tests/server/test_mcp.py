"""The Model Context Protocol over HTTP and stdio: what real hosts of late 2026 need of it, each as it was measured."""

import asyncio
import base64
import errno
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from mcp import Client
from mcp.shared.message import SessionMessage
from mcp_types import CallToolResult, jsonrpc_message_adapter

from recto import Library
from recto.cli.mcp import OneLibrary
from recto.config import Writing
from recto.server import workdir
from recto.server.guard import LONGEST_BODY
from recto.server.mcp import results, tools
from recto.server.mcp.catalogue import TOOLS
from recto.server.mcp.opening import AS_DATA, INITIALIZED, INSTRUCTIONS, MODERN, opening
from recto.server.mcp.service import service
from recto.server.tenants import Quota
from support import scripted
from support.files import write
from support.live import SOON_S, connect, listening, post, soon
from support.ollama_server import MODEL, OllamaServer
from support.pdfs import text_pdf
from support.served import Json, application, private, public, upload
from support.tools import ACCEPT, OLD, initialize, message, over_http, over_stdio, posted

QUESTION = "How many litres does the pump of hall 3 move a minute?"
QUOTE = "The pump of hall 3 moves 111 litres a minute."
CALLS: tuple[tuple[str, Json], ...] = (
    ("ask", {"question": QUESTION}),
    ("ask", {"question": "What is the colour of the moon over Paris?"}),
    ("search", {"query": "pump", "k": 2, "documents": ["pumps.pdf"]}),
    ("fetch", {"id": "pumps.pdf"}),
    ("page", {"document": "pumps.pdf", "number": 1, "quote": QUOTE}),
    ("list_documents", {}),
    ("tables", {"document": "pumps.pdf", "page": 1}),
)
WRONG: tuple[tuple[str, Json, str], ...] = (
    ("ask", {}, "question: Field required"),
    ("ask", {"question": ""}, "the question is empty"),
    ("ask", {"question": "long " * 500}, "the limit is 2000"),
    ("ask", {"question": QUESTION, "documents": ["other.pdf"]}, "There are: pumps.pdf."),
    ("ask", {"question": QUESTION, "history": []}, "history: Extra inputs are not permitted"),
    ("search", {"query": ["pump"]}, "query: Input should be a valid string"),
    ("search", {"query": "pump", "k": 0}, "k: Input should be greater than or equal to 1"),
    ("search", {"query": "pump", "k": 1.5}, "k: Input should be a valid integer"),
    ("search", {"query": "pump", "documents": "pumps.pdf"}, "documents: Input should be a valid list"),
    ("fetch", {"id": " "}, "There are: pumps.pdf."),
    ("fetch", {"id": "pumps.pdf/99"}, "pages 1 to 2, not 99"),
    ("fetch", {"id": "pumps.pdf/99999999999"}, "no document is called"),
    ("page", {"document": "pumps.pdf", "number": 1, "quote": "no such words"}, "Leave out the quote"),
    ("page", {"document": "pumps.pdf", "number": 3}, "pages 1 to 2"),
    ("tables", {"document": "pumps.pdf", "page": 10**30}, "page"),
    ("remove", {"document": "pumps.pdf"}, "There is no tool called 'remove'"),
)


@pytest.fixture(scope="module")
def port(pumps: Path) -> Iterator[int]:
    with listening(application(pumps)) as number:
        yield number


@pytest.fixture
def http(port: int) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=SOON_S) as client:
        yield client


@pytest.fixture(scope="module")
def answers(port: int) -> list[CallToolResult]:
    async def act(client: Client) -> list[CallToolResult]:
        return [await client.call_tool(name, arguments) for name, arguments in CALLS]

    return over_http(port, act)


async def _version_and_quotes(client: Client) -> tuple[str, list[str]]:
    result = await client.call_tool("ask", {"question": QUESTION})
    return client.protocol_version, [quote["quote"] for quote in result.structured_content["quotes"]]


@pytest.mark.parametrize(("mode", "version"), [("auto", "2026-07-28"), ("legacy", "2025-11-25")])
def test_the_sdk_s_clients_are_answered_over_both_transports(port: int, pumps: Path, mode: str, version: str) -> None:
    for spoken, quotes in (over_http(port, _version_and_quotes, mode), over_stdio(pumps, _version_and_quotes, mode)):
        assert spoken == version
        assert QUOTE in quotes


@pytest.mark.parametrize("version", ["2025-11-25", OLD, "2025-03-26"])
def test_clients_of_older_versions_are_answered(http: httpx2.Client, version: str) -> None:
    assert posted(http, initialize(version))["result"]["protocolVersion"] == version
    header = {} if version == "2025-03-26" else {"mcp-protocol-version": version}  # which no client sent then
    assert (
        http.post(
            "/mcp", json={"jsonrpc": "2.0", "method": "notifications/initialized"}, headers=ACCEPT | header
        ).status_code
        == 202
    )
    call = message("tools/call", {"name": "ask", "arguments": {"question": QUESTION}})
    assert QUOTE in posted(http, call, **header)["result"]["content"][0]["text"]


def test_a_version_that_nobody_knows_is_answered_with_one_that_is(http: httpx2.Client) -> None:
    assert posted(http, initialize("1999-01-01"))["result"]["protocolVersion"] == "2025-11-25"
    answer = posted(http, message("tools/list", {}), **{"mcp-protocol-version": "2099-01-01"})
    assert "error" in answer


def test_over_stdio_nobody_has_to_wait_and_nothing_else_is_printed(pumps: Path) -> None:
    calls = [
        initialize(),
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        message("tools/list", number=2),
        message("tools/call", {"name": "ask", "arguments": {"question": QUESTION}}, 3),
        message("ping", number=4),
        message("prompts/list", number=5),
        {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 2}},
    ]
    command = [sys.executable, "-m", "recto", "mcp", "--home", str(pumps)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        process.stdin.write(b"no protocol\n" + "".join(f"{json.dumps(call)}\n" for call in calls).encode())
        process.stdin.flush()
        lines = {}
        while len(lines) < 5:
            answer = json.loads(process.stdout.readline())
            lines[answer.get("id")] = answer
        process.stdin.close()
        assert process.stdout.read() == b""
    assert process.returncode == 0
    assert lines[1]["result"]["protocolVersion"] == OLD
    assert len(lines[2]["result"]["tools"]) == len(TOOLS)
    assert QUOTE in lines[3]["result"]["content"][0]["text"]
    assert lines[4]["result"] == {}
    assert lines[5]["error"]["code"] == -32601


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_although_nobody_closes_its_input(home: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "recto", "mcp", "--home", str(home)]
    calls = [initialize(), message("tools/call", {"name": "list_documents"}, 2)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("".join(f"{json.dumps(call)}\n" for call in calls).encode())
        process.stdin.flush()
        assert [json.loads(process.stdout.readline())["id"] for _ in calls] == [1, 2]
        process.send_signal(number)
        assert process.wait(SOON_S) == 128 + number


def test_nothing_heavy_is_imported_before_the_first_message() -> None:
    heavy = ("mcp", "mcp_types", "pydantic", "anyio", "numpy", "pypdfium2", "onnxruntime", "fastapi", "recto.library")
    code = f"import sys, recto.cli.mcp; print(*(name for name in {heavy} if name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "\n"


def discover(version: str = MODERN, **more: Any) -> Json:
    meta = {"protocolVersion": version, "clientInfo": {"name": "raw", "version": "1"}, "clientCapabilities": {}} | more
    return message("server/discover", {"_meta": {f"io.modelcontextprotocol/{name}": meta[name] for name in meta}}, "d")


OPENINGS = [
    *(initialize(version) for version in (*INITIALIZED, MODERN, "1999-01-01")),
    message("initialize", initialize()["params"] | {"capabilities": {"roots": {"listChanged": True}}}, 0),
    discover(),
]
NO_OPENINGS = [
    message("ping"),
    message("tools/list"),
    message("initialize", {"protocolVersion": OLD}),
    message("initialize"),
    discover("2099-01-01"),
    discover(clientInfo={}),
    message("server/discover", {}),
    {"jsonrpc": "2.0", "method": "notifications/initialized"},
    [],
    None,
]


@pytest.mark.parametrize("first", OPENINGS, ids=str)
def test_the_first_answer_is_the_sdk_s_own(first: Json) -> None:
    async def replied() -> Json:
        (send, reading), (writing, receive) = (anyio.create_memory_object_stream[Any](1) for _ in range(2))
        server = service(lambda _: asyncio.Future())
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(server.run, reading, writing, server.create_initialization_options())
            await send.send(SessionMessage(jsonrpc_message_adapter.validate_python(first)))
            reply = (await receive.receive()).message
            await send.aclose()
        await receive.aclose()
        return json.loads(reply.model_dump_json(by_alias=True, exclude_unset=True))

    assert opening(json.dumps(first).encode()) == asyncio.run(replied())


@pytest.mark.parametrize("first", NO_OPENINGS, ids=str)
def test_what_is_no_usual_first_message_is_left_to_the_sdk(first: object) -> None:
    assert opening(json.dumps(first).encode()) is None


@given(st.binary(max_size=100))
def test_a_first_line_of_anything_ends_nothing(line: bytes) -> None:
    assert opening(line) is None


def test_there_is_one_text_which_is_the_json_of_the_structure(answers: list[CallToolResult]) -> None:
    for (name, _), result in zip(CALLS, answers, strict=True):
        assert not result.is_error, result
        assert [item.type for item in result.content] == (["text", "image"] if name == "page" else ["text"])
        text: str = result.content[0].text
        assert json.loads(text) == result.structured_content
        assert len(text.encode()) <= results.MOST
        assert max(map(len, text.splitlines())) < 1000
        assert "boxes" not in text


def test_results_keep_to_the_listed_schemas_which_are_loose(port: int, answers: list[CallToolResult]) -> None:
    async def act(client: Client) -> Any:
        return (await client.list_tools()).tools

    listed = {tool.name: tool for tool in over_http(port, act)}
    for (name, _), result in zip(CALLS, answers, strict=True):
        Draft202012Validator(listed[name].output_schema).validate(result.structured_content)
    for tool in listed.values():
        words = json.dumps(tool.output_schema)
        assert "additionalProperties" not in words
        assert "null" not in words + json.dumps(tool.input_schema)
        assert '"type": [' not in words


def test_every_tool_says_that_it_reads_alone_and_that_text_is_data(http: httpx2.Client) -> None:
    listed = posted(http, message("tools/list"))["result"]["tools"]
    assert [tool["name"] for tool in listed] == [tool.name for tool in TOOLS]
    for tool in listed:
        hints = {name: value for name, value in tool["annotations"].items() if name != "title"}
        assert hints == {"readOnlyHint": True, "destructiveHint": False, "idempotentHint": True, "openWorldHint": False}
        assert len(tool["description"]) <= 1000
        assert AS_DATA in tool["description"]
    assert len(INSTRUCTIONS) <= 2000
    assert AS_DATA in INSTRUCTIONS
    assert posted(http, initialize())["result"]["instructions"] == INSTRUCTIONS


def test_the_list_of_tools_may_be_kept(port: int) -> None:
    async def act(client: Client) -> Any:
        return await client.list_tools()

    assert over_http(port, act).ttl_ms > 0


def test_each_quote_has_its_place_and_the_boxes_stand_apart(
    port: int, answers: list[CallToolResult], pumps: Path, http: httpx2.Client
) -> None:
    result = answers[0]
    quote, *_ = result.structured_content["quotes"]
    with Library(pumps) as library:
        citation, *_ = library.ask(QUESTION).answer.quotes
    assert quote["quote"] == citation.quote == QUOTE
    assert (quote["document"], quote["page"]) == ("pumps.pdf", 1)
    base, _, path = quote["url"].partition("/pumps.pdf/1?")
    assert base == f"http://127.0.0.1:{port}"
    assert path.endswith(f"at={citation.span.start}-{citation.span.end}")
    assert http.get(quote["url"]).text == http.get("/").text
    assert result.meta is not None
    place, *_ = result.meta["recto/places"]
    assert place["boxes"] == [rect.as_list() for rect in citation.rects]
    assert (place["start"], place["end"]) == (citation.span.start, citation.span.end)


def test_what_the_documents_do_not_say_is_told_first(answers: list[CallToolResult]) -> None:
    refused = answers[1].structured_content
    assert list(refused)[:2] == ["kind", "note"]
    assert (refused["kind"], refused["quotes"]) == ("abstained", [])
    assert refused["nearest"][0]["document"] == "pumps.pdf"


def test_search_and_fetch_have_the_shape_that_connectors_ask_for(port: int, answers: list[CallToolResult]) -> None:
    first, *_ = answers[2].structured_content["results"]
    assert list(first)[:3] == ["id", "title", "url"]

    async def act(client: Client) -> Any:
        return (await client.call_tool("fetch", {"id": first["id"]})).structured_content

    page = over_http(port, act)
    assert {"id", "title", "text", "url", "metadata"} <= set(page)
    assert first["quote"] in page["text"]


def test_a_page_is_shown_with_the_quote_marked(answers: list[CallToolResult]) -> None:
    text, picture = answers[4].content
    assert QUOTE in json.loads(text.text)["text"]
    assert picture.mime_type == "image/png"
    assert base64.b64decode(picture.data).startswith(b"\x89PNG")
    assert answers[4].meta is not None
    assert len(answers[4].meta["recto/places"][0]["boxes"]) == 1


def test_errors_are_words_alone_that_say_what_to_do(port: int) -> None:
    async def act(client: Client) -> list[CallToolResult]:
        return [await client.call_tool(name, arguments) for name, arguments, _ in WRONG]

    for mode in ("auto", "legacy"):
        for (name, _, words), result in zip(WRONG, over_http(port, act, mode), strict=True):
            assert result.is_error, name
            assert result.structured_content is None
            (item,) = result.content
            assert words in item.text
            assert len(item.text) < 800


def test_what_models_send_for_nothing_is_nothing(port: int) -> None:
    async def act(client: Client) -> CallToolResult:
        return await client.call_tool("search", {"query": "pump", "k": None, "documents": None})

    assert not over_http(port, act).is_error


def test_fetch_goes_on_until_all_is_read(port: int, pumps: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "ROOM", 70)

    async def act(client: Client) -> list[Json]:
        pages: list[Json] = [{"next": "pumps.pdf"}]
        while "next" in pages[-1]:
            pages.append((await client.call_tool("fetch", {"id": pages[-1]["next"]})).structured_content)
        return pages[1:]

    parts = over_http(port, act)
    assert len(parts) > 4
    with Library(pumps) as library:
        for number in (0, 1):
            text = "".join(part["text"] for part in parts if part["metadata"]["page"] == number + 1)
            assert text == library.page("pumps.pdf", number).text


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@given(TEXTS, st.integers(10, 300))
def test_a_beginning_is_one_and_fits(text: str, room: int) -> None:
    part = results.beginning(text, room)
    assert text.startswith(part)
    assert results.weight(part) <= room
    assert part or not text or results.weight(text[0]) > room


@given(st.lists(TEXTS, max_size=9), st.integers(60, 500))
def test_what_is_listed_fits_but_for_the_first(texts: list[str], room: int) -> None:
    fitting = results.fitting([{"quote": text, "page": 1} for text in texts], room)
    assert len(fitting) >= min(1, len(texts))
    assert sum(map(results.weight, fitting[1:])) <= room
    for item, text in zip(fitting, texts, strict=False):
        assert text.startswith(item["quote"])
        assert item["quote"] == text or "cut" in item


def test_halves_of_characters_break_nothing() -> None:
    result = results.Result(value={"documents": [{"name": "a\udce4\u202eb.pdf"}]})
    assert json.loads(result.text) == {"documents": [{"name": "a?\u202eb.pdf"}]}
    assert "\u202e" not in result.text


def test_a_call_that_fails_leaves_no_library_open(pumps: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[Library] = []
    close = Library.close

    def noted(library: Library) -> None:
        closed.append(library)
        close(library)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Library, "close", noted)
    with OneLibrary("", pumps) as library, monkeypatch.context() as patch:
        patch.setattr(workdir, "workdir", full)
        with pytest.raises(OSError, match=r"No space|no space"):
            asyncio.run(library.caller(None))
        assert len(closed) == 1
        patch.undo()
        assert asyncio.run(library.caller(None)).library.documents()
    assert len(closed) == 2


# --- who may come in -------------------------------------------------------------------------------------------------
def test_the_guard_is_that_of_all_addresses(http: httpx2.Client, port: int) -> None:
    call = message("tools/list")
    for headers, status in (
        ({"host": "evil.example"}, 421),
        ({"host": f"host.docker.internal:{port}"}, 421),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"host": "localhost"}, 200),
        ({"origin": f"http://127.0.0.1:{port}"}, 200),
    ):
        response = http.post("/mcp", json=call, headers=ACCEPT | headers)
        assert response.status_code == status
        if status != 200:
            assert response.json()["detail"]
    for method in ("OPTIONS", "DELETE", "PUT"):
        assert http.request(method, "/mcp").status_code == 405
    assert http.post("/mcp", json=call, headers={"accept": "*/*"}).status_code == 200


def test_further_names_are_answered_where_they_are_allowed(pumps: Path) -> None:
    app = application(pumps, hosts=("host.docker.internal:8765", "Box.Example"))
    with listening(app) as port, httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=SOON_S) as http:
        for host, status in (
            ("host.docker.internal:8765", 200),
            ("host.docker.internal:9", 421),
            ("box.example", 200),
            ("box.example:9", 200),
            ("host.docker.internal.evil.example", 421),
        ):
            assert http.post("/mcp", json=message("ping"), headers=ACCEPT | {"host": host}).status_code == status


def test_without_the_token_it_says_where_that_is_set_and_asks_for_no_registration(pumps: Path) -> None:
    app = application(pumps, token="right")
    with listening(app) as port, httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=SOON_S) as http:
        for headers in ({}, {"authorization": "Bearer wrong"}):
            answer = http.post("/mcp", json=message("ping"), headers=ACCEPT | headers)
            assert answer.status_code == 401
            assert "RECTO_TOKEN" in answer.json()["hint"]
        for path in ("oauth-protected-resource", "oauth-protected-resource/mcp", "oauth-authorization-server"):
            assert http.get(f"/.well-known/{path}").status_code == 404
        assert http.post("/register", json={}).status_code == 404
        assert posted(http, message("ping"), authorization="Bearer right")["result"] == {}


def test_visitors_have_their_own_library_and_quota(home: Path) -> None:
    with public(home, Quota(searches_a_minute=1)) as (client, _):
        call = message("tools/call", {"name": "search", "arguments": {"query": "pump"}})

        def text(**headers: str) -> str:
            answer = client.post("/mcp", json=call, headers=ACCEPT | headers).text
            return str(json.loads(answer.split("data:")[1])["result"]["content"][0]["text"])

        assert text().startswith("this session is over, or never was.")
        visitor = {"X-Recto-Visitor": client.post("/api/visitors").json()["visitor"]}
        assert json.loads(text(**visitor)) == {"results": []}
        assert text(**visitor).startswith("1 searches a minute are the limit")


@pytest.mark.parametrize(("tool", "number"), [("page", "number"), ("tables", "page")])
def test_what_is_drawn_or_worked_out_counts_as_a_search(home: Path, tool: str, number: str) -> None:
    with public(home, Quota(searches_a_minute=1)) as (client, _):
        headers = {**ACCEPT, "X-Recto-Visitor": client.post("/api/visitors").json()["visitor"]}
        call = message("tools/call", {"name": tool, "arguments": {"document": "pumps.pdf", number: 1}})
        first, second = (client.post("/mcp", json=call, headers=headers).text for _ in range(2))
        assert "no document is called" in first
        assert "1 searches a minute are the limit" in second


def test_the_name_of_a_file_drives_no_terminal_by_an_error(home: Path) -> None:
    with private(home) as client:
        upload(client, write(home / "a.pdf", text_pdf("The boiler burns coal.")), name="a\x1b[31m\u202eb.pdf")
        call = message("tools/call", {"name": "fetch", "arguments": {"id": "none"}})
        answer = json.loads(client.post("/mcp", json=call, headers=ACCEPT).text.split("data:")[1])
        assert answer["result"]["content"][0]["text"].endswith("There are: a\\u001b[31m\\u202eb.pdf.")


def test_a_question_of_a_megabyte_is_refused_in_words(http: httpx2.Client) -> None:
    call = message("tools/call", {"name": "ask", "arguments": {"question": "w" * (LONGEST_BODY - 1000)}})
    text = posted(http, call)["result"]["content"][0]["text"]
    assert "the limit is 2000" in text
    call["params"]["arguments"]["question"] += "w" * 2000
    assert http.post("/mcp", json=call, headers=ACCEPT).status_code == 413


def test_what_hosts_send_beside_harms_nobody(http: httpx2.Client, port: int) -> None:
    late = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 99}}
    assert http.post("/mcp", json=late, headers=ACCEPT).status_code == 202
    for method in ("prompts/list", "resources/list", "resources/templates/list", "subscriptions/listen"):
        assert "error" in posted(http, message(method))
    assert posted(http, message("ping"))["result"] == {}
    stream = http.get("/mcp", headers={"accept": "text/event-stream"})  # it would stay, also a stranger's, and be empty
    assert (stream.status_code, stream.headers["allow"]) == (405, "POST")
    for body in (b"", b"{", b"[]", b"null", b"[" * 100_000, b'{"jsonrpc": "2.0", "id": 1, "method": 7}'):
        response = http.post("/mcp", content=body, headers=ACCEPT | {"content-type": "application/json"})
        assert response.status_code == 400


def test_a_server_that_came_again_is_as_good(pumps: Path) -> None:
    for _ in range(2):
        with listening(application(pumps)) as port, httpx2.Client(base_url=f"http://127.0.0.1:{port}") as http:
            call = message("tools/call", {"name": "list_documents"})
            assert "pumps.pdf" in posted(http, call)["result"]["content"][0]["text"]


def test_a_crowd_is_answered(http: httpx2.Client) -> None:
    call = message("tools/call", {"name": "ask", "arguments": {"question": QUESTION}})
    with ThreadPoolExecutor(50) as crowd:
        texts = list(crowd.map(lambda _: posted(http, call)["result"]["content"][0]["text"], range(50)))
    assert all(QUOTE in text for text in texts)


# --- with a model ----------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def model() -> Iterator[OllamaServer]:
    with OllamaServer() as server:
        yield server


@pytest.fixture(scope="module")
def written(model: OllamaServer, pumps: Path) -> Iterator[int]:
    writing = Writing(model=f"ollama:{MODEL}", ollama_host=model.url, patience_s=300)
    with listening(application(pumps, writing=writing)) as number:
        yield number


def test_an_answer_is_written_where_that_is_asked_for(written: int, model: OllamaServer) -> None:
    model.behaviour = scripted.brief

    async def act(client: Client) -> list[Json]:
        return [
            (await client.call_tool("ask", {"question": QUESTION, "write": write})).structured_content
            for write in (False, True)
        ]

    quoted, answered = over_http(written, act)
    assert (quoted["kind"], "answer" in quoted) == ("quoted", False)
    assert list(answered)[:2] == ["kind", "answer"]
    assert answered["answer"] == "The pump of hall 3 moves 111 litres a minute. [1]"
    assert [quote["quote"] for quote in answered["quotes"]] == [QUOTE]


def test_a_model_that_does_not_end_is_stopped_in_time(
    written: int, model: OllamaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tools, "ASK_S", 1.0)
    monkeypatch.setattr(tools, "LEAVE_S", SOON_S)
    monkeypatch.setattr(tools, "TELL_S", 0.1)
    model.behaviour = scripted.endless
    progress: list[float] = []

    async def tell(value: float, _: float | None, __: str | None) -> None:
        progress.append(value)

    async def act(client: Client) -> Json:
        call = {"question": QUESTION, "write": True}
        return (await client.call_tool("ask", call, progress_callback=tell)).structured_content

    assert QUOTE in [quote["quote"] for quote in over_http(written, act)["quotes"]]
    assert progress == sorted(set(progress))
    assert len(progress) > 2


@pytest.mark.parametrize("version", ["2026-07-28", OLD])
def test_a_client_that_hangs_up_stops_the_model(written: int, model: OllamaServer, version: str) -> None:
    model.behaviour = scripted.endless
    model.gone.clear()
    model.came.clear()
    envelope = {
        "io.modelcontextprotocol/protocolVersion": version,
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "raw", "version": "1"},
    }
    about = {"_meta": envelope} if version > OLD else {}
    call = message("tools/call", {"name": "ask", "arguments": {"question": QUESTION, "write": True}, **about})
    headers = {
        "Accept": ACCEPT["accept"],
        "Mcp-Protocol-Version": version,
        "Mcp-Method": "tools/call",
        "Mcp-Name": "ask",
    }
    client = connect(written)
    client.sendall(post("/mcp", json.dumps(call).encode(), **headers))
    assert model.came.wait(SOON_S)
    client.shutdown(socket.SHUT_RDWR)
    client.close()
    assert model.gone.wait(SOON_S)
    with httpx2.Client(base_url=f"http://127.0.0.1:{written}") as http:
        assert soon(lambda: "recto_answers_under_way 0" in http.get("/metrics").text)
