"""llama.cpp in a child process on this machine: started when first asked, restarted after a crash."""

import importlib.util
import json
import os
import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from recto import machine
from recto.errors import (
    EngineBusy,
    EngineFailed,
    EngineMissing,
    EngineProblem,
    ModelUnusable,
    PromptTooLong,
    TooLittleMemory,
)
from recto.generation import Finished, Load, Piece, Prefilled, Prompt, Text, Waking
from recto.llm.gguf import Model
from recto.llm.http import asked, client, lines, parsed, streaming
from recto.stop import Stop

CONTEXT = 4096  # tokens: prompts have some 300, and a cache of 4,096 of a 1B model takes 134 MB
# Tokens read between two reports of progress, and at most between a cut and its effect, which is to come within a
# second: a model of 0.8 GB reads some 100 tokens a second on two cores, one of 2 GB 37. Costs 3 to 10 % of the speed.
BATCHES = ((450 << 20, 128), (1200 << 20, 64))
SMALLEST_BATCH = 32
LOAD_LIMIT_S = 300.0
TICK_S = 0.1
END_S = 1.0  # that a child gets to end by itself
BACK_OFF_S = 2.0  # after a crash, doubled with each further one
LONGEST_BACK_OFF_S = 60.0
KEPT = 4  # prompts: so many fit into the memory that the server has for earlier ones, of models up to 3B
CHARACTERS = 3.5  # of English a token, where nobody can be asked
SPARE = 256 << 20  # bytes of memory to leave to others
LOG = "llama.log"
LOG_LIMIT = 1 << 20  # bytes; a longer one is begun anew
PROGRAM = "llama-server"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Runtime:
    """What runs the model: a program of the system, or the wheel if `program` is empty."""

    program: str
    why: str

    @property
    def name(self) -> str:
        """Short, for people."""
        return self.program or "xllamacpp"


def runtime(configured: str) -> Runtime:
    """Choose what runs models here. EngineMissing if there is nothing."""
    if configured:
        found = shutil.which(str(Path(configured).expanduser()))
        if found is None:
            raise EngineMissing(f"{configured}: no such program (RECTO_LLAMA_SERVER)", hint="unset RECTO_LLAMA_SERVER")
        return Runtime(found, "RECTO_LLAMA_SERVER names it")
    program, wheel = shutil.which(PROGRAM), importlib.util.find_spec("xllamacpp") is not None
    if program and ("avx512f" in machine.cpu_features() or not wheel):
        why = "this CPU has AVX-512, which the wheel does not use" if wheel else "the wheel is not installed"
        return Runtime(program, f"{why}; it is on PATH")
    if wheel:
        return Runtime("", "its wheel is installed" if program else f"no {PROGRAM} is on PATH, its wheel is installed")
    raise EngineMissing(f"neither xllamacpp nor a {PROGRAM} is installed", hint="pip install 'recto-pdf[llama]'")


