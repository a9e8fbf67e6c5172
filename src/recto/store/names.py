"""What collections and tokens may be called, and when two names are the same to a person."""

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

from recto.errors import BadName

LONGEST = 100  # characters: a name stands in a side bar, and in addresses
NEAREST = 3  # names that are shown in place of one that is not there
REFUSED = {"Cc", "Cs", "Zl", "Zp"}  # control characters, halves of characters, ends of lines
# Characters that turn the writing around them: with them a name could show another one.
TURNING = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def checked_name(name: str, what: str) -> str:
    """A name as it is kept: NFC, without blanks around it. BadName if it cannot be one; `what` says of what."""
    trimmed = unicodedata.normalize("NFC", name).strip()
    if any(unicodedata.category(char) in REFUSED or char in TURNING for char in trimmed):
        raise BadName(f"the name of a {what} holds no control characters: {trimmed[:LONGEST]!r}", hint="leave them out")
    if not folded(trimmed):
        raise BadName(f"the name of a {what} is empty", hint="give it a name that can be seen")
    if len(trimmed) > LONGEST:
        what = f"the name of a {what} has at most {LONGEST} characters, not {len(trimmed)}"
        raise BadName(what, hint="shorten it")
    return trimmed


def folded(name: str) -> str:
    """What two names have in common that look the same: neither case nor what cannot be seen counts."""
    compatible = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join("".join(char for char in compatible if unicodedata.category(char) != "Cf").split())


def nearest(name: str, names: Iterable[str]) -> str:
    """The names that are like this one, else the first few, in words; empty if there are none."""
    by_folded = {folded(own): own for own in names}
    close = get_close_matches(folded(name), by_folded, NEAREST) or list(by_folded)[:NEAREST]
    more = ", ..." if len(by_folded) > len(close) else ""
    return ", ".join(repr(by_folded[own]) for own in close) + more if close else ""
