"""What the tools do: each a call of the library, or of the service that answers questions for all doors."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

import anyio
from anyio import to_thread
from fastapi.concurrency import contextmanager_in_threadpool

from recto.errors import BadQuestion, EngineBusy, PasswordNeeded, QuoteNotFound, RectoError, UnknownDocument
from recto.events import Done
from recto.library import Library
from recto.links import page_url
from recto.queue import Place
from recto.server.answers import AnswerService
from recto.server.edge import reporting
from recto.server.mcp.arguments import (
    Arguments,
    AskArguments,
    FetchArguments,
    ListArguments,
    PageArguments,
    SearchArguments,
    TablesArguments,
)
from recto.server.mcp.results import (
    ROOM,
    Result,
    beginning,
    fitting,
    page_id,
    page_name,
    passage,
    place,
    places_of,
    quoted,
    weight,
)
from recto.server.problems import Refused, problem_of
from recto.server.tenants import Tenant
from recto.types import Answer, Document, Grid, Hit, Kind, Span
from recto.wire import Json, boxes, document_entry

ASK_S = 25.0  # for an answer, the wait for its turn with it: llama-index gives up after 30
LEAVE_S = 2.0  # more for the model to stop and the quotes to come
TELL_S = 2.0  # between two reports of progress; opencode takes a silence of a minute for the end
NEAREST = 3  # passages that are shown where the documents do not say
NAMES_ROOM = 1500  # bytes of a list of documents that are names of collections
NAMES = 12  # of documents in an error about one that is not there
PICTURE_WIDTH = 1000  # pixels
NOTES = {
    Kind.CLOSEST: "These lines come closest, but they may not answer the question.",
    Kind.ABSTAINED: "The documents do not seem to say. The nearest passages follow; they do not answer the question.",
}
ID = re.compile(r"(?s)(.+?)(?:/(\d{1,9})(?:@(\d{1,9}))?)?")

T = TypeVar("T")
Report = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls: whose library it is, the service that answers, and where the links of results lead."""

    tenant: Tenant
    answers: AnswerService
    base: str
    asker: str = ""
    public: bool = False

    @property
    def library(self) -> Library:
        """The library, as long as the call lasts."""
        return self.tenant.library


def named(collection: str) -> Sequence[str]:
    """The collections that an argument names: one, or none."""
    return [collection] if collection.strip() else []


async def in_thread(work: Callable[[], T]) -> T:
    """Work in a thread; who is cancelled does not wait for it."""
    return await to_thread.run_sync(work, abandon_on_cancel=True)


# --- asking ----------------------------------------------------------------------------------------------------------
async def ask(caller: Caller, arguments: AskArguments, report: Report) -> Result:
    """Answer a question. EngineBusy if that takes longer than `ASK_S`: by then quotes come without a model's words."""
    caller.tenant.questions.count()
    async with _reporting(report) as say:
        asking = await caller.answers.begin(
            caller.tenant,
            arguments.question,
            asker=caller.asker,
            docs=arguments.documents,
            collections=named(arguments.collection),
            writes=arguments.write,
            each=arguments.each,
        )
        timer = asyncio.get_running_loop().call_later(ASK_S, asking.stop)
        answer: Answer | None = None
        try:
            with anyio.move_on_after(ASK_S + LEAVE_S):
                async with aclosing(caller.answers.events(asking, asker=caller.asker)) as batches:
                    async for batch in batches:
                        for event in batch:
                            if isinstance(event, Place):
                                say(f"{event.ahead} questions are answered before this one")
                            elif isinstance(event, Done):
                                answer = event.answer
        finally:
            timer.cancel()
    if answer is None:
        raise EngineBusy(f"no answer came within {ASK_S:g} s: too many ask at once", hint="ask again in a minute")
    return answered(caller.base, answer)


@asynccontextmanager
async def _reporting(report: Report) -> AsyncIterator[Callable[[str], None]]:
    """Report progress at once and then every `TELL_S`, in the words that were said last."""
    words = "searching the documents"

    def say(text: str) -> None:
        nonlocal words
        words = text

    async def tell() -> None:
        while True:
            await report(words)
            await asyncio.sleep(TELL_S)

    telling = asyncio.create_task(tell())
    try:
        yield say
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)  # nobody may listen any more


