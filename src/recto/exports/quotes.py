"""An answer as Markdown, as plain text, and its quotes as a table."""

import csv
import io
import re
import textwrap

from recto.exports.places import CitedAnswer, cited_page
from recto.library import Library
from recto.links import file_url, one_line, page_url
from recto.text.markdown import plain
from recto.types import Citation

WIDTH = 100  # characters of a line of plain text
COLUMNS = ("question", "document", "page", "printed", "start", "end", "quote", "boxes")

# What a spreadsheet would work out, wide signs too: a document's words are data. Where numbers have a comma it takes
# semicolons for the ends of cells.
_FORMULA = re.compile(r"[=@\uff1d\uff20]|[+\-\uff0b\uff0d](?![\d.,\s]*%?$)")
_INNER_FORMULA = re.compile(r";(?=[\"']*[=@+\-\uff1d\uff20\uff0b\uff0d])")


def markdown(library: Library, answer: CitedAnswer) -> str:
    """The question, the answer if it was written, and each quote with a link to the page that it stands on."""
    parts = [f"# {escaped(answer.question)}", *map(escaped, filter(None, [answer.text]))]
    for heading, places in answer.sections:
        parts += [f"## {escaped(heading)}"] if heading else []
        parts += [f"> {escaped(place.quote)}\n>\n> {_linked_page(library, place, answer.base)}" for place in places]
    return "\n\n".join(parts) + "\n"


def _linked_page(library: Library, place: Citation, base: str) -> str:
    """The page of a quote, with a link unless there is nothing that it could lead to."""
    span, name = place.span, escaped(cited_page(place))
    if base:
        return f"[{name}]({page_url(base, place.document, span.page, (span.start, span.end))})"
    file = library.file_of(place.document)
    return f"[{name}]({file_url(file, span.page)})" if file else name


def plain_text(_: Library, answer: CitedAnswer) -> str:
    """The same as plain text."""
    parts = [one_line(answer.question), *(textwrap.fill(one_line(part), WIDTH) for part in filter(None, [answer.text]))]
    for heading, places in answer.sections:
        parts += [one_line(heading)] if heading else []
        for place in places:
            quote = textwrap.fill(f'"{one_line(place.quote)}"', WIDTH, initial_indent="  ", subsequent_indent="  ")
            parts.append(f"{quote}\n  -- {cited_page(place)}")
    return "\n\n".join(parts) + "\n"


def csv_table(_: Library, answer: CitedAnswer) -> str:
    """The quotes, one a row; boxes are "x0 y0 x1 y1; ..." in shares of the page, from its top left."""
    file = io.StringIO()
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(COLUMNS)
    for place in answer.places:
        span = place.span
        boxes = "; ".join(" ".join(f"{side:.5f}" for side in rect.as_list()) for rect in place.rects)
        texts = (
            answer.question,
            place.document.name,
            span.page + 1,
            place.label,
            span.start,
            span.end,
            place.quote,
            boxes,
        )
        rows.writerow([spreadsheet_cell(text) if isinstance(text, str) else text for text in texts])
    return file.getvalue()


def escaped(text: str) -> str:
    """A document's words on one line of Markdown: nothing in them is a mark, a link or HTML."""
    return plain(one_line(text))


def spreadsheet_cell(text: str) -> str:
    """A document's words for a cell of comma-separated values: no spreadsheet works anything out of them."""
    line = _INNER_FORMULA.sub("; '", one_line(text))
    return f"'{line}" if _FORMULA.match(line) else line
