"""The library: the one place where reading, keeping, finding and answering meet."""

import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from copy import copy
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import BinaryIO, Self, TypeVar

from recto import config, events
from recto.answer.attaching import Likeness
from recto.answer.quoted import QuotedAnswer
from recto.answer.writing import AnswerBuilder
from recto.config import OcrMode, Writing
from recto.errors import (
    BadQuestion,
    EmptyCollection,
    EncoderProblem,
    Gone,
    LibraryProblem,
    QuoteNotFound,
    UnknownDocument,
)
from recto.events import Abstained, AddEvent, AskEvent, Asking, Done, Found, Progress, Quoted, Stage
from recto.files import readable_files
from recto.library.adding import AddOptions, add_file, failure, rename, unread_document
from recto.library.quoting import quote
from recto.llm.choose import Choice, recipient
from recto.llm.speeds import Speeds
from recto.model_ref import QUOTE
from recto.query import Query
from recto.runtime import Runtime
from recto.runtime.encoders import LibraryEncoders
from recto.search.candidates import DocumentRouter, Scope
from recto.search.encoder import OnnxEncoder
from recto.search.followup import as_searched, follow_up
from recto.search.index import reanalysed
from recto.search.query import analyse_query, checked
from recto.search.retrieve import rerank, retrieve, with_passages
from recto.search.summary import conditions, examples, file_of
from recto.stop import TICK_S, Stop
from recto.storage import Collections, Folders, History, Removals, Tokens
from recto.store import NarrowedStore, Store, answer_look_up, disk_use, open_store, restore, unlocked
from recto.survey import Surveyed, SurveyRequest, asked_of_each, requested, surveyed
from recto.survey.stretches import stretches
from recto.text.grids import grids_in_order
from recto.text.highlight import matched
from recto.text.verbatim import find_words
from recto.types import (
    Added,
    AddStatus,
    Answer,
    Condition,
    Document,
    Grid,
    Hit,
    Page,
    Passage,
    Rect,
    SurveyKind,
)
from recto.writing import AnswerWriter, WholeReading, WritingTask

T = TypeVar("T")

NOTHING_GOES_IN = {problem.kind for problem in LibraryProblem.__subclasses__()}

HITS = 10
PICTURE_WIDTH = 1000  # pixels
NO_ANSWER = "The documents do not seem to say."
CORE = "a core"  # what a question waits for before it is searched
CARRIED = 10  # pages before one that are looked at for the heads of a table that goes on from there
SHORTEST_ID = 6  # digits of a document's id that may stand for it
UNDO_S = 300.0  # a removal can be undone: long enough to notice, and short enough for whoever wants it gone