def answered(base: str, answer: Answer) -> Result:
    """An answer: what it is worth first, then the written one, if there is one, then each quote once."""
    citations = list(dict.fromkeys(answer.citations if answer.kind is Kind.WRITTEN else answer.quotes))
    notes = [NOTES.get(answer.kind, ""), f"No model wrote: {answer.notice}" if answer.notice else ""]
    notes += [f"{shard} did not answer: what it holds is left out." for shard in answer.missing]
    note = " ".join(filter(None, notes))
    value: Json = {"kind": answer.kind.value, **({"note": note} if note else {})}
    if answer.kind is Kind.WRITTEN:
        spans = list(dict.fromkeys(citation.span for citation in citations))
        citations = [next(citation for citation in citations if citation.span == span) for span in spans]
        value["answer"] = numbered(answer, spans)
        if answer.unsupported:
            value["unsupported"] = list(answer.unsupported)
    if answer.survey:  # whose quotes these are, and how many are left out
        value["documents"] = [group.heading for group in answer.survey.groups]
    quotes = fitting((quoted(base, citation) for citation in citations), ROOM - weight(value))
    value["quotes"] = quotes
    nearest = answer.nearest[:NEAREST] if answer.kind is Kind.ABSTAINED else ()
    if nearest:
        value["nearest"] = fitting(passage(base, hit) for hit in nearest)
    return Result(value=value, places=places_of([*citations[: len(quotes)], *nearest[: len(value.get("nearest", ()))]]))


def numbered(answer: Answer, spans: list[Span]) -> str:
    """The written answer with the numbers of the quotes that it rests on, from 1, where its citations stand."""
    text = answer.text
    marks: dict[int, list[int]] = {}
    for citation in answer.citations:
        marks.setdefault(citation.at, []).append(spans.index(citation.span) + 1)
    for at in sorted(marks, reverse=True):
        text = text[:at] + "".join(f" [{number}]" for number in sorted(set(marks[at]))) + text[at:]
    return text


# --- looking around --------------------------------------------------------------------------------------------------
async def search(caller: Caller, arguments: SearchArguments, _: Report) -> Result:
    """The pages that match best."""
    caller.tenant.searches.count()

    def find() -> tuple[list[Hit], tuple[str, ...]]:
        part, began = caller.library.within(*named(arguments.collection)), time.monotonic()
        hits = part.search(arguments.query, k=arguments.k, docs=arguments.documents)
        return hits, part.missing(began)

    hits, missing = await in_thread(find)
    items = [
        {"id": item.pop("id"), "title": f"{hit.document.name}, page {item['page']}", "url": item.pop("url"), **item}
        for hit, item in ((hit, passage(caller.base, hit)) for hit in hits)
    ]
    results = fitting(items)
    value: Json = {"results": results, **({"not_searched": list(missing)} if missing else {})}
    if len(results) < len(hits):
        value["more"] = f"{len(hits) - len(results)} further pages did not fit: ask in other words, or name documents"
    return Result(value=value, places=places_of(hits[: len(results)]))


async def fetch(caller: Caller, arguments: FetchArguments, _: Report) -> Result:
    """The text of a page, and where it goes on."""
    match = ID.fullmatch(arguments.id.strip())
    if match is None:
        raise UnknownDocument("the id is empty", hint="take one from search, ask or list_documents")
    name, number, start = match[1], int(match[2] or 1) - 1, int(match[3] or 0)

    def read() -> Result:
        document, page = caller.library.document(name), caller.library.page(name, number)
        text = beginning(page.text[start:], ROOM)
        about = place(caller.base, document, number, page.label)
        value = {
            "id": page_id(document, number, start),
            "title": page_name(document, page),
            "url": about["url"],
            **_going_on(document, number, start + len(text), len(page.text)),
            "metadata": {name: about[name] for name in ("document", "page", "label") if name in about}
            | {"pages": document.pages},
            "text": text,
        }
        return Result(value=value)

    return await in_thread(read)


def _going_on(document: Document, number: int, end: int, size: int) -> Json:
    """The id of what follows: the rest of the page, else the next page, if there is one."""
    if end < size:
        return {"next": page_id(document, number, end)}
    return {"next": page_id(document, number + 1)} if number + 1 < document.pages else {}


async def page(caller: Caller, arguments: PageArguments, _: Report) -> Result:
    """A page's picture with the quote marked, and its text."""
    caller.tenant.searches.count()
    number = arguments.number - 1

    def show() -> Result:
        library, quote = caller.library, arguments.quote.strip()
        document, sheet = library.document(arguments.document), library.page(arguments.document, number)
        marks = library.rects(document.id, number, quote) if quote else ()
        picture = library.picture(document.id, number, marks=marks, width=PICTURE_WIDTH)
        text = beginning(sheet.text, ROOM)
        rest = _going_on(document, number, len(text), len(sheet.text)) if len(text) < len(sheet.text) else {}
        value = {**place(caller.base, document, number, sheet.label), **rest, "text": text}
        places = [{"document": document.id, "page": number + 1, "boxes": boxes(marks)}] if quote else []
        return Result(value=value, places=places, picture=picture)

    return await in_thread(show)


