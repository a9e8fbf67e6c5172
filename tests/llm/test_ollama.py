"""Ollama: where it is looked for, what it has, and every way in which it fails."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

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
from recto.events import Progress
from recto.generation import Finished, Prompt, Text, Waking
from recto.llm import ollama
from recto.llm.ollama import CONTAINERS, Daemon, Ollama, addresses, find
from recto.stop import Stop, Stopped
from support import scripted
from support.ollama_server import CLOUD, MODEL, VERSION, OllamaServer, resident

PROMPT = Prompt("Answer from the excerpts.", "The pump of hall 3 moves 111 litres a minute.", "How much?")
LONG = Prompt("Answer from the excerpts.", "The pump of hall 3 moves 111 litres a minute. " * 100, "How much?")
CONTEXT = 2048
SOON = "2026-11-30T08:05:00.125Z"
LATE_S = 120.0  # for what takes a second on a quiet machine


@pytest.fixture
def server(daemon: OllamaServer) -> Daemon:
    return Daemon(daemon.url, VERSION)


@pytest.fixture
def llm(server: Daemon) -> Ollama:
    return Ollama(server, MODEL, threads=2, context=CONTEXT)


def answer(llm: Ollama, prompt: Prompt = PROMPT, most: int = 20) -> tuple[str, Finished]:
    *pieces, end = llm.stream(prompt, most=most, stop=Stop())
    assert isinstance(end, Finished)
    return "".join(piece.text for piece in pieces if isinstance(piece, Text)), end


# --- where it is -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("host", "first"),
    [
        ("", "http://127.0.0.1:11434"),
        ("  ", "http://127.0.0.1:11434"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:11500", "http://127.0.0.1:11500"),
        (":11500", "http://127.0.0.1:11500"),
        ("[::]:11500", "http://127.0.0.1:11500"),
        ("::1", "http://[::1]:11434"),
        ("[::1]:11500", "http://[::1]:11500"),
        ("box", "http://box:11434"),
        ("box:11500", "http://box:11500"),
        ("box:99999", "http://box:11434"),
        ("http://box:11500/", "http://box:11500"),
        ("http://box", "http://box:80"),
        ("HTTPS://box", "https://box:443"),
        ("https://box:11500/behind", "https://box:11500/behind"),
        ("http://user:secret@box:11500", "http://box:11500"),
    ],
)
def test_reads_ollama_host_as_ollama_does(host: str, first: str) -> None:
    assert addresses(host, "local")[0] == first
    assert addresses(host, "local")[-1] == "http://127.0.0.1:11434"


def test_looks_for_containers_only_from_within_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ollama, "CONTAINERS", CONTAINERS)
    assert addresses("", "local") == ["http://127.0.0.1:11434"]
    assert addresses("box", "container") == [
        "http://box:11434",
        "http://127.0.0.1:11434",
        "http://ollama:11434",
        "http://host.docker.internal:11434",
        "http://host.containers.internal:11434",
    ]


def test_finds_the_first_that_answers(daemon: OllamaServer) -> None:
    server, tried = find(daemon.url, "container")
    assert server is not None
    assert (server.url, server.version) == (daemon.url, VERSION)
    assert [(one.answer, one.version) for one in tried] == [(f"Ollama {VERSION}", VERSION)]


@pytest.mark.parametrize("host", ["http://127.0.0.1:1", "http://[bad", "http://a b"])
def test_goes_on_where_nobody_is(monkeypatch: pytest.MonkeyPatch, daemon: OllamaServer, host: str) -> None:
    monkeypatch.setattr(ollama, "LOCAL_DAEMON", daemon.url)
    server, tried = find(host, "local")
    assert server is not None
    assert server.url == daemon.url
    assert [bool(one.version) for one in tried] == [False, True]
    assert tried[0].answer == "nobody" or tried[0].answer.startswith("nothing of use")


def test_says_what_answered_if_that_is_no_ollama(monkeypatch: pytest.MonkeyPatch, hosted: scripted.Server) -> None:
    monkeypatch.setattr(ollama, "LOCAL_DAEMON", hosted.url)
    server, tried = find("", "local")
    assert server is None
    assert [one.answer for one in tried] == ["something else than Ollama (HTTP 404)"]


# --- what it has -----------------------------------------------------------------------------------------------------
def test_lists_its_own_models_only(server: Daemon) -> None:
    assert [(model.name, model.size) for model in server.models()] == [(MODEL, 1_321_098_329)]


def test_encoders_are_no_models_that_write(daemon: OllamaServer, server: Daemon) -> None:
    daemon.models = [
        {"name": "nomic-embed-text:latest", "details": {"family": "nomic-bert"}},
        {"name": "bge:latest", "capabilities": ["embedding"]},
        {"name": "qwen3:0.6b", "capabilities": ["completion", "thinking"], "details": {"family": "qwen3"}},
        {"name": "old:latest"},
    ]
    assert [model.name for model in server.models()] == ["qwen3:0.6b", "old:latest"]


def test_tells_what_is_loaded(server: Daemon, llm: Ollama) -> None:
    assert server.loaded() == []
    answer(llm)
    assert server.loaded() == [MODEL]


def test_removes_a_model_once_from_memory_too(daemon: OllamaServer, server: Daemon) -> None:
    daemon.residents = [resident(MODEL)]  # without its name nobody could unload it any more
    server.remove(MODEL)
    assert daemon.loaded == []
    assert server.models() == []
    with pytest.raises(ModelMissing) as raised:
        server.remove(MODEL)
    assert raised.value.hint == f"recto models pull ollama:{MODEL}"


# --- fetching --------------------------------------------------------------------------------------------------------
def layer(digest: str, total: int, **more: int) -> scripted.Json:
    return {"status": f"pulling {digest}", "digest": f"sha256:{digest}", "total": total, **more}


def pull(server: Daemon, stop: Stop | None = None) -> list[Progress]:
    return list(server.pull("llama3.2:3b", stop or Stop()))


def test_sums_what_was_fetched_over_the_layers(daemon: OllamaServer, server: Daemon) -> None:
    daemon.pulled = [
        {"status": "pulling manifest"},
        layer("a", 100),
        layer("b", 50, completed=10),
        layer("a", 100, completed=60),
        layer("b", 50, completed=50),
        layer("a", 100, completed=100),
        {"status": "verifying sha256 digest"},
        {"status": "success"},
    ]
    steps = pull(server)
    assert [(step.done, step.total) for step in steps] == [(0, 100), (10, 150), (70, 150), (110, 150), (150, 150)]
    assert {(step.stage, step.name) for step in steps} == {("pulling", "llama3.2:3b")}
    assert steps[0].eta_s is None
    assert all(step.eta_s is not None and step.eta_s >= 0 for step in steps[1:])
    assert steps[-1].eta_s == 0
    assert daemon.asked_at("/api/pull") == [{"model": "llama3.2:3b", "stream": True}]


def test_a_registry_of_ones_own_may_speak_plain_http(daemon: OllamaServer, server: Daemon) -> None:
    daemon.pulled = [{"status": "success"}]
    assert list(server.pull("box:5000/library/weir", Stop(), insecure=True)) == []
    assert daemon.asked_at("/api/pull") == [{"model": "box:5000/library/weir", "stream": True, "insecure": True}]


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (
            [{"status": "pulling manifest"}, {"error": "pull model manifest: file does not exist"}],
            "file does not exist",
        ),
        ([layer("a", 100, completed=60)], "ended without success"),
        ([layer("a", 100, completed=60), None], "the connection broke"),
        ([b"<html>"], "no JSON object"),
        ([], "ended without success"),
    ],
)
def test_a_pull_that_ends_otherwise_is_a_problem(
    daemon: OllamaServer, server: Daemon, lines: list[scripted.Json | bytes | None], why: str
) -> None:
    daemon.pulled = lines
    with pytest.raises(PullProblem, match=why) as raised:
        pull(server)
    assert raised.value.hint == "recto models pull ollama:llama3.2:3b"
    daemon.pulled = [layer("a", 100, completed=100), {"status": "success"}]
    assert pull(server)[-1].done == 100


def test_a_pull_can_be_stopped(daemon: OllamaServer, server: Daemon) -> None:
    daemon.pulled, stop = [layer("a", 100, completed=done) for done in range(100)], Stop()
    with closing(server.pull(MODEL, stop)) as steps:  # type: ignore[type-var]
        next(steps)
        stop.pull()
        with pytest.raises(Stopped):
            list(steps)


# --- asking ----------------------------------------------------------------------------------------------------------
def test_asks_with_the_same_options_every_time(daemon: OllamaServer, llm: Ollama) -> None:
    answer(llm, most=7)
    answer(llm, most=0)
    load, first, _, ahead = daemon.asked_at("/api/chat")
    assert load["messages"] == []
    assert first["messages"] == PROMPT.messages
    for body in (load, first, ahead):
        assert (body["keep_alive"], body["truncate"], body["think"], body["stream"]) == (-1, False, False, True)
        assert body["shift"] is False  # or the middle of a prompt that was counted too low goes without a word
        options = {name: value for name, value in body["options"].items() if name != "num_predict"}
        greedy = {"temperature": 0, "top_k": 1, "repeat_penalty": 1, "stop": []}  # whatever a Modelfile says
        assert options == {"num_ctx": CONTEXT, "num_thread": 2, **greedy}
    assert (first["options"]["num_predict"], ahead["options"]["num_predict"]) == (7, 1)


def terms(body: scripted.Json) -> tuple[object, ...]:
    """What decides whether a model is loaded anew, and how long it stays."""
    options = body["options"]
    return options["num_ctx"], options.get("num_thread"), body.get("shift"), body.get("keep_alive")


@pytest.mark.parametrize("context", [2048, 8192])
def test_what_another_client_has_loaded_is_not_loaded_anew(daemon: OllamaServer, server: Daemon, context: int) -> None:
    llm = Ollama(server, MODEL, threads=None, context=4096)
    daemon.residents = [resident(MODEL, context_length=context, expires_at=SOON)]
    answer(llm)
    assert {terms(body) for body in daemon.asked_at("/api/chat")} == {(context, None, None, None)}


def test_what_another_client_has_loaded_is_loaded_anew_where_the_prompt_may_not_fit(
    daemon: OllamaServer, server: Daemon
) -> None:
    llm = Ollama(server, MODEL, threads=None, context=8192)
    daemon.residents = [resident(MODEL, context_length=1024, expires_at=SOON)]
    answer(llm, LONG)  # some 1,350 tokens
    assert {terms(body) for body in daemon.asked_at("/api/chat")} == {(8192, None, None, None)}
    daemon.residents = [resident(MODEL, context_length=2048, expires_at=SOON)]
    answer(llm, LONG)  # fits by our count; if that is wrong, nothing may go in silence
    assert terms(daemon.asked_at("/api/chat")[-1]) == (2048, None, False, None)


def test_what_was_loaded_for_good_stays_as_it_is(daemon: OllamaServer, server: Daemon) -> None:
    daemon.residents = [resident(MODEL, context_length=8192)]
    answer(Ollama(server, MODEL, threads=None, context=4096))
    assert {terms(body) for body in daemon.asked_at("/api/chat")} == {(8192, None, False, -1)}


def test_a_model_that_is_asked_once_goes_as_ollama_says(daemon: OllamaServer, server: Daemon) -> None:
    llm = Ollama(server, MODEL, threads=None, context=4096, kept=False)
    answer(llm)
    answer(llm)
    assert {terms(body) for body in daemon.asked_at("/api/chat")} == {(4096, None, None, None)}


def test_a_daemon_that_does_not_say_what_it_holds_is_asked_all_the_same(daemon: OllamaServer, llm: Ollama) -> None:
    daemon.recorded, daemon.recorded_at = "unknown-path", "/api/ps"
    assert answer(llm, most=3)[0] == "The pump of"


def test_a_base_model_is_refused(daemon: OllamaServer, llm: Ollama) -> None:
    daemon.templates = {MODEL: "{{ .Prompt }}"}
    with pytest.raises(ModelUnusable, match="has no chat template: a base model"):
        answer(llm)
    assert daemon.asked_at("/api/chat") == []


def test_another_model_is_unloaded_when_one_is_chosen(daemon: OllamaServer, llm: Ollama) -> None:
    answer(llm)
    llm.unload()
    assert daemon.loaded == []
    daemon.residents = [resident(MODEL, expires_at=SOON)]  # somebody else's
    llm.unload()
    assert daemon.loaded == [MODEL]


def test_gives_signs_of_life_while_the_model_loads(daemon: OllamaServer, llm: Ollama) -> None:
    loads = threading.Event()

    def loading(reply: scripted.Reply) -> None:
        assert loads.wait(LATE_S)
        reply.begin().send(reply.finish("load"))
        reply.end()

    daemon.loading = loading
    pieces = llm.stream(PROMPT, most=3, stop=Stop())
    first, second = next(pieces), next(pieces)
    assert isinstance(first, Waking)
    assert isinstance(second, Waking)
    assert 0 < first.elapsed_s < second.elapsed_s
    loads.set()
    assert isinstance(list(pieces)[-1], Finished)


def test_loading_can_be_stopped_and_left(daemon: OllamaServer, llm: Ollama) -> None:
    daemon.loading, stop = scripted.stalled, Stop()
    pieces = llm.stream(PROMPT, most=3, stop=stop)
    next(pieces)
    stop.pull()
    with pytest.raises(Stopped):
        list(pieces)
    assert daemon.gone.wait(LATE_S)
    daemon.gone.clear()
    with closing(llm.stream(PROMPT, most=3, stop=Stop())) as others:  # type: ignore[type-var]
        next(others)
    assert daemon.gone.wait(LATE_S)


@pytest.mark.parametrize("behaviour", [scripted.stalled, scripted.muted])
def test_silence_can_be_stopped(daemon: OllamaServer, llm: Ollama, behaviour: scripted.Behaviour) -> None:
    stop, answer_begins = Stop(), threading.Event()

    def behave(reply: scripted.Reply) -> None:
        answer_begins.set()
        behaviour(reply)

    daemon.behaviour = behave
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(lambda: list(llm.stream(PROMPT, most=3, stop=stop)))
        assert answer_begins.wait(LATE_S)
        stop.pull()
        with pytest.raises(Stopped):
            reading.result(1.0)
    assert daemon.gone.wait(LATE_S)
    daemon.behaviour = scripted.brief
    assert answer(llm)[0] == "".join(scripted.ANSWER)


def test_counts_come_from_the_engine(daemon: OllamaServer, llm: Ollama) -> None:
    daemon.behaviour = scripted.brief
    daemon.counted = {"prompt_eval_cached_count": 5}
    text, end = answer(llm)
    assert text == "".join(scripted.ANSWER)
    assert end == Finished(prompt=28, cached=5, answer=len(scripted.ANSWER), cut=False)


def test_counts_may_be_missing(daemon: OllamaServer, llm: Ollama) -> None:
    daemon.counted = dict.fromkeys(("prompt_eval_count", "eval_count", "done_reason", "message"))
    assert answer(llm, most=3)[1] == Finished(cut=False)


@pytest.mark.parametrize("behaviour", [scripted.babbling, scripted.pondering])
def test_an_engine_that_ignores_the_limit_is_cut(
    daemon: OllamaServer, llm: Ollama, behaviour: scripted.Behaviour
) -> None:
    daemon.behaviour = behaviour
    *pieces, end = llm.stream(PROMPT, most=5, stop=Stop())
    assert end == Finished(cut=True)
    assert len(pieces) == (5 if behaviour is scripted.babbling else 0)
    assert daemon.gone.wait(LATE_S)


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (scripted.wordless, ""),
        (scripted.spaces, " \n \n \n"),
        (scripted.invalid_utf8, f"\ufffd\ufffd {scripted.WORDS}"),
        (scripted.half_character, f"\ufffd {scripted.WORDS}"),
        (scripted.thinking, scripted.WORDS),
        (scripted.byte_by_byte, f"{scripted.WORDS} Dürr pumpt 5 m³ – 泵"),
    ],
)
def test_what_is_odd_is_passed_on(daemon: OllamaServer, llm: Ollama, behaviour: scripted.Behaviour, said: str) -> None:
    daemon.behaviour = behaviour
    text, end = answer(llm)
    assert text == said
    assert not end.cut


@pytest.mark.parametrize(
    "behaviour",
    [
        scripted.crashing,
        scripted.hanging_up,
        scripted.unfinished,
        scripted.half_line,
        scripted.huge_line,
        scripted.sending(b"<html>please log in</html>\n"),
        scripted.sending(b"[1]\n"),
        scripted.sending(b""),
        scripted.failing("an error was encountered while running the model: signal: killed"),
        scripted.refusing(500, "model runner has unexpectedly stopped"),
        scripted.refusing(400, "missing request body"),
        scripted.refusing(302, "", Location="http://127.0.0.1:1/"),
    ],
)
def test_what_breaks_off_has_failed(daemon: OllamaServer, llm: Ollama, behaviour: scripted.Behaviour) -> None:
    daemon.behaviour = behaviour
    with pytest.raises(EngineFailed):
        answer(llm)
    daemon.behaviour = scripted.brief
    assert answer(llm)[0]


@pytest.mark.parametrize("odd", [{"message": None}, {"message": "x"}, {"message": {"content": 5}}, {"message": []}, {}])
def test_odd_shapes_are_no_words(daemon: OllamaServer, llm: Ollama, odd: scripted.Json) -> None:
    daemon.behaviour = scripted.sending(json.dumps(odd | {"done": True, "eval_count": "7"}).encode())
    assert answer(llm) == ("", Finished(cut=False))


@pytest.mark.parametrize(
    ("behaviour", "problem"),
    [
        (scripted.refusing(503, "server busy, please try again.  maximum pending requests exceeded"), EngineBusy),
        (scripted.refusing(401, "unauthorized"), EngineDenied),
        (scripted.refusing(403, "forbidden"), EngineDenied),
        (scripted.refusing(404, f'model "{MODEL}" not found, try pulling it first'), ModelMissing),
        (scripted.refusing(400, f'"{MODEL}" does not support chat'), ModelUnusable),
        (scripted.refusing(500, "model requires more system memory (5.6 GiB) than is available"), TooLittleMemory),
        (scripted.refusing(400, "the prompt is longer than the context length of the model"), PromptTooLong),
        (scripted.failing("request (3031 tokens) exceeds the available context size (2048 tokens)"), PromptTooLong),
    ],
)
def test_refusals_say_what_is_wrong(
    daemon: OllamaServer, llm: Ollama, behaviour: scripted.Behaviour, problem: type[EngineProblem]
) -> None:
    daemon.behaviour = behaviour
    with pytest.raises(problem):
        answer(llm)


def test_a_missing_model_comes_with_its_pull(server: Daemon) -> None:
    with pytest.raises(ModelMissing, match="no model mistral") as raised:
        answer(Ollama(server, "mistral", threads=2, context=CONTEXT))
    assert raised.value.hint == "recto models pull ollama:mistral"


@pytest.mark.parametrize("name", [CLOUD, "kimi-k2:1t-cloud", "glm-5:cloud"])
def test_what_would_go_to_the_cloud_is_not_asked(daemon: OllamaServer, server: Daemon, name: str) -> None:
    with pytest.raises(EngineDenied, match="would leave this machine"):
        answer(Ollama(server, name, threads=2, context=CONTEXT))
    assert daemon.asked_at("/api/chat") == []


def test_a_daemon_that_is_gone() -> None:
    with OllamaServer() as daemon:
        llm = Ollama(Daemon(daemon.url, VERSION), MODEL, threads=2, context=CONTEXT)
    with pytest.raises(EngineMissing):
        answer(llm)


# --- prompts that are too long ---------------------------------------------------------------------------------------
def test_what_will_not_fit_is_not_sent(daemon: OllamaServer, llm: Ollama) -> None:
    with pytest.raises(PromptTooLong, match=f"the answer up to 1000: the context is {CONTEXT}"):
        answer(llm, LONG, most=1000)
    assert daemon.requests == []


def test_a_prompt_cut_in_silence_is_noticed(daemon: OllamaServer, llm: Ollama) -> None:
    daemon.counted = {"prompt_eval_count": 500}
    with pytest.raises(PromptTooLong, match="read 500 tokens of a prompt of about 1"):
        answer(llm, LONG)


def test_a_count_without_what_was_cached_is_not_taken_for_a_cut(daemon: OllamaServer, llm: Ollama) -> None:
    answer(llm, LONG)
    weight = llm.weigh(LONG).total
    daemon.counted = {"prompt_eval_count": 300}
    assert answer(llm, LONG)[1].prompt == 300
    assert llm.weigh(LONG).total == weight
    daemon.counted = {"prompt_eval_count": 300, "prompt_eval_cached_count": 10}
    with pytest.raises(PromptTooLong):
        answer(llm, LONG)


def test_a_refusal_that_counts_the_prompt_teaches_how_the_model_counts(daemon: OllamaServer, llm: Ollama) -> None:
    refusal = (
        '{"error":{"code":400,"message":"request (3000 tokens) exceeds the available context size (2048 tokens)",'
        '"type":"exceed_context_size_error","n_prompt_tokens":3000,"n_ctx":2048}}'
    )
    daemon.behaviour = scripted.refusing(400, refusal)
    with pytest.raises(PromptTooLong, match="it has 3000 tokens of 2048") as raised:
        answer(llm, LONG)
    assert raised.value.tokens == 3000
    assert llm.weigh(LONG).total == 3000


def test_learns_how_the_model_counts(daemon: OllamaServer, llm: Ollama) -> None:
    daemon.counted = {"prompt_eval_count": 60}
    guess = llm.weigh(PROMPT).total
    answer(llm)
    assert llm.weigh(PROMPT).total == 60 != guess
    daemon.counted = {"prompt_eval_count": 2}  # cached by somebody else's question, and not said
    answer(llm, Prompt("Other", "things", "here?"))
    assert llm.weigh(PROMPT).total == 60
