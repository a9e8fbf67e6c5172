"""What Ollama's refusals mean, in plain sentences; its own words are for programs, as `detail`."""

import re
import sys
from pathlib import Path

from recto.errors import (
    ChecksumWrong,
    ConnectionBroken,
    EngineBusy,
    EngineDenied,
    EngineFailed,
    EngineProblem,
    ModelMissing,
    ModelUnusable,
    PromptTooLong,
    PullProblem,
    TooLittleMemory,
)
from recto.llm.http import count, unwrapped, words

_UNKNOWN = re.compile(r"\bmodel\b.*\bnot found\b")
_TOO_LONG = re.compile(r"\bcontext\b.*\bexceed|\bexceed.*\bcontext\b|\blonger\b.*\bcontext\b")
# As its engine and its own reader of GGUF files say it.
_DAMAGED = re.compile(
    r"exceeds file size|within the file bounds|magic|corrupt|truncated|digest mismatch"
    r"|failed to (?:read|load) (?:tensor|model|file|magic)"
)
_MEMORY = re.compile(r"(?:insufficient|out of|not enough|more system) memory|failed to allocate")
_ALLOCATION = re.compile(r"attempted to allocate ([\d.]+) mb")
_UNFIT = re.compile(r"does not support|unable to load|unknown (?:model )?architecture")
_DIED = re.compile(
    r"encountered while running|unexpected eof|has terminated|unexpectedly stopped|connection reset|signal:"
)
MEGA = 1e6


def log_place(log: Path | None) -> str:
    """Where Ollama's log is: the file of one that recto started, else the place of its own."""
    if log is not None and log.is_file():
        return f"read {log}"
    match sys.platform:
        case "darwin":
            return "read ~/.ollama/logs/server.log"
        case "win32":
            return r"read %LOCALAPPDATA%\Ollama\server.log"
        case _:
            return "journalctl -u ollama"


def refusal(url: str, model: str, status: int, body: object, *, log: Path | None = None) -> EngineProblem:
    """What a refusal by the daemon at `url` means for this model; `log` is where a daemon of ours writes."""
    detail = f"HTTP {status}: {words(body)}" if status != 200 else words(body)
    low = words(body).lower()
    if _UNKNOWN.search(low):
        hint = f"recto models pull ollama:{model}"
        return ModelMissing(f"Ollama at {url} has no model {model}", hint=hint, detail=detail)
    if status in (429, 503):
        why = "it has as many questions as it takes" if "pending requests" in low else words(body)
        return EngineBusy(f"Ollama is too busy: {why}", hint="ask again", detail=detail)
    if status in (401, 403):
        return denial(url, model, low, detail)
    if _MEMORY.search(low):
        allocation = _ALLOCATION.search(low)
        more = f": Ollama tried to take {float(allocation[1]) * MEGA / 1e9:.1f} GB" if allocation else ""
        message = f"{model} needs more memory than is free{more}"
        return TooLittleMemory(message, hint="recto models pull fast", detail=detail)
    if problem := _problem_of_model(model, body, detail):
        return problem
    if status != 400 and _DIED.search(low):  # which is what it says of JSON that is cut short, too
        return stopped(in_answer=status == 200, log=log, detail=detail)
    if "unexpected eof" in low:
        return EngineFailed("Ollama got only a part of the question", hint="ask again", detail=detail)
    return EngineFailed(
        "Ollama does not know what it was asked for: it may be too old"
        if status in (404, 405)
        else f"Ollama could not answer with {model}: {words(body) or 'it did not say why'}",
        hint=log_place(log),
        detail=detail,
    )


def pull_problem(name: str, failure: EngineFailed, *, insecure: bool) -> PullProblem:
    """Why a model could not be fetched, in plain sentences, and the command that goes on."""
    again = f"recto models pull ollama:{name}" + (" --insecure" if insecure else "")
    low, detail = failure.message.lower(), failure.detail or failure.message
    if isinstance(failure, ConnectionBroken):
        why = "the connection broke; what was fetched so far is kept"
    elif "digest mismatch" in low:
        message = f"Ollama could not fetch {name}: what came is not what the registry announced; it is deleted"
        return ChecksumWrong(message, hint=again, detail=detail)
    elif "tls:" in low or "server gave http response" in low:
        why, again = "its registry does not speak https", f"recto models pull ollama:{name} --insecure"
    elif "file does not exist" in low:
        why = "there is no such model in its registry (file does not exist)"
    elif "no such host" in low or "dial tcp" in low:
        why = "its registry cannot be reached; what was fetched so far is kept"
    elif "realm host" in low or "unauthorized" in low or "401" in low:
        why, again = "its registry asks for a login", "ollama signin"
    else:
        why = failure.message
    return PullProblem(f"Ollama could not fetch {name}: {why}", hint=again, detail=detail)


def stopped(*, in_answer: bool, log: Path | None, detail: str, how: str = "") -> EngineFailed:
    """What is said of an engine that ended where nothing ends; `how` begins with a colon."""
    where = "in the middle of the answer" if in_answer else "before the answer"
    return EngineFailed(f"Ollama stopped {where}{how}", hint=log_place(log), detail=detail)


def denial(url: str, model: str, low: str, detail: str) -> EngineDenied:
    """Who is not let in; `low` is what the daemon said, in lower case."""
    if "cloud" in low or "remote" in low:
        hint = "recto models list"
        return EngineDenied(f"{model} runs in Ollama's cloud, not on this machine", hint=hint, detail=detail)
    if not low:  # it answers to names of its own machine only
        hint = "name it in OLLAMA_HOST by its address, or start it with OLLAMA_HOST=0.0.0.0"
        return EngineDenied(f"Ollama does not answer to the name in {url}", hint=hint, detail=detail)
    return EngineDenied(f"Ollama at {url} does not let recto in: {low}", detail=detail)


def _problem_of_model(model: str, body: object, detail: str) -> EngineProblem | None:
    facts, complaint = unwrapped(body), words(body)
    low = complaint.lower()
    if facts.get("type") == "exceed_context_size_error" or _TOO_LONG.search(low):
        tokens, context = count(facts.get("n_prompt_tokens")), count(facts.get("n_ctx"))
        sizes = f": it has {tokens} tokens of {context}" if tokens and context else ""
        return PromptTooLong(f"the prompt is too long for {model}{sizes}", tokens=tokens, detail=detail)
    if _DAMAGED.search(low):
        mend = f"recto models remove ollama:{model}, then recto models pull ollama:{model}"
        return ModelUnusable(f"the file of {model} is damaged", hint=mend, detail=detail)
    if _UNFIT.search(low):
        return ModelUnusable(f"{model} cannot write: {complaint}", hint="recto models list", detail=detail)
    return None
