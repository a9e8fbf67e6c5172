"""What names the rows and columns of a table: words, years and units, of a head as of a question."""

import re

from recto.text.analyse import term_ids
from recto.text.asked_kind import WORDED, AskedKind, holds
from recto.text.memory import remembered

# Ids of words, and as text what is a unit: the word itself, and its kind. A head has the units beside its name.
Terms = frozenset[int | str]

_UNITLESS = WORDED | {AskedKind.DATE, AskedKind.TELEPHONE, AskedKind.MAIL}
MEASURED = tuple(kind for kind in AskedKind if kind not in _UNITLESS)
REMEMBERED = 512  # heads and words of heads: a head stands above every row

_SHORT_YEAR = re.compile(r"(?:\bFY ?|['’])(\d\d)\b")  # FY23
_WORD = re.compile(r"[^\s()\[\],;:?!]+")
_CENTURY = 2000


@remembered(REMEMBERED)
def terms_of(text: str) -> Terms:
    """The terms of a question or a head, short years in full."""
    years = [str(_CENTURY + int(year)) for year in _SHORT_YEAR.findall(text)]
    words = _WORD.findall(text)
    kinds_of = {word: [kind.value for kind in MEASURED if holds(kind, f"1 {word}")] for word in words}
    units = {word.lower(): kinds for word, kinds in kinds_of.items() if kinds}
    names = " ".join([*(word for word in words if word.lower() not in units), *years])
    return frozenset([*term_ids(names).tolist(), *units, *(kind for kinds in units.values() for kind in kinds)])
