"""What this machine offers: cores, memory, CPU features, surroundings, encoder, OCR, and where the data lives."""

from pathlib import Path

from recto import config, machine, store
from recto.llm.findings import model_findings, ollama_finding
from recto.machine import Finding
from recto.pdf.convert import office
from recto.pdf.recognition import engines
from recto.search import encoders


def examine(home: Path | None = None) -> list[Finding]:
    """Look at everything that decides how recto runs here."""
    settings = config.load(home)
    return [
        *machine.findings(),
        Finding(name="environment", value=config.environment(), words=config.environment()),
        encoders.finding(threads=settings.threads),
        engines.finding(settings.ocr, settings.ocr_language),
        office.finding(),
        *model_findings(settings),
        ollama_finding(settings),
        *store.findings(settings, encoders.FINGERPRINTS),
    ]
