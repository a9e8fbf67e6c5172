"""What requests may hold, checked by pydantic, which is imported here and nowhere below the server."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Question = Annotated[str, Field(min_length=1, max_length=2000)]
Names = Annotated[list[Annotated[str, Field(max_length=300)]], Field(max_length=1000)]
History = Annotated[list[Question], Field(max_length=20)]


class AskRequest(BaseModel):
    """A question, in which documents, after which others, whether a model writes, and whether each is asked alone."""

    model_config = ConfigDict(extra="forbid")
    question: Question
    documents: Names = []
    history: History = []
    writes: bool = True
    each: bool = False


class ModelRequest(BaseModel):
    """A model, by the name that RECTO_MODEL takes."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(min_length=1, max_length=500)]


class PrepareRequest(BaseModel):
    """A question that is still being typed; empty to give up what was prepared."""

    model_config = ConfigDict(extra="forbid")
    question: Annotated[str, Field(max_length=2000)]
    documents: Names = []
    history: History = []
