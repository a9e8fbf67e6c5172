"""What a document is about, in its own words: its opening, and each section by its heading and its first sentence.

The first full sentence of a section stands for it: what is nearest to the middle of a section's words was measured and
is no better, see `bench/whole.py`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from recto.answer.blocks import Part
from recto.answer.evidence import PageReader, SourcePage
from recto.answer.quote import Quote
from recto.index_types import PageKey
from recto.search.overview import HEADINGS, find_opening, find_outline, outline_behind
from recto.storage import Store
from recto.text.contents import leads_to_page
from recto.text.lists import announces, lists
from recto.text.opening import larger_lines
from recto.text.sentences import Range, is_item, is_row
from recto.types import Document, Span, TraitKind

SHORT = 8  # pages of a document whose headings are told by their size
SECTION_PAGES = 5  # of a section that are searched for its first sentence: longer ones begin with pictures
STATEMENT = 40  # characters of a sentence that says something
FEWEST_WORDS = 6
FEWEST_SHORT = 3  # words of a sentence in a section that has no longer one
ITEMS = 5  # of a list that stands for its section
PARTS = 6  # of a document without headings, each with its first sentence


def summary_quotes(
    document: Document, reader: PageReader, store: Store, *, most: int = HEADINGS
) -> tuple[list[Quote], int]:
    """The opening, and so many sections, each as its heading and its sentence; and how many sections there are."""
    opening = [span for span in find_opening(document, store, abstract=True) if span.start < span.end]
    if not opening:
        return [], 0
    outline = set_larger(document, store) if document.pages <= SHORT else []
    outline = outline or find_outline(document, store)
    opening[0] = _before_sections(opening[0], outline, store)
    headings = outline_behind(opening[-1], outline)
    ends = [*headings[1:], Span(document.id, document.pages, 0, 0)]
    sections = [[heading, *lead(reader, heading, end)] for heading, end in zip(headings[:most], ends, strict=False)]
    if not sections and document.pages > 1:
        sections = [[span] for span in page_leads(document, reader, opening[-1])][:most]
    quotes = [_quote(reader, spans) for spans in [[span] for span in opening] + sections]
    return quotes, max(len(headings), len(sections))


def set_larger(document: Document, store: Store) -> list[Span]:
    """The lines of a short document that are set larger than its text: its passages hold several sections each."""
    pages = store.pages([PageKey(document.id, number) for number in range(document.pages)])
    return [
        Span(document.id, page.number, *place)
        for page, places in zip(pages, larger_lines(pages), strict=True)
        for place in places
        if not page.has(TraitKind.RUNNING, *place)
    ]


def _before_sections(opening: Span, outline: Sequence[Span], store: Store) -> Span:
    """The opening up to the first heading that does not belong to its title."""
    text, at = store.page(opening.doc, opening.page).text, opening.start
    for heading in outline:
        if heading.page == opening.page and at <= heading.start < opening.end:
            if text[at : heading.start].strip():
                return replace(opening, end=at + len(text[at : heading.start].rstrip()))
            at = heading.end
    return opening


def lead(reader: PageReader, heading: Span, end: Span) -> list[Span]:
    """The first sentence below a heading that says something, before the next section; else what else stands there."""
    spans = (_first(reader, heading, end, saying) for saying in (statements, short_statements))
    return list(islice(filter(None, spans), 1))


def _first(
    reader: PageReader, heading: Span, end: Span, saying: Callable[[SourcePage], Iterator[Range]]
) -> Span | None:
    """The first of the places between a heading and the next one."""
    for number in range(heading.page, min(end.page, heading.page + SECTION_PAGES) + 1):
        if number >= reader.counts[heading.doc]:
            break
        page = reader.source(heading.doc, number)
        start = heading.end if number == heading.page else 0
        stop = end.start if number == end.page else len(page.text)
        for place in saying(page):
            if start <= place[0] and place[1] <= stop:
                return Span(heading.doc, number, *place)
    return None


def page_leads(document: Document, reader: PageReader, behind: Span) -> Iterator[Span]:
    """Without headings: the first statement of some pages, evenly over the document, behind its opening."""
    step = max(document.pages // PARTS, 1)
    for number in range(behind.page, document.pages, step):
        for place in statements(reader.source(document.id, number)):
            if (number, place[0]) >= (behind.page, behind.end):
                yield Span(document.id, number, *place)
                break


def statements(page: SourcePage) -> Iterator[Range]:
    """The sentences of a page that say something by themselves: no heading, item, caption or row."""
    tables = [(table.start, table.end) for table in page.tables]
    for place in page.sentences:
        words = page.text[slice(*place)]
        full = words[-1] in ".!?\u3002" and place[1] - place[0] >= STATEMENT and len(words.split()) >= FEWEST_WORDS
        plain = not (is_item(words) or is_row(words) or announces(page.text, place) or leads_to_page(page.text, place))
        if full and plain and not any(start <= place[0] < end for start, end in tables):
            yield place


def short_statements(page: SourcePage) -> Iterator[Range]:
    """What a section says in which no sentence is long: lists below what introduces them, and short sentences."""
    sentences = page.sentences
    listed = [
        (sentences[block.first][0], sentences[block.items[:ITEMS][-1][1] - 1][1])
        for block in lists(page.text, sentences)
        if block.introduction is not None
    ]
    for place in sorted([*listed, *sentences]):
        words = page.text[slice(*place)]
        full = words[-1] in ".!?\u3002" and len(words.split()) >= FEWEST_SHORT
        if place in listed or (full and not (is_item(words) or is_row(words) or leads_to_page(page.text, place))):
            yield place


def _quote(reader: PageReader, spans: list[Span]) -> Quote:
    parts = tuple(Part(reader.source(span.doc, span.page), (span.start, span.end)) for span in spans)
    return Quote(parts[-1].page, parts, 0.0)
