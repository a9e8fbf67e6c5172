"""Programs that work together: started, watched, started again when they die, and ended together."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from recto.processes import end_with_parent, rotated_log

TICK_S = 0.05
END_S = 4.5  # that a program gets to end by itself; all are to be gone after 5
BACK_OFF_S = 0.5  # before a dead program is started again, doubled with each death that follows soon
LONGEST_BACK_OFF_S = 30.0
STEADY_S = 60.0  # after which a program that died before counts as well
LATE_S = 60.0  # after which somebody who waits is told so
ERRORS = 2  # our own standard error


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A program that is to run all the time."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]  # beside our own
    status: Callable[[], str]  # what it tells of itself once it can be used, empty before
    log: Path | None  # a file for what it prints; None: it goes where our errors go
    vital: bool  # without it there is nothing to run


@dataclass(frozen=True, slots=True)
class Started:
    """A program was started."""

    name: str
    pid: int


@dataclass(frozen=True, slots=True)
class Ready:
    """It can be used, so many seconds after its start."""

    name: str
    status: str
    after_s: float


@dataclass(frozen=True, slots=True)
class Late:
    """It runs, and cannot be used yet."""

    name: str
    after_s: float


@dataclass(frozen=True, slots=True)
class Died:
    """It ended, or could not be started, and will be again in so many seconds; None: it cannot run at all."""

    name: str
    why: str
    restart_s: float | None


Event = Started | Ready | Late | Died


class Supervisor:
    """Runs services until it is told to end; on Linux they end even if it is killed."""

    def __init__(self, services: list[Service]) -> None:
        self._processes = [ServiceProcess(service) for service in services]
        self._ending = False
        self.exit_code = 0

    def end(self, number: int = 0, frame: FrameType | None = None) -> None:
        """End all soon. May be called by a signal."""
        self._ending = True

    def run(self) -> Generator[Event, None, None]:
        """Keep all running, saying what happens. It ends by itself only if a vital service cannot run."""
        try:
            while not self._ending:
                for process in self._processes:
                    yield from process.tend()
                    if process.hopeless is not None:
                        self.exit_code, self._ending = process.hopeless, True
                _reap_orphans({process.pid for process in self._processes})
                time.sleep(TICK_S)
        finally:
            for process in self._processes:
                process.ask_to_end()
            until = time.monotonic() + END_S
            for process in self._processes:
                process.end(until)


class ServiceProcess:
    """A service with its process of this moment."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = self._start_at = 0.0  # on the monotonic clock: the last start, and the next one
        self._deaths = 0
        self._ready = self._late = False
        self._proven = False  # it could be used once
        self.hopeless: int | None = None  # the exit code of a vital service that cannot run

    @property
    def pid(self) -> int:
        """The process, 0 if there is none."""
        return self._process.pid if self._process else 0

    def tend(self) -> Iterator[Event]:
        """Do what is to be done now."""
        now = time.monotonic()
        if self._process is None:
            if now >= self._start_at:
                yield self._start(now)
        elif (code := self._process.poll()) is not None:
            _kill_group(self._process.pid)
            self._process = None
            why = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
            # What cannot even start would only say the same again; what was killed, or ran before, may run.
            if self._service.vital and code >= 0 and not self._proven:
                self.hopeless = code or 1
                yield Died(self._service.name, why, None)
            else:
                yield self._put_off(why, now)
        elif not self._ready:
            if status := self._service.status():
                self._ready = self._proven = True
                yield Ready(self._service.name, status, time.monotonic() - self._started_at)
            elif not self._late and now - self._started_at > LATE_S:
                self._late = True
                yield Late(self._service.name, now - self._started_at)
        elif self._deaths and now - self._started_at > STEADY_S:
            self._deaths = 0

    def _start(self, now: float) -> Event:
        """Start the program. It prints into a file, not a pipe: nobody reads along who could stop reading."""
        service = self._service
        self._started_at, self._ready, self._late = now, False, False
        try:
            with ExitStack() as stack:
                log = ERRORS
                if service.log:  # begun anew if it has grown too long
                    log = os.open(rotated_log(service.log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
                    stack.callback(os.close, log)
                self._process = subprocess.Popen(
                    service.command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env={**os.environ, **service.environment},
                    process_group=0,  # Ctrl-C is for us alone; and what a dead program leaves can be found
                    preexec_fn=end_with_parent(signal.SIGTERM),  # when we are killed, and cannot say it any more
                )
        except OSError as error:
            return self._put_off(f"{error.filename or service.command[0]}: {error.strerror}", now)
        return Started(service.name, self._process.pid)

    def _put_off(self, why: str, now: float) -> Died:
        wait_s = min(BACK_OFF_S * 2**self._deaths, LONGEST_BACK_OFF_S)
        self._deaths, self._start_at = self._deaths + 1, now + wait_s
        return Died(self._service.name, why, wait_s)

    def ask_to_end(self) -> None:
        """Tell the process to end; it ends those that it started itself."""
        if self._process:
            self._process.terminate()

    def end(self, until: float) -> None:
        """Wait for its end, and use force if that does not come in time."""
        if self._process:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(max(0.0, until - time.monotonic()))
            _kill_group(self._process.pid)
            self._process.wait()
            self._process = None


def _kill_group(leader: int) -> None:
    """Kill what is left of a process and those that it started."""
    with suppress(ProcessLookupError, PermissionError):  # macOS says the second of processes that are ending
        os.killpg(leader, signal.SIGKILL)


def _reap_orphans(services: set[int]) -> None:
    """As the first process of a container, wait for orphans: nobody else does, and their entries would pile up."""
    if os.getpid() != 1:
        return
    with suppress(ChildProcessError):
        while child := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if child.si_pid in services:
                return
            os.waitpid(child.si_pid, 0)
