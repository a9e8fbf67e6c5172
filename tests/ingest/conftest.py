"""A folder of files to fill a library with."""

from pathlib import Path

import pytest

from support.folders import SUBJECTS
from support.pdfs import text_pdf


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "files"
    place.mkdir()
    for number, subject in enumerate(SUBJECTS):
        (place / f"{subject}.pdf").write_bytes(text_pdf(f"The {subject} was built in {1900 + number}."))
    return place
