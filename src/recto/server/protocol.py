"""HTTP as uvicorn speaks it, but for what is no HTTP: that is told so as everything else is, by a problem."""

import sys
from http import HTTPStatus

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from recto.server import problems


class Protocol(H11Protocol):
    """One connection.

    What it leans on is uvicorn's own and promised by nobody: that what is no HTTP comes to `send_400_response`; the
    connection `conn` and its `transport`; the `cycle` of a request with its `disconnected` and `message_event`.
    tests/server/test_protocol.py holds all of it.
    """

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be understood; only hang up if an answer has begun, which nothing can follow."""
        if self.cycle is not None:
            self.cycle.disconnected = True  # whoever reads the request or writes the answer ends at once
            self.cycle.message_event.set()
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            error = sys.exc_info()[1]
            status = error.error_status_hint if isinstance(error, h11.RemoteProtocolError) else HTTPStatus.BAD_REQUEST
            answer = problems.answer(status, "http", str(error))
            for event in (
                h11.Response(status_code=status, headers=[*answer.raw_headers, (b"connection", b"close")]),
                h11.Data(bytes(answer.body)),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
