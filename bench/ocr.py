"""How well pictures of text are read, by each engine: words found, words right, boxes in place, seconds of one core.

    python -m bench.ocr [--json FILE]

A page of five handbooks of `tests/data/languages` is drawn at 200 dots an inch, as it is, turned, laid askew and with
the noise of a bad copy, and three full pages of a guidance as they are; the text layer is the truth. `recall` and
`precision` count words, their punctuation aside; `overlap` is the mean of intersection over union of the boxes of the
words found. Tesseract reads with what data it has here, English at least; RapidOCR with its one model for Chinese,
Japanese and Latin scripts. `rapidocr as it comes` is RapidOCR's own way with the same models: its recogniser in
float32, and its own boxes of words.
"""

import argparse
import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2 as pdfium
from bench import provenance
from bench.samples import ROOT
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from recto.config import OcrMode
from recto.pdf import layout, native
from recto.pdf.recognition import engines, ocr, rapid
from recto.pdf.recognition.engines import EngineName, OcrEngines
from recto.pdf.recognition.reading import OcrWord, Picture, Reading
from recto.pdf.recognition.upright import Upright, read_upright
from recto.types import FULL, Page

RESULTS = ROOT / "bench" / "results" / "ocr.json"
HANDBOOKS = ROOT / "tests" / "data" / "languages"
LANGUAGES = ("de", "en", "es", "fr", "it")  # those that both engines know the letters of
PAGE = 1
FULL_PAGES = ROOT / "examples" / "fda-general-principles-software-validation.pdf", (10, 11, 12)
SKEW = 5  # degrees
BLUR, GRAIN = 0.8, 25  # dots; grey levels
LIMIT_S = 600
LONGEST_SIDE = 960  # dots in which RapidOCR by itself looks for lines
LIBRARIES = ("numpy", "onnxruntime", "opencv-python-headless", "pypdfium2", "rapidocr")
AS_IT_COMES = "rapidocr as it comes"
TRIALS = {
    "tesseract": (EngineName.TESSERACT,),
    AS_IT_COMES: (),
    "rapidocr": (EngineName.RAPIDOCR,),
    "auto": (EngineName.TESSERACT, EngineName.RAPIDOCR),
}

Word = tuple[str, NDArray[np.float64]]  # and its box in dots


def noised(picture: Image.Image) -> Image.Image:
    grain = np.random.default_rng(0).normal(0, GRAIN, picture.size[::-1])
    blurred = np.asarray(picture.filter(ImageFilter.GaussianBlur(BLUR)), np.float64)
    return Image.fromarray(np.clip(blurred + grain, 0, 255).astype(np.uint8))


STATES: dict[str, tuple[int, Callable[[Image.Image], Image.Image]]] = {
    "as it is": (0, lambda picture: picture),
    "upside down": (180, lambda picture: picture),
    "on its side": (90, lambda picture: picture),
    "askew": (SKEW, lambda picture: picture),
    "noised": (0, noised),
}


@cache
def rapidocr() -> Any:  # noqa: ANN401 - it comes without types where it is not installed
    """RapidOCR with the settings that cost least; by themselves they are 1.5 times as slow and find no more words."""
    from rapidocr import RapidOCR

    threads = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
    lines = {"Det.limit_side_len": LONGEST_SIDE, "Det.limit_type": "max", "Rec.rec_batch_num": 1}
    silent = {"Global.log_level": "critical"}
    return RapidOCR(params={**silent, "Global.use_cls": False, "Global.text_score": 0.0, **lines, **threads})


class AsItComes(rapid.Rapid):
    """RapidOCR by itself, its words where it says that they are."""

    def read(self, picture: Picture) -> Reading:
        result = rapidocr()(np.repeat(picture[:, :, None], 3, axis=2), return_word_box=True)
        if result.boxes is None:
            return Reading.of([])
        words = [word for strip in result.word_results for word in strip]
        corners = [np.array(points, np.float64) for _, _, points in words]
        return Reading.of(
            [
                OcrWord(text, 0, (*points.min(0), *points.max(0)), sure)
                for (text, sure, _), points in zip(words, corners, strict=True)
            ]
        )


def plain(text: str) -> str:
    return re.sub(r"\W+", "", text).lower()


