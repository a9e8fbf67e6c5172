"""A collection asked through every door gives what is in it and nothing else; one that is not there is said."""

import asyncio
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import httpx2
import pytest

from recto.errors import ServerRefused, UnknownCollection
from recto.integrations.anthropic import search_results
from recto.integrations.passages import Recto
from recto.library import Library
from support.doors import TOKEN
from support.served import events
from support.tools import message, posted

QUESTION = "How many days of annual leave do employees have?"
WRONG = "no collection is called 'Handbok'; there are 'Handbook', ..."
KEYS = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module", autouse=True)
def _collections(library: Library) -> Iterator[None]:
    library.collections.create("Handbook", [library.document("handbook.pdf").id])
    library.collections.create("Nothing")
    yield
    library.collections.delete("Handbook")
    library.collections.delete("Nothing")


@pytest.fixture(scope="module")
def http(url: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=url, headers=KEYS, timeout=120) as http:
        yield http


def asked(http: httpx2.Client, *collections: str) -> Any:
    return http.post("/api/ask", json={"question": QUESTION, "collections": list(collections), "writes": False})


def tool(http: httpx2.Client, name: str, **arguments: object) -> Any:
    return posted(http, message("tools/call", {"name": name, "arguments": arguments}))["result"]


def test_the_api_asks_and_searches_within_one(http: httpx2.Client) -> None:
    found = dict(events(asked(http, "handbook").text))
    assert {hit["document"]["name"] for hit in found["found"]["hits"]} == {"handbook.pdf"}
    hits = http.get("/api/search", params={"q": QUESTION, "collection": ["Handbook", "Nothing"]}).json()
    assert {hit["document"]["name"] for hit in hits} == {"handbook.pdf"}
    questions = http.get("/api/examples", params={"collection": "Handbook"}).json()
    assert questions == http.get("/api/examples", params={"doc": "handbook.pdf"}).json()
    assert http.get("/api/examples", params={"collection": "Nothing"}).json() == []
    draft = {"question": "How many", "collections": ["Nothing"]}
    assert http.post("/api/prepare", json=draft).status_code == 204


def test_the_api_says_what_is_not_there(http: httpx2.Client) -> None:
    for answer in (asked(http, "Handbok"), http.get("/api/search?q=leave&collection=Handbok")):
        assert answer.status_code == 404
        assert (answer.json()["title"], answer.json()["detail"]) == ("unknown_collection", WRONG)
        assert answer.json()["hint"].startswith("recto collection")
    for answer in (asked(http, "Nothing"), http.get("/api/search?q=leave&collection=Nothing")):
        assert (answer.status_code, answer.json()["title"]) == (409, "empty_collection")


def test_tools_ask_within_one(http: httpx2.Client) -> None:
    quotes = tool(http, "ask", question=QUESTION, collection="Handbook")["structuredContent"]["quotes"]
    assert {quote["document"] for quote in quotes} == {"handbook.pdf"}
    results = tool(http, "search", query="pump", collection="Handbook")["structuredContent"]["results"]
    assert {result["document"] for result in results} == {"handbook.pdf"}
    listed = tool(http, "list_documents", collection="HANDBOOK")["structuredContent"]
    assert ([entry["name"] for entry in listed["documents"]], listed["collections"]) == (
        ["handbook.pdf"],
        ["Handbook", "Nothing"],
    )
    assert tool(http, "list_documents", collection="")["structuredContent"]["total"] == 2
    for name, arguments in (("ask", {"question": "leave"}), ("search", {"query": "leave"}), ("list_documents", {})):
        wrong = tool(http, name, collection="Handbok", **arguments)
        assert wrong["isError"]
        assert WRONG in wrong["content"][0]["text"]
    assert (
        "there is no document in 'Nothing'"
        in tool(http, "ask", question="leave?", collection="Nothing")["content"][0]["text"]
    )


