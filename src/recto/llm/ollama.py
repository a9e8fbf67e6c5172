"""Ollama: where its daemon is, which models it has, and one of them as an LLM. Over its own API, not over /v1."""

import ipaddress
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from time import monotonic

import httpx2

from recto.config import CONTAINER, SPACE
from recto.errors import (
    EngineBusy,
    EngineDenied,
    EngineFailed,
    EngineMissing,
    EngineProblem,
    ModelMissing,
    ModelUnusable,
    PromptTooLong,
    PullProblem,
    TooLittleMemory,
)
from recto.eta import Eta
from recto.events import Progress, Stage
from recto.generation import Finished, Load, Piece, Prompt, Waking
from recto.llm.http import Json, ask, clean, client, count, lines, parsed, part, streaming, text, words
from recto.llm.lifetime import LOAD_LIMIT_S, Lifetime
from recto.llm.token_estimate import TokenEstimates, limited
from recto.stop import TICK_S, Stop

PORT = "11434"
PORTS = {"http": "80", "https": "443"}  # where OLLAMA_HOST names a scheme and no port, as Ollama's own client reads it
LOCAL_DAEMON = f"http://127.0.0.1:{PORT}"
CONTAINERS = ("ollama", "host.docker.internal", "host.containers.internal")  # Compose's usual name, Docker, Podman
LOOK_S = 1.0  # for an answer of a daemon that is there; who asks a question waits for this
FOREVER = -1  # keep_alive: a model that is unloaded after five minutes makes the next question wait
CLEARLY = 0.6  # of our own count: what a prompt is below when it was cut, not only counted otherwise
LEAST_CUT = 256  # tokens; what is left of a cut prompt has more, what is left of a cached one mostly fewer


@dataclass(frozen=True, slots=True)
class Probe:
    """An address, and what answered there; `version` is empty unless it was Ollama."""

    url: str
    answer: str
    version: str


@dataclass(frozen=True, slots=True)
class Installed:
    """A model that the daemon has. `size` in bytes."""

    name: str
    size: int
    digest: str


def addresses(host: str, environment: str) -> list[str]:
    """Where Ollama may be: as OLLAMA_HOST says, on this machine, and from within a container beside it."""
    usual = [LOCAL_DAEMON]
    if environment in (SPACE, CONTAINER):
        usual += [f"http://{name}:{PORT}" for name in CONTAINERS]
    return list(dict.fromkeys([_address(host), *usual] if host.strip() else usual))


def _address(host: str) -> str:
    """Read OLLAMA_HOST as Ollama does; an address to listen on at all interfaces means this machine."""
    scheme, _, address = host.strip().rpartition("://")
    scheme = scheme.lower() or "http"
    place, _, path = address.rpartition("@")[2].partition("/")  # a name and password would end up in messages
    try:
        name, port = str(ipaddress.ip_address(place.strip("[]"))), ""
    except ValueError:  # `name`, `name:port` or `[v6]:port`
        name, colon, port = place.rpartition(":")
        name, port = (name.strip("[]"), port) if colon else (place, "")
    port = port if port.isdecimal() and int(port) < 1 << 16 else PORTS[scheme] if "://" in host else PORT
    name = "127.0.0.1" if name in ("", "0.0.0.0", "::") else f"[{name}]" if ":" in name else name
    return f"{scheme}://{name}:{port}/{path}".rstrip("/")


def is_near(url: str) -> bool:
    """Whether a daemon runs on this machine, or in a container beside."""
    host = httpx2.URL(url).host
    return host in ("localhost", *CONTAINERS) or host.startswith("127.") or host == "::1"


def find(host: str, environment: str) -> tuple["Daemon | None", list[Probe]]:
    """The first daemon that answers, and what was tried up to it."""
    urls = addresses(host, environment)
    with ThreadPoolExecutor(len(urls), "recto-ollama") as pool:
        probes = list(pool.map(_probe, urls))
    for number, probe in enumerate(probes, start=1):
        if probe.version:
            return Daemon(probe.url, probe.version), probes[:number]
    return None, probes


def running_daemon(host: str, environment: str) -> "Daemon":
    """The first daemon that answers. EngineMissing, with what was tried, if none does."""
    server, probes = find(host, environment)
    if server is None:
        answers = "; ".join(f"{probe.url}: {probe.answer}" for probe in probes)
        raise EngineMissing(f"no Ollama answers ({answers})", hint="ollama serve")
    return server


