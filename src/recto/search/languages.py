"""The languages of a library, which its pages' terms tell."""

import numpy as np

from recto.search.encoder import Encoder
from recto.storage import Store
from recto.text.analyse import UNMARKED, marker
from recto.text.languages import LANGUAGES
from recto.text.scripts import LANGUAGE_OF

_MARKERS = dict(sorted((marker(language), language) for language in LANGUAGES if language not in UNMARKED))

LATIN_ONLY = (
    "all-MiniLM",
)  # encoders, by what their fingerprints begin with, that know of other scripts but the letters


def reads(encoder: Encoder, language: str) -> bool:
    """Whether an encoder tells what a question in a language means: else its cosines are noise, and words find more."""
    return not (language in LANGUAGE_OF and encoder.fingerprint.startswith(LATIN_ONLY))


def library_languages(store: Store) -> tuple[str, ...]:
    """The languages of a library's pages, that of most first; what tells no other counts as English."""
    counts = dict(zip(_MARKERS.values(), store.frequencies("text", np.array(list(_MARKERS), np.uint32)), strict=True))
    counts["en"] = store.totals().pages - sum(counts.values())
    return tuple(sorted((language for language in counts if counts[language] > 0), key=lambda code: -counts[code]))
