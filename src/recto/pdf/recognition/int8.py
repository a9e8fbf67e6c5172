"""An ONNX model with its large products in int8, which take a third of the time that they take in float32.

The numbers of fields are those of onnx.proto, the operations of `MICROSOFT` those of onnxruntime's ContribOperators.md.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from recto.pdf.recognition.protobuf import Field, fields, message_of, numbers, parts
from recto.types import Floats

GRAPH, OPSETS = 7, 8  # of a model
NODES, CONSTANTS = 1, 5  # of a graph
INPUTS, OUTPUTS, KIND, ATTRIBUTES, DOMAIN = 1, 2, 4, 5, 7  # of a node
SHAPE, TYPE, NAME, DATA = 1, 2, 8, 9  # of a constant
ATTRIBUTE_NAME, ATTRIBUTE_INTS, ATTRIBUTE_TYPE = 1, 8, 20
OPSET_DOMAIN, OPSET_VERSION = 1, 2
FLOAT, INT8, INTS = 1, 3, 7  # types of constants, and of an attribute
MICROSOFT = "com.microsoft"
CHANNELS_LAST, CHANNELS_SECOND = (0, 2, 3, 1), (0, 3, 1, 2)
SQUEEZING = 2  # a layer that has fewer outputs than inputs by more than this, or more, weighs the channels of a picture
LARGE = 1_000_000  # numbers in a matrix: only that of the last layer has so many, a column for each letter
# x86 processors without VNNI add two products of uint8 and int8 in 16 bits: 2 * 255 * 64 just fits, 127 overflows.
LEVELS = 64
LEAST = np.float32(1e-20)  # of a column without weights


class Node(NamedTuple):
    """An operation; `data` is all of it."""

    kind: str
    inputs: tuple[str, ...]
    output: str
    data: bytes

    @classmethod
    def of(cls, data: bytes) -> Self:
        """Read one."""
        message = fields(data)
        inputs = tuple(name.decode() for name in parts(message, INPUTS))
        return cls(parts(message, KIND)[0].decode(), inputs, parts(message, OUTPUTS)[0].decode(), data)

    @classmethod
    def made(cls, kind: str, inputs: Sequence[str], *outputs: str, domain: str = "", axes: Sequence[int] = ()) -> Self:
        """Write one; `axes` is a transposition's order."""
        message: list[Field] = [(INPUTS, name.encode()) for name in inputs]
        message += [(OUTPUTS, name.encode()) for name in outputs]
        message += [(KIND, kind.encode()), (DOMAIN, domain.encode())]
        if axes:
            order: list[Field] = [(ATTRIBUTE_INTS, axis) for axis in axes]
            message.append((ATTRIBUTES, message_of([(ATTRIBUTE_NAME, b"perm"), *order, (ATTRIBUTE_TYPE, INTS)])))
        return cls(kind, tuple(inputs), outputs[0], message_of(message))


def quantised(model: bytes) -> bytes:
    """The model with its large products in int8: each column of a matrix has a scale, and what enters one in each run.

    A softmax at its end is left out: of 18,000 letters in each column, only those of the likeliest one are asked for.
    """
    whole = fields(model)
    graph = fields(parts(whole, GRAPH)[0])
    constants = {parts(fields(data), NAME)[0].decode(): data for data in parts(graph, CONSTANTS)}
    changed = _Changed(constants)
    nodes = list(changed.nodes([Node.of(data) for data in parts(graph, NODES)]))
    if nodes[-1].kind == "Softmax":
        nodes[-1] = Node.made("Identity", nodes[-1].inputs, nodes[-1].output)
    read = {name for node in nodes for name in node.inputs}
    needed = [(CONSTANTS, data) for name, data in (constants | changed.made).items() if name in read]
    rest = [field for field in graph if field[0] not in (NODES, CONSTANTS)]
    new = message_of([*((NODES, node.data) for node in nodes), *needed, *rest])
    opset = message_of([(OPSET_DOMAIN, MICROSOFT.encode()), (OPSET_VERSION, 1)])
    return message_of([*(field for field in whole if field[0] != GRAPH), (GRAPH, new), (OPSETS, opset)])


class _Changed:
    """Nodes with the large products among them in int8, and the constants that were `made` for these."""

    def __init__(self, constants: Mapping[str, bytes]) -> None:
        self._constants = constants
        self.made: dict[str, bytes] = {}

    def nodes(self, nodes: Sequence[Node]) -> Iterator[Node]:
        """The nodes in order; the sum of a product with a constant goes into the product."""
        sums = {node.inputs[0]: node for node in nodes if node.kind == "Add" and node.inputs[1] in self._constants}
        inside = set()
        for node in nodes:
            matrix = self._matrix(node)
            if matrix is not None:
                total = sums.get(node.output)
                inside.add(node.output if total else "")
                yield from self._product(node, matrix, total)
            elif not (node.kind == "Add" and node.inputs[0] in inside):
                yield node

    def _matrix(self, node: Node) -> Floats | None:
        """The matrix (in, out) that a node multiplies by, if it is worth it."""
        if node.kind not in ("Conv", "MatMul") or node.inputs[1] not in self._constants:
            return None
        values = _array(self._constants[node.inputs[1]])
        if node.kind == "MatMul":
            return values if values.ndim == 2 and values.size >= LARGE else None
        few, many = sorted(values.shape[:2])
        is_pointwise = values.shape[2:] == (1, 1) and few > 1 and many <= SQUEEZING * few
        return values[:, :, 0, 0].T if is_pointwise else None

    def _product(self, node: Node, matrix: Floats, total: Node | None) -> Iterator[Node]:
        """The nodes of one product, of the last axis, to which a convolution's channels are brought."""
        name, output = node.output, total.output if total else node.output
        source, result = node.inputs[0], output
        if node.kind == "Conv":
            yield Node.made("Transpose", [source], f"{name}/in", axes=CHANNELS_LAST)
            source, result = f"{name}/in", f"{name}/out"
        small, scale, zero = f"{name}/small", f"{name}/scale", f"{name}/zero"
        yield Node.made("DynamicQuantizeLinear", [source], small, scale, zero)
        scales = np.maximum(np.abs(matrix).max(axis=0), LEAST) / np.float32(LEVELS)
        weights = self._constant(f"{name}/weights", np.rint(matrix / scales).astype(np.int8))
        inputs = [small, weights, scale, self._constant(f"{name}/scales", scales), zero]
        if total:
            bias = _array(self._constants[total.inputs[1]]).ravel()
            inputs += ["", self._constant(f"{name}/bias", bias)]
        yield Node.made("MatMulIntegerToFloat", inputs, result, domain=MICROSOFT)
        if node.kind == "Conv":
            yield Node.made("Transpose", [result], output, axes=CHANNELS_SECOND)

    def _constant(self, name: str, values: NDArray[np.int8] | Floats) -> str:
        shape: list[Field] = [(SHAPE, size) for size in values.shape]
        kind = INT8 if values.dtype == np.int8 else FLOAT
        self.made[name] = message_of([*shape, (TYPE, kind), (NAME, name.encode()), (DATA, values.tobytes())])
        return name


def _array(constant: bytes) -> Floats:
    """The values of a constant in float32; none of another type."""
    message = fields(constant)
    if numbers(message, TYPE) != [FLOAT]:
        return np.zeros(0, np.float32)
    return np.frombuffer(parts(message, DATA)[0], "<f4").reshape(numbers(message, SHAPE))
