"""Languages: every file's words are clean, and the mixture that the rules work on is made of exactly those."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from recto.text import languages
from recto.text.languages import BESIDE_ENGLISH, MIXED
from recto.text.languages import LANGUAGES as BY_CODE
from recto.text.languages.de import GERMAN
from recto.text.languages.en import ENGLISH
from recto.text.languages.language import Language, any_of
from recto.text.languages.neutral import NEUTRAL

FILES = Path(languages.__path__[0])
LANGUAGES = {**BY_CODE, "neutral": NEUTRAL}
AS_WRITTEN = {"name", "cased_abbreviations", "capital_places"}  # the only words that may have capitals
IN_ORDER = {
    "name",
    "stemmer",
    "stem_letters",
    "months",
    "opposites",
    "negating_prefixes",
    "unnegated",
    "small",
    "tens",
}  # those of English alone


def parts(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    """The fields of a language and of its parts, by name."""
    if is_dataclass(value):
        for part in fields(value):
            yield from parts(getattr(value, part.name), f"{name}.{part.name}".lstrip("."))
    else:
        yield name, value


def spellings(value: object) -> list[str]:
    match value:
        case str():
            return value.split()
        case Mapping() | frozenset() | tuple():
            return [spelling for entry in value for spelling in (entry if isinstance(entry, tuple) else (entry,))]
    raise AssertionError(f"no words: {value!r}")


LISTS = [
    pytest.param(name.rpartition(".")[2], value, id=f"{code}:{name}")
    for code, language in LANGUAGES.items()
    for name, value in parts(language)
    if value and not isinstance(value, bool | int)
]


@pytest.mark.parametrize(("name", "value"), LISTS)
def test_words_are_lower_case_and_clean(name, value) -> None:
    for spelling in spellings(value):
        assert spelling == spelling.strip() != ""
        assert name in AS_WRITTEN or spelling == spelling.lower()


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_word_stands_twice_in_a_list(code) -> None:
    """A set cannot tell, so that the file is read."""
    source = (FILES / f"{code}.py").read_text("utf-8")
    for words in re.findall(r"(?:words|in_order|units)\(\s*((?:\"[^\"]*\"\s*)+|\"{3}.*?\"{3})", source, re.DOTALL):
        listed = [word for word in words.replace('"', " ").split() if word.isalpha() and len(word) > 1]
        dimensions = (
            {line.split()[0] for line in words.splitlines() if len(line.split()) > 1} if '"""' in words else set()
        )
        counted = [word for word in listed if word not in dimensions]
        assert len(counted) == len(set(counted)), sorted({word for word in counted if counted.count(word) > 1})


def test_the_mixture_is_exactly_the_union() -> None:
    mixed = dict(parts(MIXED))
    assert mixed.pop("dotted_day_months") == GERMAN.dotted_day_months - set(ENGLISH.months)
    for name, value in mixed.items():
        values = [dict(parts(language))[name] for language in (ENGLISH, *BESIDE_ENGLISH)]
        if isinstance(value, bool) or name == "code":
            assert not value
        elif name.rpartition(".")[2] in IN_ORDER:
            assert value == dict(parts(ENGLISH))[name]
        elif isinstance(value, Mapping):
            assert set(value.items()) == {entry for table in values for entry in table.items()}
        else:
            assert value == frozenset().union(*values)


def test_no_spelling_means_two_units() -> None:
    for table in ("units", "scales", "money_scales"):
        meanings: dict[str, object] = {}
        for language in LANGUAGES.values():
            for spelling, meaning in getattr(language.numbers, table).items():
                assert meanings.setdefault(spelling, meaning) == meaning


def test_numbers_stand_in_order() -> None:
    assert (len(ENGLISH.numbers.small), len(ENGLISH.numbers.tens), len(ENGLISH.months)) == (20, 8, 12)
    assert ENGLISH.numbers.small[7] == "seven"
    assert ENGLISH.numbers.units["per cent"] == ("%", Decimal(1))
    assert GERMAN.numbers.units["minuten"] == ("time", Decimal(60))


def test_a_language_may_know_nothing() -> None:
    assert not any(value for _, value in parts(Language()))


def test_any_of_takes_the_longest() -> None:
    assert re.match(any_of(["p.", "pp.", "page", "pages"]), "pages")[0] == "pages"
    assert re.match(any_of(["p."]), "px") is None
