"""Sentences to vectors: all-MiniLM-L6-v2 on onnxruntime, from a wheel of our own, no model hub, no torch."""

import hashlib
import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol, Self

import numpy as np

from recto.errors import EncoderProblem
from recto.types import Floats

PACKAGE = "recto_pdf_minilm"  # built by packages/minilm
HINT = "pip install --force-reinstall --no-deps recto-pdf-minilm==1.0.0"
MODEL, TOKENIZER = "model.onnx", "tokenizer.json"
SHA256 = {
    MODEL: "dfdb7a45c4075b1100e5fac5d2e713e5fdaba8441e8fe1d67387a5cde7b776a6",
    TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
# The model, the start of its weights' SHA-256, the arithmetic, and a version of graph and pooling: raise it when a
# change of either moves the vectors.
FINGERPRINT = "all-MiniLM-L6-v2-53aa51172d14-int8-v1"
DIMENSIONS = 384
MAX_TOKENS = 256  # the length the model was trained with: its sentence_bert_config.json
MAX_CHARACTERS = 10_000  # 256 tokens of English are some 1,200; without a cut a long text is tokenised whole
BATCH = 4  # 16 texts at once take a sixth more time, for want of cache, and 170 MB more memory
SILENT = 4  # onnxruntime's own log: fatal errors only, the rest arrives as exceptions


class EncodedText(NamedTuple):
    """A text's vector (dimensions,) and the vectors of its tokens (tokens, dimensions), each of length 1."""

    vector: Floats
    states: Floats


class Encoder(Protocol):
    """What turns texts into vectors."""

    @property
    def fingerprint(self) -> str:
        """Names everything that decides the vectors; those of different fingerprints cannot be compared."""

    @property
    def dimensions(self) -> int:
        """The length of a vector."""

    def encode(self, texts: Sequence[str], /) -> Floats:
        """One vector for each text, (n, dimensions), of length 1."""

    def states(self, texts: Sequence[str], /) -> list[Floats]:
        """One vector of length 1 for each token of each text, (tokens, dimensions)."""

    def encode_query(self, text: str, /) -> EncodedText:
        """What `encode` and `states` give for this text by itself, from one run of the model."""


class MiniLM:
    """all-MiniLM-L6-v2."""

    dimensions = DIMENSIONS

    def __init__(self, model: Path, tokenizer: Path, *, threads: int, fingerprint: str = FINGERPRINT) -> None:
        """Load an ONNX graph of the model, which `fingerprint` names, and its tokenizer."""
        import onnxruntime
        from tokenizers import Tokenizer

        onnxruntime.disable_telemetry_events()
        options = onnxruntime.SessionOptions()
        options.log_severity_level = SILENT
        options.intra_op_num_threads = threads
        # Waiting threads leave the core alone.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # By its path: bytes would stay in memory beside what is made of them, 22 MB more.
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self.fingerprint = fingerprint

    @classmethod
    def open(cls, *, threads: int) -> Self:
        """The model that came with recto. EncoderProblem if it is missing or damaged."""
        return cls(_verified(MODEL), _verified(TOKENIZER), threads=threads)

    def encode(self, texts: Sequence[str], /) -> Floats:
        """The mean of a text's token states, as the model was trained, at length 1."""
        vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
        for number, states in self._run(texts):
            vectors[number] = states.mean(axis=0)
        return _unit(vectors)

    def states(self, texts: Sequence[str], /) -> list[Floats]:
        """The token states without those of the two special tokens, which stand first and last."""
        states = dict(self._run(texts))
        return [_unit(states[number][1:-1]) for number in range(len(texts))]

    def encode_query(self, text: str, /) -> EncodedText:
        """The mean of the token states, and the states without those of the two special tokens, all at length 1."""
        ((_, states),) = self._run([text])
        return EncodedText(_unit(states.mean(axis=0)), _unit(states[1:-1]))

    def _run(self, texts: Sequence[str]) -> Iterator[tuple[int, Floats]]:
        """Every text's number and token states, in batches of like length so that little is padded."""
        # One text at a time: a batch would start the tokenizer's own threads. A lone surrogate is no UTF-8.
        clean = [text[:MAX_CHARACTERS].encode(errors="replace").decode() for text in texts]
        ids = [self._tokenizer.encode(text).ids for text in clean]
        order = sorted(range(len(ids)), key=lambda number: len(ids[number]))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            padded = np.zeros((len(batch), len(ids[batch[-1]])), np.int64)  # 0 is the id of [PAD]
            for row, number in zip(padded, batch, strict=True):
                row[: len(ids[number])] = ids[number]
            states = self._session.run(None, {"ids": padded})[0]
            for number, rows in zip(batch, states, strict=True):
                yield number, rows[: len(ids[number])]


def max_sim(question: Floats, sentence: Floats) -> float:
    """The mean over the question's tokens of the largest cosine with a token of the sentence; 0 if either has none."""
    if not len(question) or not len(sentence):
        return 0.0
    return float((question @ sentence.T).max(axis=1).mean())


def _verified(name: str) -> Path:
    """One of the package's files."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EncoderProblem(f"the sentence encoder is missing: there is no package {PACKAGE}", hint=HINT)
    path = Path(spec.origin).with_name(name)
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise EncoderProblem(f"{path}: {error.strerror}", hint=HINT) from error
    if digest != SHA256[name]:
        raise EncoderProblem(f"{path} is damaged or of another version: SHA-256 {digest}", hint=HINT)
    return path


def _unit(vectors: Floats) -> Floats:
    lengths: Floats = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / lengths
