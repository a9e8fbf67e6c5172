"""Turning text into terms: one analyser for pages, passages and questions, and one for finding the document.

Words in Latin letters are read as their text's language reads them, English where none is told; those in other
letters as their script's main language does, in whatever text they stand. The rules and the word lists were measured on
filings and mixed documents, see docs/ranking.md, and on paragraphs in twelve languages, see docs/languages.md.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple
from zlib import crc32

import numpy as np

from recto.index_types import pairs
from recto.text.languages import LANGUAGES, MIXED, UNMARKED
from recto.text.languages.language import Language, any_of
from recto.text.memory import remembered
from recto.text.scripts import LANGUAGE_OF, is_term, script_language, with_cluster_pairs
from recto.text.stems import stem, stems
from recto.types import UInt32s

# Raise it when a change here, in the languages, of the rows of tables or of what is told to be contents moves a term or
# a mark: libraries are analysed anew then.
ANALYSER_VERSION = 6
MEMORY = 1 << 17  # distinct raw tokens kept: about ten long filings' worth, some 30 MB at most
LINES = 1 << 11  # whose ids are kept, 1 MB: those of a question's pages, and the heads above each row of a table

OPTIONAL_MARKS = 0x0700  # below: Latin to Arabic, where a mark on a letter may be left out; above, marks spell vowels

_DIGIT_COMMA = re.compile(r"(?<=[0-9]),(?=[0-9]{3})")
_DIGIT_POINT = re.compile(r"(?<=[0-9])[.\u00a0\u202f](?=[0-9]{3}(?![0-9]))")  # where a comma stands before decimals
# Signs that part thousands whatever the language: narrow space, Swiss apostrophes, Arabic and full-width commas.
_GROUPING = re.compile(r"['\u2019\u202f\u066c\uff0c](?<=\d.)(?=\d{3}(?!\d))")
_ARABIC_POINT = "\u066b"
_DECIMAL_COMMA = re.compile(r"(?<=[0-9]),(?=[0-9])")
_WORD = "[a-z0-9\x80-\U0010ffff]+"  # after folding, whatever is left above ASCII belongs to words
_TOKEN = re.compile(rf"{_WORD}(?:[.\-/&']{_WORD})*")
_JOINER = re.compile(r"[.\-/&']")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
# What asks goes before letters are paired: in Thai whole syllables, with no vowel before or behind them.
_ASKING = re.compile(
    rf"(?<![\u0e40-\u0e44]){any_of(LANGUAGES['th'].stop_words)}(?![\u0e30-\u0e3a\u0e45\u0e47-\u0e4e])"
    rf"|{any_of(LANGUAGES['ja'].stop_words)}"
)
_LETTERS_DIGITS = re.compile(r"([^0-9]+)([0-9]+)")
_RUN = re.compile("[0-9]+|[a-z\x80-\U0010ffff]+")
_POSSESSIVE = re.compile(r"'s\b")
_FIGURE = re.compile(
    r"%|\b(?:how (?:much|many)|amount|ratio|margin|percent(?:age)?|rate|growth|total|average|usd|[mb]illions?|"
    r"thousands|revenue|capex|expenditure|expenses?|dpo|days|turnover|number|figure|value|cost|price|income|ebitda|assets|"
    r"cash|liabilities|debt|equity|profits?|sales|earnings|dividends?|loss|inventor(?:y|ies)|depreciation|population|"
    r"year[ -]over[ -]year|net|increase|decrease|change|compare|which (?:segment|region|year))\b",
    re.IGNORECASE,
)


def tokens(text: str, language: str = "") -> list[str]:
    """Analyse a text, in the language of a code of ISO 639-1, into its terms, in reading order."""
    return [term for raw in _raw(text, language) for term in _terms(raw, language)]


def term_ids(text: str, language: str = "") -> UInt32s:
    """Analyse a text into term ids: the CRC-32 of each term, the same in every process."""
    return np.array([number for line in text.split("\n") for number in _line_ids(line, language)], np.uint32)


def marker(language: str) -> int:
    """The id of a term that each page in a language has, so that a library can be asked for its languages."""
    return crc32(f" {language}".encode())  # no word has a space


def marked(terms: UInt32s, language: str) -> UInt32s:
    """The terms of a page with its language's marker behind them; English, and what nobody can tell, has none."""
    if language in UNMARKED:
        return terms
    return np.append(terms, np.uint32(marker(language)))


