"""recto in a terminal of its own, with somebody who types."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

LIMIT_S = 120.0  # for what takes a second on a quiet machine
STEADY = 5  # looks in a row at a process that sleeps
_CODES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[=>]|\x1b\][^\a]*\a")


class Terminal:
    """A recto command, or one of the shell, whose input, output and errors are one terminal."""

    def __init__(self, *arguments: str, env: Mapping[str, str], shell: bool = False) -> None:
        self._side, terminal = pty.openpty()
        plain = {"TERM": "xterm", "COLUMNS": "200", "LANG": "C.UTF-8"}
        plain["RECTO_PATIENCE"] = "300"  # with a model that is slow: the machine may be busy
        plain["PYTHONIOENCODING"] = "utf-8:strict"  # as in every locale but C
        self._process = subprocess.Popen(
            [sys.executable, "-c", _START.format(run=_SHELL if shell else _RECTO), *arguments],
            env={**os.environ, **plain, **env},
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            start_new_session=True,
        )
        os.close(terminal)
        self.pid = self._process.pid
        self.output = ""

    @property
    def plain(self) -> str:
        """What was shown, without the codes of the terminal."""
        return _CODES.sub("", self.output)

    def type(self, text: str | bytes) -> None:
        """Type, Ctrl-C and Ctrl-D as their characters."""
        os.write(self._side, text.encode() if isinstance(text, str) else text)

    def interrupt(self) -> None:
        """Press Ctrl-C once recto sleeps: between a prompt and the wait for a key, Python's input() would miss it."""
        main, ends, seen = Path(f"/proc/{self.pid}/stat"), time.monotonic() + LIMIT_S, 0
        while seen < STEADY and time.monotonic() < ends:
            seen = seen + 1 if main.read_text().rpartition(")")[2].split()[0] == "S" else 0
            time.sleep(0.01)
        self.type("\x03")

    def wait_for(self, text: str, *, times: int = 1) -> None:
        """Wait until this was shown so many times."""
        ends = time.monotonic() + LIMIT_S
        while self.plain.count(text) < times:
            assert self._more(ends), f"{text!r} did not come, only:\n{self.plain}"

    def end(self) -> int:
        """Wait for the end; the exit code."""
        ends = time.monotonic() + LIMIT_S
        while self._more(ends):
            pass
        return self._process.wait(LIMIT_S)

    def close(self) -> None:
        """End it by force if need be."""
        self._process.kill()
        self._process.wait()
        with suppress(OSError):
            os.close(self._side)

    def _more(self, ends: float) -> bool:
        readable, _, _ = select.select([self._side], [], [], max(0.0, ends - time.monotonic()))
        try:
            data = os.read(self._side, 1 << 16) if readable else b""
        except OSError:  # the other side is closed
            data = b""
        self.output += data.decode("utf-8", "replace")
        return bool(data)


# Ctrl-C goes to the foreground group of the terminal that a session controls: the new session takes this one.
_START = """
import fcntl, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
{run}
"""
_RECTO = "from recto.cli import main; main()"
_SHELL = "import os, sys; os.execv('/bin/sh', ['sh', *sys.argv[1:]])"
