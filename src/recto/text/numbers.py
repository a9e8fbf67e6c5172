"""The numbers of a text as values with units, so that 1,234 is 1234 and $1.2 billion is 1,200 million."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from recto.text.languages import MIXED, any_of

_NUMBERS = MIXED.numbers
_SCALES = {**_NUMBERS.scales, **_NUMBERS.money_scales}
_NO_UNIT = "", Decimal(1)
_WORDS = {
    **_NUMBERS.synonyms,
    **{word: value for value, word in enumerate(_NUMBERS.small)},
    **{word: 20 + 10 * n for n, word in enumerate(_NUMBERS.tens)},
}

_FIGURES = r"\d{1,3}(?:[,\u00a0\u202f']\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+,\d+|\d+(?:[.,]\d+)?|\.\d+"
_SPELLED = (
    rf"{any_of(_NUMBERS.tens)}(?:-{any_of(_NUMBERS.small[1:10])})?|{any_of([*_NUMBERS.small, *_NUMBERS.synonyms])}"
)
_FOUND = re.compile(
    rf"(?P<sign>US\$|[$€£¥]|USD|EUR|GBP|CHF)?\s?(?:(?P<hex>(?<!\w)0x[0-9a-f]+)|(?P<figures>(?<![\w.,])(?<![a-z]-)(?:{_FIGURES}))"
    rf"|\b(?P<words>{_SPELLED})\b)(?![\d_]|[.,]\d)"
    r"(?:[ \u00a0\u202f-]?(?P<scale>[a-z]+)\b\.?(?<=[a-z.]))?",
    re.IGNORECASE,
)
_PHRASES = any_of(spelling for spelling in _NUMBERS.units if " " in spelling)
_NEXT = re.compile(rf"[ \u00a0\u202f-]?({_PHRASES}|%|°[CF]|[^\W\d_]+|[$€£])", re.IGNORECASE)
_STATED = re.compile(
    r"\b(?:in|in\s+[A-Z$€£]{1,4})\s+(thousands|millions|billions)\b|[($€£]\s?(thousands?|millions?|billions?)\b", re.I
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is written, with what it counts. `unit` is empty if none is known."""

    value: Decimal
    unit: str = ""
    factor: Decimal = Decimal(1)  # how many of the dimension's units one of its units is
    spelled: bool = False  # as a word

    @property
    def is_year(self) -> bool:
        """Whether it may be a year."""
        return not self.unit and not self.spelled and 1900 <= self.value < 2100 and self.value == int(self.value)

    def is_said_by(self, other: "Number") -> bool:
        """Whether the other is the same; a unit that stands elsewhere, such as above a table, is not held against."""
        if self.unit and other.unit:
            return self.unit == other.unit and self.value * self.factor == other.value * other.factor
        return self.value == other.value


def claimed(text: str) -> list[Number]:
    """The numbers that a sentence claims. A lone "one" is mostly none."""
    return [one for one in _numbers(text) if not one.spelled or one.value > 1 or one.unit]


def said(text: str) -> list[Number]:
    """The numbers that a text says: also months, and those of a table whose head says that they are millions."""
    found = list(_numbers(text))
    stated = {_SCALES[one.lower()] for match in _STATED.finditer(text) for one in match.groups() if one}
    scaled = [replace(one, value=one.value.scaleb(scale)) for scale in stated for one in found]
    low = text.lower()
    months = [Number(Decimal(n), spelled=True) for n, month in enumerate(MIXED.months, 1) if month in low]
    return found + scaled + months


def _numbers(text: str) -> Iterator[Number]:
    for match in _FOUND.finditer(text):
        value, end = _value(match), match.end()
        scale = (match["scale"] or "").lower()
        if scale in _SCALES and (match["sign"] or scale not in _NUMBERS.money_scales):
            value = value.scaleb(_SCALES[scale])
        elif match["scale"]:
            end = match.start("scale")
        yield Number(value, *_unit(match["sign"], text, end), spelled=bool(match["words"]))


def _value(match: re.Match[str]) -> Decimal:
    if match["hex"]:
        return Decimal(int(match["hex"], 16))
    if match["words"]:
        return Decimal(sum(_WORDS[word] for word in match["words"].lower().split("-")))
    figures = re.sub(r"[\u00a0\u202f']", "", match["figures"])
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", figures):
        return Decimal(figures.replace(",", ""))
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+,\d+", figures):
        figures = figures.replace(".", "")
    return Decimal(figures.replace(",", "."))


def _unit(sign: str | None, text: str, end: int) -> tuple[str, Decimal]:
    if sign:
        return _NUMBERS.units[sign.lower()]
    following = _NEXT.match(text, end)
    word = following[1].lower() if following else ""
    return _NUMBERS.units.get(word, _NO_UNIT)
