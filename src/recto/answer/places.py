"""A question that asks for nothing but a place is answered by what stands there, from its beginning."""

from collections.abc import Sequence

from recto.answer.blocks import Part
from recto.answer.evidence import SourcePage
from recto.answer.quote import Quote
from recto.text.opening import shortened
from recto.text.sentences import LONGEST

MOST = 1800  # characters of all quotes: a screen


def quoted_places(pages: Sequence[SourcePage]) -> list[Quote]:
    """What stands at the places that are asked for alone, whole sentences and rows, in the order of the pages."""
    quotes: list[Quote] = []
    room = MOST
    for page in pages:
        for place in page.places:
            if place.alone and room > 0:
                start, end = shortened(page.text, (place.span.start, place.span.end), min(LONGEST, room))
                quotes.append(Quote(page, (Part(page, (start, end)),), 0.0))
                room -= end - start
    return quotes
