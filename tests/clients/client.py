"""What the drivers share: where recto is, what is asked, and a scripted model that calls `ask` and is then content."""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version

PLACE, QUESTION = sys.argv[1:3]
IS_HTTP = PLACE.startswith("http")


def tell(package, texts, number=""):
    """Print the version of a client, and what it gave the model."""
    print(package, number or version(package))
    print(*texts, sep="\n")


class Model:
    """OpenAI's chat completions: first a call of the tool that ends in `ask`, then an end; `requests` holds all."""

    def __init__(self):
        self.requests = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    @property
    def told(self):
        """What came back of the tool, as the last request that has it holds it."""
        told = []
        for request in self.requests:
            contents = [message["content"] for message in request["messages"] if message["role"] == "tool"]
            told = [text if isinstance(text, str) else json.dumps(text) for text in contents] or told
        return told

    def reply(self, body):
        names = [tool["function"]["name"] for tool in body.get("tools", ())]
        asks = [name for name in names if name.endswith("ask") and name not in ("task", "ask")] or ["ask"]
        if not names or any(message["role"] == "tool" for message in body["messages"]):
            return {"role": "assistant", "content": "Done."}
        call = {"name": asks[0], "arguments": json.dumps({"question": QUESTION})}
        return {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "type": "function", "function": call}]}

    def _handler(self):
        model = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                data = json.dumps(
                    {"object": "list", "data": [{"id": "m", "object": "model", "owned_by": "nobody"}]}
                ).encode()
                self.answer(data, "application/json")

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                model.requests.append(body)
                message = model.reply(body)
                why = "tool_calls" if message.get("tool_calls") else "stop"
                choice = {"index": 0, "message": message, "finish_reason": why}
                usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
                answer = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
                data, media = json.dumps({**answer, "usage": usage}).encode(), "application/json"
                if body.get("stream"):
                    calls = [{"index": 0, **call} for call in message.get("tool_calls") or ()]
                    choice = {"index": 0, "delta": {**message, "tool_calls": calls}, "finish_reason": why}
                    chunk = {**answer, "object": "chat.completion.chunk", "choices": [choice], "usage": usage}
                    data, media = f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n".encode(), "text/event-stream"
                self.answer(data, media)

            def answer(self, data, media):
                self.send_response(200)
                self.send_header("content-type", media)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        return Handler
