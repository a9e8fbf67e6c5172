"""Results of tools as JSON: short, in lines, each quote with its place; boxes apart, for programs alone.

Half of the clients give their model the text of a result alone, half the structure alone: both are the same JSON. What
a model reads is at most `MOST` bytes, the least that any of the clients leaves uncut.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from recto import links, wire
from recto.types import Citation, Document, Hit, Page, TraitKind
from recto.wire import Json

MOST = 10_000  # bytes of a result: of more than 12,000 Codex cuts out the middle
ROOM = 9_000  # of them for what a result lists; the others are for what stands around it
SHOWN = {TraitKind.STRUCK: "struck out", TraitKind.COMMENT: "a comment", TraitKind.UNCERTAIN: "read by OCR, uncertain"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a tool gives: a JSON object for the model, places with boxes for programs, perhaps a PNG."""

    value: Json
    places: list[Json] = field(default_factory=list)
    picture: bytes = b""

    @property
    def text(self) -> str:
        """The object as JSON, a line for each field: clients cut what is too long at line ends."""
        return wire.text(sound(self.value), in_lines=True)


def sound(value: object) -> object:
    """The value without halves of characters, which names of files may have and UTF-8 has not."""
    match value:
        case str():
            return value.encode(errors="replace").decode()
        case list():
            return [sound(item) for item in value]
        case dict():
            return {key: sound(item) for key, item in value.items()}
        case _:
            return value


def weight(value: object) -> int:
    """Bytes of a value in the text of a result."""
    return len(wire.text(value, in_lines=True).encode())


def fitting(items: Iterable[Json], room: int = ROOM) -> list[Json]:
    """As many of the items as there is room for, from the first; the first in any case, its quote cut if need be."""
    chosen: list[Json] = []
    for item in items:
        room -= weight(item)
        if room < 0 and chosen:
            break
        chosen.append(item)
        if room < 0:
            size = max(0, len(item["quote"]) + room)  # a character has a byte or more
            item |= {"quote": beginning(item["quote"], size), "cut": "fetch the id for all of it"}
    return chosen


def beginning(text: str, room: int) -> str:
    """The text, or what there is room for in a result, to the end of a line if one is near."""
    part = text[:room]
    while part and weight(part) > room:
        part = part[: len(part) * room // weight(part)]
    line = part.rfind("\n") + 1
    return part if part == text or line <= len(part) // 2 else part[:line]


def page_id(document: Document, page: int, start: int = 0) -> str:
    """What `fetch` takes for a page, counted from 0, from a character of its text on."""
    return f"{document.id[: links.ID_DIGITS]}/{page + 1}" + (f"@{start}" if start else "")


def place(base: str, document: Document, page: int, label: str, words: tuple[int, int] | None = None) -> Json:
    """Where something stands, and the address that shows it."""
    return {
        "document": document.name,
        "page": page + 1,
        **({"label": label} if label else {}),
        "url": links.page_url(base, document, page, words),
        "id": page_id(document, page),
    }


def quoted(base: str, citation: Citation) -> Json:
    """A quote and its place."""
    words = citation.span.start, citation.span.end
    remarks = list(dict.fromkeys(SHOWN[trait.kind] for trait in citation.traits if trait.kind in SHOWN))
    remarks += [f"blank: {blank}" for blank in citation.blanks]
    return {
        "quote": citation.quote,
        **({"remarks": remarks} if remarks else {}),
        **({"more": citation.more} if citation.more else {}),
        **place(base, citation.document, citation.span.page, citation.label, words),
    }


def passage(base: str, hit: Hit) -> Json:
    """A passage that search found, and its place."""
    span = hit.passage.span
    return {"quote": hit.passage.text, **place(base, hit.document, span.page, hit.label, (span.start, span.end))}


def places_of(items: Iterable[Citation | Hit]) -> list[Json]:
    """The places of quotes or hits, in their order, with boxes."""
    spans = [(item.span if isinstance(item, Citation) else item.passage.span, item.rects) for item in items]
    return [
        {"document": span.doc, "page": span.page + 1, "start": span.start, "end": span.end, "boxes": wire.boxes(rects)}
        for span, rects in spans
    ]


def page_name(document: Document, page: Page) -> str:
    """A page as people call it."""
    return f"{document.name}, page {page.number + 1}" + (f" (printed {page.label})" if page.label else "")
