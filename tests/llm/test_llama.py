"""llama.cpp in a child process: real weights, real processes, real crashes."""

import os
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from recto import machine
from recto.errors import (
    EngineBusy,
    EngineFailed,
    EngineMissing,
    ModelMissing,
    ModelUnusable,
    PromptTooLong,
    TooLittleMemory,
)
from recto.generation import Finished, Piece, Prefilled, Prompt, Text, Waking
from recto.llm import gguf, llama
from recto.llm.llama import Llama, LlamaRuntime, find_runtime
from recto.stop import Stop, Stopped
from support.processes import children

WHEEL = LlamaRuntime("", "")
EVIDENCE = " ".join(f"The pump of hall {n} moves {n * 37} litres a minute." for n in range(1, 12))
PROMPT = Prompt("Answer from the excerpts.", EVIDENCE, "Question: How much does the pump of hall 3 move?")
THREADS = 1  # two that wait for each other crawl on a busy machine
LIMIT_S = 120.0  # for what takes a second on a quiet machine

# A llama-server of the system, as far as recto is concerned: the same code behind the same flags.
PROGRAM = """#!{python}
import argparse, os, sys, threading, xllamacpp
flags = argparse.ArgumentParser()
for name in ("model", "host", "port", "threads", "threads-batch", "ctx-size", "parallel", "batch-size", "ubatch-size"):
    flags.add_argument("--" + name)
said = flags.parse_args()
params = xllamacpp.CommonParams()
params.model.path, params.port, params.hostnames = said.model, int(said.port), [said.host]
params.n_ctx, params.n_parallel = int(said.ctx_size), int(said.parallel)
params.cpuparams.n_threads = int(said.threads)
params.api_keys = [os.environ["LLAMA_API_KEY"]]
server = xllamacpp.Server(params)
threading.Event().wait()
"""


@pytest.fixture(scope="module")
def shared(smol: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Llama]:
    """A loaded model for the tests that leave it as it is."""
    model = Llama(gguf.read(smol), WHEEL, threads=THREADS, logs=tmp_path_factory.mktemp("logs"))
    yield model
    model.close()


@pytest.fixture
def own(smol: Path, tmp_path: Path) -> Iterator[Llama]:
    """A model that a test may break."""
    model = Llama(gguf.read(smol), WHEEL, threads=THREADS, logs=tmp_path)
    yield model
    model.close()


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "bin" / "llama-server"
    path.parent.mkdir()
    path.write_text(PROGRAM.format(python=sys.executable))
    path.chmod(0o755)
    return path


def said(model: Llama, prompt: Prompt = PROMPT, most: int = 8) -> list[Piece]:
    return list(model.stream(prompt, most=most, stop=Stop()))


def meddled(pieces: Iterator[Piece], act: Callable[[], None]) -> None:
    """Listen to a model, and do something as soon as it is at work."""
    acted = False
    for piece in pieces:
        if isinstance(piece, Text | Prefilled) and not acted:
            acted = True
            act()


def until(true: Callable[[], bool]) -> bool:
    end = time.monotonic() + LIMIT_S
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def head(pairs: dict[str, str | int], tensors: int = 0) -> bytes:
    """The head of a GGUF file."""

    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value.encode())) + value.encode()

    def pair(key: str, value: str | int) -> bytes:
        return text(key) + (
            struct.pack("<I", 8) + text(value) if isinstance(value, str) else struct.pack("<II", 4, value)
        )

    return b"GGUF" + struct.pack("<IQQ", 3, tensors, len(pairs)) + b"".join(pair(*both) for both in pairs.items())


def test_answers_and_keeps_what_it_has_read(own: Llama) -> None:
    first = said(own)
    assert isinstance(first[0], Waking)
    assert any(isinstance(piece, Prefilled) for piece in first)
    again = said(own)
    assert "".join(piece.text for piece in again if isinstance(piece, Text))
    before, after = first[-1], again[-1]
    assert isinstance(before, Finished)
    assert isinstance(after, Finished)
    assert before.cached == 0
    assert after.cached is not None
    assert after.prompt is not None
    assert after.cached > 0.9 * after.prompt


