"""A library in shards is asked as any other, finds the same in the same order, and says what it did not reach."""

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx2
import pytest

from recto.config import Writing
from recto.errors import LibraryReadOnly, StoreDenied, StoreUnreachable, UsageProblem
from recto.library import Library
from recto.model_ref import QUOTE
from recto.search import candidates
from recto.search.candidates import DocumentRouter
from recto.server.app import MISSING, create
from recto.server.guard import AccessRules
from recto.server.tenants import NO_LIMIT, SingleTenant, Tenant
from recto.storage import LOOK_UP, Store
from recto.store.shards import remote
from recto.store.sqlite import SqliteStore
from recto.text.analyse import ANALYSER_VERSION
from support.filled_shards import FilledShards
from support.live import SOON_S, listening
from support.memory_index import HashEncoder, cut_document, find, text_page, vectors_of
from support.pdfs import text_pdf

QUESTIONS = 300
WORDS = [
    first + last for first in ("dam", "weir", "lock", "sluice", "mill") for last in ("age", "keeper", "gate", "yard")
]
SUBJECTS = ["weir", "mill", "lock", "sluice", "dam", "ferry"]
TOKEN = "secret"


@pytest.mark.slow
def test_questions_find_the_same_pages_in_the_same_order_as_in_one_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "SCAN_PAGES", 50)  # so that shards choose what is ranked, and choose from more
    monkeypatch.setattr(candidates, "CANDIDATES", 12)
    single, sharded = SqliteStore(tmp_path / "single"), FilledShards(tmp_path / "shards")
    routers = [(store, DocumentRouter()) for store in (single, sharded)]
    encoder, chance = HashEncoder(), random.Random(17)
    _fill([single, sharded], encoder, tmp_path / "source")
    documents = single.documents()
    assert documents == sharded.documents()
    assert all(store.documents() for store in sharded.stores)
    for _ in range(QUESTIONS):
        question = f"Which {' and '.join(chance.sample(WORDS, 2))} in {chance.randrange(1900, 1940)}?"
        docs = documents if chance.random() < 0.8 else chance.sample(documents, 20)
        expected, found = (find(question, store, encoder, docs, 10, router=own) for store, own in routers)
        assert [(hit.doc, hit.page, hit.passage) for hit in found] == [
            (hit.doc, hit.page, hit.passage) for hit in expected
        ]
        assert [hit.score for hit in found] == pytest.approx([hit.score for hit in expected])
    single.close()
    sharded.close()


def _fill(stores: list[Store], encoder: HashEncoder, source: Path) -> None:
    """Documents put, put again, and deleted; each alike into all stores."""
    chance = random.Random(11)
    for turn, number in enumerate([*range(40), *range(0, 40, 7)]):
        pages = [
            text_page(
                page,
                " ".join(f"The {chance.choice(WORDS)} was built in {chance.randrange(1900, 1940)}." for _ in range(12)),
            )
            for page in range(5)
        ]
        document, indexed = cut_document(f"report {number}.pdf", pages, added=float(turn))
        vectors = vectors_of(document, indexed, encoder)
        source.write_bytes(document.name.encode())
        for store in stores:
            version = store.put(document, source, indexed, analyser=ANALYSER_VERSION)
            assert store.put_vectors(version, encoder.fingerprint, vectors)
    deleted = [document.id for document in stores[0].documents()[::9]]
    for store in stores:
        store.delete(*deleted)


@contextmanager
def served(library: Library, token: str = TOKEN) -> Iterator[str]:
    """The address of a server of a library."""
    tenant = Tenant(library, library.settings.home / "uploads", NO_LIMIT)
    app = create(SingleTenant(tenant), AccessRules(token=token, tokens=library.tokens))
    with listening(app) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    paths = {subject: tmp_path / f"{subject}.pdf" for subject in SUBJECTS}
    for number, (subject, path) in enumerate(paths.items()):
        path.write_bytes(text_pdf(f"The {subject} was built in {1900 + number}.", f"About the {subject}, more."))
    return paths


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., Library]]:
    """Opens libraries, which are closed at the end."""
    with ExitStack() as stack:
        yield lambda name: stack.enter_context(Library(tmp_path / name, writing=Writing(model=QUOTE)))


