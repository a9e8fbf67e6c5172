"""The library: the one place where reading, keeping, finding and answering meet."""

import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from recto import config
from recto.config import Settings, Writing
from recto.errors import BadQuestion, EncoderProblem, Gone, QuoteNotFound, UnknownDocument
from recto.events import Abstained, AddEvent, AskEvent, Done, Found, Progress, Quoted
from recto.library import quoting
from recto.library.adding import Wishes, add_file, failed, named
from recto.library.examples import examples
from recto.library.files import listed
from recto.library.quoting import QuotedAnswer
from recto.library.summary import summary
from recto.library.writing import Account, Task, Writer
from recto.llm.choose import Choice, recipient
from recto.llm.speeds import Speeds
from recto.model_ref import QUOTE
from recto.pdf.read import Reader
from recto.query import Query
from recto.runtime.encoding import Encoding
from recto.runtime.engines import Engines
from recto.search.candidates import DocumentRouter, Scope
from recto.search.encoder import MiniLM
from recto.search.followup import follow_up
from recto.search.index import reanalysed
from recto.search.query import analyse_query
from recto.search.retrieve import rerank, retrieve
from recto.stop import Stop
from recto.store import Store, open_store, restore
from recto.text.highlight import matched
from recto.types import Added, Answer, Document, Flag, Hit, Kind, Page, Passage, Rect

T = TypeVar("T")

HITS = 10
LONGEST_QUESTION = 2000  # characters: the encoder sees about the first thousand
PICTURE_WIDTH = 1000  # pixels
NOTHING = "The documents do not seem to say."
SHORTEST_ID = 6  # digits of a document's id that may stand for it


class Asking:
    """The events of one question, one after the other; `answer` waits for the last.

    Whoever leaves the stream before its end stops the model, and has no answer.
    """

    def __init__(self, events: Generator[AskEvent, None, None], stop: Stop) -> None:
        self._events, self._stop = events, stop
        self._done: Done | None = None

    def stop(self) -> None:
        """Stop the model, from any thread; the quoted answer comes as the last event."""
        self._stop.pull()

    def __iter__(self) -> Iterator[AskEvent]:
        try:
            for event in self._events:
                if isinstance(event, Done):
                    self._done = event
                yield event
        except GeneratorExit:
            self.stop()
            self._events.close()
            raise

    @property
    def answer(self) -> Answer:
        """The answer, whole."""
        deque(self, maxlen=0)
        assert self._done is not None
        return self._done.answer


