"""Quotes: the best sentences word for word, with what they need to be understood, and none of it twice."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from recto.answer.blocks import REACH, Block, PageBlocks, Pages, Part, TableBlock
from recto.answer.evidence import CandidateSentence, SourcePage
from recto.answer.rows import RowMatch
from recto.text.languages import MIXED
from recto.text.languages.language import any_of
from recto.text.lists import announces
from recto.text.sentences import LONGEST, Range
from recto.text.tables import is_caption, names_columns
from recto.types import Floats

MOST = 3  # sentences in an answer: XQuAD's answers stand in the best three sentences in 95 of 100 cases
ALIKE = 0.8  # share of common words from which two quotes with the same numbers say the same
FIGURE = 0.4  # of the question's words: a row of the best pages that holds so many is quoted where a figure is asked
ROW = 0.6  # where none is
PRECISION = 0.3
BEHIND = 0.05  # of the question's words: what a row loses for each point that its page's score lies behind

# What a sentence starts with when it leans on the one before; "This section" names what it speaks of.
_LEANS = re.compile(
    rf"{any_of(MIXED.leaning_words)}\b(?! (?:section|chapter|document|manual|guide|report)\b)", re.IGNORECASE
)
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


def choose(
    sentences: Sequence[CandidateSentence], scores: Floats, pages: Pages, match: RowMatch, *, most: int = MOST
) -> list[Quote]:
    """The quotes that answer, best first, of so many sentences at most; a table or a list is one quote."""
    order = [
        (sentences[index], float(scores[index]))
        for index in sorted(range(len(sentences)), key=lambda index: -scores[index])
    ]
    order = _with_best_row(order, pages, match)
    quotes: list[Quote] = []
    blocks: dict[int, tuple[Block, list[int]]] = {}  # by the number of their quote, and which sentences led to each
    count = 0
    for sentence, score in order:
        page = pages[sentence.page.key]
        block = page.block(sentence.index)
        number = next((number for number, (quoted, _) in blocks.items() if quoted == block), None)
        if block and number is not None:
            leads = blocks[number][1]
            leads.append(sentence.index)
            quotes[number] = _quote(page, block, leads, quotes[number].score, match)
        else:
            quote = _quote(page, block, [sentence.index], score, match)
            if any(quote.repeats(earlier) for earlier in quotes):
                continue
            if block:
                blocks[len(quotes)] = block, [sentence.index]
            quotes.append(quote)
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


def _quote(page: PageBlocks, block: Block | None, leads: Sequence[int], score: float, match: RowMatch) -> Quote:
    """What is shown for sentences: the rows or items of their block, or the only one with its neighbours."""
    parts = block.quote(leads, match) if block else (Part(page.page, _with_neighbours(page.page, leads[0])),)
    return Quote(page.page, parts, score)


def _with_best_row(
    order: Sequence[tuple[CandidateSentence, float]], pages: Pages, match: RowMatch
) -> list[tuple[CandidateSentence, float]]:
    """Put the row that holds most of the question's words, if it holds enough, before pages behind it."""
    rows: list[tuple[float, CandidateSentence]] = []
    for page in pages.values():
        for block in page.tables:
            table = block.match
            enough = FIGURE if match.wants_figure else ROW
            score = table.coverage + PRECISION * table.precision
            if table.gains[table.best] > 0 and score >= enough:
                index = page.sentence_at(block.table.rows[table.best].place[0])
                rows.append((score - BEHIND * page.page.score_gap, CandidateSentence(page.page, index)))
    if not rows:
        return list(order)
    row = max(rows, key=lambda row: row[0])[1]
    first = order[0][0]
    in_table = isinstance(pages[first.page.key].block(first.index), TableBlock)
    place = 0 if in_table or first.page.score_gap > row.page.score_gap else 1
    return [*order[:place], (row, order[0][1]), *order[place:]]


def _with_neighbours(page: SourcePage, index: int) -> Range:
    """The sentence, the one before if it leans on that, and what it announces: the first below that says something."""
    (start, end), text = page.sentences[index], page.text
    if index and _LEANS.match(text, start) and text[page.sentences[index - 1][1] - 1] in ".!?":
        start = page.sentences[index - 1][0]
    for number in range(index, min(index + REACH, len(page.sentences) - 1)):
        line, below = text[slice(*page.sentences[number])], page.sentences[number + 1]
        if not announces(text, page.sentences[number]) or below[1] - start > LONGEST:
            break
        if number > index and not (line[-1] == ":" or is_caption(line) or names_columns(line)):
            break  # the line below a heading may be all that it announces
        end = below[1]
    return start, end
