"""Any OpenAI-compatible address. What it is asked holds passages of the documents: never without consent."""

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx2

from recto.config import Writing
from recto.errors import (
    BadSetting,
    ConsentNeeded,
    EngineBusy,
    EngineDenied,
    EngineFailed,
    EngineProblem,
    ModelMissing,
    PromptTooLong,
)
from recto.generation import Finished, Load, Piece, Prompt
from recto.llm.http import Json, clean, client, count, lines, part, server_sent_events, streaming, text, words
from recto.llm.lifetime import Lifetime
from recto.llm.token_estimate import TokenEstimates, limited
from recto.machine import is_loopback
from recto.stop import Stop

HF = "https://router.huggingface.co/v1"
LONGEST_WAIT_S = 5.0  # that a server which has too much to do may ask for; the quoted answer is there all the while
NO_MORE_WAITING = -1.0
DENIED = {401: "refuses the token", 402: "wants to be paid", 403: "refuses the token"}
TOO_LONG = ("context_length_exceeded", "exceed_context_size_error")  # codes of OpenAI and of llama-server


def allowed(writing: Writing, *, model: str, hub: bool) -> "Remote":
    """The engine at the address of the settings, or at Hugging Face's. ConsentNeeded unless it may be asked.

    A server on this machine needs neither token nor consent.
    """
    url = HF if hub else writing.remote_url
    if not url:
        raise BadSetting("no address of a remote engine is given", hint="export RECTO_REMOTE_URL=https://HOST/v1")
    if not model:
        raise ModelMissing("no model of the remote engine is named", hint="export RECTO_REMOTE_MODEL=NAME")
    host = _parse_url(url).host
    if not is_loopback(host) and not writing.allow_remote:
        raise ConsentNeeded(
            f"passages of your documents would leave this machine, to {host}, and nobody has allowed that",
            hint="recto ask --allow-remote, or export RECTO_ALLOW_REMOTE=1",
        )
    token, name = _secret(writing, hub=hub)
    if not is_loopback(host) and not token:
        raise ConsentNeeded(f"{host} may be asked, but no token is given", hint=f"export {name}=TOKEN")
    return Remote(url, model, token)


def destination(writing: Writing, *, hub: bool) -> str:
    """The host that passages may be sent to; empty if they stay on this machine."""
    with suppress(BadSetting):
        host = _parse_url(HF if hub else writing.remote_url).host
        if writing.allow_remote and _secret(writing, hub=hub)[0] and not is_loopback(host):
            return host
    return ""


def _secret(writing: Writing, *, hub: bool) -> tuple[str, str]:
    """The token for that address alone, and the variable that holds it."""
    return (writing.hf_token, "HF_TOKEN") if hub else (writing.remote_token, "RECTO_REMOTE_TOKEN")


def _parse_url(url: str) -> httpx2.URL:
    """Read an address. BadSetting, which does not repeat it, for it may hold a password."""
    try:
        urlsplit(url)  # stricter about brackets: httpx2 takes "http://[bad" for a name
        address = httpx2.URL(url)
    except (ValueError, httpx2.InvalidURL):
        address = httpx2.URL("")
    if address.scheme not in ("http", "https") or not address.host:
        raise BadSetting(
            "the remote engine's address is no http address", hint="export RECTO_REMOTE_URL=https://HOST/v1"
        )
    return address