def truth(page: Page, degrees: int, size: tuple[int, int], turned: tuple[int, int]) -> list[Word]:
    """The words of the page with their boxes in the picture, `size`, once that is turned clockwise, then `turned`."""
    angle = np.deg2rad(degrees)
    turn = np.array(((np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))))
    words = []
    for (start, end), box in zip(page.spans.tolist(), page.boxes / FULL * np.tile(size, 2), strict=True):
        corners = np.array([(x, y) for x in box[::2] for y in box[1::2]]) - np.array(size) / 2
        points = corners @ turn.T + np.array(turned) / 2
        if plain(page.text[start:end]):
            words.append((plain(page.text[start:end]), np.concatenate((points.min(0), points.max(0)))))
    return words


def read(picture: Picture, names: tuple[EngineName, ...]) -> Upright:
    until = time.monotonic() + LIMIT_S
    if not names:
        return read_upright(picture, AsItComes(until))
    language = engines.present(OcrMode.FAST, "eng").language
    return ocr.read_picture(picture, OcrEngines(names=names, language=language), until)


def recognised(picture: Picture, names: tuple[EngineName, ...]) -> list[Word]:
    best = read(picture, names)
    boxes = best.turned_back(best.reading.boxes.astype(np.float64), *picture.shape[::-1])
    return [(plain(text), box) for text, box in zip(best.reading.texts, boxes, strict=True) if plain(text)]


def overlap(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    low, high = np.maximum(first[:2], second[:2]), np.minimum(first[2:], second[2:])
    common = float(np.prod(np.maximum(high - low, 0)))
    union = float(np.prod(first[2:] - first[:2]) + np.prod(second[2:] - second[:2])) - common
    return common / max(union, 1e-9)


def compared(expected: list[Word], words: list[Word]) -> dict[str, float]:
    """Recall, precision, and how well the boxes of the same words lie."""
    hits = sum((Counter(text for text, _ in expected) & Counter(text for text, _ in words)).values())
    best = [max((overlap(box, near) for same, near in words if same == text), default=0.0) for text, box in expected]
    found = [share for share in best if share > 0]
    return {
        "recall": round(hits / max(len(expected), 1), 3),
        "precision": round(hits / max(len(words), 1), 3),
        "overlap": round(float(np.mean(found)) if found else 0.0, 2),
    }


def cpu_s() -> float:
    """Seconds of one core that this process and those that it waited for have used."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def measured(path: Path, number: int, states: Sequence[str]) -> dict[str, Any]:
    document = pdfium.PdfDocument(path)
    page = layout.arrange(number, native.glyphs(document, number)).page
    drawn = Image.fromarray(ocr.rendered(document, number))
    figures: dict[str, Any] = {}
    for state in states:
        degrees, change = STATES[state]
        picture = change(drawn).rotate(-degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
        expected = truth(page, degrees, drawn.size, picture.size)
        figures[state] = {}
        for trial, names in TRIALS.items():
            before = cpu_s()
            words = recognised(np.asarray(picture), names)
            figures[state][trial] = {**compared(expected, words), "cpu_s": round(cpu_s() - before, 2)}
        print(path.stem, state, figures[state], flush=True)
    document.close()
    return figures


def means(measurements: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The mean over measurements, by state and engine."""
    kinds = ("recall", "precision", "overlap", "cpu_s")
    return {
        state: {
            trial: {
                kind: round(float(np.mean([figures[state][trial][kind] for figures in measurements])), 3)
                for kind in kinds
            }
            for trial in TRIALS
        }
        for state in measurements[0]
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--json", type=Path, default=RESULTS, help=f"where figures go, else {RESULTS.relative_to(ROOT)}"
    )
    arguments = parser.parse_args()
    path, numbers = FULL_PAGES
    head = ocr.rendered(pdfium.PdfDocument(path), numbers[0])[:400]
    for names in TRIALS.values():  # the models are loaded
        recognised(head, names)
    full = [measured(path, number, ["as it is"]) for number in numbers]
    languages = {code: measured(HANDBOOKS / f"{code}.pdf", PAGE, list(STATES)) for code in LANGUAGES}
    figures = {
        "about": provenance.about(LIBRARIES),
        "full_pages": means(full),
        "means": means(list(languages.values())),
        "languages": languages,
    }
    arguments.json.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps({kind: figures[kind] for kind in ("full_pages", "means")}, indent=1))


if __name__ == "__main__":
    main()
