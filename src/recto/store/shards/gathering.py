"""The shards of a library, asked side by side: who answers in time, and what they have together."""

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import cached_property

from recto.errors import Gone, LibraryProblem, StoreDenied, StoreUnreachable
from recto.index_types import PageKey, ScoredPage, Totals
from recto.store.shards.messages import ShardMessage
from recto.store.shards.remote import RemoteShard, ShardState
from recto.text.memory import forget_all
from recto.types import Document

PROBE_S = 0.2  # that a shard is waited for which did not answer before: it takes milliseconds if it does again
AT_ONCE = 16  # look-ups at one shard
SLOW = "it has not answered within {:g} s"

LookUps = Mapping[ShardState, Callable[[], ShardMessage]]


class ShardLost(Gone):
    """A shard did not answer: what it holds is none of the library's until it does."""


@dataclass(frozen=True, eq=False)
class PresentShards:
    """The shards that answered when all were looked at; a document that several have is the first one's."""

    parts: tuple[ShardState, ...] = ()
    missing: tuple[RemoteShard, ...] = ()

    @cached_property
    def documents(self) -> list[Document]:
        """All, in the order in which they were added."""
        documents = {id: document for part in reversed(self.parts) for id, document in part.documents.items()}
        return sorted(documents.values(), key=lambda document: (document.added, document.id))

    @cached_property
    def owners(self) -> Mapping[str, ShardState]:
        """By document who has it."""
        return {id: part for part in reversed(self.parts) for id in part.documents}

    @cached_property
    def owned(self) -> Mapping[ShardState, int]:
        """How many documents are whose."""
        return Counter(self.owners.values())

    @cached_property
    def places(self) -> Mapping[str, int]:
        """By document its place among all."""
        return {document.id: place for place, document in enumerate(self.documents)}

    @cached_property
    def totals(self) -> Totals:
        """The sizes of all."""
        names = [field.name for field in fields(Totals)]
        return Totals(**{name: sum(getattr(part.totals, name) for part in self.parts) for name in names})

    def owner(self, doc: str) -> ShardState:
        """Who has a document. Gone if nobody has who answers."""
        if doc not in self.owners:
            silent = "".join(f", unless it is at {shard.name}, which does not answer" for shard in self.missing)
            raise Gone(f"the document {doc[:12]} is not in the library any more{silent}", hint="recto list")
        return self.owners[doc]

    def by_owner(self, pages: Sequence[PageKey]) -> dict[ShardState, list[PageKey]]:
        """Pages by who has them; those of documents that nobody has are left out."""
        shares: dict[ShardState, list[PageKey]] = {}
        for page in pages:
            if page.doc in self.owners:
                shares.setdefault(self.owners[page.doc], []).append(page)
        return shares

    def by_scope(self, docs: Sequence[str] | None) -> dict[ShardState, list[str] | None]:
        """The shards to look in for some documents, and for which ones; None for all that a shard has."""
        if docs is None:
            return dict.fromkeys(self.parts)
        shares = {part: [doc for doc in docs if self.owners.get(doc) is part] for part in self.parts}
        return {part: own if len(own) < self.owned[part] else None for part, own in shares.items() if own}

    def in_order(self, hits: Mapping[ShardState, Sequence[ScoredPage]]) -> list[ScoredPage]:
        """What shards found by the scores, and pages of equal scores as they stand in the library."""
        own = [hit for part, found in hits.items() for hit in found if self.owners.get(hit.key.doc) is part]
        return sorted(own, key=lambda hit: (-hit.score, self.places[hit.key.doc], hit.key.page))


