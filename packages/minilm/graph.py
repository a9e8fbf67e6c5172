"""all-MiniLM-L6-v2 as an ONNX graph, from its safetensors file alone: token ids in, the last hidden states out.

A BERT of 6 layers (Devlin et al., 2019). No torch, no exporter: the weights are read by hand, and the methods below
say which operation follows which.
"""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Floats = NDArray[np.float32]

WIDTH, HEADS, EPSILON = 384, 12, 1e-12  # the model's config.json
MAX_TOKENS = 256  # the length it was trained with: its sentence_bert_config.json
PAD = 0  # the id of [PAD], the only token that attention leaves out
MASKED = -1e9  # added to a score, leaves nothing of it after softmax
OPSET, IR = 20, 9  # the first opset with Gelu, and the file format that goes with it
MICROSOFT = "com.microsoft"  # the operations that onnxruntime has beside those of ONNX
ROW_LEVELS = 127  # int8
# x86 processors without VNNI add two products of uint8 and int8 in 16 bits: 2 * 255 * 64 just fits, 127 overflows.
# Costs .001 of mean cosine against 127.
MATRIX_LEVELS = 64


class Range(NamedTuple):
    """The numbers that uint8 stands for; what lies beyond is cut to it."""

    least: float
    greatest: float

    @property
    def scale(self) -> np.float32:
        """How far two neighbours of the 256 are apart."""
        return np.float32((self.greatest - self.least) / 255)

    @property
    def zero(self) -> np.uint8:
        """Which of the 256 stands for 0."""
        return np.uint8(round(-self.least / float(self.scale)))


class Dense(NamedTuple):
    """A layer's matrix, (in, out), and its bias."""

    matrix: Floats
    bias: Floats


class Ranges(NamedTuple):
    """Of what a layer multiplies, as they came out in float32 of 100 passages of this project's PDFs.

    They hardly depend on the text, for the outermost numbers are those of [CLS]. Measured in each run, as onnxruntime's
    DynamicQuantizeLinear does, they take more time, and a text's states would depend on the texts beside it.
    """

    states: Range  # that enter the layer
    mixed: Range  # by attention
    attended: Range  # states after attention
    loud: dict[int, int]  # neurons that [CLS] drives far beyond QUIET, and how often they go beyond it


LAYER_RANGES = (
    Ranges(Range(-2.8, 6.4), Range(-3.4, 2.4), Range(-6.5, 28.6), {856: 4}),
    Ranges(Range(-4.9, 8.2), Range(-2.8, 2.7), Range(-6.6, 30.4), {607: 3}),
    Ranges(Range(-5.0, 8.0), Range(-2.6, 2.5), Range(-12.8, 27.8), {218: 2, 1004: 2}),
    Ranges(Range(-5.1, 9.7), Range(-2.8, 2.6), Range(-13.8, 28.9), {358: 2}),
    Ranges(Range(-6.0, 10.6), Range(-2.7, 2.5), Range(-12.9, 21.7), {}),
    Ranges(Range(-5.6, 9.9), Range(-2.9, 3.0), Range(-12.7, 13.1), {}),
)
QUIET = Range(-0.17, 6.0)  # from the least value of Gelu to where all but the loud neurons of a layer end


def build(weights: Path, *, int8: bool) -> bytes:
    """The model, serialised. int8 keeps one scale for each row of the word table and column of a matrix."""
    return Graph(_read(weights), int8).built(LAYER_RANGES)


def _read(path: Path) -> dict[str, Floats]:
    """A safetensors file: 8 bytes of header length, a JSON header, then raw little-endian arrays."""
    data = path.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    return {name: _array(data, start, entry) for name, entry in header.items() if entry.get("dtype") == "F32"}


def _array(data: bytes, start: int, entry: dict[str, list[int]]) -> Floats:
    shape = entry["shape"]
    flat = np.frombuffer(data, "<f4", count=math.prod(shape), offset=start + entry["data_offsets"][0])
    return flat.reshape(shape)


