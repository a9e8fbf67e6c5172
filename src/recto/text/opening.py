"""How a document begins: its title, its author, its date, and its first lines."""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from types import MappingProxyType

import numpy as np

from recto.text.languages import MIXED
from recto.text.languages.language import any_of
from recto.text.sentences import Range, lines, sentences
from recto.types import FULL, Page

OPENING = 450  # characters of whole sentences that are the opening
SEARCHED = 1500  # characters in which an author is looked for
TITLE_LINES = 4
SIGNATURE_LINES = 2  # a name and an office
LARGER = 1.15  # times the middle height of the lines: a title is set larger
ALIKE = 0.9  # of the largest line's height, for the title's other lines
FEWEST_LETTERS = 3  # in a line of a title
HEADING = 80  # characters of a heading
SET_LARGER = 1.06  # times the middle height of a document's words: headings of sections may be set hardly larger
UPWARDS = 8  # characters from which a line that is higher than wide runs upwards

_NAME = r"(?-i:[^\W\d_a-z])"  # its first letter
_BYLINE = re.compile(
    rf"{any_of(MIXED.places.bylines)}(?: (?:by|von|par|por|di))?[\s:]*(?:$|(?<=[\s:]){_NAME}\S*\s+{_NAME})",
    re.IGNORECASE,
)
_CLOSING = re.compile(rf"(?:[^\W\d_]+ ){{0,3}}{any_of(MIXED.places.closings)},?", re.IGNORECASE)
_YEAR = r"(?:19|20)\d\d"
_DATE = re.compile(
    rf"\b{_YEAR}-\d\d-\d\d\b|\b\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}\b"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th)?\.? (?:(?:de|of) )?[^\W\d_]{{3,10}}\.?,? (?:de )?{_YEAR}\b"
    rf"|\b[^\W\d_]{{3,10}}\.? \d{{1,2}}(?:st|nd|rd|th)?, ?{_YEAR}\b"
    rf"|\b{any_of(MIXED.months)} {_YEAR}\b",
    re.IGNORECASE,
)
_LONE_YEAR = re.compile(
    rf"(?:[^\W\d_]+\W+){{0,6}}{_YEAR}\W*"
)  # with a few words at most: no year of a work that is cited


def shortened(text: str, place: Range, most: int) -> Range:
    """As many whole sentences from the beginning of a place as fit into so many characters; one at least."""
    ends = [end for _, end in sentences(text, place)]
    fitting = [end for end in ends if end - place[0] <= most]
    return place[0], (fitting or ends or [place[0]])[-1 if fitting else 0]


def title(page: Page, start: int) -> Range | None:
    """The first lines that are set largest; the first line, if none is larger than the others."""
    places = [
        place
        for place in lines(page.text, (start, len(page.text)))
        if sum(map(str.isalpha, page.text[slice(*place)])) >= FEWEST_LETTERS
    ]
    if not places:
        return None
    heights = np.array([line_height(page, place) for place in places])
    largest = heights.max()
    if largest <= LARGER * np.median(heights):
        return places[0]
    first = last = int(np.argmax(heights >= ALIKE * largest))
    while last + 1 < len(places) and last - first + 1 < TITLE_LINES and heights[last + 1] >= ALIKE * largest:
        last += 1
    return places[first][0], places[last][1]


def author(page: Page, start: int) -> Range | None:
    """The line that begins like "by ..." or "Author: ...", with the next one if the name stands there."""
    places = lines(page.text, (start, start + SEARCHED))
    for place, following in zip_longest(places, places[1:]):
        if match := _BYLINE.match(page.text, *place):
            alone = match.end() == place[1]
            return place[0], following[1] if alone and following else place[1]
    return None


def signature(page: Page) -> Range | None:
    """The last line by itself that closes a letter, with the lines of the signature below it."""
    places = lines(page.text)
    for number in reversed(range(len(places) - 1)):
        if _CLOSING.fullmatch(page.text, *places[number]):
            return places[number][0], places[min(number + SIGNATURE_LINES, len(places) - 1)][1]
    return None


def date(page: Page, start: int) -> Range | None:
    """The first line with a date, else the first that is hardly more than a year."""
    places = lines(page.text, (start, len(page.text)))
    dated = (place for place in places if _DATE.search(page.text, *place))
    return next(dated, None) or next((place for place in places if _LONE_YEAR.fullmatch(page.text, *place)), None)


FACTS: Mapping[str, Callable[[Page, int], Range | None]] = MappingProxyType(
    {"title": title, "author": author, "date": date}
)


def larger_lines(pages: Sequence[Page]) -> list[list[Range]]:
    """For each page of a document the lines that are set larger than most of its words, as headings are."""
    places = [lines(page.text) for page in pages]
    heights = [[line_height(page, place) for place in own] for page, own in zip(pages, places, strict=True)]
    weights = [[end - start for start, end in own] for own in places]
    flat = np.repeat(np.concatenate([[], *heights]), np.concatenate([[], *weights]).astype(np.int64))
    least = SET_LARGER * float(np.median(flat)) if flat.size else 0.0
    return [
        [
            place
            for place, height in zip(own, own_heights, strict=True)
            if height > least and place[1] - place[0] <= HEADING
            if sum(map(str.isalpha, page.text[slice(*place)])) >= FEWEST_LETTERS
        ]
        for page, own, own_heights in zip(pages, places, heights, strict=True)
    ]


def line_height(page: Page, place: Range) -> float:
    """The middle height of a line's words, in points; 0 for one that runs upwards, as a stamp in the margin does."""
    first = int(np.searchsorted(page.spans[:, 1], place[0], side="right"))
    last = int(np.searchsorted(page.spans[:, 0], place[1], side="left"))
    boxes = page.boxes[first:last].astype(np.int64)
    if not len(boxes):
        return 0.0
    heights = (boxes[:, 3] - boxes[:, 1]) * page.height / FULL
    widths = (boxes[:, 2] - boxes[:, 0]) * page.width / FULL
    characters = place[1] - place[0]
    upwards = widths.sum() < heights.sum() and characters >= UPWARDS
    return 0.0 if upwards else float(np.median(heights))
