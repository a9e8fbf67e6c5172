"""Pictures of text on a page, recognised: a scan as the page's text, a picture beside text behind that."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

from recto.pdf import layout
from recto.pdf.layout import Lines, ReadPage
from recto.pdf.native import TRAITS, Glyphs
from recto.pdf.recognition.engines import EngineName, OcrEngines
from recto.pdf.recognition.lines import of_words
from recto.pdf.recognition.rapid import Rapid
from recto.pdf.recognition.reading import Picture, Reading
from recto.pdf.recognition.tesseract import Tesseract
from recto.pdf.recognition.upright import SURE, UNREAD, Upright, read_upright, turned, unread
from recto.pdf.run import NEWLINE
from recto.pdf.trust import FEW
from recto.pdf.visibility.pictures import NO_REGIONS
from recto.types import FULL, Flag, Floats, Page, Trait, TraitKind

DPI = 200  # word recall .986 on clean scans at this resolution
MOST_PIXELS = 16_000_000  # a page of 2 x 2 m must not fill the memory
LIMIT_S = 60  # for one page; about 3 s is usual
FLAT = 32  # grey levels between the darkest and the lightest dot: less is an empty page
MOST_WORDS = 100  # uncertain words of a page that are read once more, one by one
UNCERTAIN = 0.6  # confidence of a word: below, one in three is wrong
PARAGRAPH = "\n\n"  # between the page's own text and what was recognised: no sentence runs on across it


def read(document: pdfium.PdfDocument, own: ReadPage, regions: Floats, engines: OcrEngines) -> ReadPage:
    """Recognise these parts of a page, shares of it (n, 4). TimeoutError, OSError or ValueError if that fails.

    `own` is the page as its own text says it.
    """
    number = own.page.number
    blank = layout.blank_page(number, own.page.width, own.page.height)
    blank = replace(blank, page=replace(blank.page, label=own.page.label, hidden=own.page.hidden))
    read_part = partial(read_picture, engines=engines, until=time.monotonic() + LIMIT_S)
    picture = rendered(document, number)
    beside = blank if own.page.flag is Flag.GARBLED else own
    boxes = (beside.page.boxes / FULL * np.tile(picture.shape[::-1], 2)).astype(np.float32)
    # Where the page's own words are most of its ink it is no scan, whatever is drawn beside them.
    scan = own.scan and not (len(boxes) and unread(picture, boxes) < UNREAD)
    parts = [_recognised(beside.page, picture, region, read_part, scan=scan) for region in regions]
    words = sum(len(part.page.spans) for part in parts)
    return _joined(beside, parts, scan=scan) if words else replace(own, regions=NO_REGIONS)


def rendered(document: pdfium.PdfDocument, number: int) -> Picture:
    """Draw a page in grey, as displayed."""
    page = document[number]
    width, height = page.get_size()
    scale = min(DPI / 72, (MOST_PIXELS / max(width * height, 1)) ** 0.5)
    bitmap = page.render(scale=scale, grayscale=True, may_draw_forms=True)
    picture: Picture = bitmap.to_numpy().reshape(bitmap.height, -1)[:, : bitmap.width].copy()
    page.close()
    return picture


def _recognised(
    own: Page, picture: Picture, region: Floats, read_part: Callable[[Picture], Upright], *, scan: bool
) -> ReadPage:
    """What one part of the page says beside the page's own words, on a page of its own."""
    dots = np.array(picture.shape[::-1], np.float64)
    left, top, right, bottom = np.round(region * np.tile(dots, 2)).astype(int).tolist()
    part = picture[top:bottom, left:right]
    empty = layout.blank_page(own.number, own.width, own.height)
    if not part.size or np.ptp(part) <= FLAT:
        return empty
    upright = read_part(part)

    def on_page(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
        back = upright.turned_back(boxes, right - left, bottom - top)
        shares: NDArray[np.float64] = np.clip((back + np.array((left, top, left, top))) / np.tile(dots, 2), 0, 1)
        return shares

    reading = _news(upright.reading, on_page(upright.reading.boxes.astype(np.float64)), own, scan=scan)
    if not reading.texts:
        return empty
    read = layout.arrange(own.number, _glyphs(reading, upright.size, own))
    boxes = on_page(read.page.boxes / FULL * np.tile(upright.size, 2))
    look = read.lines.look.copy()
    look[:, 2] *= upright.size[1] / dots[1]
    firsts = np.searchsorted(read.page.spans[:, 1], read.lines.spans[:, 0], side="right")  # words of each line
    ends = np.searchsorted(read.page.spans[:, 0], read.lines.spans[:, 1])
    line_boxes = [boxes[first:end] for first, end in zip(firsts, ends, strict=True)]
    look[:, :2] = [(line[:, 1].min(initial=1), line[:, 3].max(initial=0)) for line in line_boxes]
    outwards = np.column_stack((np.floor(boxes[:, :2] * FULL), np.ceil(boxes[:, 2:] * FULL))).astype(np.uint16)
    return ReadPage(replace(read.page, boxes=outwards), Lines(read.lines.spans, look))


def read_picture(picture: Picture, engines: OcrEngines, until: float) -> Upright:
    """Read a picture with the first engine; with the second what that was not sure of, the words or all of it."""
    first, *readers = [
        Tesseract(engines.language, until) if name is EngineName.TESSERACT else Rapid(until) for name in engines.names
    ]
    upright = read_upright(picture, first)
    for second in readers:
        if isinstance(second, Rapid) and upright.reading.confidence >= SURE:
            reading = _improved(upright.reading, turned(picture, upright.degrees), second)
            upright = replace(upright, reading=reading)
        else:
            with suppress(TimeoutError):
                upright = max(upright, read_upright(picture, second), key=lambda best: best.reading.strength)
    return upright


def _improved(reading: Reading, picture: Picture, engine: Rapid) -> Reading:
    """The reading with its uncertain words as the other engine reads them, where that is surer."""
    texts, confidences = list(reading.texts), reading.confidences.copy()
    for word in np.flatnonzero(confidences < UNCERTAIN)[:MOST_WORDS].tolist():
        left, top, right, bottom = reading.boxes[word].astype(int).tolist()
        margin = (bottom - top) // 4
        part = picture[max(top - margin, 0) : bottom + margin, max(left - margin, 0) : right + margin]
        text, confidence = engine.text(part) if part.size else ("", 0.0)
        if text and not any(map(str.isspace, text)) and confidence > max(confidences[word], SURE):
            texts[word], confidences[word] = text, confidence
    return replace(reading, texts=texts, confidences=confidences)


def _news(reading: Reading, boxes: NDArray[np.float64], own: Page, *, scan: bool) -> Reading:
    """The words that the page does not have as text; beside text, only lines that read like words.

    `boxes` are those of the words, in shares of the page.
    """
    if not len(own.spans):
        return reading
    recognised, drawn = boxes * FULL, own.boxes.astype(np.float64)
    same = _inside(recognised, drawn) | _inside(drawn, recognised).T  # a word with the dots of its leader holds it
    news = reading.take(same.sum(1) == 0)
    return news.take(of_words(news, scan=scan))


def _inside(boxes: NDArray[np.float64], areas: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell for each box, in which of the areas its centre lies."""
    x, y = (boxes[:, :2] + boxes[:, 2:]).T / 2
    inside: NDArray[np.bool_] = (
        (areas[:, :1] <= x) & (x <= areas[:, 2:3]) & (areas[:, 1:2] <= y) & (y <= areas[:, 3:])
    ).T
    return inside


def _glyphs(reading: Reading, size: tuple[int, int], own: Page) -> Glyphs:
    """The words as characters, each with its share of its word's box, a space or a newline between two words."""
    codes: list[int] = []
    traits: list[int] = []
    boxes: list[NDArray[np.float64]] = []
    beside = (1 << TRAITS.index(TraitKind.RECOGNISED)) if len(own.spans) else 0
    for word, text in enumerate(reading.texts):
        if word:
            codes.append(ord(" ") if reading.lines[word] == reading.lines[word - 1] else NEWLINE)
            traits.append(0)
            boxes.append(np.zeros((1, 4)))
        codes += map(ord, text)
        uncertain = reading.confidences[word] < UNCERTAIN
        traits += [beside | (uncertain << TRAITS.index(TraitKind.UNCERTAIN))] * len(text)
        x0, y0, x1, y1 = reading.boxes[word].tolist()
        edges = np.linspace(x0, x1, len(text) + 1)
        boxes.append(np.column_stack((edges[:-1], np.full(len(text), y0), edges[1:], np.full(len(text), y1))))
    shares = np.concatenate(boxes or [np.zeros((0, 4))]) / np.tile(size, 2)
    return Glyphs(
        codes=np.array(codes, np.uint32),
        boxes=shares.astype(np.float32),
        weights=np.zeros(len(codes), np.int32),
        traits=np.array(traits, np.uint8),
        width=own.width,
        height=own.height,
    )


def _joined(own: ReadPage, parts: Sequence[ReadPage], *, scan: bool) -> ReadPage:
    """The page's own text with what was recognised behind it; before it on a scan with a printed line at its foot."""
    reads = [read for read in (own, *parts) if len(read.page.spans)]
    if scan:
        reads.sort(key=lambda read: float(np.median(read.page.boxes[:, 1])))
    texts = [read.page.text.strip("\n") for read in reads]
    starts = np.cumsum([0, *(len(text) + len(PARAGRAPH) for text in texts)])[:-1].tolist()
    leads = [len(read.page.text) - len(read.page.text.lstrip("\n")) for read in reads]
    shifts = [start - lead for start, lead in zip(starts, leads, strict=True)]
    traits = [
        Trait(trait.kind, trait.start + shift, trait.end + shift)
        for read, shift in zip(reads, shifts, strict=True)
        for trait in read.page.traits
    ]
    recognised = not len(own.page.spans) or (scan and sum(len(part.page.text) for part in parts) >= FEW)
    page = replace(
        own.page,
        flag=Flag.OCR if recognised else own.page.flag,
        text=PARAGRAPH.join(texts),
        spans=np.concatenate([read.page.spans + shift for read, shift in zip(reads, shifts, strict=True)]),
        boxes=np.concatenate([read.page.boxes for read in reads]),
        traits=tuple(sorted(traits, key=lambda trait: (TRAITS.index(trait.kind), trait.start))),
    )
    spans = np.concatenate([read.lines.spans + shift for read, shift in zip(reads, shifts, strict=True)])
    return ReadPage(page, Lines(spans, np.concatenate([read.lines.look for read in reads])))
