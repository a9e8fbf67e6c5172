"""A server of the same library on this machine: the file by which it is found, and how it proves to be the one.

The file lies in the library's folder, is read by its owner alone, and holds where the server listens and a secret. Only
who read it knows that, and only a server that wrote it can answer for it: nobody else's is asked anything.
"""

import hmac
import json
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from stat import S_IRWXG, S_IRWXO

from recto.machine import is_loopback

NAME = ".server.json"
PROOF, STATE = "/.well-known/recto-library", "/api/library"  # where it proves itself, and says what to know of it


@dataclass(frozen=True, slots=True, kw_only=True)
class NearServer:
    """Where a server of this library listens, and the secret that both sides know."""

    host: str
    port: int
    pid: int
    secret: str

    @classmethod
    def new(cls, host: str, port: int) -> "NearServer | None":
        """The one of this process; None if it listens for others, or the system knows no owners of files."""
        if not is_loopback(host) or not hasattr(os, "getuid"):
            return None
        return cls(host=host, port=port, pid=os.getpid(), secret=secrets.token_urlsafe(32))

    def proof(self, words: str) -> str:
        """What only a holder of the secret can make of these words."""
        return hmac.digest(self.secret.encode(), words.encode(), "sha256").hex()


@contextmanager
def announced(home: Path, server: NearServer | None) -> Iterator[None]:
    """While the block runs, the file is there, if it can be written."""
    path = home / NAME
    if server is not None:
        with suppress(OSError):
            descriptor, draft = tempfile.mkstemp(dir=home, prefix=NAME)  # which is its owner's alone
            with os.fdopen(descriptor, "w") as file:
                json.dump({name: getattr(server, name) for name in ("host", "port", "pid", "secret")}, file)
            Path(draft).replace(path)
    try:
        yield
    finally:
        if server is not None and find(home) == server:
            with suppress(OSError):
                path.unlink()


def find(home: Path) -> NearServer | None:
    """The server that the file names, if it is this user's, nobody else may read it, and its process is alive."""
    try:
        with (home / NAME).open() as file:
            status = os.fstat(file.fileno())
            if status.st_uid != os.getuid() or status.st_mode & (S_IRWXG | S_IRWXO):
                return None
            server = NearServer(**json.load(file))
        if not is_loopback(server.host):
            return None
        os.kill(server.pid, 0)
    except (OSError, AttributeError, ValueError, TypeError):  # none, not readable, no file of ours, or long gone
        return None
    return server
