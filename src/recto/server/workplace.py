"""Where a server keeps uploads, pictures and visitors' libraries while it runs, and what killed servers left there."""

import shutil
import socket
from pathlib import Path

FOLDER = "served"


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
    try:
        bound("0.0.0.0", port).close()
    except (OSError, OverflowError):
        return False
    return True
