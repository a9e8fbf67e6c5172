"""Which evidence a written sentence rests on: what shares most of its words, and differs in nothing that matters.

Code decides, not the model that writes. What the rule gets right, and what not, bench/citing.py measures.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from recto.text.languages import MIXED
from recto.text.negation import contradict
from recto.text.numbers import Number, claimed_numbers, stated_numbers
from recto.text.stems import stems

SHARE = 0.35  # of a sentence's words, rare ones counting more: a paraphrase has few of its source's
LONG = 6  # words of four letters in a clause that must share as many with the source of the whole
SHORT = 3  # of them in a clause that can have a source of its own

_PLACE = r"(?:the |these |this )?(?:provided |given )?(?:documents?|excerpts?|texts?|passages?|evidence|page \d+)"
_LEAD = re.compile(  # what says where it stands, not what: "1. According to the document, "
    r"^(?:\W*\d{1,2}[.)]\s+)?"
    rf"(?:(?:according to|based on|as (?:stated|described|shown) (?:in|on|by)|in|on) {_PLACE}[^,]{{0,40}}, ?)?",
    re.IGNORECASE,
)
_JOINT = re.compile(
    r"(?:[,;]|[–—:] )\s*(?:and|but|while|whereas|which|because|so|or|yet|then)?\s+(?=\w)"
    r"|\s(?:and therefore|while|whereas|because|and|but|so that)\s(?=\w)"
)
_PART = re.compile(r"[;()\n]|,\s|\s(?:and|but|while|whereas)\s")
_CODED = re.compile(r"\b[^\W\d_]+-\d+\b|\b[^\W\d]\w*[\d_]\w*\b|\b\d+(?:\.\d+){2,}\b|\b[A-Z]{2,}\b")
_PROPER = re.compile(r"(?<=[a-z,] )[^\W\d_a-zà-ÿ][^\W\d_]+\b")
_WORDS = re.compile(r"(?=\b(\w+(?:[.-]\d+)*))(?=\b(\w+))")
_CONTENT = re.compile(r"[^\W\d_]{4,}")
MOST_PROPER = 0.3  # of the words of a sentence: in German every noun is written like a name

Overlap = Callable[[str, str], float]  # the share of the first text's words that the second holds, 0 to 1


@dataclass(frozen=True, slots=True)
class CitedSource:
    """A piece of evidence, and what stands above it: the document's name and title, and headings."""

    text: str
    about: str


def supporting(sentence: str, sources: Sequence[CitedSource], overlap: Overlap) -> tuple[int, ...]:
    """The sources that support a sentence: one, or one for each of its two clauses; none if a part has no support.

    A number or name that is not there, a word turned around and a word that only another source has refuse support.
    """
    claim = _LEAD.sub("", sentence, count=1)
    index = _source(claim, sources, overlap)
    if index is not None and all(overlap(clause, sources[index].text) >= SHARE for clause in _clauses(claim, LONG)):
        return (index,)
    indexes = [_source(clause, sources, overlap) for clause in _clauses(claim, SHORT)]
    supported = sorted({index for index in indexes if index is not None})
    return tuple(supported) if len(indexes) == len(supported) == 2 else ()


def _clauses(claim: str, least: int) -> Iterator[str]:
    """The parts of a sentence of at least so many words."""
    start = 0
    for joint in _JOINT.finditer(claim):
        parts = claim[start : joint.start()], claim[joint.end() :]
        if min(len(_CONTENT.findall(part)) for part in parts) >= least:
            yield parts[0]
            start = joint.end()
    yield claim[start:]


def _source(claim: str, sources: Sequence[CitedSource], overlap: Overlap) -> int | None:
    """The source with most of the claim's words, unless it differs: the second best is not looked for then."""
    scores = [overlap(claim, source.text) for source in sources]
    best = max(range(len(sources)), key=scores.__getitem__, default=None)
    if best is None or scores[best] < SHARE:
        return None
    source, rivals = sources[best], [*sources[:best], *sources[best + 1 :]]
    around = f"{source.text}\n{source.about}"
    proper = _PROPER.findall(claim)
    if len(proper) > MOST_PROPER * len(claim.split()):
        proper = []
    names = {name.casefold() for name in [*_CODED.findall(claim), *proper]}
    differs = (
        _differs_in_numbers(claim, source, overlap)
        or not names <= {word.casefold() for words in _WORDS.findall(around) for word in words}
        or contradict(claim, source.text)
        or any((_stems(claim) - _stems(around)) & _stems(rival.text) for rival in rivals)
    )
    return None if differs else best


def _differs_in_numbers(claim: str, source: CitedSource, overlap: Overlap) -> bool:
    """Whether a number is not in the source, or is that of another part of it.

    A year may stand in what is above the source. A number is another part's if the part that the claim repeats has one
    of the same unit that the claim leaves out.
    """
    years = [number for number in claimed_numbers(claim) if number.is_year]
    quantities = [number for number in claimed_numbers(claim) if not number.is_year]
    in_text, above = stated_numbers(source.text), stated_numbers(source.about)
    in_part = stated_numbers(max(_PART.split(source.text), key=lambda part: overlap(claim, part)))

    def lacking(numbers: Sequence[Number], matches: Sequence[Number]) -> list[Number]:
        return [number for number in numbers if not any(number.matches(match) for match in matches)]

    if lacking(years, [*in_text, *above]) or lacking(quantities, in_text):
        return True
    dropped = [match for match in in_part if not any(number.matches(match) for number in quantities)]
    foreign = lacking(quantities, in_part)
    return any(number.unit == match.unit for number in foreign for match in dropped if not match.is_year)


def _stems(text: str) -> set[str]:
    return set(stems(list(set(_CONTENT.findall(text.casefold())) - MIXED.polarity.undirected)))
