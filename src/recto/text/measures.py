"""How heavy something is, is its weight: data sheets print the noun of what is measured."""

import re
from functools import cache

from recto.text.languages import LANGUAGES, UNMARKED
from recto.text.languages.language import any_of
from recto.text.languages.neutral import NEUTRAL


def with_measures(question: str, language: str) -> str:
    """The question with what is measured in place of what asks for it: "weight" for "how heavy"."""
    measures = LANGUAGES.get("en" if language in UNMARKED else language, NEUTRAL).kinds.measures
    return _asking(language).sub(lambda match: measures[match[0].lower()], question) if measures else question


@cache
def _asking(language: str) -> re.Pattern[str]:
    measures = LANGUAGES["en" if language in UNMARKED else language].kinds.measures
    return re.compile(rf"(?<!\w){any_of(measures)}(?!\w)", re.IGNORECASE)
