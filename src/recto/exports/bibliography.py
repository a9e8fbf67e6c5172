"""The documents that an answer cites, for programs that keep references: CSL-JSON and BibTeX, with their pages.

Title, author, year and DOI are read from the first page, by the rules that answer questions for them; what it does not
say is left out.
"""

import json
import re
from typing import Any

from recto.exports.places import CitedAnswer
from recto.library import Library
from recto.links import one_line
from recto.text import opening
from recto.text.languages import MIXED
from recto.text.languages.language import any_of
from recto.types import Document, Page

_DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"<>]*[^\s\"<>.,;)\]]")  # as Crossref says that nearly all look
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_BYLINE = re.compile(rf"{any_of(MIXED.places.bylines)}(?: by)?[\s:]+", re.IGNORECASE)
_TEX = re.compile(r"[\\{}$&#%_^~]")
_TEX_WORDS = {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}


def csl_json(library: Library, answer: CitedAnswer) -> str:
    """An item for each cited document: https://github.com/citation-style-language/schema."""
    return json.dumps(_items(library, answer), ensure_ascii=False, indent=2) + "\n"


def bibtex(library: Library, answer: CitedAnswer) -> str:
    """An entry for each cited document."""
    return "\n\n".join(map(_entry, _items(library, answer))) + "\n"


def _items(library: Library, answer: CitedAnswer) -> list[dict[str, Any]]:
    pages: dict[Document, dict[str, None]] = {}
    for place in answer.places:
        page = one_line(place.label) or str(place.span.page + 1)
        pages.setdefault(place.document, {})[page] = None
    return [
        {
            "id": document.id[:12],
            "type": "document",
            "title": one_line(document.title or document.name),
            **first_page_facts(library.page(document.id, 0)),
            "page": ", ".join(cited),
        }
        for document, cited in pages.items()
    ]


def first_page_facts(page: Page) -> dict[str, Any]:
    """What the first page says of title, author, year and DOI."""
    facts: dict[str, Any] = {}
    if place := opening.title(page, 0):
        facts["title"] = one_line(page.text[slice(*place)])
    if place := opening.author(page, 0):
        facts["author"] = [{"literal": _BYLINE.sub("", one_line(page.text[slice(*place)]), count=1)}]
    if (place := opening.date(page, 0)) and (year := _YEAR.search(page.text, *place)):
        facts["issued"] = {"date-parts": [[int(year[0])]]}
    if doi := _DOI.search(page.text):
        facts["DOI"] = doi[0]
    return facts


def _entry(item: dict[str, Any]) -> str:
    authors = [f"{{{_tex(author['literal'])}}}" for author in item.get("author", ())]  # braces: no name is cut in two
    years = [str(year) for ((year,),) in [item["issued"]["date-parts"]]] if "issued" in item else []
    fields = {
        "title": _tex(item["title"]),
        "author": " and ".join(authors),
        "year": "".join(years),
        "pages": _tex(item["page"]),
        "doi": _tex(item.get("DOI", "")),
    }
    lines = [f"  {name} = {{{text}}}," for name, text in fields.items() if text]
    return "\n".join([f"@misc{{{item['id']},", *lines, "}"])


def _tex(text: str) -> str:
    """A document's words for TeX: nothing in them is a command."""
    return _TEX.sub(lambda sign: _TEX_WORDS.get(sign[0], f"\\{sign[0]}"), text)
