"""Asking many questions, one after the other, so that a run that is cut off goes on where it was."""

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from recto.eta import Eta
from recto.evaluate.questions import Question
from recto.events import Progress, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionOutcome:
    """What came back for a question, known by its id; a subclass says what that is."""

    id: str


T = TypeVar("T", bound=QuestionOutcome)


def ask_each(
    questions: Sequence[Question],
    journal: Path,
    ask: Callable[[Question], T],
    parse: Callable[[Mapping[str, Any]], T],
) -> Generator[Progress | T, None, None]:
    """Ask what the journal does not hold yet; outcomes in the order of the questions.

    The journal, a line an outcome, belongs to this very run. `parse` makes an outcome of its JSON.
    """
    outcomes: dict[str, T] = {}
    if journal.exists():  # a run was cut off, and the journal's last line may be cut, too
        content = journal.read_bytes()
        whole_lines = content[: content.rfind(b"\n") + 1]
        if len(whole_lines) < len(content):
            journal.write_bytes(whole_lines)
        earlier = [parse(json.loads(line)) for line in whole_lines.splitlines()]
        outcomes = {outcome.id: outcome for outcome in earlier}
    eta, done, total = Eta(), 0, sum(question.id not in outcomes for question in questions)
    with journal.open("a", encoding="utf-8") as file:
        for number, question in enumerate(questions, start=1):
            if question.id not in outcomes:
                outcome = ask(question)
                file.write(json.dumps(asdict(outcome)) + "\n")
                file.flush()
                done += 1
                left_s = eta.left_s(done, total)
                yield Progress(stage=Stage.ASKING, name="questions", done=number, total=len(questions), eta_s=left_s)
                outcomes[question.id] = outcome
            yield outcomes[question.id]
