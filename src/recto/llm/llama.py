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
from recto.llm.http import Json, ask, client, lines, parsed, server_sent_events, streaming
from recto.llm.lifetime import LOAD_LIMIT_S, Lifetime
from recto.llm.token_estimate import common_prefix_length
from recto.processes import rotated_log
from recto.stop import TICK_S, Stop

CONTEXT = 4096  # tokens: prompts have some 300, and a cache of 4,096 of a 1B model takes 134 MB
# Tokens read between two reports of progress, and at most between a cut and its effect, which is to come within a
# second: a model of 0.8 GB reads some 100 tokens a second on two cores, one of 2 GB 37. Costs 3 to 10 % of the speed.
BATCHES = ((450 << 20, 128), (1200 << 20, 64))
SMALLEST_BATCH = 32
END_S = 1.0  # that a child gets to end by itself
BACK_OFF_S = 2.0  # after a crash, doubled with each further one
LONGEST_BACK_OFF_S = 60.0
CACHED_PROMPTS = 4  # so many fit into the memory that the server has for earlier ones, of models up to 3B
CHARACTERS = 3.5  # of English a token, where nobody can be asked
SPARE = 256 << 20  # bytes of memory to leave to others
LOG = "llama.log"
PROGRAM = "llama-server"
PLAIN: Json = {"chat_template_kwargs": {"enable_thinking": False}}  # an answer without thoughts


@dataclass(frozen=True, slots=True)
class LlamaRuntime:
    """What runs the model: a program of the system, or the wheel if `program` is empty."""

    program: str
    why: str

    @property
    def name(self) -> str:
        """Short, for people."""
        return self.program or "xllamacpp"


def find_runtime(configured: str) -> LlamaRuntime:
    """Choose what runs models here. EngineMissing if there is nothing."""
    if configured:
        program = shutil.which(str(Path(configured).expanduser()))
        if program is None:
            raise EngineMissing(f"{configured}: no such program (RECTO_LLAMA_SERVER)", hint="unset RECTO_LLAMA_SERVER")
        return LlamaRuntime(program, "RECTO_LLAMA_SERVER names it")
    program, wheel = shutil.which(PROGRAM), importlib.util.find_spec("xllamacpp") is not None
    if program and ("avx512f" in machine.cpu_features() or not wheel):
        why = "this CPU has AVX-512, which the wheel does not use" if wheel else "the wheel is not installed"
        return LlamaRuntime(program, f"{why}; it is on PATH")
    if wheel:
        return LlamaRuntime(
            "", "its wheel is installed" if program else f"no {PROGRAM} is on PATH, its wheel is installed"
        )
    raise EngineMissing(f"neither xllamacpp nor a {PROGRAM} is installed", hint="pip install 'recto-pdf[llama]'")