class Llama:
    """A model file in a llama.cpp server of our own. Implements LLM."""

    def __init__(self, model: Model, runtime: Runtime, *, threads: int, logs: Path, context: int = CONTEXT) -> None:
        self._model, self._runtime, self._threads, self._logs = model, runtime, threads, logs
        self._context = min(context, model.context or context)
        self._host: _Host | None = None
        self._held: deque[list[int]] = deque(maxlen=KEPT)  # tokens of the prompts that the server holds, the last first
        self._crashes = 0
        self._again = 0.0  # when it may be started again, on the monotonic clock
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """Engine and model."""
        return f"llama.cpp/{self._model.path.stem}"

    @property
    def fingerprint(self) -> str:
        """What its speed depends on."""
        return f"{self._runtime.name} {self._model.path.name} {self._model.size} {self._threads} threads"

    @property
    def pid(self) -> int | None:
        """The process that holds the model now, if any."""
        return self._host.process.pid if self._host else None

    def close(self) -> None:
        """End the process."""
        with self._lock:
            if self._host:
                self._host.end()
                self._host = None

    def weigh(self, prompt: Prompt) -> Load:
        """Count a prompt's tokens with the model's own template; roughly, while the model is not loaded."""
        host = self._host
        with suppress(EngineFailed, EngineMissing):  # a crash at this moment: the next answer will say so
            if host is not None and host.ready:
                tokens = host.tokens(prompt, Stop())
                return Load(len(tokens), max((_shared(tokens, held) for held in tuple(self._held)), default=0))
        return Load(int(sum(len(message["content"]) for message in prompt.messages) / CHARACTERS), 0)

    def stream(self, prompt: Prompt, *, most: int, stop: Stop) -> Iterator[Piece]:
        """Answer, loading the model first if need be."""
        host = self._started(stop)
        try:
            yield from host.waking(stop)
            tokens = host.tokens(prompt, stop)
            if len(tokens) + most > self._context:
                raise PromptTooLong(
                    f"the prompt has {len(tokens)} tokens, the answer up to {most}: the context is {self._context}"
                )
            yield from self._answer(host, prompt, tokens, most, stop)
        except (EngineFailed, EngineMissing, ModelUnusable) as error:
            raise self._crashed(host, error) from error
        self._crashes = 0

    def _answer(self, host: "_Host", prompt: Prompt, tokens: list[int], most: int, stop: Stop) -> Iterator[Piece]:
        read: list[int] = []
        self._held.appendleft(read)
        for piece in host.answer(prompt, most, stop):
            if isinstance(piece, Prefilled):
                read[:] = tokens[: len(tokens) - piece.total + piece.done]
            if not isinstance(piece, Text) or most:
                yield piece

    def _started(self, stop: Stop) -> "_Host":
        """The process, started unless it runs. Refuses while it keeps crashing, and what does not fit into memory."""
        with self._lock:
            stop.check()  # whoever closes this pulls the brake before
            if self._host and self._host.process.poll() is None:
                return self._host
            if (left := self._again - time.monotonic()) > 0:
                raise EngineBusy(f"{self.name} crashed {self._crashes} times, the next start is in {left:.0f} s")
            self._check_memory()
            self._held.clear()
            try:
                self._host = _Host(self._wish(), self._logs)
            except OSError as error:
                where = error.filename or sys.executable
                raise EngineFailed(f"{self.name} cannot be started: {where}: {error.strerror}") from error
            return self._host

    def _wish(self) -> Json:
        size = self._model.size
        return {
            "program": self._runtime.program,
            "model": str(self._model.path),
            "threads": self._threads,
            "context": self._context,
            "batch": next((batch for limit, batch in BATCHES if size < limit), SMALLEST_BATCH),
            "key": secrets.token_urlsafe(24),
        }

    def _check_memory(self) -> None:
        need, free = self._model.memory(self._context), machine.free_memory()
        if free is not None and need + SPARE > free:
            raise TooLittleMemory(
                f"{self.name} needs about {need / 1e9:.1f} GB of memory, {free / 1e9:.1f} GB are free",
                hint="recto models pull fast",
            )

    def _crashed(self, host: "_Host", error: EngineProblem) -> EngineProblem:
        """Count a crash and say where its log is; an error of a process that lives is none."""
        if host.ready and not host.dies():
            return error
        host.end()
        with self._lock:
            if self._host is host:
                self._host = None
                self._crashes += 1
                self._again = time.monotonic() + min(BACK_OFF_S * 2 ** (self._crashes - 1), LONGEST_BACK_OFF_S)
        if isinstance(error, ModelUnusable):
            return error
        return EngineFailed(f"{self.name} broke off: {error.message}", hint=f"read {host.log}")


