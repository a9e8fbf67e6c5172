"""Who may ask: the Host and Origin of every request, the token, and what a browser is told about every answer."""

import hmac
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recto.server import problems
from recto.server.metrics import Metrics

LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")
COOKIE = "recto_token"
# Without a token: the page itself, which holds nothing, and what watches over a process.
OPEN = ("/", "/d/", "/static/", "/healthz", "/readyz")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {frames}"
)
UPLOADS = "/api/documents"  # whose bodies have a limit of their own
LONGEST_BODY = 1 << 20  # bytes of any other: 20 earlier questions and 1,000 names of documents need less


@dataclass(frozen=True, slots=True)
class Rules:
    """What is asked of a request. Without a token and not public, only this machine's own names are answered."""

    token: str = ""
    public: bool = False
    frames: str = "'self'"  # pages that may show this one in a frame


class Guard:
    """Middleware around everything."""

    def __init__(self, app: ASGIApp, rules: Rules, metrics: Metrics) -> None:
        self._app, self._rules, self._metrics = app, rules, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it before anything reads it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._metrics.answered(scope["method"], message["status"])
                self._tell(MutableHeaders(scope=message), scope["path"])
            await send(message)

        refused = self._foreign(scope["method"], headers) or self._unknown(scope["path"], headers)
        small = receive if scope["path"] == UPLOADS else _small(receive)
        await (refused or self._app)(scope, small, guarded)

    def _foreign(self, method: str, headers: Headers) -> ASGIApp | None:
        """Refuse other sites: a page that rebinds its name to this machine, or one that posts here."""
        host, origin = headers.get("host", ""), headers.get("origin")
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
        if not self._rules.token and not self._rules.public and name.lower() not in LOOPBACK:
            return problems.answer(421, "host", f"this server answers to {LOOPBACK[0]}, not to {host[:80]!r}")
        if origin is not None and origin.partition("://")[2].lower() != host.lower():
            return problems.answer(403, "origin", f"a page of {origin[:80]!r} may not use this server")
        if headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-mode") != "navigate":
            return problems.answer(403, "origin", "a page of another site may not use this server")
        return None

    def _unknown(self, path: str, headers: Headers) -> ASGIApp | None:
        """Refuse who does not know the token."""
        if not self._rules.token or path == "/" or path.startswith(OPEN[1:]):
            return None
        scheme, _, given = headers.get("authorization", "").partition(" ")
        cookies = cookie_parser(headers.get("cookie", ""))  # other programs of this machine may set odd ones
        said = given if scheme.lower() == "bearer" else cookies.get(COOKIE, "")
        if hmac.compare_digest(said.encode(), self._rules.token.encode()):
            return None
        return problems.answer(401, "token", "this server wants its token", "open the address that recto serve printed")

    def _tell(self, headers: MutableHeaders, path: str) -> None:
        headers["Content-Security-Policy"] = POLICY.format(frames=self._rules.frames)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "no-referrer"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if path.startswith("/api/"):
            headers.setdefault("Cache-Control", "no-store")
        elif path.startswith("/static/"):
            headers.setdefault("Cache-Control", "no-cache")  # asked for again, so that all modules are of one version


def _small(receive: Receive) -> Receive:
    """Receive no more than a request may have that is no upload, whatever length it announces, or none."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > LONGEST_BODY:
            raise problems.Refused(413, "too_large", f"{LONGEST_BODY} bytes are the limit of a request")
        return message

    return counted
