"""What nobody foresaw: it ends no thread unseen, is logged, and is shown where somebody waits."""

import logging
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from recto.config import Writing
from recto.events import Progress, Stage
from recto.library import Library
from recto.model_ref import QUOTE
from recto.server.tenants import NO_LIMIT, Tenant
from recto.server.uploads import Upload, UploadState
from support.live import soon
from support.pdfs import text_pdf

SETTLED_S = 120
MANY = 12


@pytest.fixture
def tenant(home: Path) -> Iterator[Tenant]:
    tenant = Tenant(Library(home, writing=Writing(model=QUOTE)), home / "uploads", NO_LIMIT)
    yield tenant
    tenant.close()


def accept(tenant: Tenant, folder: Path, text: str) -> Upload:
    path = folder / f"{text}.pdf"
    path.write_bytes(text_pdf(f"{text} stands in the third hall of the plant, behind the boiler; nobody sees it."))
    return tenant.accept(path.name, path, None)


def over(*uploads: Upload) -> bool:
    return soon(lambda: all(upload.state in (UploadState.DONE, UploadState.FAILED) for upload in uploads), SETTLED_S)


def followers() -> list[threading.Thread]:
    """The threads that follow how far encoding is."""
    return [thread for thread in threading.enumerate() if thread.name == "recto-encoding"]


@pytest.mark.usefixtures("own_workers")
def test_an_upload_that_fails_as_nothing_should_has_an_outcome_and_the_next_is_added(
    tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """No process can be started: the program that would run it is not there."""
    with monkeypatch.context() as broken, caplog.at_level(logging.ERROR):
        broken.setattr(sys, "executable", str(tmp_path / "no-python"))
        upload = accept(tenant, tmp_path, "The pump")
        assert over(upload)
    assert upload.outcome is not None
    assert upload.outcome["status"] == "failed"
    assert upload.outcome["problem"]["kind"] == "internal"
    assert "FileNotFoundError" in upload.outcome["problem"]["message"]
    assert any(record.exc_info for record in caplog.records)
    assert not upload.path.exists()
    assert tenant.uploads.pending() == []
    following = accept(tenant, tmp_path, "The valve")
    assert over(following)
    assert following.outcome is not None
    assert following.outcome["status"] == "added"
    tenant.uploads.forget(upload.id)
    assert [entry["id"] for entry in tenant.uploads.snapshot()] == [following.id]


@pytest.mark.usefixtures("own_workers")
def test_visitors_are_told_nothing_about_what_failed(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Library(home, writing=Writing(model=QUOTE)) as library:
        open_own = partial(Library, runtime=library.runtime)
        tenant = Tenant(library, tmp_path / "own", NO_LIMIT, open_own=open_own)
        with monkeypatch.context() as broken:
            broken.setattr(sys, "executable", str(tmp_path / "no-python"))
            upload = accept(tenant, tmp_path, "The pump")
            assert over(upload)
        tenant.close()
    assert upload.outcome is not None
    assert "no-python" not in str(upload.outcome)
    assert upload.outcome["problem"]["message"].startswith("something failed that recto was not prepared for")


def test_one_thread_follows_the_encoding_of_all_files(tenant: Tenant, tmp_path: Path) -> None:
    uploads = [accept(tenant, tmp_path, f"Pump {number}") for number in range(MANY)]
    most = 0
    while not soon(lambda: all(upload.outcome for upload in uploads), within_s=0):
        most = max(most, len(followers()))
    assert most == 1
    assert over(*uploads)
    assert {upload.state for upload in uploads} == {UploadState.DONE}


def test_whoever_follows_the_encoding_stops_when_the_server_ends(
    tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch may take long beside other programs: until it ends nobody asks again and again how far it is."""
    encoding = Progress(stage=Stage.ENCODING, name="", done=0, total=1, eta_s=None)
    monkeypatch.setattr(tenant.library, "encoding_progress", lambda doc: encoding)
    upload = accept(tenant, tmp_path, "The pump")
    assert soon(lambda: bool(followers()), SETTLED_S)
    assert upload.state is UploadState.ENCODING
    (follower,) = followers()
    tenant.uploads.close()
    follower.join(SETTLED_S)
    assert not follower.is_alive()
