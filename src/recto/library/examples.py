"""Questions that the documents can answer, made from their own headings."""

from collections.abc import Sequence
from itertools import chain, zip_longest

from recto.library.summary import SUBJECTS, summary
from recto.storage import Store
from recto.types import Document

QUESTIONS = SUBJECTS


def examples(store: Store, documents: Sequence[Document]) -> list[str]:
    """Questions about the headings with the most text below them, of the documents in turns."""
    turns = zip_longest(*(summary(store, document).subjects for document in documents))
    subjects = dict.fromkeys(filter(None, chain.from_iterable(turns)))
    subjects = subjects or dict.fromkeys(document.title for document in documents)
    return [asked_about(subject) for subject in list(subjects)[:QUESTIONS]]


def asked_about(subject: str) -> str:
    """The question about a subject."""
    return f"What is said about {subject}?"
