"""How much of a question a text takes up, a rare term counting more than a common one."""

from typing import NamedTuple

import numpy as np

from recto.search.analyse import term_ids
from recto.search.bm25 import wanted_terms
from recto.search.lookup import Lookup, statistics
from recto.search.rank import PASSAGE


class Coverage(NamedTuple):
    """The share of the question's terms that a text holds, 0 to 1, and how many distinct terms the question has."""

    share: float
    terms: int


def coverage(question: str, text: str, *, lookup: Lookup) -> Coverage:
    """What of the question the text holds; how rare a term is, the library's passages say."""
    wanted = wanted_terms(term_ids(question), PASSAGE)
    known = statistics(lookup, "passages", wanted, PASSAGE)
    idf = np.log1p((known.texts - known.frequencies + 0.5) / (known.frequencies + 0.5))
    held = idf[np.isin(wanted, term_ids(text))].sum()
    return Coverage(float(held / idf.sum()) if wanted.size else 0.0, wanted.size)
