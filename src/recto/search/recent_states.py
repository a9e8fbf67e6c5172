"""Token states of the texts that were read last: one question after another is mostly about the same pages."""

import threading
from collections import OrderedDict
from hashlib import blake2b

import numpy as np

from recto.normalize import quantised
from recto.types import Floats, Int8s

TOKENS = 1 << 15  # kept: 12 MB, of the last thirty questions or more


class RecentStates:
    """States by the digest of their text: no text stays here. Each keeps 8 bits a dimension, and its direction.

    What `keep` returns is what `states` gives later, so that an answer is the same whatever was asked before.
    """

    def __init__(self, most: int = TOKENS) -> None:
        self._most = most
        self._tokens = 0
        self._codes: OrderedDict[bytes, Int8s] = OrderedDict()
        self._lock = threading.Lock()

    def states(self, text: str) -> Floats | None:
        """The states of a text, (tokens, dimensions), each of length 1; None if they are not here."""
        key = _key(text)
        with self._lock:
            if (codes := self._codes.get(key)) is None:
                return None
            self._codes.move_to_end(key)
        return _unit(codes)

    def keep(self, text: str, states: Floats) -> Floats:
        """Keep the states of a text, and forget those that were not asked for longest; returns them as rounded."""
        key, (codes, _) = _key(text), quantised(states)
        with self._lock:
            if key not in self._codes:
                self._codes[key] = codes
                self._tokens += len(codes)
            while self._tokens > self._most:
                _, oldest = self._codes.popitem(last=False)
                self._tokens -= len(oldest)
        return _unit(codes)


def _key(text: str) -> bytes:
    return blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest()


def _unit(codes: Int8s) -> Floats:
    states: Floats = codes.astype(np.float32)
    return np.asarray(states / np.maximum(np.linalg.norm(states, axis=1, keepdims=True), 1), np.float32)
