"""Quotes: the best sentences word for word, with what they need to be understood, and none of it twice."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from recto.answer.evidence import Candidate, Sheet
from recto.text.languages import MIXED
from recto.text.languages.language import any_of
from recto.text.sentences import LONGEST, Range, is_item, is_row
from recto.text.tables import TableLines, names_columns
from recto.types import Floats, Span

MOST = 3  # sentences in an answer: XQuAD's answers stand in the best three sentences in 95 of 100 cases
ALIKE = 0.8  # share of common words from which two quotes with the same numbers say the same
HEADING = 100  # characters; longer ones hold a statement of their own

# What a sentence starts with when it leans on the one before; "This section" names what it speaks of.
_LEANS = re.compile(
    rf"{any_of(MIXED.leaning_words)}\b(?! (?:section|chapter|document|manual|guide|report)\b)", re.IGNORECASE
)
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d[\d.,]*")


@dataclass(frozen=True, slots=True)
class Quote:
    """Places of one page that are to be read together: sentences, or the heads of columns and then rows."""

    sheet: Sheet
    places: tuple[Range, ...]
    score: float

    @property
    def text(self) -> str:
        """Its words, a line for each place."""
        return "\n".join(self.sheet.text[slice(*place)] for place in self.places)


def choose(found: Sequence[Candidate], scores: Floats, *, most: int = MOST) -> list[Quote]:
    """The quotes that answer, best first, of at most so many sentences."""
    quotes: list[Quote] = []
    taken = 0
    for index in sorted(range(len(found)), key=lambda index: -scores[index]):
        more = _with(quotes, quoted(found[index], float(scores[index])))
        taken += more is not quotes
        quotes = more
        if taken == most:
            break
    return quotes


def written(quotes: Sequence[Quote]) -> tuple[str, list[tuple[int, Span]]]:
    """The answer's text, and after which of its characters each quoted span ends."""
    text, marks = "", []
    for quote in quotes:
        text += "\n\n" if text else ""
        for number, place in enumerate(quote.places):
            text += ("\n" if number else "") + quote.sheet.text[slice(*place)]
            marks.append((len(text), quote.sheet.span(place)))
    return text, marks


def quoted(candidate: Candidate, score: float) -> Quote:
    """A sentence with its neighbours where it leans on them, a row below the heads of its columns."""
    sheet = candidate.sheet
    row = _row(sheet, candidate.index)
    if row is None:
        return Quote(sheet, (_standing(sheet, candidate.index),), score)
    heads = _heads(sheet.text, row[0])
    return Quote(sheet, (heads, row) if heads else (row,), score)


def _row(sheet: Sheet, index: int) -> Range | None:
    """The row of a table that the sentence is, or whose label it is: then the numbers stand on the next line."""
    start, end = sheet.sentences[index]
    if is_row(sheet.text[start:end]):
        return start, end
    following = sheet.sentences[index + 1 : index + 2]
    if following and sheet.text[end - 1] not in ".:" and _is_bare(sheet.text[slice(*following[0])]):
        return start, following[0][1]
    return None


def _is_bare(line: str) -> bool:
    return is_row(line) and not any(map(str.isalpha, line)) and not names_columns(line)


def _standing(sheet: Sheet, index: int) -> Range:
    """The sentence, the one before if it leans on that, and what it announces."""
    (start, end), text = sheet.sentences[index], sheet.text
    if index and _LEANS.match(text, start) and text[sheet.sentences[index - 1][1] - 1] in ".!?":
        start = sheet.sentences[index - 1][0]
    for following in _announced(sheet, index):
        if following[1] - start > LONGEST:
            break
        end = following[1]
    return start, end


def _announced(sheet: Sheet, index: int) -> Iterator[Range]:
    """What follows a heading, a sentence, or a colon, a list or table."""
    start, end = sheet.sentences[index]
    heading = end - start <= HEADING and sheet.text[end - 1].isalnum() and not is_item(sheet.text[start:end])
    following = sheet.sentences[index + 1 :]
    if heading or sheet.text[end - 1] == ":":
        yield from following[:1]
    if sheet.text[end - 1] == ":":
        yield from takewhile(lambda place: _is_listed(sheet.text[slice(*place)]), following[1:])


def _is_listed(text: str) -> bool:
    return is_row(text) or is_item(text)


def _heads(text: str, row: int) -> Range | None:
    """The heads of the columns of the row that begins there."""
    page = TableLines.of(text)
    return page.heads_of(bisect_left(page.places, (row, row)))


def _with(quotes: list[Quote], new: Quote) -> list[Quote]:
    """The quotes and one more, unless they say it already; rows of one table go together."""
    if any(_covers(known, new) or _alike(known.text, new.text) for known in quotes):
        return quotes
    for number, known in enumerate(quotes):
        if len(new.places) > 1 and known.sheet is new.sheet and known.places[0] == new.places[0]:
            rows = tuple(sorted({*known.places, *new.places}))
            return [*quotes[:number], replace(known, places=rows), *quotes[number + 1 :]]
    return [*quotes, new]


def _covers(known: Quote, new: Quote) -> bool:
    """Whether the new quote's last place, the sentence itself, overlaps what is quoted."""
    start, end = new.places[-1]
    return known.sheet is new.sheet and any(a < end and start < b for a, b in known.places)


def _alike(one: str, other: str) -> bool:
    """Whether two texts have the same numbers and nearly the same words: running text, or a table shown twice."""
    if set(_NUMBER.findall(one)) != set(_NUMBER.findall(other)):
        return False
    these, those = (set(_WORD.findall(text.casefold())) for text in (one, other))
    return len(these & those) >= ALIKE * len(these | those)
