"""How heavy something is, is its weight: data sheets print the noun of what is measured."""

import re

from recto.text.languages import LANGUAGES, UNMARKED
from recto.text.languages.language import any_of
from recto.text.languages.neutral import NEUTRAL


def with_measures(question: str, language: str) -> str:
    """The question with what is measured in place of what asks for it: "weight" for "how heavy"."""
    nouns = LANGUAGES.get("en" if language in UNMARKED else language, NEUTRAL).kinds.measures
    asking = re.compile(rf"(?<!\w){any_of(nouns)}(?!\w)", re.IGNORECASE)
    return asking.sub(lambda match: nouns[match[0].lower()], question) if nouns else question
