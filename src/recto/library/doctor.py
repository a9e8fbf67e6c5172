"""What this machine offers: cores, memory, CPU features, surroundings, encoder, OCR, and where the data lives."""

import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recto import config, machine
from recto.errors import EngineProblem, RectoError
from recto.llm import ollama
from recto.llm.choose import check_model, recipient
from recto.llm.llama import runtime
from recto.pdf import ocr
from recto.search.encoder import MiniLM
from recto.store.sqlite import open_store

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


@dataclass(frozen=True, slots=True)
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
        _cores(),
        _memory(),
        _features(),
        Finding("environment", config.environment(), config.environment()),
        _encoder(settings),
        _ocr(settings),
        _writer(settings),
        _remote(settings),
        _runtime(settings),
        _ollama(settings),
        *_data(settings),
    ]


def _cores() -> Finding:
    quota, usable = machine.cgroup_cores(), machine.available_cores()
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    value = {"usable": usable, "machine": os.cpu_count(), "affinity": affinity, "cgroup_quota": quota}
    limit = f"cgroup quota {quota:g}" if quota else "no cgroup quota"
    return Finding("cores", value, f"{usable} usable ({os.cpu_count()} in the machine, affinity {affinity}, {limit})")


def _memory() -> Finding:
    limit, total = machine.cgroup_memory(), machine.machine_memory()
    words = f"{total / GIB:.1f} GiB" if total else "unknown"
    words += f", cgroup limit {limit / GIB:.1f} GiB" if limit else ", no cgroup limit"
    return Finding("memory", {"machine": total, "cgroup_limit": limit}, words)


def _features() -> Finding:
    found = machine.cpu_features()
    known = [feature for feature in FEATURES if feature in found]
    return Finding("cpu", {"machine": platform.machine(), "features": known}, f"{platform.machine()} {' '.join(known)}")


def _encoder(settings: config.Settings) -> Finding:
    try:
        encoder = MiniLM.open(threads=settings.threads)
    except RectoError as error:
        return Finding("encoder", None, f"none, search goes by words only: {error.message}", error.hint)
    return Finding("encoder", encoder.fingerprint, encoder.fingerprint)


def _writer(settings: config.Settings) -> Finding:
    """Which language model would write."""
    try:
        chosen = check_model(settings)
    except RectoError as error:
        return Finding("writer", None, f"none: {error.message}", error.hint)
    if chosen is None:
        asked = settings.writing.model == config.QUOTE
        return Finding("writer", None, "none: answers are quoted", "" if asked else "recto models pull default")
    leaves = chosen.hosted and bool(recipient(settings))  # a remote engine may run here as well
    away = "; passages leave this machine" if leaves else ""
    value = {"home": chosen.home, "model": chosen.model, "leaves_machine": leaves}
    return Finding("writer", value, f"{chosen.home}: {chosen.model} ({chosen.why}{away})")


def _remote(settings: config.Settings) -> Finding:
    """Who else may see passages."""
    host = recipient(settings)
    words = f"passages may leave this machine, to {host}" if host else "not allowed: passages stay on this machine"
    return Finding("remote", host or None, words, "unset RECTO_ALLOW_REMOTE to keep them here" if host else "")


def _runtime(settings: config.Settings) -> Finding:
    try:
        found = runtime(settings.writing.llama_server)
    except RectoError as error:
        return Finding("llama.cpp", None, f"none: {error.message}", error.hint)
    return Finding("llama.cpp", {"runs": found.name, "why": found.why}, f"{found.name}: {found.why}")


def _ollama(settings: config.Settings) -> Finding:
    server, tried = ollama.find(settings.writing.ollama_host, config.environment())
    addresses = [{"url": one.url, "answer": one.answer, "version": one.version} for one in tried]
    words = "; ".join(f"{one.url}: {one.answer}" for one in tried)
    if server is None:
        return Finding("ollama", {"tried": addresses, "loaded": None}, f"none ({words})")
    if not ollama.is_near(server.url):
        words += "; questions and passages go to that machine"
    loaded = _loaded(server)
    if loaded is not None:
        words += f"; in memory: {', '.join(loaded) or 'no model, so the first answer waits for one'}"
    return Finding("ollama", {"tried": addresses, "loaded": loaded}, words)


def _loaded(server: ollama.Server) -> list[str] | None:
    """The models that Ollama has in memory, None if it does not say."""
    try:
        return server.loaded()
    except EngineProblem:
        return None


def _ocr(settings: config.Settings) -> Finding:
    program = ocr.available()
    if program is None:
        hint = "apt-get install tesseract-ocr (Debian, Ubuntu), brew install tesseract (macOS)"
        return Finding("ocr", None, "none: scanned pages are flagged, not read", hint)
    languages = _languages(program)
    hint = "" if settings.ocr_language in languages else f"apt-get install tesseract-ocr-{settings.ocr_language}"
    value = {"program": program, "languages": languages, "language": settings.ocr_language}
    return Finding("ocr", value, f"{program}, language {settings.ocr_language} of {', '.join(languages)}", hint)


def _languages(program: str) -> list[str]:
    listing = subprocess.run([program, "--list-langs"], capture_output=True, text=True, check=False)
    return listing.stdout.splitlines()[1:]


def _data(settings: config.Settings) -> list[Finding]:
    home = settings.home
    place = Finding("data", str(home), f"{home}{'' if home.is_dir() else ' (not there yet)'}")
    if not home.is_dir():
        return [place]
    free = shutil.disk_usage(home).free
    room = Finding("free_space", free, f"{free / GIB:.1f} GiB")
    try:
        store = open_store(home)
    except RectoError as error:
        return [place, room, Finding("library", None, error.message, error.hint)]
    with store:
        documents, lagging = store.documents(), store.lagging()
    words = f"{len(documents)} documents, {sum(d.pages for d in documents)} pages"
    hint = "recto add any file: the keyword index catches up" if lagging else ""
    value = {"documents": len(documents), "lagging": lagging}
    return [place, room, Finding("library", value, words + (f", {lagging} changes to index" if lagging else ""), hint)]
