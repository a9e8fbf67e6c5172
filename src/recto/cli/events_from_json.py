"""The events of an answer from their JSON, read back as far as answers are printed."""

from collections.abc import Callable, Mapping

from recto.errors import RectoError
from recto.events import (
    Abstained,
    AskEvent,
    Cited,
    Done,
    Expect,
    FellBack,
    Found,
    Progress,
    Quoted,
    Stage,
    Token,
    Unsupported,
)
from recto.from_wire import Value, answer, citation, citations, hits, survey
from recto.types import Kind

CORE = "a core"  # as the library calls it: what a question waits for before it is searched


def ask_event(name: str, value: Value) -> AskEvent | None:
    """The event of this name; None for one that only the server's clients are told."""
    return READERS[name](value) if name in READERS else None


def progress(value: Value) -> Progress:
    """How far work is."""
    return Progress(
        stage=Stage(value["stage"]), name=value["name"], done=value["done"], total=value["total"], eta_s=value["eta_s"]
    )


def queued(value: Value) -> Progress:
    """A place in the server's line, which is a core's as well."""
    return Progress(stage=Stage.WAITING, name=CORE, done=0, total=value["ahead"], eta_s=value["eta_s"])


def fell_back(value: Value) -> FellBack:
    """Why a model did not do; the kind of the problem is that of an error, or that it was stopped."""
    kinds: list[type[RectoError]] = [RectoError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    problem = next((kind for kind in kinds if kind.kind == value["kind"]), None)
    return FellBack(value["why"], value["engine"], problem, value.get("detail", ""))


READERS: Mapping[str, Callable[[Value], AskEvent]] = {
    "found": lambda value: Found(hits(value["hits"]), value["searched_for"]),
    "quoted": lambda value: Quoted(citations(value["citations"]), Kind(value["kind"]), survey(value["survey"])),
    "abstained": lambda value: Abstained(hits(value["nearest"])),
    "progress": progress,
    "queued": queued,
    "expect": lambda value: Expect(value["engine"], value["first_token_s"], value["total_s"]),
    "token": lambda value: Token(value["text"]),
    "cited": lambda value: Cited(citation(value["citation"])),
    "unsupported": lambda value: Unsupported(value["at"], value["sentence"]),
    "fell_back": fell_back,
    "done": lambda value: Done(answer(value["answer"])),
}
