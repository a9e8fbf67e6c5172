"""Pages that a question names: "on page 12", "the cover page"."""

import re
from collections.abc import Sequence

from recto.index_types import PageKey
from recto.query import PageReferences
from recto.storage import Store
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


def page_references(question: str) -> PageReferences:
    """The numbers and places of pages in a question; of a range at most as many as front matter may have."""
    numbers: dict[int, None] = {}
    for start, end in _NUMBERED.findall(question):
        first, last = int(start), int(end or start)
        numbers |= dict.fromkeys([first, *range(first + 1, min(last, first + FRONT_MATTER) + 1)])
    places = (_PLACES[match.group(1).lower()] for match in _PLACED.finditer(question))
    return PageReferences(tuple(numbers), tuple(dict.fromkeys(places)))


def referenced_pages(references: PageReferences, docs: Sequence[Document], store: Store) -> set[PageKey]:
    """The pages meant: as counted in the file and, in one document, as printed; some may not be there."""
    pages = {PageKey(doc.id, place if place >= 0 else doc.pages + place) for doc in docs for place in references.places}
    pages |= {PageKey(doc.id, number - 1) for doc in docs for number in references.numbers}
    if len(docs) == 1:  # the pages of many would have to be read
        for number in references.numbers:
            for page in range(number, min(number + FRONT_MATTER, docs[0].pages)):
                lines = store.page(docs[0].id, page).text.strip().splitlines()
                # printed at an end of the page's first or last line
                if any(str(number) in (line.split()[:1] + line.split()[-1:]) for line in lines[:1] + lines[-1:]):
                    pages.add(PageKey(docs[0].id, page))
    return pages
