"""Which evidence a written sentence rests on: by shared words, and by what must not differ. Code decides, no model."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

from recto.answer.numbers import claimed, said
from recto.answer.polarity import contradict

ALONE = 0.6  # share of a sentence's words, rare ones counting more, that one source must hold
TOGETHER = 0.7  # and two
OWN = 0.35  # of which its own text, without the document's name and headings, must hold so many

_SOURCE = r"(?:the |these |this )?(?:provided |given )?(?:documents?|excerpts?|texts?|passages?|evidence|page \d+)"
_LEAD = re.compile(  # what says where it stands, not what: "1. According to the document, "
    r"^(?:\W*\d{1,2}[.)]\s+)?"
    rf"(?:(?:according to|based on|as (?:stated|described|shown) (?:in|on|by)|in|on) {_SOURCE}[^,]{{0,40}}, ?)?",
    re.IGNORECASE,
)
_NAME = re.compile(r"\b(?=\w*[^\W\d_])(?=\w*[\d_])\w+\b|\b\d+(?:\.\d+){2,}\b|\b[A-Z]{2,}\b|(?<=[a-z,] )[A-Z][a-z]+\b")
_WORDS = re.compile(r"\w+(?:\.\d+)*")

Overlap = Callable[[str, str], float]  # the share of the first text's words that the second holds, 0 to 1


@dataclass(frozen=True, slots=True)
class Source:
    """A piece of evidence, and what stands above it: the document's name and title, and headings."""

    text: str
    about: str


def supporting(sentence: str, sources: Sequence[Source], overlap: Overlap) -> tuple[int, ...]:
    """The source that supports a sentence, or the two that do so together; none if nothing does.

    Every number and name of the sentence stands there, no word is turned around, and enough of its words are shared.
    """
    claim = _LEAD.sub("", sentence, count=1)
    for size, least in ((1, ALONE), (2, TOGETHER)):
        best = max(
            (
                (share, chosen)
                for chosen in combinations(range(len(sources)), size)
                if (share := _share(claim, [sources[index] for index in chosen], overlap)) >= least
            ),
            default=None,
        )
        if best:
            return best[1]
    return ()


def _share(claim: str, sources: Sequence[Source], overlap: Overlap) -> float:
    """How much of the claim the sources hold, 0 if they differ in what must not differ."""
    text = "\n".join(source.text for source in sources)
    around = "\n".join([text, *(source.about for source in sources)])
    if overlap(claim, text) < OWN or not _agree(claim, text, around):
        return 0.0
    return overlap(claim, around)


def _agree(claim: str, text: str, around: str) -> bool:
    numbers = said(text)
    words = set(_WORDS.findall(around.casefold()))
    return (
        all(any(one.is_said_by(other) for other in numbers) for one in claimed(claim))
        and all(name.casefold() in words for name in _NAME.findall(claim))
        and not contradict(claim, text)
    )
