"""Shards that are slow, gone, back, refuse, or say what nobody understands."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from recto.errors import Gone, LibraryReadOnly, StoreDenied, StoreUnreachable, UsageProblem
from recto.index_types import PageKey
from recto.store.shards import ShardedStore, remote
from recto.store.shards.answering import answer_look_up
from recto.store.shards.messages import FORMAT, ShardMessage
from recto.store.shards.remote import RemoteShard, refusal
from recto.store.sqlite import SqliteStore
from support.live import SOON_S, soon
from support.store_contract import keys, put, put_encoded
from support.synthetic_pages import ANALYSER, Made, make, units

LATE_S = 0.2


class Shard:
    """A store behind a line that can be cut, and that can be made to wait."""

    def __init__(self, folder: Path, name: str) -> None:
        self.store = SqliteStore(folder / name)
        self.remote = RemoteShard(name, self._send)
        self.problem: Exception | None = None
        self.flows = threading.Event()
        self.flows.set()

    def _send(self, request: bytes, _: float | None) -> bytes:
        assert self.flows.wait(SOON_S)
        if self.problem:
            raise self.problem
        return answer_look_up(self.store, request)


@pytest.fixture
def shards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Shard]]:
    monkeypatch.setattr(remote, "RETRY_S", 0.0)
    made = [Shard(tmp_path, name) for name in ("first", "second")]
    yield made
    for shard in made:
        shard.flows.set()
        shard.store.close()


@pytest.fixture
def two(tmp_path: Path, shards: list[Shard]) -> tuple[Made, Made]:
    documents = make(tmp_path, 1), make(tmp_path, 2, pages=4, passages=3)
    for shard, made in zip(shards, documents, strict=True):
        put_encoded(shard.store, made)
    return documents


@pytest.fixture
def router(shards: list[Shard], tmp_path: Path) -> Iterator[Callable[..., ShardedStore]]:
    with ExitStack() as stack:

        def opened(deadline_s: float = SOON_S) -> ShardedStore:
            store = ShardedStore([shard.remote for shard in shards], tmp_path, deadline_s=deadline_s, look_s=0)
            stack.callback(store.close)
            return store

        yield opened


CUT = StoreUnreachable("cut")


def test_a_shard_that_is_gone_is_left_out_and_said_and_comes_back(
    router: Callable[..., ShardedStore], shards: list[Shard], two: tuple[Made, Made]
) -> None:
    store = router()
    assert store.totals().pages == 7
    shards[1].problem, began = CUT, time.monotonic()
    assert store.documents() == [two[0].document]
    assert store.totals().pages == 3
    assert store.missing(began) == ("second",)
    with pytest.raises(Gone, match="unless it is at second, which does not answer"):
        store.page(two[1].id, 0)
    shards[1].problem = None
    assert soon(lambda: len(store.documents()) == 2)
    began = time.monotonic()
    assert store.page(two[1].id, 0).text == two[1].pages[0].page.text
    assert store.missing(began) == ()


def test_a_shard_that_is_slow_is_left_out_and_not_waited_for_again(
    router: Callable[..., ShardedStore], shards: list[Shard], two: tuple[Made, Made]
) -> None:
    store = router(LATE_S)
    assert soon(lambda: len(store.documents()) == 2)
    shards[0].flows.clear()
    assert store.documents() == [two[1].document]
    shards[0].flows.set()
    assert soon(lambda: len(store.documents()) == 2)


def test_a_shard_that_is_lost_in_the_middle_of_a_question_is_gone_for_it(
    router: Callable[..., ShardedStore], shards: list[Shard], two: tuple[Made, Made]
) -> None:
    store, question = router(), units(0, 1)[0]
    with store.steady():
        shards[1].problem = CUT
        assert len(store.documents()) == 2
        with pytest.raises(Gone, match="second did not answer"):
            store.nearest(question, "f", 10)
    assert {hit.key.doc for hit in store.nearest(question, "f", 10).pages} == {two[0].id}


def test_none_that_answers_is_an_error_and_no_empty_library(
    router: Callable[..., ShardedStore], shards: list[Shard], two: tuple[Made, Made]
) -> None:
    store = router()
    for shard in shards:
        shard.problem = CUT
    with pytest.raises(StoreUnreachable, match="none of the 2 shards answers: cut; cut"):
        store.documents()


def test_a_token_that_is_refused_is_said_at_once(router: Callable[..., ShardedStore], shards: list[Shard]) -> None:
    shards[1].problem = refusal("http://second", 401, "")
    with pytest.raises(StoreDenied, match="http://second refuses the token"):
        router()


def test_a_document_in_two_shards_is_there_once(
    router: Callable[..., ShardedStore], shards: list[Shard], two: tuple[Made, Made]
) -> None:
    put_encoded(shards[1].store, two[0])
    store, terms = router(), two[0].pages[0].terms.text
    assert store.documents() == [made.document for made in two]
    hits = [hit.key for hit in store.lexical({"text": terms}, 10)["text"]]
    assert len(hits) == len(set(hits))
    assert PageKey(two[0].id, 0) in hits
    shards[0].problem = CUT
    assert {document.id for document in store.documents()} == {made.id for made in two}


def test_what_a_shard_takes_in_is_seen(
    router: Callable[..., ShardedStore], shards: list[Shard], two: tuple[Made, Made]
) -> None:
    store = router()
    first, terms = keys(two[0])[0], two[0].pages[0].terms.text[:1]
    assert (list(store.page_terms([first])), store.cards()) == ([first], {})
    before = store.frequencies("text", terms)
    shards[0].store.put(two[0].document, two[0].source, two[0].pages, analyser=ANALYSER, card=b"1")
    assert store.cards() == {two[0].id: b"1"}
    assert store.frequencies("text", terms).tolist() == before.tolist()
    shards[0].store.delete(two[0].id)
    assert (store.page_terms([first]), store.cards()) == ({}, {})
    assert store.frequencies("text", terms).tolist() == shards[1].store.frequencies("text", terms).tolist()


def test_a_router_changes_nothing(router: Callable[..., ShardedStore], two: tuple[Made, Made]) -> None:
    store = router()
    with pytest.raises(LibraryReadOnly, match="2 shards"):
        put(store, two[0])
    with pytest.raises(LibraryReadOnly):
        store.delete(two[0].id)


@pytest.mark.parametrize(
    "request_",
    [
        b"",
        b"GET / HTTP/1.1",
        ShardMessage({"format": FORMAT + 1, "look_up": "state", "of": {"known": ""}}, {}).packed(),
        ShardMessage({"format": FORMAT, "look_up": "delete", "of": {}}, {}).packed(),
        ShardMessage({"format": FORMAT, "look_up": "pages", "of": {"docs": []}}, {}).packed(),
        ShardMessage({"format": FORMAT, "look_up": "nearest", "of": {"path": "/etc"}}, {}).packed(),
    ],
)
def test_what_is_no_look_up_is_refused(shards: list[Shard], request_: bytes) -> None:
    with pytest.raises(UsageProblem, match="same version"):
        answer_look_up(shards[0].store, request_)


def test_an_answer_that_is_none_is_that_of_a_lost_shard() -> None:
    with pytest.raises(StoreUnreachable, match="answers what is no answer"):
        RemoteShard("first", lambda *_: b"<html>").ask("state", known="")
