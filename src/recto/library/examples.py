"""Questions that the documents can answer, made from their own headings."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import zip_longest

from recto.store import Store
from recto.types import Document

QUESTIONS = 5
_NUMBER = re.compile(r"^(?:(?:section|chapter|part)\s+)?\d[\d.]*\s+", re.IGNORECASE)
_WORDS = range(2, 9)  # of a heading that makes a question
_NO_SUBJECT = ("contents", "copyright", "index", "references")


def examples(store: Store, documents: Sequence[Document]) -> list[str]:
    """Questions about the headings with the most text below them, of the documents in turns."""
    ranked = [_headings(store, document) for document in documents]
    subjects = dict.fromkeys(one for turn in zip_longest(*ranked) for one in turn if one)
    subjects = subjects or dict.fromkeys(document.title for document in documents)
    return [asked_about(one) for one in list(subjects)[:QUESTIONS]]


def asked_about(subject: str) -> str:
    """The question about a subject."""
    return f"What is said about {subject}?"


def _headings(store: Store, document: Document) -> list[str]:
    weights: Counter[str] = Counter()
    for number in range(document.pages):
        for passage in store.passages(document.id, number):
            weights[subject(passage.heading)] += len(passage.text)
    del weights[""]
    return [one for one, _ in weights.most_common(QUESTIONS)]


def subject(heading: str) -> str:
    """The last heading of a path without its number; empty if nobody would ask for it."""
    text = _NUMBER.sub("", heading.rpartition(" > ")[2]).strip()
    known = any(word in text.lower() for word in _NO_SUBJECT)
    return "" if known or len(text.split()) not in _WORDS else text
