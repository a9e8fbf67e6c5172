"""What a written answer is worth by the known one, and `recto eval --written`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from recto.cli import recto
from recto.evaluate.judging import Verdict, judge
from recto.evaluate.questions import Question
from support import scripted
from support.openai_server import KEY, MODEL, OpenAIServer
from support.pdfs import text_pdf
from support.scripted import Reply

RIGHT, PARTLY, WRONG = Verdict.RIGHT, Verdict.PARTLY, Verdict.WRONG


def question(text: str, answer: str) -> Question:
    return Question(id="1", doc="a.pdf", text=text, answer=answer, pages=(0,), evidence=(), type="", line=1)


PUMP = "How much water does the pump of hall 3 move?"
CARPETS = "Who pays for new carpets?"


@pytest.mark.parametrize(
    ("asked", "known", "text", "verdict"),
    [
        (PUMP, "111 litres", "The pump of hall 3 moves 111 litres a minute.", RIGHT),
        (PUMP, "111 litres", "It moves 112 litres.", WRONG),
        (PUMP, "111 litres", "The pump of hall 3 moves water.", WRONG),  # an echo
        (PUMP, "111 litres", "111 l", PARTLY),  # the number, in a unit that may be another
        (PUMP, "111 litres", "It moves 111 litres, and that of hall 4 moves 95 litres.", PARTLY),
        (PUMP, "111 litres", "In 2019 it moved 111 litres.", RIGHT),  # a year counts nothing
        (PUMP, "111 litres; 95 litres", "It moves 111 litres.", PARTLY),
        ("How many million people live there?", "11.5", "It has 11.5 million people.", RIGHT),
        (CARPETS, "the household", "The household pays for them.", RIGHT),
        (CARPETS, "the household", "New carpets are paid for.", WRONG),
        (CARPETS, "the household of the flat above", "The household.", WRONG),
        (CARPETS, "the household upstairs", "The household.", PARTLY),
        ("Do the walls wear out?", "they last for ever", "They last for ever.", RIGHT),
        ("May I grill?", "grilling is not allowed up there", "Grilling is allowed up there.", WRONG),  # turned around
        ("Is it red or blue?", "blue", "It is blue.", None),  # the question has the answer
        (PUMP, "", "It moves 111 litres.", None),
    ],
)
def test_a_text_is_worth_what_it_has_of_the_known_answer(
    asked: str, known: str, text: str, verdict: Verdict | None
) -> None:
    assert judge(text, question(asked, known)) is verdict


PLANT = (
    "The pumps of the plant\nThe pump of hall 3 moves 111 litres a minute.\nThat of hall 4 moves 95 litres a minute.",
    "Maintenance\nThe boiler of hall 3 is cleaned every second Monday by the night shift.",
)
QUESTIONS: list[dict[str, Any]] = [
    {"id": "pump", "doc": "plant.pdf", "question": PUMP, "answer": "111 litres", "evidence_pages": [1]},
    {
        "id": "boiler",
        "doc": "plant.pdf",
        "question": "When is the boiler of hall 3 cleaned?",
        "answer": "every second Monday",
        "evidence_pages": [2],
    },
    {"id": "tax", "doc": "plant.pdf", "question": "Who sells the pump of hall 3?", "answer": "", "evidence_pages": []},
]
REPLIES = {
    "move?": "The pump of hall 3 moves 111 litres a minute.",
    "cleaned?": "The boiler of hall 3 is cleaned in July.",
    "sells": "The pump of hall 3 moves 111 litres a minute.",
}

Run = Callable[..., Result]


def replying(reply: Reply) -> None:
    """Say what is scripted for the question."""
    asked = reply.request.body["messages"][-1]["content"]
    reply.begin().say(next(text for words, text in REPLIES.items() if words in asked.rpartition("Question:")[2]))
    reply.send(reply.finish("stop"))
    reply.end()


@pytest.fixture
def run(home: Path, tmp_path: Path, hosted: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("RECTO_REMOTE_URL", f"{hosted.url}/v1")
    monkeypatch.setenv("RECTO_REMOTE_TOKEN", KEY)
    hosted.behaviour = replying
    pdf, file = tmp_path / "plant.pdf", tmp_path / "questions.jsonl"
    pdf.write_bytes(text_pdf(*PLANT))
    file.write_text("\n".join(map(json.dumps, QUESTIONS)))

    def evaluate(*options: object) -> Result:
        arguments = ["eval", file, "--pdfs", pdf, "--home", home, "--written", *options]
        return CliRunner().invoke(recto, [str(argument) for argument in arguments])

    return evaluate


def test_what_a_model_writes_is_judged_beside_the_quotes(run: Run, tmp_path: Path) -> None:
    report, kept = tmp_path / "report.html", tmp_path / "kept.json"
    result = run("--model", f"remote:{MODEL}", "--report", report, "--save", kept)
    assert result.exit_code == 0, result.output
    value = json.loads(kept.read_text())
    (model,) = value["models"]
    assert model["fates"]["answerable"] == {"right": 1, "declined": 1}  # July has no support: the quotes stand
    assert value["quotes"]["answerable"] == {"right": 2}
    outcomes = {outcome["id"]: outcome for outcome in model["outcomes"]}
    assert outcomes["boiler"]["text"] == REPLIES["cleaned?"]
    assert outcomes["boiler"]["verdict"] == "wrong"
    assert [sentence["mark"] for sentence in outcomes["pump"]["sentences"]] == ["cited"]
    assert "the quotes alone" in result.stdout
    assert REPLIES["cleaned?"] in report.read_text()
    assert json.loads(run("--model", f"remote:{MODEL}", "--json").stdout)["models"][0]["fates"] == model["fates"]


def test_trying_models_takes_a_file_with_known_answers(run: Run, home: Path, tmp_path: Path) -> None:
    asked = ["models", "try", tmp_path / "questions.jsonl", "--model", f"remote:{MODEL}", "--home", home, "--json"]
    result = CliRunner().invoke(recto, list(map(str, asked)))
    assert result.exit_code == 0, result.output
    (model,) = json.loads(result.stdout)["models"]
    assert model["fates"]["answerable"] == {"right": 1, "declined": 1}


def test_a_run_whose_model_failed_goes_on_there(run: Run, hosted: OpenAIServer) -> None:
    hosted.behaviour = scripted.to_question("cleaned?", scripted.failing("out of memory"))
    failed = run("--model", f"remote:{MODEL}")
    assert failed.exit_code == 4
    assert "out of memory" in failed.stderr
    hosted.behaviour = replying
    hosted.requests.clear()
    assert run("--model", f"remote:{MODEL}").exit_code == 0
    assert not any("move?" in request.body["messages"][-1]["content"] for request in hosted.requests)


def test_what_cannot_be_asked_in_writing(run: Run, home: Path) -> None:
    assert run("--alone").exit_code == 2
    assert run("--model", "quote").exit_code == 2
    assert run("--model", "missing.gguf").exit_code == 4
    assert CliRunner().invoke(recto, ["eval", "--own", "--model", "fast", "--home", str(home)]).exit_code == 2
