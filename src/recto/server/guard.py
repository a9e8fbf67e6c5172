"""Who may ask: the Host and Origin of every request, the token, and what a browser is told about every answer."""

import hmac
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recto.links import is_page
from recto.machine import LOOPBACK, is_loopback
from recto.near import NearServer
from recto.server import problems
from recto.server.metrics import Metrics
from recto.storage import TOKEN_PREFIX, Tokens

# Without a token: the page itself, which holds nothing, and what watches over a process.
# What programs ask for when they are refused is not there: they are to be told that, not to give the token again.
OPEN = ("/", "/d/", "/static/", "/healthz", "/readyz", "/.well-known/", "/register")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {frames}"
)
UNKNOWN = "this token is not known, or was revoked"
TOKEN_HINT = (
    "open the address that recto serve printed; programs send the header Authorization: Bearer TOKEN, with the token "
    "of recto serve --token or RECTO_TOKEN"
)
ACCESS, OWNER = "recto.access", "recto.owner"  # keys of a request's scope: whose named token, or who else came in
METRICS = "/metrics"  # which tell of all tenants together
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")  # headers that a proxy adds
UPLOADS = "/api/documents"  # whose bodies have a limit of their own
LONGEST_BODY = 1 << 20  # bytes of any other: 20 earlier questions and 1,000 names of documents need less


@dataclass(frozen=True, slots=True)
class AccessRules:
    """What is asked of a request. Without a token and not public, only this machine's own names are answered."""

    token: str = ""
    public: bool = False
    frames: str = "'self'"  # pages that may show this one in a frame
    hosts: tuple[str, ...] = ()  # further names of it, with their port or, for any port, without
    tokens: Tokens | None = None  # of others, beside the one above
    near: NearServer | None = None  # what it said of itself in the library's folder: its secret is as good as the token

    def knows(self, host: str) -> bool:
        """Whether a Host header holds one of this machine's own names, or of those further ones."""
        return _names_loopback(host) or not {host.lower(), _name(host)}.isdisjoint(map(str.lower, self.hosts))


class AccessGuard:
    """Middleware around everything."""

    def __init__(self, app: ASGIApp, rules: AccessRules, metrics: Metrics) -> None:
        self._app, self._rules, self._metrics = app, rules, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it before anything reads it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._metrics.count_response(scope["method"], message["status"])
                added = MutableHeaders(scope=message)
                added["Content-Security-Policy"] = POLICY.format(frames=self._rules.frames)
                added["X-Content-Type-Options"] = "nosniff"
                added["Referrer-Policy"] = "no-referrer"
                added["Cross-Origin-Resource-Policy"] = "same-origin"
                if scope["path"].startswith("/api/"):
                    added.setdefault("Cache-Control", "no-store")
                elif scope["path"].startswith("/static/"):  # asked for again, so that all modules are of one version
                    added.setdefault("Cache-Control", "no-cache")
            await send(message)

        small = receive if scope["path"] == UPLOADS else _limited(receive)
        app = await self._identify(scope, headers) or self._refusal(scope, headers) or self._app
        if scope["method"] == "HEAD":
            await app({**scope, "method": "GET"}, small, _bodiless(guarded))
        else:
            await app(scope, small, guarded)

    async def _identify(self, scope: Scope, headers: Headers) -> ASGIApp | None:
        """Note in the scope whose named token a request has. Refuse one that is unknown: it may have been revoked.

        The metrics tell of everything, and so only to whom everything is open.
        """
        secret = _secret(headers)
        if self._rules.tokens is None or not secret.startswith(TOKEN_PREFIX):
            return None
        access = scope[ACCESS] = await run_in_threadpool(self._rules.tokens.of_secret, secret)
        if access is None:
            own = self._rules.token and hmac.compare_digest(secret.encode(), self._rules.token.encode())
            return None if own or _is_open(scope["path"]) else problems.answer(401, "token", UNKNOWN, TOKEN_HINT)
        if scope["path"] == METRICS and (access.read_only or access.collections):
            return problems.answer(403, "metrics", "the metrics are for who sees the whole library")
        return None

    def _refusal(self, scope: Scope, headers: Headers) -> ASGIApp | None:
        """Refuse other sites: a page that rebinds its name to this machine, or one that posts here.

        Then those who do not know the token; without one, visitors who would read the metrics of all of them.
        """
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self._rules.token and not self._rules.public and not self._rules.knows(host):
            hint = "start it with --allow-host NAME if that is a name of this machine"
            return problems.answer(421, "host", f"this server answers to {LOOPBACK}, not to {host[:80]!r}", hint)
        if origin is not None and origin.partition("://")[2].lower() != host.lower():
            return problems.answer(403, "origin", f"a page of {origin[:80]!r} may not use this server")
        if headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-mode") != "navigate":
            return problems.answer(403, "origin", "a page of another site may not use this server")
        path = scope["path"]
        if scope.get(ACCESS):
            return None
        if not self._rules.token:
            scope[OWNER] = "visitor" if self._rules.public else "owner"
            proxied = any(name in headers for name in FORWARDED)
            local = scope["client"] and is_loopback(scope["client"][0]) and _names_loopback(host)
            if path != METRICS or (local and not proxied):
                return None
            hint = "ask from the machine itself, or start it with a token"
            return problems.answer(403, "metrics", "the metrics of a server are its owner's", hint)
        known = [self._rules.token, *([self._rules.near.secret] if self._rules.near else [])]
        if any(hmac.compare_digest(_secret(headers).encode(), own.encode()) for own in known):
            scope[OWNER] = "visitor" if self._rules.public else "owner"
            return None
        return None if _is_open(path) else problems.answer(401, "token", "this server wants its token", TOKEN_HINT)


def _secret(headers: Headers) -> str:
    """What a request shows to come in."""
    scheme, _, secret = headers.get("authorization", "").partition(" ")
    return secret if scheme.lower() == "bearer" else ""


def _is_open(path: str) -> bool:
    """Whether an address needs no token."""
    return path == "/" or path.startswith(OPEN[1:]) or is_page(path)


def _names_loopback(host: str) -> bool:
    """Whether a Host header holds one of this machine's own names."""
    return is_loopback(_name(host))


def _name(host: str) -> str:
    """A Host header without its port."""
    name, _, port = host.rpartition(":")
    return (name if port.isdecimal() else host).lower()


def _bodiless(send: Send) -> Send:
    """Send the head of an answer alone, and at once: that to a GET may be a stream without end."""

    async def head(message: Message) -> None:
        if message["type"] == "http.response.start":
            await send(message)
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    return head


def _limited(receive: Receive) -> Receive:
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
