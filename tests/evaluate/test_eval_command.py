"""`recto eval`: questions with known places in, figures out; what is wrong with a file is said with its line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from recto.cli import recto
from recto.evaluate.outcomes import Outcome, QuestionSet, ask_all
from recto.evaluate.questions import read
from recto.evaluate.results import load
from recto.events import Progress
from recto.library import Library
from support.pdfs import text_pdf

Run = Callable[..., Result]

PLANT = (
    "The pumps of the plant\nThe pump of hall 3 moves 111 litres a minute.\nThe boiler burns two tons of coal.",
    "Maintenance\nThe pump of hall 3 is cleaned every second Monday by the night shift.",
)
GARDEN = (
    "The garden\nRoses are cut back in the first week of March by the gardener.",
    "Watering\nThe lawn is watered for twenty minutes before sunrise, in July every day.",
)
QUESTIONS: list[dict[str, Any]] = [
    {
        "id": "pump",
        "doc": "plant.pdf",
        "question": "How much water does the pump of hall 3 move?",
        "answer": "111 litres",
        "evidence_pages": [1],
        "evidence": [{"page": 1, "text": "The pump of hall 3 moves 111 litres a minute."}],
        "type": "number",
    },
    {
        "id": "roses",
        "doc": "garden.pdf",
        "question": "When are roses cut back?",
        "answer": "first week of March",
        "evidence_pages": [1],
        "evidence_sentence": "Roses are cut back in the first week of March by the gardener.",
    },
    {"id": "tax", "doc": "garden.pdf", "question": "Which income tax applies to freight?", "evidence_pages": []},
]


@pytest.fixture
def pdfs(tmp_path: Path) -> Path:
    folder = tmp_path / "pdfs"
    folder.mkdir()
    (folder / "plant.pdf").write_bytes(text_pdf(*PLANT))
    (folder / "garden.pdf").write_bytes(text_pdf(*GARDEN))
    return folder


@pytest.fixture
def run(home: Path, pdfs: Path, tmp_path: Path) -> Run:
    """Evaluate these lines; the question file is written first."""

    def evaluate(*options: object, lines: list[Any] = QUESTIONS, folder: Path = pdfs) -> Result:
        file = tmp_path / "questions.jsonl"
        file.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines) + "\n")
        arguments = ["eval", file, "--pdfs", folder, "--home", home, *options]
        return CliRunner().invoke(recto, [str(one) for one in arguments])

    return evaluate


def test_the_figures_of_a_small_set(run: Run) -> None:
    result = run("--json")
    assert result.exit_code == 0, result.output
    (value,) = [json.loads(line) for line in result.stdout.splitlines()]
    assert (value["questions"], value["documents"], value["pages"]) == (3, 2, 4)
    for where in ("inside", "everywhere"):
        figures = value["figures"][where]
        assert figures["H@1"] == {"mean": 1, "low": 1, "high": 1, "questions": 2}
        assert figures["sentence@1"]["mean"] == figures["answer"]["mean"] == 1
    assert list(value["types"]) == ["number"]
    assert value["abstention"]["elsewhere"]["foreign"] == 2
    assert value["abstention"]["unanswerable"]["answered_although_not_there"] == 0
    assert [one["id"] for one in value["outcomes"]] == ["pump", "roses", "tax"]


def test_the_figures_in_words(run: Run) -> None:
    shown = run().stdout
    assert "evidence page first (H@1)           1.000 [1.00, 1.00]" in shown
    assert "Abstaining, 2 questions with an answer and 2 asked of another document:" in shown
    assert "and 1 without an answer" in shown


@pytest.mark.slow
def test_a_run_is_compared_with_a_saved_one(run: Run, tmp_path: Path) -> None:
    saved = tmp_path / "saved.json"
    assert run("--save", saved).exit_code == 0
    kept = json.loads(saved.read_text())
    assert load(saved).outcomes == list(map(Outcome.of, kept["outcomes"]))
    pump = kept["outcomes"][0]["inside"]
    pump["ranks"], pump["found"] = [2], pump["found"][::-1]
    saved.write_text(json.dumps(kept))
    found = json.loads(run("--against", saved, "--json").stdout)["against"]
    assert found["questions"] == 3
    assert found["figures"]["inside"]["MRR"]["mean"] == 0.25
    assert found["figures"]["everywhere"]["MRR"]["mean"] == 0
    assert found["lost"] == found["worse"] == []
    (gained,) = found["gained"]
    assert (gained["id"], gained["where"], gained["figures"]) == ("pump", "inside", ["H@1"])
    assert "pump (plant.pdf, inside): H@1, rank 2 -> 1" in run("--against", saved).stdout


@pytest.mark.slow
def test_a_worse_run_fails_with_the_lost_questions(run: Run, tmp_path: Path) -> None:
    saved = tmp_path / "saved.json"
    assert run("--save", saved).exit_code == 0
    assert run("--against", saved, "--no-worse").exit_code == 0
    elsewhere = [{**one, "evidence_pages": [2]} for one in QUESTIONS[:2]]
    result = run("--against", saved, "--no-worse", lines=[*elsewhere, QUESTIONS[2]])
    assert result.exit_code == 1
    assert "Worse beyond chance: inside MRR, everywhere MRR" in result.stdout
    assert "pump (plant.pdf, inside): H@1, rank 1 -> 2" in result.stdout
    assert run("--no-worse").exit_code == 2


BROKEN = [
    ("no json", "line 2: Expecting value"),
    ("[1]", "line 2: a line must be a JSON object"),
    ({"id": "x"}, "line 2: evidence_pages is missing"),
    ({**QUESTIONS[0], "id": "x", "evidence_pages": [0]}, "line 2: a page must be a whole number from 1 on, not 0"),
    ({**QUESTIONS[0], "id": "x", "evidence_pages": 1}, "line 2: evidence_pages must be a list, not 1"),
    ({**QUESTIONS[0], "id": "x", "evidence": "words"}, "line 2: evidence must be a list, not 'words'"),
    ({**QUESTIONS[0], "id": "x", "evidence": [{"page": 1}]}, "line 2: text is missing"),
    ({**QUESTIONS[0], "id": "x", "question": " "}, "line 2: question must be a text"),
    ({**QUESTIONS[0], "id": "x", "doc": "moon.pdf"}, "line 2: moon.pdf is missing"),
    ({**QUESTIONS[0], "id": "x", "evidence_pages": [3]}, "line 2: plant.pdf has 2 pages, no page 3"),
    (QUESTIONS[0], "line 1: the id 'pump' is there 2 times"),
]


@pytest.mark.parametrize(("line", "message"), BROKEN, ids=[message for _, message in BROKEN])
def test_a_wrong_line_is_named(run: Run, line: object, message: str) -> None:
    result = run(lines=[QUESTIONS[0], line])
    assert result.exit_code == 2
    assert message in result.stderr
    assert "mend:" in result.stderr
    assert result.stdout == ""


def test_what_cannot_be_read_is_said(run: Run, tmp_path: Path, pdfs: Path) -> None:
    assert run(lines=[]).exit_code == 2
    assert run("--against", tmp_path / "nowhere.json").exit_code == 2
    (tmp_path / "other.json").write_text("{}")
    assert "no saved run" in run("--against", tmp_path / "other.json").stderr
    (pdfs / "plant.pdf").write_bytes(b"no pdf")
    result = run()
    assert result.exit_code == 2
    assert "line 1: " in result.stderr
    assert "this is no PDF" in result.stderr
    assert run(folder=tmp_path / "nowhere").exit_code == 2


@pytest.mark.slow
def test_a_pdf_that_no_question_needs_may_be_broken(run: Run, pdfs: Path) -> None:
    (pdfs / "broken.pdf").write_bytes(b"no pdf")
    result = run()
    assert result.exit_code == 0
    assert "left out: " in result.stderr


def test_a_run_that_was_cut_off_goes_on(home: Path, pdfs: Path, tmp_path: Path) -> None:
    """It ends behind the first question, in the middle of writing the second: only what is missing is asked again."""
    file, journal = tmp_path / "questions.jsonl", tmp_path / "journal.jsonl"
    file.write_text("\n".join(map(json.dumps, QUESTIONS)))
    questions = read(file)
    with Library(home) as library:
        library.add(pdfs)
        documents = {document.name: document for document in library.documents()}
        question_set = QuestionSet(questions=questions, documents=documents, library=library)
        events = ask_all(question_set, journal)
        first = next(event for event in events if isinstance(event, Outcome))
        events.close()
        journal.write_bytes(journal.read_bytes() + b'{"id": "ro')
        again = list(ask_all(question_set, journal))
        kept = list(ask_all(question_set, journal))
    assert [event.done for event in again if isinstance(event, Progress)] == [2, 3]
    assert [event.id for event in again if isinstance(event, Outcome)] == ["pump", "roses", "tax"]
    assert kept == [event for event in again if isinstance(event, Outcome)]
    assert kept[0] == first


@pytest.mark.slow
def test_a_library_read_by_other_code_is_made_anew(run: Run, home: Path, pdfs: Path) -> None:
    assert run().exit_code == 0
    (stamp,) = home.glob("evaluation/*/read-by")
    (stamp.parent / "left").write_text("")
    assert run().exit_code == 0
    assert (stamp.parent / "left").exists()
    stamp.write_text("other code")
    assert run().exit_code == 0
    assert not (stamp.parent / "left").exists()
    (pdfs / "garden.pdf").unlink()
    assert json.loads(run("--json", lines=QUESTIONS[:1]).stdout)["documents"] == 1
    assert list(home.glob("evaluation/*/asked-*.jsonl")) == []


@pytest.mark.slow
def test_each_document_is_asked_in_a_library_of_its_own_as_well(run: Run, home: Path, tmp_path: Path) -> None:
    value = json.loads(run("--alone", "--json").stdout)
    assert value["figures"]["alone"]["right"] == {"mean": 1, "low": 1, "high": 1, "questions": 2}
    assert value["figures"]["alone"]["refused"]["mean"] == 0
    assert value["abstention"]["alone"]["foreign"] == 1
    for outcome in value["outcomes"]:
        assert {name for name, _ in outcome["alone"]["found"]} <= {outcome["doc"]}
    assert {folder.name for folder in home.glob("evaluation/*/single/*")} == {"plant.pdf", "garden.pdf"}
    report = tmp_path / "report.html"
    for shown in (run("--alone", "--report", report).stdout, report.read_text()):
        assert "in its own library" in shown
        assert "answered rightly" in shown
    assert "in its own library" not in run().stdout
    assert list(home.rglob("asked-*.jsonl")) == []


def test_documents_of_the_own_library_are_not_asked_alone(home: Path) -> None:
    result = CliRunner().invoke(recto, ["eval", "--own", "--alone", "--home", str(home)])
    assert result.exit_code == 2


def test_a_run_that_an_earlier_version_saved_is_read() -> None:
    judged = {"ranks": [1], "found": [["a.pdf", 1]], "confidence": 1, "answered": True, "sentence": 1, "holds": True}
    refused = {**judged, "answered": False, "sentence": 0, "holds": False}
    known = {"id": "1", "doc": "a.pdf", "type": "", "question": "Why?", "evidence_pages": [1]}
    outcome = Outcome.of({**known, "inside": judged, "everywhere": refused, "elsewhere": None})
    assert (outcome.inside.refused, outcome.everywhere.refused) == (False, True)
    assert outcome.alone is outcome.inside.shows is None
