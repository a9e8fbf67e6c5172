"""What requests may hold, checked by pydantic, which is imported here and nowhere below the server."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from recto.errors import LARGEST_ID
from recto.evaluate.feedback import Opinion

Question = Annotated[str, Field(min_length=1, max_length=2000)]
Names = Annotated[list[Annotated[str, Field(max_length=300)]], Field(max_length=1000)]
History = Annotated[list[Question], Field(max_length=20)]


class AskRequest(BaseModel):
    """A question, in which documents, of which collections, after which others.

    Whether a model is to write, whether each document is asked by itself, and whether the model reads the documents
    whole, part by part, which may take minutes and is not done for visitors. It is kept in the library's history, if
    that is on, in a conversation that is there or else one of its own.
    """

    model_config = ConfigDict(extra="forbid")
    question: Question
    documents: Names = []
    collections: Names = []
    history: History = []
    writes: bool = True
    each: bool = False
    whole: bool = False
    keep: bool = True
    conversation: Annotated[int, Field(ge=0, le=LARGEST_ID)] = 0


class HistorySwitch(BaseModel):
    """Whether what is asked is kept from now on."""

    model_config = ConfigDict(extra="forbid")
    on: bool


class Judgement(BaseModel):
    """What somebody says of an answer: a quote of it answers, none does, or these characters of a page do."""

    model_config = ConfigDict(extra="forbid")
    opinion: Opinion
    quote: Annotated[int, Field(ge=1, le=1000)] = 1
    document: Annotated[str, Field(max_length=300)] = ""
    page: Annotated[int, Field(ge=1)] = 1
    start: Annotated[int, Field(ge=0)] = 0
    end: Annotated[int, Field(ge=0)] = 0


class FolderRequest(BaseModel):
    """Whether documents go with the files of a folder."""

    model_config = ConfigDict(extra="forbid")
    deletes: bool


class ModelRequest(BaseModel):
    """A model, by the name that RECTO_MODEL takes."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(min_length=1, max_length=500)]


class PrepareRequest(BaseModel):
    """A question that is still being typed; empty to give up what was prepared."""

    model_config = ConfigDict(extra="forbid")
    question: Annotated[str, Field(max_length=2000)]
    documents: Names = []
    collections: Names = []
    history: History = []