def test_dify_takes_one_for_a_knowledge(http: httpx2.Client) -> None:
    body = {"query": "pump", "knowledge_id": "Handbook", "retrieval_setting": {"top_k": 5, "score_threshold": 0.0}}
    records = http.post("/retrieval", json=body).json()["records"]
    assert {record["title"].partition(" ")[0] for record in records} == {"handbook.pdf"}
    for name, status, code in (("Handbok", 404, 2001), ("Nothing", 409, 409)):
        answer = http.post("/retrieval", json={**body, "knowledge_id": name})
        assert (answer.status_code, answer.json()["error_code"]) == (status, code)


@pytest.mark.parametrize("remote", [True, False])
def test_retrievers_look_within_one(library: Library, url: str, remote: bool) -> None:
    where: dict[str, Any] = {"url": url, "token": TOKEN} if remote else {"library": library}
    for k in (5, 20):
        passages = Recto(**where, collections=["Handbook"]).passages("pump", k)
        assert {passage["document"]["name"] for passage in passages} == {"handbook.pdf"}
    assert asyncio.run(Recto(**where, collections=["Handbook"]).apassages("pump", 3))
    with pytest.raises((ServerRefused, UnknownCollection), match="Handbok"):
        Recto(**where, collections=["Handbok"]).passages("pump", 3)
    blocks = search_results(Recto(**where, collections=["Handbook"]), QUESTION)
    assert {block["title"].partition(" ")[0] for block in blocks} == {"handbook.pdf"}


def test_frameworks_hand_it_on(url: str) -> None:
    if find_spec("haystack") is None:
        pytest.skip("uv sync --group clients")
    from haystack.utils import Secret

    from recto.integrations import haystack, langchain, llamaindex

    where: dict[str, Any] = {"url": url, "collections": ["Handbook"]}
    found = [document.metadata["source"] for document in langchain.RectoRetriever(token=TOKEN, **where).invoke("pump")]
    nodes = llamaindex.RectoRetriever(token=TOKEN, **where).retrieve("pump")
    component = haystack.RectoRetriever(token=Secret.from_env_var("RECTO_TEST_TOKEN", strict=False), **where)
    again = haystack.RectoRetriever.from_dict(component.to_dict())
    again._token = Secret.from_token(TOKEN)
    documents = again.run("pump")["documents"]
    found += [node.metadata["file_name"] for node in nodes] + [document.meta["source"] for document in documents]
    assert len(found) >= 6
    assert set(found) == {"handbook.pdf"}


def test_openai_s_client_searches_vector_stores(library: Library, url: str) -> None:
    openai: Any = pytest.importorskip("openai", reason="uv sync --group clients")
    with openai.OpenAI(base_url=f"{url}/v1", api_key=TOKEN, max_retries=0) as client:
        stores = list(client.vector_stores.list(limit=1))  # page after page
        assert [store.name for store in stores] == ["Nothing", "Handbook"]
        handbook = client.vector_stores.retrieve(stores[1].id)
        assert (handbook.file_counts.completed, handbook.status) == (1, "completed")
        page = client.vector_stores.search(handbook.id, query=QUESTION, max_num_results=1)
        (best,) = page.data
        assert best.filename == "handbook.pdf"
        assert "27 days" in best.content[0].text
        assert best.file_id == library.document("handbook.pdf").id
        assert best.attributes["page"] == 1
        assert best.attributes["url"].startswith(f"{url}/handbook.pdf/1?id=")
        both = client.vector_stores.search("handbook", query=[QUESTION, "Which class of tickets?"])
        assert sorted(result.attributes["page"] for result in both) == [1, 2]
        near = client.vector_stores.search("handbook", query=QUESTION, ranking_options={"score_threshold": best.score})
        assert [result.attributes["page"] for result in near] == [1]
        with pytest.raises(openai.NotFoundError) as wrong:
            client.vector_stores.search("Handbok", query="leave")
        assert (wrong.value.code, wrong.value.type) == ("unknown_collection", "invalid_request_error")
        assert WRONG in wrong.value.message
        with pytest.raises(openai.ConflictError):
            client.vector_stores.search("Nothing", query="leave")
        with pytest.raises(openai.BadRequestError):
            client.vector_stores.search("Handbook", query="leave", filters={"type": "eq", "key": "page", "value": 1})
        with pytest.raises(openai.BadRequestError):
            client.vector_stores.search("Handbook", query="")
