"""Pages as search finds them."""

from collections.abc import Sequence
from itertools import zip_longest

from recto.answer.evidence import SourcePage, SourcePassage, split
from recto.answer.rows import RowMatch
from recto.text.sentences import Range

# A question that has no word in common with anything.
NO_WORDS = RowMatch(
    coverage=lambda text: 0.0,
    terms=frozenset(),
    expanded_terms=frozenset(),
    figures=frozenset(),
    wants_figure=False,
    wants_total=False,
    comparing=frozenset(),
)


def source_page(
    text: str, number: int = 0, places: Sequence[Range] = (), cosines: Sequence[float | None] = ()
) -> SourcePage:
    """A page with a passage at each of these places, else with one; the first page is the best."""
    places = places or [(0, len(text))]
    passages = [
        SourcePassage(place, f"Title. \n{text[slice(*place)]}", cosine)
        for place, cosine in zip_longest(places, cosines)
    ]
    return split(SourcePage(doc="d" * 64, number=number, score_gap=number, text=text, passages=tuple(passages)))
