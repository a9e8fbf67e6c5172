"""Ask your own PDFs: every answer points to the exact box on the page."""

import os
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recto.errors import RectoError as RectoError
    from recto.events import Asking as Asking
    from recto.library import Library as Library
    from recto.types import Added as Added
    from recto.types import Answer as Answer
    from recto.types import Cell as Cell
    from recto.types import Citation as Citation
    from recto.types import Document as Document
    from recto.types import Grid as Grid
    from recto.types import Hit as Hit
    from recto.types import Page as Page
    from recto.types import Passage as Passage
    from recto.types import Rect as Rect
    from recto.types import Span as Span

# Our products of matrices are too small to share out: on two cores numpy's threads took a quarter of a question's CPU.
# numpy reads this once, when it is imported; whoever has set it, or has numpy already, is left alone.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

DISTRIBUTION = "recto-pdf"  # what pip calls this program; on PyPI, recto is another one

_HOMES = {
    "Added": "types",
    "Answer": "types",
    "Asking": "events",
    "Cell": "types",
    "Citation": "types",
    "Document": "types",
    "Grid": "types",
    "Hit": "types",
    "Library": "library",
    "Page": "types",
    "Passage": "types",
    "RectoError": "errors",
    "Rect": "types",
    "Span": "types",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> object:
    """Import a public name at its first use: `recto --help` must not wait for numpy."""
    if name not in _HOMES:
        raise AttributeError(f"module 'recto' has no attribute {name!r}")
    return getattr(import_module(f"recto.{_HOMES[name]}"), name)
