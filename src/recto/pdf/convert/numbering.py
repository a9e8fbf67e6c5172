"""The marks of list items, as HTML and browsers count them."""

import re

from selectolax.lexbor import LexborNode

BULLET = "•"
ROMAN = {
    **{1000: "m", 900: "cm", 500: "d", 400: "cd", 100: "c", 90: "xc", 50: "l", 40: "xl"},
    **{10: "x", 9: "ix", 5: "v", 4: "iv", 1: "i"},
}
LARGEST_ROMAN = 3999
_INTEGER = re.compile(r"-?[0-9]{1,6}")


class Numbering:
    """What a list counts its items with."""

    def __init__(self, parent: LexborNode | None) -> None:
        self._is_ordered = parent is not None and parent.tag == "ol"
        self._style, self._next, self._step = "", 1, 1
        if parent is not None and self._is_ordered:
            self._style = parent.attributes.get("type") or ""
            self._step = -1 if "reversed" in parent.attributes else 1
            first = 1 if self._step > 0 else sum(node.tag == "li" for node in parent.iter())
            self._next = _integer(parent, "start", first)

    def mark(self, item: LexborNode) -> str:
        """The bullet of the item that follows, or its number."""
        if not self._is_ordered:
            return BULLET
        number = _integer(item, "value", self._next)
        self._next = number + self._step
        return f"{in_style(number, item.attributes.get('type') or self._style)}."


def in_style(number: int, style: str) -> str:
    """The number in letters ("a", "A") or Roman numerals ("i", "I") where there are such, else in figures."""
    words = ""
    if style in ("a", "A") and number > 0:
        while number:
            number, letter = divmod(number - 1, 26)
            words = chr(ord("a") + letter) + words
    elif style in ("i", "I") and 0 < number <= LARGEST_ROMAN:
        for value, letters in ROMAN.items():
            words += letters * (number // value)
            number %= value
    else:
        return str(number)
    return words.upper() if style.isupper() else words


def _integer(node: LexborNode, name: str, default: int) -> int:
    match = _INTEGER.fullmatch((node.attributes.get(name) or "").strip())
    return int(match[0]) if match else default