class Remote:
    """A model behind an OpenAI-compatible address. Implements LLM."""

    def __init__(self, url: str, model: str, token: str) -> None:
        self._url, self._model, self._token = _parse_url(url), model, token.strip()
        if not (self._token.isascii() and self._token.isprintable()):
            raise BadSetting("the remote engine's token has characters that no token has", hint="RECTO_REMOTE_TOKEN")
        self._http = client(url, token=self._token, trusted=not is_loopback(self._url.host))
        self._lifetime = Lifetime()
        self._estimates = TokenEstimates()
        self._denied = ""

    @property
    def name(self) -> str:
        """Engine and model."""
        return f"remote/{self._url.host}/{self._model}"

    @property
    def fingerprint(self) -> str:
        """What its speed depends on."""
        return f"{self.name} {self._url.port or self._url.scheme}"

    def close(self) -> None:
        """Let go of the connections for good."""
        self._lifetime.end()
        self._http.close()

    def weigh(self, prompt: Prompt) -> Load:
        """Count a prompt's tokens roughly."""
        return self._estimates.weigh(prompt)

    def stream(self, prompt: Prompt, *, most: int, stop: Stop) -> Iterator[Piece]:
        """Answer. With `most=0` nothing is sent: a prompt read ahead there would be paid for and not kept."""
        with self._lifetime.brake(self.name, stop) as brake:
            if self._denied:
                raise EngineDenied(f"{self._denied}; it is not asked again")
            if not most:
                yield Finished(answer=0, cut=False)
                return
            body = {
                "model": self._model,
                "messages": prompt.messages,
                "stream": True,
                "stream_options": {"include_usage": True},
                "max_tokens": most,
                "temperature": 0,
            }
            for longest_s in (LONGEST_WAIT_S, NO_MORE_WAITING):
                with streaming(self._http, "chat/completions", body, brake) as response:
                    if response.status_code == 200:
                        yield from limited(self._texts(prompt, response, brake), most)
                        return
                    problem = self._problem(response.status_code, text(response, brake))
                    wait_s = _retry_after_s(response)
                if wait_s is None or wait_s > longest_s:
                    raise problem
                brake.wait(wait_s)
                brake.check()

    def _texts(self, prompt: Prompt, response: httpx2.Response, stop: Stop) -> Iterator[str | Finished]:
        """The answer in pieces, empty ones for thoughts. EngineFailed if it breaks off."""
        self._estimates.begin(prompt)
        reason: object = None
        usage: Json = {}
        for event in server_sent_events(lines(response, stop)):
            if error := event.get("error"):
                raise EngineFailed(f"{self.name} broke off: {self._words(error)}")
            self._estimates.complete(prompt)
            choices = event.get("choices")
            choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
            delta = part(choice, "delta")
            if delta.get("content") or delta.get("reasoning_content"):
                yield clean(delta.get("content"))
            reason, usage = choice.get("finish_reason") or reason, part(event, "usage") or usage
            if reason and usage:
                break
        if not reason:
            raise EngineFailed(f"the stream of {self.name} ended without a finish")
        if tokens := count(usage.get("prompt_tokens")):
            self._estimates.learn(prompt, tokens)
        cached, answer = part(usage, "prompt_tokens_details").get("cached_tokens"), usage.get("completion_tokens")
        yield Finished(prompt=tokens, cached=count(cached), answer=count(answer), cut=reason == "length")

    def _problem(self, status: int, body: str) -> EngineProblem:
        """What a refusal means. One for want of a right or of money holds for this object's life."""
        message = f"{self._url.host}: {self._words(body)} (HTTP {status})"
        if status in DENIED:
            self._denied = f"{self._url.host} {DENIED[status]}: {self._words(body)} (HTTP {status})"
            return EngineDenied(self._denied, hint="export RECTO_REMOTE_TOKEN=TOKEN")
        if status == 404:
            return ModelMissing(f"{self._model} is not to be had at {message}", hint="export RECTO_REMOTE_MODEL=NAME")
        if status == 413 or any(code in body for code in TOO_LONG):
            return PromptTooLong(message)
        return EngineBusy(message) if status == 429 else EngineFailed(message)

    def _words(self, complaint: object) -> str:
        """Its complaint for people; some repeat the token."""
        text = complaint if isinstance(complaint, str) else json.dumps(complaint)
        return words(text.replace(self._token, "[token]") if self._token else text)


def _retry_after_s(response: httpx2.Response) -> float | None:
    """Seconds until a server that has too much to do wants to be asked again, None if it does not say."""
    retry_after = response.headers.get("retry-after", "") if response.status_code == 429 else ""
    if retry_after.isdecimal():
        return float(retry_after)
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except ValueError:
        return None