def plain_digits(text: str, language: str) -> str:
    """Numbers, 1.234,5 where a language has a comma before decimals, as English writes them without commas."""
    text = _GROUPING.sub("", text).replace(_ARABIC_POINT, ".")
    if _language(language).decimal_comma:
        return _DECIMAL_COMMA.sub(".", _DIGIT_POINT.sub("", text))
    return text


def asks_for_figure(question: str) -> bool:
    """Tell whether a question wants a number. Coarse, and minded towards finance."""
    return _FIGURE.search(question) is not None


def title_ids(text: str) -> UInt32s:
    """Analyse a title or a first page for choosing documents: stems, words, and neighbours written together."""
    words = _words(text)
    stemmed = stems(words)
    unstemmed = [word for word, root in zip(words, stemmed, strict=True) if word != root]
    return _hashed([*stemmed, *unstemmed, *_together(words, 2)])


def title_question_ids(question: str) -> UInt32s:
    """Analyse a question for choosing documents: stems, and two or three neighbours written together."""
    words = _words(question)
    return np.unique(_hashed([*stems(words), *_together(words, 2), *_together(words, 3)]))


class NameTerm(NamedTuple):
    """A word of a question, or some neighbours written together, that may be a document's name."""

    words: tuple[str, ...]
    proper: bool  # written as names are: with a capital or a digit, or in a question without capitals

    @property
    def title(self) -> int:
        """Its id as of `title_ids`."""
        return crc32((stem(self.words[0]) if len(self.words) == 1 else "".join(self.words)).encode())

    def in_texts(self, languages: Sequence[str]) -> UInt32s:
        """The ids as which a page's text holds it (m,): of two neighbours also as they are, one behind the other."""
        texts = [term_ids("".join(self.words), language)[:1] for language in languages]
        if len(self.words) == 2:
            texts += [pairs(term_ids(" ".join(self.words), language)) for language in languages]
        return np.unique(np.concatenate(texts))


def name_terms(question: str) -> list[NameTerm]:
    """The distinct words of a question, and two or three neighbours written together: they may name a document."""
    words, lower = _words(question), not any(map(str.isupper, question))
    proper = {word for raw in question.split() if lower or not raw.islower() for word in _words(raw)}
    runs = [tuple(words[at : at + length]) for length in (1, 2, 3) for at in range(len(words) - length + 1)]
    return [NameTerm(run, proper.issuperset(run)) for run in dict.fromkeys(runs)]


def _raw(text: str, language: str = "") -> list[str]:
    return _TOKEN.findall(_DIGIT_COMMA.sub("", _folded(plain_digits(text, language), language)))


def _language(code: str) -> Language:
    """The words of a language; of English, and of one that has none, the mixture."""
    return MIXED if code == "en" else LANGUAGES.get(code, MIXED)


@remembered(LINES)
def _line_ids(line: str, language: str) -> tuple[int, ...]:
    """The ids of a line: no term runs on into the next one, and each stands in a page, a passage and a row."""
    return tuple(number for raw in _raw(line, language) for number in _ids(raw, language))


@remembered(MEMORY)
def _ids(raw: str, language: str) -> tuple[int, ...]:
    return tuple(crc32(term.encode()) for term in _terms(raw, language))


def _terms(raw: str, language: str = "") -> list[str]:
    """The terms of one raw token; none for a stop word."""
    words = _words_for(raw[0], language)
    word = _bare(raw, words)
    if word in _stop_words(words.code):
        return []
    if _NUMBER.fullmatch(word):
        return [word]
    if _JOINER.search(word):
        parts = [part for part in _JOINER.split(word) if len(part) > 1 and part not in _stop_words(words.code)]
        return [word.replace("-", ""), *_roots(parts, words)]
    if match := _LETTERS_DIGITS.fullmatch(word):
        letters, digits = match.groups()
        return [word, digits, letters] if len(letters) > 1 else [word, digits]
    return _roots([word], words)


@cache
def _stop_words(language: str) -> frozenset[str]:
    """Those of a language, as its texts hold them after folding."""
    return frozenset(_folded(word, language) for word in _language(language).stop_words)


