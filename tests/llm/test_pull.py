"""Fetching models from a hub on loopback: whole, cut, wrong, refused, and with no room."""

import hashlib
import random
import re
import shutil
import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from huggingface_hub import constants

from recto.errors import ChecksumWrong, DiskFull, EngineMissing, PullProblem, RectoError, UsageProblem
from recto.events import Progress
from recto.llm import pull as pulling
from recto.llm.presets import PRESETS, installed
from recto.llm.pull import parse_hub_file, parts, pull
from recto.stop import Stop, Stopped
from support import fake_hub as hubs
from support.fake_hub import Hub

MODEL = "somebody/tiny-GGUF/tiny.Q4.gguf"
NAME = "tiny.Q4.gguf"
DATA = random.Random(1).randbytes(300_000)


@pytest.fixture
def hub() -> Iterator[Hub]:
    with hubs.running() as server:
        server.files[MODEL] = DATA
        yield server


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulling, "PAUSE_S", 0.0)
    monkeypatch.setattr(pulling, "EVERY_S", 0.0)


def fetch(hub: Hub, folder: Path, *, wanted: str = MODEL, stop: Stop | None = None) -> list[Progress]:
    return list(pull(wanted, folder, stop or Stop(), endpoint=hub.url))


def refused(hub: Hub, folder: Path, kind: type[RectoError] = PullProblem) -> RectoError:
    with pytest.raises(kind) as caught:
        fetch(hub, folder)
    assert installed(folder) == []
    return caught.value


def interrupted(hub: Hub, folder: Path) -> int:
    """Begin a pull, leave it after the first bytes, and tell how many there are."""
    hub.gate.clear()
    events = pull(MODEL, folder, Stop(), endpoint=hub.url)
    next(event for event in events if event.done)
    events.close()
    hub.gate.set()
    (part,) = parts(NAME, folder)
    return part.stat().st_size


@pytest.mark.parametrize("wanted", [MODEL, "somebody/tiny-GGUF:tiny.Q4.gguf"])
def test_a_model_is_fetched_whole(hub: Hub, tmp_path: Path, wanted: str) -> None:
    events = fetch(hub, tmp_path / "weights", wanted=wanted)
    assert installed(tmp_path / "weights") == [tmp_path / "weights" / NAME]
    assert (tmp_path / "weights" / NAME).read_bytes() == DATA
    assert parts(NAME, tmp_path / "weights") == []
    assert {(event.name, event.total) for event in events} == {(NAME, len(DATA))}
    assert [event.stage for event in events][-2:] == ["pulling", "checking"]
    assert (events[-2].done, events[-2].eta_s) == (len(DATA), 0.0)


def test_a_preset_is_fetched_under_its_name(hub: Hub, tmp_path: Path) -> None:
    preset = PRESETS["fast"]
    hub.files[f"{preset.repo}/{preset.file}"] = DATA
    fetch(hub, tmp_path, wanted="fast")
    assert (tmp_path / preset.file).read_bytes() == DATA