class Library:
    """A folder of documents that can be asked. Use it as a context manager, or close it."""

    def __init__(
        self,
        path: Path | str | None = None,
        *,
        writing: Writing | None = None,
        runtime: Runtime | None = None,
        create: bool = True,
        temporary: bool = False,
        key: str = "",
    ) -> None:
        """Open the library in this folder, or in the one of `RECTO_HOME` or of the platform; make it if need be.

        Without `create` none is made: where there is none it is empty, and nothing is written. A `temporary` one goes
        with this process: no room is kept for it, and no other machine looked for. With a `key`, or the one in the file
        of `RECTO_KEY_FILE`, one that is made is encrypted. KeyNeeded if it is encrypted, and no key is found that opens
        it.

        `writing` says which language model writes; without it the environment does. Libraries of one process share a
        `runtime`: each then costs a file, and is to be closed before it. Without one a library has its own.
        """
        home = Path(path) if path else None
        settings = runtime.settings.at(home) if runtime else config.load(home)
        self.settings = unlocked(replace(settings, writing=writing or settings.writing, key=key or settings.key))
        self.runtime = runtime or Runtime(self.settings)
        self._owns_runtime, self.is_part, self._asker = runtime is None, False, ""
        self._store: Store = open_store(self.settings, create=create, temporary=temporary)
        self._router = DocumentRouter()
        self.encoders = LibraryEncoders(self._store, self.runtime.open_encoder)
        self._backlog = self.runtime.encoding.backlog(self._store, self.encoders.open_chosen)
        self._writer = AnswerWriter(self.settings, self.runtime.engines)

    @classmethod
    def imported(cls, source: Path | str, path: Path | str | None = None) -> Self:
        """Make a library in this folder, empty so far, from a file that `export` wrote."""
        restore(Path(source), config.load(Path(path) if path else None))
        return cls(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop what runs in the background and let go of the files; those of the whole library a part of it leaves."""
        if self.is_part:
            return
        self._writer.close()
        self._backlog.close()
        if self._owns_runtime:
            self.runtime.close()
        self._writer.join()
        self.runtime.drawing.forget(self._store)
        self._store.close()

    def within(self, *collections: str, read_only: bool = False) -> Self:
        """The library as if it held no documents but those of these collections, by name or id; all without any.

        If `read_only` nothing can be changed. It is of use as long as this one is open. UnknownCollection.
        """
        if not (collections or read_only):
            return self
        ids = [self.collections.find(name).id for name in collections] or None
        part = copy(self)
        part._store, part._router = NarrowedStore(self._store, ids, read_only=read_only), copy(self._router)
        part.is_part = True
        return part

    def asked_by(self, asker: str) -> Self:
        """The library, whose questions wait for cores as those of one asker: where many ask, each has a turn."""
        own = copy(self)
        own._asker = asker
        return own

    @property
    def collections(self) -> Collections:
        """Its collections, which know documents by their ids."""
        return self._store.collections

    @property
    def folders(self) -> Folders:
        """The folders that are kept in step with it."""
        return self._store.folders

    @property
    def removals(self) -> Removals:
        """What was removed and can be put back for a while."""
        return self._store.removals

    @property
    def history(self) -> History:
        """What was asked; a part of the library has none."""
        return self._store.history

    @property
    def tokens(self) -> Tokens:
        """Who may use a server's doors. AccessDenied in a part of the library."""
        return self._store.tokens

    # --- keeping -----------------------------------------------------------------------------------------------------
    def add(
        self,
        *paths: Path | str,
        password: str | None = None,
        reread: bool = False,
        replace: bool = False,
        hidden: bool = False,
    ) -> list[Added]:
        """Add files and folders, and wait until all is searchable by words and by meaning.

        One outcome a file, and then one for each PDF that is attached to it.
        """
        with self.hurried():
            adding = self.adding(*paths, password=password, reread=reread, replace=replace, hidden=hidden)
            outcomes = [event for event in events.one_outcome_a_file(adding) if isinstance(event, Added)]
            with suppress(EncoderProblem):  # without an encoder words can be searched; `self.encoder` is None then
                deque(self.encoding(), maxlen=0)
        return outcomes

    def adding(
        self,
        *paths: Path | str,
        password: str | None = None,
        reread: bool = False,
        replace: bool = False,
        hidden: bool = False,
        name: str = "",
        ocr: OcrMode | None = None,
        collections: Sequence[str] = (),
        replaces: str | None = None,
    ) -> Generator[AddEvent, None, None]:
        """Add files and folders, saying how far it is. Each file is searchable by words when its outcome comes.

        One with pictures of text has a second outcome when they are recognised.
        A library that takes nothing, as its disk is full or it may not be written, is said once, and ends it.
        `hidden` has text read as well that the pages do not show. `name` is what a file is called if that is not its
        own name: an upload lies under a made-up one. `ocr` says what reads scans, in place of the setting. Each
        document is in these `collections` when its outcome comes, also one that was there already.
        With `replaces` the file is one of a folder that is kept in step: the id of its older version, or "".
        """
        options = AddOptions(
            password=password,
            reread=reread,
            replace=replace,
            hidden=hidden,
            ocr=ocr or self.settings.ocr,
            ocr_language=self.settings.ocr_language,
            in_memory=bool(self.settings.key),
            name=name,
            replaces=replaces,
        )
        ids = [self.collections.find(name).id for name in collections]
        with self.runtime.reading.borrowed() as reader:
            for path, problem in readable_files([Path(path) for path in paths]):
                if problem:
                    yield failure(unread_document(path), problem)
                    continue
                for event in add_file(path, self._store, reader, options):
                    if isinstance(event, Added) and event.status is not AddStatus.FAILED:
                        for id in ids:
                            self.collections.add(id, [event.document.id])
                        if replaces is None:
                            self.folders.keep(event.document.id)
                    yield event
                    if isinstance(event, Added) and event.problem and event.problem.kind in NOTHING_GOES_IN:
                        return  # the next file would fail as this one did, after it was read
        with suppress(LibraryProblem, EncoderProblem):  # words can be searched
            self.encoders.suit()
        self._backlog.start()

    def reading(self) -> AbstractContextManager[object]:
        """Keep the reading processes while the block runs, so that files added one by one do not each start them."""
        return self.runtime.reading.borrowed()

    def hurried(self) -> AbstractContextManager[None]:
        """While the block runs, encode beside other programs, and not only while they rest: for whoever waits."""
        return self.runtime.encoding.hurried()

    def encoding(self) -> Iterator[Progress]:
        """Wait until every passage has its vector, saying how far it is.

        EncoderProblem if there is no encoder, EncodingFailed if it failed at a document; the others have their vectors.
        """
        return self._backlog.wait()

    def encoding_progress(self, doc: str) -> Progress | None:
        """How far the vectors of the document of this id are; None once none are to come. Raises as `encoding` does."""
        return self._backlog.progress(doc)

    def unencoded(self) -> list[Document]:
        """The documents found by words only: new ones, and all of them once recto has another encoder."""
        return [version.document for version in self._store.unencoded(self.encoders.kind.fingerprint)]

    def unrecognised(self) -> list[Document]:
        """The documents whose pictures of text are yet to be recognised, perhaps as adding them was cut off."""
        return self._store.unrecognised()

    def documents(self) -> list[Document]:
        """All documents, in the order in which they were added."""
        return self._store.documents()

    def document(self, name: str) -> Document:
        """The document of this id, beginning of an id, or name. UnknownDocument if there is none, or more than one."""
        return _only(name, _matching(name, self.documents()))

    def conditions(self) -> list[Condition]:
        """How each document stands: what is wrong with it and what mends it, what it takes, what it waits for."""
        return conditions(self._store, self.encoders.kind.fingerprint)

    @property
    def disk_use(self) -> int:
        """The bytes that the whole library takes on this disk."""
        return disk_use(self.settings)

    def rename(self, name: str, new_name: str) -> Document:
        """Call a document otherwise; its file is not read again, but its passages are encoded again."""
        document = rename(self.document(name), new_name, self._store)
        self._backlog.start()
        return document

    def check_writable(self) -> None:
        """LibraryProblem if nothing can be added or removed: read-only, no room, or the file was moved away."""
        self._store.check_writable()

    def remove(self, name: str) -> Document:
        """Forget a document everywhere."""
        return self.remove_all([name])[0]

    def remove_all(self, names: Sequence[str], *, undo_s: float = 0, successor: str = "") -> list[Document]:
        """Forget documents in one step, which takes little longer than for one; none if a name is unknown.

        With `undo_s` they can be put back so many seconds, see `removals`; without it also those go that could be. A
        `successor`, by its id, is a newer version that takes their place in collections.
        """
        there, removed = self.documents(), [] if undo_s else [removal.document for removal in self.removals.all()]
        matching = ((name, _matching(name, there) or _matching(name, removed)) for name in names)
        documents = list(dict.fromkeys(_only(name, named) for name, named in matching))
        ids = [document.id for document in documents]
        if successor:
            self._hand_on(ids, successor)
        if undo_s:
            self._store.removals.put(ids, time.time() + undo_s)
        else:
            self._store.delete(*ids)
        for document in documents:
            self.runtime.drawing.forget(self._store, document.id)
        return documents

    def _hand_on(self, ids: Sequence[str], successor: str) -> None:
        """Put a document into the collections of others."""
        names = self.collections.of_documents()
        for name in {name for id in ids for name in names.get(id, ())} - set(names.get(successor, ())):
            self.collections.add(name, [successor])

    def put_back(self, *names: str) -> list[Document]:
        """Undo the removal of documents by id, beginning of an id, or name; without names the last one.

        Gone if nothing can be put back any more, UnknownDocument if none of those that can be is called so.
        """
        removals = [removal for removal in self.removals.all() if removal.until > time.time()]
        if not removals:
            raise Gone("there is no removal that can be undone", hint="recto add the file again")
        latest, removed = max(removal.until for removal in removals), [removal.document for removal in removals]
        if names:
            documents = list(dict.fromkeys(_only(name, _matching(name, removed)) for name in names))
        else:
            documents = [removal.document for removal in removals if removal.until == latest]
        for document in documents:
            self.removals.undo(document.id)
        self.catch_up()
        return documents

    def export(self, target: Path | str) -> None:
        """Write the whole library to one file."""
        self._store.export(Path(target))

    # --- finding and answering ---------------------------------------------------------------------------------------
    def search(self, question: str, *, k: int = HITS, docs: Sequence[str] = ()) -> list[Hit]:
        """The k pages that match best, each by its best passage."""
        question, scope = checked(question), self._scope(docs)
        with self.runtime.questions.turn():
            return list(self._find(question, scope, k=k)[1])

    def missing(self, since: float) -> tuple[str, ...]:
        """The shards that were left out, as they did not answer, since a time of the monotonic clock."""
        return self._store.missing(since)

    def look_up(self, request: bytes) -> bytes:
        """What a router asks of which this library is a shard. UsageProblem if it is of another version."""
        deque(reanalysed(self._store), maxlen=0)
        return answer_look_up(self._store, request)

    def examples(self, *, docs: Sequence[str] = ()) -> list[str]:
        """Questions to begin with, about what the documents themselves put into headings."""
        return self._steady(lambda docs: examples(self._store, docs), self._scope(docs) if self.documents() else [])

    @staticmethod
    def matched(question: str, text: str) -> list[tuple[int, int]]:
        """The character ranges of the words of a text that hold a term of the question."""
        return matched(question, text)

    @staticmethod
    def as_searched(questions: Sequence[str]) -> list[str]:
        """Questions of a conversation, oldest first, as they were searched: a `history`."""
        return as_searched(questions)

    def ask(
        self,
        question: str,
        *,
        docs: Sequence[str] = (),
        history: Sequence[str] = (),
        writes: bool = True,
        each: bool = False,
        whole: bool = False,
    ) -> Asking:
        """Answer with the documents' own sentences, then in a language model's words, if there is one and it `writes`.

        `history` holds earlier questions as they were searched, oldest first: a follow-up takes terms from them. The
        stream of events begins when it is iterated; `.answer` gives the whole at once. `each` asks each document by
        itself; a question about whole documents is told by its words, and its answer says whose quotes are which.
        If it `writes`, `whole` lets the model read the documents from their first page to their last.
        """
        stop, scope, text = Stop(), self._scope(docs), checked(question)
        request = requested(text, scope, each=False)
        text = text if request else follow_up(text, history)
        request = requested(text, scope, each=True) if each else request
        return Asking(self._ask(text, scope, request, stop, writes=writes, whole=whole), stop)

    def prepare(self, question_so_far: str, *, docs: Sequence[str] = (), history: Sequence[str] = ()) -> None:
        """Find and read evidence in the background while a question is being typed; the next call starts over."""
        stop = self._writer.forestall()
        with suppress(BadQuestion):  # so far
            question, scope = follow_up(checked(question_so_far), history), self._scope(docs)

            def find() -> WritingTask:
                with self.runtime.questions.turn():
                    query, hits = self._find(question, scope)
                    return self._quote(query, hits, scope)

            self._writer.read_ahead(find, stop)

    def warm(self) -> None:
        """Load in the background what the first question would wait for, and encode what a killed process left."""
        self.catch_up()
        self._writer.warm()

    def catch_up(self) -> None:
        """Encode in the background what a killed process left."""
        self._backlog.start()

    def _ask(
        self,
        question: str,
        docs: list[Document],
        request: SurveyRequest | None,
        stop: Stop,
        *,
        writes: bool,
        whole: bool,
    ) -> Generator[AskEvent, None, None]:
        """A question's way: analyse, retrieve and rerank, quote, write."""
        began = time.monotonic()
        if writes:
            self._writer.begin(stop)
        yield from reanalysed(self._store)
        hits, task, search_s = yield from self._evidence(question, docs, request, stop)
        quotes = task.quoted.citations
        yield Quoted(quotes, task.quoted.certainty.kind, task.quoted.survey) if quotes else Abstained(hits)
        builder = AnswerBuilder()
        reading = self._reading(question, docs, request) if writes and whole else None
        for event in self._written(task, reading, stop) if writes else ():
            builder.add(event)
            yield event
        quoted = Answer(
            kind=task.quoted.certainty.kind,
            certainty=task.quoted.certainty,
            text=task.quoted.text or NO_ANSWER,
            citations=quotes,
            nearest=() if quotes else hits,
            engine=QUOTE,
            search_s=search_s,
            total_s=time.monotonic() - began,
            quotes=quotes,
            searched_for=question,
            confidence=task.quoted.confidence,
            survey=task.quoted.survey,
            missing=self.missing(began),
        )
        yield Done(builder.build(quoted, began))

    def _reading(self, question: str, docs: list[Document], request: SurveyRequest | None) -> WholeReading:
        """What a model is to read of documents from their first page to their last."""
        parts = self._steady(lambda docs: stretches(docs, self._search_scope(docs)), docs)
        is_summary = request is not None and request.kind is SurveyKind.SUMMARY
        return WholeReading(question="" if is_summary else question, stretches=parts, store=self._store)

    def _written(self, task: WritingTask, reading: WholeReading | None, stop: Stop) -> Iterator[AskEvent]:
        if reading is not None:
            yield from self._writer.read(reading, stop)
        elif task.quoted.evidence:
            yield from self._writer.write(task, stop)

    def _evidence(
        self, question: str, docs: list[Document], request: SurveyRequest | None, stop: Stop
    ) -> Generator[AskEvent, None, tuple[tuple[Hit, ...], WritingTask, float]]:
        """The best pages, said as soon as they are found, what is quoted of them, and the seconds of finding."""
        began = time.monotonic()
        if request and (survey := (yield from self._survey(request, stop))):
            hits, quoted = survey
            yield Found(hits, question)
            return hits, self._task(question, hits, quoted, lambda _: None), time.monotonic() - began
        query, hits = yield from self._in_turn(lambda: self._find(question, docs))
        search_s = time.monotonic() - began
        yield Found(hits, question)
        return hits, (yield from self._in_turn(lambda: self._quote(query, hits, docs), goes_on=True)), search_s

    def _survey(self, request: SurveyRequest, stop: Stop) -> Generator[Progress, None, Surveyed | None]:
        """What whole documents say; None if the question is one as any other after all."""

        def ask(document: Document) -> Generator[Progress, None, Surveyed]:
            query, hits = yield from self._in_turn(lambda: self._find(request.question, [document]))
            task = yield from self._in_turn(lambda: self._quote(query, hits, [document]), goes_on=True)
            return hits, task.quoted

        def survey(docs: list[Document]) -> Surveyed | None:
            return surveyed(request, self._search_scope(docs))

        if request.kind is SurveyKind.EACH:
            return (yield from asked_of_each(request, ask, stop))
        return (yield from self._in_turn(lambda: self._steady(survey, list(request.docs))))

    def _in_turn(self, work: Callable[[], T], *, goes_on: bool = False) -> Generator[Progress, None, T]:
        """Work once a core is free; until then say how many come before, and when they will have ended."""
        with self.runtime.questions.joined(self._asker, goes_on=goes_on) as ticket:
            while place := self.runtime.questions.place(ticket):
                yield Progress(stage=Stage.WAITING, name=CORE, done=0, total=place.ahead, eta_s=place.eta_s)
                ticket.turn.wait(TICK_S)
            return work()

    def _find(self, question: str, docs: list[Document], *, k: int = HITS) -> tuple[Query, tuple[Hit, ...]]:
        """The question, analysed, and the k best pages for it, with their boxes."""
        deque(reanalysed(self._store), maxlen=0)
        query = analyse_query(question, self.encoder, self._store)

        def search(docs: list[Document]) -> tuple[Hit, ...]:
            scope = self._search_scope(docs)
            pages = retrieve(query, scope, k)
            return with_passages(rerank(query, pages, scope)[:k], scope)

        return query, self._steady(search, docs)

    def _quote(self, query: Query, hits: Sequence[Hit], docs: list[Document]) -> WritingTask:
        """The sentences that answer, for a model to write from."""
        quoted = self._steady(lambda docs: quote(query, hits, self._search_scope(docs)), docs)
        return self._task(query.text, hits, quoted, partial(self._search_scope(docs).likeness, query))

    def _task(self, question: str, hits: Sequence[Hit], quoted: QuotedAnswer, likeness: Likeness) -> WritingTask:
        documents = {hit.document.id: hit.document for hit in hits}
        return WritingTask(question=question, quoted=quoted, documents=documents, store=self._store, likeness=likeness)

    def _search_scope(self, docs: list[Document]) -> Scope:
        return Scope(docs=docs, store=self._store, encoder=self.encoder, router=self._router)

    def _steady(self, work: Callable[[list[Document]], T], docs: list[Document]) -> T:
        """Work on these documents; on those that remain, if another process removed one meanwhile."""
        try:
            with self._store.steady():
                return work(docs)
        except Gone:
            documents = self.documents()
            remaining = [document for document in docs if document in documents]
            if len(remaining) == len(docs):
                raise
            return self._steady(work, remaining)

    @property
    def encoder(self) -> OnnxEncoder | None:
        """The sentence encoder, None if its weights are not installed: then words alone decide."""
        return self.encoders.searched

    def _scope(self, docs: Sequence[str]) -> list[Document]:
        documents = self.documents()
        if self.is_part and not documents:
            raise EmptyCollection.of(collection.name for collection in self.collections.all())
        if not docs:
            return documents
        ids = {document.id for name in docs for document in _matching(name, documents) or [self.document(name)]}
        return [document for document in documents if document.id in ids]

    # --- the model that writes ---------------------------------------------------------------------------------------
    def write_with(self, model: str) -> None:
        """Let another model write from now on, in all libraries that share it, and here after a restart, too.

        EngineProblem if it is not to be had.
        """
        writing = replace(self.settings.writing, model=model)
        self.runtime.engines.choose(replace(self.runtime.engines.settings, writing=writing))
        self.settings = replace(self.settings, writing=writing)
        config.keep_model(self.settings.home, model)

    def current_model(self) -> tuple[Choice | None, str]:
        """The language model that writes here and why that one does, or why none does."""
        return self.runtime.engines.current()

    @property
    def recipient(self) -> str:
        """The host that passages may be sent to, by the model that writes or one that stands by; empty if to none."""
        return recipient(self.settings)

    @property
    def speeds(self) -> Speeds | None:
        """How fast the model is here; None if none is loaded, or was measured."""
        return self.runtime.engines.speeds

    # --- showing -----------------------------------------------------------------------------------------------------
    def page(self, name: str, number: int) -> Page:
        """One page, counted from 0, with its text and boxes."""
        document = self.document(name)
        if not 0 <= number < document.pages:
            raise UnknownDocument(
                f"{document.name} has pages 1 to {document.pages}, not {number + 1}", hint=f"recto show {name!r} 1"
            )
        return self._store.page(document.id, number)

    def passages(self, name: str, number: int) -> list[Passage]:
        """The passages of one page, counted from 0, in order."""
        page = self.page(name, number)
        return self._store.passages(self.document(name).id, page.number)

    def tables(self, name: str, number: int | None = None) -> list[Grid]:
        """The tables of a document, or of one page, counted from 0: cells with boxes, the heads of the page before."""
        pages = range(self.document(name).pages) if number is None else range(max(number - CARRIED, 0), number + 1)
        grids = [grid for page in grids_in_order(self.page(name, page) for page in pages) for grid in page]
        return [grid for grid in grids if number in (None, grid.page)]

    def rects(self, name: str, number: int, quote: str) -> tuple[Rect, ...]:
        """The boxes of these words on that page, line breaks and spaces aside. QuoteNotFound if they are not there."""
        page = self.page(name, number)
        if (span := find_words(page.text, quote)) is None:
            raise QuoteNotFound(f"page {number + 1} of {name} does not hold {quote!r}", hint="recto search")
        return page.rects(*span)

    def picture(
        self,
        name: str,
        number: int,
        *,
        marks: Sequence[Rect] = (),
        width: int = PICTURE_WIDTH,
        password: str | None = None,
    ) -> bytes:
        """The page as PNG, `width` pixels wide, with boxes marked. An encrypted PDF needs its password again."""
        document = self.document(name)
        self.page(name, number)
        return self.runtime.drawing.page(
            self._store,
            document.id,
            number,
            width=width,
            marks=marks,
            password=password,
            in_memory=bool(self.settings.key),
        )

    def open_pdf(self, name: str) -> BinaryIO:
        """The PDF itself, to be read and closed."""
        return self.runtime.drawing.opened(self._store, self.document(name).id, in_memory=bool(self.settings.key))

    def file_of(self, document: Document) -> Path | None:
        """The file that was added, if it still lies where it did."""
        return file_of(self._store, document)

    def copy_source(self, name: str, target: Path) -> None:
        """Write the PDF itself to a file."""
        self._store.copy_source(self.document(name).id, target)

    def copy_original(self, name: str, target: Path) -> None:
        """Write the file that was added to a file: the PDF, or what the PDF was made of."""
        self._store.copy_original(self.document(name).id, target)


def _matching(name: str, documents: Sequence[Document]) -> list[Document]:
    """Those of this name, else those whose id begins with it."""
    by_name = [document for document in documents if document.name == name]
    by_id = [d for d in documents if len(name) >= SHORTEST_ID and d.id.startswith(name.lower())]
    return by_name or by_id


def _only(name: str, documents: Sequence[Document]) -> Document:
    """The one that matches. UnknownDocument if there is none, or more than one."""
    if len(documents) == 1:
        return documents[0]
    ids = ", ".join(document.id[:12] for document in documents)
    what = f"{len(documents)} documents are called {name!r}: {ids}" if ids else f"no document is called {name!r}"
    raise UnknownDocument(what, hint="recto list")
