"""What the documents say is run, or held against the code."""

import json
import re
import shlex
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import click
import pytest
from click.testing import CliRunner
from scripts.docs import figures, ranking

from recto import config, errors, events, keeping, wire, writing
from recto.answer.prompt import Excerpt
from recto.answer.writing import CUT
from recto.cli import INTERRUPTED, recto
from recto.cli.hits import NOTHING_FOUND
from recto.evaluate import model_trials, outcomes, results, synthetic, written
from recto.evaluate.bootstrap import LEVEL, RESAMPLES
from recto.keeping import TurnDraft
from recto.llm import llama, remote
from recto.llm.choose import HF_MODEL, Choice
from recto.llm.fallback import UNRIVALLED
from recto.llm.models import Entry
from recto.llm.presets import PRESETS
from recto.llm.speeds import Speeds
from recto.model_ref import Provider
from recto.search.followup import EARLIER, follow_up
from recto.types import (
    Added,
    Answer,
    Cell,
    Certainty,
    Citation,
    Collection,
    Context,
    Document,
    Flag,
    Grid,
    Group,
    Hit,
    Kind,
    Passage,
    Span,
    Survey,
    SurveyKind,
    TurnState,
)
from support.ollama_server import MODEL, OllamaServer
from support.paths import HERE
from support.scripted import telling

ROOT = HERE.parent
README = (ROOT / "README.md").read_text()
MODELS = (ROOT / "docs" / "models.md").read_text()
JSON = (ROOT / "docs" / "json.md").read_text()
EVALUATION = (ROOT / "docs" / "evaluation.md").read_text()
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "bench" / "README.md", *(ROOT / "docs").glob("*.md")]


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def test_the_readme_s_python_runs(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = blocks(README, "python")
    assert len(code.strip().splitlines()) <= 9
    monkeypatch.chdir(ROOT)
    exec(code.replace('"my-library"', repr(str(home))), {})
    printed = capsys.readouterr().out
    assert "riscv-reri-architecture.pdf" in printed
    assert "Rect(" in printed


def commands(page: str) -> list[str]:
    """Every `recto ...` of a page: in blocks for the console, and in the text."""
    lines = "".join(blocks(page, "console")).splitlines()
    shown = [re.sub(r"\s+#.*", "", line).removeprefix("$ recto ") for line in lines]
    return shown + re.findall(r"`recto ([a-z][^`]*|--[^`]*)`", page)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_of_a_page_exist(page: Path) -> None:
    for line in commands(page.read_text()):
        command: click.Command = recto
        context = click.Context(recto)
        for word in line.split():
            if isinstance(command, click.Group) and not word.startswith("-"):
                found = command.get_command(context, word)
                assert found is not None, f"{page.name}: recto {line}"
                command = found
            elif re.fullmatch(r"--?[a-z-]+", word):
                known = {option for one in command.get_params(context) for option in [*one.opts, *one.secondary_opts]}
                assert word in known, f"{page.name}: recto {line}"


def test_the_readme_is_short_and_its_links_lead_somewhere() -> None:
    assert len(README.splitlines()) <= 150
    assert len((ROOT / "CONTRIBUTING.md").read_text().splitlines()) <= 80
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)", page.read_text()):
            assert target.startswith(("https://", "http://127.0.0.1:")) or (page.parent / target).exists(), (
                f"{page.name}: {target}"
            )


def test_every_dependency_has_its_line() -> None:
    listed = README.split("| dependency |")[1]
    names = re.findall(r'^  "([a-z0-9-]+)>=', (ROOT / "pyproject.toml").read_text().split("[project.scripts]")[0], re.M)
    assert len(names) > 10
    assert [name for name in names if name not in listed] == []


DOCUMENT = Document(id="", name="", title="", pages=0, size=0, added=0.0)
SPAN = Span("", 0, 0, 0)
PLACE = Citation(at=0, span=SPAN, document=DOCUMENT, quote="", rects=(), context=Context(SPAN, text="", rects=()))
ANSWER = Answer(
    kind=Kind.WRITTEN,
    certainty=Certainty.ANSWERED,
    text="",
    citations=(PLACE,),
    nearest=(),
    engine="",
    search_s=0.0,
    total_s=0.0,
    quotes=(PLACE,),
)
EVENTS = (
    events.Found((), ""),
    events.Quoted((), Kind.QUOTED),
    events.Abstained(()),
    events.Progress(stage="", name="", done=0, total=0, eta_s=None),
    events.Expect("", 0.0, 0.0),
    events.Token(""),
    events.Cited(PLACE),
    events.Unsupported(0, ""),
    events.FellBack("", ""),
    events.Done(ANSWER),
)