def _probe(url: str) -> Probe:
    try:
        with client(url, trusted=False, limit_s=LOOK_S) as http:
            status, body = ask(http, "GET", "/api/version")
        version = str(parsed(body).get("version") or "") if status == 200 else ""
    except EngineMissing:
        return Probe(url, "nobody", "")
    except (EngineFailed, httpx2.InvalidURL) as error:
        return Probe(url, f"nothing of use: {words(str(error))}", "")
    answer = f"Ollama {words(version)}" if version else f"something else than Ollama (HTTP {status})"
    return Probe(url, answer, version)


class Daemon:
    """One Ollama daemon."""

    def __init__(self, url: str, version: str) -> None:
        self.url, self.version = url, version
        self.http = client(url, trusted=False)

    def models(self) -> list[Installed]:
        """The models it holds itself and that can write, not those that it passes on to the cloud."""
        models = []
        for entry in self._entries("/api/tags"):
            abilities, family = entry.get("capabilities"), part(entry, "details").get("family", "")
            # Older versions tell only the family; that of an encoder is a BERT of some kind.
            writes = "completion" in abilities if isinstance(abilities, list) else "bert" not in str(family)
            if writes and not _is_cloud(entry):
                size, digest = count(entry.get("size")) or 0, str(entry.get("digest", ""))
                models.append(Installed(str(entry.get("name", "")), size, digest))
        return models

    def passes_on(self, name: str, stop: Stop) -> bool:
        """Whether this model runs in the cloud, and passages would leave the machine."""
        tagged = name if ":" in name.rpartition("/")[2] else f"{name}:latest"
        entries = [entry for entry in self._entries("/api/tags", stop) if entry.get("name") == tagged]
        return any(map(_is_cloud, entries)) or (not entries and name.endswith(("-cloud", ":cloud")))

    def loaded(self) -> list[str]:
        """The models that are in memory."""
        return [str(entry.get("name", "")) for entry in self._entries("/api/ps")]

    def pull(self, name: str, stop: Stop) -> Iterator[Progress]:
        """Fetch a model, in bytes; called again it goes on where it was. PullProblem unless it ends in success."""
        fetched: dict[str, tuple[int, int]] = {}
        eta: Eta | None = None
        try:
            with streaming(self.http, "/api/pull", {"model": name, "stream": True}, stop) as response:
                if response.status_code != 200:
                    raise EngineFailed(words(text(response, stop)))
                for line in lines(response, stop):
                    report = parsed(line)
                    if error := report.get("error"):
                        raise EngineFailed(words(error))
                    if report.get("status") == "success":
                        return
                    if digest := report.get("digest"):
                        fetched[str(digest)] = count(report.get("completed")) or 0, count(report.get("total")) or 0
                        done, total = (sum(numbers) for numbers in zip(*fetched.values(), strict=True))
                        eta = eta or Eta(done)  # what was there before the first report came in no time
                        yield Progress(
                            stage=Stage.PULLING, name=name, done=done, total=total, eta_s=eta.left_s(done, total)
                        )
            raise EngineFailed("it ended without success")
        except EngineFailed as failure:
            hint = f"recto models pull ollama:{name}"
            raise PullProblem(f"Ollama could not fetch {name}: {failure.message}", hint=hint) from failure

    def remove(self, name: str) -> None:
        """Delete a model. ModelMissing if there is none of that name."""
        self._ask("DELETE", "/api/delete", {"model": name})

    def problem(self, status: int, body: object, model: str) -> EngineProblem:
        """What a refusal means."""
        complaint = words(body)
        message = f"Ollama at {self.url}: {complaint} (HTTP {status})"
        low = complaint.lower()
        if "model" in low and "not found" in low:
            return ModelMissing(f"Ollama at {self.url} has no model {model}", hint=f"recto models pull ollama:{model}")
        if status == 503:
            return EngineBusy(message)
        if status in (401, 403):
            return EngineDenied(message)
        if "memory" in low:
            return TooLittleMemory(message, hint="recto models pull fast")
        if "context" in low and ("exceed" in low or "longer" in low):
            return PromptTooLong(message)
        if "does not support" in low or "unable to load" in low:
            return ModelUnusable(message, hint="recto models list")
        return EngineFailed(message)

    def _entries(self, path: str, stop: Stop | None = None) -> list[Json]:
        entries = parsed(self._ask("GET", path, stop=stop)).get("models")
        return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []

    def _ask(self, method: str, path: str, body: Json | None = None, *, stop: Stop | None = None) -> str:
        status, text = ask(self.http, method, path, body, stop=stop)
        if status != 200:
            raise self.problem(status, text, body["model"] if body else "")
        return text


def _is_cloud(entry: Json) -> bool:
    """Whether Ollama passes a model on to somebody else's machine."""
    return bool(entry.get("remote_host") or entry.get("remote_model"))


