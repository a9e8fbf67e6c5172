"""How near is near: cosines of each encoder on the scale of all-MiniLM-L6-v2, by which everything is judged.

multilingual-e5-small finds everything near, as it was trained with a low temperature: .77 of texts that have nothing to
do with each other, .87 of a question and the passage that answers it. What is ranked by standard scores does not mind;
choosing a passage beside its words, re-ranking and refusing do.
"""

from typing import NamedTuple, TypeVar

from recto.normalize import Float64s
from recto.types import Floats

Cosines = TypeVar("Cosines", float, Floats, Float64s)


class StraightLine(NamedTuple):
    """A straight line from an encoder's cosines to those that all-MiniLM-L6-v2 would find."""

    zero: float = 0.0  # the cosine that stands for 0
    slope: float = 1.0

    def of(self, cosines: Cosines) -> Cosines:
        """The cosines on the other scale."""
        return self.slope * (cosines - self.zero)


class Scale(NamedTuple):
    """The lines of one encoder."""

    passages: StraightLine = StraightLine()  # of a question and a passage
    tokens: StraightLine = StraightLine()  # of a token and the nearest one
    within: float = 1.0  # what a standard score counts among the pages of one document, beside the usual encoder's


USUAL = Scale()
# By how fingerprints begin. Of 160 questions in English, German, Arabic and Thai asked of their own articles and of
# others (XQuAD) the rule of `recto.answer.abstain` refuses none of the first and is sure of none of the others; with
# re-ranking .925, .925, .875 and .95 right pages come first, without it .9, .9, .85 and .925. With 2.5 in place of 1
# .8, .8 and .76 do where Germans ask about English, English about German, Spaniards about English: .68, .76 and .52.
SCALES = {"multilingual-e5-small": Scale(passages=StraightLine(0.75, 5.0), tokens=StraightLine(0.68, 4.5), within=2.5)}


def scale_of(fingerprint: str) -> Scale:
    """The scale of the encoder of this fingerprint."""
    return next((scale for name, scale in SCALES.items() if fingerprint.startswith(name)), USUAL)
