"""Which language a text is in: by its script where that settles it, else by its small words and its letters.

docs/languages.md compares this with the detectors on PyPI.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from recto.text.languages import LANGUAGES
from recto.text.languages.language import KindWords, Words, words
from recto.text.memory import remembered
from recto.text.scripts import LANGUAGE_OF, character_class

TEXTS = 1 << 10  # whose languages are remembered: questions, and the sentences of their pages
CHARACTERS = 1000  # of a text that are looked at
SHORT = 120  # characters: a question has no more, and its few words have to do
FEWEST = 3.0  # points of a longer text
RATE = 0.14  # points a word that a longer text has at least: lists of names and of parts have fewer
AHEAD = 1.3  # times the points of English that another language needs: names and quotations are no change of language
LIKELY = 1.5  # times its own points for a language in which the library has pages
MARKED = 0.4  # points for a letter that few languages have
NAMES = 3  # Latin letters for one of another script, up to which a text is of that script: names are left in Latin

_WORD = re.compile(r"[^\W\d_]{2,}")  # a single letter may be anything
_SCRIPT_LETTERS = {language: re.compile(character_class(ranges)) for language, ranges in LANGUAGE_OF.items()}
_MARKS: Mapping[str, str] = {
    **{"de": "ßäöü", "es": "ñ¿¡íóáú", "fr": "éèêàçœ", "it": "èàòù", "nl": "ë", "pt": "ãõç", "ro": "ăâîșțşţ"},
    **{"tr": "ğıİşçöü", "vi": "ơưđ" + "".join(map(chr, range(0x1EA0, 0x1EFA)))},
}


@remembered(TEXTS)
def language_of(text: str, likely: tuple[str, ...] = ()) -> str:
    """The language of a text, a code of ISO 639-1; empty if nothing tells.

    Of a text as short as a question, `likely` languages, the first most, are taken where the words leave it open.
    """
    start = text[:CHARACTERS]
    if not start.isascii() and (language := _by_script(start)):
        return language
    start_words = _WORD.findall(start.lower())
    short = len(text) <= SHORT
    points = _points(start_words, start)
    for place, language in enumerate(likely if short else ()):
        points[language] = points[language] * LIKELY + 0.01 * (len(likely) - place)
    best, most = max(points.items(), key=lambda item: item[1], default=("", 0.0))
    if best in LANGUAGE_OF or not most or (not short and most < max(FEWEST, RATE * len(start_words))):
        return ""
    ahead = 1.0 if best in likely else AHEAD
    return best if best == "en" or most >= ahead * points["en"] else "en"


def other_language(text: str, page: str, language: str) -> str:
    """The language of a text of a page where it is another one than this; empty if it is not, or nothing tells.

    A few words ("Date: 22 May") have that of their page, unless they are written in another script or in this language.
    """
    if len(text) > SHORT:
        own = language_of(text) or language_of(page)
    else:
        own = _by_script(text) or language_of(page)
        own = language if language_of(text) == language else own
    return own if language and own != language else ""


def page_languages(texts: Sequence[str]) -> list[str]:
    """The language of each page of a document; one that does not tell has that of most others."""
    languages = [language_of(text) if len(text) > SHORT else _by_script(text) for text in texts]
    told = [language for language in languages if language] or [language_of("\n".join(texts))]
    usual = Counter(told).most_common(1)[0][0]
    return [language or usual for language in languages]


def _by_script(text: str) -> str:
    counts = {language: len(letters.findall(text)) for language, letters in _SCRIPT_LETTERS.items()}
    if counts["ja"]:  # among Chinese characters
        counts["ja"] += counts.pop("zh")
    language = max(counts, key=counts.__getitem__)
    latin = sum(map(str.isascii, filter(str.isalpha, text)))
    return language if counts[language] * NAMES > latin else ""


def _points(words: Sequence[str], text: str) -> dict[str, float]:
    """How much speaks for each language: a word or a letter that several have counts as a part for each."""
    points: dict[str, float] = defaultdict(float)
    for owners, weight in ((map(_word_owners().get, words), 1.0), (map(_MARK_OWNERS.get, text), MARKED)):
        for languages in filter(None, owners):
            for language in languages:
                points[language] += weight / len(languages)
    return points


def _owned(of_language: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """The languages of each word or letter."""
    owners: dict[str, list[str]] = {}
    for language, items in of_language.items():
        for item in items:
            owners.setdefault(item, []).append(language)
    return owners


_MARK_OWNERS = _owned(_MARKS)


@cache
def _word_owners() -> dict[str, list[str]]:
    """Of the small words, and of those that questions begin with."""
    latin = [language for language in LANGUAGES.values() if language.code not in LANGUAGE_OF]
    return _owned({language.code: language.stop_words | _asking(language.kinds) for language in latin})


def _asking(kinds: KindWords) -> Words:
    return words(" ".join(kinds.number | kinds.when))
