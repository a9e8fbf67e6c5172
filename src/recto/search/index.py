"""What ranking keeps of a document: term arrays for its pages, their first lines, their passages and their tables."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress

import numpy as np

from recto.errors import Gone
from recto.eta import Eta
from recto.events import Progress, Stage
from recto.file_kinds import ending_of
from recto.index_types import IndexedPage, PageTerms
from recto.normalize import z
from recto.storage import Store
from recto.text.analyse import ANALYSER_VERSION, marked, term_ids
from recto.text.contents import contents, covers
from recto.text.detection import page_languages
from recto.text.tables import headed_rows
from recto.types import Page, Passage

HEADING_LINES = 6  # non-empty lines at a page's top that count as its heading field, see docs/ranking.md
HEADING_CHARACTERS = 300
SHORT = 400  # characters: a page below holds a title or a divider, hardly ever an answer
FILINGS = {"10k": "10-K annual report", "10q": "10-Q quarterly report"}  # what people call these forms in a question

_LINE = re.compile(r"\S.*")


ATTACHED = ", attached to "  # between the name of an attached file and that of the file that holds it


def title(name: str) -> str:
    """Make a title of a file name: no ending, separators as spaces, a filing's form in words."""
    names = (part[: len(part) - len(ending_of(part))] for part in name.split(ATTACHED))
    words = re.sub(r"[_-]+", " ", ATTACHED.join(names)).split()
    return " ".join(FILINGS.get(word.lower(), word) for word in words)


def headed(title: str, passage: Passage) -> str:
    """Give a passage's text with what stands above it, as the encoder reads it; never shown."""
    return f"{title}. {passage.heading}\n{passage.text}"


def indexed_pages(title: str, pages: Sequence[Page], passages: Sequence[Sequence[Passage]]) -> list[IndexedPage]:
    """Analyse a whole document: its pages with their terms, and those of passages and of rows of tables."""
    digits = z(np.array([sum(map(page.text.count, "0123456789")) / max(len(page.text), 1) for page in pages]))
    texts = [page.text for page in pages]
    lists, languages = contents(texts), page_languages(texts)
    return [
        IndexedPage(
            page,
            tuple(passages_of_page),
            PageTerms(
                text=marked(term_ids(page.text, language), language),
                heading=term_ids("\n".join(_LINE.findall(page.text)[:HEADING_LINES])[:HEADING_CHARACTERS], language),
                passages=tuple(term_ids(headed(title, passage), language) for passage in passages_of_page),
                rows=tuple(term_ids(row, language) for row in headed_rows(page.text, before.text if before else "")),
                digits=float(digits_of_page),
                short=len(page.text) < SHORT,
                contents=np.array(
                    [
                        index
                        for index, passage in enumerate(passages_of_page)
                        if covers(lists_of_page, passage.span.start, passage.span.end)
                    ],
                    np.uint32,
                ),
            ),
        )
        for before, page, passages_of_page, digits_of_page, lists_of_page, language in zip(
            [None, *pages[:-1]], pages, passages, digits, lists, languages, strict=True
        )
    ]


def reanalysed(store: Store) -> Iterator[Progress]:
    """Analyse anew what another version of the analyser did, for its terms would be missed; usually there is nothing.

    LibraryReadOnly if the terms cannot be kept.
    """
    eta = Eta()
    versions = store.outdated(ANALYSER_VERSION)
    total, done = sum(version.document.pages for version in versions), 0
    for version in versions:
        document = version.document
        left_s = eta.left_s(done, total)
        yield Progress(stage=Stage.READING, name=document.name, done=done, total=total, eta_s=left_s, doc=document.id)
        with suppress(Gone):  # removed or put anew meanwhile, and then by this analyser
            pages = [store.page(document.id, number) for number in range(document.pages)]
            passages = [store.passages(document.id, number) for number in range(document.pages)]
            indexed = indexed_pages(document.title, pages, passages)
            store.put_terms(version, ANALYSER_VERSION, [item.terms for item in indexed])
        done += document.pages
