"""all-MiniLM-L6-v2 as an ONNX graph, from its safetensors file alone: token ids in, the last hidden states out.

A BERT of 6 layers (Devlin et al., 2019). No torch, no exporter: the weights are read by hand, and the methods below
say which operation follows which.
"""

import json
import math
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Floats = NDArray[np.float32]

LAYERS, WIDTH, HEADS, EPSILON = 6, 384, 12, 1e-12  # the model's config.json
MAX_TOKENS = 256  # the length it was trained with: its sentence_bert_config.json
PAD = 0  # the id of [PAD], the only token that attention leaves out
MASKED = -1e9  # added to a score, leaves nothing of it after softmax
OPSET, IR = 20, 9  # the first opset with Gelu, and the file format that goes with it
ROW_LEVELS, ZERO = 127, 128  # int8, and its middle when it is stored as uint8
# x86 processors without VNNI add two products of uint8 and int8 in 16 bits: 2 * 255 * 64 just fits, 127 overflows.
# Costs .001 of mean cosine against 127.
MATRIX_LEVELS = 64


def build(weights: Path, *, int8: bool) -> bytes:
    """The model, serialised. int8 keeps one scale for each row of the word table and column of a matrix."""
    graph = _Graph(_read(weights), int8)
    states = graph.embedded("ids")
    padding = graph.padding("ids")
    for number in range(LAYERS):
        states = graph.layer(f"encoder.layer.{number}", states, padding)
    return graph.serialised(states)


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


