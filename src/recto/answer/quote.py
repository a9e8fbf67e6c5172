"""Quotes: the best sentences word for word, with what they need to be understood, and none of it twice."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from recto.answer.evidence import CandidateSentence, SourcePage
from recto.text.languages import MIXED
from recto.text.languages.language import any_of
from recto.text.sentences import LONGEST, Range, is_item, is_row
from recto.text.tables import TableLines, names_columns
from recto.types import Floats, Span

MOST = 3  # sentences in an answer: XQuAD's answers stand in the best three sentences in 95 of 100 cases
ALIKE = 0.8  # share of common words from which two quotes with the same numbers say the same
SAME_PAGE = 0.75  # off a sentence's score for each quote of its page: what it lacks, another page rather has
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

    page: SourcePage
    places: tuple[Range, ...]
    score: float

    @property
    def text(self) -> str:
        """Its words, a line for each place."""
        return "\n".join(self.page.text[slice(*place)] for place in self.places)

    def repeats(self, quote: "Quote") -> bool:
        """Whether it brings nothing new beside another quote.

        Either its last place, the sentence itself, overlaps that one, or both have the same numbers and nearly the
        same words: running text, or a table shown twice.
        """
        start, end = self.places[-1]
        if self.page is quote.page and any(first < end and start < last for first, last in quote.places):
            return True
        if set(_NUMBER.findall(self.text)) != set(_NUMBER.findall(quote.text)):
            return False
        words, quoted_words = (set(_WORD.findall(text.casefold())) for text in (self.text, quote.text))
        return len(words & quoted_words) >= ALIKE * len(words | quoted_words)


def choose(sentences: Sequence[CandidateSentence], scores: Floats, *, most: int = MOST) -> list[Quote]:
    """The quotes that answer, best first, of at most so many sentences; rows of one table are one quote."""
    quotes: list[Quote] = []
    count, scores, pages = 0, scores.copy(), np.array([id(sentence.page) for sentence in sentences])
    for _ in sentences:
        index = int(np.argmax(scores))
        quote = in_context(sentences[index], float(scores[index]))
        scores[index] = -np.inf
        if any(quote.repeats(earlier) for earlier in quotes):
            continue
        for number, earlier in enumerate(quotes):
            if len(quote.places) > 1 and earlier.page is quote.page and earlier.places[0] == quote.places[0]:
                quotes[number] = replace(earlier, places=tuple(sorted({*earlier.places, *quote.places})))
                break
        else:
            quotes.append(quote)
            scores[pages == pages[index]] -= SAME_PAGE
        count += 1
        if count == most:
            break
    return quotes


def join(quotes: Sequence[Quote]) -> tuple[str, list[tuple[int, Span]]]:
    """The answer's text, and after which of its characters each quoted span ends."""
    text, marks = "", []
    for quote in quotes:
        text += "\n\n" if text else ""
        for number, place in enumerate(quote.places):
            text += ("\n" if number else "") + quote.page.text[slice(*place)]
            marks.append((len(text), quote.page.span(place)))
    return text, marks


def in_context(sentence: CandidateSentence, score: float) -> Quote:
    """A sentence with its neighbours where it leans on them, a row below the heads of its columns."""
    page = sentence.page
    row = _row(page, sentence.index)
    if row is None:
        return Quote(page, (_with_neighbours(page, sentence.index),), score)
    lines = TableLines.of(page.text)
    heads = lines.heads_of(bisect_left(lines.places, (row[0], row[0])))
    return Quote(page, (heads, row) if heads else (row,), score)


def _row(page: SourcePage, index: int) -> Range | None:
    """The row of a table that the sentence is, or whose label it is: then the numbers stand on the next line."""
    start, end = page.sentences[index]
    if is_row(page.text[start:end]):
        return start, end
    if page.text[end - 1] not in ".:" and index + 1 < len(page.sentences):
        following = page.sentences[index + 1]
        line = page.text[slice(*following)]
        if is_row(line) and not any(map(str.isalpha, line)) and not names_columns(line):
            return start, following[1]
    return None


def _with_neighbours(page: SourcePage, index: int) -> Range:
    """The sentence, the one before if it leans on that, and what it announces.

    A heading announces the sentence below it; a colon that too, and then all of a list or table.
    """
    (start, end), text = page.sentences[index], page.text
    colon = text[end - 1] == ":"
    heading = end - start <= HEADING and text[end - 1].isalnum() and not is_item(text[start:end])
    if index and _LEANS.match(text, start) and text[page.sentences[index - 1][1] - 1] in ".!?":
        start = page.sentences[index - 1][0]
    for number, (first, last) in enumerate(page.sentences[index + 1 :] if colon or heading else ()):
        line = text[first:last]
        announced = number == 0 or (colon and (is_row(line) or is_item(line)))
        if not announced or last - start > LONGEST:
            break
        end = last
    return start, end