async def list_documents(caller: Caller, arguments: ListArguments, _: Report) -> Result:
    """The documents, as many as fit, and the collections, if there are any."""

    def read() -> tuple[list[Document], list[str]]:
        collections = [collection.name for collection in caller.library.collections.all()]
        return caller.library.within(*named(arguments.collection)).documents(), collections

    documents, collections = await in_thread(read)
    first = arguments.start - 1
    names: list[str] = []
    for name in collections:
        if weight([*names, name]) > NAMES_ROOM:
            break
        names.append(name)
    entries, room = [], ROOM - (weight(names) if names else 0)
    for document in documents[first:]:
        entry = {name: document_entry(document)[name] for name in ("id", "name", "title", "pages")}
        entry["id"] = page_id(document, 0).partition("/")[0]
        room -= weight(entry)
        if room < 0:
            break
        entries.append(entry)
    end = first + len(entries)
    more = {"next": end + 1} if end < len(documents) else {}
    value: Json = {"total": len(documents), **more, **({"collections": names} if names else {})}
    return Result(value={**value, "documents": entries})


async def tables(caller: Caller, arguments: TablesArguments, _: Report) -> Result:
    """The tables of a page, as many rows as fit."""
    caller.tenant.searches.count()
    number = arguments.page - 1

    def read() -> Result:
        sheet, document = caller.library.page(arguments.document, number), caller.library.document(arguments.document)
        room, entries = ROOM, []
        grids = caller.library.tables(document.id, number)
        for grid in grids:
            entry, room = table_in(grid, room)
            entries.append(entry)
        value: Json = {"url": page_url(caller.base, document, sheet.number), "tables": entries}
        return Result(value=value)

    return await in_thread(read)


def table_in(grid: Grid, room: int) -> tuple[Json, int]:
    """A table in the room that there is, and the room that is left."""
    entry: Json = {"units": grid.units} if grid.units else {}
    entry |= {"heads": list(grid.heads)} if any(grid.heads) else {}
    room -= weight(entry)
    rows: list[list[str]] = []
    for row in range(grid.head_rows, grid.rows):
        cells = [" ".join(grid.text(row, column).split()) for column in range(grid.columns)]
        room -= weight(cells)
        if room < 0:
            entry["more"] = f"{grid.rows - row} more rows: fetch the page's text"
            break
        rows.append(cells)
    return {**entry, "rows": rows}, room


FUNCTIONS: dict[str, Callable[..., Awaitable[Result]]] = {
    "ask": ask,
    "search": search,
    "fetch": fetch,
    "page": page,
    "list_documents": list_documents,
    "tables": tables,
}


# --- calls, and what goes wrong --------------------------------------------------------------------------------------
ADVICE: tuple[tuple[type[RectoError], str], ...] = (
    (QuoteNotFound, "Leave out the quote, or search for its words to find the page that has them."),
    (BadQuestion, "Ask one short question in plain words."),
    (PasswordNeeded, "The picture of an encrypted PDF cannot be shown here; its text can: call fetch."),
)


async def call(name: str, arguments: Arguments, find: Callable[[], Awaitable[Caller]], report: Report) -> Result | str:
    """Run a tool; whatever goes wrong comes as words, with what a model may do next."""
    errors: list[RectoError] = []
    public = False
    with reporting(errors.append):
        try:
            caller = await find()
            public = caller.public
            async with contextmanager_in_threadpool(caller.tenant.awake()):
                try:
                    return await FUNCTIONS[name](caller, arguments, report)
                except UnknownDocument as error:
                    return not_there(error, await in_thread(caller.library.documents))
        except Refused as refusal:
            return f"{refusal.detail}. {refusal.hint}".strip()
    problem = problem_of(errors[0], public=public)
    advice = next((text for kind, text in ADVICE if isinstance(errors[0], kind)), problem.hint)
    return f"{problem.message}. {advice}".strip()


def not_there(error: UnknownDocument, documents: Sequence[Document]) -> str:
    """That there is no such document or page, and which there are."""
    names = ", ".join(document.name for document in documents[:NAMES])
    more = " and others, see list_documents" if len(documents) > NAMES else ""
    return f"{error.message}. " + (f"There are: {names}{more}." if documents else "There are no documents yet.")
