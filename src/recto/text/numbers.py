"""The numbers of a text as values with units, so that 1,234 is 1234 and $1.2 billion is 1,200 million."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

_SCALES = {
    "hundred": 2, "k": 3, "thousand": 3, "thousands": 3, "tausend": 3,
    "m": 6, "mn": 6, "mm": 6, "million": 6, "millions": 6, "mio": 6, "millionen": 6,
    "b": 9, "bn": 9, "billion": 9, "billions": 9, "mrd": 9, "milliarden": 9, "milliard": 9, "milliards": 9,
    "tn": 12, "trillion": 12, "trillions": 12,
}  # fmt: skip
_SHORT = ("k", "m", "mm", "b")  # of money only: 5 m and 5 mm are lengths
# Dimension, how many of its units, and spellings. KB and KiB are used for the same.
_TABLE = """
    % 1 % percent pct prozent
    points 1 pp
    bps 1 bps
    $ 1 $ usd us$ dollar dollars
    € 1 € eur euro euros
    £ 1 £ gbp
    ¥ 1 ¥ jpy yen
    chf 1 chf
    time 1e-9 ns nanosecond nanoseconds
    time 1e-6 µs μs microsecond microseconds
    time 0.001 ms msec millisecond milliseconds
    time 1 s sec secs second seconds sekunde sekunden
    time 60 min mins minute minutes minuten
    time 3600 h hr hrs hour hours stunde stunden heure heures
    time 86400 day days tag tage tagen jour jours
    time 604800 week weeks woche wochen semaine semaines
    months 1 month months monat monate monaten mois
    months 12 year years yr yrs jahr jahre jahren ans années
    length 1e-9 nm nanometre nanometres nanometer nanometers
    length 1e-6 µm μm micron microns
    length 0.001 mm millimetre millimetres millimeter millimeters
    length 0.01 cm centimetre centimetres centimeter centimeters
    length 1 m metre metres meter meters mètres
    length 1000 km kilometre kilometres kilometer kilometers
    inches 1 inch inches
    inches 12 ft foot feet
    miles 1 mile miles
    mass 1e-6 µg μg mcg microgram micrograms
    mass 0.001 mg milligram milligrams
    mass 1 g gram grams gramme
    mass 1000 kg kilogram kilograms
    mass 1e6 t ton tons tonne tonnes
    pounds 1 lb lbs
    volume 0.001 ml milliliter milliliters millilitre millilitres
    volume 1 l liter liters litre litres
    frequency 1 hz hertz
    frequency 1000 khz kilohertz
    frequency 1e6 mhz megahertz
    frequency 1e9 ghz gigahertz
    power 0.001 milliwatt milliwatts
    power 1 w watt watts
    power 1000 kw kilowatt kilowatts
    power 1e6 megawatt megawatts
    energy 1 kwh
    energy 1000 mwh
    voltage 0.001 mv millivolt millivolts
    voltage 1 v volt volts
    voltage 1000 kv kilovolt kilovolts
    current 0.001 ma milliamp milliamps
    current 1 amp amps ampere amperes
    pressure 1 pa pascal
    pressure 1000 kpa
    pressure 1e5 bar
    pressure 1e6 mpa
    psi 1 psi
    °c 1 °c celsius
    °f 1 °f fahrenheit
    bits 1 bit bits
    bytes 1 byte bytes
    bytes 1024 kb kib kilobyte kilobytes
    bytes 1048576 mb mib megabyte megabytes
    bytes 1073741824 gb gib gigabyte gigabytes
    bytes 1099511627776 tb tib terabyte terabytes
    rate 1000 kbps
    rate 1e6 mbps
    rate 1e9 gbps
"""
_UNITS = {
    spelling: (unit, Decimal(factor))
    for unit, factor, *spellings in map(str.split, _TABLE.strip().splitlines())
    for spelling in spellings
}
_NO_UNIT = "", Decimal(1)
_BELOW_TWENTY = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_FROM_TWENTY = "twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL, _TENS = _BELOW_TWENTY.split(), _FROM_TWENTY.split()
_WORDS = (
    {"single": 1}
    | {word: value for value, word in enumerate(_SMALL)}
    | {word: 20 + 10 * n for n, word in enumerate(_TENS)}
)

_MONTHS = "january february march april may june july august september october november december"
_FIGURES = r"\d{1,3}(?:[,\u00a0\u202f']\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+,\d+|\d+(?:[.,]\d+)?|\.\d+"
_SPELLED = (
    rf"(?:{'|'.join(_TENS)})(?:-(?:{'|'.join(_SMALL[1:10])}))?|{'|'.join(sorted(_SMALL, key=len, reverse=True))}|single"
)
_FOUND = re.compile(
    rf"(?P<sign>US\$|[$€£¥]|USD|EUR|GBP|CHF)?\s?(?:(?P<hex>(?<!\w)0x[0-9a-f]+)|(?P<figures>(?<![\w.,])(?<![a-z]-)(?:{_FIGURES}))"
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
    months = [Number(Decimal(n), spelled=True) for n, month in enumerate(_MONTHS.split(), 1) if month in low]
    return found + scaled + months


def _numbers(text: str) -> Iterator[Number]:
    for match in _FOUND.finditer(text):
        value, end = _value(match), match.end()
        scale = (match["scale"] or "").lower()
        if scale in _SCALES and (match["sign"] or scale not in _SHORT):
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
        return _UNITS[sign.lower()]
    following = _NEXT.match(text, end)
    word = following[1].lower() if following else ""
    if word.startswith("percentage"):
        return _UNITS["pp"]
    return _UNITS.get("%" if word in ("per cent", "pour cent") else word, _NO_UNIT)
