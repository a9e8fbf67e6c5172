"""Connections down to the socket: what each costs whoever is here, and what nobody may do to the others."""

import socket
from contextlib import closing
from pathlib import Path

from recto.server.serving import Server
from support.live import connect, serving, until
from support.served import application

HEAD = b"Host: 127.0.0.1\r\n\r\n"
HEALTH = b"GET /healthz HTTP/1.1\r\n" + HEAD


def test_no_answer_waits_for_the_acknowledgement_of_its_head(home: Path) -> None:
    server = Server(application(home))
    with serving(server) as port, closing(connect(port)) as client:
        client.sendall(HEALTH)
        until(client, b"ok")
        (connection,) = server.server_state.connections
        accepted = connection.transport.get_extra_info("socket")
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