class Llama:
    """A model file in a llama.cpp server of our own. Implements LLM."""

    def __init__(
        self, model: Model, runtime: LlamaRuntime, *, threads: int, logs: Path, context: int = CONTEXT
    ) -> None:
        self._model, self._logs = model, logs
        self._context = min(context, model.context or context)
        self._options = {
            "program": runtime.program,
            "model": str(model.path),
            "threads": threads,
            "context": self._context,
            "batch": next((batch for limit, batch in BATCHES if model.size < limit), SMALLEST_BATCH),
        }
        self._fingerprint = f"{runtime.name} {model.path.name} {model.size} {threads} threads"
        self._lifetime = Lifetime()
        self._server: _ServerProcess | None = None
        self._cached: deque[list[int]] = deque(maxlen=CACHED_PROMPTS)  # tokens of what the server holds, the last first
        self._crashes = 0
        self._restart_at = 0.0  # when it may be started again, on the monotonic clock
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """Engine and model."""
        return f"llama.cpp/{self._model.path.stem}"

    @property
    def path(self) -> Path:
        """The model's file."""
        return self._model.path

    @property
    def fingerprint(self) -> str:
        """What its speed depends on."""
        return self._fingerprint

    @property
    def pid(self) -> int | None:
        """The process that holds the model now, if any."""
        return self._server.process.pid if self._server else None

    def close(self) -> None:
        """End the process for good."""
        self._lifetime.end()
        with self._lock:  # whoever starts one meanwhile has the lock, and is waited for; nobody starts one after that
            if self._server:
                self._server.end()
                self._server = None

    def weigh(self, prompt: Prompt) -> Load:
        """Count a prompt's tokens with the model's own template; roughly, while the model is not loaded."""
        server = self._server
        with suppress(EngineFailed, EngineMissing):  # a crash at this moment: the next answer will say so
            if server is not None and server.ready:
                tokens = server.tokens(prompt, Stop())
                shared = (common_prefix_length(tokens, cached) for cached in tuple(self._cached))
                return Load(len(tokens), max(shared, default=0))
        return Load(int(sum(len(message["content"]) for message in prompt.messages) / CHARACTERS), 0)

    def stream(self, prompt: Prompt, *, most: int, stop: Stop) -> Iterator[Piece]:
        """Answer, loading the model first if need be."""
        with self._lifetime.brake(self.name, stop) as brake:
            server = self._running_server(brake)
            try:
                yield from server.waking(brake)
                tokens = server.tokens(prompt, brake)
                if len(tokens) + most > self._context:
                    raise PromptTooLong(
                        f"the prompt has {len(tokens)} tokens, the answer up to {most}: the context is {self._context}"
                    )
                cached: list[int] = []
                self._cached.appendleft(cached)
                for piece in server.answer(prompt, most, brake):
                    if isinstance(piece, Prefilled):
                        cached[:] = tokens[: len(tokens) - piece.total + piece.done]
                    if not isinstance(piece, Text) or most:
                        yield piece
            except (EngineFailed, EngineMissing, ModelUnusable) as error:
                raise self._crashed(server, error) from error
        self._crashes = 0

    def _running_server(self, stop: Stop) -> "_ServerProcess":
        """The process, started unless it runs. Refuses while it keeps crashing, and what does not fit into memory."""
        with self._lock:
            stop.check()
            if self._server and self._server.process.poll() is None:
                return self._server
            if (wait_s := self._restart_at - time.monotonic()) > 0:
                raise EngineBusy(f"{self.name} crashed {self._crashes} times, the next start is in {wait_s:.0f} s")
            memory, free = self._model.memory(self._context), machine.free_memory()
            if free is not None and memory + SPARE > free:
                raise TooLittleMemory(
                    f"{self.name} needs about {memory / 1e9:.1f} GB of memory, {free / 1e9:.1f} GB are free",
                    hint="recto models pull fast",
                )
            self._cached.clear()
            try:
                self._server = _ServerProcess(self._options, rotated_log(self._logs / LOG))
            except OSError as error:
                where = error.filename or sys.executable
                raise EngineFailed(f"{self.name} cannot be started: {where}: {error.strerror}") from error
            return self._server

    def _crashed(self, server: "_ServerProcess", error: EngineProblem) -> EngineProblem:
        """Count a crash and say where its log is; an error of a process that lives is none."""
        if server.ready and not server.dies():
            return error
        server.end()
        with self._lock:
            if self._server is server:
                self._server = None
                self._crashes += 1
                self._restart_at = time.monotonic() + min(BACK_OFF_S * 2 ** (self._crashes - 1), LONGEST_BACK_OFF_S)
        if isinstance(error, ModelUnusable):
            return error
        return EngineFailed(f"{self.name} broke off: {error.message}", hint=f"read {server.log}")


