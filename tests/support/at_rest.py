"""What a folder tells of documents to somebody who has the disk, and not the key: every byte of it is read."""

import re
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from support.pdfs import text_pdf

WORDS = ("zibeline", "quillwort", "farthingale")  # that nothing but the documents holds
NAME = f"{WORDS[0]}-ledger.pdf"
TEXT = f"The {WORDS[1]} of hall 3 moves 111 litres a minute.\nThe {WORDS[2]} burns two tons of coal a day."
PDF = text_pdf(*[f"{TEXT}\nSheet {number} of many." for number in range(20)])
QUESTION = f"How many litres does the {WORDS[1]} move?"
_ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
LONGEST = 1 << 18  # bytes that are unpacked at one place


def forms(*contents: bytes) -> list[bytes]:
    """What is looked for: the words in each case and encoding, and pieces of these contents, such as pictures."""
    cased = {spelling for word in WORDS for spelling in (word, word.upper(), word.title())}
    encoded = [word.encode(code) for word in cased for code in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le")]
    pieces = [content[at : at + 24] for content in contents for at in range(64, len(content) - 24, 499)]
    return [*encoded, *pieces]


def told(folder: Path, *contents: bytes) -> list[str]:
    """The files below a folder that hold any of it, or whose names do."""
    sought = Sought(forms(*contents))
    names = [path for path in folder.rglob("*") if any(word in path.name for word in WORDS)]
    files = [path for path in folder.rglob("*") if path.is_file()]
    return sorted({*map(str, names), *(str(path) for path in files if _tells(path, sought))})


class Sought:
    """What is looked for, all at once: first by two bytes that it begins with."""

    def __init__(self, forms: list[bytes]) -> None:
        self._begins = np.zeros(1 << 16, bool)
        self._begins[[int.from_bytes(form[:2], "big") for form in forms]] = True
        self._by_length = {size: {form for form in forms if len(form) == size} for size in set(map(len, forms))}

    def stands_in(self, content: bytes) -> bool:
        """Whether any of it is a part of the content."""
        data = np.array(bytearray(content), np.uint16)
        starts = np.flatnonzero(self._begins[data[:-1] << 8 | data[1:]]).tolist()
        sizes = self._by_length.items()
        return any(content[start : start + size] in forms for start in starts for size, forms in sizes)


def _tells(path: Path, sought: Sought) -> bool:
    try:
        data = path.read_bytes()
    except FileNotFoundError:  # meanwhile
        return False
    return any(map(sought.stands_in, (data, *_unpacked(data))))


def _unpacked(data: bytes) -> Iterator[bytes]:
    for match in _ZLIB.finditer(data):
        try:
            yield zlib.decompressobj().decompress(data[match.start() : match.start() + LONGEST], LONGEST)
        except zlib.error:
            continue
