"""What a document says of itself: its title, author and date, its opening, and its outline."""

import re
from collections.abc import Iterator, Sequence

from recto.index_types import PageKey
from recto.query import References
from recto.search.parts import text_spans
from recto.storage import Store
from recto.text import opening
from recto.text.languages import MIXED
from recto.text.languages.language import any_of
from recto.text.sentences import lines
from recto.text.subjects import NO_SUBJECT
from recto.types import JOINT, Document, Span

ABSTRACT_PAGES = 5  # among which an abstract is looked for
HEADINGS = 8  # of an outline
LEVELS = 3  # so few headings of the highest level are one title: then those below are the outline

_ABSTRACT = re.compile(
    rf"(?:[\dIVX.]+\s+)?(?:executive )?{any_of(MIXED.places.abstracts)}\s*[.:\u2013\u2014-]?", re.IGNORECASE
)


def about_document(document: Document, references: References, store: Store, *, single: bool) -> Iterator[Span]:
    """Its title, author or date; its opening, if none stands out; its outline as well, if the whole is asked for.

    An outline comes of a single document only: those of many would hide what they are.
    """
    if not (references.facts or references.overview) or not document.pages:
        return
    places = [place for fact in references.facts if (place := find_fact(fact, document, store))]
    if places and len(places) == len(references.facts):
        yield from places
        return
    begins = find_opening(document, store, abstract=references.overview and single)
    yield from begins
    if references.overview and single:
        yield from outline_behind(begins[-1], find_outline(document, store))[:HEADINGS]


def find_fact(fact: str, document: Document, store: Store) -> Span | None:
    """Where a document says its title, author or date: on its first page; who signed it, on its last."""
    first, last = first_page(document, store), document.pages - 1
    if place := opening.FACTS[fact](store.page(document.id, first), 0):
        return Span(document.id, first, *place)
    signed = opening.signature(store.page(document.id, last)) if fact == "author" else None
    return Span(document.id, last, *signed) if signed else None


def first_page(document: Document, store: Store) -> int:
    """The first page with text of its own."""
    keys = (PageKey(document.id, number) for number in range(document.pages))
    return next((key.page for key in keys if text_spans(key, store)), 0)


def find_opening(document: Document, store: Store, *, abstract: bool) -> list[Span]:
    """How a document begins and, if that is wanted and there is one, its abstract; nothing of one without pages."""
    if not document.pages:
        return []
    first = first_page(document, store)
    text = store.page(document.id, first).text
    start = next((span.start for span in text_spans(PageKey(document.id, first), store)), 0)
    place = find_abstract(document, store, (first, start + 1)) if abstract else None
    end = place.start if place and place.page == first else len(text)
    begins = Span(document.id, first, *opening.shortened(text, (start, end), opening.OPENING))
    return [begins, *([place] if place else [])]


def outline_behind(last: Span, outline: Sequence[Span]) -> list[Span]:
    """The headings behind a place: those before are part of it."""
    return [span for span in outline if (span.page, span.start) >= (last.page, last.end)]


def find_abstract(document: Document, store: Store, behind: tuple[int, int]) -> Span | None:
    """The first lines below a heading such as "Abstract", behind a place of a page."""
    for number in range(min(document.pages, ABSTRACT_PAGES)):
        text = store.page(document.id, number).text
        for start, end in lines(text):
            if (number, start) >= behind and _ABSTRACT.fullmatch(text, start, end):
                return Span(document.id, number, *opening.shortened(text, (start, len(text)), opening.OPENING))
    return None


def find_outline(document: Document, store: Store) -> list[Span]:
    """The highest headings, in order; those below a single one, too."""
    levels: list[dict[str, Span]] = [{}, {}]
    for number in range(document.pages):
        for passage in store.passages(document.id, number):
            path = passage.heading.split(JOINT) if passage.heading else []
            for spans, title in zip(levels, path, strict=False):
                says_something = not any(word in title.lower() for word in NO_SUBJECT)
                if says_something and title not in spans and (span := heading_line(store, passage.span, title)):
                    spans[title] = span
        if len(levels[0]) > 2 * HEADINGS:  # some stand in the opening
            break
    headings = levels[0] if len(levels[0]) >= LEVELS else levels[0] | levels[1]
    return sorted(set(headings.values()), key=lambda span: (span.page, span.start))


def heading_line(store: Store, below: Span, title: str) -> Span | None:
    """Where a heading stands on the page of what is below it: a line, or several, of its own."""
    words = r"\s+".join(re.escape(word) for word in title.split())
    pattern = rf"^[ \t]*((?:[\dA-Z][\d.]*\s+)?{words})[ \t]*$"
    match = re.search(pattern, store.page(below.doc, below.page).text[: below.end], re.IGNORECASE | re.MULTILINE)
    return Span(below.doc, below.page, *match.span(1)) if match else None
