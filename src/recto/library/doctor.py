"""What this machine offers: cores, memory, CPU features, surroundings, encoder, OCR, and where the data lives."""

import os
import platform
import shutil
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recto import config, machine
from recto.config import Settings
from recto.errors import EngineProblem, RectoError
from recto.llm import ollama
from recto.llm.choose import check_model, recipient
from recto.llm.llama import find_runtime
from recto.model_ref import QuoteOnly
from recto.pdf import engines, tesseract
from recto.pdf.convert import office
from recto.search.encoder import MiniLM
from recto.store import open_store

FEATURES = (
    "sse4_2",
    "avx",
    "avx2",
    "fma",
    "avx512f",
    "avx512_vnni",
    "avx_vnni",
    "amx_int8",
    "asimd",
    "asimddp",
    "i8mm",
)
GIB = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing found, for programs and for people, and what to do if it is missing."""

    name: str
    value: Any
    words: str
    hint: str = ""


def examine(home: Path | None = None) -> list[Finding]:
    """Look at everything that decides how recto runs here."""
    settings = config.load(home)
    return [
        *_machine_findings(),
        Finding(name="environment", value=config.environment(), words=config.environment()),
        _encoder_finding(settings),
        _ocr_finding(settings),
        _office_finding(),
        *_model_findings(settings),
        _ollama_finding(settings),
        *_data_findings(settings),
    ]


def _machine_findings() -> Iterator[Finding]:
    """Cores, memory and the CPU's features."""
    quota, usable = machine.cgroup_cores(), machine.available_cores()
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    limit = f"cgroup quota {quota:g}" if quota else "no cgroup quota"
    yield Finding(
        name="cores",
        value={"usable": usable, "machine": os.cpu_count(), "affinity": affinity, "cgroup_quota": quota},
        words=f"{usable} usable ({os.cpu_count()} in the machine, affinity {affinity}, {limit})",
    )
    memory_limit, total = machine.cgroup_memory(), machine.machine_memory()
    words = f"{total / GIB:.1f} GiB" if total else "unknown"
    words += f", cgroup limit {memory_limit / GIB:.1f} GiB" if memory_limit else ", no cgroup limit"
    yield Finding(name="memory", value={"machine": total, "cgroup_limit": memory_limit}, words=words)
    present = machine.cpu_features()
    features = [feature for feature in FEATURES if feature in present]
    yield Finding(
        name="cpu",
        value={"machine": platform.machine(), "features": features},
        words=f"{platform.machine()} {' '.join(features)}",
    )


def _encoder_finding(settings: Settings) -> Finding:
    """The sentence encoder, if it can be loaded."""
    try:
        encoder = MiniLM.open(threads=settings.threads)
    except RectoError as error:
        words = f"none, search goes by words only: {error.message}"
        return Finding(name="encoder", value=None, words=words, hint=error.hint)
    return Finding(name="encoder", value=encoder.fingerprint, words=encoder.fingerprint)


def _model_findings(settings: Settings) -> Iterator[Finding]:
    """Which language model would write, who else may see passages, and what runs a model file."""
    host = recipient(settings)
    try:
        model = check_model(settings)
    except RectoError as error:
        yield Finding(name="writer", value=None, words=f"none: {error.message}", hint=error.hint)
    else:
        if model is None:
            hint = "" if settings.writing.reference == QuoteOnly() else "recto models pull default"
            yield Finding(name="writer", value=None, words="none: answers are quoted", hint=hint)
        else:
            leaves = model.hosted and bool(host)  # a remote engine may run here as well
            value = {"home": model.provider, "model": model.model, "leaves_machine": leaves}
            away = "; passages leave this machine" if leaves else ""
            yield Finding(name="writer", value=value, words=f"{model.provider}: {model.model} ({model.why}{away})")
    words = f"passages may leave this machine, to {host}" if host else "not allowed: passages stay on this machine"
    hint = "unset RECTO_ALLOW_REMOTE to keep them here" if host else ""
    yield Finding(name="remote", value=host or None, words=words, hint=hint)
    try:
        program = find_runtime(settings.writing.llama_server)
    except RectoError as error:
        yield Finding(name="llama.cpp", value=None, words=f"none: {error.message}", hint=error.hint)
    else:
        value = {"runs": program.name, "why": program.why}
        yield Finding(name="llama.cpp", value=value, words=f"{program.name}: {program.why}")


def _ollama_finding(settings: Settings) -> Finding:
    """The Ollama that answers, the addresses that were tried, and the models that it has in memory."""
    server, tries = ollama.find(settings.writing.ollama_host, config.environment())
    addresses = [{"url": attempt.url, "answer": attempt.answer, "version": attempt.version} for attempt in tries]
    words = "; ".join(f"{attempt.url}: {attempt.answer}" for attempt in tries)
    if server is None:
        return Finding(name="ollama", value={"tried": addresses, "loaded": None}, words=f"none ({words})")
    if not ollama.is_near(server.url):
        words += "; questions and passages go to that machine"
    loaded = None
    with suppress(EngineProblem):  # it does not say
        loaded = server.loaded()
        words += f"; in memory: {', '.join(loaded) or 'no model, so the first answer waits for one'}"
    return Finding(name="ollama", value={"tried": addresses, "loaded": loaded}, words=words)


def _ocr_finding(settings: Settings) -> Finding:
    """What recognises scanned pages, in which languages, and what is missing."""
    program, language = tesseract.program(), settings.ocr_language
    present = engines.present(settings.ocr, language)
    languages = tesseract.languages()
    value = {"program": program, "languages": languages, "language": language, "engines": present.names}
    read_by = " and ".join(present.names) or "none: scanned pages are flagged, not read"
    words = f"{read_by}; language {language} of {', '.join(languages)} ({program})" if program else read_by
    lack = f"; {present.lack}" if present.lack else ""
    has_engine = program or present.names
    return Finding(name="ocr", value=value if has_engine else None, words=words + lack, hint=present.mend)


def _office_finding() -> Finding:
    """The program that makes PDFs of Word, PowerPoint, Excel, OpenDocument and RTF files."""
    program = office.available()
    if program is None:
        words = "none: Word, PowerPoint, Excel, OpenDocument and RTF files are refused"
        return Finding(name="office", value=None, words=words, hint=office.INSTALL)
    return Finding(name="office", value=program, words=f"{program}: Word, PowerPoint, Excel, OpenDocument, RTF")


def _data_findings(settings: Settings) -> Iterator[Finding]:
    """Where the data lives, the room that is left there, and what is in the library."""
    home = settings.home
    yield Finding(name="data", value=str(home), words=f"{home}{'' if home.is_dir() else ' (not there yet)'}")
    if not home.is_dir():
        return
    free = shutil.disk_usage(home).free
    yield Finding(name="free_space", value=free, words=f"{free / GIB:.1f} GiB")
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