class _ServerProcess:
    """The child process and how to talk to it."""

    def __init__(self, options: Json, log: Path) -> None:
        self.log = log
        with log.open("ab") as log_file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "recto.llm.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log_file,
                text=True,
                process_group=0 if os.name == "posix" else None,  # Ctrl-C stops an answer, not the model
            )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._stdin, self._stdout = self.process.stdin, self.process.stdout
        self._model, self._key = options["model"], secrets.token_urlsafe(24)
        self._url = self._failure = ""
        self._reported = threading.Event()  # how loading the model went, or that the process ended before
        with suppress(OSError):  # a process that is gone already says so by its silence
            self._stdin.write(json.dumps({**options, "key": self._key}) + "\n")
            self._stdin.flush()
        threading.Thread(target=self._read_report, name="recto-llama", daemon=True).start()

    @property
    def ready(self) -> bool:
        """Whether the model is loaded and the process lives."""
        return bool(self._url) and self.process.poll() is None

    def _read_report(self) -> None:
        try:
            with suppress(ValueError, OSError):
                report: Json = json.loads(self._stdout.readline() or "{}")
                self._failure, self._url = report.get("failed", ""), report.get("url", "")
        finally:
            self._reported.set()  # whatever went wrong: somebody waits for it

    def waking(self, stop: Stop) -> Iterator[Waking]:
        """Wait until the model is loaded. ModelUnusable if llama.cpp cannot load it."""
        began = time.monotonic()
        while not self._reported.wait(TICK_S):
            stop.check()
            yield Waking(time.monotonic() - began)
            if time.monotonic() - began > LOAD_LIMIT_S:
                raise EngineFailed(f"{self._model} took longer than {LOAD_LIMIT_S:g} s to load")
        if self._failure:
            raise ModelUnusable(f"{self._model} cannot be loaded: {self._failure}", hint=f"read {self.log}")
        if not self._url:
            raise EngineFailed("the process ended while it loaded the model")

    def tokens(self, prompt: Prompt, stop: Stop) -> list[int]:
        """The prompt's tokens, the model's chat template applied."""
        text = self._post("/apply-template", {"messages": prompt.messages, **PLAIN}, stop)["prompt"]
        body = {"content": text, "add_special": True, "parse_special": True}
        tokens: list[int] = self._post("/tokenize", body, stop)["tokens"]
        return tokens

    def _post(self, path: str, body: Json, stop: Stop) -> Json:
        """Ask what takes no time. EngineFailed also if it takes some seconds: then the process is frozen."""
        with client(self._url, token=self._key, trusted=False) as http:
            status, text = ask(http, "POST", path, body, stop=stop)
        if status != 200:
            raise EngineFailed(f"{path}: {_complaint(text)}")
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
            **PLAIN,
        }
        with (
            client(self._url, token=self._key, trusted=False) as http,
            streaming(http, "/v1/chat/completions", body, stop) as response,
        ):
            if response.status_code != 200:
                response.read()
                raise EngineFailed(_complaint(response.text))
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
        if self._failure:  # it ends by itself, and writes its log to the end before
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(END_S)
        with suppress(OSError):
            self._stdin.close()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(END_S)
        self.process.kill()
        self.process.wait()
        self._reported.wait(END_S)
        self._stdout.close()


def _pieces(stream: Iterator[str], most: int) -> Iterator[Piece]:
    """What the server's events say. EngineFailed if they end without a finish."""
    reason = ""
    for event in server_sent_events(stream):
        if "error" in event:
            raise EngineFailed(_complaint(json.dumps(event)))
        if progress := event.get("prompt_progress"):
            yield Prefilled(progress["processed"] - progress["cache"], progress["total"] - progress["cache"])
        for choice in event.get("choices", ()):
            if text := choice["delta"].get("content"):
                yield Text(text)
            reason = choice.get("finish_reason") or reason
        if reason and (timings := event.get("timings")):
            yield Finished(
                prompt=timings["prompt_n"] + timings["cache_n"],
                cached=timings["cache_n"],
                answer=timings["predicted_n"] if most else 0,
                cut=reason == "length" and most > 0,
            )
            return
    raise EngineFailed("its stream ended without a finish")


def _complaint(text: str) -> str:
    with suppress(ValueError, KeyError, TypeError):
        return str(json.loads(text)["error"]["message"])
    return text[:200]
