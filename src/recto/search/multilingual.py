"""multilingual-e5-small: a hundred languages, and from one to another. `recto-pdf[multilingual]` brings its wheel.

Wang et al., Multilingual E5 Text Embeddings (2024).
"""

from typing import Self

from recto.search.encoder import MODEL, OnnxEncoder, TokenizedText, Wheel
from recto.search.unigram import Unigram

PIECES = "pieces.txt"
WHEEL = Wheel(
    package="recto_pdf_e5",  # built by packages/e5
    hint="pip install 'recto-pdf[multilingual]'",
    sha256={
        MODEL: "c604fcc22eec01f163b0769f8a80613a6620794834233bb2f312ca923c2a38a5",
        PIECES: "13a708483c40263b466b7ea284850597e1e0ed29b472d90786f8693a28314bef",
    },
)
# As that of MiniLM: the weights are named by the file at 4 bits that they come in.
FINGERPRINT = "multilingual-e5-small-1571fc982750-int8-v1"
MAX_TOKENS = 512


class E5(OnnxEncoder):
    """multilingual-e5-small."""

    pad = 1
    in_front = ("passage: ", "query: ")

    @classmethod
    def open(cls, *, threads: int) -> Self:
        """The model of the wheel. EncoderProblem if it is missing or damaged."""
        model, pieces = WHEEL.verified()
        unigram = Unigram(pieces)

        def tokenise(text: str) -> TokenizedText:
            return TokenizedText(*unigram.encode(text, MAX_TOKENS))

        return cls(model, tokenise, threads=threads, fingerprint=FINGERPRINT)