def shown(page: str, language: str) -> list[Any]:
    """The examples of a page: `json` one a block, `jsonl` one a line."""
    examples = blocks(page, language)
    if language == "jsonl":
        examples = "".join(examples).splitlines()
    return [json.loads(example.replace("...", "")) for example in examples]


def same_fields(shown: Any, real: Any) -> bool:
    """Whether the example has the fields of the real thing, at every depth that both show."""
    if isinstance(shown, dict) and isinstance(real, dict):
        return set(shown) == set(real) and all(same_fields(shown[name], real[name]) for name in shown)
    if isinstance(shown, list) and isinstance(real, list):
        return all(same_fields(one, other) for one, other in zip(shown, real, strict=False))
    return True


def test_the_json_page_shows_the_fields_that_are_printed() -> None:
    added, _, collection, hit, table, answer, survey, turn, *_ = shown(JSON, "json")
    made = Collection(id="", name="", created=0.0, documents=0)
    assert same_fields(collection, {**wire.collection(made), "status": "made"})
    assert same_fields(
        added,
        wire.added(Added(document=DOCUMENT, status="added", passages=0, seconds=0.0, flags=dict.fromkeys(Flag, 0))),
    )
    assert same_fields(
        hit,
        wire.hit(
            Hit(
                rank=0, document=DOCUMENT, passage=Passage(SPAN, "", ""), score=0.0, keyword=0.0, semantic=0.0, rects=()
            )
        ),
    )
    assert same_fields(answer, {**wire.answer(ANSWER), "turn": 12})
    assert same_fields(turn, wire.turn(TurnDraft(question="").turn(TurnState.ANSWERED)))
    group = Group(document=DOCUMENT, kind=Kind.QUOTED, first=0, count=0)
    assert same_fields(survey, wire.survey(Survey(SurveyKind.LIST, (group,))))
    cell = Cell(row=0, columns=(0, 1), text="", ranges=(), rects=())
    grid = Grid(
        page=0,
        rows=1,
        columns=1,
        cells=(cell,),
        head_rows=0,
        heads=("",),
        heads_page=0,
        units="",
        group_rows=frozenset(),
        groups=("",),
    )
    assert same_fields(table, {"document": wire.document(DOCUMENT), **wire.table(grid)})


def test_the_json_page_names_every_kind_of_problem() -> None:
    def leaves(root: type[errors.RectoError]) -> list[type[errors.RectoError]]:
        return [leaf for child in root.__subclasses__() for leaf in (leaves(child) or [child])]

    for kind in (*leaves(errors.FileProblem), *leaves(errors.LibraryProblem)):
        assert f"`{kind.kind}`" in JSON


def test_the_json_page_shows_every_event() -> None:
    assert {type(one) for one in EVENTS} == set(get_args(events.AskEvent))
    part = JSON.split("--events`")[1].split("\n## ")[0]
    examples = {one["event"]: one for one in shown(part, "jsonl")}
    real = {one["event"]: one for one in map(wire.event, EVENTS)}
    assert list(examples) == list(real)
    real["done"]["answer"] = {}  # shown further up
    assert same_fields(examples, real)
    table = re.findall(r"`([a-z_]+)`", "".join(re.findall(r"^\| (`[^|]+)\|", part, re.MULTILINE)))
    assert sorted(table) == sorted(real)


def test_the_json_page_shows_what_models_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECTO_HOME", str(tmp_path))
    monkeypatch.setenv("RECTO_MODEL", "auto")
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")  # where nobody answers
    file = tmp_path / "models" / PRESETS["fast"].file
    file.parent.mkdir()
    file.write_bytes(b"GGUF")
    entry, taken, pulling, removed, trial, results = shown(JSON.split("## `recto models`")[1], "jsonl")
    (first, *_, last) = printed("list")
    assert {**first, "installed": True} == entry
    assert same_fields({**taken, "writes": None}, last)
    assert same_fields(taken["writes"], Choice(Provider.LLAMA, "", "").as_json())
    assert same_fields(pulling, wire.progress(EVENTS[3]))  # type: ignore[arg-type]
    assert same_fields([removed], printed("remove", "fast"))
    assert set(entry) == set(Entry(name="", model="", provider=Provider.LLAMA, size=0).as_json())
    assert set(trial) == {field.name for field in fields(model_trials.Trial)}
    assert set(results) == {"results", "take", "why"}
    assert set(results["results"][0]) == {field.name for field in fields(model_trials.TrialSummary)}
    speed = shown(JSON, "json")[-1]
    assert set(speed) == {"model", "usual"} | {field.name for field in fields(Speeds)}
    found = Speeds(**{field.name: speed[field.name] for field in fields(Speeds)})
    usual = speed["usual"]
    assert usual["write"] == found.answer
    assert usual["first_token_s"] == pytest.approx(found.first_token_s(usual["read"]))
    assert usual["total_s"] == pytest.approx(found.total_s(usual["read"]))


