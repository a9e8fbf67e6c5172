"""The store of a router: its documents lie in shards, which servers on other machines look up, side by side.

Statistics are summed over the shards, and sent along where a shard is to choose its best pages by them: so the router
finds and ranks what one library of all documents would. A shard that does not answer in time is left out, and said.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from recto.errors import LibraryReadOnly, UsageProblem
from recto.index_types import (
    Cosines,
    EncoderChoice,
    Field,
    IndexedPage,
    Nearest,
    PageKey,
    PageTerms,
    ScoredPage,
    Statistics,
    Summary,
    Totals,
    Version,
)
from recto.normalize import Moments
from recto.store.arrays import Array
from recto.store.collections import NoCollections
from recto.store.file import open_file
from recto.store.folders import SqliteFolders
from recto.store.history import SqliteHistory
from recto.store.pages import page_of, passages_of, summary_of, terms_of
from recto.store.removals import NoRemovals
from recto.store.shards.gathering import Gathering, LookUps, PresentShards
from recto.store.shards.messages import PageTable, ShardMessage, blobs_of, scored_pages
from recto.store.shards.remote import HttpSender, RemoteShard, ShardState
from recto.store.tokens import NoTokens
from recto.types import Document, Floats, Page, Passage, UInt32s

LOOK_S = 1.0  # for so long a question may not see what a shard has taken in
PAGES_KEPT = 4_096  # of a shard, of some 5 kB each, and the terms of as many
REMEMBERED = 1 << 16  # terms of questions, and how often they are in a shard
CARDS = 1_000  # in one answer: 2 MB
FILE_S = 60.0  # for a whole file
OWN = "router"  # folder, which is never made, of what a router has for itself: nothing
SHARED = "a router is asked by many, and keeps no history"
NO_VALUES = np.zeros(0, np.float32)

K = TypeVar("K")
V = TypeVar("V")
Blobs = dict[PageKey, bytes]


def open_shards(urls: Sequence[str], token: str, folder: Path, deadline_s: float) -> "ShardedStore":
    """The library of these servers. StoreUnreachable if none answers, StoreDenied if one refuses the token."""
    senders = [(url, HttpSender(url, token, deadline_s)) for url in urls]
    shards = [RemoteShard(url, sender, close=sender.close) for url, sender in senders]
    return ShardedStore(shards, folder, deadline_s=deadline_s, look_s=LOOK_S)


class ShardedStore:
    """A `Store` that is read; what is to be in it is put into a shard. Threads may share it."""

    def __init__(self, shards: Sequence[RemoteShard], folder: Path, *, deadline_s: float, look_s: float) -> None:
        """Look at all shards. What one says that refuses; StoreUnreachable if none answers."""
        self._shards = Gathering(shards, deadline_s=deadline_s, look_s=look_s)
        self._file = open_file(folder / OWN, create=False, temporary=True)
        self.collections, self.tokens = NoCollections(self._file), NoTokens(self._file)
        self.folders, self.removals = SqliteFolders(self._file), NoRemovals(self.delete)
        self.history = SqliteHistory(self._file, self.documents, self.pages, silence=SHARED)
        with ExitStack() as stack:
            stack.callback(self.close)
            self._shards.check()
            stack.pop_all()

    # Writing

    def check_writable(self, size: int = 0) -> None:
        """LibraryReadOnly."""
        raise self._refusal()

    def put(
        self,
        document: Document,
        source: Path | None,
        pages: Sequence[IndexedPage],
        *,
        analyser: int,
        summary: Summary | None = None,
        replaces: str | None = None,
        original: Path | None = None,
        unrecognised: bool = False,
        card: bytes = b"",
    ) -> Version:
        """LibraryReadOnly."""
        raise self._refusal()

    def delete(self, *docs: str) -> bool:
        """LibraryReadOnly."""
        raise self._refusal()

    def put_vectors(self, version: Version, fingerprint: str, vectors: Floats) -> bool:
        """LibraryReadOnly."""
        raise self._refusal()

    def put_terms(self, version: Version, analyser: int, terms: Sequence[PageTerms]) -> bool:
        """LibraryReadOnly."""
        raise self._refusal()

    def choose_encoder(self, choice: EncoderChoice) -> None:
        """LibraryReadOnly."""
        raise self._refusal()

    def adopt_vectors(self, fingerprint: str) -> None:
        """Nothing: each shard does."""

    def _refusal(self) -> LibraryReadOnly:
        what = f"the documents of this library are in {len(self._shards.shards)} shards, and a router only reads them"
        return LibraryReadOnly(what, hint="recto ingest FOLDER --to lance+s3://BUCKET/PREFIX, or recto add at a shard")

    # Documents and pages

    def documents(self) -> list[Document]:
        """All documents, in the order in which they were added."""
        return self._shards.present().documents

    def source(self, doc: str) -> bytes:
        """The PDF's own bytes. Gone if there is no such document."""
        return blobs_of(self._of_one("source", doc, FILE_S))[0]

    def copy_source(self, doc: str, target: Path) -> None:
        """Write the PDF's own bytes to a file. Gone if there is no such document."""
        target.write_bytes(self.source(doc))

    def copy_original(self, doc: str, target: Path) -> None:
        """Write the file that was added to a file. Gone if there is no such document."""
        target.write_bytes(blobs_of(self._of_one("original", doc, FILE_S))[0])

    def steady(self) -> AbstractContextManager[None]:
        """The documents stay those of its beginning for the thread that asks, and the shards those that answered."""
        return self._shards.steady()

    def pages(self, keys: Sequence[PageKey]) -> list[Page]:
        """Some pages with their words, asked for in one go. Gone if one is not there."""
        blobs = self._packed_pages(keys)
        return [page_of(blobs[key], key.page) for key in keys]

    def page(self, doc: str, number: int) -> Page:
        """One page with its words. Gone if there is none."""
        return self.pages([PageKey(doc, number)])[0]

    def passages(self, doc: str, number: int) -> list[Passage]:
        """The passages of one page, in order. Gone if there is no such page."""
        (blob,) = self._packed_pages([PageKey(doc, number)]).values()
        return passages_of(blob, doc, number)

    def _packed_pages(self, keys: Sequence[PageKey]) -> Blobs:
        present = self._shards.present()
        for key in keys:
            present.owner(key.doc)
        return self._of_pages("pages", keys, lambda part: part.pages)

    def summary(self, doc: str) -> Summary | None:
        """The summary that was put with a document, None if there was none. Gone if there is no such document."""
        content = self._of_one("summary", doc).about["summary"]
        return summary_of(content) if content else None

    def summaries(self) -> dict[str, Summary]:
        """By document the summary that was put with it; documents without one are left out."""
        return {doc: summary_of(content) for doc, content in self._of_each_document("summaries").items()}

    def sizes(self) -> dict[str, int]:
        """By document the bytes that it takes at its shard."""
        return self._of_each_document("sizes")

    def note(self, doc: str, key: str) -> str | None:
        """None: a router keeps none."""
        return None

    def keep_note(self, doc: str, key: str, text: str) -> None:
        """Nothing."""

    def cards(self) -> dict[str, bytes]:
        """By document the card that was put with it; those that are new are asked for."""

        def look_ups(present: PresentShards) -> LookUps:
            absent = {part: [doc for doc in part.documents if doc not in part.cards][:CARDS] for part in present.parts}
            return {part: partial(part.shard.ask, "cards", docs=docs) for part, docs in absent.items() if docs}

        while True:
            present, answers = self._shards.ask(look_ups)
            for part, message in answers.items():
                part.cards.update(zip(message.about["docs"], blobs_of(message), strict=True))
            if not answers:
                return {doc: card for part in reversed(present.parts) for doc, card in part.cards.items() if card}

    def encoder_choice(self) -> EncoderChoice:
        """Which encoder was chosen: by the first shard, and by all, or those of others are found by words only."""
        return self._shards.present().parts[0].choice

    # Work that waits, which each shard does

    def unencoded(self, fingerprint: str) -> list[Version]:
        """None."""
        return []

    def outdated(self, analyser: int) -> list[Version]:
        """None."""
        return []

    def unrecognised(self) -> list[Document]:
        """None."""
        return []

    # Looking up

    def lexical(
        self,
        terms: Mapping[Field, UInt32s],
        k: int,
        docs: Sequence[str] | None = None,
        statistics: Mapping[Field, Statistics] | None = None,
    ) -> dict[Field, list[ScoredPage]]:
        """For each field the k pages that hold its terms best, by the statistics of all shards."""
        known = statistics or self._statistics(terms)
        arrays: dict[str, Array] = {f"{field} terms": own for field, own in terms.items()}
        arrays |= {f"{field} frequencies": own.frequencies for field, own in known.items()}
        sizes = {field: (known[field].texts, known[field].mean_length) for field in terms}

        def look_ups(present: PresentShards) -> LookUps:
            return {
                part: partial(part.shard.ask, "lexical", arrays, fields=sizes, k=k, docs=own)
                for part, own in present.by_scope(docs).items()
            }

        present, answers = self._shards.ask(look_ups)
        found: dict[Field, list[ScoredPage]] = {}
        for field in terms:
            hits = present.in_order(
                {part: scored_pages(each.about["docs"][field], each.arrays, field) for part, each in answers.items()}
            )
            found[field] = [hit for hit in hits if hit.score > 0][:k] + [hit for hit in hits if hit.score == 0]
        return found

    def nearest(self, vector: Floats, fingerprint: str, k: int, docs: Sequence[str] | None = None) -> Nearest:
        """The k pages whose best passage is nearest to a vector (dim,), of those that this encoder encoded."""

        def look_ups(present: PresentShards) -> LookUps:
            return {
                part: partial(part.shard.ask, "nearest", {"vector": vector}, fingerprint=fingerprint, k=k, docs=own)
                for part, own in present.by_scope(docs).items()
            }

        present, answers = self._shards.ask(look_ups)
        hits = {part: scored_pages(each.about["docs"], each.arrays) for part, each in answers.items()}
        moments = Moments.together([Moments(**each.about["moments"]) for each in answers.values()])
        return Nearest(present.in_order(hits)[:k], moments)

    def cosines(self, vector: Floats, fingerprint: str, pages: Sequence[PageKey]) -> Cosines:
        """The cosine of a vector (dim,) with each passage of these pages."""

        def look_ups(present: PresentShards) -> LookUps:
            tables = {part: PageTable.of(own) for part, own in present.by_owner(pages).items()}
            return {
                part: partial(
                    part.shard.ask,
                    "cosines",
                    {"vector": vector, **table.arrays},
                    fingerprint=fingerprint,
                    docs=table.docs,
                )
                for part, table in tables.items()
            }

        present, answers = self._shards.ask(look_ups)
        rows: dict[PageKey, Floats] = {}
        for part, own in present.by_owner(pages).items():
            counts, values = answers[part].arrays["counts"], answers[part].arrays["values"]
            rows |= zip(own, np.split(values, np.cumsum(counts)[:-1]), strict=True)
        found = [rows.get(page, NO_VALUES) for page in pages]
        return Cosines(np.array([row.size for row in found], np.int64), np.concatenate([NO_VALUES, *found]))

    def page_terms(self, pages: Sequence[PageKey]) -> dict[PageKey, PageTerms]:
        """The terms of these pages, in their order; those that are gone are left out."""
        blobs = self._of_pages("page_terms", pages, lambda part: part.terms)
        return {page: terms_of(blobs[page]) for page in pages if blobs.get(page)}

    def totals(self) -> Totals:
        """The sizes of the collection."""
        return self._shards.present().totals

    def frequencies(self, field: Field, terms: UInt32s) -> NDArray[np.int64]:
        """In how many pages ("text", "heading") or passages each term occurs."""
        return self._statistics({field: terms})[field].frequencies

    def _statistics(self, terms: Mapping[Field, UInt32s]) -> dict[Field, Statistics]:
        """Those of the whole collection: what was asked already is remembered as long as a shard is the same."""
        wanted = [(str(field), term) for field, own in terms.items() for term in np.unique(own).tolist()]
        known: dict[ShardState, dict[tuple[str, int], int]] = {}

        def absent(part: ShardState) -> dict[str, Array]:
            new = [key for key in wanted if key not in known[part]]
            return {
                field: np.array([term for own, term in new if own == field], np.uint32)
                for field in dict.fromkeys(field for field, _ in new)
            }

        def look_ups(present: PresentShards) -> LookUps:
            for part in present.parts:
                counts = ((key, part.frequencies.get(key)) for key in wanted)
                known[part] = {key: count for key, count in counts if count is not None}
            news = {part: own for part in present.parts if (own := absent(part))}
            return {part: partial(part.shard.ask, "frequencies", own, fields=list(own)) for part, own in news.items()}

        present, answers = self._shards.ask(look_ups)
        for part, message in answers.items():
            for field, own in absent(part).items():
                keys = [(field, term) for term in own.tolist()]
                known[part].update(zip(keys, message.arrays[field].tolist(), strict=True))
            _remember(part.frequencies, known[part], REMEMBERED)
        sums = {key: sum(known[part][key] for part in present.parts) for key in wanted}
        frequencies = {
            field: np.array([sums[field, term] for term in own.tolist()], np.int64) for field, own in terms.items()
        }
        return {field: present.totals.statistics(field, counts) for field, counts in frequencies.items()}

    # The whole

    def state(self) -> str:
        """Made of those of the shards."""
        return " ".join(part.state for part in self._shards.present().parts)

    def missing(self, since: float) -> tuple[str, ...]:
        """The shards that were left out of a question since a time of the monotonic clock."""
        return self._shards.missing(since)

    def lagging(self) -> int:
        """How many changes the shards have saved that are not yet in their keyword indexes."""
        return sum(part.lagging for part in self._shards.present().parts)

    def export(self, target: Path) -> None:
        """UsageProblem."""
        raise UsageProblem("a router has no documents of its own to export", hint="recto export at each shard")

    def close(self) -> None:
        """Let go of the shards."""
        self._shards.close()
        self._file.close()

    def _of_one(self, look_up: str, doc: str, deadline_s: float | None = None) -> ShardMessage:
        """What the shard of one document answers. Gone if there is no such document."""

        def look_ups(present: PresentShards) -> LookUps:
            part = present.owner(doc)
            return {part: partial(part.shard.ask, look_up, within_s=deadline_s, doc=doc)}

        _, answers = self._shards.ask(look_ups, deadline_s)
        return next(iter(answers.values()))

    def _of_each_document(self, look_up: str) -> dict[str, Any]:
        """What the shards say of their documents."""
        _, answers = self._shards.ask(
            lambda present: {part: partial(part.shard.ask, look_up) for part in present.parts}
        )
        return {doc: value for message in answers.values() for doc, value in message.about["of_documents"].items()}

    def _of_pages(self, look_up: str, keys: Sequence[PageKey], memory: Callable[[ShardState], Blobs]) -> Blobs:
        """What shards have of some pages; what was asked already is remembered as long as a shard is the same."""
        found: Blobs = {}

        def absent(present: PresentShards) -> dict[ShardState, list[PageKey]]:
            shares = present.by_owner(list(dict.fromkeys(keys)))
            return {part: new for part, own in shares.items() if (new := [key for key in own if key not in found])}

        def look_ups(present: PresentShards) -> LookUps:
            for part, own in present.by_owner(keys).items():
                blobs = ((key, memory(part).get(key)) for key in own)
                found.update((key, blob) for key, blob in blobs if blob is not None)
            tables = {part: PageTable.of(new) for part, new in absent(present).items()}
            return {
                part: partial(part.shard.ask, look_up, table.arrays, docs=table.docs) for part, table in tables.items()
            }

        present, answers = self._shards.ask(look_ups)
        for part, own in absent(present).items():
            new = dict(zip(own, blobs_of(answers[part]), strict=True))
            found |= new
            _remember(memory(part), new, PAGES_KEPT)
        return found


def _remember(memory: dict[K, V], new: Mapping[K, V], most: int) -> None:
    if len(memory) + len(new) > most:
        memory.clear()
    memory.update(new)