def test_the_hub_learns_nothing_but_the_name(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", False)
    fetch(hub, tmp_path)
    assert [(method, re.sub(r"\?.*", "", path)) for method, path, _ in hub.requests] == [
        ("HEAD", "/somebody/tiny-GGUF/resolve/main/tiny.Q4.gguf"),
        ("GET", f"/somebody/tiny-GGUF/resolve/{hubs.COMMIT}/tiny.Q4.gguf"),
        ("GET", f"/blob/{MODEL}"),
    ]
    for _, _, headers in hub.requests:
        assert "hf_secret" not in str(headers)
        assert headers["user-agent"] == "recto"


def test_a_cut_connection_is_taken_up_where_it_broke(hub: Hub, tmp_path: Path) -> None:
    hub.cuts = [100_000, 50_000]
    events = fetch(hub, tmp_path)
    assert (tmp_path / NAME).read_bytes() == DATA
    assert hub.ranges_asked == ["bytes=0-", "bytes=100000-", "bytes=150000-"]
    assert [event.done for event in events if event.stage == "pulling"] == sorted(
        event.done for event in events if event.stage == "pulling"
    )


def test_an_interrupted_pull_is_no_model_and_goes_on_later(hub: Hub, tmp_path: Path) -> None:
    have = interrupted(hub, tmp_path)
    assert 0 < have < len(DATA)
    assert installed(tmp_path) == []
    events = fetch(hub, tmp_path)
    assert events[0].done == have
    assert hub.ranges_asked == ["bytes=0-", f"bytes={have}-"]
    assert (tmp_path / NAME).read_bytes() == DATA


def test_the_brake_stops_a_pull_and_keeps_the_part(hub: Hub, tmp_path: Path) -> None:
    stop = Stop()
    events = pull(MODEL, tmp_path, stop, endpoint=hub.url)
    next(event for event in events if event.done)
    stop.pull()
    with pytest.raises(Stopped):
        deque(events, maxlen=0)
    assert parts(NAME, tmp_path)
    assert installed(tmp_path) == []


def test_a_server_without_ranges_begins_anew(hub: Hub, tmp_path: Path) -> None:
    hub.ranges = False
    hub.cuts = [100_000, 200_000]
    fetch(hub, tmp_path)
    assert hub.ranges_asked == ["bytes=0-", "bytes=100000-", "bytes=200000-"]
    assert (tmp_path / NAME).read_bytes() == DATA


@pytest.mark.parametrize("fault", ["other", "longer", "damaged part"])
def test_what_is_not_as_announced_is_deleted(hub: Hub, tmp_path: Path, fault: str) -> None:
    if fault == "other":
        hub.sha256 = "0" * 64
    elif fault == "longer":
        hub.surplus = b"more"
    else:
        interrupted(hub, tmp_path)
        (part,) = parts(NAME, tmp_path)
        part.write_bytes(bytes(part.stat().st_size))
    problem = refused(hub, tmp_path, ChecksumWrong)
    assert "SHA-256" in problem.message
    assert "deleted" in problem.message
    assert parts(NAME, tmp_path) == []
    hub.sha256, hub.surplus = "", b""
    fetch(hub, tmp_path)
    assert (tmp_path / NAME).read_bytes() == DATA


def test_a_missing_file_is_said(hub: Hub, tmp_path: Path) -> None:
    hub.files.clear()
    problem = refused(hub, tmp_path)
    assert problem.message == "the hub has no tiny.Q4.gguf in somebody/tiny-GGUF (404)"
    assert problem.hint == "look at https://huggingface.co/somebody/tiny-GGUF"


def test_a_gated_model_names_the_page_of_its_licence(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    hub.refusal = (401, "GatedRepo")
    problem = refused(hub, tmp_path)
    assert "accepted its licence" in problem.message
    assert "https://huggingface.co/somebody/tiny-GGUF," in problem.hint
    assert "hf_secret" not in problem.message + problem.hint


@pytest.mark.parametrize("status", [500, 503, 429, 403])
def test_a_hub_that_cannot_now_is_said(hub: Hub, tmp_path: Path, status: int) -> None:
    hub.refusal = (status, "")
    problem = refused(hub, tmp_path)
    assert f"it answers {status}" in problem.message
    assert problem.hint == "recto models pull somebody/tiny-GGUF:tiny.Q4.gguf"


def test_nobody_at_the_address_is_said(tmp_path: Path) -> None:
    with hubs.running() as hub:
        pass
    assert "cannot be used" in refused(hub, tmp_path).message


def test_a_server_that_stumbles_is_asked_again(hub: Hub, tmp_path: Path) -> None:
    hub.cuts, hub.statuses = [], [503, 502]
    fetch(hub, tmp_path)
    assert (tmp_path / NAME).read_bytes() == DATA


def test_a_server_that_stays_down_ends_the_pull_and_keeps_the_part(hub: Hub, tmp_path: Path) -> None:
    have = interrupted(hub, tmp_path)
    hub.statuses = [503] * pulling.TRIES
    assert "it answers 503" in refused(hub, tmp_path).message
    assert hub.statuses == []
    assert parts(NAME, tmp_path)[0].stat().st_size == have


def test_what_is_no_hub_is_said(hub: Hub, tmp_path: Path) -> None:
    hub.linked = False
    problem = refused(hub, tmp_path)
    assert "that is no hub" in problem.message
    assert problem.hint == "unset HF_ENDPOINT"


def test_offline_is_said(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert refused(hub, tmp_path).hint == "unset HF_HUB_OFFLINE"
    assert hub.requests == []


def test_room_is_looked_for_before_the_first_byte(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=100_000_000))
    hub.files[MODEL] = bytes(7_000_000)
    problem = refused(hub, tmp_path, DiskFull)
    assert "0.01 GB are to come" in problem.message
    assert "there are 0.10 GB" in problem.message
    assert "RECTO_WEIGHTS" in problem.hint
    assert hub.ranges_asked == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device that is always full")
def test_a_disk_that_fills_up_is_said(hub: Hub, tmp_path: Path) -> None:
    digest = hashlib.sha256(DATA).hexdigest()
    (tmp_path / f"{NAME}.{digest[:16]}.part").symlink_to("/dev/full")
    assert "the disk filled up" in refused(hub, tmp_path, DiskFull).message


def test_a_file_is_pulled_by_one_at_a_time(hub: Hub, tmp_path: Path) -> None:
    hub.gate.clear()
    first = pull(MODEL, tmp_path, Stop(), endpoint=hub.url)
    next(first)
    with pytest.raises(PullProblem, match="is being pulled already"):
        fetch(hub, tmp_path)
    hub.gate.set()
    deque(first, maxlen=0)
    assert (tmp_path / NAME).read_bytes() == DATA


def test_parts_of_another_version_are_forgotten(hub: Hub, tmp_path: Path) -> None:
    interrupted(hub, tmp_path)
    hub.files[MODEL] = DATA[::-1]
    fetch(hub, tmp_path)
    assert (tmp_path / NAME).read_bytes() == DATA[::-1]
    assert parts(NAME, tmp_path) == []


def test_what_is_there_is_not_fetched_again(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(DATA)
    assert [event.stage for event in fetch(hub, tmp_path)] == ["checking"]
    assert hub.ranges_asked == []


def test_another_file_of_that_name_is_left_alone(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(DATA[::-1])
    with pytest.raises(ChecksumWrong, match="another file than the hub's") as caught:
        fetch(hub, tmp_path)
    assert caught.value.hint == f"recto models remove {NAME}"
    assert (tmp_path / NAME).read_bytes() == DATA[::-1]


def test_without_the_extra_the_pip_command_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(EngineMissing) as caught:
        next(pull("default", tmp_path, Stop()))
    assert caught.value.hint == "pip install 'recto-pdf[llama]'"


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "quote",
        "x.gguf",
        "a/b/c.bin",
        "a/b/../../c.gguf",
        "../b:c.gguf",
        "a/b:/etc/c.gguf",
        "a/b:c.gguf?x",
        "a b/c:d.gguf",
    ],
)
def test_what_is_no_place_on_the_hub_is_refused(wanted: str) -> None:
    with pytest.raises(UsageProblem, match="OWNER/REPO:FILE"):
        parse_hub_file(wanted)


def test_a_repository_the_hub_cannot_have_is_refused(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="no name of a repository"):
        fetch(hub, tmp_path, wanted="a/b--c:d.gguf")


def test_a_file_in_a_folder_of_the_hub_lies_flat_here() -> None:
    assert parse_hub_file("a/b/c/d.gguf").file == "c/d.gguf"
    assert parse_hub_file("a/b:c/d.gguf").name == "d.gguf"
