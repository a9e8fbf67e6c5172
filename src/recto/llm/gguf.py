"""What a GGUF file says of its model, read from its head, so that a file that cannot write is refused before loading.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import struct
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from recto.errors import ModelMissing, ModelUnusable

MAGIC = b"GGUF"
VERSIONS = (2, 3)
PULL = "recto models pull default"
STRING, ARRAY = 8, 9
SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
LONGEST = 1 << 20  # bytes of a string; chat templates have some thousands
# Architectures that llama.cpp loads for embeddings only.
ENCODERS = (
    "bert",
    "nomic-bert",
    "nomic-bert-moe",
    "jina-bert-v2",
    "jina-bert-v3",
    "modern-bert",
    "neo-bert",
    "t5encoder",
)
HALF = 2  # bytes of a number in the cache
# Above the file: buffers of a batch, and repacked copies of weights beside the mapped ones (0.78 of 0.81 GB, measured).
REPACKED, BUFFERS = 0.95, 150 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model's file. Counts are 0 where the head does not say."""

    path: Path
    size: int  # bytes
    architecture: str
    layers: int
    heads: int  # that keep keys and values
    head: int  # width of one
    context: int  # tokens it was trained for

    def memory(self, context: int) -> int:
        """Bytes that loading takes, at most, with so many tokens of context: weights twice, cache, buffers."""
        cache = 2 * HALF * self.layers * self.heads * self.head * context
        return int(self.size * (1 + REPACKED)) + cache + BUFFERS


def read(path: Path) -> Model:
    """Read a model's head. ModelMissing or ModelUnusable say why it cannot be used."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            metadata = _metadata(file, path)
    except FileNotFoundError as error:
        raise ModelMissing(f"{path}: there is no such model", hint=PULL) from error
    except OSError as error:
        raise ModelUnusable(f"{path}: cannot be read ({error.strerror})", hint=PULL) from error
    except (struct.error, ValueError, OverflowError) as error:
        raise ModelUnusable(f"{path}: cut short or damaged in its head ({size} bytes)", hint=PULL) from error
    architecture = str(metadata.get("general.architecture", ""))
    if architecture in ENCODERS:
        raise ModelUnusable(f"{path}: a {architecture} model makes vectors, it cannot write", hint=PULL)

    def count(name: str) -> int:
        value = metadata.get(f"{architecture}.{name}", 0)
        return value if isinstance(value, int) else 0

    heads = count("attention.head_count")
    return Model(
        path=path,
        size=size,
        architecture=architecture,
        layers=count("block_count"),
        heads=count("attention.head_count_kv") or heads,
        head=count("attention.key_length") or (count("embedding_length") // heads if heads else 0),
        context=count("context_length"),
    )


def _metadata(file: BinaryIO, path: Path) -> dict[str, object]:
    """The scalars and strings that stand before the tokenizer's tables, which are long and not needed."""
    magic = file.read(4)
    if magic != MAGIC:
        raise ModelUnusable(f"{path}: no GGUF file, it begins with {magic!r}", hint=PULL)
    (version,) = _unpack(file, "I")
    if version not in VERSIONS:
        raise ModelUnusable(
            f"{path}: GGUF version {version}, known are {VERSIONS}", hint="pip install -U 'recto-pdf[llama]'"
        )
    _, count = _unpack(file, "QQ")
    metadata: dict[str, object] = {}
    for _ in range(count):
        key = _string(file)
        (kind,) = _unpack(file, "I")
        if kind == STRING:
            metadata[key] = _string(file)
        elif kind == ARRAY and key.startswith("tokenizer."):
            break
        elif kind == ARRAY:
            kind, length = _unpack(file, "IQ")
            if kind == STRING:
                deque((_string(file) for _ in range(length)), maxlen=0)
            else:
                file.seek(length * struct.calcsize(SCALARS.get(kind, "Q")), 1)
        elif kind in SCALARS:
            (metadata[key],) = _unpack(file, SCALARS[kind])
        else:
            raise struct.error(f"unknown type {kind}")
    return metadata


def _string(file: BinaryIO) -> str:
    (length,) = _unpack(file, "Q")
    if length > LONGEST:
        raise struct.error(f"a string of {length} bytes")
    text = file.read(length)
    if len(text) < length:
        raise struct.error("the file ends")
    return text.decode()


def _unpack(file: BinaryIO, form: str) -> tuple[int, ...]:
    form = "<" + form
    return struct.unpack(form, file.read(struct.calcsize(form)))
