"""`recto mcp`: the tools over standard input and output, for a program that starts it. Nothing else goes there.

Nothing that takes its time to import is imported before the first message is answered: not all programs wait.
"""

import json
import os
import signal
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from recto.server.mcp.opening import opening

if TYPE_CHECKING:
    from recto.server.mcp.tools import Caller

SIGNALLED = 128  # and the signal's number: an exit code, as shells have it
INPUT, OUTPUT, ERRORS = range(3)  # the system's numbers


def run(*, url: str, home: Path | None) -> int:
    """Serve until the program that reads goes; `url` is where `recto serve` shows the pages that results link to."""
    with OneLibrary(url.rstrip("/"), home) as library:

        def end(number: int, _: object) -> None:
            """Leave at once: the thread that reads standard input cannot be told to."""
            library.close()
            os._exit(SIGNALLED + number)

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, end)
        streams = StandardStreams()
        streams.open()

        import anyio

        anyio.run(_serve, library, streams)
    return 0


async def _serve(library: "OneLibrary", streams: "StandardStreams") -> None:
    import anyio
    from mcp.server.stdio import stdio_server

    from recto.server.mcp.service import service

    server, file = service(library.caller), anyio.wrap_file(cast(IO[str], streams))
    async with stdio_server(file, file) as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())


class StandardStreams:
    """Standard input and output, for the protocol alone: what else is printed goes where errors go.

    To the SDK the first message comes like all others, but its answer is not sent a second time.
    """

    def __init__(self) -> None:
        self._reading, self._writing = os.fdopen(os.dup(INPUT), "rb"), os.fdopen(os.dup(OUTPUT), "wb")
        with Path(os.devnull).open("r+b") as nothing:
            os.dup2(nothing.fileno(), INPUT)
            try:
                os.dup2(ERRORS, OUTPUT)
            except OSError:  # there is no standard error
                os.dup2(nothing.fileno(), OUTPUT)
        self._first, self._answered = b"", False

    def open(self) -> None:
        """Wait for the first message, and answer it if it is a usual one."""
        self._first = self._reading.readline()
        if answer := opening(self._first):
            self.write(f"{json.dumps(answer)}\n")
            self.flush()
            self._answered = True

    def readline(self) -> str:
        """The next message."""
        line, self._first = self._first or self._reading.readline(), b""
        return line.decode(errors="replace")

    def write(self, text: str) -> None:
        """Write a message, but for the first one if it was answered."""
        if self._answered:
            self._answered = False
        else:
            self._writing.write(text.encode())

    def flush(self) -> None:
        """Send what was written."""
        self._writing.flush()


class OneLibrary:
    """The library of this process, opened by the first call: what asks for the tools alone waits for nothing heavy."""

    def __init__(self, base: str, home: Path | None) -> None:
        self._base, self._home = base, home
        self._stack = ExitStack()
        self._lock = threading.Lock()
        self._caller: Caller | None = None

    def __enter__(self) -> "OneLibrary":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the library."""
        self._stack.close()

    async def caller(self, _: object) -> "Caller":
        """Whoever started this process."""
        from anyio import to_thread

        return await to_thread.run_sync(self._open)

    def _open(self) -> "Caller":
        with self._lock:
            if self._caller is None:
                from recto.library import Library
                from recto.server.answers import AnswerService
                from recto.server.mcp.tools import Caller
                from recto.server.metrics import Metrics
                from recto.server.tenants import NO_LIMIT, Tenant
                from recto.server.workdir import workdir

                with ExitStack() as undo:  # a call that fails leaves nothing open: the next one tries again
                    library = undo.enter_context(Library(self._home, create=False))
                    home, in_memory = library.settings.home, bool(library.settings.key)
                    tenant = Tenant(library, undo.enter_context(workdir(home, in_memory=in_memory)), NO_LIMIT)
                    answers = AnswerService(Metrics(), public=False)
                    self._caller = Caller(tenant=tenant, answers=answers, base=self._base)
                    self._stack = undo.pop_all()
            return self._caller
