"""What a GGUF file says of its model, so that a file that cannot write is refused before it is loaded."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from recto.errors import ModelMissing, ModelUnusable
from recto.llm.gguf_head import PULL, read_head

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
# Measured peaks of three models of 98 to 491 MB, a prompt of 2,800 tokens read: these two on top of file, copies and
# cache come to 1.01 to 1.13 times of them.
BUFFERS, ENTRY = 70_000_000, 250  # bytes of the program and a batch; of a token or a merge of the vocabulary
TEMPLATE = "tokenizer.chat_template"


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
    name: str = ""  # as its makers call it
    licence: str = ""
    entries: int = 0  # of the vocabulary: tokens, and merges of them
    repacked: int = 0  # bytes of weights that are held twice

    def memory(self, context: int) -> int:
        """Bytes that loading takes with so many tokens of context: weights, some of them twice, cache, vocabulary."""
        cache = 2 * HALF * self.layers * self.heads * self.head * context
        return self.size + self.repacked + cache + self.entries * ENTRY + BUFFERS


def read(path: Path) -> Model:
    """Read a model's head. ModelMissing or ModelUnusable say why it cannot be used."""
    try:
        status = path.stat()
        return _read(path, status.st_size, status.st_mtime_ns)
    except FileNotFoundError as error:
        raise ModelMissing(f"{path}: there is no such model", hint=PULL) from error
    except OSError as error:
        raise ModelUnusable(f"{path}: cannot be read ({error.strerror})", hint=PULL) from error


def check_writes(metadata: Mapping[str, object], path: Path) -> None:
    """ModelUnusable if this is an encoder or a base model; a head that says nothing passes."""
    architecture = str(metadata.get("general.architecture", ""))
    if architecture in ENCODERS:
        raise ModelUnusable(f"{path}: a {architecture} model makes vectors, it cannot write", hint=PULL)
    if metadata and not any(key.startswith(TEMPLATE) for key in metadata):
        raise ModelUnusable(
            f"{path}: no chat template is in it: a base model, which goes on with a text and does not answer", hint=PULL
        )


@lru_cache(maxsize=64)
def _read(path: Path, size: int, _changed: int) -> Model:
    """Read a head, which takes some 0.2 s where the vocabulary is large: once, unless the file changes."""
    try:
        with path.open("rb") as file:
            head = read_head(file, path)
    except (struct.error, ValueError, OverflowError) as error:
        raise ModelUnusable(f"{path}: cut short or damaged in its head ({size} bytes)", hint=PULL) from error
    metadata = head.metadata
    architecture = str(metadata.get("general.architecture", ""))
    check_writes(metadata, path)

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
        name=str(metadata.get("general.name", "")),
        licence=str(metadata.get("general.license", "")),
        entries=head.entries,
        repacked=head.repacked,
    )
