"""Ollama: where its daemon is, which models it has, and one of them as an LLM. Over its own API, not over /v1."""

import ipaddress
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import httpx2

from recto.config import CONTAINER, SPACE
from recto.errors import (
    ConnectionBroken,
    EngineDenied,
    EngineFailed,
    EngineMissing,
    EngineProblem,
    ModelUnusable,
    PromptTooLong,
)
from recto.eta import Eta
from recto.events import Progress, Stage
from recto.generation import Finished, Load, Piece, Prompt, Waking
from recto.llm.http import Json, ask, clean, client, count, lines, parsed, part, streaming, text, words
from recto.llm.lifetime import LOAD_LIMIT_S, Lifetime
from recto.llm.refusals import pull_problem, refusal, stopped
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
NO_TEMPLATE = "{{ .Prompt }}"  # what Ollama tells as the template of a file that brings none
TEMPLATE_TOKENS = 256  # more than a chat template and a system text of the model's own take
KEPT_YEARS = 2  # until a model in memory goes that has no end: Ollama tells one 292 years away
# Whatever the model's Modelfile says: its own `stop` would cut answers, its penalties forbid the words of the excerpts.
GREEDY: Json = {"temperature": 0, "top_k": 1, "repeat_penalty": 1, "stop": []}


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


@dataclass(frozen=True, slots=True)
class Resident:
    """A model in the daemon's memory: with so many tokens of context (0: it does not say), kept for good or not."""

    name: str
    context: int
    kept: bool


@dataclass(frozen=True, slots=True)
class Terms:
    """How a model is asked for so that it is loaded once, whoever else asks for it."""

    context: int
    kept: bool  # in memory for good, else as long as Ollama keeps models
    shifts: bool  # whether the engine may drop the middle of the prompt, which matters only where the context is full


def tagged(name: str) -> str:
    """A model's name as the daemon lists it."""
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


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
    stranger = f"something else than Ollama (HTTP {status})"
    if (status, body) == (403, ""):  # as Ollama on a loopback address answers to a name of another machine
        stranger = "an Ollama, perhaps, that does not answer to this name (HTTP 403)"
    answer = f"Ollama {words(version)}" if version else stranger
    return Probe(url, answer, version)


