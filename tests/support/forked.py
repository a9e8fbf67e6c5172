"""Programs that begin at once: forked from a process that has imported recto already, which takes a second.

Not for tests that move the folder of temporary files: the socket of that process may come to lie there.
"""

import multiprocessing
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from types import ModuleType, TracebackType
from typing import Self
from unittest.mock import patch

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["recto.cli.commands", "recto.library", "recto.store.copying", "pytest", "hypothesis"])
ENDS_S = 120.0  # what ends by itself takes a second or two on a quiet machine


class Program:
    """A function in a process of its own; the context ends it. What it says on its standard output is `stdout`."""

    def __init__(
        self, main: Callable[..., object], *arguments: object, environment: Mapping[str, str] | None = None
    ) -> None:
        receiver, sender = _FORKS.Pipe(duplex=False)
        variables = dict(os.environ if environment is None else environment)
        self._process = _FORKS.Process(target=_run, args=(sender, variables, main, *map(str, arguments)))
        with patch.dict(sys.modules, {"__main__": ModuleType("__main__")}):  # else the child runs whatever it is
            self._process.start()
        sender.close()
        self.stdout = os.fdopen(os.dup(receiver.fileno()), encoding="utf-8")
        receiver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.kill()
        self.stdout.close()
        self._process.close()

    def kill(self) -> None:
        """End it as kill -9 does."""
        self._process.kill()
        self._process.join()

    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.is_alive()

    def lines(self) -> list[str]:
        """What it says until it ends by itself, as it should."""
        with self:
            lines = self.stdout.read().splitlines()
            self._process.join(ENDS_S)
            assert self._process.exitcode == 0, lines
        return lines


def command(*arguments: str) -> None:
    """`recto` with these arguments."""
    from recto.cli import main

    sys.argv[1:] = arguments
    main()


def _run(sender: Connection, environment: Mapping[str, str], main: Callable[..., object], *arguments: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.dup2(sender.fileno(), sys.stdout.fileno())
    sender.close()
    try:
        main(*arguments)
    except Exception:
        traceback.print_exc(file=sys.stdout)
        raise
