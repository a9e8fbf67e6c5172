"""RapidOCR, which reads pictures of text without a system package: PP-OCRv6 models that its wheel carries."""

import importlib.util
import time
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recto.pdf.boxes import level
from recto.pdf.recognition.reading import OcrWord, Picture, Reading

PACKAGE = "rapidocr"
INSTALL = "pip install 'recto-pdf[ocr]'"
DETECTION, RECOGNITION = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"
LONGEST_SIDE = 960  # dots in which lines are looked for; on more, no more words were found
QUARTER = 0.5  # share of the boxes that are higher than wide: from here on the picture lies on its side
LEVEL_SHARE = 0.5  # of the lower of two boxes: those that overlap by more are on one line


def available() -> bool:
    """Whether RapidOCR is installed together with its models."""
    spec = importlib.util.find_spec(PACKAGE)
    return spec is not None and all(path.is_file() for path in _models(spec.submodule_search_locations or []))


def _models(folders: list[str]) -> list[Path]:
    return [Path(folder, "models", name) for folder in folders for name in (DETECTION, RECOGNITION)]


@cache
def _engine() -> Any:  # noqa: ANN401 - RapidOCR comes without types where it is not installed
    from rapidocr import RapidOCR

    spec = importlib.util.find_spec(PACKAGE)
    assert spec is not None
    detection, recognition = map(str, _models(list(spec.submodule_search_locations or [])))
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.text_score": 0.0,  # what is uncertain is told, not left out
            "Global.use_cls": False,  # which way up is found once a page, not once a line
            "Det.model_path": detection,  # named: it fetches what it does not find
            "Rec.model_path": recognition,
            "Det.limit_side_len": LONGEST_SIDE,
            "Det.limit_type": "max",
            "Rec.rec_batch_num": 1,  # a batch is padded to its longest line, and on one core saves nothing
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


class Rapid:
    """The models, loaded once a process, for one page: `until` is the moment, by the monotonic clock, to give up at."""

    def __init__(self, until: float) -> None:
        self._until = until

    def read(self, picture: Picture) -> Reading:
        """Read a grey picture whose lines are level; nothing if it lies on its side. ValueError if RapidOCR fails."""
        if time.monotonic() > self._until:
            raise TimeoutError("RapidOCR took too long")
        result = _result(picture, return_word_box=True, return_single_char_box=True)
        if _on_its_side(result.boxes):
            return Reading.of([])
        quads = np.asarray(result.boxes, np.float64)
        strips = zip(_lines(quads), result.txts, quads, result.word_results, result.scores, strict=True)
        return Reading.of([word for line, *strip in strips for word in _words(line, *strip)])

    def turns(self, picture: Picture) -> tuple[int, ...]:
        """By how many degrees clockwise the picture may have to be turned, the likeliest first.

        Lines are found whichever way they run: a picture without any need not be turned at all.
        """
        boxes = _result(picture, use_rec=False).boxes
        if boxes is None or not len(boxes):
            return ()
        return (90, 270) if _on_its_side(boxes) else (0, 180)

    def text(self, picture: Picture) -> tuple[str, float]:
        """Read the picture of one word, or of a few on one line: its text and how sure that is."""
        result = _result(picture, use_det=False, return_word_box=False)
        return (str(result.txts[0]), float(result.scores[0])) if result.txts else ("", 0.0)


def _result(picture: Picture, *, use_det: bool = True, use_rec: bool = True, **options: bool) -> Any:  # noqa: ANN401 - see _engine
    colours = np.repeat(picture[:, :, None], 3, axis=2)
    try:
        return _engine()(colours, use_det=use_det, use_rec=use_rec, **options)
    except Exception as error:
        raise ValueError(f"RapidOCR failed: {error}") from error


def _on_its_side(boxes: Any) -> bool:  # noqa: ANN401 - see _engine
    """Whether most lines run down the picture, or there are none."""
    if boxes is None or not len(boxes):
        return True
    sizes = np.ptp(np.asarray(boxes), axis=1)
    return bool(np.mean(sizes[:, 1] > sizes[:, 0]) > QUARTER)


def _lines(quads: NDArray[np.float64]) -> list[int]:
    """The number of the line of each box (n, 4, 2); boxes side by side are on one, as the cells of a row are."""
    boxes = np.column_stack((quads.min(1), quads.max(1)))
    heights = boxes[:, 3] - boxes[:, 1]
    onward = boxes[1:, 0] >= boxes[:-1, 2] - np.minimum(heights[1:], heights[:-1])
    starts = ~level(boxes[:-1], boxes[1:], LEVEL_SHARE) | ~onward
    return [0, *np.cumsum(starts).tolist()]


def _words(
    line: int, text: str, quad: NDArray[np.float64], characters: Sequence[Any], score: float
) -> Iterator[OcrWord]:
    """The words of one strip; `characters` are its text, confidence and corners for each character that has ink."""
    inked = [character for character in text if not character.isspace()]
    if [character for character, _, _ in characters] != inked:  # its own account does not fit: shares of the strip
        yield OcrWord("".join(inked), line, (*quad.min(0), *quad.max(0)), score)
        return
    at = 0
    for word in text.split():
        corners = np.array([points for _, _, points in characters[at : at + len(word)]], np.float64).reshape(-1, 2)
        sure = sum(confidence for _, confidence, _ in characters[at : at + len(word)]) / len(word)
        yield OcrWord(word, line, (*corners.min(0), *corners.max(0)), float(sure))
        at += len(word)
