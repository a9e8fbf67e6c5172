"""The encoders that there are, by their names."""

from collections.abc import Callable
from dataclasses import dataclass

from recto.errors import RectoError
from recto.machine import Finding
from recto.search import encoder, multilingual
from recto.search.encoder import MiniLM, OnnxEncoder, Wheel
from recto.search.multilingual import E5

MINILM, MULTILINGUAL = "minilm", "e5"
USUAL = MINILM  # of a library for which nobody chose


@dataclass(frozen=True, kw_only=True)
class EncoderKind:
    """An encoder that a library may choose."""

    name: str
    about: str
    fingerprint: str
    wheel: Wheel
    open: Callable[[int], OnnxEncoder]  # with so many threads; EncoderProblem if it is missing or damaged


KINDS = {
    MINILM: EncoderKind(
        name=MINILM,
        about="all-MiniLM-L6-v2, for English: the fastest",
        fingerprint=encoder.FINGERPRINT,
        wheel=encoder.WHEEL,
        open=lambda threads: MiniLM.open(threads=threads),
    ),
    MULTILINGUAL: EncoderKind(
        name=MULTILINGUAL,
        about="multilingual-e5-small, for a hundred languages, and from one to another: takes twice as long",
        fingerprint=multilingual.FINGERPRINT,
        wheel=multilingual.WHEEL,
        open=lambda threads: E5.open(threads=threads),
    ),
}

FINGERPRINTS = {kind.name: kind.fingerprint for kind in KINDS.values()} | {"": KINDS[USUAL].fingerprint}


def finding(*, threads: int) -> Finding:
    """The usual sentence encoder, if it can be loaded."""
    try:
        usual = KINDS[USUAL].open(threads)
    except RectoError as error:
        words = f"none, search goes by words only: {error.message}"
        return Finding(name="encoder", value=None, words=words, hint=error.hint)
    return Finding(name="encoder", value=usual.fingerprint, words=usual.fingerprint)
