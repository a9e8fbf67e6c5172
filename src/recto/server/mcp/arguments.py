"""What a call of a tool may hold; the descriptions are read by models, which see neither titles nor defaults."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

MOST_RESULTS = 20

Name = Annotated[str, Field(description="A document's name, or its id or the beginning of that.")]
PageNumber = Annotated[int, Field(ge=1, description="The page, counted from 1.")]
Names = Annotated[
    list[Annotated[str, Field(max_length=300)]],
    Field(max_length=1000, description="Names or ids of documents to look in; all of them if this is left out."),
]


Within = Annotated[
    str, Field(max_length=300, description="The name of a collection to look in; everything if this is left out.")
]


class Arguments(BaseModel):
    """Those of one tool. Unknown names are refused: a model that made one up believes that it did something."""

    model_config = ConfigDict(extra="forbid")


class SearchArguments(Arguments):
    """Those of `search`."""

    query: Annotated[str, Field(description="A question or words, in the language of the documents.")]
    k: Annotated[
        int, Field(ge=1, le=MOST_RESULTS, description=f"How many pages, 1 to {MOST_RESULTS}; 5 if it is left out.")
    ] = 5
    documents: Names = []
    collection: Within = ""


class FetchArguments(Arguments):
    """Those of `fetch`."""

    id: Annotated[str, Field(description="An id from search, ask or list_documents, or `next` of an earlier fetch.")]


class AskArguments(Arguments):
    """Those of `ask`."""

    question: Annotated[str, Field(description="One question that stands alone, at most 2,000 characters.")]
    documents: Names = []
    collection: Within = ""
    write: Annotated[
        bool,
        Field(description="Whether recto's own language model is to write an answer, too; that takes seconds."),
    ] = False
    each: Annotated[bool, Field(description="Whether each document is asked by itself: one answer a document.")] = False


class PageArguments(Arguments):
    """Those of `page`."""

    document: Name
    number: PageNumber
    quote: Annotated[str, Field(description="Words of the page to mark on the picture, exactly as they stand.")] = ""


class ListArguments(Arguments):
    """Those of `list_documents`."""

    start: Annotated[int, Field(ge=1, description="The number of the first one to list; 1 if it is left out.")] = 1
    collection: Within = ""


class TablesArguments(Arguments):
    """Those of `tables`."""

    document: Name
    page: PageNumber
