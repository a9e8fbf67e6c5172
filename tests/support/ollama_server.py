"""Ollama as far as recto is concerned, in the shapes of its API (docs/api.md of Ollama)."""

import json
from http.server import BaseHTTPRequestHandler

from support.scripted import Behaviour, Json, Reply, Request, Server, respond

MODEL = "llama3.2:1b"
CLOUD = "gpt-oss:120b"
VERSION = "0.31.1"
STAMP = "2026-11-20T10:00:00.000000Z"


def _entry(name: str, **more: str) -> Json:
    return {"name": name, "model": name, "size": 1_321_098_329, "digest": "baf6a787fdff", "details": {}, **more}


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
        counted = {"prompt_eval_count": self.prompt, "prompt_eval_duration": 10**8, "eval_count": self.words}
        assert isinstance(self.server, OllamaServer)
        last = {"message": {"role": "assistant", "content": ""}, "done": True, "done_reason": why, **counted}
        last |= self.server.counted
        return self._line({name: value for name, value in last.items() if value is not None})

    def failure(self, text: str) -> bytes:
        return json.dumps({"error": text}).encode() + b"\n"

    def refusal(self, text: str) -> bytes:
        return json.dumps({"error": text}).encode()

    def _line(self, message: Json) -> bytes:
        line = {"model": self.request.body["model"], "created_at": STAMP, **message}
        return json.dumps(line, ensure_ascii=False).encode() + b"\n"


class OllamaServer(Server):
    """A daemon with one model of its own and one that it passes on to the cloud."""

    reply = ChatReply

    version = VERSION

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.models = [_entry(MODEL), _entry(CLOUD, remote_host="https://ollama.com:443", remote_model=CLOUD)]
        self.loaded: list[str] = []
        self.counted: dict[str, int | None] = {}  # what the last line says otherwise; None: leaves out
        self.pulled: list[Json | bytes | None] = []  # lines of a pull; bytes go out as they are, None breaks it off
        self.loading: Behaviour | None = None  # instead of loading at once

    def answer(self, http: BaseHTTPRequestHandler, request: Request) -> None:
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
                respond(http, 200, {"models": [_entry(name) for name in self.loaded]})
            case _:
                respond(http, 404, "404 page not found")

    def _chat(self, http: BaseHTTPRequestHandler, request: Request) -> None:
        name = request.body["model"]
        if name not in [model["name"] for model in self.models]:
            respond(http, 404, {"error": f"model '{name}' not found"})
        elif request.body["messages"]:
            super().answer(http, request)
        elif self.loading:
            self.loading(self.reply(self, http, request))
        else:
            self.loaded.append(name)
            respond(http, 200, {"model": name, "created_at": STAMP, "done": True, "done_reason": "load"})

    def _pull(self, http: BaseHTTPRequestHandler, request: Request) -> None:
        reply = self.reply(self, http, request).begin()
        for line in self.pulled:
            if line is None:
                return reply.drop()
            reply.send(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n")
        self.came.set()
        reply.end()

    def _delete(self, http: BaseHTTPRequestHandler, name: str) -> None:
        models = [model for model in self.models if model["name"] != name]
        if len(models) == len(self.models):
            respond(http, 404, {"error": f"model '{name}' not found"})
        else:
            self.models = models
            respond(http, 200, "")