class Graph:
    """Nodes and constants in order; each method adds some and returns the name of its result."""

    name, pad, max_tokens = "MiniLM", PAD, MAX_TOKENS

    def __init__(self, weights: dict[str, Floats], int8: bool) -> None:
        self._weights = weights
        self._int8 = int8
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def built(self, layers: Sequence[Ranges]) -> bytes:
        """The model, serialised: the layers with these ranges, one upon the other."""
        states = self.embedded("ids")
        padding = self.padding("ids")
        for number, ranges in enumerate(layers):
            states = self.layer(f"encoder.layer.{number}", states, padding, ranges)
        return self.serialised(states)

    def serialised(self, states: str) -> bytes:
        ids = helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "tokens"])
        result = helper.make_tensor_value_info(states, TensorProto.FLOAT, ["tokens", "batch", WIDTH])
        graph = helper.make_graph(self._nodes, self.name, [ids], [result], self._constants)
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR)
        return bytes(model.SerializeToString())

    def op(self, kind: str, *inputs: str, domain: str = "", **attributes: float | str | tuple[int, ...]) -> str:
        name = f"n{len(self._nodes)}"
        node = helper.make_node(kind, inputs, [name], domain=domain)
        node.attribute.extend(helper.make_attribute(key, value) for key, value in attributes.items())
        self._nodes.append(node)
        return name

    def constant(self, value: NDArray[np.generic] | np.generic) -> str:
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def whole(self, *values: int) -> str:
        return self.constant(np.array(values, np.int64))

    def real(self, value: float) -> str:
        return self.constant(np.float32(value))

    def embedded(self, ids: str) -> str:
        """Word row + position row; the row of the one token type in use is added to the positions beforehand."""
        position, kind = (
            self._weights[f"embeddings.{table}_embeddings.weight"] for table in ("position", "token_type")
        )
        length = self.op("Shape", ids, start=1, end=2)
        # A slice, because onnxruntime 1.31 rewrites Range + Gather into something that fails at run time.
        positions = self.constant((position[: self.max_tokens] + kind[0])[:, None])
        used = self.op("Slice", positions, self.whole(0), length, self.whole(0))
        words = self.rows(self.op("Transpose", ids, perm=(1, 0)))
        return self.norm("embeddings.LayerNorm", self.op("Add", words, used))

    def rows(self, ids: str) -> str:
        table = self._weights["embeddings.word_embeddings.weight"]
        if not self._int8:
            return self.op("Gather", self.constant(table), ids)
        small, scales = _quantised(table, axis=1, levels=ROW_LEVELS)
        rows = self.op("Cast", self.op("Gather", self.constant(small), ids), to=TensorProto.FLOAT)
        return self.op("Mul", rows, self.op("Gather", self.constant(scales), ids))

    def padding(self, ids: str) -> str:
        """What to add to attention scores, (batch, 1, 1, tokens)."""
        padded = self.op("Cast", self.op("Equal", ids, self.whole(self.pad)), to=TensorProto.FLOAT)
        return self.op("Unsqueeze", self.op("Mul", padded, self.real(MASKED)), self.whole(1, 2))

    def layer(self, name: str, states: str, padding: str, ranges: Ranges) -> str:
        attended = self.attention(f"{name}.attention", states, padding, ranges)
        # Not SkipLayerNormalization, which is both in one: on a CPU it takes three times as long.
        states = self.norm(f"{name}.attention.output.LayerNorm", self.op("Add", attended, states))
        wide, narrow = self.dense(f"{name}.intermediate.dense"), self.dense(f"{name}.output.dense")
        if self._int8:
            wide, narrow = _with_copies(wide, narrow, ranges.loud)
        (neurons,) = self.products(states, ranges.attended, wide)
        # By tanh, which is off by .0005 at most and takes two thirds of the time of erf.
        (back,) = self.products(self.op("Gelu", neurons, approximate="tanh"), QUIET, narrow)
        return self.norm(f"{name}.output.LayerNorm", self.op("Add", back, states))

    def attention(self, name: str, states: str, padding: str, ranges: Ranges) -> str:
        parts = [self.dense(f"{name}.self.{part}") for part in ("query", "key", "value")]
        query, key, value = (
            self.op("Reshape", product, self.whole(0, 0, HEADS, WIDTH // HEADS))
            for product in self.products(states, ranges.states, *parts)
        )
        # transBatch reads (tokens, batch, heads, width) as (batch, heads, tokens, width), without a copy.
        scores = self.matmul(query, key, alpha=(WIDTH // HEADS) ** -0.5, transBatchA=1, transBatchB=1, transB=1)
        shares = self.op("Softmax", self.op("Add", scores, padding), axis=-1)
        mixed = self.op("Transpose", self.matmul(shares, value, transBatchB=1), perm=(2, 0, 1, 3))
        rows = self.op("Reshape", mixed, self.whole(0, 0, WIDTH))
        return self.products(rows, ranges.mixed, self.dense(f"{name}.output.dense"))[0]

    def matmul(self, left: str, right: str, **attributes: float) -> str:
        return self.op("FusedMatMul", left, right, domain=MICROSOFT, **attributes)

    def dense(self, name: str) -> Dense:
        return Dense(self._weights[f"{name}.weight"].T, self._weights[f"{name}.bias"])

    def products(self, states: str, span: Range, *layers: Dense) -> list[str]:
        """The states times the matrix of each layer, plus its bias; in int8 the states are quantised once for all."""
        if not self._int8:
            sums = [self.op("MatMul", states, self.constant(layer.matrix)) for layer in layers]
            return [self.op("Add", total, self.constant(layer.bias)) for total, layer in zip(sums, layers, strict=True)]
        scale, zero = self.constant(span.scale), self.constant(span.zero)
        small = self.op("QuantizeLinear", states, scale, zero)
        return [self.product_int8(small, scale, zero, layer) for layer in layers]

    def product_int8(self, states: str, scale: str, zero: str, layer: Dense) -> str:
        small, scales = _quantised(layer.matrix, axis=0, levels=MATRIX_LEVELS)
        matrix, columns, bias = self.constant(small), self.constant(scales.ravel()), self.constant(layer.bias)
        return self.op("MatMulIntegerToFloat", states, matrix, scale, columns, zero, "", bias, domain=MICROSOFT)

    def norm(self, name: str, states: str) -> str:
        scale, shift = (self.constant(self._weights[f"{name}.{part}"]) for part in ("weight", "bias"))
        return self.op("LayerNormalization", states, scale, shift, epsilon=EPSILON)


def _with_copies(wide: Dense, narrow: Dense, loud: dict[int, int]) -> tuple[Dense, Dense]:
    """The two layers with copies of the loud neurons, each of which begins where the one before it is cut.

    Together they say what the neuron would, 20 as 6 + 6 + 6 + 2, and the others keep their 256 steps from 0 to 6.
    """
    copies = [neuron for neuron, times in loud.items() for _ in range(times)]
    starts = [number * QUIET.greatest for times in loud.values() for number in range(1, times + 1)]
    matrix = np.hstack([wide.matrix, wide.matrix[:, copies]])
    bias = np.concatenate([wide.bias, wide.bias[copies] - np.array(starts, np.float32)])
    return Dense(matrix, bias), Dense(np.vstack([narrow.matrix, narrow.matrix[copies]]), narrow.bias)


def _quantised(values: Floats, *, axis: int, levels: int) -> tuple[NDArray[np.int8], Floats]:
    """Whole numbers in -levels..levels, and the scale of each slice along `axis`."""
    scales = np.abs(values).max(axis=axis, keepdims=True) / np.float32(levels)
    return np.rint(values / scales).astype(np.int8), scales