def printed(*arguments: str) -> list[dict[str, Any]]:
    result = CliRunner().invoke(recto, ["models", *arguments, "--json"])
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.slow
def test_the_speeds_of_a_real_model_have_the_fields_of_the_page(smol: Path, home: Path) -> None:
    (measured,) = printed("speed", str(smol), "--home", str(home))
    assert same_fields(shown(JSON, "json")[-1], measured)


@pytest.mark.parametrize("page", [README, JSON], ids=["README", "json"])
def test_the_exit_codes_are_those_of_the_code(page: str) -> None:
    told = re.findall(r"\b(\d+) ", page.split("Exit codes: ")[1].split(". ")[0])
    failures = errors.RectoError.exit_code, errors.UsageProblem.exit_code, errors.EngineProblem.exit_code
    assert [int(code) for code in told] == sorted({0, *failures, NOTHING_FOUND, INTERRUPTED})


# --- docs/models.md --------------------------------------------------------------------------------------------------
def test_the_page_of_models_is_short() -> None:
    assert len(MODELS.splitlines()) <= 185


def test_the_page_of_models_has_every_preset_as_it_is() -> None:
    rows = [line for line in MODELS.splitlines() if line.startswith("| `")]
    for one in PRESETS.values():
        size = f"{one.size / 1e9:.2f} GB"
        assert f"| `{one.name}` | {one.model} | {size} | {one.licence} | {one.why} | `{one.ollama}` |" in rows


def test_the_settings_that_are_read_are_described() -> None:
    source = (ROOT / "src" / "recto" / "config.py").read_text()
    pairs = re.findall(r'(?:environ(?:\.get)?|_seconds)\("(\w+)"|"(\w+)" in os\.environ', source)
    read = {one or other for one, other in pairs}
    described = set(re.findall(r"`([A-Z][A-Z_]+)`", MODELS.split("## Settings")[1].split("\n## ")[0]))
    assert len(read) > 12
    assert read <= described
    places = [*(ROOT / "src").rglob("*.py"), *(ROOT / "bench").glob("*.py")]
    code = "\n".join(path.read_text() for path in places)
    assert [name for name in described if name not in code] == []


def test_the_numbers_of_the_page_are_those_of_the_code() -> None:
    page = " ".join(MODELS.split())
    assert UNRIVALLED == 3
    assert {field.name for field in fields(Excerpt)} == {"name", "text"}  # what leaves the machine, with the question
    for words in (
        f"`num_ctx` ({llama.CONTEXT})",
        f"with {HF_MODEL} unless",
        "| 401, 402, 403 |",
        f"`Retry-After` is at most {remote.LONGEST_WAIT_S:g} s",
        f"up to {writing.PIECES} quotes",
        f"at most {writing.PIECES}, as many",
        f"`RECTO_FIRST_TOKEN` ({config.FIRST_TOKEN_S:g} s)",
        f"at most {writing.MOST} tokens",
        f'ends in "{CUT}"',
        f"`--patience`; {config.PATIENCE_S:g} s)",
        f"({config.FIRST_TOKEN_S:g} and {config.PATIENCE_S:g})",
        "three times as long",
        f"remembers {keeping.FOLLOWED} questions",
        f"leans on the last {EARLIER}",
    ):
        assert words in page
    assert sorted(remote.DENIED) == [401, 402, 403]
    for module in re.findall(r"`python -m bench\.(\w+)`", MODELS):
        assert (ROOT / "bench" / f"{module}.py").is_file()


def test_the_follow_up_of_the_page_is_completed_as_it_says() -> None:
    page = " ".join(MODELS.split())
    told = re.search(r'"([^"]+)" after "([^"]+)" is searched for as "([^"]+)"', page)
    assert told is not None
    assert follow_up(told[1], [told[2]]) == told[3]


