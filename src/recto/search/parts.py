"""Where a numbered part of a document stands: a table by its caption, a section from its heading to the next."""

import re
from collections.abc import Iterator, Mapping, Set
from functools import cache
from itertools import islice

import numpy as np

from recto.index_types import PageKey, PageTerms
from recto.query import PartReference
from recto.storage import Store
from recto.text.analyse import term_ids
from recto.text.captions import (
    CAPTIONED,
    SPELLINGS,
    Beginning,
    extent,
    number_forms,
    numbered_places,
    section_end,
    worded_places,
)
from recto.text.languages import LANGUAGES
from recto.types import JOINT, NamedPlace, Span, TraitKind, UInt32s

REPEATS = 3  # tables of one number in a document
SECTION_PAGES = 5  # so far a section is followed
HEADED = frozenset({"section", "chapter", "appendix", "part", "note"})  # the others may be items of lists
LONG = frozenset({"article", "item"})  # these may go on over pages, too
BRIEF = 60  # characters of a heading that nothing but its number tells

_BASE = re.compile(r"[A-Za-z]?[.-]?\d+(?:\.\d+)*")  # of a number: 2 of 2(b)


def part_places(
    part: PartReference, pages: Mapping[PageKey, PageTerms], store: Store, *, alone: bool
) -> Iterator[NamedPlace]:
    """Where a part begins among the pages of a document, and the pages over which a section goes on."""
    base = _BASE.match(part.number)
    for number in dict.fromkeys([part.number, base[0] if base else part.number]):
        spans = [
            _span(key, beginning, PartReference(part.kind, number), store, alone=alone)
            for key, beginning in _beginnings(PartReference(part.kind, number), pages, store)
        ]
        yield from (NamedPlace(span, alone) for span in spans)
        if spans and part.kind in HEADED | LONG:
            yield from (
                NamedPlace(span, alone=False) for span in continuation(part.kind, number, spans[0], pages, store)
            )
        if spans:
            return


def whole_page(key: PageKey, store: Store) -> Iterator[Span]:
    """The page without its running head and foot; nothing, if there is no other text."""
    if spans := text_spans(key, store):
        yield Span(*key, spans[0].start, spans[-1].end)


def text_spans(key: PageKey, store: Store) -> list[Span]:
    """The passages of a page that are none of its running heads and feet."""
    page = store.page(*key)
    spans = (passage.span for passage in store.passages(*key))
    return [span for span in spans if not page.has(TraitKind.RUNNING, span.start, span.end)]


def _span(key: PageKey, beginning: Beginning, part: PartReference, store: Store, *, alone: bool) -> Span:
    """From a part's name on; behind it, if more is asked: of a question's words it holds many, and answers none."""
    start, end = extent(store.page(*key).text, part.kind, part.number, beginning.line)
    inside = not alone and start == beginning.line[0]
    return Span(*key, beginning.number_end if inside else start, end)


def _beginnings(
    part: PartReference, pages: Mapping[PageKey, PageTerms], store: Store
) -> list[tuple[PageKey, Beginning]]:
    """The first lines with which a part may begin: with its name, else, of a section, with its number alone."""
    forms, names = number_forms(part.number), _name_terms(part.kind)
    ids = term_ids(" ".join(forms))
    numbers, stopped = set(ids.tolist()), ids.size < len(forms)  # A, as an article, is no term

    def may_name(terms: UInt32s) -> bool:
        places = (place for number in numbers for place in np.flatnonzero(terms[1:] == number).tolist())
        return any(int(terms[place]) in names for place in places) or (stopped and holds(terms, names))

    worded = (
        (key, beginning)
        for key, terms in pages.items()
        if may_name(terms.text)
        for beginning in worded_places(store.page(*key).text, part.kind, part.number)
    )
    beginnings = list(islice(worded, REPEATS if part.kind in CAPTIONED else 1))
    if beginnings or part.kind in CAPTIONED:
        return beginnings
    numbered = (
        (key, beginning)
        for key, terms in pages.items()
        if stopped or holds(terms.text, numbers)
        for beginning in numbered_places(store.page(*key).text, part.number)
        if part.kind not in HEADED or not part.number.isalnum() or is_heading(key, beginning, store)
    )
    return list(islice(numbered, 1))


@cache
def _name_terms(kind: str) -> frozenset[int]:
    """The ids of the words that a kind of part goes by, as texts in all languages hold them."""
    spellings = " ".join(SPELLINGS[kind])
    return frozenset(name for language in LANGUAGES for name in term_ids(spellings, language).tolist())


def holds(terms: UInt32s, words: Set[int]) -> bool:
    """Whether one of a few words is among a page's terms."""
    return any((terms == word).any() for word in words)


def is_heading(key: PageKey, beginning: Beginning, store: Store) -> bool:
    """Whether a line is a heading of its page: 4 begins items of lists and A begins sentences, where 3.2 does not."""
    text = store.page(*key).text
    start, end = beginning.line
    headings = {title for passage in store.passages(*key) for title in passage.heading.lower().split(JOINT) if title}
    titles = {" ".join(text[at:end].lower().split()) for at in (start, beginning.number_end)}
    title = text[beginning.number_end : end]
    plain = not headings and text[start].isdecimal() and end - start <= BRIEF and not any(map(str.isdecimal, title))
    return plain or not titles.isdisjoint(headings)


def continuation(
    kind: str, number: str, span: Span, pages: Mapping[PageKey, PageTerms], store: Store
) -> Iterator[Span]:
    """The beginnings of the pages behind, down to where the next section begins."""
    if span.end < len(store.page(span.doc, span.page).text.rstrip()):
        return
    keys = (PageKey(span.doc, page) for page in range(span.page + 1, span.page + SECTION_PAGES))
    for key in (key for key in keys if key in pages):
        end = section_end(store.page(*key).text, kind, number, -1)
        for page in whole_page(key, store):
            if end is None or end > page.start:
                yield Span(*key, page.start, page.end if end is None else end)
        if end is not None:
            return
