"""`recto up` on two cores, in a container of an image or without one, and what its processes hold."""

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2
from bench.cost_meter import resident_alone
from bench.samples import ROOT
from bench.serving import free_port

from recto.model_ref import QUOTE

CORES = 2
START_S = 60.0
END_S = 2.0  # for the kernel to take down what was killed
LOOK_S = 0.02
_STAYS = re.compile(r"\brecto (up|serve)\b")


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where `recto up` runs: in a container of the image, or here if there is none."""

    image: str
    home: Path

    @property
    def engine(self) -> list[str]:
        return shlex.split(os.environ.get("ENGINE") or "podman")

    def command(self, settings: dict[str, str], model: Path | None) -> list[str]:
        """What starts it, in the foreground, with a model file where an image has its own."""
        if not self.image:
            return [sys.executable, "-m", "recto", "up"]
        baked = ["--volume", f"{model}:/opt/baked/{model.name}:ro"] if model else []
        return [
            *self.engine, "run", "--rm", "--network", "host", "--read-only", "--cpus", str(CORES), "--user",
            f"{os.getuid()}:{os.getgid()}", "--volume", f"{self.home}:/data", *baked,
            *(part for name, value in settings.items() for part in ("--env", f"{name}={value}")),
            *shlex.split(os.environ.get("RUN_ARGS", "")), self.image,
        ]  # fmt: skip

    def image_mb(self) -> float:
        """The size of the image."""
        process = subprocess.run(
            [*self.engine, "image", "inspect", self.image, "--format", "{{.Size}}"],
            capture_output=True,
            text=True,
            check=True,
        )
        return round(int(process.stdout) / 1e6, 1)

    @contextmanager
    def running(self, model: Path | None = None) -> Iterator["RunningServer"]:
        """`recto up` from its start on; all of it must have ended at the end."""
        port, temporary = free_port(), self.home / "tmp"
        settings = {
            "RECTO_HOST": "127.0.0.1",
            "RECTO_PORT": str(port),
            "RECTO_MODEL": str(model.name if self.image else model) if model else QUOTE,
            "RECTO_PATIENCE": f"{START_S:g}",  # a slow machine gives a large figure, not none
        }
        if not self.image:
            temporary.mkdir(exist_ok=True)
            settings |= {"RECTO_HOME": str(self.home), "TMPDIR": str(temporary)}
        start = time.monotonic()
        process = subprocess.Popen(
            self.command(settings, model),
            env=os.environ if self.image else {**os.environ, **settings},
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=_keep_to_two_cores,
        )
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=START_S) as http:
            server = RunningServer(http, start, self.home)
            try:
                yield server
            finally:
                process.terminate()
                process.wait(20)
            server.await_end()


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A `recto up` from its start on."""

    http: httpx2.Client
    start: float  # on the monotonic clock
    home: Path

    def listens(self) -> bool:
        """Whether it is ready."""
        with suppress(httpx2.TransportError):
            return self.http.get("/readyz").is_success
        return False

    def first(self, event: str, question: dict[str, str]) -> float:
        """Seconds from the start to the first such event of an answer, asked for as soon as anybody listens."""
        while True:
            with suppress(httpx2.TransportError), self.http.stream("POST", "/api/ask", json=question) as answer:
                for line in answer.iter_lines():
                    if line == f"event: {event}":
                        return time.monotonic() - self.start
                raise SystemExit(f"the answer came without {event}")
            if time.monotonic() - self.start > START_S:
                raise SystemExit(f"nobody listens after {START_S:g} s")
            time.sleep(LOOK_S)

    def await_end(self) -> None:
        """Wait until none of its processes is there any more."""
        until = time.monotonic() + END_S
        while (processes := self.processes()) and time.monotonic() < until:
            time.sleep(LOOK_S)
        if processes:
            raise SystemExit(f"still there {END_S:g} s after the end: {processes}")

    def processes(self) -> dict[int, str]:
        """The supervisor and all that it started, by the port in their environment: pids and command lines."""
        processes = {}
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if f"RECTO_PORT={self.http.base_url.port}\0" in (folder / "environ").read_text():
                    processes[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
        return processes

    def megabytes(self, *, staying: bool) -> float:
        """Resident memory of all processes, or of the two that stay."""
        processes = self.processes().items()
        return round(sum(resident_alone(pid) for pid, line in processes if not staying or _STAYS.search(line)) / 1e6, 1)

    def temporary_files(self) -> int:
        """How many files there are that are for the moment's use only."""
        return sum(path.is_file() for part in ("served", "tmp") for path in (self.home / part).rglob("*"))


def _keep_to_two_cores() -> None:
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