class Library:
    """A folder of documents that can be asked. Use it as a context manager, or close it."""

    def __init__(
        self, path: Path | str | None = None, *, writing: Writing | None = None, beside: "Library | None" = None
    ) -> None:
        """Open the library in this folder, or in the one of `RECTO_HOME` or of the platform; make it if need be.

        `writing` says which language model writes; without it the environment does. A library `beside` another one
        uses its models, which are held once; it is to be closed before that one.
        """
        loaded = beside.settings if beside else config.load(Path(path) if path else None)
        home = Path(path) if beside and path else loaded.home
        self.settings: Settings = replace(loaded, home=home, writing=writing or loaded.writing)
        self._beside = beside
        self._store: Store = open_store(self.settings)
        self._router = DocumentRouter()
        self._encoding = Encoding(self._store, threads=self.settings.threads)
        self._encoder_lock = threading.Lock()
        self._engines: Engines = beside._engines if beside else Engines(self.settings)
        self._writer = Writer(self.settings, self._engines)
        # As many questions as there are cores: more at once would only make the first of them as late as the last.
        self._cores: threading.Semaphore = beside._cores if beside else threading.Semaphore(self.settings.threads)
        self._reader: Reader | None = None  # while files are added one by one
        self._drawing = Reader(workers=1)  # it stays: starting a worker takes longer than drawing a page
        self._ahead: list[threading.Thread] = []  # what reads while somebody types

    @classmethod
    def imported(cls, source: Path | str, path: Path | str | None = None) -> Self:
        """Make a library in this folder, empty so far, from a file that `export` wrote."""
        restore(Path(source), config.load(Path(path) if path else None).home)
        return cls(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Stop what runs in the background and let go of the files."""
        self._writer.close()
        if self._beside is None:
            self._engines.close()
        for thread in self._ahead:
            thread.join()
        self._drawing.close()
        self._encoding.close()
        self._store.close()

    # --- keeping -----------------------------------------------------------------------------------------------------
    def add(
        self, *paths: Path | str, password: str | None = None, reread: bool = False, replace: bool = False
    ) -> list[Added]:
        """Add PDFs and folders of PDFs and wait until all is searchable by words and by meaning; one outcome a file."""
        events = self.adding(*paths, password=password, reread=reread, replace=replace)
        outcomes = [event for event in events if isinstance(event, Added)]
        with suppress(EncoderProblem):  # without an encoder words can be searched; `self.encoder` is None then
            deque(self.encoding(), maxlen=0)
        return outcomes

    def adding(
        self,
        *paths: Path | str,
        password: str | None = None,
        reread: bool = False,
        replace: bool = False,
        name: str = "",
    ) -> Generator[AddEvent, None, None]:
        """Add PDFs and folders, saying how far it is. Each file is searchable by words when its outcome comes.

        `name` is what a file is called if that is not its own name: an upload lies under a made-up one.
        """
        wishes = Wishes(password, reread, replace, self.settings.ocr_language, name)
        with self._shared_reader() as reader:
            for path, problem in listed([Path(path) for path in paths]):
                if problem:
                    yield failed(named(path), problem)
                else:
                    yield from add_file(path, self._store, reader, wishes)
        self._encoding.start()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Keep the reading processes while the block runs, so that files added one by one do not each start them."""
        with Reader(nice=True) as self._reader:
            yield
        self._reader = None

    def _shared_reader(self) -> AbstractContextManager[Reader]:
        return nullcontext(self._reader) if self._reader else Reader(nice=True)

    def encoding(self) -> Iterator[Progress]:
        """Wait until every passage has its vector, saying how far it is. EncoderProblem if there is no encoder."""
        return self._encoding.wait()

    def documents(self) -> list[Document]:
        """All documents, in the order in which they were added."""
        return self._store.documents()

    def document(self, name: str) -> Document:
        """The document of this id, beginning of an id, or name. UnknownDocument if there is none, or more than one."""
        found = self._named(name)
        if len(found) == 1:
            return found[0]
        ids = ", ".join(document.id[:12] for document in found)
        what = f"{len(found)} documents are called {name!r}: {ids}" if found else f"no document is called {name!r}"
        raise UnknownDocument(what, hint="recto list")

    def flags(self, name: str) -> dict[Flag, int]:
        """How many of a document's pages came to their text in which way."""
        return summary(self._store, self.document(name)).flags

    def remove(self, name: str) -> Document:
        """Forget a document everywhere."""
        document = self.document(name)
        self._store.delete(document.id)
        return document

    def export(self, target: Path | str) -> None:
        """Write the whole library to one file."""
        self._store.export(Path(target))

    # --- finding and answering ---------------------------------------------------------------------------------------
    def search(self, question: str, *, k: int = HITS, docs: Sequence[str] = ()) -> list[Hit]:
        """The k pages that match best, each by its best passage."""
        query = self._query(checked(question))
        return self._steady(lambda scope: self._search(query, k, scope), self._scope(docs))

    def examples(self, *, docs: Sequence[str] = ()) -> list[str]:
        """Questions to begin with, about what the documents themselves put into headings."""
        return self._steady(lambda scope: examples(self._store, scope), self._scope(docs))

    @staticmethod
    def matched(question: str, text: str) -> list[tuple[int, int]]:
        """The character ranges of the words of a text that hold a term of the question."""
        return matched(question, text)

    def ask(self, question: str, *, docs: Sequence[str] = (), history: Sequence[str] = ()) -> Asking:
        """Answer with the documents' own sentences, and then, if there is a language model, in its words.

        `history` holds earlier questions as they were searched, oldest first: a follow-up takes terms from them. The
        stream of events begins when it is iterated; `.answer` gives the whole at once.
        """
        stop = Stop()
        return Asking(self._ask(follow_up(checked(question), history), self._scope(docs), stop), stop)

    def prepare(self, question_so_far: str, *, docs: Sequence[str] = (), history: Sequence[str] = ()) -> None:
        """Find and read evidence in the background while a question is being typed; the next call starts over."""
        stop = self._writer.forestall()
        with suppress(BadQuestion):  # so far
            question, scope = follow_up(checked(question_so_far), history), self._scope(docs)
            work = threading.Thread(target=self._prepare, args=(question, scope, stop), name="recto-ahead", daemon=True)
            self._ahead = [thread for thread in self._ahead if thread.is_alive()] + [work]
            work.start()

    def warm(self) -> None:
        """Load in the background what the first question would wait for: the encoder and the model that writes."""
        threading.Thread(target=lambda: self.encoder, name="recto-encoder", daemon=True).start()
        self._writer.warm()

    def _prepare(self, question: str, scope: list[Document], stop: Stop) -> None:
        if stop.pulled:
            return
        query = self._query(question)
        task = self._task(query, self._steady(lambda docs: self._search(query, HITS, docs), scope), scope)
        if task.quoted.citations and not stop.pulled:
            self._writer.read_ahead(task, stop)

    def _ask(self, question: str, scope: list[Document], stop: Stop) -> Generator[AskEvent, None, None]:
        began = time.monotonic()
        self._writer.begin(stop)
        yield from reanalysed(self._store)
        query = self._query(question)
        hits = tuple(self._steady(lambda docs: self._search(query, HITS, docs), scope))
        searched = time.monotonic() - began
        yield Found(hits, question)
        task = self._task(query, hits, scope)
        quotes = task.quoted.citations
        yield Quoted(quotes) if quotes else Abstained(hits)
        account = Account()
        for event in self._writer.answer(task, stop) if quotes else ():
            account.note(event)
            yield event
        answer = Answer(
            kind=Kind.QUOTED if quotes else Kind.ABSTAINED,
            text=task.quoted.text or NOTHING,
            citations=quotes,
            nearest=() if quotes else hits,
            engine=QUOTE,
            search_s=searched,
            total_s=time.monotonic() - began,
            quotes=quotes,
            notice=account.notice,
            searched_for=question,
            confidence=task.quoted.confidence,
        )
        yield Done(account.written(answer, began))

    def _query(self, question: str) -> Query:
        deque(reanalysed(self._store), maxlen=0)
        with self._cores:
            return analyse_query(question, self.encoder)

    def _task(self, query: Query, hits: Sequence[Hit], scope: list[Document]) -> Task:
        quoted = self._steady(lambda docs: self._quote(query, hits, docs), scope)
        return Task(query.text, quoted, {hit.document.id: hit.document for hit in hits}, self._store)

    def _quote(self, query: Query, hits: Sequence[Hit], docs: list[Document]) -> QuotedAnswer:
        there = [hit for hit in hits if hit.document in docs]
        return quoting.quote(query, there, self._store, self.encoder)

    def _steady(self, work: Callable[[list[Document]], T], scope: list[Document]) -> T:
        """Work on these documents; on those that are left, if another process removed one meanwhile."""
        try:
            with self._cores:
                return work(scope)
        except Gone:
            known = self.documents()
            left = [document for document in scope if document in known]
            if len(left) == len(scope):
                raise
            return self._steady(work, left)

    def _search(self, query: Query, k: int, docs: list[Document]) -> list[Hit]:
        scope = Scope(docs=docs, store=self._store, encoder=self.encoder, router=self._router)
        found = rerank(query, retrieve(query, scope, k), scope)[:k]
        documents = {document.id: document for document in docs}
        hits = []
        for rank, one in enumerate(found, start=1):
            passage = self._store.passages(one.doc, one.page)[one.passage]
            rects = self._store.page(one.doc, one.page).rects(passage.span.start, passage.span.end)
            hits.append(Hit(rank, documents[one.doc], passage, one.score, one.keyword, one.semantic, rects, one.cosine))
        return hits

    @cached_property
    def encoder(self) -> MiniLM | None:
        """The sentence encoder, None if it is not installed: then words alone decide."""
        if self._beside is not None:
            return self._beside.encoder
        with self._encoder_lock:
            try:
                return MiniLM.open(threads=self.settings.threads)
            except EncoderProblem:
                return None

    def _scope(self, docs: Sequence[str]) -> list[Document]:
        if not docs:
            return self.documents()
        wanted = {document.id for name in docs for document in self._named(name) or [self.document(name)]}
        return [document for document in self.documents() if document.id in wanted]

    def _named(self, name: str) -> list[Document]:
        documents = self.documents()
        by_name = [document for document in documents if document.name == name]
        by_id = [d for d in documents if len(name) >= SHORTEST_ID and d.id.startswith(name.lower())]
        return by_name or by_id

    # --- the model that writes ---------------------------------------------------------------------------------------
    def write_with(self, model: str) -> None:
        """Let another model write from now on, in all libraries that share it, and here after a restart, too.

        EngineProblem if it is not to be had.
        """
        writing = replace(self.settings.writing, model=model)
        self._engines.choose(replace(self._engines.settings, writing=writing))
        self.settings = replace(self.settings, writing=writing)
        config.keep_model(self.settings.home, model)

    def current_model(self) -> tuple[Choice | None, str]:
        """The language model that writes here and why that one does, or why none does."""
        return self._engines.current()

    @property
    def recipient(self) -> str:
        """The host that passages may be sent to, by the model that writes or one that stands by; empty if to none."""
        return recipient(self.settings)

    @property
    def speeds(self) -> Speeds | None:
        """How fast the model is here; None if none is loaded, or was measured."""
        return self._engines.speeds

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

    def source(self, name: str) -> bytes:
        """The PDF itself."""
        return self._store.source(self.document(name).id)

    def rects(self, name: str, number: int, quote: str) -> tuple[Rect, ...]:
        """The boxes of these words on that page, line breaks and spaces aside. QuoteNotFound if they are not there."""
        page = self.page(name, number)
        span = quoting.place(page.text, quote)
        if span is None:
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
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "document.pdf")
            path.write_bytes(self._store.source(document.id))
            return self._drawing.draw(self._drawing.open(path, password), number, width=width, marks=tuple(marks))


def checked(question: str) -> str:
    """The question without control characters. BadQuestion if nothing is left, or too much."""
    words = " ".join("".join(c if c.isprintable() else " " for c in question).split())
    if not words:
        raise BadQuestion("the question is empty", hint='recto ask "What is ...?"')
    if len(words) > LONGEST_QUESTION:
        raise BadQuestion(
            f"the question has {len(words)} characters, the limit is {LONGEST_QUESTION}", hint="shorten it"
        )
    return words
