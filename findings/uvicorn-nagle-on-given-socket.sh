#!/usr/bin/env bash
# uvicorn 0.54.0 on asyncio (CPython 3.11.7, Linux): given a listening socket made by the standard library's
# `socket.create_server`, it serves with Nagle's algorithm on; given a host and a port it sets TCP_NODELAY.
#
# asyncio sets TCP_NODELAY on a connection only if its socket's `proto` is IPPROTO_TCP. The listeners that asyncio makes
# from a host and a port have that, from getaddrinfo; `socket.create_server` leaves `proto` 0, accepted sockets inherit it
# from the Python object, and the option stays off without a word. Where head and body of an answer go out in two writes
# and the client delays its acknowledgement, each request on a kept connection then waits for that: some 40 ms on Linux.
#
# Seen:  uvicorn 0.54.0
#        host and port: TCP_NODELAY 1
#        socket.create_server: TCP_NODELAY 0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check uvicorn==0.54.0 h11==0.16.0
cat > "$folder/try.py" <<'PYTHON'
import asyncio
import contextlib
import http.client
import socket
import threading

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

options = []


class Looking(H11Protocol):
    def connection_made(self, transport):
        super().connection_made(transport)
        accepted = transport.get_extra_info("socket")
        options.append(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))


class Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self):
        yield

    async def startup(self, sockets=None):
        await super().startup(sockets)
        self.port = self.servers[0].sockets[0].getsockname()[1]
        ready.set()


async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


def option(sockets):
    global ready
    ready = threading.Event()
    server = Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, http=Looking, loop="asyncio", lifespan="off", log_level="error")
    )
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets)))
    thread.start()
    assert ready.wait(60)
    client = http.client.HTTPConnection("127.0.0.1", server.port)
    client.request("GET", "/")
    assert client.getresponse().read() == b"ok"
    client.close()
    server.should_exit = True
    thread.join()
    return options[-1] and 1


print("uvicorn", uvicorn.__version__)
print("host and port: TCP_NODELAY", option(None))
print("socket.create_server: TCP_NODELAY", option([socket.create_server(("127.0.0.1", 0))]))
PYTHON
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
uvicorn 0.54.0
host and port: TCP_NODELAY 1
socket.create_server: TCP_NODELAY 0
SEEN
