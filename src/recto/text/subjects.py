"""Headings as subjects to ask about."""

import re

_NUMBER = re.compile(r"^(?:(?:section|chapter|part)\s+)?\d[\d.]*\s+", re.IGNORECASE)
_WORDS = range(2, 9)  # of a heading that makes a question
NO_SUBJECT = ("contents", "copyright", "index", "references")


def question_about(subject: str) -> str:
    """The question about a subject."""
    return f"What is said about {subject}?"


def subject(heading: str) -> str:
    """The last heading of a path without its number; empty if nobody would ask for it."""
    text = _NUMBER.sub("", heading.rpartition(" > ")[2]).strip()
    excluded = any(word in text.lower() for word in NO_SUBJECT)
    return "" if excluded or len(text.split()) not in _WORDS else text
