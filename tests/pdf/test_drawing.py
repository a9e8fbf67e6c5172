"""Pictures of pages: one worker draws them all, and what befalls it costs one picture."""

import os
import signal
from pathlib import Path

import pytest

from recto import Library
from recto.errors import DamagedPdf
from recto.pdf.read import Reader
from support.pdfs import Sheet, pdf, text_pdf
from support.processes import children

PNG = b"\x89PNG"
pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for children in /proc")


def workers() -> set[int]:
    """The reading and drawing processes of this one."""
    return set(children(running="recto.pdf.worker"))


@pytest.fixture
def manual(tmp_path: Path) -> Path:
    path = tmp_path / "manual.pdf"
    path.write_bytes(text_pdf("The valve opens at 40 bar.", "The pump moves 111 litres."))
    return path


def test_one_worker_draws_all_pictures_and_goes_with_the_library(home: Path, manual: Path) -> None:
    before = workers()
    with Library(home) as library:
        library.add(manual)
        assert workers() == before  # nobody has asked for a picture
        first = library.picture("manual.pdf", 0)
        (drawing,) = workers() - before
        assert library.picture("manual.pdf", 1).startswith(PNG)
        assert workers() - before == {drawing}
        os.kill(drawing, signal.SIGKILL)  # the system is out of memory, say
        os.waitid(os.P_PID, drawing, os.WEXITED | os.WNOWAIT)
        assert library.picture("manual.pdf", 0) == first
    assert workers() == before


def test_a_page_that_cannot_be_drawn_in_time_costs_one_picture(manual: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = workers()
    with Reader(workers=1) as reader:
        source = reader.open(manual)
        (hanging,) = workers() - before
        os.kill(hanging, signal.SIGSTOP)
        with monkeypatch.context() as impatient:
            impatient.setattr(reader, "_limit_s", 0.1)
            with pytest.raises(DamagedPdf, match=r"drawing page 1 took longer than 0\.1 s"):
                reader.draw(source, 0, width=100)
        assert reader.draw(source, 1, width=100).startswith(PNG)
        assert hanging not in workers()
    assert workers() == before


def test_a_worker_that_does_not_start_costs_one_picture(manual: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Reader(workers=1) as reader:
        with monkeypatch.context() as broken:
            broken.setenv("PYTHONHOME", "/nowhere")
            with pytest.raises(DamagedPdf):
                reader.open(manual)
        assert reader.draw(reader.open(manual), 0, width=100).startswith(PNG)


def test_nothing_of_a_removed_document_stays_open(home: Path, tmp_path: Path) -> None:
    before = workers()
    with Library(home) as library:
        path = tmp_path / "secret.pdf"
        path.write_bytes(pdf(Sheet([(72, 700, 12, "The code is 1234.")])))
        library.add(path)
        library.picture("secret.pdf", 0)
        library.remove("secret.pdf")
        (drawing,) = workers() - before
        assert not [link for link in Path(f"/proc/{drawing}/fd").iterdir() if ".pdf" in str(link.readlink())]
