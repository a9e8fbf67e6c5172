"""multilingual-e5-small as an ONNX graph (Wang et al., Multilingual E5 Text Embeddings, 2024), and its vocabulary.

A BERT like all-MiniLM-L6-v2, with twice its layers and a tokenizer of a hundred languages: packages/minilm builds both.
The table of words, which is most of the model, keeps the 4 bits that it comes with.
"""

from four_bits import BLOCK, Model
from graph import MICROSOFT, Graph, Range, Ranges
from onnx import TensorProto

MAX_TOKENS = 512
PAD = 1  # the id of <pad>
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
# As for MiniLM, of the handbooks in seven languages that this project's tests have, and a twentieth more.
LAYER_RANGES = (
    Ranges(Range(-3.9, 4.2), Range(-1.3, 2.2), Range(-20.9, 10.8), {91: 1, 318: 5, 953: 1}),
    Ranges(Range(-4.1, 5.9), Range(-2.3, 2.1), Range(-17.3, 33.2), {1462: 2}),
    Ranges(Range(-4.1, 6.4), Range(-1.9, 2.2), Range(-11.9, 32.6), {354: 2}),
    Ranges(Range(-3.8, 6.8), Range(-1.8, 2.0), Range(-9.7, 38.2), {408: 1}),
    Ranges(Range(-3.2, 5.7), Range(-2.1, 2.0), Range(-7.7, 21.3), {778: 11}),
    Ranges(Range(-3.5, 4.6), Range(-1.6, 1.5), Range(-7.0, 27.8), {658: 5}),
    Ranges(Range(-3.3, 5.1), Range(-1.8, 1.5), Range(-6.1, 46.1), {1152: 2}),
    Ranges(Range(-3.7, 5.9), Range(-1.9, 1.7), Range(-5.1, 33.0), {413: 1}),
    Ranges(Range(-3.5, 6.1), Range(-2.1, 2.5), Range(-4.1, 35.1), {563: 1, 957: 1}),
    Ranges(Range(-3.3, 6.1), Range(-2.0, 2.0), Range(-7.1, 26.7), {1513: 1}),
    Ranges(Range(-3.1, 7.5), Range(-1.5, 1.9), Range(-9.6, 24.5), {59: 1, 1329: 1}),
    Ranges(Range(-2.5, 6.8), Range(-2.2, 2.7), Range(-1.8, 7.2), {}),
)


def build(model: Model) -> bytes:
    """The model, serialised."""
    return _MultilingualGraph(model).built(LAYER_RANGES)


def pieces(model: Model) -> str:
    """The tokenizer's pieces by their ids, one a line, each in front of the logarithm of its probability.

    A special token is an empty piece: a text that holds its name is no more than text.
    """
    lines = (
        f"{'' if piece in SPECIAL else piece} {score:.7g}\n"
        for piece, score in zip(model.pieces, model.scores.tolist(), strict=True)
    )
    return "".join(lines)


class _MultilingualGraph(Graph):
    name, pad, max_tokens = "multilingual-e5-small", PAD, MAX_TOKENS

    def __init__(self, model: Model) -> None:
        super().__init__(model.weights, int8=True)
        self._words = model.words

    def rows(self, ids: str) -> str:
        pairs = self._words.numbers[:, ::2] | self._words.numbers[:, 1::2] << 4  # neighbours, the first below
        sizes = {"gather_axis": 0, "quantize_axis": 1, "block_size": BLOCK, "bits": 4}
        constants = self.constant(pairs), ids, self.constant(self._words.scales)
        rows = self.op("GatherBlockQuantized", *constants, domain=MICROSOFT, **sizes)
        return self.op("Cast", rows, to=TensorProto.FLOAT)
