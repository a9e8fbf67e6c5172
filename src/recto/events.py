"""What the library says while it works. Each shell is a `match` over these that ends in `assert_never`."""

from dataclasses import dataclass

from recto.types import Added, Answer, Citation, Hit


@dataclass(frozen=True, slots=True)
class Progress:
    """Work under way: `done` of `total` units of `stage`; `eta_s` seconds are left, or None while unknown."""

    stage: str  # reading | ocr | encoding, of the file or folder `name`
    name: str
    done: int
    total: int
    eta_s: float | None


@dataclass(frozen=True, slots=True)
class Found:
    """The passages that search found, best first."""

    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Quoted:
    """The documents' own sentences that answer the question."""

    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Abstained:
    """Nothing in the documents answers; these came nearest."""

    nearest: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """The answer, whole. Always the last event, and always there."""

    answer: Answer


AskEvent = Found | Quoted | Abstained | Done
AddEvent = Progress | Added
