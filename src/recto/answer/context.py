"""Quotes inside their surroundings: a sentence alone seldom lets anybody judge whether it answers."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby, islice

from recto.answer.asked_cells import with_asked
from recto.answer.blocks import Part
from recto.answer.evidence import SourcePage
from recto.answer.quote import Quote
from recto.text.detection import other_language
from recto.text.grids import at_top, continued
from recto.text.growing import LONGEST, grown
from recto.text.sentences import Range, grouped
from recto.types import Citation, Context, Document, Flag, Grid, Page, QuotedCell, Span, Trait, TraitKind

OVERLEAF = 3  # pages before that a table may go on from: farther up, most say their heads anew


def surroundings(page: SourcePage, places: Sequence[Range]) -> list[Range]:
    """What is shown around each place of a quote: the same for those near each other, of which the last ones grow."""
    groups = [
        (len(group), (group[0][0], group[-1][1]))
        for group in grouped(places, lambda group, place: place[1] - group[0][0] <= LONGEST)
    ]
    *above, (count, last) = groups  # heads of columns far above their rows stand by themselves
    limit = LONGEST - sum(end - start for _, (start, end) in above)
    ranges = [*above, (count, grown(page.text, page.sentences, last, limit))]
    return [around for count, around in ranges for _ in range(count)]


def quoted_rows(part: Part, read: Callable[[int], Page]) -> list[list[QuotedCell]]:
    """The cells of each row that a part of a quote holds, below the heads of the page before if these are theirs."""
    page, sheet = part.page, read(part.page.number)
    goes_on = bool(page.grids) and any(page.grids[0].quoted(sheet, *part.place))
    tables = headed(page, read) if goes_on else page.grids
    return [
        list(cells)
        for grid in tables
        for _, cells in groupby(grid.quoted(sheet, *part.place), key=lambda cell: cell.row)
    ]


def headed(page: SourcePage, read: Callable[[int], Page], reach: int = OVERLEAF) -> Sequence[Grid]:
    """The tables of a page, the first with the heads of a page before if it goes on from there."""
    first, *others = page.grids or (None,)
    if first is None or not reach or not at_top(first, read(page.number)) or not (before := page.neighbour(-1)):
        return page.grids
    above = headed(before, read, reach - 1)
    return [continued(first, read(page.number), above, read(before.number)), *others]


def citations(
    quote: Quote, read: Callable[[int], Page], document: Document, question: str = "", language: str = ""
) -> tuple[Citation, ...]:
    """What cites the parts of a quote, each inside its surroundings, to be moved to where the mark stands.

    What stands overleaf is shown by itself. Cells that the question asks for are marked, and other languages than its.
    """
    around = iter(surroundings(quote.page, quote.places))
    rows_of = [quoted_rows(part, read) for part in quote.parts]
    rows = iter(with_asked(question, [row for rows in rows_of for row in rows]))

    def citation(part: Part, count: int) -> Citation:
        page = read(part.page.number)
        start, end = next(around) if page.number == quote.page.number else part.place
        return Citation(
            at=0,
            span=part.span,
            document=document,
            quote=part.text,
            rects=page.rects(*part.place),
            context=Context(Span(document.id, page.number, start, end), page.text[start:end], page.rects(start, end)),
            more=part.more,
            label=page.label,
            traits=_traits(page, part.place),
            cells=tuple(cell for row in islice(rows, count) for cell in row),
            language=other_language(part.text, page.text, language),
        )

    return tuple(map(citation, quote.parts, map(len, rows_of)))


def contexts(places: Sequence[Citation]) -> list[Citation]:
    """The surroundings of the places of a quote, each once, as places to cite; the place itself where it has none."""
    by_span: dict[Span, Citation] = {}
    for citation in places:
        if context := citation.context:
            by_span.setdefault(
                context.span,
                replace(citation, span=context.span, quote=context.text, rects=context.rects, more="", cells=()),
            )
        else:
            by_span.setdefault(citation.span, citation)
    return list(by_span.values())


def sentences_within(places: Sequence[Citation], page: Page, sentences: Sequence[Range]) -> list[Citation]:
    """Those of a page's sentences and rows that stand in one of these places, each as a place to cite."""
    return [
        replace(
            citation,
            span=Span(citation.span.doc, page.number, start, end),
            quote=page.text[start:end],
            rects=page.rects(start, end),
            traits=_traits(page, (start, end)),
        )
        for citation in places
        if citation.span.page == page.number
        for start, end in sentences
        if citation.span.start <= start and end <= citation.span.end
    ]


def _traits(page: Page, place: Range) -> tuple[Trait, ...]:
    recognised = (Trait(TraitKind.RECOGNISED, *place),) if page.flag is Flag.OCR else ()
    return (*recognised, *page.traits_within(*place))