def _words_for(letter: str, language: str) -> Language:
    """What reads a word by its first letter, in a text of a language: Latin names stand in texts of all scripts."""
    if letter >= BEYOND_LATIN:
        return _language(script_language(letter))
    return MIXED if language in LANGUAGE_OF else _language(language)


def _bare(raw: str, words: Language) -> str:
    """A raw token without what an apostrophe parts from the word: a possessive, an article before it, an ending."""
    word, (first, *behind) = raw.removesuffix("'s"), raw.split("'", 1)
    if behind and first in words.elisions:
        return behind[0]
    return first if words.apostrophe_ends else word


def _roots(parts: list[str], words: Language) -> list[str]:
    """The stems of words, (n,), without accents, which not everybody types."""
    roots = [root[: words.stem_letters] for root in stems(parts, words.stemmer)]
    return (
        roots if words is MIXED else [root.translate(_folds).translate(_LAST_FOLDS).replace(" ", "") for root in roots]
    )


def _folded(text: str, language: str = "") -> str:
    """Lower case; beyond ASCII also without ligatures and symbols, and without accents that no stemmer needs."""
    if text.isascii() and language != TURKISH:
        return text.lower()
    composed = unicodedata.normalize("NFC", text)
    if language == TURKISH:
        composed = composed.translate(_DOTLESS)
    accented = _language(language).stemmer != MIXED.stemmer
    return with_cluster_pairs(_ASKING.sub(" ", composed)).lower().translate(_accented_folds if accented else _folds)


class _Folds(dict[int, str]):
    """What lower-case characters stand for (letters, digits, joiners, a space or nothing), as `str.translate` takes it.

    Each is folded when it is first met.
    """

    def __init__(self, *, accents: bool) -> None:
        """With or without the accents of Latin letters."""
        super().__init__(_FIRST_FOLDS)
        self._accents = accents

    def __missing__(self, code: int) -> str:
        character = chr(code)
        compatible = unicodedata.normalize("NFKD", character).casefold()
        accents = self._accents and compatible[0] < BEYOND_LATIN
        plain = ""
        for part in compatible:
            category = unicodedata.category(part)
            if category == "Nd":
                plain += str(unicodedata.decimal(part))
            elif category != "Cf" and (category != "Mn" or ord(part) >= OPTIONAL_MARKS or accents):
                plain += part if part.isascii() or category[0] in "LMN" else " "
        plain = unicodedata.normalize("NFC", plain)
        if is_term(plain):  # the page's pairs of terms make the usual character bigrams
            plain = f" {plain} "
        elif unicodedata.decomposition(character).startswith(("<super>", "<fraction>")):
            plain = f" {plain}"  # a footnote mark, a trade mark or a fraction is no part of the word before it
        self[code] = plain
        return plain


BEYOND_LATIN = "\u0370"  # from here on a script tells its language, or nearly
TURKISH = "tr"
_DOTLESS = str.maketrans({"I": "\u0131", "\u0130": "i"})
_FIRST_FOLDS = {
    **dict.fromkeys((0x2019, 0x02BC), "'"),
    **dict.fromkeys((0x2010, 0x2011), "-"),
    0x0439: "\u0439",  # of Russian: a letter, no accent
    0x0640: "",  # the stroke that stretches an Arabic word
    0x06CC: "\u064a",  # the Persian forms of two Arabic letters
    0x06A9: "\u0643",
    0x093C: "",  # the dot below letters of Hindi, often left out
    0x0901: "\u0902",  # two ways to write that a vowel is nasal
}
_folds, _accented_folds = _Folds(accents=False), _Folds(accents=True)
# What stems are without, but the stemmers look at.
_LAST_FOLDS = str.maketrans({"\u0131": "i", "\u0649": "\u064a", "\u0629": "\u0647"})


def _words(text: str) -> list[str]:
    """Words with letters and digits apart (FY2018 -> fy, 2018), stop words out."""
    plain = _POSSESSIVE.sub("", _DIGIT_COMMA.sub("", _folded(text)))
    return [word for word in _RUN.findall(plain) if word not in MIXED.stop_words]


def _together(words: list[str], length: int) -> list[str]:
    return ["".join(words[at : at + length]) for at in range(len(words) - length + 1)]


def _hashed(terms: list[str]) -> UInt32s:
    return np.array([crc32(term.encode()) for term in terms], np.uint32)
