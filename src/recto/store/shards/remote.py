"""One shard as its router sees it: what it holds, whether it answers, and what it was asked already."""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from typing import Any
from zlib import crc32

from recto.errors import Gone, LibraryProblem, RectoError, StoreDenied, StoreUnreachable
from recto.index_types import EncoderChoice, PageKey, Totals
from recto.machine import is_loopback
from recto.storage import LOOK_UP
from recto.store.arrays import Array, DamagedArrays
from recto.store.shards.messages import DOCUMENT, FORMAT, ShardMessage
from recto.types import Document

RETRY_S = 5.0  # after a look-up that failed, a shard is left out for so long: each failure costs a deadline
TRIES = 2  # a server may close a connection that has been idle at the moment at which it is used again

Send = Callable[[bytes, float | None], bytes]  # a look-up, and the seconds it may take if they are not the usual ones


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ShardState:
    """What a shard was when it was last looked at, and what is remembered of it as long as it is the same."""

    shard: "RemoteShard"
    state: str
    documents: Mapping[str, Document]
    totals: Totals
    choice: EncoderChoice
    lagging: int
    cards: dict[str, bytes] = field(default_factory=dict)
    frequencies: dict[tuple[str, int], int] = field(default_factory=dict)
    pages: dict[PageKey, bytes] = field(default_factory=dict)  # packed
    terms: dict[PageKey, bytes] = field(default_factory=dict)


class RemoteShard:
    """A server of a part of the library."""

    def __init__(self, name: str, send: Send, *, close: Callable[[], object] = lambda: None) -> None:
        """People know it by its name. `send` raises StoreUnreachable, StoreDenied, Gone."""
        self.name, self._send, self.close = name, send, close
        self.missed = float("-inf")  # when it was last left out of a question, by the monotonic clock
        self.lost = False  # it did not answer when it was last looked at
        self.problem: LibraryProblem | None = None  # why
        self._out_until = float("-inf")
        self._state: ShardState | None = None
        self._looking: Future[ShardState] | None = None
        self._lock = threading.Lock()

    def ask(
        self,
        look_up: str,
        arrays: Mapping[str, Array] | None = None,
        *,
        within_s: float | None = None,
        **of: Any,  # noqa: ANN401 - JSON
    ) -> ShardMessage:
        """The answer to a look-up. StoreUnreachable, StoreDenied; Gone if it says so."""
        request = ShardMessage({"format": FORMAT, "look_up": look_up, "of": of}, arrays or {})
        try:
            return ShardMessage.of(self._send(request.packed(), within_s))
        except (DamagedArrays, ValueError, TypeError) as problem:
            raise StoreUnreachable(f"{self.name} answers what is no answer", hint="recto serve there") from problem

    def look(self, pool: Executor) -> Future[ShardState]:
        """What it is now; an earlier look that has not come back is waited for first."""
        if self._looking is None or self._looking.done():
            self._looking = pool.submit(self._look)
        return self._looking

    @property
    def is_out(self) -> bool:
        """Whether it failed so lately that it is not to be asked."""
        return time.monotonic() < self._out_until

    def fail(self, problem: LibraryProblem) -> None:
        """Leave it out for a while."""
        self.lost, self.problem, self._out_until = True, problem, time.monotonic() + RETRY_S

    def _look(self) -> ShardState:
        with self._lock:
            former = self._state
            about = self.ask("state", known=former.state if former else "").about
            choice, lagging = EncoderChoice(*about["choice"]), about["lagging"]
            if former and former.state == about["state"]:
                if (former.choice, former.lagging) != (choice, lagging):
                    self._state = former = replace(former, choice=choice, lagging=lagging)
                return former
            rows = [Document(**dict(zip(DOCUMENT, row, strict=True))) for row in about["documents"]]
            documents = {document.id: document for document in rows}
            former_cards = former.cards if former else {}
            stamps = zip(documents, about["cards"], strict=True)
            self._state = ShardState(
                shard=self,
                state=about["state"],
                documents=documents,
                totals=Totals(**about["totals"]),
                choice=choice,
                lagging=lagging,
                cards={
                    doc: former_cards.get(doc, b"")
                    for doc, stamp in stamps
                    if crc32(former_cards.get(doc, b"")) == stamp
                },
            )
            return self._state


class HttpSender:
    """Asks the server at an address."""

    def __init__(self, url: str, token: str, deadline_s: float) -> None:
        import httpx2

        headers = {"Authorization": f"Bearer {token}"} if token else {}
        trusted = not is_loopback(httpx2.URL(url).host)  # else the system's proxy settings are none of its business
        verify = url.startswith("https:")
        self._url = url
        self._client = httpx2.Client(
            base_url=url, headers=headers, timeout=deadline_s, trust_env=trusted, verify=verify
        )

    def __call__(self, request: bytes, within_s: float | None) -> bytes:
        """The answer to a look-up. StoreUnreachable, StoreDenied, Gone."""
        import httpx2

        timeout = within_s or self._client.timeout
        for left in reversed(range(TRIES)):
            try:
                response = self._client.post(LOOK_UP, content=request, timeout=timeout)
            except httpx2.HTTPError as problem:
                if isinstance(problem, httpx2.RemoteProtocolError | httpx2.ReadError | httpx2.WriteError) and left:
                    continue
                why = str(problem) or type(problem).__name__
                hint = "start it: recto serve --host 0.0.0.0 --token SECRET"
                raise StoreUnreachable(f"{self._url} does not answer ({why})", hint=hint) from problem
            if response.is_success:
                break
            raise refusal(self._url, response.status_code, response.text)
        return bytes(response.content)

    def close(self) -> None:
        """Let go of its connections."""
        self._client.close()


def refusal(url: str, status: int, body: str) -> RectoError:
    """The error for a shard that refuses."""
    if status in (401, 403):
        hint = "give the token of the shards: recto route --shard-token SECRET, or RECTO_SHARD_TOKEN"
        return StoreDenied(f"{url} refuses the token", hint=hint, detail=body)
    if status == 404 and f'"urn:recto:{Gone.kind}"' in body:
        return Gone(f"{url} does not have that document any more", hint="recto list")
    hint = "install the same version of recto there, and recto serve it"
    return StoreUnreachable(f"{url} answers with {status}, not as a shard of this version", hint=hint, detail=body)
