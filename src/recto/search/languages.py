"""The languages of a library, which its pages' terms tell."""

import numpy as np

from recto.search.encoder import Encoder
from recto.storage import Store
from recto.text.analyse import marker
from recto.text.languages import LANGUAGES, UNMARKED
from recto.text.scripts import LANGUAGE_OF

_MARKERS = dict(sorted((marker(language), language) for language in LANGUAGES if language not in UNMARKED))

ENGLISH_ONLY = ("all-MiniLM",)  # encoders trained on English, by what their fingerprints begin with


def reads(encoder: Encoder, language: str) -> bool:
    """Whether an encoder orders texts for a question in a language.

    One for English does so in Latin letters; of others it knows hardly more than the letters, and words find more.
    """
    return trained_on(encoder, language) or language not in LANGUAGE_OF


def trained_on(encoder: Encoder, language: str) -> bool:
    """Whether an encoder was trained on a language, so that its similarities tell whether a text answers."""
    return language in UNMARKED or not encoder.fingerprint.startswith(ENGLISH_ONLY)


def library_languages(store: Store) -> tuple[str, ...]:
    """The languages of a library's pages, that of most first; what tells no other counts as English."""
    counts = dict(zip(_MARKERS.values(), store.frequencies("text", np.array(list(_MARKERS), np.uint32)), strict=True))
    counts["en"] = store.totals().pages - sum(counts.values())
    return tuple(sorted((language for language in counts if counts[language] > 0), key=lambda code: -counts[code]))
