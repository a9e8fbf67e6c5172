"""Scanned pages: a picture of the page through tesseract, if it is installed, back as characters with boxes."""

import csv
import io
import os
import shutil
import subprocess

import numpy as np
import pypdfium2 as pdfium

from recto.pdf.layout import Lines, ReadPage, blank_page
from recto.types import FULL, Flag, Page, UInt32s

DPI = 200  # word recall .986 on clean scans at this resolution
MOST_PIXELS = 16_000_000  # a page of 2 x 2 m must not fill the memory
LIMIT_S = 60  # for one page; about 3 s is usual
FLAT = 32  # grey levels between the darkest and the lightest dot: less is an empty page
WORD_LEVEL = "5"  # of tesseract's table


def available() -> str | None:
    """The path of the tesseract program, None if it is not installed."""
    return shutil.which("tesseract")


def read(document: pdfium.PdfDocument, number: int, language: str) -> ReadPage:
    """Recognise one page. TimeoutError, OSError or ValueError if tesseract fails."""
    page = document[number]
    width, height = page.get_size()
    scale = min(DPI / 72, (MOST_PIXELS / max(width * height, 1)) ** 0.5)
    bitmap = page.render(scale=scale, grayscale=True, may_draw_forms=True)
    picture = bitmap.to_numpy().reshape(bitmap.height, -1)[:, : bitmap.width]
    page.close()
    words = _recognise(picture, language) if np.ptp(picture) > FLAT else []
    if not words:
        return blank_page(number, width, height)
    pixels = np.array([word[2:] for word in words], np.float64)
    shares = np.clip(pixels / np.tile((bitmap.width, bitmap.height), 2), 0, 1)
    text, spans, lines = _laid_out(words, shares)
    recognised = Page(
        number=number,
        width=width,
        height=height,
        flag=Flag.OCR,
        text=text,
        spans=spans,
        boxes=np.column_stack((np.floor(shares[:, :2] * FULL), np.ceil(shares[:, 2:] * FULL))).astype(np.uint16),
    )
    return ReadPage(recognised, lines)


Word = tuple[tuple[str, str, str], str, int, int, int, int]  # line key, text, x0, y0, x1, y1 in pixels


def _recognise(picture: np.ndarray, language: str) -> list[Word]:
    rows, columns = picture.shape
    command = ["tesseract", "stdin", "stdout", "-l", language, "--dpi", str(DPI), "tsv"]
    try:
        done = subprocess.run(  # one thread: the pages run side by side already
            command,
            input=b"P5 %d %d 255\n" % (columns, rows) + np.ascontiguousarray(picture).tobytes(),
            capture_output=True,
            timeout=LIMIT_S,
            check=False,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
    except subprocess.TimeoutExpired as error:
        raise TimeoutError(f"tesseract took longer than {LIMIT_S} s") from error
    if done.returncode:
        raise ValueError(done.stderr.decode("utf-8", "replace").strip() or f"tesseract ended with {done.returncode}")
    words = []
    table = io.StringIO(done.stdout.decode("utf-8", "replace"))
    for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE):
        text = "".join((row.get("text") or "").split())
        if row["level"] != WORD_LEVEL or not text:
            continue
        x0, y0 = int(row["left"]), int(row["top"])
        line = (row["block_num"], row["par_num"], row["line_num"])
        words.append((line, text, x0, y0, x0 + int(row["width"]), y0 + int(row["height"])))
    return words


def _laid_out(words: list[Word], shares: np.ndarray) -> tuple[str, UInt32s, Lines]:
    """The words as text, a newline between lines; where each stands in it; and the lines."""
    text, spans = "", []
    for i, word in enumerate(words):
        if i:
            text += " " if words[i - 1][0] == word[0] else "\n"
        spans.append((len(text), len(text) + len(word[1])))
        text += word[1]
    starts = [i for i in range(len(words)) if i == 0 or words[i - 1][0] != words[i][0]]
    ends = [*starts[1:], len(words)]
    groups = list(zip(starts, ends, strict=True))
    look = [(shares[a:b, 1].min(), shares[a:b, 3].max(), np.median(np.diff(shares[a:b, 1::2])), 0) for a, b in groups]
    line_spans = np.array([(spans[a][0], spans[b - 1][1]) for a, b in groups], np.uint32)
    return text, np.array(spans, np.uint32), Lines(line_spans, np.array(look, np.float32))
