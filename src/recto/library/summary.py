"""What a library says about its documents without opening their pages: worked out once, when they are put."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import zip_longest

from recto.index_types import Summary
from recto.storage import Store
from recto.types import Document, Flag, Passage

QUESTIONS = 5
NO_SUMMARY = Summary(passages=0, flags=dict.fromkeys(Flag, 0), subjects=())
_NUMBER = re.compile(r"^(?:(?:section|chapter|part)\s+)?\d[\d.]*\s+", re.IGNORECASE)
_WORDS = range(2, 9)  # of a heading that makes a question
_NO_SUBJECT = ("contents", "copyright", "index", "references")


def summarise(flags: Sequence[Flag], passages: Sequence[Passage]) -> Summary:
    """The summary of a document: of its pages the flags, and of its headings those with the most text below them."""
    counts = Counter(flags)
    weights: Counter[str] = Counter()
    for passage in passages:
        weights[subject(passage.heading)] += len(passage.text)
    del weights[""]
    return Summary(
        passages=len(passages),
        flags={flag: counts[flag] for flag in Flag},
        subjects=tuple(heading for heading, _ in weights.most_common(QUESTIONS)),
    )


def examples(store: Store, documents: Sequence[Document]) -> list[str]:
    """Questions to begin with: about the subjects of the documents in turns, or about the documents themselves."""
    summaries = [store.summary(document.id) or NO_SUMMARY for document in documents]
    turns = zip_longest(*(summary.subjects for summary in summaries))
    subjects = dict.fromkeys(heading for turn in turns for heading in turn if heading)
    subjects = subjects or dict.fromkeys(document.title for document in documents)
    return [question_about(heading) for heading in list(subjects)[:QUESTIONS]]


def question_about(heading: str) -> str:
    """The question about a subject."""
    return f"What is said about {heading}?"


def subject(heading: str) -> str:
    """The last heading of a path without its number; empty if nobody would ask for it."""
    text = _NUMBER.sub("", heading.rpartition(" > ")[2]).strip()
    excluded = any(word in text.lower() for word in _NO_SUBJECT)
    return "" if excluded or len(text.split()) not in _WORDS else text
