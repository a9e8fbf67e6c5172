"""`recto search`: the pages that match best."""

import time
from collections.abc import Sequence
from pathlib import Path

from recto import wire
from recto.cli.hits import NOTHING_FOUND, explain_nothing, say_hit, say_missing, say_unencoded
from recto.cli.terminal import say_json
from recto.library import Library


def run(
    question: str, k: int, docs: Sequence[str], collections: Sequence[str], *, home: Path | None, as_json: bool
) -> int:
    """Print the hits; 3 if there are none."""
    with Library(home, create=False) as whole_library:
        library = whole_library.within(*collections)
        say_unencoded(library)
        began = time.monotonic()
        hits = library.search(question, k=k, docs=docs)
        say_missing(library.missing(began))
        for hit in hits:
            say_json(wire.hit(hit)) if as_json else say_hit(hit, library.file_of)
        if not hits:
            explain_nothing(library)
    return 0 if hits else NOTHING_FOUND
