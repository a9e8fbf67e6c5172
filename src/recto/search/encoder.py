"""Sentences to vectors: all-MiniLM-L6-v2 on onnxruntime, from a wheel of our own, no model hub, no torch."""

import hashlib
import importlib.util
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from recto.errors import EncoderProblem
from recto.search.recent_states import RecentStates
from recto.search.scales import scale_of
from recto.types import Floats

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

PASSAGE, QUESTION = 0, 1
MODEL, TOKENIZER = "model.onnx", "tokenizer.json"
# The model, the start of its weights' SHA-256, the arithmetic, and a version of graph and pooling: raise it when a
# change of either moves the vectors.
FINGERPRINT = "all-MiniLM-L6-v2-53aa51172d14-int8-v2"
DIMENSIONS = 384
MAX_TOKENS = 256  # the length the model was trained with: its sentence_bert_config.json
MAX_CHARACTERS = 10_000  # 256 tokens of English are some 1,200; without a cut a long text is tokenised whole
# Of texts that are read at once, with their padding: 8 texts of 25 tokens take a fifth less time than one after the
# other, for the weights are fetched once; beyond, what lies between two products no longer fits the cache.
RUN_TOKENS = 200
SILENT = 4  # onnxruntime's own log: fatal errors only, the rest arrives as exceptions


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """A package of data, found without an import."""

    package: str
    hint: str  # what installs it
    sha256: Mapping[str, str]  # of its files

    @property
    def installed(self) -> bool:
        """Whether it is there, if perhaps damaged."""
        return importlib.util.find_spec(self.package) is not None

    def verified(self) -> list[Path]:
        """The files. EncoderProblem if one is missing or damaged."""
        spec = importlib.util.find_spec(self.package)
        if spec is None or spec.origin is None:
            raise EncoderProblem(f"the sentence encoder is missing: there is no package {self.package}", hint=self.hint)
        paths = [Path(spec.origin).with_name(name) for name in self.sha256]
        for path in paths:
            try:
                with path.open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
            except OSError as error:
                raise EncoderProblem(f"{path}: {error.strerror}", hint=self.hint) from error
            if digest != self.sha256[path.name]:
                message = f"{path} is damaged or of another version: SHA-256 {digest}"
                raise EncoderProblem(message, hint=self.hint)
        return paths


class TokenizedText(NamedTuple):
    """A text as a model reads it; the first token and the last are special."""

    ids: list[int]
    spans: Sequence[tuple[int, int]]  # characters of the text, of each token


Tokenise = Callable[[str], TokenizedText]


class EncodedText(NamedTuple):
    """A text's vector (dimensions,), and its tokens' states (tokens, dimensions), each of length 1, and places."""

    vector: Floats
    states: Floats
    spans: Sequence[tuple[int, int]]  # characters of the text, of each token


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
        """One vector of length 1 for each token of each text, (tokens, dimensions), whatever stands beside it."""

    def token_spans(self, text: str, /) -> Sequence[tuple[int, int]]:
        """The characters that each of its states stands for."""

    def encode_query(self, text: str, /) -> EncodedText:
        """What `encode` and `states` give for this text by itself, from one run of the model."""


class OnnxEncoder:
    """A BERT of 384 dimensions on onnxruntime, whose graph takes token ids and gives the last hidden states."""

    dimensions = DIMENSIONS
    pad = 0  # the id that fills up the shorter texts of a run
    in_front: Sequence[str] = ("", "")  # what a passage and a question are to begin with, as the model was trained

    def __init__(self, model: Path, tokenise: Tokenise, *, threads: int, fingerprint: str) -> None:
        """Load a graph, which `fingerprint` names; `tokenise` is the model's tokenizer."""
        self._session = _session(model)
        self._tokenise = tokenise
        self._threads = threads
        self._recent = RecentStates()
        # TokenizedText of no text of ours: a special one and those in front; a special one stands last, too.
        self._lead = [len(tokenise(front).ids) - 1 for front in self.in_front]
        self.fingerprint = fingerprint

    def encode(self, texts: Sequence[str], /) -> Floats:
        """The mean of a text's token states, as the model was trained, at length 1."""
        vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
        for number, vector in self._run(texts, lambda states: states.mean(axis=0)):
            vectors[number] = vector
        return _unit(vectors)

    def states(self, texts: Sequence[str], /) -> list[Floats]:
        """The token states of the texts themselves.

        They hang on the text alone: those of a text that was read before, beside others, stand for it.
        """
        lead = self._lead[PASSAGE]
        states_of = {text: states for text in texts if (states := self._recent.states(text)) is not None}
        unread = [text for text in dict.fromkeys(texts) if text not in states_of]
        for number, states in self._run(unread, lambda states: states[lead:-1]):
            states_of[unread[number]] = self._recent.keep(unread[number], states)
        return [states_of[text] for text in texts]

    def token_spans(self, text: str, /) -> Sequence[tuple[int, int]]:
        """The characters that each of its states stands for."""
        return self._own_spans(self._tokens(text, PASSAGE), PASSAGE)

    def encode_query(self, text: str, /) -> EncodedText:
        """The mean of the token states, and the states of the text itself, all at length 1."""
        tokens = self._tokens(text, QUESTION)
        states = self._session.run(None, {"ids": self._padded([tokens.ids])})[0][:, 0]
        own = _unit(states[self._lead[QUESTION] : -1])
        return EncodedText(_unit(states.mean(axis=0)), own, self._own_spans(tokens, QUESTION))

    def _run(self, texts: Sequence[str], reduce: Callable[[Floats], Floats]) -> Iterator[tuple[int, Floats]]:
        """Every text's number and what its token states are reduced to.

        The batches are shared out among threads, which is faster than one batch at a time on all cores. The threads
        have the priority of whoever calls: one session serves questions, and the encoding that is to come after them.
        """
        ids = [self._tokens(text, PASSAGE).ids for text in texts]

        def run(numbers: list[int]) -> list[tuple[int, Floats]]:
            states = self._session.run(None, {"ids": self._padded([ids[number] for number in numbers])})[0]
            return [(number, reduce(states[: len(ids[number]), row])) for row, number in enumerate(numbers)]

        batches = _batches([len(tokens) for tokens in ids])
        with ThreadPoolExecutor(self._threads, "recto-encoder") as pool:
            for results in pool.map(run, batches) if len(batches) > 1 else map(run, batches):
                yield from results

    def release_memory(self) -> None:
        """Give back what large batches took: onnxruntime keeps it for the next one, some 50 MB."""
        import onnxruntime

        options = onnxruntime.RunOptions()
        options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        self._session.run(None, {"ids": self._padded([self._tokens("", PASSAGE).ids])}, options)

    def _tokens(self, text: str, kind: int) -> TokenizedText:
        return self._tokenise(self.in_front[kind] + _clean(text))

    def _own_spans(self, tokens: TokenizedText, kind: int) -> Sequence[tuple[int, int]]:
        front = len(self.in_front[kind])
        return [(start - front, end - front) for start, end in tokens.spans[self._lead[kind] : -1]]

    def _padded(self, ids: list[list[int]]) -> NDArray[np.int64]:
        """(texts, tokens) int64, filled up."""
        rows = np.full((len(ids), max(map(len, ids))), self.pad, np.int64)
        for row, tokens in zip(rows, ids, strict=True):
            row[: len(tokens)] = tokens
        return rows