class Gathering:
    """Asks all shards. Threads may share it."""

    def __init__(self, shards: Sequence[RemoteShard], *, deadline_s: float, look_s: float) -> None:
        """A shard has `deadline_s` for each look-up; what all are is asked anew when that is `look_s` old."""
        self.shards = shards
        self._deadline_s, self._look_s = deadline_s, look_s
        self._pool = ThreadPoolExecutor(AT_ONCE * len(shards), thread_name_prefix="recto-shards")
        self._lock, self._looked = threading.Lock(), -math.inf
        self._newest = PresentShards()
        self._own = threading.local()  # `steady`: what a thread has seen, None outside

    def check(self) -> None:
        """StoreDenied if a shard refuses the token, StoreUnreachable if none answers."""
        try:
            self.present()
        finally:
            for problem in (shard.problem for shard in self.shards):
                if isinstance(problem, StoreDenied):
                    raise problem

    def close(self) -> None:
        """Wait for nobody any more."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        for shard in self.shards:
            shard.close()

    @contextmanager
    def steady(self) -> Iterator[None]:
        """While the block runs, its thread sees the shards as they were at its beginning."""
        outer = getattr(self._own, "steady", None)
        self._own.steady = outer or self.present()
        try:
            yield
        finally:
            self._own.steady = outer

    def present(self) -> PresentShards:
        """The shards that answer, as they are. StoreUnreachable if none does."""
        steady: PresentShards | None = getattr(self._own, "steady", None)
        if steady:
            return steady
        with self._lock:
            if time.monotonic() - self._looked >= self._look_s:
                self._newest, former = self._look(), self._newest
                self._looked = time.monotonic()
                if any(id not in self._newest.owners for part in former.parts for id in part.documents):
                    forget_all()
            present = self._newest
        for shard in present.missing:
            shard.missed = time.monotonic()
        if not present.parts:
            why = "; ".join(shard.problem.message for shard in self.shards if shard.problem)
            raise StoreUnreachable(f"none of the {len(self.shards)} shards answers: {why}", hint="recto serve them")
        return present

    def missing(self, since: float) -> tuple[str, ...]:
        """The names of those that were left out of a question since then, by the monotonic clock."""
        return tuple(shard.name for shard in self.shards if shard.missed >= since)

    def ask(
        self, look_ups: Callable[[PresentShards], LookUps], deadline_s: float | None = None
    ) -> tuple[PresentShards, dict[ShardState, ShardMessage]]:
        """What shards answer, and which there are. ShardLost if one does not, and the thread wants a steady state.

        Else it is asked of those that are left.
        """
        while True:
            present = self.present()
            try:
                return present, self._answers(look_ups(present), deadline_s or self._deadline_s)
            except ShardLost:
                if getattr(self._own, "steady", None):
                    raise

    def _answers(self, look_ups: LookUps, deadline_s: float) -> dict[ShardState, ShardMessage]:
        futures = {part: self._pool.submit(look_up) for part, look_up in look_ups.items()}
        wait(futures.values(), deadline_s)
        answers, lost = {}, []
        for part, future in futures.items():
            if problem := _failure(future, deadline_s):
                part.shard.fail(problem)
                lost.append(part.shard.name)
            else:
                answers[part] = future
        if lost:
            self._looked = -math.inf
            raise ShardLost(f"{' and '.join(lost)} did not answer", hint="ask again")
        try:
            return {part: future.result() for part, future in answers.items()}
        except Gone:
            self._looked = -math.inf  # the shard is another by now
            raise

    def _look(self) -> PresentShards:
        """Ask all shards what they are. One that did not answer before is hardly waited for."""
        asked = [shard for shard in self.shards if not shard.is_out]
        looks = {shard: shard.look(self._pool) for shard in asked}
        began = time.monotonic()
        wait([look for shard, look in looks.items() if not shard.lost], self._deadline_s)
        wait(looks.values(), max(0.0, began + min(PROBE_S, self._deadline_s) - time.monotonic()))
        parts = []
        for shard, look in looks.items():
            shard.problem = _failure(look, self._deadline_s)
            shard.lost = shard.problem is not None
            if not shard.lost:
                parts.append(look.result())
        missing = tuple(shard for shard in self.shards if shard not in looks or shard.lost)
        same = tuple(parts) == self._newest.parts and missing == self._newest.missing
        return self._newest if same else PresentShards(tuple(parts), missing)


def _failure(future: "Future[ShardMessage] | Future[ShardState]", deadline_s: float) -> LibraryProblem | None:
    """Why there is no answer; None if there is one, or the shard says that something is gone."""
    if not future.done():
        return StoreUnreachable(SLOW.format(deadline_s))
    problem = future.exception()
    if problem and not isinstance(problem, LibraryProblem | Gone):
        raise problem
    return problem if isinstance(problem, LibraryProblem) else None
