"""`recto search` and `recto ask`."""

from collections.abc import Sequence
from pathlib import Path
from typing import assert_never

from recto import wire
from recto.cli.terminal import note, one_line, safe, say, say_json
from recto.events import Abstained, AskEvent, Done, Found, Quoted
from recto.library import Library
from recto.types import Answer, Citation, Hit, Kind

NOTHING = 3  # exit code: the documents do not say it
TEASER = 200  # characters of a hit
NEAREST = 3  # hits shown below an abstention; --json gives them all


def search(question: str, k: int, docs: Sequence[str], *, home: Path | None, as_json: bool) -> int:
    """Print the hits; 3 if there are none."""
    with Library(home) as library:
        hits = library.search(question, k=k, docs=docs)
        for hit in hits:
            say_json(wire.hit(hit)) if as_json else _say_hit(hit)
        if not hits:
            _explain_nothing(library)
    return 0 if hits else NOTHING


def ask(question: str, docs: Sequence[str], *, home: Path | None, form: str) -> int:
    """Print the answer as text, as one JSON object, or as events; 3 if the documents do not say it."""
    with Library(home) as library:
        code = NOTHING
        for event in library.ask(question, docs=docs):
            if form == "events":
                say_json(wire.event(event))
            elif form == "text":
                _say_event(event)
            if isinstance(event, Done):
                code = NOTHING if event.answer.kind is Kind.ABSTAINED else 0
                if form == "json":
                    say_json(wire.answer(event.answer))
        if not library.documents():
            _explain_nothing(library)
    return code


def _say_event(event: AskEvent) -> None:
    match event:
        case Found():
            pass  # the quotes say it better
        case Quoted(citations):
            for citation in citations:
                _say_citation(citation)
        case Abstained(nearest):
            say("The documents do not seem to say. The nearest passages:")
            for hit in nearest[:NEAREST]:
                _say_hit(hit)
        case Done(answer):
            _say_times(answer)
        case _:
            assert_never(event)


def _say_citation(citation: Citation) -> None:
    say(safe(citation.quote))
    say(f"    -- {one_line(citation.document.name)}, page {citation.span.page + 1}\n")


def _say_hit(hit: Hit) -> None:
    where = f"{one_line(hit.document.name)}, page {hit.passage.span.page + 1}"
    say(f"{hit.rank}. {where}  [{hit.score:.2f} = {hit.keyword:.2f} words + {hit.semantic:.2f} meaning]")
    text = one_line(hit.passage.text)
    say(f"   {text[:TEASER]}{'...' if len(text) > TEASER else ''}\n")


def _say_times(answer: Answer) -> None:
    note(f"{answer.kind} (engine: {answer.engine}): search {answer.search_s:.2f} s, all {answer.total_s:.2f} s")


def _explain_nothing(library: Library) -> None:
    if library.documents():
        note("Nothing in these documents matches.")
    else:
        note(f"The library in {library.settings.home} is empty.")
        note("  mend: recto add FILE-OR-FOLDER")
