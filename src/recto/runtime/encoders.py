"""The encoder of one library: that which it chose, and until everything is encoded with it the one before.

Vectors of different encoders are never compared: each carries the fingerprint of its encoder.
"""

import time
from collections.abc import Callable
from typing import NamedTuple

from recto.errors import EncoderProblem, UsageProblem
from recto.index_types import EncoderChoice
from recto.search.encoder import OnnxEncoder
from recto.search.encoders import KINDS, MULTILINGUAL, USUAL, EncoderKind
from recto.search.index import headed
from recto.storage import Store
from recto.text.detection import language_of

__all__ = ["KINDS", "MULTILINGUAL", "USUAL", "Advice", "LibraryEncoders"]

# Documents and pages of each that are looked at for their language, and which share of them is to be of another than
# English before a library gets the other encoder: twice the time of encoding for a few quotations would be too much.
DOCUMENTS, PAGES, SHARE = 20, 3, 0.3
TIMED = 8  # passages by which is told how long all of them will take


class Advice(NamedTuple):
    """Another encoder would find more."""

    foreign: int  # pages
    pages: int  # that were looked at
    installed: bool


class LibraryEncoders:
    """Which encoder a library chose, and by which it is searched."""

    def __init__(self, store: Store, open_encoder: Callable[[str], OnnxEncoder]) -> None:
        """`open_encoder` opens one by its name, or raises EncoderProblem."""
        self._store, self._open = store, open_encoder
        self.suited: Advice | None = None  # why `suit` took another one since this library was opened

    @property
    def chosen(self) -> EncoderKind:
        """What new documents are encoded with; the usual one, unless another was chosen."""
        return KINDS.get(self._store.encoder_choice().name, KINDS[USUAL])

    def open_chosen(self) -> OnnxEncoder:
        """EncoderProblem if it is missing or damaged."""
        return self._open(self.chosen.name)

    @property
    def kind(self) -> EncoderKind:
        """That by whose vectors the library is searched."""
        choice = self._store.encoder_choice()
        chosen = KINDS.get(choice.name, KINDS[USUAL])
        return next((kind for kind in KINDS.values() if kind.fingerprint == choice.former), chosen)

    @property
    def searched(self) -> OnnxEncoder | None:
        """The encoder of these vectors; None if it cannot be had: then words alone decide."""
        try:
            return self._open(self.kind.name)
        except EncoderProblem:
            return None

    def use(self, name: str) -> None:
        """Choose another one; the library is searched by the vectors that it has until all of the others are made.

        UsageProblem if there is none of this name, EncoderProblem if it is not installed.
        """
        if name not in KINDS:
            raise UsageProblem(f"there is no encoder {name!r}", hint="recto encoders list")
        if name == self._store.encoder_choice().name:
            return
        self._open(name)
        former = self.kind.fingerprint
        self._store.choose_encoder(EncoderChoice(name, "" if KINDS[name].fingerprint == former else former))

    def waiting(self) -> int:
        """How many documents the chosen encoder has yet to encode."""
        return len(self._store.unencoded(self.chosen.fingerprint))

    def seconds(self) -> float:
        """About how long that takes here; 0 if nothing is to be done."""
        versions = self._store.unencoded(self.chosen.fingerprint)
        if not versions:
            return 0.0
        document, texts = versions[0].document, list[str]()
        for page in range(document.pages):
            texts += [headed(document.title, passage) for passage in self._store.passages(document.id, page)]
            if len(texts) >= TIMED:
                break
        began = time.monotonic()
        self.open_chosen().encode(texts[:TIMED])
        passage_s = (time.monotonic() - began) / max(len(texts[:TIMED]), 1)
        return passage_s * len(texts) / (page + 1) * sum(version.document.pages for version in versions)

    def suit(self) -> None:
        """Take the encoder for other languages where many pages are not English, if it is here and nobody chose one."""
        if KINDS[MULTILINGUAL].wheel.installed and (advice := self.advice()):
            self.use(MULTILINGUAL)
            self.suited = advice

    def advice(self) -> Advice | None:
        """Whether the encoder for other languages would find more; None if not, or if one was chosen."""
        if self._store.encoder_choice().name:
            return None
        texts = []
        for document in self._store.documents()[-DOCUMENTS:]:
            for page in sorted({document.pages * step // PAGES for step in range(PAGES)}):
                passages = self._store.passages(document.id, page)
                texts.append(" ".join(passage.text for passage in passages))
        told = [language_of(text) in ("", "en") for text in texts if text.strip()]
        foreign = told.count(False)
        if not told or foreign < SHARE * len(told):
            return None
        return Advice(foreign=foreign, pages=len(told), installed=KINDS[MULTILINGUAL].wheel.installed)
