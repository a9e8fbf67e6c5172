"""Which evidence a written sentence rests on: what shares most of its words, and differs in nothing that matters.

Code decides, not the model that writes. What the rule gets right, and what not, bench/citing.py measures.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from recto.text.languages import MIXED
from recto.text.negation import contradict
from recto.text.numbers import claimed_numbers, stated_numbers
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
class Source:
    """A piece of evidence, and what stands above it: the document's name and title, and headings."""

    text: str
    about: str


def supporting(sentence: str, sources: Sequence[Source], overlap: Overlap) -> tuple[int, ...]:
    """The sources that support a sentence: one, or one for each of its two clauses; none if a part has no support.

    A number or name that is not there, a word turned around and a word that only another source has refuse support.
    """
    claim = _LEAD.sub("", sentence, count=1)
    whole = _source(claim, sources, overlap)
    if whole is not None and all(overlap(part, sources[whole].text) >= SHARE for part in _clauses(claim, LONG)):
        return (whole,)
    found = [_source(part, sources, overlap) for part in _clauses(claim, SHORT)]
    places = sorted({index for index in found if index is not None})
    return tuple(places) if len(found) == len(places) == 2 else ()


def _clauses(claim: str, least: int) -> Iterator[str]:
    """The parts of a sentence of at least so many words."""
    start = 0
    for joint in _JOINT.finditer(claim):
        if min(_count(claim[start : joint.start()]), _count(claim[joint.end() :])) >= least:
            yield claim[start : joint.start()]
            start = joint.end()
    yield claim[start:]


def _count(text: str) -> int:
    return len(_CONTENT.findall(text))


def _source(claim: str, sources: Sequence[Source], overlap: Overlap) -> int | None:
    """The source with most of the claim's words, unless it differs: no other one is looked for then."""
    scores = [overlap(claim, source.text) for source in sources]
    best = max(range(len(sources)), key=scores.__getitem__, default=None)
    if best is None or scores[best] < SHARE:
        return None
    others = [source.text for index, source in enumerate(sources) if index != best]
    if _differs(claim, sources[best], others) or _has_numbers_of_elsewhere(claim, sources[best].text, overlap):
        return None
    return best


def _differs(claim: str, source: Source, others: Sequence[str]) -> bool:
    around = f"{source.text}\n{source.about}"
    return (
        _has_other_numbers(claim, source)
        or not _names(claim) <= {word.casefold() for words in _WORDS.findall(around) for word in words}
        or contradict(claim, source.text)
        or any((_stems(claim) - _stems(around)) & _stems(other) for other in others)
    )


def _has_other_numbers(claim: str, source: Source) -> bool:
    """Whether a number is not in the source; a year may stand in what is above it."""
    there, above = stated_numbers(source.text), stated_numbers(source.about)
    return any(
        not any(one.matches(other) for other in (there + above if one.is_year else there))
        for one in claimed_numbers(claim)
    )


def _has_numbers_of_elsewhere(claim: str, text: str, overlap: Overlap) -> bool:
    """Whether the part of the source that the claim repeats has one number, and the claim another part's instead."""
    part = max(_PART.split(text), key=lambda part: overlap(claim, part))
    these, those = [one for one in claimed_numbers(claim) if not one.is_year], stated_numbers(part)
    foreign = [one for one in these if not any(one.matches(other) for other in those)]
    unsaid = [other for other in those if not any(one.matches(other) for one in these)]
    return any(one.unit == other.unit for one in foreign for other in unsaid if not other.is_year)


def _names(claim: str) -> set[str]:
    """Codes and proper names, folded."""
    proper = _PROPER.findall(claim)
    if len(proper) > MOST_PROPER * len(claim.split()):
        proper = []
    return {name.casefold() for name in [*_CODED.findall(claim), *proper]}


def _stems(text: str) -> set[str]:
    return set(stems(list(set(_CONTENT.findall(text.casefold())) - MIXED.polarity.undirected)))
