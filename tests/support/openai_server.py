"""Any OpenAI-compatible server: server-sent events, a finish_reason, the usage, and `[DONE]`."""

import json
from http.server import BaseHTTPRequestHandler

from support.scripted import Json, Reply, Request, Server, respond

KEY = "sk-test-0123456789abcdef"
MODEL = "some/model"
CONTEXT = 4096


class CompletionReply(Reply):
    """Events of JSON, comments between them."""

    kind = "text/event-stream"

    @property
    def most(self) -> int:
        return int(self.request.body["max_tokens"])

    def word(self, text: str) -> bytes:
        return self._event(self._choice({"content": text}, None))

    def thought(self, text: str) -> bytes:
        return self._event(self._choice({"reasoning_content": text}, None))

    def finish(self, why: str) -> bytes:
        usage = {"prompt_tokens": self.prompt, "completion_tokens": self.words}
        last = {"choices": [], "usage": usage | {"prompt_tokens_details": {"cached_tokens": 0}}}
        return self._event(self._choice({}, why)) + b": ping\n\n" + self._event(last) + b"data: [DONE]\n\n"

    def failure(self, text: str) -> bytes:
        return self._event({"error": {"message": text, "type": "server_error", "code": 500}})

    def refusal(self, text: str) -> bytes:
        return json.dumps({"error": {"message": text, "type": "some_error"}}).encode()

    def _choice(self, delta: Json, why: str | None) -> Json:
        return {"choices": [{"index": 0, "delta": delta, "finish_reason": why}], "usage": None}

    def _event(self, message: Json) -> bytes:
        return b"data: " + json.dumps(message, ensure_ascii=False).encode() + b"\n\n"


class OpenAIServer(Server):
    """One path, open to those who have the key."""

    reply = CompletionReply

    def answer(self, http: BaseHTTPRequestHandler, request: Request) -> None:
        if (request.method, request.path) != ("POST", "/v1/chat/completions"):
            respond(http, 404, {"error": {"message": f"no such path: {request.path}"}})
        elif request.headers.get("authorization") != f"Bearer {KEY}":
            respond(http, 401, {"error": {"message": "Invalid API key", "code": 401}})
        elif self.reply(self, http, request).prompt > CONTEXT:
            words = f"This model's maximum context length is {CONTEXT} tokens."
            respond(http, 400, {"error": {"message": words, "code": "context_length_exceeded"}})
        else:
            super().answer(http, request)
