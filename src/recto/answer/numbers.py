"""The numbers of a text as values with units, so that 1,234 is 1234 and $1.2 billion is 1,200 million."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

_SCALES = {
    "k": 3, "thousand": 3, "thousands": 3, "tausend": 3,
    "m": 6, "mn": 6, "mm": 6, "million": 6, "millions": 6, "mio": 6, "millionen": 6,
    "b": 9, "bn": 9, "billion": 9, "billions": 9, "mrd": 9, "milliarden": 9, "milliard": 9, "milliards": 9,
    "tn": 12, "trillion": 12, "trillions": 12,
}  # fmt: skip
_SHORT = ("k", "m", "mm", "b")  # of money only: 5 m and 5 mm are lengths
_UNITS = {
    spelling: line.split()[0]
    for line in (
        "% percent pct prozent",
        "pp points",
        "bps",
        "$ usd us$ dollar dollars",
        "€ eur euro euros",
        "£ gbp pound-sterling",
        "¥ jpy yen",
        "chf",
        "ns nanosecond nanoseconds",
        "µs μs us microsecond microseconds",
        "ms msec millisecond milliseconds",
        "s sec secs second seconds sekunde sekunden",
        "min mins minute minutes minuten",
        "h hr hrs hour hours stunde stunden heures heure",
        "day days tag tage tagen jour jours",
        "week weeks woche wochen semaine semaines",
        "month months monat monate monaten mois",
        "year years yr yrs jahr jahre jahren an ans années",
        "nm nanometre nanometres nanometer nanometers",
        "µm μm micron microns",
        "mm millimetre millimetres millimeter millimeters",
        "cm centimetre centimetres centimeter centimeters",
        "m metre metres meter meters mètres",
        "km kilometre kilometres kilometer kilometers",
        "in inch inches",
        "ft foot feet",
        "mile miles",
        "µg μg mcg microgram micrograms",
        "mg milligram milligrams",
        "g gram grams gramme",
        "kg kilogram kilograms",
        "lb lbs pound pounds",
        "t ton tons tonne tonnes",
        "ml milliliter milliliters millilitre millilitres",
        "l liter liters litre litres",
        "hz hertz",
        "khz kilohertz",
        "mhz megahertz",
        "ghz gigahertz",
        "mw milliwatt milliwatts",
        "w watt watts",
        "kw kilowatt kilowatts",
        "kwh",
        "mwh",
        "mv millivolt millivolts",
        "v volt volts",
        "kv kilovolt kilovolts",
        "ma milliamp milliamps",
        "a amp amps ampere amperes",
        "pa pascal",
        "kpa",
        "mpa",
        "bar",
        "psi",
        "°c celsius",
        "°f fahrenheit",
        "bit bits",
        "byte bytes",
        "kb kib kilobyte kilobytes",
        "mb mib megabyte megabytes",
        "gb gib gigabyte gigabytes",
        "tb tib terabyte terabytes",
        "kbps",
        "mbps",
        "gbps",
        "page pages",
    )
    for spelling in line.split()
}
_BELOW_TWENTY = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_FROM_TWENTY = "twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL, _TENS = _BELOW_TWENTY.split(), _FROM_TWENTY.split()
_WORDS = {word: value for value, word in enumerate(_SMALL)} | {word: 20 + 10 * n for n, word in enumerate(_TENS)}

_FIGURES = r"\d{1,3}(?:[,\u00a0\u202f']\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+,\d+|\d+(?:[.,]\d+)?|\.\d+"
_SPELLED = rf"(?:{'|'.join(_TENS)})(?:-(?:{'|'.join(_SMALL[1:10])}))?|{'|'.join(sorted(_SMALL, key=len, reverse=True))}"
_FOUND = re.compile(
    rf"(?P<sign>US\$|[$€£¥]|USD|EUR|GBP|CHF)?\s?(?:(?P<hex>(?<!\w)0x[0-9a-f]+)|(?P<figures>(?<![\w.,])(?:{_FIGURES}))"
    rf"|\b(?P<words>{_SPELLED})\b)(?![\d_]|[.,]\d)"
    r"(?:[ \u00a0\u202f-]?(?P<scale>[a-z]+)\b\.?(?<=[a-z.]))?",
    re.IGNORECASE,
)
_NEXT = re.compile(r"[ \u00a0\u202f-]?(percentage points?|per cent|pour cent|%|°[CF]|[^\W\d_]+|[$€£])", re.IGNORECASE)
_STATED = re.compile(
    r"\b(?:in|in\s+[A-Z$€£]{1,4})\s+(thousands|millions|billions)\b|[($€£]\s?(thousands?|millions?|billions?)\b", re.I
)


@dataclass(frozen=True, slots=True)
class Number:
    """A value with its unit, empty if none is known. `spelled` if it stands there as a word."""

    value: Decimal
    unit: str
    spelled: bool = False

    def is_said_by(self, other: "Number") -> bool:
        """Whether the other is the same; a unit that stands elsewhere, such as above a table, is not held against."""
        return self.value == other.value and (self.unit == other.unit or not self.unit or not other.unit)


def claimed(text: str) -> list[Number]:
    """The numbers that a sentence claims. A lone "one" is mostly none."""
    return [one for one in _numbers(text) if not one.spelled or one.value > 1 or one.unit]


def said(text: str) -> list[Number]:
    """The numbers that a text says: also those of a table whose head says that they are millions."""
    found = list(_numbers(text))
    stated = {_SCALES[one.lower()] for match in _STATED.finditer(text) for one in match.groups() if one}
    return found + [Number(one.value.scaleb(scale), one.unit) for scale in stated for one in found]


def _numbers(text: str) -> Iterator[Number]:
    for match in _FOUND.finditer(text):
        value, end = _value(match), match.end()
        scale = (match["scale"] or "").lower()
        if scale in _SCALES and (match["sign"] or scale not in _SHORT):
            value = value.scaleb(_SCALES[scale])
        elif match["scale"]:
            end = match.start("scale")
        yield Number(value, _unit(match["sign"], text, end), spelled=bool(match["words"]))


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


def _unit(sign: str | None, text: str, end: int) -> str:
    if sign:
        return _UNITS[sign.lower()]
    following = _NEXT.match(text, end)
    word = following[1].lower() if following else ""
    if word.startswith("percentage"):
        return "pp"
    return _UNITS.get({"per cent": "%", "pour cent": "%"}.get(word, word), "")
