"""A remote engine: what it may be sent, and every way in which it refuses or breaks off."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate

import pytest

from recto.config import Writing
from recto.errors import (
    BadSetting,
    ConsentNeeded,
    EngineBusy,
    EngineDenied,
    EngineFailed,
    EngineMissing,
    EngineProblem,
    ModelMissing,
    PromptTooLong,
    RectoError,
)
from recto.generation import Finished, Prompt, Text
from recto.llm import remote
from recto.llm.remote import HF, Remote, allowed
from recto.stop import Stop, Stopped
from support import scripted
from support.openai_server import KEY, MODEL, OpenAIServer

PROMPT = Prompt("Answer from the excerpts.", "The pump of hall 3 moves 111 litres a minute.", "How much?")
LATE_S = 120.0  # for what takes a second on a quiet machine


@pytest.fixture
def llm(hosted: OpenAIServer) -> Remote:
    return Remote(f"{hosted.url}/v1", MODEL, KEY)


def answer(llm: Remote, most: int = 20) -> tuple[str, Finished]:
    *pieces, end = llm.stream(PROMPT, most=most, stop=Stop())
    assert isinstance(end, Finished)
    return "".join(piece.text for piece in pieces if isinstance(piece, Text)), end


# --- consent ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("hub", [True, False])
def test_nothing_leaves_without_consent_and_a_token(hub: bool) -> None:
    url, host = (HF, "router.huggingface.co") if hub else ("https://engine.example/v1", "engine.example")
    given = {"remote_url": "" if hub else url}
    token = {"hf_token" if hub else "remote_token": KEY}
    with pytest.raises(
        ConsentNeeded, match=f"passages of your documents would leave this machine, to {host}"
    ) as raised:
        allowed(Writing(**given, **token), model=MODEL, hub=hub)
    assert "--allow-remote" in raised.value.hint
    assert "RECTO_ALLOW_REMOTE=1" in raised.value.hint
    with pytest.raises(ConsentNeeded, match="no token") as raised:
        allowed(Writing(**given, allow_remote=True), model=MODEL, hub=hub)
    assert ("HF_TOKEN" if hub else "RECTO_REMOTE_TOKEN") in raised.value.hint
    other = {"remote_token" if hub else "hf_token": KEY}
    with pytest.raises(ConsentNeeded, match="no token"):
        allowed(Writing(**given, **other, allow_remote=True), model=MODEL, hub=hub)
    assert KEY not in repr(Writing(**token, **other))
    made = allowed(Writing(**given, **token, allow_remote=True), model=MODEL, hub=hub)
    assert made.name == f"remote/{host}/{MODEL}"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "[::1]"])
def test_this_machine_needs_neither(host: str) -> None:
    assert allowed(Writing(remote_url=f"http://{host}:1234/v1"), model=MODEL, hub=False).name.endswith(MODEL)


@pytest.mark.parametrize("host", ["10.0.0.5", "localhost.example", "127.0.0.1.example", "0.0.0.0"])
def test_another_machine_does(host: str) -> None:
    with pytest.raises(ConsentNeeded):
        allowed(Writing(remote_url=f"http://{host}/v1"), model=MODEL, hub=False)


@pytest.mark.parametrize(
    "url", ["", "engine.example/v1", "ftp://engine.example", "https://", "http://[bad", "file:///etc"]
)
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(BadSetting) as raised:
        allowed(Writing(remote_url=url), model=MODEL, hub=False)
    assert "RECTO_REMOTE_URL" in raised.value.hint


def test_a_model_must_be_named() -> None:
    with pytest.raises(ModelMissing) as raised:
        allowed(Writing(remote_url="http://localhost/v1"), model="", hub=False)
    assert "RECTO_REMOTE_MODEL" in raised.value.hint


def test_a_token_that_is_none_is_not_repeated() -> None:
    with pytest.raises(BadSetting) as raised:
        Remote(HF, MODEL, "sk-secret\nHost: x")
    assert "secret" not in raised.value.message


def test_spaces_around_a_token_are_dropped(hosted: OpenAIServer) -> None:
    assert answer(Remote(f"{hosted.url}/v1", MODEL, f" {KEY}\n"))[0]


# --- asking ----------------------------------------------------------------------------------------------------------
def test_asks_for_little_and_greedily(hosted: OpenAIServer, llm: Remote) -> None:
    answer(llm, most=7)
    assert hosted.asked_at("/v1/chat/completions") == [
        {
            "model": MODEL,
            "messages": PROMPT.messages,
            "stream": True,
            "stream_options": {"include_usage": True},
            "max_tokens": 7,
            "temperature": 0,
        }
    ]


def test_nothing_is_sent_ahead(hosted: OpenAIServer, llm: Remote) -> None:
    assert answer(llm, most=0) == ("", Finished(answer=0, cut=False))
    assert hosted.requests == []


def test_without_a_token_none_is_sent(hosted: OpenAIServer) -> None:
    with pytest.raises(EngineDenied):
        answer(Remote(f"{hosted.url}/v1", MODEL, ""))
    assert "authorization" not in hosted.requests[0].headers


def test_counts_come_from_the_engine(hosted: OpenAIServer, llm: Remote) -> None:
    hosted.behaviour = scripted.brief
    assert answer(llm) == (
        "".join(scripted.ANSWER),
        Finished(prompt=28, cached=0, answer=len(scripted.ANSWER), cut=False),
    )


def test_an_end_without_usage_is_an_end(hosted: OpenAIServer, llm: Remote) -> None:
    event = {"choices": [{"delta": {"content": "Yes."}, "finish_reason": "length"}]}
    hosted.behaviour = scripted.sending(f"event: message\ndata:{json.dumps(event)}\n\ndata: [DONE]\n\n".encode())
    assert answer(llm) == ("Yes.", Finished(cut=True))


@pytest.mark.parametrize("behaviour", [scripted.babbling, scripted.pondering])
def test_an_engine_that_ignores_the_limit_is_cut(
    hosted: OpenAIServer, llm: Remote, behaviour: scripted.Behaviour
) -> None:
    hosted.behaviour = behaviour
    *pieces, end = llm.stream(PROMPT, most=5, stop=Stop())
    assert end == Finished(cut=True)
    assert len(pieces) == (5 if behaviour is scripted.babbling else 0)
    assert hosted.gone.wait(LATE_S)


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
def test_what_is_odd_is_passed_on(hosted: OpenAIServer, llm: Remote, behaviour: scripted.Behaviour, said: str) -> None:
    hosted.behaviour = behaviour
    text, end = answer(llm)
    assert text == said
    assert not end.cut


@pytest.mark.parametrize("odd", [{}, {"choices": None}, {"choices": [5]}, {"choices": [{"delta": "x"}]}, {"usage": 3}])
def test_odd_shapes_are_no_words(hosted: OpenAIServer, llm: Remote, odd: scripted.Json) -> None:
    end = {"choices": [{"delta": {"content": 5}, "finish_reason": "stop"}], "usage": {"prompt_tokens": "7"}}
    hosted.behaviour = scripted.sending(f"data: {json.dumps(odd)}\ndata: {json.dumps(end)}\n".encode())
    assert answer(llm) == ("", Finished(cut=False))


@pytest.mark.parametrize(
    "behaviour",
    [
        scripted.crashing,
        scripted.hanging_up,
        scripted.unfinished,
        scripted.half_line,
        scripted.huge_line,
        scripted.sending(b"data: [DONE]\n\n"),
        scripted.sending(b": ping\n\n"),
        scripted.sending(b"<html>please log in</html>\n"),
        scripted.sending(b"data: 5\n\n"),
        scripted.sending(b""),
        scripted.failing("out of capacity"),
        scripted.refusing(400, "no such parameter"),
        scripted.refusing(500, "internal error"),
        scripted.refusing(502, "bad gateway"),
        scripted.refusing(503, "Loading model"),
        scripted.refusing(504, "timed out"),
        scripted.refusing(302, "", Location="http://127.0.0.1:1/"),
    ],
)
def test_what_breaks_off_has_failed(hosted: OpenAIServer, llm: Remote, behaviour: scripted.Behaviour) -> None:
    hosted.behaviour = behaviour
    with pytest.raises(EngineFailed):
        answer(llm)
    hosted.behaviour = scripted.brief
    assert answer(llm)[0]


@pytest.mark.parametrize(
    ("status", "text", "problem"),
    [
        (404, "The model does not exist", ModelMissing),
        (413, "Payload too large", PromptTooLong),
        (400, "context_length_exceeded", PromptTooLong),
    ],
)
def test_refusals_say_what_is_wrong(
    hosted: OpenAIServer, llm: Remote, status: int, text: str, problem: type[EngineProblem]
) -> None:
    hosted.behaviour = scripted.refusing(status, text)
    with pytest.raises(problem, match=text):
        answer(llm)


def test_nobody_there() -> None:
    with OpenAIServer() as hosted:
        llm = Remote(f"{hosted.url}/v1", MODEL, KEY)
    with pytest.raises(EngineMissing):
        answer(llm)


# --- refused for good ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("status", "why"), [(401, "refuses the token"), (402, "wants to be paid"), (403, "refuses the token")]
)
def test_a_denial_holds(hosted: OpenAIServer, llm: Remote, status: int, why: str) -> None:
    hosted.behaviour = scripted.in_turn(scripted.refusing(status, "monthly credits are spent"), scripted.brief)
    with pytest.raises(EngineDenied, match=f"127.0.0.1 {why}: monthly credits are spent"):
        answer(llm)
    for most in (20, 0):
        with pytest.raises(EngineDenied, match=f"{why}: monthly credits are spent .*; it is not asked again"):
            answer(llm, most)
    assert len(hosted.requests) == 1


# --- too much to do --------------------------------------------------------------------------------------------------
def test_waits_once_as_asked_to(hosted: OpenAIServer, llm: Remote) -> None:
    hosted.behaviour = scripted.in_turn(scripted.refusing(429, "slow down", Retry_After="1"), scripted.brief)
    began = time.monotonic()
    assert answer(llm)[0] == "".join(scripted.ANSWER)
    assert time.monotonic() - began >= 1
    assert len(hosted.requests) == 2


def test_waits_only_once(hosted: OpenAIServer, llm: Remote) -> None:
    hosted.behaviour = scripted.refusing(429, "slow down", Retry_After="0")
    with pytest.raises(EngineBusy, match="slow down"):
        answer(llm)
    assert len(hosted.requests) == 2


def test_a_moment_that_has_passed_is_now(hosted: OpenAIServer, llm: Remote) -> None:
    past = formatdate(time.time() - 60, usegmt=True)
    hosted.behaviour = scripted.in_turn(scripted.refusing(429, "slow down", Retry_After=past), scripted.brief)
    assert answer(llm)[0]


@pytest.mark.parametrize(
    "headers", [{}, {"Retry_After": "60"}, {"Retry_After": "soon"}, {"Retry_After": formatdate(4e9, usegmt=True)}]
)
def test_does_not_wait_long_or_unasked(hosted: OpenAIServer, llm: Remote, headers: dict[str, str]) -> None:
    hosted.behaviour = scripted.refusing(429, "slow down", **headers)
    with pytest.raises(EngineBusy):
        answer(llm)
    assert len(hosted.requests) == 1


def test_waiting_can_be_stopped(hosted: OpenAIServer, llm: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "LONGEST_WAIT_S", 120.0)
    hosted.behaviour, stop = scripted.refusing(429, "slow down", Retry_After="60"), Stop()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(lambda: list(llm.stream(PROMPT, most=3, stop=stop)))
        assert hosted.came.wait(LATE_S)
        stop.pull()
        with pytest.raises(Stopped):
            waiting.result(1.0)


@pytest.mark.parametrize("behaviour", [scripted.stalled, scripted.muted])
def test_silence_can_be_stopped(hosted: OpenAIServer, llm: Remote, behaviour: scripted.Behaviour) -> None:
    hosted.behaviour, stop = behaviour, Stop()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(lambda: list(llm.stream(PROMPT, most=3, stop=stop)))
        assert hosted.came.wait(LATE_S)
        stop.pull()
        with pytest.raises(Stopped):
            waiting.result(1.0)
    assert hosted.gone.wait(LATE_S)


# --- the token -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "behaviour",
    [
        scripted.refusing(401, f"Incorrect key {KEY} given"),
        scripted.refusing(500, "x" * 190 + KEY),
        scripted.refusing(404, KEY),
        scripted.refusing(429, KEY),
        scripted.failing(f"Bearer {KEY}"),
        scripted.sending(f"data: {KEY}\n".encode()),
        scripted.sending(f"data: {{'error': '{KEY}'}}\n".encode()),
        scripted.hanging_up,
    ],
)
def test_no_error_repeats_the_token(hosted: OpenAIServer, llm: Remote, behaviour: scripted.Behaviour) -> None:
    hosted.behaviour = behaviour
    with pytest.raises(RectoError) as raised:
        answer(llm)
    error: BaseException | None = raised.value
    while error is not None:
        assert KEY[:9] not in f"{error!r} {vars(error)}"
        error = error.__cause__ or error.__context__
    assert KEY not in repr(llm)
    assert KEY not in llm.name + llm.fingerprint


def test_a_redirect_does_not_carry_the_token_away(hosted: OpenAIServer, llm: Remote) -> None:
    with OpenAIServer() as other:
        hosted.behaviour = scripted.refusing(307, "", Location=f"{other.url}/v1/chat/completions")
        with pytest.raises(EngineFailed, match="HTTP 307"):
            answer(llm)
        assert other.requests == []


def test_two_at_once_do_not_wait_for_each_other(hosted: OpenAIServer, llm: Remote) -> None:
    both = threading.Barrier(2)

    def behave(reply: scripted.Reply) -> None:
        both.wait(LATE_S)
        scripted.brief(reply)

    hosted.behaviour = behave
    with ThreadPoolExecutor(2) as pool:
        assert [text for text, _ in pool.map(lambda _: answer(llm), range(2))] == ["".join(scripted.ANSWER)] * 2
