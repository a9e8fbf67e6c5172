"""Tesseract, the program that reads pictures of text where it is installed: its languages, and what it reads."""

import csv
import io
import os
import re
import shutil
import subprocess
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recto.pdf.recognition.reading import OcrWord, Reading

TURNS = (0, 180, 90, 270)  # degrees clockwise, the likeliest first
LISTING_S = 10  # for the languages
DPI = 200  # what pictures are said to have: word recall .986 on clean scans
WORD_LEVEL = "5"  # of tesseract's table
DEBIAN = "tesseract-ocr"  # the package, and what the names of its languages' packages begin with
TWO_LETTERS = {  # ISO 639-1 codes of the languages most asked for, as tesseract names them
    "ar": "ara", "cs": "ces", "da": "dan", "de": "deu", "el": "ell", "en": "eng", "es": "spa", "fi": "fin", "fr": "fra",
    "he": "heb", "hi": "hin", "hu": "hun", "it": "ita", "ja": "jpn", "ko": "kor", "nl": "nld", "no": "nor", "pl": "pol",
    "pt": "por", "ro": "ron", "ru": "rus", "sv": "swe", "tr": "tur", "uk": "ukr", "zh": "chi_sim",
}  # fmt: skip
SCRIPTS = {  # tesseract's names of scripts as Debian's packages have them, by ISO 15924
    "arabic": "arab", "armenian": "armn", "bengali": "beng", "canadian_aboriginal": "cans", "cherokee": "cher",
    "cyrillic": "cyrl", "devanagari": "deva", "ethiopic": "ethi", "fraktur": "frak", "georgian": "geor",
    "greek": "grek", "gujarati": "gujr", "gurmukhi": "guru", "hangul": "hang", "hans": "hans", "hant": "hant",
    "hebrew": "hebr", "japanese": "jpan", "kannada": "knda", "khmer": "khmer", "lao": "laoo", "latin": "latn",
    "malayalam": "mlym", "myanmar": "mymr", "oriya": "orya", "sinhala": "sinh", "syriac": "syrc", "tamil": "taml",
    "telugu": "telu", "thaana": "thaa", "thai": "thai", "tibetan": "tibt", "vietnamese": "viet",
}  # fmt: skip

_turn = re.compile(rb"^Rotate: (\d+)$", re.MULTILINE)


def program() -> str | None:
    """The path of the tesseract program, None if it is not installed."""
    return shutil.which("tesseract")


def languages() -> list[str]:
    """The languages that tesseract can read here; none without the program, or if it fails."""
    path = program()
    if path is None:
        return []
    try:
        listing = subprocess.run([path, "--list-langs"], capture_output=True, timeout=LISTING_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return listing.stdout.decode("utf-8", "replace").splitlines()[1:]


def missing(language: str) -> list[str]:
    """Those of the languages of a setting such as `deu+eng` that are not there."""
    present = languages()
    return [code for code in codes(language) if code not in present]


def codes(language: str) -> list[str]:
    """The languages that a setting such as `deu+eng` names."""
    return [code.strip() for code in language.split("+") if code.strip()]


def package(code: str) -> str:
    """Debian's package of a language, as tesseract names it: chi_sim, deu, script/Latin."""
    kind, _, name = code.lower().rpartition("/")
    script, vertical, _ = name.partition("_vert")
    stem = f"script-{SCRIPTS.get(script, script)}" if kind else TWO_LETTERS.get(script, script)
    return f"{DEBIAN}-{stem}{vertical}".replace("_", "-")


def mend(missing: Sequence[str]) -> str:
    """The command that brings these languages, or the setting that names what is there."""
    bare = [] if program() else [DEBIAN]
    install = "apt-get install " + " ".join(dict.fromkeys([*bare, *map(package, missing)]))
    renamed = [f"{code} is called {TWO_LETTERS[code]}" for code in missing if code in TWO_LETTERS]
    return f"{install} (in RECTO_OCR_LANGUAGE {', '.join(renamed)})" if renamed else install


class Tesseract:
    """The program with its languages, for one page: `until` is the moment, by the monotonic clock, to give up at."""

    def __init__(self, language: str, until: float) -> None:
        self._language, self._until = language, until

    def read(self, picture: NDArray[np.uint8]) -> Reading:
        """Read a grey picture. TimeoutError, OSError or ValueError if the program fails."""
        table = self._output(picture, "-l", self._language, "tsv").decode("utf-8", "replace")
        words: list[OcrWord] = []
        line, before = -1, ("", "", "")
        for row in csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE):
            text = "".join((row.get("text") or "").split())
            if row["level"] == WORD_LEVEL and text:
                place = row["block_num"], row["par_num"], row["line_num"]
                line, before = line + (place != before), place
                x, y = float(row["left"]), float(row["top"])
                box = (x, y, x + float(row["width"]), y + float(row["height"]))
                words.append(OcrWord(text, line, box, float(row["conf"]) / 100))
        return Reading.of(words)

    def turns(self, picture: NDArray[np.uint8]) -> tuple[int, ...]:
        """By how many degrees clockwise the picture is to be turned; all, if there is too little to tell it by."""
        try:
            match = _turn.search(self._output(picture, "--psm", "0"))
        except ValueError:  # too few characters, or no data for it
            return TURNS
        return (int(match[1]),) if match else TURNS

    def _output(self, picture: NDArray[np.uint8], *arguments: str) -> bytes:
        rows, columns = picture.shape
        left_s = max(self._until - time.monotonic(), 0)
        try:
            done = subprocess.run(  # one thread: the pages run side by side already
                ["tesseract", "stdin", "stdout", "--dpi", str(DPI), *arguments],
                input=b"P5 %d %d 255\n" % (columns, rows) + np.ascontiguousarray(picture).tobytes(),
                capture_output=True,
                timeout=left_s,
                check=False,
                env={**os.environ, "OMP_THREAD_LIMIT": "1"},
            )
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(f"tesseract took longer than {left_s:.0f} s") from error
        if done.returncode:
            why = done.stderr.decode("utf-8", "replace").strip()
            raise ValueError(why or f"tesseract ended with {done.returncode}")
        return done.stdout
