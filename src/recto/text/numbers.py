"""The numbers of a text as values with units, so that 1,234 is 1234 and $1.2 billion is 1,200 million."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from unicodedata import normalize

from recto.text.languages import MIXED
from recto.text.languages.language import any_of

_NUMBERS = MIXED.numbers
_SCALES = {**_NUMBERS.scales, **_NUMBERS.money_scales}
_NO_UNIT = "", Decimal(1)
_WORDS = {
    **_NUMBERS.synonyms,
    **{word: value for value, word in enumerate(_NUMBERS.small)},
    **{word: 20 + 10 * place for place, word in enumerate(_NUMBERS.tens)},
}

_THOUSANDS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?"  # 1,234.5, where blanks and ' are left out
_CONTINENTAL = r"\d{1,3}(?:\.\d{3})+,\d+"  # 1.234,5
_FIGURES = rf"\d{{1,3}}(?:[,\u00a0\u202f']\d{{3}})+(?:\.\d+)?|{_CONTINENTAL}|\d+(?:[.,]\d+)?|\.\d+"
_RAISED = "[\u2070\u00b9\u00b2\u00b3\u2074-\u2079]"  # digits, as pages keep exponents and the marks of footnotes
_SPELLED = (
    f"{any_of(_NUMBERS.tens)}(?:-{any_of(_NUMBERS.small[1:10])})?|{any_of([*_NUMBERS.small, *_NUMBERS.synonyms])}"
)
_NUMBER = re.compile(
    rf"""(?P<sign>US\$|[$€£¥]|USD|EUR|GBP|CHF)?\s?
        (?: (?P<hex> (?<!\w) 0x[0-9a-f]+)
          | (?P<figures> (?<![\w.,]) (?<![a-z]-) (?:{_FIGURES}))
          | \b (?P<words>{_SPELLED}) \b
        ) (?! [\d_] | [.,]\d )
        (?: (?: (?<=10) (?<![\d.,]10) | (?<=2) (?<![\d.,]2) )
            (?: (?P<power>[\u207a\u207b]?{_RAISED}{{1,3}}) | \^(?P<caret>[-\u2212+]?\d{{1,3}}) )
          | {_RAISED}+ (?:,{_RAISED}+)* )?  # 10⁶ and 10^6, or the marks of footnotes
        (?: [ \u00a0\u202f-]? (?P<scale>[a-z]+) \b \.? (?<=[a-z.]) )?""",
    re.IGNORECASE | re.VERBOSE,
)
_BASE = re.compile(rf"(?<![\d.,])(10|2)(?={_RAISED})")  # of a power, or a number with the mark of a footnote
_PHRASES = any_of(spelling for spelling in _NUMBERS.units if " " in spelling)
_UNIT = re.compile(rf"[ \u00a0\u202f-]?({_PHRASES}|%|°[CF]|[^\W\d_]+|[$€£])", re.IGNORECASE)
_UNIT_WORD = re.compile(rf"{_PHRASES}|%|°[CF]|[^\W\d_]+|[$€£]", re.IGNORECASE)
_UNSAID = {"", "$", "€", "£", "¥", "chf", "%", "points"}
_STATED_SCALE = re.compile(
    r"\b(?:in|in\s+[A-Z$€£]{1,4})\s+(thousands|millions|billions)\b|[($€£]\s?(thousands?|millions?|billions?)\b", re.I
)


@dataclass(frozen=True, slots=True, kw_only=True)
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

    def matches(self, number: "Number") -> bool:
        """Whether the two are the same; a unit that stands elsewhere, such as above a table, is not held against."""
        if self.unit and number.unit:
            return self.unit == number.unit and self.value * self.factor == number.value * number.factor
        return self.value == number.value


def claimed_numbers(sentence: str) -> list[Number]:
    """The numbers that a sentence claims. A lone "one" is mostly none."""
    return [number for number in _numbers(sentence) if not number.spelled or number.value > 1 or number.unit]


def stated_numbers(text: str, above: str = "") -> list[Number]:
    """The numbers that a text states: also months, and those of a table whose head says that they are millions.

    The head may also stand in a text above it.
    """
    numbers = list(_numbers(text))
    scales = {
        _SCALES[word.lower()] for match in _STATED_SCALE.finditer(f"{above}\n{text}") for word in match.groups() if word
    }
    scaled = [replace(number, value=number.value.scaleb(scale)) for scale in scales for number in numbers]
    low = text.lower()
    months = [Number(value=Decimal(place), spelled=True) for place, month in enumerate(MIXED.months, 1) if month in low]
    return numbers + scaled + months + [Number(value=Decimal(base)) for base in _BASE.findall(text)]


def unstated_units(numbers: Sequence[Number], text: str) -> set[str]:
    """The units of numbers that a text names nowhere; those of money and shares, which cells leave out, aside."""
    spellings = {word.lower() for word in _UNIT_WORD.findall(text)}
    return {number.unit for number in numbers} - {_NUMBERS.units.get(word, _NO_UNIT)[0] for word in spellings} - _UNSAID


def _numbers(text: str) -> Iterator[Number]:
    for match in _NUMBER.finditer(text):
        if match["hex"]:
            value = Decimal(int(match["hex"], 16))
        elif match["words"]:
            value = Decimal(sum(_WORDS[word] for word in match["words"].lower().split("-")))
        else:
            figures = re.sub(r"[\u00a0\u202f']", "", match["figures"])
            if re.fullmatch(_THOUSANDS, figures):
                figures = figures.replace(",", "")
            elif re.fullmatch(_CONTINENTAL, figures):
                figures = figures.replace(".", "")
            value = Decimal(figures.replace(",", "."))
        if power := match["power"] or match["caret"]:
            value = value ** int(normalize("NFKC", power).replace("\u2212", "-"))
        end = match.end()
        scale = (match["scale"] or "").lower()
        if scale in _SCALES and (match["sign"] or scale not in _NUMBERS.money_scales):
            value = value.scaleb(_SCALES[scale])
        elif scale:
            end = match.start("scale")
        if match["sign"]:
            spelling = match["sign"].lower()
        else:
            following = _UNIT.match(text, end)
            spelling = following[1].lower() if following else ""
        unit, factor = _NUMBERS.units.get(spelling, _NO_UNIT)
        yield Number(value=value, unit=unit, factor=factor, spelled=bool(match["words"]))
