"""What a run amounts to: figures with intervals, a comparison with an earlier run, and the file that keeps it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from recto import DISTRIBUTION
from recto.errors import BadRun
from recto.evaluate.abstaining import judge, product_shares
from recto.evaluate.bootstrap import Difference, Estimate, difference, estimate
from recto.evaluate.metrics import score
from recto.evaluate.outcomes import JudgedAnswer, Outcome
from recto.evaluate.text_quality import Complaint
from recto.types import Certainty

# Asked of the right document, of the library, of a wrong document, of a library that holds the right one only.
WHERE = ("inside", "everywhere", "elsewhere", "alone")
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
    "shown": "answer or all evidence shown",
    "right": "answered rightly",
    "answered": "answered, where an answer is",
    "sure": "  as sure, not as closest lines",
    "refused": "refused, where an answer is",
    "abstained": "abstained, where none is",
    "unsure": "  or closest lines, not as sure",
}
# What may not become worse: few figures, for each of them is wrong by chance now and then.
JUDGED = (
    ("inside", "MRR"),
    ("everywhere", "MRR"),
    ("inside", "sentence@3"),
    ("inside", "answered"),
    ("elsewhere", "unsure"),
    ("alone", "right"),
    ("alone", "unsure"),
)

Json = dict[str, Any]
Figures = dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalRun:
    """The outcomes of all questions, and what they were asked of."""

    outcomes: Sequence[Outcome]
    documents: int
    pages: int
    encoder: str  # empty if words alone decided
    complaints: Sequence[Complaint] | None = None  # about how documents were read; None if nobody looked

    def as_json(self, against: "EvalRun | None" = None) -> Json:
        """Everything, as `recto eval --json` prints it."""
        return {
            "recto": version(DISTRIBUTION),
            "encoder": self.encoder,
            "documents": self.documents,
            "pages": self.pages,
            "questions": len(self.outcomes),
            "figures": tabulated(self.outcomes),
            "types": {name: tabulated(outcomes) for name, outcomes in by_type(self.outcomes).items()},
            "abstention": abstention(self.outcomes),
            "complaints": None if self.complaints is None else list(map(asdict, self.complaints)),
            "against": comparison(against.outcomes, self.outcomes) if against else None,
            "outcomes": [asdict(outcome) for outcome in self.outcomes],
        }


def figures(outcome: Outcome, where: str) -> Figures:
    """What one question scores; a figure is left out where its labels do not allow it."""
    answer: JudgedAnswer | None = getattr(outcome, where)
    if answer is None:
        return {}
    is_sure = answer.certainty is Certainty.ANSWERED
    if not outcome.evidence_pages or where == "elsewhere":
        return {"abstained": float(not answer.answered), "unsure": float(not is_sure)}
    values = {**score(answer.ranks, len(outcome.evidence_pages)), "answered": float(answer.answered)}
    values["sure"] = float(is_sure)
    values["refused"] = float(answer.certainty is Certainty.REFUSED)
    if answer.sentence is not None:
        values |= {name: float(1 <= answer.sentence <= k) for name, k in QUOTES.items()}
    if answer.holds is not None:
        values["answer"] = float(answer.holds)
    if answer.shows is not None:
        values |= {"shown": float(answer.shows), "right": float(answer.shows and answer.answered)}
    return values


def tabulated(outcomes: Sequence[Outcome]) -> Json:
    """Each figure's mean over the questions that have it, with its interval, for each place that was asked."""
    table = {}
    for where in WHERE:
        rows = [figures(outcome, where) for outcome in outcomes]
        names = dict.fromkeys(name for row in rows for name in row)
        table[where] = {name: _rounded(estimate([row[name] for row in rows if name in row])) for name in names}
    return table


