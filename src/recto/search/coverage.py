"""How much of a question a text takes up, a rare term counting more than a common one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from recto.normalize import Float64s
from recto.search.bm25 import distinct_terms, library_statistics
from recto.search.rank import PASSAGE
from recto.storage import Store
from recto.text.analyse import term_ids
from recto.text.highlight import WORD
from recto.types import UInt32s

FEWEST = 200  # passages that a library counts as, at least: in a bill of three every word would be common
USUAL = 0.7  # how rare a question's words are taken to be where there are too few passages to tell


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class TermCoverage:
    """The q distinct terms of a question or sentence, each weighed by how rare it is among the library's passages."""

    terms: UInt32s  # (q,)
    idf: Float64s  # (q,)
    unseen: float  # the idf of a term that no passage holds
    language: str  # as which the texts are read
    reliability: float  # how much the library's passages can tell of rarity, 0 to 1: there are few, or enough

    @classmethod
    def of(cls, terms: UInt32s, store: Store, language: str = "") -> Self:
        """Look terms up, given in any order and as often as they come, of a question or sentence in a language."""
        distinct = distinct_terms(terms, PASSAGE)
        library = library_statistics(store, "passages", distinct)
        statistics = replace(library, texts=max(library.texts, FEWEST))
        unseen = replace(statistics, frequencies=np.zeros(1, np.int64))
        reliability = library.texts / statistics.texts
        return cls(
            terms=distinct,
            idf=statistics.idf,
            unseen=float(unseen.idf[0]),
            language=language,
            reliability=reliability,
        )

    @property
    def rarity(self) -> float:
        """How rare the terms are on average, 0 to 1: nobody has used them; 0 if there are none."""
        rarity = float(self.idf.mean()) / self.unseen if self.terms.size else 0.0
        return self.reliability * rarity + (1 - self.reliability) * USUAL if self.terms.size else 0.0

    def token_weights(self, text: str, spans: Sequence[tuple[int, int]]) -> Float64s:
        """How rare the word is that each of these characters of the question belong to, (n,), as shares of the sum.

        0 for a stop word.
        """
        rarities = np.zeros(len(text))  # of the word around each character
        for word in WORD.finditer(text):
            terms = term_ids(word.group(), self.language)
            rarities[slice(*word.span())] = self.idf[np.isin(self.terms, terms)].max(initial=0)
        weights = np.array([rarities[start:end].max(initial=0) for start, end in spans])
        return weights / weights.sum() if weights.any() else weights

    def share(self, text: str) -> float:
        """The share of the terms that a text holds, 0 to 1."""
        ids = set(term_ids(text, self.language).tolist())
        present = [term in ids for term in self.terms.tolist()]  # few: `np.isin` takes longer
        return float(self.idf[present].sum() / self.idf.sum()) if self.terms.size else 0.0
