"""What every framework is given: passages with page, boxes and address, and which of their words answer."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx2

from recto import wire
from recto.errors import ServerRefused
from recto.events import Found
from recto.library import Library
from recto.links import page_url
from recto.types import Document, Hit
from recto.wire import Json

HELD = 10  # hits that come with an answer; more are searched for by themselves
PATIENCE_S = 120.0  # between two events of a server; while others are answered it says so


@dataclass(frozen=True, kw_only=True)
class Recto:
    """Where the documents are: a library of this process, or a server, whose token it may want.

    `url` is the server's; beside a library it is where the addresses of pages begin.
    """

    library: Library | None = None
    url: str = ""
    token: str = field(default="", repr=False)
    documents: Sequence[str] = ()  # names or ids; all without any
    collections: Sequence[str] = ()  # likewise: of these

    def passages(self, question: str, k: int) -> list[Json]:
        """The k passages that match best, each with `quotes`, those words of it that answer.

        If none answer the question, `certainty` says "refused". Raises what `Library.ask` raises, or ServerRefused.
        """
        if self.library is None:
            with httpx2.Client(**self._options()) as http:
                events = dict(_events(http.post("/api/ask", json=self._asked(question))))
                return self._joined(events, http.get(self._more(question, k)) if k > HELD else None, k)
        library = self.library.within(*self.collections)
        asking = library.ask(question, docs=self.documents, writes=False)
        hits: tuple[Hit, ...] = ()
        for event in asking:
            if isinstance(event, Found):
                hits = event.hits
        if k > HELD:
            hits = tuple(library.search(question, k=k, docs=self.documents))
        return self._cited([wire.hit(hit) for hit in hits[:k]], wire.answer(asking.answer))

    async def apassages(self, question: str, k: int) -> list[Json]:
        """The same, while the event loop goes on."""
        if self.library is not None:
            return await asyncio.to_thread(self.passages, question, k)
        async with httpx2.AsyncClient(**self._options()) as http:
            events = dict(_events(await http.post("/api/ask", json=self._asked(question))))
            return self._joined(events, await http.get(self._more(question, k)) if k > HELD else None, k)

    def _options(self) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {"base_url": self.url, "headers": headers, "timeout": PATIENCE_S}

    def _asked(self, question: str) -> Json:
        scope = {"documents": list(self.documents), "collections": list(self.collections)}
        return {"question": question, **scope, "writes": False}

    def _more(self, question: str, k: int) -> str:
        scope = [("doc", name) for name in self.documents] + [("collection", name) for name in self.collections]
        return f"/api/search?{urlencode([('q', question), ('k', k), *scope])}"

    def _joined(self, events: dict[str, Json], more: httpx2.Response | None, k: int) -> list[Json]:
        """The passages of a server's answer."""
        if problem := events.get("failed"):
            raise ServerRefused(problem["message"], hint=problem["hint"])
        if more is None:
            return self._cited(events["found"]["hits"][:k], events["done"]["answer"])
        _check(more)
        return self._cited(more.json(), events["done"]["answer"])

    def _cited(self, hits: Sequence[Json], answer: Json) -> list[Json]:
        """The hits with the quotes of an answer, each with the hit of its page, else with the best of its document."""
        passages = [{**hit, "url": self._url(hit), "certainty": answer["certainty"], "quotes": []} for hit in hits]
        for citation in answer["quotes"]:
            near = sorted(passages, key=lambda passage: _distance(passage, citation))
            for passage in near[:1]:
                passage["quotes"].append({**citation, "url": self._url(citation)})
        return passages

    def _url(self, place: Json) -> str:
        """Where recto's page shows a place."""
        about = place["document"]
        document = Document(id=about["id"], name=about["name"], title="", pages=0, size=0, added=0.0)
        return page_url(self.url.rstrip("/"), document, place["page"] - 1, (place["start"], place["end"]))


def _distance(passage: Json, citation: Json) -> int:
    """How far a passage is from a quote: on its page, in its document, elsewhere. The best passage comes first."""
    if passage["document"]["id"] != citation["document"]["id"]:
        return 2
    return int(passage["page"] != citation["page"])


def _check(response: httpx2.Response) -> None:
    """ServerRefused if it is no answer."""
    if response.is_error:
        try:
            problem = response.json()
            raise ServerRefused(problem["detail"], hint=problem["hint"])
        except (ValueError, KeyError, TypeError):
            raise ServerRefused(f"{response.url} answers {response.status_code}", hint="recto serve") from None


def _events(response: httpx2.Response) -> Iterator[tuple[str, Json]]:
    """The server-sent events of an answer."""
    _check(response)
    for frame in response.text.split("\n\n"):
        name, _, data = frame.partition("\n")
        if name.startswith("event: "):
            yield name.removeprefix("event: "), json.loads(data.removeprefix("data: "))


def metadata(passage: Json) -> Json:
    """A passage as flat metadata, in the names that users of these frameworks know."""
    names = ("page", "start", "end", "score", "boxes", "url", "certainty", "quotes")
    return {
        "source": passage["document"]["name"],
        "document_id": passage["document"]["id"],
        "page_label": passage["label"] or str(passage["page"]),
        **{name: passage[name] for name in names},
    }


def key(passage: Json) -> str:
    """What names a passage, and always the same one."""
    return f"{passage['document']['id'][:12]}-{passage['page']}-{passage['start']}-{passage['end']}"