def by_type(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    """The outcomes of each type of question that has a name."""
    types: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.type:
            types.setdefault(outcome.type, []).append(outcome)
    return types


def abstention(outcomes: Sequence[Outcome]) -> Json:
    """How well questions with an answer are told from those asked of another document, and from unanswerable ones."""
    answerable = [outcome for outcome in outcomes if outcome.evidence_pages]
    unanswerable = [outcome for outcome in outcomes if not outcome.evidence_pages]
    inside = [outcome.inside for outcome in answerable]
    told_apart = {
        "elsewhere": (inside, [outcome.elsewhere for outcome in outcomes if outcome.elsewhere]),
        "unanswerable": (inside, [outcome.inside for outcome in unanswerable]),
        "alone": (
            [outcome.alone for outcome in answerable if outcome.alone],
            [outcome.alone for outcome in unanswerable if outcome.alone],
        ),
    }
    judged: Json = {}
    for name, halves in told_apart.items():
        if all(halves):  # by confidence what any threshold could do; what was answered and refused is counted
            confidences = ([answer.confidence for answer in half] for half in halves)
            certainties = ([answer.certainty for answer in half] for half in halves)
            judged[name] = {**judge(*confidences), **product_shares(*certainties)}
    return judged


# --- comparing -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Pair:
    """One question in two runs."""

    earlier: Outcome
    later: Outcome

    def scores(self, where: str) -> dict[str, tuple[float, float]]:
        """What it scores in both runs, by the names of the figures that it has in both."""
        old, new = figures(self.earlier, where), figures(self.later, where)
        return {name: (old[name], value) for name, value in new.items() if name in old}

    def change(self, where: str, sign: int) -> Json:
        """The yes-or-no figures that it gained (sign 1) or lost (-1), and the ranks of its first evidence page."""
        names = [name for name, (old, new) in self.scores(where).items() if (new - old) * sign == 1]
        answers = [getattr(outcome, where) for outcome in (self.earlier, self.later)]
        before, after = (next(iter(answer.ranks), None) if answer else None for answer in answers)
        return {
            "id": self.later.id,
            "doc": self.later.doc,
            "where": where,
            "figures": [name for name in names if name not in ("MRR", "nDCG", "R@5", "refused")],
            "before": before,
            "after": after,
        }


def comparison(before: Sequence[Outcome], after: Sequence[Outcome]) -> Json:
    """Question by question over those that both runs have, word for word. BadRun if there are none."""
    earlier = {(outcome.id, outcome.question): outcome for outcome in before}
    keys = [(outcome.id, outcome.question) for outcome in after]
    pairs = [Pair(earlier[key], outcome) for key, outcome in zip(keys, after, strict=True) if key in earlier]
    if not pairs:
        raise BadRun("the saved run and this one have no question in common", hint="save this one: --save FILE.json")
    differences: dict[str, dict[str, Difference]] = {}
    for where in WHERE:
        rows = [pair.scores(where) for pair in pairs]
        names = dict.fromkeys(name for row in rows for name in row)
        scores = {name: [row[name] for row in rows if name in row] for name in names}
        differences[where] = {name: difference(*zip(*values, strict=True)) for name, values in scores.items()}
    worse = [
        f"{where} {name}" for where, name in JUDGED if name in differences[where] and differences[where][name].is_worse
    ]
    changes = {sign: [pair.change(where, sign) for pair in pairs for where in WHERE] for sign in (1, -1)}
    return {
        "questions": len(pairs),
        "figures": {
            where: {name: _rounded(value) for name, value in values.items()} for where, values in differences.items()
        },
        "worse": worse,
        "gained": [change for change in changes[1] if change["figures"]],
        "lost": [change for change in changes[-1] if change["figures"]],
    }


def _rounded(value: Estimate | Difference) -> Json:
    return {name: round(number, 4) for name, number in asdict(value).items()}


# --- keeping ---------------------------------------------------------------------------------------------------------
def save(path: Path, value: Mapping[str, Any]) -> None:
    """Write a run as one JSON object, a question a line: versions of it can be compared."""
    outcomes = ",\n".join(json.dumps(outcome, ensure_ascii=False) for outcome in value["outcomes"])
    head = "".join(f"{json.dumps(key)}: {json.dumps(part)},\n" for key, part in value.items() if key != "outcomes")
    path.write_text(f'{{\n{head}"outcomes": [\n{outcomes}\n]\n}}\n', encoding="utf-8")


def load(path: Path) -> EvalRun:
    """A run that was saved. BadRun if the file holds none."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        return EvalRun(
            outcomes=[Outcome.of(outcome) for outcome in value["outcomes"]],
            documents=value["documents"],
            pages=value["pages"],
            encoder=value["encoder"],
        )
    except OSError as error:
        raise BadRun(f"{path}: the file cannot be read ({error.strerror})", hint="check the spelling") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadRun(f"{path}: this is no saved run", hint="recto eval QUESTIONS.jsonl --save FILE.json") from error


def estimate_words(value: Json | None, *, signed: bool = False) -> str:
    """A figure and the interval that it lies in, empty if it was not measured; `signed` is for a difference of two."""
    sign = "+" if signed else ""
    return f"{value['mean']:{sign}.3f} [{value['low']:{sign}.2f}, {value['high']:{sign}.2f}]" if value else ""
