"""`recto models`: what is listed, fetched and removed, how models are measured and compared, and by which rule."""

import json
import os
import signal
import struct
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from recto import config
from recto.cli import recto
from recto.config import Settings
from recto.errors import EngineMissing, UnknownDocument
from recto.evaluate import model_trials
from recto.evaluate.model_trials import Trial, recommended, summarise
from recto.library import Library
from recto.llm.choose import build_llm
from recto.llm.models import pulling, resolve_model
from recto.llm.presets import PRESETS, installed, worse_than_quotes
from recto.llm.pull import parts, pull
from recto.llm.speeds import SpeedBook, Speeds
from recto.stop import Stop
from recto.types import Kind
from support import fake_hub as hubs
from support.fake_hub import Hub
from support.paths import HERE
from support.pdfs import text_pdf

MODEL, NAME = "somebody/tiny-GGUF/tiny.Q4.gguf", "tiny.Q4.gguf"
DATA = bytes(range(256)) * 1000
GB = 1_000_000_000
LATE_S = 300.0  # for what takes some seconds on a quiet machine
EMPTY_GGUF = b"GGUF" + (3).to_bytes(4, "little") + bytes(16)  # a head that says nothing: passes until it is loaded
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a library with one document, which no test changes."""
    folder = tmp_path_factory.mktemp("models-shelf")  # a worker that comes back to this module makes another
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("RECTO_OCR", "off")
        library = Library(folder)
    with library:
        library.add(HERE / "corpus" / "riscv-semihosting.pdf")
    return folder


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "weights"
    folder.mkdir()
    monkeypatch.setenv("RECTO_WEIGHTS", str(folder))
    return folder


@pytest.fixture
def run(shelf: Path, weights: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("RECTO_HOME", str(shelf))
    monkeypatch.setenv("RECTO_MODEL", "auto")
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")  # where nobody answers
    return lambda *arguments: CliRunner().invoke(recto, ["models", *(str(a) for a in arguments)])


@pytest.fixture
def hub() -> Iterator[Hub]:
    with hubs.running() as server:
        server.files[MODEL] = DATA
        yield server


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def child(hub: Hub, home: Path, *arguments: str) -> subprocess.Popen[str]:
    """The command in a process of its own, where HF_ENDPOINT counts."""
    return subprocess.Popen(
        [sys.executable, "-m", "recto", "models", *arguments],
        env={**os.environ, "RECTO_HOME": str(home), "HF_ENDPOINT": hub.url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


# --- listing and removing --------------------------------------------------------------------------------------------
def test_the_list_says_what_is_here_what_it_costs_and_what_writes(run: Run, weights: Path) -> None:
    (weights / PRESETS["fast"].file).write_bytes(EMPTY_GGUF)
    (weights / "own.gguf").write_bytes(b"GGUF")
    *entries, taken = lines(run("list", "--json").stdout)
    assert [(entry["name"], entry["installed"]) for entry in entries] == [
        ("fast", True),
        ("default", False),
        ("best", False),
        ("llama3.2:1b", False),
        ("llama3.2:3b", False),
        ("own.gguf", True),
    ]
    assert set(entries[0]) == {"name", "model", "home", "size", "licence", "why", "installed"}
    assert taken["writes"]["model"] == str(weights / PRESETS["fast"].file)  # type: ignore[index]
    shown = run("list").stdout
    assert "licence: Llama 3.2 Community (not an open-source licence)" in shown
    assert "own.gguf own, 0.00 GB, installed" in shown
    assert f"auto: llama.cpp/{Path(PRESETS['fast'].file).stem} (it is in {weights})" in shown


def gguf_file(path: Path, size: int, **pairs: str) -> Path:
    """A file whose head says this, and no weights; large files take no room on the disk."""
    names = {"name": "general.name", "license": "general.license", "template": "tokenizer.chat_template"}
    keys = {"general.architecture": "llama", **{names[name]: value for name, value in pairs.items()}}
    texts = [(key.encode(), value.encode()) for key, value in keys.items()]
    written = (struct.pack("<Q", len(key)) + key + struct.pack("<IQ", 8, len(value)) + value for key, value in texts)
    with path.open("wb") as file:
        file.write(b"GGUF" + struct.pack("<IQQ", 3, 0, len(texts)) + b"".join(written))
        file.truncate(size)
    return path


def test_a_file_of_ones_own_is_listed_as_its_makers_call_it(run: Run, weights: Path) -> None:
    gguf_file(weights / "a.gguf", 5000, name="Weir 1B Instruct", license="apache-2.0", template="{{ messages }}")
    gguf_file(weights / "base.gguf", 5000, name="Weir 1B")
    entries = {entry["name"]: entry for entry in lines(run("list", "--json").stdout)[:-1]}
    assert (entries["a.gguf"]["model"], entries["a.gguf"]["licence"]) == ("Weir 1B Instruct", "apache-2.0")
    assert "a base model" in str(entries["base.gguf"]["why"])
    shown = run("list").stdout
    assert "licence: apache-2.0" in shown
    assert "Weir 1B Instruct, 0.00 GB" in shown


def test_auto_takes_the_best_by_measured_speed_and_size(run: Run, weights: Path, shelf: Path) -> None:
    def taken() -> str:
        return Path(lines(run("list", "--json").stdout)[-1]["writes"]["model"]).name  # type: ignore[index]

    for name, size in {"a-small": 100_000_000, "b-middle": 700_000_000, "c-large": 4 * GB}.items():
        gguf_file(weights / f"{name}.gguf", size, template="{{ messages }}")
    gguf_file(weights / "a-base.gguf", 900_000_000)  # cannot write
    assert taken() == "b-middle.gguf"  # the largest of those that begin in time as a rule
    settings, book = config.load(), SpeedBook(shelf)
    fast = Speeds(prefill=1000.0, overhead_s=0.01, decode=50.0, load_s=1.0)
    try:
        measure(book, settings, "c-large", fast)
        assert taken() == "c-large.gguf"  # as measured here it begins in time
        measure(book, settings, "c-large", replace(fast, prefill=10.0))
        measure(book, settings, "b-middle", replace(fast, prefill=20.0))
        assert taken() == "a-small.gguf"
        measure(book, settings, "a-small", replace(fast, prefill=15.0))
        assert taken() == "b-middle.gguf"  # none begins in time: the quickest
    finally:
        (shelf / "speeds.json").unlink()


def test_auto_writes_nothing_with_a_model_that_is_worse_than_the_quotes(run: Run, weights: Path) -> None:
    gguf_file(weights / "a.gguf", 5000, name="Qwen2.5 Coder 0.5B Instruct", template="{{ messages }}")
    *_, taken = lines(run("list", "--json").stdout)
    assert taken["writes"] is None
    assert taken["why"] == "quotes alone: a.gguf was measured to be worse than they are"
    named = config.load()
    assert resolve_model("a.gguf", named).model == str(weights / "a.gguf")  # who names it gets it
    gguf_file(weights / "b.gguf", 4000, name="Weir 1B Instruct", template="{{ messages }}")
    *_, taken = lines(run("list", "--json").stdout)
    assert taken["writes"]["model"] == str(weights / "b.gguf")  # type: ignore[index]


@pytest.mark.parametrize(
    ("name", "is_worse"),
    [
        ("Qwen2.5 Coder 0.5B Instruct AWQ", True),
        ("qwen2.5-coder:0.5b-instruct-q4_0", True),
        ("Smollm2 135M 8k Lc100K Mix1 Ep2", True),
        ("qwen2.5-coder:1.5b", False),
        ("qwen2.5:0.5b", False),  # was not measured
        ("llama3.2:1b", False),
        ("", False),
    ],
)
def test_what_was_measured_is_known_by_its_makers_name_and_by_ollamas(name: str, is_worse: bool) -> None:
    assert worse_than_quotes(name) is is_worse


def measure(book: SpeedBook, settings: Settings, name: str, speeds: Speeds) -> None:
    """Have a model measured as so fast."""
    choice = resolve_model(name, settings)
    with closing(build_llm(choice, settings)) as llm:
        book.put(llm.fingerprint, speeds)


def test_without_a_model_the_quotes_stand(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("list").stdout.endswith("auto: quoted answers only (no model is here)\n")
    monkeypatch.setenv("RECTO_MODEL", "best")
    assert "best: quoted answers only" in run("list").stdout
    monkeypatch.setenv("RECTO_MODEL", "quote")
    assert "quote: quoted answers only (only quotes are asked for)" in run("list").stdout


def test_remove_says_what_it_freed(run: Run, weights: Path) -> None:
    (weights / PRESETS["fast"].file).write_bytes(bytes(20_000_000))
    assert run("remove", "fast").stdout == "removed: fast, 0.02 GB freed\n"
    assert installed(weights) == []
    assert run("remove", "fast").exit_code == 4


def test_remove_takes_what_was_begun(run: Run, weights: Path) -> None:
    (weights / f"{NAME}.0123456789abcdef.part").write_bytes(b"begun")
    assert lines(run("remove", NAME, "--json").stdout) == [{"removed": NAME, "freed": 5}]
    assert list(weights.iterdir()) == []


def test_remove_leaves_alone_what_lies_elsewhere(run: Run, tmp_path: Path) -> None:
    other = tmp_path / "other.gguf"
    other.touch()
    result = run("remove", other)
    assert result.exit_code == 2
    assert f"rm {other}" in result.stderr
    assert other.exists()


# --- pulling ---------------------------------------------------------------------------------------------------------
def test_pull_fetches_from_the_hub_of_the_environment(hub: Hub, shelf: Path, weights: Path) -> None:
    printed, errors = child(hub, shelf, "pull", MODEL, "--json").communicate(timeout=LATE_S)
    events = lines(printed)
    assert errors == ""
    assert set(events[0]) == {"stage", "name", "done", "total", "eta_s"}
    assert {event["stage"] for event in events} == {"pulling", "checking"}
    assert (weights / NAME).read_bytes() == DATA


@pytest.mark.slow
def test_control_c_keeps_the_part(hub: Hub, shelf: Path, weights: Path) -> None:
    hub.gate.clear()
    process = child(hub, shelf, "pull", MODEL, "--json")
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=LATE_S)
    assert (process.returncode, errors) == (130, "")
    assert installed(weights) == []
    hub.gate.set()
    deque(pull(MODEL, weights, Stop(), endpoint=hub.url), maxlen=0)
    assert (weights / NAME).read_bytes() == DATA


def test_a_name_that_is_none_is_exit_code_2(run: Run) -> None:
    result = run("pull", "nosuch")
    assert result.exit_code == 2
    assert "recto models list" in result.stderr


def test_without_the_extra_pull_is_exit_code_4(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    result = run("pull", "fast")
    assert result.exit_code == 4
    assert "pip install 'recto-pdf[llama]'" in result.stderr


def test_questions_are_answered_while_a_pull_hangs(hub: Hub, shelf: Path, weights: Path) -> None:
    hub.gate.clear()
    events = pull(MODEL, weights, Stop(), endpoint=hub.url)
    next(events)
    thread = threading.Thread(target=deque, args=(events, 0))
    thread.start()
    with Library(shelf) as library:
        assert library.ask("What does the ebreak instruction do?").answer.kind is Kind.QUOTED
    assert thread.is_alive()
    assert parts(NAME, weights)
    hub.gate.set()
    thread.join(LATE_S)
    assert installed(weights) == [weights / NAME]


# --- measuring and trying --------------------------------------------------------------------------------------------
def test_speed_and_try_of_no_model_are_exit_code_4(run: Run) -> None:
    for command in ("speed", "try"):
        result = run(command)
        assert result.exit_code == 4
        assert "recto models pull default" in result.stderr
    assert run("try", "--model", "nosuch").exit_code == 4
    assert run("try", "--model", "quote").exit_code == 2


@pytest.mark.slow
def test_a_real_model_is_measured_and_tried(run: Run, weights: Path, smol: Path, shelf: Path) -> None:
    (weights / "smol.gguf").symlink_to(smol)
    (speeds,) = lines(run("speed", "smol", "--json").stdout)
    assert min(speeds["prefill"], speeds["decode"]) > 0  # type: ignore[type-var]
    assert (shelf / "speeds.json").exists()
    result = run("try", "What does the ebreak instruction do?", "--json")
    trial, last = lines(result.stdout)
    assert result.exit_code == 0
    assert trial["model"] == "smol.gguf"
    # What so small a model writes may be void: how much it reads, and so what it says, depends on the machine.
    void = trial["first_token_s"] is None
    assert void is bool(trial["notice"])
    assert void or 0 < trial["first_token_s"] <= trial["total_s"]  # type: ignore[operator]
    assert void is (trial["sentences"] == 0)
    assert last["take"] == ("quote" if void or not trial["supported"] else "smol.gguf")


def test_questions_come_from_headings_with_much_below(shelf: Path) -> None:
    assert model_trials.questions(shelf) == [
        "What is said about Semihosting Breakpoint Instruction Sequence?",
        "What is said about Semihosting Parameters?",
        "What is said about RISC-V Semihosting Binary Interface?",
        "What is said about RISC-V Semihosting?",
    ]


def test_documents_without_headings_are_asked_for_by_title(home: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownDocument, match="is empty"):
        model_trials.questions(home)
    (tmp_path / "pump.pdf").write_bytes(text_pdf("the pump runs at nine hundred turns a minute"))
    with Library(home) as library:
        library.add(tmp_path / "pump.pdf")
    assert model_trials.questions(home) == ["What is said about pump?"]


def trials(model: str, *, first: float, whole: int, asked: int = 9) -> list[Trial]:
    """So many answers that are supported in full, and others that are it in part."""
    return [
        trial(model, first, first + 2, 10.0, supported=2, sentences=2 if number < whole else 9)
        for number in range(asked)
    ]


def trial(model: str, first: float, total: float, speed: float, *, supported: int, sentences: int) -> Trial:
    return Trial(
        model=model,
        question="?",
        first_token_s=first,
        total_s=total,
        tokens_per_s=speed,
        supported=supported,
        sentences=sentences,
        notice="",
    )


def test_answers_are_summed_up_by_medians_and_sums() -> None:
    silent = Trial(model="a", question="?", notice="it crashed")
    written = [trial("a", first, first + 1, 10 * first, supported=2, sentences=3) for first in (1.0, 5.0, 2.0)]
    result = summarise("a", [silent, *written])
    assert (result.asked, result.written, result.supported, result.sentences) == (4, 3, 6, 9)
    assert result.supported_answers == 0  # a sentence without support spoils the answer
    whole = trial("a", 1.0, 2.0, 10.0, supported=2, sentences=2)
    assert summarise("a", [silent, *written, whole]).supported_answers == 1
    assert (result.first_token_s, result.total_s, result.tokens_per_s) == (2.0, 3.0, 20.0)
    assert summarise("a", [silent]).first_token_s is None


@pytest.mark.parametrize(
    ("told", "take", "why"),
    [
        ([("a", 1.0, 3), ("b", 1.9, 5), ("c", 2.1, 9)], "b", "most answers supported in full: 5 of 9"),
        ([("a", 1.5, 5), ("b", 1.2, 5)], "b", "most answers supported in full"),
        ([("a", 1.0, 0), ("b", 1.5, 1)], "b", "most answers supported in full: 1 of 9"),
        ([("a", 4.0, 9), ("b", 3.0, 1)], "b", "none begins within 2 s"),
    ],
)
def test_the_rule_of_the_recommendation(told: list[tuple[str, float, int]], take: str, why: str) -> None:
    results = [summarise(name, trials(name, first=first, whole=whole)) for name, first, whole in told]
    model, reason = recommended(results, 2.0)
    assert model == take
    assert why in reason


def test_a_model_without_a_supported_sentence_is_not_recommended() -> None:
    able, unable = trials("a", first=4.0, whole=1), [trial("b", 1.0, 2.0, 10.0, supported=0, sentences=9)]
    assert recommended([summarise("a", able), summarise("b", unable)], 2.0)[0] == "a"
    model, why = recommended([summarise("b", unable)], 2.0)
    assert model == "quote"
    assert "no model wrote a sentence" in why


def test_what_a_model_is_called_cannot_drive_the_terminal(run: Run, weights: Path) -> None:
    (weights / "\x1b[2Jevil.gguf").touch()
    assert "\x1b" not in run("list").stdout
    assert config.load().weights == weights


# --- for those who choose from another machine -----------------------------------------------------------------------
def test_a_pull_in_vain_says_so_when_it_is_listened_to(run: Run) -> None:
    events = pulling("ollama:tiny", config.load(), Stop())
    with pytest.raises(EngineMissing, match="no Ollama answers"):
        next(events)