WHEEL = Wheel(
    package="recto_pdf_minilm",  # built by packages/minilm
    hint="pip install --force-reinstall --no-deps recto-pdf-minilm==1.1.0",
    sha256={
        MODEL: "53ab0eaabad27012c538f3637c418aac4268e4fa4aec33d95c7f83d4e485c361",
        TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    },
)


class MiniLM(OnnxEncoder):
    """all-MiniLM-L6-v2, for English, and the words that other languages share with it."""

    def __init__(self, model: Path, tokenizer: Path, *, threads: int, fingerprint: str = FINGERPRINT) -> None:
        """Load an ONNX graph of the model, which `fingerprint` names, and its tokenizer."""
        from tokenizers import Tokenizer

        bert = Tokenizer.from_file(str(tokenizer))
        bert.no_padding()
        bert.enable_truncation(MAX_TOKENS)

        def tokenise(text: str) -> TokenizedText:
            encoding = bert.encode(text)  # one text at a time: a batch would start its own threads
            return TokenizedText(encoding.ids, encoding.offsets)

        super().__init__(model, tokenise, threads=threads, fingerprint=fingerprint)

    @classmethod
    def open(cls, *, threads: int) -> Self:
        """The model that came with recto. EncoderProblem if it is missing or damaged."""
        return cls(*WHEEL.verified(), threads=threads)


def products(left: Floats, right: Floats) -> Floats:
    """The products of each two rows, (n, m).

    Not numpy's: where it was imported before recto, its idle threads take tens of milliseconds to do one in 0.1 ms.
    """
    import simsimd

    if not (len(left) and len(right)):
        return np.zeros((len(left), len(right)), np.float32)
    return np.asarray(simsimd.cdist(left, right, "dot", out_dtype="float32"))


def similarities(encoder: Encoder, question: Floats, excerpts: Sequence[tuple[str, int, int]]) -> Floats:
    """For each excerpt and token of the question the largest cosine with a token of the excerpt, (n, tokens).

    On the usual scale. An excerpt is a text, read whole, and which of its characters count; 0 where it has no token.
    """
    texts = list(dict.fromkeys(text for text, _, _ in excerpts))
    line = scale_of(encoder.fingerprint).tokens
    cosines = {
        text: line.of(products(question, states)) for text, states in zip(texts, encoder.states(texts), strict=True)
    }
    parts = {text for text, start, end in excerpts if start or end < len(text)}
    spans_of = {text: encoder.token_spans(text) for text in parts}
    nearest = np.zeros((len(excerpts), len(question)), np.float32)
    for number, (text, start, end) in enumerate(excerpts):
        spans = spans_of[text] if start or end < len(text) else ()
        tokens = (
            [token for token, span in enumerate(spans) if span[0] < end and start < span[1]] if spans else slice(None)
        )
        if (within := cosines[text][:, tokens]).size:
            nearest[number] = within.max(axis=1)
    return nearest


def max_sim(question: Floats, text: Floats) -> float:
    """The mean over the question's tokens of the largest cosine with a token of the text; 0 if either has none."""
    if not len(question) or not len(text):
        return 0.0
    return float(products(question, text).max(axis=1).mean())


def _clean(text: str) -> str:
    """What the tokenizer takes: no more than it can use, and no lone surrogate, which is no UTF-8."""
    return text[:MAX_CHARACTERS].encode(errors="replace").decode()


def _session(model: Path) -> "InferenceSession":
    """A session that computes in the thread that calls it, with the priority of that thread."""
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = SILENT
    options.intra_op_num_threads = 1
    # By its path: bytes would stay in memory beside what is made of them, 22 MB more.
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """Numbers of texts, the shortest first, so that little is padded, and as many at once as RUN_TOKENS lets."""
    batches: list[list[int]] = []
    for number in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batches and (len(batches[-1]) + 1) * lengths[number] <= RUN_TOKENS:
            batches[-1].append(number)
        else:
            batches.append([number])
    return batches


def _unit(vectors: Floats) -> Floats:
    lengths: Floats = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / lengths
