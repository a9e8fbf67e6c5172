"""What a run amounts to: figures with intervals, a comparison with an earlier run, and the file that keeps it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from recto import DISTRIBUTION
from recto.errors import BadRun
from recto.evaluate.abstaining import judge
from recto.evaluate.asking import Heard, Outcome
from recto.evaluate.bootstrap import Difference, Estimate, difference, estimate
from recto.evaluate.metrics import score
from recto.evaluate.text_quality import Complaint

WHERE = ("inside", "everywhere", "elsewhere")  # asked of the right document, of the library, of a wrong document
QUOTES = {"sentence@1": 1, "sentence@3": 3}  # the evidence is quoted first, among the first three
NAMES = {  # of figures, in words
    "H@1": "evidence page first (H@1)",
    "H@5": "among the first 5 (H@5)",
    "H@10": "among the first 10 (H@10)",
    "R@5": "evidence pages in the first 5 (R@5)",
    "MRR": "1 / rank of the first (MRR@10)",
    "nDCG": "nDCG@10",
    "sentence@1": "evidence in the first quote",
    "sentence@3": "evidence in the first 3 quotes",
    "answer": "answer's words in the quotes",
    "answered": "answered, where an answer is",
    "abstained": "abstained, where none is",
}
# What may not become worse: few figures, for each of them is wrong by chance now and then.
JUDGED = (
    ("inside", "MRR"),
    ("everywhere", "MRR"),
    ("inside", "sentence@3"),
    ("inside", "answered"),
    ("elsewhere", "abstained"),
)

Json = dict[str, Any]
Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Run:
    """The outcomes of all questions, and what they were asked of."""

    outcomes: Sequence[Outcome]
    documents: int
    pages: int
    encoder: str  # empty if words alone decided
    complaints: Sequence[Complaint] | None = None  # about how documents were read; None if nobody looked

    def as_json(self, against: "Run | None" = None) -> Json:
        """Everything, as `recto eval --json` prints it."""
        return {
            "recto": version(DISTRIBUTION),
            "encoder": self.encoder,
            "documents": self.documents,
            "pages": self.pages,
            "questions": len(self.outcomes),
            "figures": tabulated(self.outcomes),
            "types": {name: tabulated(those) for name, those in by_type(self.outcomes).items()},
            "abstention": abstention(self.outcomes),
            "complaints": None if self.complaints is None else [asdict(one) for one in self.complaints],
            "against": compared(against.outcomes, self.outcomes) if against else None,
            "outcomes": [asdict(outcome) for outcome in self.outcomes],
        }


def figures(outcome: Outcome, where: str) -> Figures:
    """What one question scores; a figure is left out where its labels do not allow it."""
    heard: Heard | None = getattr(outcome, where)
    if heard is None:
        return {}
    if not outcome.evidence_pages or where == "elsewhere":
        return {"abstained": float(not heard.answered)}
    found = {**score(heard.ranks, len(outcome.evidence_pages)), "answered": float(heard.answered)}
    if heard.sentence is not None:
        found |= {name: float(1 <= heard.sentence <= k) for name, k in QUOTES.items()}
    if heard.holds is not None:
        found["answer"] = float(heard.holds)
    return found


def tabulated(outcomes: Sequence[Outcome]) -> Json:
    """Each figure's mean over the questions that have it, with its interval, for each place that was asked."""
    return {where: _summed(outcomes, where) for where in WHERE}


def _summed(outcomes: Sequence[Outcome], where: str) -> Json:
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
    found = {where: _differences(pairs, where) for where in WHERE}
    changes = [_change(pair, where, sign) for pair in pairs for where in WHERE for sign in (1, -1)]
    return {
        "questions": len(pairs),
        "figures": {where: {name: _rounded(one) for name, one in those.items()} for where, those in found.items()},
        "worse": [f"{where} {name}" for where, name in JUDGED if name in found[where] and found[where][name].is_worse],
        "gained": [change for change in changes[::2] if change["figures"]],
        "lost": [change for change in changes[1::2] if change["figures"]],
    }


def paired(before: Sequence[Outcome], after: Sequence[Outcome]) -> list[tuple[Outcome, Outcome]]:
    """Each question that both runs have, word for word, with both outcomes."""
    known = {(outcome.id, outcome.question): outcome for outcome in before}
    return [(known[key], one) for one in after if (key := (one.id, one.question)) in known]


def _differences(pairs: Sequence[tuple[Outcome, Outcome]], where: str) -> dict[str, Difference]:
    rows = [(figures(one, where), figures(other, where)) for one, other in pairs]
    names = dict.fromkeys(name for row in rows for name in row[0])
    both = {name: [(one[name], other[name]) for one, other in rows if name in one and name in other] for name in names}
    return {name: difference(*zip(*values, strict=True)) for name, values in both.items() if values}


def _change(pair: tuple[Outcome, Outcome], where: str, sign: int) -> Json:
    """The yes-or-no figures that a question gained (sign 1) or lost (-1), and the ranks of its first evidence page."""
    old, new = (figures(one, where) for one in pair)
    names = [name for name in new if name in old and (new[name] - old[name]) * sign == 1]
    ranks = [next(iter(heard.ranks), None) if (heard := getattr(one, where)) else None for one in pair]
    return {
        "id": pair[1].id,
        "doc": pair[1].doc,
        "where": where,
        "figures": [name for name in names if name not in ("MRR", "nDCG", "R@5")],
        "before": ranks[0],
        "after": ranks[1],
    }


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
