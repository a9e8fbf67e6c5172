"""What this machine offers: cores, memory, CPU features, surroundings, encoder, OCR, and where the data lives."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from recto import config, machine
from recto.config import Settings
from recto.errors import RectoError
from recto.llm.findings import model_findings, ollama_finding
from recto.machine import Finding
from recto.pdf import engines
from recto.pdf.convert import office
from recto.search.encoder import MiniLM
from recto.store import open_store


def examine(home: Path | None = None) -> list[Finding]:
    """Look at everything that decides how recto runs here."""
    settings = config.load(home)
    return [
        *machine.findings(),
        Finding(name="environment", value=config.environment(), words=config.environment()),
        _encoder_finding(settings),
        engines.finding(settings.ocr, settings.ocr_language),
        office.finding(),
        *model_findings(settings),
        ollama_finding(settings),
        *_data_findings(settings),
    ]


def _encoder_finding(settings: Settings) -> Finding:
    """The sentence encoder, if it can be loaded."""
    try:
        encoder = MiniLM.open(threads=settings.threads)
    except RectoError as error:
        words = f"none, search goes by words only: {error.message}"
        return Finding(name="encoder", value=None, words=words, hint=error.hint)
    return Finding(name="encoder", value=encoder.fingerprint, words=encoder.fingerprint)


def _data_findings(settings: Settings) -> Iterator[Finding]:
    """Where the data lives, the room that is left there, and what is in the library."""
    home = settings.home
    yield Finding(name="data", value=str(home), words=f"{home}{'' if home.is_dir() else ' (not there yet)'}")
    if not home.is_dir():
        return
    free = shutil.disk_usage(home).free
    yield Finding(name="free_space", value=free, words=f"{free / machine.GIB:.1f} GiB")
    try:
        with closing(open_store(settings)) as store:
            documents, lagging = store.documents(), store.lagging()
    except RectoError as error:
        yield Finding(name="library", value=None, words=error.message, hint=error.hint)
        return
    words = f"{len(documents)} documents, {sum(document.pages for document in documents)} pages"
    yield Finding(
        name="library",
        value={"documents": len(documents), "lagging": lagging},
        words=words + (f", {lagging} changes to index" if lagging else ""),
        hint="recto add any file: the keyword index catches up" if lagging else "",
    )
