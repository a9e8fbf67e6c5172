"""Quotes: the best sentences word for word, with what they need to be understood, and none of it twice."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from recto.answer.blocks import REACH, Block, Layout, Part, TableBlock
from recto.answer.evidence import CandidateSentence, SourcePage
from recto.text.detection import language_of
from recto.text.leaning import CLOSING, leans
from recto.text.lists import announces
from recto.text.sentences import LONGEST, Range
from recto.text.tables import is_caption, names_columns
from recto.types import Floats

MOST = 3  # sentences in an answer: XQuAD's answers stand in the best three sentences in 95 of 100 cases
ALIKE = 0.8  # share of common words from which two quotes with the same numbers say the same
FIGURE = 0.4  # of the question's words: a row of the best pages that holds so many is quoted where a figure is asked
ROW = 0.6  # where none is
PRECISION = 0.3  # of its score: what it counts that the question has all words of the row's label
BEHIND = 0.05  # of the question's words: what a row loses for each point that its page's score lies behind
SAME_PAGE = 0.75  # off a sentence's score for each quote of its page: what it lacks, another page rather has
QUESTION_MARKS = "?？؟"

_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d[\d.,]*")


@dataclass(frozen=True, slots=True)
class Quote:
    """Places that are to be read together: sentences, the heads of columns and then rows, a list.

    All are on its page but the heads of a table that goes on from the page before, and what of a list stands overleaf.
    """

    page: SourcePage
    parts: tuple[Part, ...]
    score: float

    @property
    def places(self) -> tuple[Range, ...]:
        """Those on its page."""
        return tuple(part.place for part in self.parts if part.page.number == self.page.number)

    @property
    def text(self) -> str:
        """Its words, a line for each part."""
        return "\n".join(part.text for part in self.parts)

    def repeats(self, quote: "Quote") -> bool:
        """Whether it brings nothing new beside another quote.

        Either its last part, the sentence itself, overlaps that one, or both have the same numbers and nearly the
        same words: running text, or a table shown twice.
        """
        final = self.parts[-1]
        if any(final.overlaps(part) for part in quote.parts):
            return True
        if set(_NUMBER.findall(self.text)) != set(_NUMBER.findall(quote.text)):
            return False
        words, quoted_words = (set(_WORD.findall(text.casefold())) for text in (self.text, quote.text))
        return len(words & quoted_words) >= ALIKE * len(words | quoted_words)


def choose(sentences: Sequence[CandidateSentence], scores: Floats, layout: Layout, *, most: int = MOST) -> list[Quote]:
    """The quotes that answer, best first, of so many sentences at most; a table or a list is one quote."""
    pages = np.array([id(sentence.page) for sentence in sentences])
    if row := _best_row(sentences, scores, layout):
        sentences, scores, pages = [*sentences, row[0]], np.append(scores, row[1]), np.append(pages, 0)
    scores = scores.copy()
    quotes: list[Quote] = []
    blocks: dict[int, tuple[Block, list[int]]] = {}  # by the number of their quote, and which sentences led to each
    count = 0
    for _ in sentences:
        index = int(np.argmax(scores))
        sentence, score, scores[index] = sentences[index], float(scores[index]), -np.inf
        block = layout.block(sentence)
        number = next((number for number, (quoted, _) in blocks.items() if quoted == block), None)
        if block and number is not None:
            leads = blocks[number][1]
            leads.append(sentence.index)
            quotes[number] = replace(quotes[number], parts=block.quote(leads, layout.match))
        else:
            own = block.quote([sentence.index], layout.match) if block else ()
            quote = Quote(sentence.page, own or (Part(sentence.page, _with_neighbours(sentence)),), score)
            if any(quote.repeats(earlier) for earlier in quotes):
                continue
            if block:
                blocks[len(quotes)] = block, [sentence.index]
            quotes.append(quote)
            scores[pages == id(sentence.page)] -= SAME_PAGE
        count += 1
        if count == most:
            break
    return quotes


def join(quotes: Sequence[Quote]) -> tuple[str, list[tuple[int, Part]]]:
    """The answer's text, and after which of its characters each part of a quote ends."""
    text, marks = "", []
    for quote in quotes:
        text += "\n\n" if text else ""
        for number, part in enumerate(quote.parts):
            text += ("\n" if number else "") + part.text
            marks.append((len(text), part))
    return text, marks


def _best_row(
    sentences: Sequence[CandidateSentence], scores: Floats, layout: Layout
) -> tuple[CandidateSentence, float] | None:
    """The row that holds most of the question's words, if it holds enough, and a score that gives it its turn.

    That is the first before pages behind its own and before another table, else the second.
    """
    rows: list[tuple[float, CandidateSentence]] = []
    for page in layout.pages.values():
        for block in page.tables:
            table = block.match
            score = table.coverage + PRECISION * table.precision
            if table.gains[table.best] > 0 and score >= (FIGURE if layout.match.wants_figure else ROW):
                index = page.sentence_at(block.table.rows[table.best].place[0])
                rows.append((score - BEHIND * page.page.score_gap, CandidateSentence(page.page, index)))
    if not rows:
        return None
    row = max(rows, key=lambda row: row[0])[1]
    first = sentences[int(np.argmax(scores))]
    in_table = isinstance(layout.block(first), TableBlock)
    before = in_table or first.page.score_gap > row.page.score_gap
    return row, float(np.nextafter(scores.max(), np.float32(np.inf if before else -np.inf)))


def _with_neighbours(sentence: CandidateSentence) -> Range:
    """The sentence, the one before if it leans on that, and what it announces: the first below that says something.

    A question announces its answer.
    """
    page, index = sentence.page, sentence.index
    (start, end), text = page.sentences[index], page.text
    if index and leans(text[start:end], language_of(text)) and text[page.sentences[index - 1][1] - 1] in CLOSING:
        start = page.sentences[index - 1][0]
    for number in range(index, min(index + REACH, len(page.sentences) - 1)):
        line, below = text[slice(*page.sentences[number])], page.sentences[number + 1]
        announced = announces(text, page.sentences[number]) or (number == index and line[-1] in QUESTION_MARKS)
        if not announced or below[1] - start > LONGEST:
            break
        if number > index and not (line[-1] == ":" or is_caption(line) or names_columns(line)):
            break  # the line below a heading may be all that it announces
        end = below[1]
    return start, end
