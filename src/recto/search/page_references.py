"""Pages that a question names: "on page 12", "the cover page"."""

import re
from collections.abc import Iterator, Sequence

from recto.search.lookup import Lookup
from recto.text.languages import MIXED
from recto.text.languages.language import any_of
from recto.types import Document

FRONT_MATTER = 30  # pages; so far may a number printed on a page lag behind its place in the file
_NUMBER = "([1-9][0-9]{0,3})"
_NUMBERED = re.compile(
    rf"\b{any_of(MIXED.page_words)} ?{_NUMBER}(?: ?(?:-|\u2013|{any_of(MIXED.range_words)}) ?{_NUMBER})?\b",
    re.IGNORECASE,
)
_PLACES = {"first": 0, "front": 0, "cover": 0, "title": 0, "second": 1, "third": 2, "last": -1}
_PLACED = re.compile(rf"\b({'|'.join(_PLACES)}) page\b", re.IGNORECASE)


def named(question: str, docs: Sequence[Document], lookup: Lookup) -> set[tuple[str, int]]:
    """The pages named, as documents and pages from 0: as counted in the file and, in one document, as printed."""
    numbers = set(_numbers(question))
    places = [_PLACES[match.group(1).lower()] for match in _PLACED.finditer(question)]
    found = {(doc.id, place if place >= 0 else doc.pages + place) for doc in docs for place in places}
    found |= {(doc.id, number - 1) for doc in docs for number in numbers}
    if len(docs) == 1:  # the pages of many would have to be read
        found |= {(docs[0].id, page) for number in numbers for page in _printed(number, docs[0], lookup)}
    return found


def _numbers(question: str) -> Iterator[int]:
    for first, last in _NUMBERED.findall(question):
        begin = int(first)
        yield begin
        yield from range(begin + 1, min(int(last or first), begin + FRONT_MATTER) + 1)


def _printed(number: int, doc: Document, lookup: Lookup) -> Iterator[int]:
    """The pages that have this number at an end of their first or last line."""
    for page in range(number, min(number + FRONT_MATTER, doc.pages)):
        lines = lookup.page(doc.id, page).text.strip().splitlines()
        if any(str(number) in (line.split()[:1] + line.split()[-1:]) for line in lines[:1] + lines[-1:]):
            yield page
