"""Ollama as far as recto is concerned: each answer has the shape of a recorded one (support/recorded.py)."""

import json
from http.server import BaseHTTPRequestHandler
from typing import Any

from support.recorded import complaint, exchanges, parsed_line
from support.scripted import Behaviour, Json, Reply, Request, Server, respond

MODEL = "llama3.2:1b"
CLOUD = "gpt-oss:120b"
VERSION = str(parsed_line("version")["version"])
SIZE = 1_321_098_329


def listed(name: str, **more: Any) -> Json:
    """An entry of `/api/tags`."""
    return {**parsed_line("tags")["models"][0], "name": name, "model": name, "size": SIZE, **more}


def resident(name: str, **more: Any) -> Json:
    """An entry of `/api/ps`, of a model that is kept for good unless `expires_at` says otherwise."""
    return {**parsed_line("ps")["models"][0], "name": name, "model": name, "context_length": 4096, **more}


def replaying(name: str) -> Behaviour:
    """Answer as in a recorded case."""

    def behave(reply: Reply) -> None:
        case = exchanges()[name]
        reply.replay(case["status"], case["headers"], case["lines"], broken=case.get("broken", False))

    return behave


class ChatReply(Reply):
    """Lines of JSON; the last has `done` and what was counted."""

    kind = "application/x-ndjson"

    @property
    def most(self) -> int:
        return int(self.request.body["options"]["num_predict"])

    def word(self, text: str) -> bytes:
        return self._line({"message": {"role": "assistant", "content": text}, "done": False})

    def thought(self, text: str) -> bytes:
        return self._line({"message": {"role": "assistant", "content": "", "thinking": text}, "done": False})

    def finish(self, why: str) -> bytes:
        counted = {"prompt_eval_count": self.prompt, "eval_count": self.words}
        assert isinstance(self.server, OllamaServer)
        last = {**parsed_line("chat-stop", -1), "done_reason": why, **counted, **self.server.counted}
        return self._line({name: value for name, value in last.items() if value is not None})

    def failure(self, text: str) -> bytes:
        return json.dumps({"error": text}).encode() + b"\n"

    def refusal(self, text: str) -> bytes:
        return json.dumps({"error": text}).encode()

    def _line(self, message: Json) -> bytes:
        recorded = parsed_line("chat-stop")
        line = {"model": self.request.body["model"], "created_at": recorded["created_at"], **message}
        return json.dumps(line, ensure_ascii=False).encode() + b"\n"


class OllamaServer(Server):
    """A daemon with one model of its own and one that it passes on to the cloud."""

    reply = ChatReply

    version = VERSION

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.models = [listed(MODEL), listed(CLOUD, remote_host="https://ollama.com:443", remote_model=CLOUD)]
        self.residents: list[Json] = []  # entries of `/api/ps`
        self.templates: dict[str, str] = {}  # of models whose template is another than that of the recorded one
        self.counted: dict[str, int | None] = {}  # what the last line says otherwise; None: leaves out
        self.pulled: list[Json | bytes | None] = []  # lines of a pull; bytes go out as they are, None breaks it off
        self.loading: Behaviour | None = None  # instead of loading at once
        self.recorded = ""  # a case: requests of its kind are answered as it was
        self.recorded_at = ""  # a path whose requests are answered so, instead of that of the case

    def answer(self, http: BaseHTTPRequestHandler, request: Request) -> None:
        if self.recorded and self._is_recorded(request):
            return replaying(self.recorded)(self.reply(self, http, request))
        match request.method, request.path:
            case "POST", "/api/chat":
                self._chat(http, request)
            case "POST", "/api/pull":
                self._pull(http, request)
            case "DELETE", "/api/delete":
                self._delete(http, request.body["model"])
            case "GET", "/api/version":
                respond(http, 200, {"version": self.version})
            case "GET", "/api/tags":
                respond(http, 200, {"models": self.models})
            case "GET", "/api/ps":
                respond(http, 200, {"models": self.residents})
            case "POST", "/api/show":
                self._show(http, request.body["model"])
            case _:
                respond(http, 404, "404 page not found")

    def _is_recorded(self, request: Request) -> bool:
        """Whether the case at hand is of this kind: the same path, and a question where it is one."""
        case = exchanges()[self.recorded]["request"]
        body = case.get("body")
        is_question = not isinstance(body, dict) or bool(body.get("messages", True))
        asks = bool(request.body.get("messages", True))
        path = self.recorded_at or case["path"]
        return bool(path == request.path and (request.path != "/api/chat" or is_question == asks))

    @property
    def loaded(self) -> list[str]:
        """Names of the models in memory."""
        return [model["name"] for model in self.residents]

    def _full_name(self, name: str) -> str:
        """The name under which a model is listed; empty if there is none."""
        names = [model["name"] for model in self.models]
        return next((full for full in (name, f"{name}:latest") if full in names), "")

    def _chat(self, http: BaseHTTPRequestHandler, request: Request) -> None:
        asked = request.body["model"]
        name = self._full_name(asked)
        if not name:
            respond(http, 404, {"error": complaint("missing-model").replace("nobody:7b", asked)})
        elif request.body["messages"]:
            super().answer(http, request)
        elif request.body.get("keep_alive") == 0:
            self.residents = [model for model in self.residents if model["name"] != name]
            respond(http, 200, {**parsed_line("unload"), "model": asked})
        elif self.loading:
            self.loading(self.reply(self, http, request))
        else:
            self._load(name, request.body)
            respond(http, 200, {**parsed_line("load-empty"), "model": asked})

    def _load(self, name: str, body: Json) -> None:
        """Keep a model in memory, for good if that is asked for."""
        end = {} if body.get("keep_alive") == -1 else {"expires_at": "2026-11-30T08:05:00.125Z"}
        context = body.get("options", {}).get("num_ctx", 4096)
        others = [model for model in self.residents if model["name"] != name]
        self.residents = [*others, resident(name, context_length=context, **end)]

    def _show(self, http: BaseHTTPRequestHandler, asked: str) -> None:
        if name := self._full_name(asked):
            shown = parsed_line("show")
            respond(http, 200, {**shown, "template": self.templates.get(name, shown["template"])})
        else:
            respond(http, 404, {"error": complaint("missing-model").replace("nobody:7b", asked)})

    def _pull(self, http: BaseHTTPRequestHandler, request: Request) -> None:
        reply = self.reply(self, http, request).begin()
        for line in self.pulled:
            if line is None:
                return reply.drop()
            reply.send(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n")
        self.came.set()
        reply.end()

    def _delete(self, http: BaseHTTPRequestHandler, asked: str) -> None:
        if name := self._full_name(asked):
            self.models = [model for model in self.models if model["name"] != name]
            respond(http, 200, "")
        else:
            respond(http, 404, {"error": complaint("delete-missing").replace("nobody:7b", asked)})
