"""What the rules of text know about one language: words alone. How they are used stands with each rule."""

import re
from collections import ChainMap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from typing import Any, TypeVar

Words = frozenset[str]  # lower case, unless said otherwise
Unit = tuple[str, Decimal]  # what is measured, and how many of its basic units one is: km -> length, 1000

NO_WORDS: Words = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PolarityWords:
    """Words that tell which way a statement points."""

    negations: Words = NO_WORDS
    negating_determiners: Words = NO_WORDS  # those of the negations that negate the noun behind them alone: no limit
    clause_openers: Words = NO_WORDS  # no negation reaches past them
    undirected: Words = NO_WORDS  # words without a direction of their own
    opposites: tuple[tuple[str, str], ...] = ()  # words of one side, and of the other, with spaces between
    negating_prefixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberWords:
    """How numbers and what they count are written."""

    small: tuple[str, ...] = ()  # zero to nineteen, in order
    tens: tuple[str, ...] = ()  # twenty to ninety, in order
    synonyms: Mapping[str, int] = field(default_factory=dict)  # other words for a small number
    scales: Mapping[str, int] = field(default_factory=dict)  # powers of ten
    money_scales: Mapping[str, int] = field(default_factory=dict)  # the same, but of money only: 5 m is a length
    units: Mapping[str, Unit] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionWords:
    """Words by which a question is taken apart, to see whether it leans on the one before."""

    prepositions: Words = NO_WORDS
    determiners: Words = NO_WORDS
    interrogatives: Words = NO_WORDS
    helping_verbs: Words = NO_WORDS  # these leave the verb to the end
    auxiliaries: Words = NO_WORDS  # other ones
    clause_openers: Words = NO_WORDS
    possessives: Words = NO_WORDS
    pronouns: Words = NO_WORDS  # other ones
    saying_verbs: Words = NO_WORDS
    comparisons: Words = NO_WORDS
    fillers: Words = NO_WORDS  # beside a noun they say little, and alone nothing
    connectives: Words = NO_WORDS  # an afterthought begins with them
    places: Words = NO_WORDS
    alternatives: Words = NO_WORDS  # between two things of which a question offers the choice
    up_to: Words = NO_WORDS  # between the first and the last of several
    idle: Words = NO_WORDS  # what announces or repeats, and claims nothing by itself
    capital_places: Words = NO_WORDS  # as written: without the capital they are other words


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentsWords:
    """Words of a question that asks what there is, not what it says."""

    phrases: Words = NO_WORDS  # enough by themselves, with spaces between
    asking: Words = NO_WORDS  # up to two words before a part
    parts: Words = NO_WORDS  # of a document, where no number follows
    changes: Words = NO_WORDS  # beside a version


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceWords:
    """Words by which a question names a place in a document, or asks about the document itself."""

    parts: Mapping[str, str] = field(default_factory=dict)  # before a part's number, and what it is called in English
    pages: Mapping[str, int] = field(default_factory=dict)  # names of pages, counted from 0, or from the end: -1
    compounds: Words = NO_WORDS  # behind the name of a page they make another thing of it: cover letter
    documents: Words = NO_WORDS  # what a document is called
    overviews: Words = NO_WORDS  # what asks for the whole of it
    facts: Mapping[str, str] = field(default_factory=dict)  # what is asked about it: author, title or date
    issuing: Words = NO_WORDS  # what was done to it, by its author, on its date
    persons: Words = NO_WORDS  # these ask for a person
    times: Words = NO_WORDS  # these for a date
    singling: Words = NO_WORDS  # these ask for one thing, never for a whole document
    requests: Words = NO_WORDS  # these ask for what stands at a place, and say nothing about it
    bylines: Words = NO_WORDS  # before an author's name
    closings: Words = NO_WORDS  # before a signature
    abstracts: Words = NO_WORDS  # headings below which a document says what it is about