class _Graph:
    """Nodes and constants in order; each method adds some and returns the name of its result."""

    def __init__(self, weights: dict[str, Floats], int8: bool) -> None:
        self._weights = weights
        self._int8 = int8
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def serialised(self, states: str) -> bytes:
        ids = helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "tokens"])
        result = helper.make_tensor_value_info(states, TensorProto.FLOAT, ["batch", "tokens", WIDTH])
        graph = helper.make_graph(self._nodes, "MiniLM", [ids], [result], self._constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)
        return bytes(model.SerializeToString())

    def ops(self, kind: str, *inputs: str, results: int, **attributes: int | float | tuple[int, ...]) -> list[str]:
        names = [f"n{len(self._nodes)}.{number}" for number in range(results)]
        node = helper.make_node(kind, inputs, names)
        node.attribute.extend(helper.make_attribute(name, value) for name, value in attributes.items())
        self._nodes.append(node)
        return names

    def op(self, kind: str, *inputs: str, **attributes: int | float | tuple[int, ...]) -> str:
        return self.ops(kind, *inputs, results=1, **attributes)[0]

    def constant(self, value: NDArray[np.generic]) -> str:
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(value, name))
        return name

    def whole(self, *values: int) -> str:
        return self.constant(np.array(values, np.int64))

    def real(self, value: float) -> str:
        return self.constant(np.array(value, np.float32))

    def embedded(self, ids: str) -> str:
        """Word row + position row; the row of the one token type in use is added to the positions beforehand."""
        word, position, kind = (
            self._weights[f"embeddings.{table}_embeddings.weight"] for table in ("word", "position", "token_type")
        )
        length = self.op("Shape", ids, start=1, end=2)
        # A slice, because onnxruntime 1.31 rewrites Range + Gather into something that fails at run time.
        positions = self.constant(position[:MAX_TOKENS] + kind[0])
        used = self.op("Slice", positions, self.whole(0), length, self.whole(0))
        return self.norm("embeddings.LayerNorm", self.op("Add", self.rows(word, ids), used))

    def rows(self, table: Floats, ids: str) -> str:
        if not self._int8:
            return self.op("Gather", self.constant(table), ids)
        small, scales = _quantised(table, axis=1, levels=ROW_LEVELS)
        rows = self.op("Cast", self.op("Gather", self.constant(small), ids), to=TensorProto.FLOAT)
        return self.op("Mul", rows, self.op("Gather", self.constant(scales), ids))

    def padding(self, ids: str) -> str:
        """What to add to attention scores, (batch, 1, 1, tokens)."""
        padded = self.op("Cast", self.op("Equal", ids, self.whole(PAD)), to=TensorProto.FLOAT)
        return self.op("Unsqueeze", self.op("Mul", padded, self.real(MASKED)), self.whole(1, 2))

    def layer(self, name: str, states: str, padding: str) -> str:
        attended = self.attention(f"{name}.attention", states, padding)
        states = self.norm(f"{name}.attention.output.LayerNorm", self.op("Add", attended, states))
        wide = self.op("Gelu", self.linear(f"{name}.intermediate.dense", states))
        # After Gelu a few tokens hold values far above the rest: a scale for each halves the error, for 6 % more time.
        narrow = self.linear(f"{name}.output.dense", wide, by_token=True)
        return self.norm(f"{name}.output.LayerNorm", self.op("Add", narrow, states))

    def attention(self, name: str, states: str, padding: str) -> str:
        query = self.heads(f"{name}.self.query", states, (0, 2, 1, 3))
        key = self.heads(f"{name}.self.key", states, (0, 2, 3, 1))
        value = self.heads(f"{name}.self.value", states, (0, 2, 1, 3))
        scores = self.op("Mul", self.op("MatMul", query, key), self.real((WIDTH // HEADS) ** -0.5))
        shares = self.op("Softmax", self.op("Add", scores, padding), axis=-1)
        mixed = self.op("Transpose", self.op("MatMul", shares, value), perm=(0, 2, 1, 3))
        return self.linear(f"{name}.output.dense", self.op("Reshape", mixed, self.whole(0, 0, WIDTH)))

    def heads(self, name: str, states: str, order: tuple[int, ...]) -> str:
        split = self.op("Reshape", self.linear(name, states), self.whole(0, 0, HEADS, WIDTH // HEADS))
        return self.op("Transpose", split, perm=order)

    def linear(self, name: str, states: str, *, by_token: bool = False) -> str:
        matrix = self._weights[f"{name}.weight"].T
        product = self.product_int8(states, matrix, by_token) if self._int8 else self.product(states, matrix)
        return self.op("Add", product, self.constant(self._weights[f"{name}.bias"]))

    def product(self, states: str, matrix: Floats) -> str:
        return self.op("MatMul", states, self.constant(matrix))

    def product_int8(self, states: str, matrix: Floats, by_token: bool) -> str:
        """The matrix is quantised here, the states as they come: one scale a token, or one for the whole batch."""
        small, scales = _quantised(matrix, axis=0, levels=MATRIX_LEVELS)
        quick, scale, zero = self.tokens(states) if by_token else self.ops("DynamicQuantizeLinear", states, results=3)
        sums = self.op("Cast", self.op("MatMulInteger", quick, self.constant(small), zero), to=TensorProto.FLOAT)
        columns = self.constant(scales.ravel())
        if by_token:  # onnxruntime 1.31 fuses the other form as if `scale` were one number
            return self.op("Mul", self.op("Mul", sums, columns), scale)
        return self.op("Mul", sums, self.op("Mul", scale, columns))

    def tokens(self, states: str) -> list[str]:
        """Each token's states as whole numbers around 128, their scales (batch, tokens, 1), and the 128."""
        largest = self.op("ReduceMax", self.op("Abs", states), self.whole(-1), keepdims=1)
        scale = self.op("Mul", largest, self.real(1 / ROW_LEVELS))
        shifted = self.op("Add", self.op("Round", self.op("Div", states, scale)), self.real(ZERO))
        return [self.op("Cast", shifted, to=TensorProto.UINT8), scale, self.constant(np.array(ZERO, np.uint8))]

    def norm(self, name: str, states: str) -> str:
        scale, shift = (self.constant(self._weights[f"{name}.{part}"]) for part in ("weight", "bias"))
        return self.op("LayerNormalization", states, scale, shift, epsilon=EPSILON)


def _quantised(values: Floats, *, axis: int, levels: int) -> tuple[NDArray[np.int8], Floats]:
    """Whole numbers in -levels..levels, and the scale of each slice along `axis`."""
    scales = np.abs(values).max(axis=axis, keepdims=True) / np.float32(levels)
    return np.rint(values / scales).astype(np.int8), scales
