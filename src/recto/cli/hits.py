"""Hits and quotes in words, and what to say when there are none."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from recto.cli.messages import t
from recto.cli.terminal import (
    Look,
    Piece,
    is_narrow,
    knows_links,
    note,
    on_terminal,
    say,
    say_linked,
    say_marked,
    wrapped,
)
from recto.links import file_url, one_line
from recto.text.languages import LANGUAGES
from recto.text.sentences import flowing
from recto.types import Citation, Document, Hit, Span, TraitKind

if TYPE_CHECKING:  # it takes most of a second, which nobody waits for whom a server answers
    from recto.library import Library

FileOf = Callable[[Document], Path | None]  # where the file still lies that a document was made of

NOTHING_FOUND = 3  # exit code: the documents do not say it
BLANKS = 4  # blank cells of a quote's rows that are named
TEASER = 200  # characters of a hit, and of a quote in the list below a written answer


def say_unencoded(library: "Library") -> None:
    """Say how many documents are found by words only, before anybody wonders."""
    say_waiting(len(library.unencoded()), len(library.documents()))


def say_waiting(waiting: int, documents: int) -> None:
    """The same, where the numbers are known."""
    if waiting:
        note(t("unencoded", n=waiting, documents=documents))
        note(t("mend", hint=t("unencoded.how")))


def say_missing(missing: Sequence[str]) -> None:
    """Say which parts of the library were not asked, and what that means."""
    for name in missing:
        note(t("missing", shard=one_line(name)))


def say_hit(hit: Hit, file_of: FileOf) -> None:
    """Print a hit: where it is, why it stands at its rank, and how it begins."""
    place = place_name(hit.document, hit.passage.span.page, hit.label)
    scores = {"score": f"{hit.score:.2f}", "words": f"{hit.keyword:.2f}", "meaning": f"{hit.semantic:.2f}"}
    why = t("hit.why", **scores)
    say_linked(f"{hit.rank}. ", place, address(hit.document, hit.passage.span.page, file_of), why)
    say(f"   {teaser(hit.passage.text)}\n")


def say_quotes(quotes: Sequence[Sequence[Citation]], file_of: FileOf, *, brief: bool) -> None:
    """Print the documents' own words, each quote marked inside its surroundings, and where they stand.

    `brief`, and on a narrow terminal, the quotes alone; so is one whose surroundings stand above it already.
    """
    spans: list[Span] = []
    for places in quotes:
        alone = brief or is_narrow() or any(span.holds(place.span) for place in places for span in spans)
        for pieces in _pieces(places, alone=alone):
            say_marked(pieces)
        more = f" ({one_line(places[-1].more)})" if places[-1].more else ""
        first, *further = {place.span.page: place for place in places}.values()  # a table or a list may go on overleaf
        overleaf = "".join(t("overleaf", page=place.span.page + 1) + printed(place.label) for place in further)
        place = place_name(first.document, first.span.page, first.label)
        at = address(first.document, first.span.page, file_of)
        say_linked("    -- ", place, at, f"{overleaf}{more}{remarks(places)}\n")
        spans += [place.context.span for place in places if place.context and not alone]


def _pieces(places: Sequence[Citation], *, alone: bool) -> Iterator[list[Piece]]:
    """For each of a quote's contexts its text, in pieces that are quoted or not, and asked cells by themselves."""
    for context, citations in groupby(places, key=lambda place: place.context):
        if alone or context is None:
            for citation in citations:
                yield _quoted(citation, _laid_out(citation.quote, citation.span.start, [citation]))
            continue
        own, start = list(citations), context.span.start
        text = _laid_out(context.text, start, own)
        pieces: list[Piece] = []
        at = 0
        for citation in own:
            first, last = citation.span.start - start, citation.span.end - start
            pieces += [(text[at:first], Look.AROUND), *_quoted(citation, text[first:last])]
            at = last
        yield [*pieces, (text[at:], Look.AROUND)]


def _quoted(citation: Citation, text: str) -> list[Piece]:
    """The quote as it is laid out, in its pieces."""
    pieces: list[Piece] = []
    at = 0
    for piece, is_asked in citation.pieces:
        pieces.append((text[at : at + len(piece)], Look.ASKED if is_asked else Look.QUOTED))
        at += len(piece)
    return pieces


def _laid_out(text: str, start: int, citations: Sequence[Citation]) -> str:
    """A text from a character of its page on, as wide as the terminal; rows of tables and items keep their lines."""
    if not on_terminal():
        return text
    characters = list(wrapped(flowing(text)))
    for citation in citations:
        if citation.cells:
            first, last = max(citation.span.start - start - 1, 0), citation.span.end - start + 1
            characters[first:last] = text[first:last]
    return "".join(characters)


def place_name(document: Document, page: int, label: str) -> str:
    """A page of a document, counted from 0, as people call it, and what the document calls it."""
    return t("place", name=one_line(document.name), page=page + 1) + printed(label)


def printed(label: str) -> str:
    """What a document calls a page, behind its number."""
    return t("place.printed", label=one_line(label)) if label else ""


def address(document: Document, page: int, file_of: FileOf) -> str:
    """Where a document's own file shows a page, counted from 0; empty if it is gone, or links are not shown."""
    path = file_of(document) if knows_links() else None
    return file_url(path, page) if path else ""


def remarks(citations: Sequence[Citation]) -> str:
    """What to know of a quote: another language than the question's, a comment, OCR, struck out, blank cells."""
    kinds = {trait.kind for citation in citations for trait in citation.traits}
    languages = sorted({citation.language for citation in citations} & LANGUAGES.keys())
    struck = [
        one_line(citation.quote[trait.start - citation.span.start : trait.end - citation.span.start])
        for citation in citations
        for trait in citation.traits
        if trait.kind is TraitKind.STRUCK
    ]
    uncertain = sum(citation.words_with(TraitKind.UNCERTAIN) for citation in citations)
    read = t("remark.uncertain", n=uncertain) if uncertain else t("remark.recognised")
    comment = t("remark.comment") if TraitKind.COMMENT in kinds else ""
    recognised = read if TraitKind.RECOGNISED in kinds or uncertain else ""
    blanks = [one_line(blank) for citation in citations for blank in citation.blanks]
    more = t("remark.more", n=len(blanks) - BLANKS) if len(blanks) > BLANKS else ""
    return "".join(
        (
            "".join(t("remark.language", language=t(f"language.{code}")) for code in languages),
            f"{comment}{recognised}",
            t("remark.struck", words=" ... ".join(struck)) if struck else "",
            t("remark.blank", cells="; ".join(blanks[:BLANKS]) + more) if blanks else "",
        )
    )


def teaser(text: str) -> str:
    """How a text begins, on one line."""
    line = one_line(text)
    return f"{line[:TEASER]}{'...' if len(line) > TEASER else ''}"


def explain_nothing(library: "Library") -> None:
    """Say why nothing was found, and what mends that."""
    if library.documents():
        note(t("nothing"))
    else:
        note_empty(library)
        note(t("mend", hint="recto add FILE-OR-FOLDER"))


def note_empty(library: "Library") -> None:
    """Say that there are no documents, and where they were looked for."""
    home = library.settings.home
    note(t("empty" if home.exists() else "no_library", home=home))