@dataclass(frozen=True, slots=True, kw_only=True)
class KindWords:
    """Words that tell what kind of thing a question asks for; the kinds are those of `asked_kind.AskedKind`."""

    asking: Words = NO_WORDS  # before the noun: what, which
    copulas: Words = NO_WORDS  # between the two
    nouns: Mapping[str, str] = field(default_factory=dict)
    openings: Mapping[str, str] = field(default_factory=dict)  # of a question, with spaces between: how heavy
    measures: Mapping[str, str] = field(
        default_factory=dict
    )  # what is measured, by what asks for it: how heavy, weight
    number: Words = NO_WORDS  # openings that ask for a number, with spaces between
    duration: Words = NO_WORDS  # openings that ask how long
    numberless: Words = NO_WORDS  # what answers the first without a number
    when: Words = NO_WORDS  # openings that ask for a time, with spaces between
    amounts: Words = NO_WORDS  # openings that ask for money if a word of paying follows, with spaces between
    paying: Words = NO_WORDS
    numbers: Words = (
        NO_WORDS  # openings that ask for a telephone number if a word of calling follows, with spaces between
    )
    calling: Words = NO_WORDS
    places: Words = NO_WORDS  # labels of what says where
    figures: Words = NO_WORDS  # what is told by figures, if that is the noun: which number
    codes: Words = NO_WORDS  # what is told by figures or by capitals
    goods: Words = NO_WORDS  # behind a word of paying they ask for what is bought
    currencies: Words = NO_WORDS  # behind a number
    times: Words = NO_WORDS  # by which a text says when


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """The words of one language. What is empty has not been measured yet, and its rule does nothing there."""

    code: str = ""  # of ISO 639-1; empty for none in particular
    name: str = ""  # in English
    stemmer: str = ""  # of Snowball; empty for none
    stem_letters: int | None = None  # the first of a stem that count; None for all
    stop_words: Words = NO_WORDS
    abbreviations: Words = NO_WORDS  # a full stop behind them ends no sentence
    numbering_abbreviations: Words = NO_WORDS  # the same where a number follows: without one, "no." ends a sentence
    cased_abbreviations: Words = NO_WORDS  # as written: in another case they are words of other languages
    bases: Mapping[str, str] = field(default_factory=dict)  # of irregular verbs, by their other forms
    elisions: Words = NO_WORDS  # what an apostrophe parts from the word behind it: l'année
    apostrophe_ends: bool = False  # what stands behind an apostrophe is an ending: Ankara'da
    decimal_comma: bool = False  # 1.234,5
    dotted_ordinals: bool = False  # a full stop behind a small number makes it an ordinal: am 3. Tag
    months: tuple[str, ...] = ()  # all twelve, in order
    dotted_day_months: Words = NO_WORDS  # months behind a day with a full stop: 3. März
    leaning_words: Words = NO_WORDS  # what a sentence starts with when it leans on the one before
    total_words: Words = NO_WORDS  # of a question that asks for the row which adds others up
    comparing_words: Words = NO_WORDS  # of a question for which rows have to be compared, or a list read whole
    page_words: Words = NO_WORDS  # before a page's number
    range_words: Words = NO_WORDS  # between the first and the last
    version_words: Words = NO_WORDS  # before a version's number
    contents: ContentsWords = field(default_factory=ContentsWords)
    polarity: PolarityWords = field(default_factory=PolarityWords)
    numbers: NumberWords = field(default_factory=NumberWords)
    questions: QuestionWords = field(default_factory=QuestionWords)
    places: PlaceWords = field(default_factory=PlaceWords)
    kinds: KindWords = field(default_factory=KindWords)


WordGroup = PolarityWords | NumberWords | QuestionWords | ContentsWords | PlaceWords | KindWords
Part = TypeVar("Part", bound=Language | WordGroup)


def words(text: str) -> Words:
    """The words of a text, parted by white space."""
    return frozenset(text.split())


def in_order(text: str) -> tuple[str, ...]:
    """The same, where their order counts."""
    return tuple(text.split())


def any_of(spellings: Iterable[str]) -> str:
    """A regular expression for any of these, the longest first."""
    return f"(?:{'|'.join(map(re.escape, sorted(spellings, key=lambda spelling: (-len(spelling), spelling))))})"


def units(table: str) -> Mapping[str, Unit]:
    """Units by their spellings, from lines of what is measured, the factor, and spellings: `time 60 min minutes`.

    An underscore stands for a space in a spelling.
    """
    return {
        spelling.replace("_", " "): (dimension, Decimal(factor))
        for dimension, factor, *spellings in map(str.split, table.strip().splitlines())
        for spelling in spellings
    }


def meanings(table: str) -> Mapping[str, str]:
    """Meanings by their spellings, from lines of a meaning and its spellings: `figure abb. abbildung`.

    An underscore stands for a space in a spelling.
    """
    return {
        spelling.replace("_", " "): line[0]
        for line in map(str.split, table.strip().splitlines())
        for spelling in line[1:]
    }


def union(leading: Part, further: Sequence[Part]) -> Part:
    """One value with the words of all. What is in order, and the stemmer, are the leading one's."""
    merged: dict[str, Any] = {}
    for part in fields(leading):
        value, *values = (getattr(language, part.name) for language in (leading, *further))
        match value:
            case frozenset():
                merged[part.name] = value.union(*values)
            case Mapping():
                merged[part.name] = dict(ChainMap(dict(value), *values))
            case PolarityWords() | NumberWords() | QuestionWords() | ContentsWords() | PlaceWords() | KindWords():
                merged[part.name] = union(value, values)
            case _:
                merged[part.name] = value
    return replace(leading, **merged)
