"""Where a server keeps uploads, pictures and visitors' libraries while it runs, and what killed servers left there."""

import errno
import shutil
import socket
from pathlib import Path

FOLDER = "served"
TAKEN = (errno.EADDRINUSE, errno.EACCES)  # the second: others may use it, we may not


def workplace(home: Path, port: int) -> Path:
    """The folder of the server that has this port, empty; those of ports that nobody serves any more are deleted."""
    folder = home / FOLDER
    shutil.rmtree(folder / str(port), ignore_errors=True)  # whoever had the port before is gone
    for other in folder.iterdir() if folder.is_dir() else ():
        if other.name.isdecimal() and _is_free(int(other.name)):
            shutil.rmtree(other, ignore_errors=True)
    return folder / str(port)


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 takes a free one. OSError if another program does."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    return socket.create_server(address, family=family, backlog=2048)


def _is_free(port: int) -> bool:
    """Whether nobody listens there, by IPv4 or IPv6; a machine without IPv6 has nobody who does by that."""
    for everywhere in ("0.0.0.0", "::"):
        try:
            bound(everywhere, port).close()
        except OverflowError:
            return False  # no port, so not ours
        except OSError as error:
            if error.errno in TAKEN:
                return False
    return True