class Ollama:
    """A model of an Ollama daemon. Implements LLM."""

    def __init__(self, daemon: Daemon, model: str, *, threads: int, context: int) -> None:
        self._daemon, self._model, self._threads, self._context = daemon, model, threads, context
        self._lifetime = Lifetime()
        self._estimates = TokenEstimates()
        self._local = False  # until the daemon has said so

    @property
    def name(self) -> str:
        """Engine and model."""
        return f"ollama/{self._model}"

    @property
    def fingerprint(self) -> str:
        """What its speed depends on."""
        return f"ollama {self._daemon.version} {self._daemon.url} {self._model} {self._threads} threads"

    def close(self) -> None:
        """End what is being written; the model stays in the daemon for the next question."""
        self._lifetime.end()

    def weigh(self, prompt: Prompt) -> Load:
        """Count a prompt's tokens roughly: Ollama counts only what it reads."""
        return self._estimates.weigh(prompt)

    def stream(self, prompt: Prompt, *, most: int, stop: Stop) -> Iterator[Piece]:
        """Answer, loading the model first if need be."""
        with self._lifetime.brake(self.name, stop) as brake:
            load = self.weigh(prompt)
            if load.total + most > self._context:
                raise PromptTooLong(
                    f"the prompt has about {load.total} tokens, the answer up to {most}: the context is {self._context}"
                )
            yield from self._waking(brake)
            for piece in limited(self._texts(prompt, load, max(1, most), brake), max(1, most)):
                if most:
                    yield piece
                elif isinstance(piece, Finished):
                    yield Finished(prompt=piece.prompt, cached=piece.cached, answer=0, cut=False)

    def _waking(self, stop: Stop) -> Iterator[Waking]:
        """Have the model loaded, with the options of the questions to come; a sign of life meanwhile."""
        began, brake = monotonic(), Stop()

        def load() -> None:
            if not self._local and self._daemon.passes_on(self._model, brake):
                raise EngineDenied(f"{self._model} runs in Ollama's cloud: passages would leave this machine")
            self._local = True
            for _ in self._chat([], 0, brake):
                pass

        with stop.doing(brake.pull), ThreadPoolExecutor(1, "recto-ollama") as pool:
            loading = pool.submit(load)
            try:
                while wait([loading], TICK_S).not_done:
                    yield Waking(monotonic() - began)
                    if monotonic() - began > LOAD_LIMIT_S:
                        raise EngineFailed(f"{self.name} took longer than {LOAD_LIMIT_S:g} s to load")
            finally:
                brake.pull()
        loading.result()

    def _texts(self, prompt: Prompt, load: Load, most: int, stop: Stop) -> Iterator[str | Finished]:
        """The answer in pieces, empty ones for thoughts, then the engine's counts.

        EngineFailed if it breaks off, PromptTooLong if Ollama has cut the prompt behind our back.
        """
        self._estimates.begin(prompt)
        for chunk in self._chat(prompt.messages, most, stop):
            self._estimates.complete(prompt)
            message = part(chunk, "message")
            if message.get("content") or message.get("thinking"):
                yield clean(message.get("content"))
            if chunk.get("done"):
                break
        else:
            raise EngineFailed(f"the stream of {self.name} ended without being done")
        tokens, cached = count(chunk.get("prompt_eval_count")), count(chunk.get("prompt_eval_cached_count"))
        whole = cached is not None or not load.cached  # some versions leave out what was cached, and do not say it
        if tokens and LEAST_CUT <= tokens < CLEARLY * (load.total if whole else load.new):
            raise PromptTooLong(f"{self.name} read {tokens} tokens of a prompt of about {load.total}")
        if tokens and whole:
            self._estimates.learn(prompt, tokens)
        cut = chunk.get("done_reason") == "length"
        yield Finished(prompt=tokens, cached=cached, answer=count(chunk.get("eval_count")), cut=cut)

    def _chat(self, messages: list[dict[str, str]], most: int, stop: Stop) -> Iterator[Json]:
        """Post a chat, none to load the model. The options that decide how it is loaded are always the same."""
        body = {
            "model": self._model,
            "messages": messages,
            "stream": True,
            "think": False,
            "truncate": False,
            "keep_alive": FOREVER,
            "options": {
                "num_ctx": self._context,
                "num_thread": self._threads,
                "num_predict": most,
                "temperature": 0,
            },
        }
        with streaming(self._daemon.http, "/api/chat", body, stop) as response:
            if response.status_code != 200:
                raise self._daemon.problem(response.status_code, text(response, stop), self._model)
            for line in lines(response, stop):
                chunk = parsed(line)
                if error := chunk.get("error"):
                    raise self._daemon.problem(response.status_code, error, self._model)
                yield chunk