class Daemon:
    """One Ollama daemon."""

    def __init__(self, url: str, version: str) -> None:
        self.url, self.version = url, version
        self.http = client(url, trusted=False)
        self.log: Path | None = None  # of a daemon that recto has started
        self._writers: set[str] = set()  # names of models that were looked at, and can write

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

    def check_writer(self, name: str, stop: Stop | None = None) -> None:
        """EngineDenied if this model runs in the cloud, ModelUnusable if it was never taught to answer."""
        if name in self._writers:
            return
        listed = [entry for entry in self._entries("/api/tags", stop) if entry.get("name") == tagged(name)]
        if any(map(_is_cloud, listed)) or (not listed and name.endswith(("-cloud", ":cloud"))):
            raise EngineDenied(f"{name} runs in Ollama's cloud: passages would leave this machine")
        with suppress(EngineFailed):  # a version that does not say
            if (
                listed
                and parsed(self._ask("POST", "/api/show", {"model": name}, stop=stop)).get("template") == NO_TEMPLATE
            ):
                raise ModelUnusable(
                    f"{name} has no chat template: a base model, which goes on with a text and does not answer",
                    hint="recto models pull default",
                )
        self._writers.add(name)

    def residents(self, stop: Stop | None = None) -> list[Resident]:
        """The models that are in memory."""
        last_year = str(datetime.now(UTC).year + KEPT_YEARS)
        return [
            Resident(
                str(entry.get("name", "")),
                count(entry.get("context_length")) or 0,
                str(entry.get("expires_at") or last_year)[:4] >= last_year,  # an old version does not say: as we asked
            )
            for entry in self._entries("/api/ps", stop)
        ]

    def loaded(self) -> list[str]:
        """The names of the models that are in memory."""
        return [resident.name for resident in self.residents()]

    def unload(self, name: str) -> None:
        """Free the memory that a model takes."""
        self._ask("POST", "/api/chat", {"model": name, "messages": [], "keep_alive": 0})

    def pull(self, name: str, stop: Stop, *, insecure: bool = False) -> Iterator[Progress]:
        """Fetch a model, in bytes; called again it goes on where it was. PullProblem unless it ends in success.

        Ollama tells the layers one by one: the total is the sum of those that it has told. `insecure` lets a registry
        of one's own speak plain http.
        """
        fetched: dict[str, tuple[int, int]] = {}
        eta: Eta | None = None
        body = {"model": name, "stream": True, **({"insecure": True} if insecure else {})}
        try:
            for report in self._pull_reports(body, stop):
                if digest := report.get("digest"):
                    before, _ = fetched.get(str(digest), (0, 0))  # a layer's first line may not say what is there
                    fetched[str(digest)] = count(report.get("completed")) or before, count(report.get("total")) or 0
                    done, total = (sum(numbers) for numbers in zip(*fetched.values(), strict=True))
                    eta = eta or Eta(done)  # what was there before the first report came in no time
                    yield Progress(
                        stage=Stage.PULLING, name=name, done=done, total=total, eta_s=eta.left_s(done, total)
                    )
        except EngineFailed as failure:
            raise pull_problem(name, failure, insecure=insecure) from failure

    def _pull_reports(self, body: Json, stop: Stop) -> Iterator[Json]:
        """What the daemon says of a pull until its success. EngineFailed if it ends otherwise."""
        with streaming(self.http, "/api/pull", body, stop) as response:
            if response.status_code != 200:
                raise EngineFailed(words(text(response, stop)))
            for line in lines(response, stop):
                report = parsed(line)
                if error := report.get("error"):
                    raise EngineFailed(words(error))
                if report.get("status") == "success":
                    return
                yield report
        raise EngineFailed("it ended without success")

    def remove(self, name: str) -> None:
        """Delete a model, out of memory first: there it has no name any more. ModelMissing if there is none of that."""
        with suppress(EngineProblem):  # a file that is gone cannot be loaded, and is not in memory
            self.unload(name)
        self._ask("DELETE", "/api/delete", {"model": name})

    def problem(self, status: int, body: object, model: str) -> EngineProblem:
        """What a refusal means."""
        return refusal(self.url, model, status, body, log=self.log)

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

    def __init__(self, daemon: Daemon, model: str, *, threads: int | None, context: int, kept: bool = True) -> None:
        """`threads` is None where Ollama's own guess, all cores, is right; `kept` is for the model that was chosen.

        One that is asked once stays in memory as long as Ollama keeps models, five minutes unless told otherwise.
        """
        self._daemon, self.model, self._threads = daemon, model, threads
        self._context, self._kept = context, kept
        self._lifetime = Lifetime()
        self._estimates = TokenEstimates()

    @property
    def name(self) -> str:
        """Engine and model."""
        return f"ollama/{self.model}"

    @property
    def fingerprint(self) -> str:
        """What its speed depends on."""
        threads = self._threads or "its own"
        return f"ollama {self._daemon.version} {self._daemon.url} {self.model} {threads} threads"

    def close(self) -> None:
        """End what is being written; the model stays in the daemon for the next question."""
        self._lifetime.end()

    def unload(self) -> None:
        """Free its memory, if it was loaded for good: another model was chosen."""
        with suppress(EngineProblem):
            if any(resident.kept and resident.name == tagged(self.model) for resident in self._daemon.residents()):
                self._daemon.unload(self.model)

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
            terms = yield from self._waking(prompt, load, most, brake)
            for piece in limited(self._texts(prompt, load, terms, max(1, most), brake), max(1, most)):
                if most:
                    yield piece
                elif isinstance(piece, Finished):
                    yield Finished(prompt=piece.prompt, cached=piece.cached, answer=0, cut=False)

    def _waking(self, prompt: Prompt, load: Load, most: int, stop: Stop) -> Generator[Waking, None, Terms]:
        """Have the model loaded on the terms of the question to come; a sign of life meanwhile."""
        began, brake = monotonic(), Stop()

        def wake() -> Terms:
            self._daemon.check_writer(self.model, brake)
            terms = self._terms(prompt, load, most, brake)
            for _ in self._chat([], 0, terms, brake):
                pass
            return terms

        with stop.doing(brake.pull), ThreadPoolExecutor(1, "recto-ollama") as pool:
            loading = pool.submit(wake)
            try:
                while wait([loading], TICK_S).not_done:
                    yield Waking(monotonic() - began)
                    if monotonic() - began > LOAD_LIMIT_S:
                        raise EngineFailed(f"{self.name} took longer than {LOAD_LIMIT_S:g} s to load")
            finally:
                brake.pull()
        return loading.result()

    def _terms(self, prompt: Prompt, load: Load, most: int, stop: Stop) -> Terms:
        """As the model is in memory, if that will do: another context, or another way when it is full, loads it anew.

        What another client has loaded goes after a while, and may shift. It is taken as it is where the prompt is sure
        to fit: no token is shorter than a byte.
        """
        resident = None
        with suppress(EngineFailed):  # a version that does not say
            models = self._daemon.residents(stop)
            resident = next((model for model in models if model.name == tagged(self.model)), None)
        context = resident.context if resident and resident.context >= load.total + most else self._context
        kept = resident.kept if resident else self._kept
        text = sum(len(message["content"].encode("utf-8", "replace")) for message in prompt.messages)
        return Terms(context, kept, shifts=not kept and text + TEMPLATE_TOKENS + most <= context)

    def _texts(self, prompt: Prompt, load: Load, terms: Terms, most: int, stop: Stop) -> Iterator[str | Finished]:
        """The answer in pieces, empty ones for thoughts, then the engine's counts.

        EngineFailed if it breaks off, PromptTooLong if Ollama refuses the prompt or has cut it behind our back.
        """
        self._estimates.begin(prompt)
        for chunk in self._answer(prompt, most, terms, stop):
            self._estimates.complete(prompt)
            message = part(chunk, "message")
            if message.get("content") or message.get("thinking"):
                yield clean(message.get("content"))
            if chunk.get("done"):
                break
        else:
            detail = f"the stream of {self.name} ended without being done"
            raise stopped(in_answer=True, log=self._daemon.log, detail=detail, how=": its stream ended without an end")
        tokens, cached = count(chunk.get("prompt_eval_count")), count(chunk.get("prompt_eval_cached_count"))
        whole = cached is not None or not load.cached  # some versions leave out what was cached, and do not say it
        if tokens and LEAST_CUT <= tokens < CLEARLY * (load.total if whole else load.new):
            raise PromptTooLong(f"{self.name} read {tokens} tokens of a prompt of about {load.total}")
        if tokens and whole:
            self._estimates.learn(prompt, tokens)
        cut = chunk.get("done_reason") == "length"
        yield Finished(prompt=tokens, cached=cached, answer=count(chunk.get("eval_count")), cut=cut)

    def _answer(self, prompt: Prompt, most: int, terms: Terms, stop: Stop) -> Iterator[Json]:
        """What the daemon sends; a refusal that counts the prompt teaches how the model counts."""
        try:
            yield from self._chat(prompt.messages, most, terms, stop)
        except PromptTooLong as problem:
            if problem.tokens:
                self._estimates.learn(prompt, problem.tokens)
            raise

    def _chat(self, messages: list[dict[str, str]], most: int, terms: Terms, stop: Stop) -> Iterator[Json]:
        """Post a chat, none to load the model. The options that decide how it is loaded are those of the terms."""
        options = {**GREEDY, "num_ctx": terms.context, "num_predict": most}
        body = {"model": self.model, "messages": messages, "stream": True, "think": False, "truncate": False}
        if terms.kept:
            body["keep_alive"] = FOREVER
        if not terms.shifts:
            body["shift"] = False
        if self._threads:
            options["num_thread"] = self._threads
        came = False
        try:
            with streaming(self._daemon.http, "/api/chat", {**body, "options": options}, stop) as response:
                if response.status_code != 200:
                    raise self._daemon.problem(response.status_code, text(response, stop), self.model)
                for line in lines(response, stop):
                    chunk = parsed(line)
                    if error := chunk.get("error"):
                        raise self._daemon.problem(response.status_code, error, self.model)
                    came = True
                    yield chunk
        except ConnectionBroken as broken:
            raise stopped(
                in_answer=came, log=self._daemon.log, detail=broken.message, how=": the connection broke"
            ) from broken
