"""Where the places stand that a question names: looked up in the texts of pages, to be quoted from there."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from recto.index_types import PageKey, PageTerms
from recto.query import References
from recto.search.overview import about_document
from recto.search.parts import part_places, whole_page
from recto.search.references import plain, plain_words
from recto.storage import Store
from recto.text.contents import FRONT_MATTER
from recto.text.languages import MIXED
from recto.text.memory import remembered
from recto.text.sentences import lines
from recto.text.stems import stem
from recto.types import Document, NamedPlace, Page, TraitKind

MOST = 30  # places of one question
LABEL_WORDS = 3  # of a line that is hardly more than a page's number: "Page 3", "- 3 -"

NAMES = 1 << 12  # documents whose words are remembered: a question that names a place looks at each

_WORD = re.compile(r"[^\W_]+")
_LITTLE = plain_words(MIXED.questions.determiners | MIXED.questions.possessives)
_DOCUMENTS = plain_words(MIXED.places.documents)


def find_places(
    references: References, pages: Mapping[PageKey, PageTerms], docs: Sequence[Document], store: Store
) -> list[NamedPlace]:
    """The places meant, on these pages, in the order in which they are to be read. Gone if a document is gone."""
    documents = named_documents(references, docs)
    own: dict[str, dict[PageKey, PageTerms]] = {}
    for key, terms in pages.items():
        own.setdefault(key.doc, {})[key] = terms
    places = (
        place
        for document in documents
        if document.id in own
        for place in _places_in(document, references, own[document.id], store, single=len(documents) == 1)
    )
    return list(islice((place for place in places if PageKey(place.span.doc, place.span.page) in pages), MOST))


def numbered_pages(references: References, docs: Sequence[Document], store: Store) -> list[PageKey]:
    """The pages meant by their numbers and the first ones, if the document itself is meant; some are not there."""
    documents = named_documents(references, docs)
    keys = [
        key for document in documents for key in _numbered_in(document, references, store, single=len(documents) == 1)
    ]
    return keys + [PageKey(document.id, 0) for document in documents if references.facts or references.overview]


def named_documents(references: References, docs: Sequence[Document]) -> list[Document]:
    """The documents whose names hold most words of the question; all if it names none; none if it names no place."""
    words = _stems([*references.remainder, *references.documents])
    if not references or len(docs) < 2 or not words:
        return list(docs) if references else []
    counts = [len(words & _name(document)) for document in docs]
    return [document for document, count in zip(docs, counts, strict=True) if count == max(counts)]


def _places_in(
    document: Document, references: References, pages: Mapping[PageKey, PageTerms], store: Store, *, single: bool
) -> Iterator[NamedPlace]:
    """Those in one document, which is the only one meant or not, on these of its pages."""
    alone = _stems(references.remainder) <= _name(document)
    for key in _numbered_in(document, references, store, single=single):
        if key in pages:
            yield from (NamedPlace(span, alone) for span in whole_page(key, store))
    for part in references.parts:
        yield from part_places(part, pages, store, alone=alone)
    if means_whole(document, references):
        yield from (NamedPlace(span, alone) for span in about_document(document, references, store, single=single))


def means_whole(document: Document, references: References) -> bool:
    """Whether a question asks for nothing but this document, or something about it.

    With a word of its name it may ask for another thing: what is the purpose of the pump.
    """
    words, name = _stems(references.remainder), _name(document)
    names_it = not words or references.documents or name <= words | _DOCUMENTS
    return bool(names_it) and words <= name


def called(name: str, docs: Sequence[Document]) -> Document | None:
    """The one document whose name or title has all words of what somebody calls it; None if there is not just one."""
    words = _stems([word.lower() for word in _WORD.findall(plain(name)) if word.lower() not in _LITTLE])
    matching = [document for document in docs if words and words <= _name(document)]
    return matching[0] if len(matching) == 1 else None


def _numbered_in(document: Document, references: References, store: Store, *, single: bool) -> Iterator[PageKey]:
    """The pages meant by their numbers in one document, as counted in the file and, in a single one, as printed."""
    for place in references.ends:
        yield PageKey(document.id, place if place >= 0 else document.pages + place)
    for label in references.pages:
        number = int(label) if label.isdecimal() else 0
        if number:
            yield PageKey(document.id, number - 1)
        # Behind some front matter, or anywhere in a document that calls its last page otherwise than its number. The
        # pages of many documents would have to be read.
        pages = range(number, min(number + FRONT_MATTER, document.pages)) if single else range(0)
        if single and document.pages and store.page(document.id, document.pages - 1).label:
            pages = range(document.pages)
        keys = [PageKey(document.id, page) for page in pages]
        for key, page in zip(keys, store.pages(keys), strict=True):
            if label in printed_labels(key, page, store):
                yield key


def printed_labels(key: PageKey, page: Page, store: Store) -> Iterator[str]:
    """What a page is called: by its document, else by what may be a number printed on it.

    That stands at an end of its first or last line, which is no text of its own.
    """
    if page.label:
        yield page.label.lower()
        return
    text, places, passages = page.text, lines(page.text), store.passages(*key)
    for start, end in {*places[:1], *places[-1:]}:
        words = text[start:end].lower().split()
        in_passage = any(passage.span.start <= start < passage.span.end for passage in passages)
        running = not in_passage or page.has(TraitKind.RUNNING, start, end)
        if running or len(words) <= LABEL_WORDS:
            yield from (words[0], words[-1])


def _stems(words: Sequence[str]) -> frozenset[str]:
    return frozenset(map(stem, words))


@remembered(NAMES)
def _name(document: Document) -> frozenset[str]:
    """The stems of the words of a document's name and title."""
    return _stems([word.lower() for word in _WORD.findall(plain(f"{document.name} {document.title}"))])
