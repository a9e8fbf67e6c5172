"""An answer as chat clients show it: Markdown, every citation a link, and what each stretch of it rests on."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import assert_never

from recto import wire
from recto.events import Abstained, AskEvent, Cited, Done, FellBack, Found, Quoted, Token, Unsupported
from recto.links import page_url
from recto.marking import MarkedText
from recto.queue import Place
from recto.server.answers import event_json
from recto.text.markdown import plain
from recto.types import Answer, Citation, Document, Hit, Kind, by_quote, grouped
from recto.wire import Json

REFUSAL = "The documents do not seem to say. The nearest passages:"
CLOSEST = "These lines come closest; the documents may not answer this."
VOID = "What was written so far does not count; the quotes above stand."
UNSUPPORTED = " *(no support found)*"
NEAREST = 3  # passages below a refusal
TEASER = 200  # characters of each
LONGEST_TITLE = 400  # characters: a client shows it as what stands behind a link
BYTES_A_TOKEN = 3.5  # of UTF-8, as engines are estimated that do not count themselves


def one_line(text: str, most: int) -> str:
    """How a text begins."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[:most]}..."


def tokens(text: str) -> int:
    """About how many tokens a text has."""
    return ceil(len(text.encode("utf-8", "replace")) / BYTES_A_TOKEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSpan:
    """The characters `start:end` of the content rest on a place."""

    start: int
    end: int
    citation: Citation
    url: str

    @property
    def title(self) -> str:
        """The place, and what it says."""
        place = f"{place_name(self.citation.document, self.citation.span.page, self.citation.label)}: "
        return place + one_line(self.citation.quote, LONGEST_TITLE)


Piece = str | SourceSpan | Json  # of the content, of what it rests on, and of what is under way


@dataclass(kw_only=True)
class Reply:
    """The content so far. `base` is where the server is; one that is not `streamed` can take back what is void."""

    base: str
    streamed: bool
    content: str = ""
    sources: list[SourceSpan] = field(default_factory=list)
    answer: Answer | None = None
    _written: MarkedText = field(default_factory=MarkedText)
    _places: list[tuple[int, int]] = field(
        default_factory=list
    )  # where pieces of the written text begin, here and there
    _quoted: int = 0  # characters of the content above the written text

    def say(self, text: str) -> str:
        """Add to the content."""
        self.content += text
        return text

    def add(self, event: Place | AskEvent) -> Iterator[Piece]:
        """What an event adds."""
        match event:
            case Token() | Cited() | Unsupported():
                yield from self._write(self._written.add(event))
                return
            case Quoted(citations, kind, survey):
                if kind is Kind.CLOSEST:
                    yield self.say(CLOSEST)
                for heading, places in grouped(citations, survey):
                    yield from self._head(heading)
                    yield from self._quote(places)
                self._quoted = len(self.content)
            case Abstained(nearest):
                yield from self._refuse(nearest)
            case FellBack(why):
                yield from self._fall_back(why)
            case Done(answer):
                yield from self._write(self._written.end())
                for shard in answer.missing:
                    yield from self._apart()
                    yield self.say(f"*{plain(shard)} did not answer: what it holds is left out.*")
                self.answer = answer
                return
            case Found():  # what was found and not quoted is no answer
                return
            case _:
                pass
        value = event_json(event)
        yield {"stage": value["event"], **value}

    def outcome(self) -> Json:
        """The whole answer for programs: quotes with pages and boxes, each with its address."""
        assert self.answer is not None
        value = wire.answer(self.answer)
        for key, citations in (("quotes", self.answer.quotes), ("citations", self.answer.citations)):
            value[key] = [{**wire.citation(citation), "url": self._url(citation)} for citation in citations]
        return {"stage": "done", **value}

    def _url(self, place: Citation | Hit) -> str:
        span = place.span if isinstance(place, Citation) else place.passage.span
        return page_url(self.base, place.document, span.page, (span.start, span.end))

    def _link(self, place: Citation | Hit) -> str:
        span = place.span if isinstance(place, Citation) else place.passage.span
        return f"[{plain(place_name(place.document, span.page, place.label))}]({self._url(place)})"

    def _source(self, citation: Citation, start: int, end: int) -> SourceSpan:
        """Note that these characters of the content rest on a place."""
        source = SourceSpan(start=start, end=end, citation=citation, url=self._url(citation))
        self.sources.append(source)
        return source

    def _head(self, heading: str) -> Iterator[Piece]:
        """Whose the quotes below are, where several documents were asked."""
        if heading:
            yield from self._apart()
            yield self.say(f"**{plain(one_line(heading, LONGEST_TITLE))}**")

    def _quote(self, citations: Sequence[Citation]) -> Iterator[Piece]:
        for places in by_quote(citations):
            yield from self._apart()
            for citation in places:
                yield self.say("> ")
                start = len(self.content)
                yield self.say(plain(citation.quote).replace("\n", "\n> "))
                yield self._source(citation, start, len(self.content))
                yield self.say("\n")
            pages = {(place.document.id, place.span.page): place for place in reversed(places)}
            links = " ".join(map(self._link, reversed(pages.values())))
            more = f" ({places[-1].more})" if places[-1].more else ""
            yield self.say(f">\n> {links}{more}")

    def _refuse(self, nearest: Sequence[Hit]) -> Iterator[Piece]:
        yield self.say(REFUSAL if nearest else REFUSAL.partition(". ")[0] + ".")
        for hit in nearest[:NEAREST]:
            yield self.say(f"\n- {self._link(hit)}: {plain(one_line(hit.passage.text, TEASER))}")

    def _write(self, pieces: Iterable[str | Cited | Unsupported]) -> Iterator[Piece]:
        """Written words and their links, each once behind a sentence."""
        for piece in pieces:
            if not self._places:
                yield from self._apart()
            match piece:
                case str():
                    self._places.append((self._written.shown - len(piece), len(self.content)))
                    yield self.say(plain(piece))
                case Cited(citation):
                    start, end = map(self._at, (self._written.sentence_start(citation.at), citation.at - 1))
                    yield self._source(citation, start, end + 1)
                    if (link := self._link(citation)) not in self.content[end:]:
                        yield self.say(f" {link}")
                case Unsupported():
                    yield self.say(UNSUPPORTED)
                case _:
                    assert_never(piece)

    def _at(self, offset: int) -> int:
        """Where a character of the written text stands in the content."""
        here, there = next(place for place in reversed(self._places) if place[0] <= offset)
        return there + len(plain(self._written.text[here:offset]))

    def _fall_back(self, why: str) -> Iterator[Piece]:
        written, self._written, self._places = self._written.text, MarkedText(), []
        if written and not self.streamed:
            self.content = self.content[: self._quoted]
            self.sources = [source for source in self.sources if source.end <= self._quoted]
        yield from self._apart()
        yield self.say(f"*{plain(why)}*{f' {VOID}' if written and self.streamed else ''}")

    def _apart(self) -> Iterator[str]:
        """An empty line between what was said and what comes."""
        if self.content:
            yield self.say("\n\n")


def place_name(document: Document, page: int, label: str) -> str:
    """A page of a document, counted from 0, as people call it, and what the document calls it."""
    return f"{one_line(document.name, TEASER)} p. {page + 1}{f' (printed {label})' if label else ''}"
