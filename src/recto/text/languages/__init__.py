"""What the rules of text know about languages: a file for each, and the mixture that they work on."""

from collections.abc import Mapping
from dataclasses import replace

from recto.text.languages.ar import ARABIC
from recto.text.languages.de import GERMAN
from recto.text.languages.el import GREEK
from recto.text.languages.en import ENGLISH
from recto.text.languages.es import SPANISH
from recto.text.languages.fr import FRENCH
from recto.text.languages.hi import HINDI
from recto.text.languages.it import ITALIAN
from recto.text.languages.ja import JAPANESE
from recto.text.languages.language import NO_WORDS, KindWords, Language, NumberWords, PolarityWords, union
from recto.text.languages.neutral import NEUTRAL
from recto.text.languages.nl import DUTCH
from recto.text.languages.pt import PORTUGUESE
from recto.text.languages.ro import ROMANIAN
from recto.text.languages.ru import RUSSIAN
from recto.text.languages.th import THAI
from recto.text.languages.tr import TURKISH
from recto.text.languages.vi import VIETNAMESE
from recto.text.languages.zh import CHINESE


def _in_english(language: Language) -> Language:
    """The words of a language that mean nothing else in an English text: die, war, hat are found there."""
    plain = replace(language, code="", decimal_comma=False, kinds=KindWords())
    return replace(plain, stop_words=NO_WORDS, elisions=NO_WORDS, leaning_words=NO_WORDS)


def _apart_in_english(language: Language) -> Language:
    """The same without its negations and numbers: sin, non, mil."""
    return replace(_in_english(language), polarity=PolarityWords(), numbers=NumberWords())


BESIDE_ENGLISH = [
    *map(_in_english, (GERMAN, FRENCH, NEUTRAL)),
    *map(_apart_in_english, (SPANISH, ITALIAN)),
]
# For a text whose language nobody has told: English, with the words of the others that can be nothing else in it. In
# "on page 3. August was warm" a sentence ends: a month that English has, too, follows no day with a full stop.
MIXED = replace(
    union(ENGLISH, BESIDE_ENGLISH), code="", dotted_day_months=GERMAN.dotted_day_months.difference(ENGLISH.months)
)

UNMARKED = frozenset({"", "en"})  # English, and what cannot be told: their words go by the mixture

LANGUAGES: Mapping[str, Language] = {
    language.code: language
    for language in (
        *(ENGLISH, GERMAN, FRENCH, SPANISH, ITALIAN, PORTUGUESE, DUTCH, ROMANIAN, TURKISH, VIETNAMESE),
        *(RUSSIAN, GREEK, ARABIC, HINDI, THAI, CHINESE, JAPANESE),
    )
}
