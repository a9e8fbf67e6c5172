"""Running heads and feet: lines that come again at the same height, and what each says beside its page number."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from recto.pdf.layout import ReadPage
from recto.pdf.structure import Headings, heading_lines
from recto.text.contents import FRONT_MATTER
from recto.text.languages import MIXED
from recto.text.languages.language import any_of
from recto.text.romans import roman_value
from recto.text.sentences import Range
from recto.types import JOINT, Page, Trait, TraitKind

BAND = 0.09  # of the page's height, at its top and at its foot
REPEATS = 3  # pages that must share a line at one height before it counts as running
SHARE = 0.04  # of the document's pages, likewise: tables that open three pages of three hundred alike are no heads
HEIGHTS = 50  # steps of height told apart
STEADY = 0.5  # of the pages with a line: on so many a number that counts pages runs with them
EMPTY_WORDS = MIXED.page_words | MIXED.stop_words  # alone in a line they say nothing
OWN = 0.5  # of the pages with a line: so many must say something of their own for it to tell which page is meant

_NUMBER = re.compile(r"\d+|\b[ivxlcdm]+\b")
_BEHIND_PAGE = re.compile(rf"(?<!\w){any_of(MIXED.page_words)}\s*$")
_BEHIND_LABEL = re.compile(r"(?:\b(?:n[ro][.\u00ba]?|num(?:ber|mer|ero)?|invoice)|[#\u2116]|\w[/-])\s*$")
_LETTER = re.compile(r"\w")
_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class RunningLine:
    """A line of a page that is furniture. `new`: no page before says the same; `own`: nor does any behind it."""

    place: Range
    new: bool
    own: bool


@dataclass(frozen=True, slots=True)
class _EdgeLine:
    page: int  # its index among the pages
    place: Range
    words: str  # in small letters, parted by single spaces


def furniture(pages: Sequence[ReadPage]) -> list[list[RunningLine]]:
    """For each page, its running heads and feet."""
    groups: dict[tuple[str, int], list[_EdgeLine]] = defaultdict(list)
    quotable: set[str] = set()  # what can be quoted from elsewhere
    for index, read in enumerate(pages):
        spans, look = read.lines.spans.tolist(), read.lines.look.tolist()
        for (start, end), (top, bottom, _, _) in zip(spans, look, strict=True):
            words = " ".join(read.page.text[start:end].lower().split())
            if bottom <= BAND or top >= 1 - BAND:
                groups[_NUMBER.sub("#", words), round(top * HEIGHTS)].append(_EdgeLine(index, (start, end), words))
            else:
                quotable.add(words)
    running: list[list[RunningLine]] = [[] for _ in pages]
    enough = max(REPEATS, SHARE * len(pages))
    for lines in groups.values():
        if len({line.page for line in lines}) < enough:
            continue
        texts = without_page_numbers(lines)
        counts = Counter(texts)
        own = len(counts) >= OWN * len(lines)
        for line, text in zip(lines, texts, strict=True):
            new = text not in quotable and not EMPTY_WORDS.issuperset(_WORD.findall(text))
            quotable.add(text)
            running[line.page].append(RunningLine(line.place, new, own and new and counts[text] == 1))
    return [sorted(lines, key=lambda line: line.place) for lines in running]


def without_page_numbers(lines: Sequence[_EdgeLine]) -> list[str]:
    """What lines that differ in numbers alone say without those that count the pages."""
    numbers = [list(_NUMBER.finditer(line.words)) for line in lines]
    counting = [slot for slot in range(len(numbers[0])) if _counts_pages(lines, [row[slot] for row in numbers])]
    texts = []
    for line, row in zip(lines, numbers, strict=True):
        words = line.words
        for slot in reversed(counting):
            start, end = row[slot].span()
            words = f"{words[:start]} {words[end:]}"
        texts.append(" ".join(words.split()))
    return texts


def _counts_pages(lines: Sequence[_EdgeLine], numbers: Sequence[re.Match[str]]) -> bool:
    """Whether a number is that of the page: named so, or at an edge of the line and running with the pages."""
    before, behind = lines[0].words[: numbers[0].start()], lines[0].words[numbers[0].end() :]
    if _BEHIND_PAGE.search(before):
        return True
    if _BEHIND_LABEL.search(before) or (_LETTER.search(before) and _LETTER.search(behind)):
        return False
    values = [int(number[0]) if number[0].isdecimal() else roman_value(number[0]) for number in numbers]
    lags = Counter(value - line.page for line, value in zip(lines, values, strict=True))
    lag, count = lags.most_common(1)[0]
    return count >= STEADY * len(lines) and abs(lag) <= FRONT_MATTER


def headed(
    pages: Sequence[ReadPage], headings: Sequence[Headings], running: Sequence[Sequence[RunningLine]]
) -> list[Headings]:
    """The headings of each page below what its running lines say of it alone, such as an invoice's number."""
    titles = [
        JOINT.join(" ".join(read.page.text[slice(*line.place)].split()) for line in lines if line.own)
        for read, lines in zip(pages, running, strict=True)
    ]
    return [
        [(start, JOINT.join(filter(None, (title, path)))) for start, path in paths] if title else paths
        for title, paths in zip(titles, headings, strict=True)
    ]


def marked(page: Page, lines: Sequence[RunningLine], above: Headings) -> Page:
    """The page with its running lines and its headings told apart from its text."""
    running = [Trait(TraitKind.RUNNING, *line.place) for line in lines]
    traits = [*page.traits, *running, *(Trait(TraitKind.HEADING, *place) for place in heading_lines(page.text, above))]
    order = list(TraitKind)
    return replace(page, traits=tuple(sorted(traits, key=lambda trait: (order.index(trait.kind), trait.start))))