def test_the_answer_shown_on_the_page_is_what_is_printed(
    pumps: Path, daemon: OllamaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (block,) = blocks(MODELS, "text")
    command, _, rest = block.partition("\n")
    told = re.search(r"(The pump .*?) \[1\](.*) \[no support found\]", rest)
    assert told is not None
    daemon.behaviour = telling(told[1] + told[2])
    daemon_of(daemon, monkeypatch)
    result = CliRunner().invoke(recto, [*shlex.split(command)[2:], "--home", str(pumps)])

    def timeless(text: str) -> list[str]:
        return [re.sub(r"\d+(?:\.\d+)? s\b", "N s", line) for line in text.strip().splitlines()]

    begin, end = map(timeless, rest.split("\n...\n"))
    assert timeless(result.output)[: len(begin)] == begin
    assert timeless(result.output)[-len(end) :] == end


def daemon_of(daemon: OllamaServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", daemon.url)
    monkeypatch.setenv("RECTO_MODEL", f"ollama:{MODEL}")


def test_the_python_of_the_page_runs(
    pumps: Path, daemon: OllamaServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = blocks(MODELS, "python")
    daemon.behaviour = telling("The pump of hall 3 moves 111 litres a minute.")  # what no quote supports is void
    daemon_of(daemon, monkeypatch)
    here = code.replace('"my-library"', repr(str(pumps))).replace(
        'model="fast"', f'model="ollama:{MODEL}", ollama_host="{daemon.url}"'
    )
    assert here.count(MODEL) == 1
    exec(here, {})
    said = capsys.readouterr().out
    told = code.split("# ")[2].split("\n")[0].split(", ")
    assert set(told) <= {kind.__name__ for kind in get_args(events.AskEvent)}
    assert (
        {"Found", "Quoted", "Expect", "Token", "Cited", "Done"}
        <= set(re.findall(r"^(\w+)\(", said, re.MULTILINE))
        <= set(told)
    )
    assert f"written ollama/{MODEL} " in said
    assert " pumps.pdf 1 " in said


def test_the_figures_are_those_of_the_results() -> None:
    results = figures.results()
    assert figures.README.read() == figures.readme(results), "run `make figures`"
    assert figures.PAGE.read() == figures.page(results), "run `make figures`"
    assert figures.PERFORMANCE.read() == figures.performance(results), "run `make figures`"


def test_the_tables_of_other_systems_are_those_of_the_results() -> None:
    assert ranking.PAGE.read() == ranking.baselines(), "run `make figures`"


# --- docs/evaluation.md ----------------------------------------------------------------------------------------------
def test_the_evaluation_of_the_page_prints_what_it_shows(pumps: Path, home: Path, tmp_path: Path) -> None:
    source = tmp_path / "questions.jsonl"
    source.write_text(blocks(EVALUATION, "jsonl")[0])
    command, _, rest = blocks(EVALUATION, "text")[0].partition("\n")
    assert command == "$ recto eval questions.jsonl --pdfs pumps.pdf"
    arguments = ["eval", str(source), "--pdfs", str(pumps / "pumps.pdf"), "--home", str(home)]
    printed = CliRunner().invoke(recto, arguments).stdout
    assert printed.startswith(rest.removesuffix("...\n"))
    value = json.loads(CliRunner().invoke(recto, [*arguments, "--json"]).stdout)
    example, of_models = shown(EVALUATION, "json")
    assert set(example) == set(value)
    assert same_fields(example["outcomes"], value["outcomes"])
    assert set(of_models) == set(written.as_json([written.WrittenRun(model="default", outcomes=[])]))
    (model,) = of_models["models"]
    assert set(model) == set(written.WrittenRun(model="default", outcomes=[]).as_json())
    assert set(model["outcomes"][0]) == {field.name for field in fields(written.WrittenOutcome)} | {"fate"}
    assert set(example["abstention"]["unanswerable"]) == set(value["abstention"]["unanswerable"])
    assert set(example["figures"]) == set(value["figures"])
    assert same_fields(example["figures"]["inside"]["H@1"], value["figures"]["inside"]["H@1"])
    assert set(example["types"]) == set(value["types"])
    named = EVALUATION.split("| `figures` | ")[1].split("\n")[0]
    assert set(re.findall(r"`([^`]+)`", named)) - {"questions"} == set(results.NAMES)


def test_the_numbers_of_the_evaluation_are_those_of_the_code() -> None:
    page = " ".join(EVALUATION.split())
    questions = (ROOT / "tests" / "data" / "questions" / "questions.jsonl").read_text().splitlines()
    for words in (
        f"at most {outcomes.LONGEST} characters",
        f"{LEVEL:.0%}".replace("%", " %") + f" of the means of {RESAMPLES} samples",
        f"At most {synthetic.PER_DOCUMENT} of a document (`--questions`), from at most {synthetic.PAGES} of its pages, "
        f"of at most {synthetic.DOCUMENTS} documents",
        f"the first {outcomes.PAGES} pages",
        f"`tests/data/questions` | {len(questions)}, of them",
    ):
        assert words in page
    assert len(results.JUDGED) == 7
