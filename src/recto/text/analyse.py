"""Turning text into terms: one analyser for pages, passages and questions, and one for finding the document.

The rules and the word lists were measured on filings and mixed documents, see docs/ranking.md.
"""

import re
import unicodedata
from typing import NamedTuple
from zlib import crc32

import numpy as np

from recto.index_types import pairs
from recto.text.languages import MIXED
from recto.text.memory import remembered
from recto.text.scripts import is_term
from recto.text.stems import stem, stems
from recto.types import UInt32s

# Raise it when a change here, in the languages, of the rows of tables or of what is told to be contents moves a term or
# a mark: libraries are analysed anew then.
ANALYSER_VERSION = 3
MEMORY = 1 << 17  # distinct raw tokens kept: about ten long filings' worth, some 30 MB at most
LINES = 1 << 11  # whose ids are kept, 1 MB: those of a question's pages, and the heads above each row of a table

OPTIONAL_MARKS = 0x0700  # below: Latin to Arabic, where a mark on a letter may be left out; above, marks spell vowels

_DIGIT_COMMA = re.compile(r"(?<=[0-9]),(?=[0-9]{3})")
_WORD = "[a-z0-9\x80-\U0010ffff]+"  # after folding, whatever is left above ASCII belongs to words
_TOKEN = re.compile(rf"{_WORD}(?:[.\-/&']{_WORD})*")
_JOINER = re.compile(r"[.\-/&']")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
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


def tokens(text: str) -> list[str]:
    """Analyse a text into its terms, in reading order."""
    return [term for raw in _raw(text) for term in _terms(raw)]


def term_ids(text: str) -> UInt32s:
    """Analyse a text into term ids: the CRC-32 of each term, the same in every process."""
    return np.array([number for line in text.split("\n") for number in _line_ids(line)], np.uint32)


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

    title: int  # its id as of `title_ids`
    text: UInt32s  # (m,) as which ids a page's text holds it
    proper: bool  # written as names are: with a capital or a digit, or in a question without capitals

    @classmethod
    def of(cls, run: tuple[str, ...], *, proper: bool) -> "NameTerm":
        """The term of a word, or of neighbours; a text may hold two of these also as they are, one behind the other."""
        joined = term_ids("".join(run))[:1]
        text = np.concatenate([joined, pairs(term_ids(" ".join(run)))]) if len(run) == 2 else joined
        return cls(crc32((stem(run[0]) if len(run) == 1 else "".join(run)).encode()), text, proper)


def name_terms(question: str) -> list[NameTerm]:
    """The distinct words of a question, and two or three neighbours written together: they may name a document."""
    words, lower = _words(question), not any(map(str.isupper, question))
    proper = {word for raw in question.split() if lower or not raw.islower() for word in _words(raw)}
    runs = [tuple(words[at : at + length]) for length in (1, 2, 3) for at in range(len(words) - length + 1)]
    return [NameTerm.of(run, proper=proper.issuperset(run)) for run in dict.fromkeys(runs)]


def _raw(text: str) -> list[str]:
    return _TOKEN.findall(_DIGIT_COMMA.sub("", _folded(text)))


@remembered(LINES)
def _line_ids(line: str) -> tuple[int, ...]:
    """The ids of a line: no term runs on into the next one, and each stands in a page, a passage and a row."""
    return tuple(number for raw in _raw(line) for number in _ids(raw))


@remembered(MEMORY)
def _ids(raw: str) -> tuple[int, ...]:
    return tuple(crc32(term.encode()) for term in _terms(raw))


def _terms(raw: str) -> list[str]:
    """The terms of one raw token; none for a stop word."""
    word = raw.removesuffix("'s")
    if word in MIXED.stop_words:
        return []
    if _NUMBER.fullmatch(word):
        return [word]
    if _JOINER.search(word):
        parts = [part for part in _JOINER.split(word) if len(part) > 1 and part not in MIXED.stop_words]
        return [word.replace("-", ""), *stems(parts)]
    if match := _LETTERS_DIGITS.fullmatch(word):
        letters, digits = match.groups()
        return [word, digits, letters] if len(letters) > 1 else [word, digits]
    return [stem(word)]


def _folded(text: str) -> str:
    """Lower case; beyond ASCII also without accents, ligatures and symbols."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", text).lower().translate(_folds)


class _Folds(dict[int, str]):
    """What lower-case characters stand for (letters, digits, joiners, a space or nothing), as `str.translate` takes it.

    Each is folded when it is first met.
    """

    def __missing__(self, code: int) -> str:
        character = chr(code)
        compatible = unicodedata.normalize("NFKD", character).casefold()
        plain = ""
        for part in compatible:
            category = unicodedata.category(part)
            if category == "Nd":
                plain += str(unicodedata.decimal(part))
            elif category != "Cf" and (category != "Mn" or ord(part) >= OPTIONAL_MARKS):
                plain += part if part.isascii() or category[0] in "LMN" else " "
        plain = unicodedata.normalize("NFC", plain)
        if is_term(plain):  # the page's pairs of terms make the usual character bigrams
            plain = f" {plain} "
        elif unicodedata.decomposition(character).startswith(("<super>", "<fraction>")):
            plain = f" {plain}"  # a footnote mark, a trade mark or a fraction is no part of the word before it
        self[code] = plain
        return plain


_folds = _Folds({0x2019: "'", 0x02BC: "'", 0x2010: "-", 0x2011: "-"})  # apostrophes and hyphens


def _words(text: str) -> list[str]:
    """Words with letters and digits apart (FY2018 -> fy, 2018), stop words out."""
    plain = _POSSESSIVE.sub("", _DIGIT_COMMA.sub("", _folded(text)))
    return [word for word in _RUN.findall(plain) if word not in MIXED.stop_words]


def _together(words: list[str], length: int) -> list[str]:
    return ["".join(words[at : at + length]) for at in range(len(words) - length + 1)]


def _hashed(terms: list[str]) -> UInt32s:
    return np.array([crc32(term.encode()) for term in terms], np.uint32)
