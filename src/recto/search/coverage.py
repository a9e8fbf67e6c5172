"""How much of a question a text takes up, a rare term counting more than a common one."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from recto.search.bm25 import wanted_terms
from recto.search.lookup import Lookup, statistics
from recto.search.rank import PASSAGE
from recto.text.analyse import term_ids
from recto.types import Floats, UInt32s


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """The distinct terms of a question, each weighed by how rare it is among the library's passages."""

    terms: UInt32s
    idf: Floats
    unseen: float  # the idf of a term that no passage holds

    @classmethod
    def of(cls, question: str, *, lookup: Lookup) -> Self:
        """Look the terms of a question up."""
        wanted = wanted_terms(term_ids(question), PASSAGE)
        known = statistics(lookup, "passages", wanted, PASSAGE)
        idf = np.log1p((known.texts - known.frequencies + 0.5) / (known.frequencies + 0.5))
        return cls(wanted, idf, float(np.log1p(2 * known.texts + 1)))

    @property
    def rarity(self) -> float:
        """How rare the question's terms are on average, 0 to 1: nobody has used them; 0 for a question without any."""
        return float(self.idf.mean()) / self.unseen if self.terms.size and self.unseen else 0.0

    def share(self, text: str) -> float:
        """The share of the question's terms that a text holds, 0 to 1."""
        held = self.idf[np.isin(self.terms, term_ids(text))].sum()
        return float(held / self.idf.sum()) if self.terms.size else 0.0