def test_counts_as_the_server_does(shared: Llama) -> None:
    end = said(shared)[-1]
    assert isinstance(end, Finished)
    load = shared.weigh(PROMPT)
    assert load.total == end.prompt
    assert load.cached == load.total
    other = shared.weigh(Prompt(PROMPT.system, EVIDENCE, "Question: And that of hall 4?"))
    assert 0.8 * other.total < other.cached < other.total


def test_expects_to_be_spared_what_was_read_before_the_last_prompt(shared: Llama) -> None:
    """The server keeps some earlier prompts, and so an answer to the same question comes at once."""
    before = Prompt("Mark what is said.", EVIDENCE.replace("pump", "valve"), "Question: Which valve is the largest?")
    said(shared, before)
    said(shared)
    expected = shared.weigh(before)
    end = said(shared, before)[-1]
    assert isinstance(end, Finished)
    assert end.cached is not None
    assert expected.cached >= end.cached > 0.9 * expected.total


def test_reading_ahead_writes_nothing_and_pays_later(shared: Llama) -> None:
    fresh = Prompt("Read this.", EVIDENCE.replace("litres", "gallons"), "")
    assert not [piece for piece in said(shared, fresh, most=0) if isinstance(piece, Text)]
    end = said(shared, Prompt(fresh.system, fresh.evidence, "Question: Which pump is the largest?"))[-1]
    assert isinstance(end, Finished)
    assert end.prompt is not None
    assert end.cached is not None
    assert end.prompt - end.cached < 30


def test_nobody_else_may_ask(shared: Llama) -> None:
    said(shared)
    server = shared._server
    assert server is not None
    assert server._url.startswith("http://127.0.0.1:")
    with httpx2.Client(trust_env=False) as client:
        for path in ("/props", "/slots", "/v1/models"):
            assert client.get(server._url + path).status_code == 401
        wrong = client.post(server._url + "/completion", headers={"Authorization": "Bearer x"}, json={"prompt": "a"})
        assert wrong.status_code == 401
        origin = client.get(server._url + "/health", headers={"Origin": "http://evil.example"})
        assert origin.headers.get("access-control-allow-origin") not in ("*", "http://evil.example")


def test_a_prompt_over_the_context_is_refused(shared: Llama) -> None:
    with pytest.raises(PromptTooLong, match="4096"):
        said(shared, Prompt("x", EVIDENCE * 40, ""))
    assert isinstance(said(shared)[-1], Finished)


@pytest.mark.parametrize("prompt", [PROMPT, Prompt("x", EVIDENCE * 9, "Tell a story.")], ids=["writing", "reading"])
def test_the_brake_frees_the_cores(shared: Llama, prompt: Prompt) -> None:
    said(shared)
    assert shared.pid is not None
    stop = Stop()
    with pytest.raises(Stopped):
        meddled(shared.stream(prompt, most=2000, stop=stop), stop.pull)
    spent = Path(f"/proc/{shared.pid}/stat")

    def ticks() -> int:
        return sum(map(int, spent.read_text().rpartition(")")[2].split()[11:13]))

    def rests() -> bool:
        before = ticks()
        time.sleep(0.3)
        return ticks() - before <= 0.1 * os.sysconf("SC_CLK_TCK")

    assert any(rests() for _ in range(40))  # 2,000 tokens take longer; how soon it rests, bench/writing.py measures
    assert isinstance(said(shared)[-1], Finished)


