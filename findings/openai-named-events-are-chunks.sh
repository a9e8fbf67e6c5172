#!/usr/bin/env bash
# openai 3.51.0 (CPython 3.11.7, Linux): in a stream of chat completions a server-sent event of any name becomes a
# ChatCompletionChunk, unless its name begins with "thread.".
#
# By the standard, whoever listens for plain messages does not see events that have a name, so that a server may add some,
# such as the place in its line. This client reads the data alone: such an event comes out as a chunk without id, choices
# or model (they are None, though typed as there), and `chunk.choices[0]` of a program that reads the stream breaks.
#
# Seen:  openai 3.51.0
#        ChatCompletionChunk choices: None, extra: {'ahead': 2}
#        ChatCompletionChunk choices: 1, extra: {}
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check openai==3.51.0
cat > "$folder/try.py" <<'PYTHON'
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import openai

CHUNK = {
    "id": "1",
    "object": "chat.completion.chunk",
    "created": 0,
    "model": "m",
    "choices": [{"index": 0, "delta": {"content": "word"}, "finish_reason": None}],
}
STREAM = f'event: queued\ndata: {{"ahead": 2}}\n\ndata: {json.dumps(CHUNK)}\n\ndata: [DONE]\n\n'


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(STREAM.encode())

    def log_message(self, *arguments):
        pass


server = HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = openai.OpenAI(base_url=f"http://127.0.0.1:{server.server_port}/v1", api_key="none", max_retries=0)
print("openai", openai.__version__)
for chunk in client.chat.completions.create(model="m", messages=[{"role": "user", "content": "?"}], stream=True):
    choices = chunk.choices if chunk.choices is None else len(chunk.choices)
    print(f"{type(chunk).__name__} choices: {choices}, extra: {chunk.model_extra}")
PYTHON
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
openai 3.51.0
ChatCompletionChunk choices: None, extra: {'ahead': 2}
ChatCompletionChunk choices: 1, extra: {}
SEEN
