"""Documents that were read badly, in words, with what to do: no dictionary, no model."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from recto.evaluate.outcomes import Outcome
from recto.types import Flag, Page

# The commonest pairs of letters of English, German, French, Spanish, Italian, Portuguese and Dutch, accents aside.
_COMMON = (
    "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro ic "
    "ne ea ra ce li ch ll be ma si om ur ei ie un ge sc au ss et ai qu us el la os ue do ta lo tr pe na no oo aa"
)
COMMON = frozenset(_COMMON.split())
PAIRS = 1 / 3  # of a word's pairs are common, or it is not believed
# Of a document's long words are believed, or its letters are not what they look like. In 55 real documents 0.80 or more
# were; with each letter exchanged for another 0.36 or less.
BELIEVED = 0.5
BLANK = 0.1  # of the pages without text: fewer are left blank on purpose, or hold a picture
SPACED = 0.5  # of the words are single letters: they stand apart in the PDF
JOINED = 25  # letters of a word that runs on: one in ten such words, and spaces are missing
JOINED_SHARE = 0.1
FIRST = 5  # pages: sentences are quoted of these
FEWEST_ASKED = 4  # questions from which a share says anything
FEWEST = 50  # words from which a share says anything

_LONG = re.compile(r"[^\W\d_]{5,}")
_WORD = re.compile(r"[^\W\d_]+")

REREAD = "recto add --reread FILE"
RENEW = "recognise it anew (ocrmypdf --force-ocr IN.pdf OUT.pdf), then recto add --replace OUT.pdf"


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with a document as it was read, and what to do."""

    doc: str
    what: str
    hint: str


def complaints(doc: str, pages: Sequence[Page], *, of: int) -> list[Complaint]:
    """What these pages of a document of `of` pages show; nothing if it reads well."""
    problems = []
    flags = Counter(page.flag for page in pages)
    sample = f"of {len(pages)} pages" if len(pages) == of else f"of {len(pages)} pages looked at ({of} in all)"
    if flags[Flag.EMPTY] >= BLANK * len(pages):
        mend = f"if they are scans: apt-get install tesseract-ocr; then {REREAD}"
        problems.append((f"{flags[Flag.EMPTY]} {sample} hold no text", mend))
    if flags[Flag.GARBLED]:
        problems.append((f"{flags[Flag.GARBLED]} {sample} have a font that no table maps to letters", RENEW))
    problems += _garbled(" ".join(page.text for page in pages if page.flag is not Flag.EMPTY))
    return [Complaint(doc, what, hint) for what, hint in problems]


def unfound(doc: str, outcomes: Sequence[Outcome]) -> list[Complaint]:
    """What questions made of a document's own words show, all of them kept."""
    missed = sum(not any(rank <= FIRST for rank in outcome.everywhere.ranks) for outcome in outcomes)
    if len(outcomes) < FEWEST_ASKED or missed <= len(outcomes) / 2:
        return []
    what = f"{missed} of {len(outcomes)} questions in its own words do not find their page among the first {FIRST}"
    return [Complaint(doc, what, "recto search WORDS: another copy may come first, or its lines be in a wrong order")]


def _garbled(text: str) -> Iterator[tuple[str, str]]:
    """What is wrong with words, and what to do."""
    words = _WORD.findall(text)
    if len(words) < FEWEST:
        return
    single = sum(len(word) == 1 for word in words) / len(words)
    joined = sum(len(word) >= JOINED for word in words) / len(words)
    believed = believable(text)
    if single > SPACED:
        yield f"{single:.0%} of its words are single letters: they stand apart in the PDF", RENEW
    if joined > JOINED_SHARE:
        yield f"{joined:.0%} of its words have {JOINED} letters or more: spaces are missing", RENEW
    if believed is not None and believed < BELIEVED:
        language = f"if it is a scan in another language: RECTO_OCR_LANGUAGE=deu {REREAD}; else {RENEW}"
        yield f"{1 - believed:.0%} of its long words are not made like words", language


def believable(text: str) -> float | None:
    """The share of words of five Latin letters or more that are made like words; None if there are too few of these."""
    decomposed = [unicodedata.normalize("NFKD", word.lower()) for word in _LONG.findall(text)]
    plain = ["".join(char for char in word if not unicodedata.combining(char)) for word in decomposed]  # no accents
    words = [word for word in plain if word.isascii()]
    if len(words) < FEWEST:
        return None
    shares = [sum(word[at : at + 2] in COMMON for at in range(len(word) - 1)) / (len(word) - 1) for word in words]
    return sum(share >= PAIRS for share in shares) / len(words)
