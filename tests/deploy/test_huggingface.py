"""`recto deploy huggingface`, as a process of its own, against a hub on loopback."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from recto.deploy import FILES, FOLDERS, HOSTED, LOCAL, SpaceOptions, plan
from recto.errors import BadSetting
from support import spaces
from support.paths import HERE
from support.spaces import SPACE, TOKEN, Spaces

ROOT = HERE.parent
KEY = "k-0123456789"
COPIED = re.compile(r"^COPY (?!--from)(.+) \S+$", re.MULTILINE)


@pytest.fixture
def hub() -> Iterator[Spaces]:
    with spaces.running() as found:
        yield found


def deploy(hub: Spaces, *options: str, token: str = TOKEN, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "recto", "deploy", "huggingface", SPACE, "--source", str(ROOT), *options]
    usual = {**os.environ, "HF_ENDPOINT": hub.url, "HF_TOKEN": token, "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    return subprocess.run(
        command, env={**usual, **environment}, capture_output=True, text=True, timeout=300, check=False
    )


def test_without_yes_nothing_is_sent(hub: Spaces) -> None:
    done = deploy(hub)
    assert done.returncode == 0
    assert "variable   MODEL=fast" in done.stdout
    assert "paid plan" in done.stdout
    assert "Nothing was sent" in done.stderr
    assert hub.created == {}


@pytest.mark.slow
def test_the_space_gets_everything_that_the_image_is_built_of(hub: Spaces) -> None:
    done = deploy(hub, "--yes")
    assert done.returncode == 0, done.stderr
    assert (hub.created["type"], hub.created["sdk"]) == ("space", "docker")
    assert hub.variables == {"MODEL": "fast", "RECTO_MODEL": "auto"}
    assert hub.secrets == {}
    assert hub.other_paths == []  # no telemetry
    assert hub.files["README.md"].startswith(b"---\ntitle: recto\n")
    assert b"sdk: docker\napp_port: 7860\n" in hub.files["README.md"]
    for name in FILES:
        assert hub.files[name] == (ROOT / name).read_bytes()
    for copied in " ".join(COPIED.findall(hub.files["Dockerfile"].decode())).split():
        assert any(name == copied or name.startswith(f"{copied}/") for name in hub.files), copied
    code = {path.relative_to(ROOT).as_posix(): path for name in FOLDERS for path in (ROOT / name).rglob("*.py")}
    assert {name: path.read_bytes() for name, path in code.items()}.items() <= hub.files.items()
    assert not any("__pycache__" in name for name in hub.files)


@pytest.mark.slow
def test_a_hosted_model_gets_its_token_as_a_secret_and_the_data_a_bucket(hub: Spaces) -> None:
    options = (
        "--option",
        "fallback",
        "--secret",
        "RECTO_REMOTE_TOKEN",
        "--variable",
        "RECTO_REMOTE_URL=https://llm.test/v1",
    )
    done = deploy(hub, "--yes", *options, "--bucket", "somebody/kept", RECTO_REMOTE_TOKEN=KEY)
    assert done.returncode == 0, done.stderr
    assert hub.secrets == {"RECTO_REMOTE_TOKEN": KEY}
    assert hub.variables["RECTO_ALLOW_REMOTE"] == "1"
    assert hub.variables["RECTO_REMOTE_URL"] == "https://llm.test/v1"
    assert KEY not in done.stdout + done.stderr
    assert not any(KEY.encode() in data for name, data in hub.files.items())
    (volume,) = hub.volumes
    assert (volume["type"], volume["source"], volume["mountPath"]) == ("bucket", "somebody/kept", "/data")


@pytest.mark.slow
def test_a_hub_that_refuses_is_told_about(hub: Spaces) -> None:
    done = deploy(hub, "--yes", token="hf_of_nobody")
    assert done.returncode == 1
    assert "the hub refuses: Invalid token" in done.stderr
    assert "hf auth login" in done.stderr


def test_a_free_account_is_told_what_a_space_needs_before_and_when_it_is_refused(hub: Spaces) -> None:
    sentence = "A Docker or Gradio Space on CPU needs a PRO plan since July 2026"
    hub.is_free = True
    done = deploy(hub, "--yes")
    assert done.returncode == 1
    assert sentence in done.stdout  # before anything was sent
    assert sentence in done.stderr
    assert "Nothing was uploaded" in done.stderr
    assert "docs/deploy.md" in done.stderr
    assert (hub.variables, hub.files) == ({}, {})


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--option", "hosted"), "a hosted model wants a token"),
        (("--secret", "NOT_SET_HERE"), "the secret NOT_SET_HERE is not set here"),
        (("--variable", "RECTO_TOKEN=secret"), "RECTO_TOKEN would be public"),
        (("--variable", "SOME_API_KEY=secret"), "SOME_API_KEY would be public"),
        (("--variable", "RECTO_PATIENCE"), "is not NAME=VALUE"),
    ],
)
def test_what_cannot_work_is_said_before_anything_is_sent(options: tuple[str, ...], said: str, hub: Spaces) -> None:
    done = deploy(hub, "--yes", *options)
    assert done.returncode == 2
    assert said in done.stderr
    assert hub.created == {}


def test_three_options_are_three_settings_of_one_image() -> None:
    secrets = {"HF_TOKEN": "x"}
    local = plan(SpaceOptions(space=SPACE, option=LOCAL, model="fast"), ROOT)
    hosted = plan(SpaceOptions(space=SPACE, option=HOSTED, model="fast", secrets=secrets), ROOT)
    assert local.files == hosted.files
    assert hosted.variables == {"RECTO_ALLOW_REMOTE": "1", "RECTO_MODEL": "hf"}


def test_another_folder_is_no_checkout(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="no checkout of recto"):
        plan(SpaceOptions(space=SPACE, option=LOCAL, model=""), tmp_path)
    with pytest.raises(BadSetting, match="not the name of a Space"):
        plan(SpaceOptions(space="papers", option=LOCAL, model=""), ROOT)