def test_two_at_once_are_served_one_after_the_other(shared: Llama) -> None:
    ends: list[Piece] = []
    threads = [threading.Thread(target=lambda: ends.append(said(shared)[-1])) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(isinstance(end, Finished) for end in ends)
    assert len(ends) == 2


def test_a_crash_is_told_and_mended(own: Llama, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EngineFailed, match="broke off") as failure:
        meddled(own.stream(PROMPT, most=500, stop=Stop()), lambda: os.kill(own.pid or 0, signal.SIGKILL))
    assert "llama.log" in failure.value.hint
    with pytest.raises(EngineBusy, match="crashed 1 times"):
        said(own)
    monkeypatch.setattr(own, "_restart_at", 0.0)
    assert isinstance(said(own)[-1], Finished)


PARENT = """
import sys, time
from pathlib import Path
from recto.generation import Prompt
from recto.llm import gguf
from recto.llm.llama import Llama, LlamaRuntime
from recto.stop import Stop
model = Llama(gguf.read(Path(sys.argv[1])), LlamaRuntime(sys.argv[3], ""), threads=1, logs=Path(sys.argv[2]))
for _ in model.stream(Prompt("a", "b", "c"), most=1, stop=Stop()):
    pass
print(model.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("native", [False, True], ids=["wheel", "program"])
@pytest.mark.slow
def test_no_model_outlives_a_killed_parent(smol: Path, tmp_path: Path, program: Path, native: bool) -> None:
    command = [sys.executable, "-c", PARENT, str(smol), str(tmp_path), str(program) if native else ""]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        family = [child, *children(child)]
        assert len(family) == 1 + native
        parent.kill()
    assert until(lambda: all(map(gone, family)))


@pytest.mark.slow
def test_a_program_of_the_system_serves_as_well(smol: Path, tmp_path: Path, program: Path) -> None:
    model = Llama(gguf.read(smol), find_runtime(str(program)), threads=THREADS, logs=tmp_path)
    assert isinstance(said(model)[-1], Finished)
    assert str(program) in model.fingerprint
    assert model.pid is not None
    server = children(model.pid)
    model.close()
    assert until(lambda: all(map(gone, server)))


def test_a_program_is_taken_where_it_is_faster(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(program.parent))
    monkeypatch.setattr(machine, "cpu_features", lambda: frozenset({"avx2", "avx512f"}))
    assert find_runtime("").program == str(program)
    assert "AVX-512" in find_runtime("").why
    monkeypatch.setattr(machine, "cpu_features", lambda: frozenset({"avx2"}))
    assert find_runtime("").program == ""
    assert find_runtime(str(program)).program == str(program)
    with pytest.raises(EngineMissing, match="no such program"):
        find_runtime("/nowhere/llama-server")


def test_nothing_to_run_models_with(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(EngineMissing) as missing:
        find_runtime("")
    assert missing.value.hint == "pip install 'recto-pdf[llama]'"
    assert missing.value.exit_code == 4


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no GGUF file"),
        (b"<html>not found</html>", "no GGUF file"),
        (b"GGUF\x03\x00", "damaged in its head"),
        (b"GGUF" + struct.pack("<IQQ", 1, 0, 0), "version 1"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 9), "damaged in its head"),
        (b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 1 << 60), "damaged in its head"),
        (head({"general.architecture": "nomic-bert"}), "it cannot write"),
        (head({"general.architecture": "llama"}, tensors=3) + b"\x05", "no chat template|damaged in its head"),
    ],
)
def test_what_is_no_writing_model_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelUnusable, match=words):
        gguf.read(path)


BASE: dict[str, str | int] = {
    "general.architecture": "llama",
    "general.name": "Weir 1B",
    "tokenizer.ggml.model": "gpt2",
}
CHAT: dict[str, str | int] = {**BASE, "tokenizer.chat_template": "{{ messages }}"}


def test_a_base_model_is_refused_as_a_writer(tmp_path: Path) -> None:
    path = tmp_path / "base.gguf"
    path.write_bytes(head(BASE))
    with pytest.raises(ModelUnusable, match="no chat template is in it: a base model") as raised:
        gguf.read(path)
    assert raised.value.hint == "recto models pull default"
    path.write_bytes(head(CHAT))  # another file of that name
    assert gguf.read(path).name == "Weir 1B"


def test_the_chat_template_is_found_behind_a_large_vocabulary(tmp_path: Path) -> None:
    tokens = [f"token{number}" for number in range(5000)]
    array = struct.pack("<IIQ", 9, 8, len(tokens)) + b"".join(
        struct.pack("<Q", len(token)) + token.encode() for token in tokens
    )
    key = "tokenizer.ggml.tokens"
    pairs = head(CHAT)[24:]
    path = tmp_path / "chat.gguf"
    first = b"GGUF" + struct.pack("<IQQ", 3, 0, len(CHAT) + 1) + struct.pack("<Q", len(key)) + key.encode() + array
    path.write_bytes(first + pairs)
    assert gguf.read(path).entries == len(tokens)
    path.write_bytes(first[:-3])
    with pytest.raises(ModelUnusable, match="damaged in its head"):
        gguf.read(path)


def tensor(name: str, kind: int, offset: int, dimensions: tuple[int, ...] = (32, 32)) -> bytes:
    """An entry of the table of weights."""
    sizes = struct.pack(f"<I{len(dimensions)}Q", len(dimensions), *dimensions)
    return struct.pack("<Q", len(name)) + name.encode() + sizes + struct.pack("<IQ", kind, offset)


def test_weights_that_are_held_twice_are_counted_twice(tmp_path: Path) -> None:
    path = tmp_path / "chat.gguf"
    weights = [
        tensor("token_embd.weight", 12, 0),
        tensor("blk.0.attn_q.weight", 12, 5000),  # Q4_K: repacked
        tensor("blk.0.attn_v.weight", 14, 9000),  # Q6_K: not
        tensor("output_norm.weight", 0, 9500, (32,)),
    ]
    path.write_bytes(head(CHAT, len(weights)) + b"".join(weights))
    model = gguf.read(path)
    assert model.repacked == 4000
    assert model.memory(0) == model.size + 4000 + gguf.BUFFERS


def test_a_missing_model_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="no such model"):
        gguf.read(tmp_path / "none.gguf")
    with pytest.raises(ModelUnusable, match="cannot be read"):
        gguf.read(tmp_path)


def test_a_cut_file_is_refused_by_the_loader(smol: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.gguf"
    with smol.open("rb") as whole, path.open("wb") as part:
        part.write(whole.read(20 << 20))
    model = Llama(gguf.read(path), WHEEL, threads=1, logs=tmp_path / "logs")
    with pytest.raises(ModelUnusable, match="cannot be loaded"):
        said(model)
    assert (tmp_path / "logs" / "llama.log").stat().st_size


def test_memory_is_asked_for_first(own: Llama, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "free_memory", lambda: 300 << 20)
    with pytest.raises(TooLittleMemory, match=r"needs about 0\.\d GB .* 0\.3 GB are free"):
        said(own)
    assert own.pid is None


def test_the_prediction_of_memory_holds(shared: Llama, smol: Path) -> None:
    said(shared)
    status = Path(f"/proc/{shared.pid}/status").read_text()
    resident = next(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmRSS"))
    peak = next(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmHWM"))
    assert resident < gguf.read(smol).memory(llama.CONTEXT) < 1.25 * peak


def test_the_log_holds_no_question(shared: Llama) -> None:
    said(shared, Prompt("Answer.", "The secret word is perihelion.", "Question: What is the secret word?"))
    server = shared._server
    assert server is not None
    assert "perihelion" not in server.log.read_text()


def test_closing_twice_does_no_harm(own: Llama) -> None:
    said(own)
    pid = own.pid
    assert pid is not None
    own.close()
    own.close()
    assert until(lambda: gone(pid))
