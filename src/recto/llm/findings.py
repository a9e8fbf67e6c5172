"""What this machine has to write answers with: the model, its programs, and who else may see passages."""

from collections.abc import Iterator
from contextlib import suppress

from recto import config
from recto.config import Settings
from recto.errors import EngineProblem, RectoError
from recto.llm import ollama
from recto.llm.choose import check_model, recipient
from recto.llm.llama import find_runtime
from recto.machine import Finding
from recto.model_ref import QuoteOnly


def model_findings(settings: Settings) -> Iterator[Finding]:
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
            leaving = "; passages leave this machine" if leaves else ""
            yield Finding(name="writer", value=value, words=f"{model.provider}: {model.model} ({model.why}{leaving})")
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


def ollama_finding(settings: Settings) -> Finding:
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
