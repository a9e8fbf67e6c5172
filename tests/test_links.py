"""Addresses of places: readable, distinct, and whole in Markdown."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recto.links import file_url, is_page, page_url, pdf_url
from recto.types import Document

BASE = "http://127.0.0.1:8765"


def document(name: str, doc: str = "3fa9c1b2e0d4" + "0" * 52) -> Document:
    return Document(id=doc, name=name, title=name, pages=20, size=1, added=0.0)


def test_an_address_says_which_document_and_page() -> None:
    assert page_url(BASE, document("policy.pdf"), 11, (100, 190)) == f"{BASE}/policy.pdf/12?id=3fa9c1b2e0d4&at=100-190"
    assert page_url("", document("policy.pdf"), 0) == "/policy.pdf/1?id=3fa9c1b2e0d4"


def test_documents_of_one_name_have_addresses_of_their_own() -> None:
    former, latter = document("a.pdf"), document("a.pdf", "f" * 64)
    assert page_url(BASE, former, 1) != page_url(BASE, latter, 1)


@pytest.mark.parametrize("name", ["metrics", "d", "api", "v1", "mcp", "static", "..", ".pdf", "...pdf", "a/b.pdf"])
def test_a_name_that_may_be_another_address_is_none(name: str) -> None:
    assert page_url(BASE, document(name), 1, (0, 5)) == f"{BASE}/d/3fa9c1b2e0d4?page=2&id=3fa9c1b2e0d4&at=0-5"
    assert not is_page(f"/{name}/2")


@given(st.text(min_size=1, max_size=40), st.integers(0, 5000))
def test_any_name_makes_an_address_that_markdown_takes_whole(name: str, page: int) -> None:
    address = page_url(BASE, document(name), page, (1, 2))
    assert address.isascii()
    assert not set(address) & set(" \n\t()<>[]\"'`|*")
    path = unquote(urlsplit(address).path)
    if not path.startswith("/d/"):
        assert path == f"/{name.encode('utf-8', 'replace').decode()}/{page + 1}"
        assert is_page(path)


def test_the_pdf_opens_at_the_page_and_at_the_words() -> None:
    fragment = "#page=2:~:text=well%2Dknown%2C%20so"
    assert (
        pdf_url(BASE, document("a.pdf"), 1, "well-known, so") == f"{BASE}/api/documents/{document('').id}/pdf{fragment}"
    )
    long = pdf_url(BASE, document("a.pdf"), 1, "one two three four five\nsix seven eight nine")
    assert long.endswith("#page=2:~:text=one%20two%20three%20four,six%20seven%20eight%20nine")
    assert pdf_url(BASE, document("a.pdf"), 1).endswith("/pdf#page=2")
    assert file_url(Path("/papers/my paper.pdf"), 0) == "file:///papers/my%20paper.pdf#page=1"
    assert file_url(Path("/papers/notes.md"), 3) == "file:///papers/notes.md"


def test_a_long_path_costs_no_more_than_its_length() -> None:
    assert not is_page(f"/{'a.' * 30_000}/x")
    assert is_page(f"/{'a.' * 30_000}b/1")
