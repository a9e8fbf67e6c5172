"""Contents pages come behind all others and are not quoted, unless the question asks for them."""

import pytest

from recto.index_types import PageKey
from recto.search.candidates import DocumentRouter, Scope
from recto.search.query import analyse_query
from recto.search.retrieve import CONTENTS as MALUS
from recto.search.retrieve import PageHit, contents_passages
from support.memory_index import HashEncoder, MemoryStore, find, put_pages, text_page

CHAPTERS = ["the harbour", "the mole", "ice and ships", "coal and steam", "dues and fines", "keepers of the lights"]
CONTENTS = "\n".join(f"{n}. Everything about {name} ............ {3 * n}" for n, name in enumerate(CHAPTERS, 1))
PROSE = (
    "In the winter of the great frost {0} were written about by the clerk, and the book lies in the town hall still.\n"
    "Whoever wants to read of {0} has to ask for the key, which the clerk gives to nobody on Sundays.\n"
)
ENCODER = HashEncoder()


def pages(first: str, chapters: list[str] = CHAPTERS) -> list[str]:
    return [first, *(PROSE.format(name) * 4 for name in chapters), *["Nothing of note happened. " * 30] * 3]


def store_of(*documents: list[str], encoded: bool = True) -> MemoryStore:
    store = MemoryStore()
    for number, texts in enumerate(documents):
        made = [text_page(at, text) for at, text in enumerate(texts)]
        put_pages(store, f"{number}.pdf", made, ENCODER if encoded else None)
    return store


def ask(store: MemoryStore, question: str) -> list[PageHit]:
    return find(question, store, ENCODER, store.documents(), 10)


def quotable(store: MemoryStore, question: str, page: int) -> str:
    query = analyse_query(question, None)
    doc = store.documents()[0].id
    (contents,) = contents_passages(query, [PageKey(doc, page)], store)
    passages = enumerate(store.passages(doc, page))
    return "\n".join(passage.text for index, passage in passages if index not in contents)


@pytest.mark.parametrize("encoded", [True, False])
@pytest.mark.parametrize("documents", [1, 2])
def test_a_contents_page_comes_last_and_is_not_quoted(documents: int, encoded: bool) -> None:
    store = store_of(*[pages(CONTENTS)] * documents, encoded=encoded)
    hits = ask(store, "What do they say about the mole?")
    assert hits[0].page == 2
    last = [hit.page == 0 for hit in hits]
    assert last == sorted(last)
    assert quotable(store, "What do they say about the mole?", 0) == ""


def test_what_only_a_contents_page_holds_is_found_all_the_same() -> None:
    store = store_of([*pages(CONTENTS.replace("the mole", "the zeppelin"), CHAPTERS[2:])], encoded=False)
    scope = Scope(docs=store.documents(), store=store, encoder=None, router=DocumentRouter())
    assert [hit.page for hit in find("zeppelin", store, None, scope.docs, 10)] == [0]


@pytest.mark.parametrize("question", ["Which chapters are about the mole?", "What is on page 1 about the mole?"])
def test_who_asks_for_it_gets_it(question: str) -> None:
    store = store_of(pages(CONTENTS))
    assert 0 in [hit.page for hit in ask(store, question) if hit.score > -MALUS / 2]
    assert "mole" in quotable(store, question, 0)


def test_a_title_above_contents_stays() -> None:
    title = "The book of Winterstrand\n" + "Written by the clerk Ottilie Brandt for the council of the town. " * 8
    store = store_of(pages(f"{title}\n\n{CONTENTS}"))
    assert ask(store, "Who is the clerk Ottilie Brandt?")[0].page == 0
    text = quotable(store, "Who is the clerk Ottilie Brandt?", 0)
    assert "Ottilie" in text
    assert "mole" not in text
