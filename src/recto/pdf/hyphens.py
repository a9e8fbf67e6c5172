"""Words that a line end cut: joined, unless the hyphen is the word's own."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recto.pdf.run import NEWLINE, Run, decode

HYPHENS = (0xFFFE, 0x02, 0xAD)  # how a line-end hyphen arrives: PDFium's own mark first
SOFT = 0xAD
HYPHEN_MINUS, HYPHEN = 0x2D, 0x2010
REMAINDER = re.compile(r"(\s*)(\S*)")  # of a word that a line end cut: matches anywhere
WORD = r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*"
_FIRST, _LAST = re.compile(WORD), re.compile(WORD + r"\Z")
# Between two words with one second part: "short- and long-term", "Hin- und Rückfahrt".
CONJUNCTIONS = frozenset(
    (
        "and",
        "or",
        "to",
        "und",
        "oder",
        "bis",
        "sowie",
        "bzw",
        "et",
        "ou",
        "e",
        "o",
        "y",
        "en",
        "of",
        "och",
        "eller",
        "og",
        "ja",
        "tai",
        "i",
        "a",
    )
)
# What nearly always has its hyphen, counted on 1,221 line ends of 45 documents whose other pages spell the word: first
# parts, last parts, and first parts before their own last vowel ("re-enabling").
FIRST_PARTS = frozenset(("non", "self"))
LAST_PARTS = frozenset(
    (
        "based",
        "related",
        "specific",
        "term",
        "level",
        "like",
        "free",
        "oriented",
        "driven",
        "party",
        "time",
        "wide",
        "only",
    )
)
BEFORE_VOWEL = frozenset(
    ("re", "pre", "co", "de", "anti", "semi", "multi", "micro", "ultra", "intra", "extra", "contra", "bio", "auto")
)
# A part that begins so is hardly ever a word by itself.
ENDINGS = ("tion", "sion", "ment", "ing", "ity", "able", "ible", "ness", "tive", "tur", "ure", "tic", "ance", "ence")
PARTS = frozenset(("-", "\u2010", *map(chr, HYPHENS)))  # stand between the parts of a word
ENOUGH = 9  # occurrences
LONG = 4  # letters: two parts that are words by themselves and so long make a compound


class Vocabulary:
    """The words of the pages read so far, and how their line ends cut words: evidence for the next one."""

    def __init__(self) -> None:
        self._text, self._pages = "", list[str]()
        self._counts: dict[str, int] = {}
        self.compounds, self.cuts = 0, 0.0

    def add(self, text: str) -> None:
        """Learn the words of a page."""
        self._pages.append(text)  # most pages have no hyphen at a line's end, and need no look at their words
        self._counts.clear()

    def __getitem__(self, word: str) -> int:
        """How often a word, given in small letters, came by itself, up to `ENOUGH`."""
        if self._pages:
            self._text = "\n".join((self._text, *self._pages)).lower()
            self._pages.clear()
        if word not in self._counts:
            count, at = 0, self._text.find(word)
            while at >= 0 and count < ENOUGH:
                around = self._text[at - 1 : at], self._text[at + len(word) : at + len(word) + 1]
                count += not any(char.isalnum() or char in PARTS for char in around)
                at = self._text.find(word, at + 1)
            self._counts[word] = count
        return self._counts[word]

    def weigh(self, left: str, right: str) -> None:
        """Count a word that a line end cut: as a compound, or as cut between syllables."""
        first, last = left.lower(), right.lower()
        hyphenated, whole = self[f"{first}-{last}"], self[first + last]
        self.compounds += hyphenated > whole
        if hyphenated < whole:
            self.cuts += 1
        elif hyphenated == whole and not (self[first] and self[last]):
            self.cuts += 0.5  # a part that is no word: a syllable, or a rare word

    def has_hyphen(self, left: str, right: str) -> bool:
        """Whether the word that a line end cut into these parts is spelt with a hyphen."""
        first, last = left.lower(), right.lower()
        hyphenated, whole = self[f"{first}-{last}"], self[first + last]
        if hyphenated != whole:
            return hyphenated > whole
        part, following = left.split("-")[-1], last.split("-")[0]
        if "-" in left + right or len(part) == 1 or part.isupper():
            return True
        part = part.lower()
        if part in FIRST_PARTS or (following in LAST_PARTS and len(part) > 2):
            return True
        if part in BEFORE_VOWEL and part[-1] == following[0]:
            return True
        words = min(len(part), len(following)) >= LONG and self[part] > 0 and self[following] > 0
        return words or (self.compounds > self.cuts and not following.startswith(ENDINGS))


def joined(run: Run, vocabulary: Vocabulary) -> Run:
    """Join a word cut by a line-end hyphen: its second half moves up to the first; the line break follows it.

    The hyphen stays where it is no mere cut: before a digit or a capital, where other pages or lines spell the word
    with one, or where another word comes between it and its second part. Soft hyphens within a line vanish, but
    those between digits are dashes.
    """
    text = decode(run.codes)
    vocabulary.add(text)
    marks = _marks(run)
    if marks.size == 0:
        return run
    cuts = [_Cut.at(text, mark) for mark in marks.tolist()]
    for cut in cuts:
        if cut.is_within_sentence:
            vocabulary.weigh(*cut.words)
    codes, keep = run.codes.copy(), np.ones(len(run.codes), bool)
    breaks = []  # where a newline is missing
    for cut in cuts:
        if codes[cut.mark] == SOFT and not cut.gap and cut.is_within_line(run):
            codes[cut.mark], keep[cut.mark] = HYPHEN_MINUS, cut.parts_numbers
            continue
        codes[cut.mark] = HYPHEN_MINUS
        if not cut.left or not cut.right:
            continue  # a dash that opens a line, or ends the page
        if cut.is_suspended(vocabulary):
            breaks += [] if cut.gap else [cut.mark + 1]
            continue
        keep[cut.mark] = not cut.is_within_sentence or vocabulary.has_hyphen(*cut.words)
        end = cut.mark + 1 + len(cut.gap)
        keep[cut.mark + 1 : end] = False
        if end + len(cut.right) < len(codes):
            codes[end + len(cut.right)] = NEWLINE
    rows = np.insert(np.arange(len(codes)), breaks, -1)[np.insert(keep, breaks, True)]
    return Run(codes, run.boxes, run.weights, run.traits).take(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """A hyphen's place, what stands before it on its line, the white space behind it, and what goes on there."""

    mark: int
    left: str
    gap: str
    right: str

    @classmethod
    def at(cls, text: str, mark: int) -> "_Cut":
        start = mark
        while start > 0 and not text[start - 1].isspace():
            start -= 1
        remainder = next(REMAINDER.finditer(text, mark + 1))
        return cls(mark=mark, left=text[start:mark], gap=remainder[1], right=remainder[2])

    @property
    def is_within_sentence(self) -> bool:
        """Whether letters go on in small letters: before a digit or a capital a hyphen is the word's own."""
        return self.left[-1:].isalpha() and self.right[:1].islower()

    @property
    def parts_numbers(self) -> bool:
        """Whether digits stand on both sides: some fonts' maps say of their dash that it is a soft hyphen."""
        return self.left[-1:].isdigit() and self.right[:1].isdigit()

    @property
    def words(self) -> tuple[str, str]:
        """The parts of the word, without what stands around it."""
        first, last = _LAST.search(self.left), _FIRST.match(self.right)
        return first[0] if first else self.left, last[0] if last else self.right

    def is_suspended(self, vocabulary: Vocabulary) -> bool:
        """Whether the second part comes only with the word after the next: "short- and long-term"."""
        if self.right not in CONJUNCTIONS or not self.is_within_sentence:
            return False
        first, last = (word.lower() for word in self.words)
        return not vocabulary[first + last] and (len(last) > 2 or vocabulary[first] > 0)

    def is_within_line(self, run: Run) -> bool:
        """Whether the line goes on behind it."""
        before, after = run.boxes[self.mark - 1 : self.mark], run.boxes[self.mark + 1 : self.mark + 2]
        if not len(before) or not len(after) or np.isnan(before).any() or np.isnan(after).any():
            return True
        return bool(after[0, 1] < before[0, 3] and after[0, 0] >= before[0, 0])


def _marks(run: Run) -> NDArray[np.int64]:
    """The hyphens at line ends, and soft ones anywhere; PDFium marks none where the order of reading made the line."""
    codes = run.codes
    marks = (codes == HYPHENS[0]) | (codes == HYPHENS[1]) | (codes == HYPHENS[2])
    dashes = np.flatnonzero(((codes[:-1] == HYPHEN_MINUS) | (codes[:-1] == HYPHEN)) & (codes[1:] == NEWLINE))
    for dash in dashes.tolist():
        around = chr(codes[dash - 1]) + "".join(map(chr, codes[dash + 2 : dash + 3].tolist()))
        marks[dash] = dash > 0 and len(around) == 2 and around[0].isalpha() and around[1].islower()
    return np.flatnonzero(marks)