def router(urls: list[str], home: Path, monkeypatch: pytest.MonkeyPatch, token: str = TOKEN) -> Library:
    monkeypatch.setenv("RECTO_STORE", " ".join(urls))
    monkeypatch.setenv("RECTO_SHARD_TOKEN", token)
    monkeypatch.setenv("RECTO_SHARD_DEADLINE", str(SOON_S))
    try:
        return Library(home, writing=Writing(model=QUOTE))
    finally:
        monkeypatch.delenv("RECTO_STORE")


@pytest.mark.slow
def test_servers_are_asked_as_one_library_and_what_does_not_answer_is_said(
    files: dict[str, Path], opened: Callable[..., Library], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recto.store.shards.LOOK_S", 0.0)
    monkeypatch.setattr(remote, "RETRY_S", 0.0)
    single, *parts = (opened(name) for name in ("single", "first", "second"))
    single.add(*files.values())
    for place, path in enumerate(files.values()):
        parts[place % 2].add(path)
    questions = [f"When was the {subject} built?" for subject in SUBJECTS]
    with ExitStack() as stack:
        running = stack.enter_context(ExitStack())
        first = running.enter_context(served(parts[0]))
        with served(parts[1]) as second:
            routed = stack.enter_context(router([first, second], tmp_path / "router", monkeypatch))
            assert [document.name for document in routed.documents()] == [path.name for path in files.values()]
            for question in questions:
                answer, expected = routed.ask(question).answer, single.ask(question).answer
                places = [[(place.span, place.rects) for place in each.citations] for each in (answer, expected)]
                assert places[0] == places[1]
                assert (bool(answer.citations), answer.missing) == (True, ())
                hits = [[(hit.rank, hit.passage) for hit in library.search(question)] for library in (routed, single)]
                assert hits[0] == hits[1]
            assert routed.picture("weir.pdf", 0) == single.picture("weir.pdf", 0)
            routed.copy_original("mill.pdf", tmp_path / "copy")
            assert (tmp_path / "copy").read_bytes() == files["mill"].read_bytes()
            with pytest.raises(LibraryReadOnly, match="2 shards"):
                routed.remove("weir.pdf")
        answers = {subject: routed.ask(f"When was the {subject} built?").answer for subject in ("weir", "mill")}
        assert {answer.missing for answer in answers.values()} == {(second,)}
        assert answers["weir"].citations[0].quote == "The weir was built in 1900."
        assert "mill.pdf" not in {place.document.name for place in answers["mill"].citations}
        page = stack.enter_context(served(routed))
        response = httpx2.get(f"{page}/api/search", params={"q": "weir"}, headers={"Authorization": f"Bearer {TOKEN}"})
        assert response.headers[MISSING] == second
        assert httpx2.get(f"{page}/readyz").status_code == 200
        running.close()
        assert httpx2.get(f"{page}/readyz").json() == {"status": StoreUnreachable.kind}


@pytest.mark.slow
def test_a_shard_shows_a_router_what_its_token_may_see_and_nothing_without_one(
    files: dict[str, Path], opened: Callable[..., Library], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = opened("first")
    library.add(files["weir"], files["mill"])
    secret = library.tokens.add("reader", collections=[library.collections.create("Weirs").id])
    library.collections.add("Weirs", [library.document("weir.pdf").id])
    with served(library) as url, ExitStack() as stack:
        with pytest.raises(StoreDenied, match="refuses the token"):
            router([url], tmp_path / "router", monkeypatch, "other")
        routed = stack.enter_context(router([url], tmp_path / "router", monkeypatch, secret))
        assert [document.name for document in routed.documents()] == ["weir.pdf"]
        assert {hit.document.name for hit in routed.search("When was the mill built?")} == {"weir.pdf"}
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answers = [httpx2.post(f"{url}{LOOK_UP}", content=b"what", headers=own) for own in ({}, headers)]
        assert [answer.status_code for answer in answers] == [401, 400]
        assert answers[1].json()["title"] == UsageProblem.kind
