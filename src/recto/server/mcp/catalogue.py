"""The tools as clients list them: names, words for the model, and the schemas of what they take and give.

Each description stands alone, since many clients show no instructions, and says all that a model is to know, since
titles, defaults and output schemas reach none. Schemas of results are loose: an absent field is left out, never null,
and further ones may come, for clients refuse a whole result for the one or the other.
"""

from dataclasses import dataclass
from typing import Any

from recto.server.mcp.arguments import (
    Arguments,
    AskArguments,
    FetchArguments,
    ListArguments,
    PageArguments,
    SearchArguments,
    TablesArguments,
)
from recto.server.mcp.opening import AS_DATA

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}


def record(*required: str, **properties: Schema) -> Schema:
    """The schema of an object with these fields, those first that are always there; it may have others."""
    return {"type": "object", "properties": properties, "required": list(required)}


def rows(items: Schema) -> Schema:
    """The schema of a list."""
    return {"type": "array", "items": items}


PLACE = {"document": TEXT, "page": WHOLE, "label": TEXT, "url": TEXT, "id": TEXT}
QUOTE = record("quote", "document", "page", "url", "id", quote=TEXT, remarks=rows(TEXT), more=TEXT, cut=TEXT, **PLACE)
TABLE = record("rows", rows=rows(rows(TEXT)), heads=rows(TEXT), units=TEXT, more=TEXT)
DOCUMENT = record("id", "name", "pages", id=TEXT, name=TEXT, title=TEXT, pages=WHOLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolEntry:
    """A tool. `name` has no prefix, as clients put theirs before it; `words` are for the model, in lines."""

    name: str
    title: str
    words: str
    arguments: type[Arguments]
    output: Schema

    @property
    def description(self) -> str:
        """What the model is told of it."""
        return " ".join([*self.words.split(), AS_DATA])


TOOLS = (
    ToolEntry(
        name="ask",
        title="Ask the documents",
        words="""Answer a question from the person's own PDFs. Returns up to three quotes, word for word, each with
        document, page and url, and says how surely they answer: kind is "quoted" (they do), "closest"
        (they come closest and may not answer) or "abstained" (the documents do not seem to say;
        `nearest` holds the nearest passages). With write=true a local language model also writes an
        answer with numbered sources (kind "written"), if there is one. "Summarise", "List all ..." and
        "Compare A and B on ..." bring more quotes; `documents` says whose, and how many of how many. Follow-up
        questions are not understood: put everything into the question.""",
        arguments=AskArguments,
        output=record(
            "kind",
            "quotes",
            kind=TEXT,
            note=TEXT,
            answer=TEXT,
            quotes=rows(QUOTE),
            nearest=rows(QUOTE),
            unsupported=rows(TEXT),
            documents=rows(TEXT),
        ),
    ),
    ToolEntry(
        name="search",
        title="Search the documents",
        words="""Find the pages of the person's own PDFs that match a question or words best. Returns results, best
        first, each with id (for fetch), title, url, document, page and the best passage of that page,
        word for word, as `quote`. To have a question answered call ask instead: it reads the best pages
        sentence by sentence.""",
        arguments=SearchArguments,
        output=record(
            "results",
            results=rows(record("title", *QUOTE["required"], title=TEXT, **QUOTE["properties"])),
            more=TEXT,
            not_searched=rows(TEXT),
        ),
    ),
    ToolEntry(
        name="fetch",
        title="Read a page",
        words="""Read the text of a page by its id, as search, ask and list_documents return it; the id of a document
        is its first page. Returns id, title, url, metadata (document, page, pages, label) and text.
        Where `next` is there, the text goes on: fetch that id to read on, to the end of the page and
        then the next page.""",
        arguments=FetchArguments,
        output=record(
            "id",
            "title",
            "text",
            "url",
            id=TEXT,
            title=TEXT,
            next=TEXT,
            text=TEXT,
            url=TEXT,
            metadata=record("document", "page", "pages", document=TEXT, page=WHOLE, pages=WHOLE, label=TEXT),
        ),
    ),
    ToolEntry(
        name="page",
        title="Show a page",
        words="""Show a page of a document as a picture, with a quote marked on it if one is given, and its text. Use
        it for what text does not hold: figures, layouts, stamps, handwriting.""",
        arguments=PageArguments,
        output=record("document", "page", "url", "text", text=TEXT, next=TEXT, **PLACE),
    ),
    ToolEntry(
        name="list_documents",
        title="List the documents",
        words="""List the person's documents: id, name, title and number of pages of each, and the names of the
        collections that they are sorted into, if there are any. Where `next` is there, the list goes on: call
        again with start=next.""",
        arguments=ListArguments,
        output=record("documents", "total", total=WHOLE, next=WHOLE, collections=rows(TEXT), documents=rows(DOCUMENT)),
    ),
    ToolEntry(
        name="tables",
        title="Read the tables of a page",
        words="""Read the tables of a page as rows of cells, with the heads of their columns (from the page before
        where a table goes on from there) and the units that a line above says. An empty text is a blank
        on the page. If there is no table the list is empty; fetch has the page's text.""",
        arguments=TablesArguments,
        output=record("tables", "url", tables=rows(TABLE), url=TEXT, more=TEXT),
    ),
)