class _Host:
    """The child process and how to talk to it."""

    def __init__(self, wish: Json, logs: Path) -> None:
        self.log = _log(logs)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "recto.llm.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                process_group=0 if os.name == "posix" else None,  # Ctrl-C stops an answer, not the model
            )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._stdin, self._stdout = self.process.stdin, self.process.stdout
        self._model, self._key = wish["model"], wish["key"]
        self._url = self._failed = ""
        self._said = threading.Event()
        _write(self._stdin, wish)
        threading.Thread(target=self._listen, name="recto-llama", daemon=True).start()

    @property
    def ready(self) -> bool:
        """Whether the model is loaded and the process lives."""
        return bool(self._url) and self.process.poll() is None

    def _listen(self) -> None:
        try:
            said: Json = json.loads(self._stdout.readline() or "{}")
        except (ValueError, OSError):
            said = {}
        self._failed = said.get("failed", "")
        self._url = said.get("url", "")
        self._said.set()

    def waking(self, stop: Stop) -> Iterator[Waking]:
        """Wait until the model is loaded. ModelUnusable if llama.cpp cannot load it."""
        began = time.monotonic()
        while not self._said.wait(TICK_S):
            stop.check()
            yield Waking(time.monotonic() - began)
            if time.monotonic() - began > LOAD_LIMIT_S:
                raise EngineFailed(f"{self._model} took longer than {LOAD_LIMIT_S:g} s to load")
        if self._failed:
            raise ModelUnusable(f"{self._model} cannot be loaded: {self._failed}", hint=f"read {self.log}")
        if not self._url:
            raise EngineFailed("the process ended while it loaded the model")

    def tokens(self, prompt: Prompt, stop: Stop) -> list[int]:
        """The prompt's tokens, the model's chat template applied."""
        text = self._post("/apply-template", {"messages": prompt.messages, **_PLAIN}, stop)["prompt"]
        body = {"content": text, "add_special": True, "parse_special": True}
        tokens: list[int] = self._post("/tokenize", body, stop)["tokens"]
        return tokens

    def _post(self, path: str, body: Json, stop: Stop) -> Json:
        """Ask what takes no time. EngineFailed also if it takes some seconds: then the process is frozen."""
        with client(self._url, token=self._key, trusted=False) as http:
            status, text = asked(http, "POST", path, body, stop=stop)
        if status != 200:
            raise EngineFailed(f"{path}: {_error(text)}")
        return parsed(text)

    def answer(self, prompt: Prompt, most: int, stop: Stop) -> Iterator[Piece]:
        """Stream a chat completion."""
        body = {
            "messages": prompt.messages,
            "max_tokens": most,
            "temperature": 0,
            "stream": True,
            "stream_options": {"include_usage": True},
            "cache_prompt": True,
            "return_progress": True,
            **_PLAIN,
        }
        with (
            client(self._url, token=self._key, trusted=False) as http,
            streaming(http, "/v1/chat/completions", body, stop) as response,
        ):
            if response.status_code != 200:
                response.read()
                raise EngineFailed(_error(response.text))
            yield from _pieces(lines(response, stop), most)

    def dies(self) -> bool:
        """Whether the process ends within a moment: a killed one breaks its connections before it is gone."""
        try:
            self.process.wait(END_S)
        except subprocess.TimeoutExpired:
            return False
        return True

    def end(self) -> None:
        """End the process: by closing its input, and by force if that does not do."""
        with suppress(OSError):
            self._stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(END_S)
        self.process.kill()
        self.process.wait()
        self._said.wait(END_S)
        self._stdout.close()


_PLAIN: Json = {"chat_template_kwargs": {"enable_thinking": False}}


def _pieces(stream: Iterator[str], most: int) -> Iterator[Piece]:
    """What the server's events say. EngineFailed if they end without a finish."""
    why = ""
    for line in stream:
        if not line.startswith("data: ") or line == "data: [DONE]":
            continue
        said: Json = json.loads(line.removeprefix("data: "))
        if "error" in said:
            raise EngineFailed(_error(json.dumps(said)))
        if progress := said.get("prompt_progress"):
            yield Prefilled(progress["processed"] - progress["cache"], progress["total"] - progress["cache"])
        for choice in said.get("choices", ()):
            if text := choice["delta"].get("content"):
                yield Text(text)
            why = choice.get("finish_reason") or why
        if why and (timings := said.get("timings")):
            prompt, cached = timings["prompt_n"] + timings["cache_n"], timings["cache_n"]
            yield Finished(prompt, cached, timings["predicted_n"] if most else 0, why == "length" and most > 0)
            return
    raise EngineFailed("its stream ended without a finish")


def _shared(these: list[int], those: list[int]) -> int:
    """How many tokens two prompts have in common before they part."""
    parted = (at for at, (one, other) in enumerate(zip(these, those, strict=False)) if one != other)
    return next(parted, min(len(these), len(those)))


def _error(text: str) -> str:
    with suppress(ValueError, KeyError, TypeError):
        return str(json.loads(text)["error"]["message"])
    return text[:200]


def _write(stdin: IO[str], wish: Json) -> None:
    with suppress(OSError):  # a process that is gone already says so by its silence
        stdin.write(json.dumps(wish) + "\n")
        stdin.flush()


def _log(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / LOG
    if log.is_file() and log.stat().st_size > LOG_LIMIT:
        log.unlink()
    return log
