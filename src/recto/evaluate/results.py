"""What a run amounts to: figures with intervals, a comparison with an earlier run, and the file that keeps it."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from recto.errors import BadRun
from recto.evaluate.abstaining import judge
from recto.evaluate.asking import Heard, Outcome
from recto.evaluate.chance import Difference, Estimate, difference, estimate
from recto.evaluate.metrics import score

WHERE = ("inside", "everywhere")  # asked of the right document, of the whole library
CUTOFFS = (1, 5, 10)
QUOTES = {"sentence@1": 1, "sentence@3": 3}  # the evidence is quoted first, among the first three

Json = dict[str, Any]
Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Run:
    """The outcomes of all questions, and what they were asked of."""

    outcomes: Sequence[Outcome]
    documents: int
    pages: int
    encoder: str  # empty if words alone decided

    def as_json(self, against: "Run | None" = None) -> Json:
        """Everything, as `recto eval --json` prints it."""
        return {
            "recto": version("recto"),
            "encoder": self.encoder,
            "documents": self.documents,
            "pages": self.pages,
            "questions": len(self.outcomes),
            "figures": {where: summed(self.outcomes, where) for where in WHERE},
            "types": {
                name: {where: summed(those, where) for where in WHERE} for name, those in by_type(self.outcomes).items()
            },
            "abstention": abstention(self.outcomes),
            "against": compared(against.outcomes, self.outcomes) if against else None,
            "outcomes": [asdict(outcome) for outcome in self.outcomes],
        }


def figures(outcome: Outcome, where: str) -> Figures:
    """What one question scores; a figure is left out where its labels do not allow it."""
    heard: Heard = getattr(outcome, where)
    found: Figures = score(heard.ranks, len(outcome.evidence_pages)) if outcome.evidence_pages else {}
    if heard.sentence is not None:
        found |= {name: float(1 <= heard.sentence <= k) for name, k in QUOTES.items()}
    if heard.holds is not None:
        found["answer"] = float(heard.holds)
    return found


def summed(outcomes: Sequence[Outcome], where: str) -> Json:
    """Each figure's mean over the questions that have it, with its interval."""
    rows = [figures(outcome, where) for outcome in outcomes]
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: _rounded(estimate([row[name] for row in rows if name in row])) for name in names}


def by_type(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    """The outcomes of each type of question that has a name."""
    found: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.type:
            found.setdefault(outcome.type, []).append(outcome)
    return found


def abstention(outcomes: Sequence[Outcome]) -> Json:
    """How well questions with an answer are told from those asked of another document, and from unanswerable ones."""
    answerable = [outcome.inside.confidence for outcome in outcomes if outcome.evidence_pages]
    foreign = {
        "elsewhere": [outcome.elsewhere.confidence for outcome in outcomes if outcome.elsewhere],
        "unanswerable": [outcome.inside.confidence for outcome in outcomes if not outcome.evidence_pages],
    }
    return {name: judge(answerable, those) for name, those in foreign.items() if answerable and those}


# --- comparing -------------------------------------------------------------------------------------------------------
def compared(before: Sequence[Outcome], after: Sequence[Outcome]) -> Json:
    """Question by question over those that both runs have. BadRun if there are none."""
    pairs = paired(before, after)
    if not pairs:
        raise BadRun("the saved run and this one have no question in common", hint="save this one: --save FILE.json")
    return {
        "questions": len(pairs),
        "figures": {where: _differences(pairs, partial(figures, where=where)) for where in WHERE},
        "abstention": _differences(pairs, _decided),
        "gained": [change for change in _changes(pairs) if change["gained"]],
        "lost": [change for change in _changes(pairs) if not change["gained"]],
    }


def paired(before: Sequence[Outcome], after: Sequence[Outcome]) -> list[tuple[Outcome, Outcome]]:
    """Each question that both runs have, word for word, with both outcomes."""
    known = {(outcome.id, outcome.question): outcome for outcome in before}
    return [(known[key], one) for one in after if (key := (one.id, one.question)) in known]


def _decided(outcome: Outcome) -> Figures:
    """Right decisions of one question: it answers where the answer stands, it abstains where it does not."""
    if not outcome.evidence_pages:
        return {"unanswerable": float(not outcome.inside.answered)}
    found = {"answerable": float(outcome.inside.answered)}
    return found if outcome.elsewhere is None else {**found, "elsewhere": float(not outcome.elsewhere.answered)}


def _differences(pairs: Sequence[tuple[Outcome, Outcome]], rated: Callable[[Outcome], Figures]) -> Json:
    rows = [(rated(one), rated(other)) for one, other in pairs]
    names = dict.fromkeys(name for row in rows for name in row[0] if name in row[1])
    both = {name: [(one[name], other[name]) for one, other in rows if name in one and name in other] for name in names}
    return {name: _rounded(difference(*zip(*values, strict=True))) for name, values in both.items()}


def _changes(pairs: Sequence[tuple[Outcome, Outcome]]) -> Iterator[Json]:
    """Questions whose first evidence page moved into or out of the first 1, 5 or 10."""
    for before, after in pairs:
        for where in WHERE:
            old, new = (_first(getattr(one, where)) for one in (before, after))
            if any((old <= k) != (new <= k) for k in CUTOFFS):
                ranks = {"before": _rank(old), "after": _rank(new)}
                yield {"id": after.id, "doc": after.doc, "where": where, **ranks, "gained": new < old}


def _first(heard: Heard) -> float:
    return heard.ranks[0] if heard.ranks else float("inf")


def _rank(rank: float) -> int | None:
    return int(rank) if rank < float("inf") else None


def _rounded(value: Estimate | Difference) -> Json:
    return {name: round(number, 4) for name, number in asdict(value).items()}


# --- keeping ---------------------------------------------------------------------------------------------------------
def save(path: Path, value: Mapping[str, Any]) -> None:
    """Write a run as one JSON object, a question a line: versions of it can be compared."""
    outcomes = ",\n".join(json.dumps(one, ensure_ascii=False) for one in value["outcomes"])
    others = "".join(f"{json.dumps(name)}: {json.dumps(one)},\n" for name, one in value.items() if name != "outcomes")
    path.write_text(f'{{\n{others}"outcomes": [\n{outcomes}\n]\n}}\n', encoding="utf-8")


def load(path: Path) -> Run:
    """A run that was saved. BadRun if the file holds none."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        outcomes = [Outcome.of(one) for one in value["outcomes"]]
        return Run(outcomes, value["documents"], value["pages"], value["encoder"])
    except OSError as error:
        raise BadRun(f"{path}: the file cannot be read ({error.strerror})", hint="check the spelling") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadRun(f"{path}: this is no saved run", hint="recto eval QUESTIONS.jsonl --save FILE.json") from error
