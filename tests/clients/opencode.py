import json
import os
import subprocess
import tempfile

from client import IS_HTTP, PLACE, QUESTION, Model, tell

model = Model()
stdio = {"type": "local", "command": [PLACE, "mcp"], "environment": {"RECTO_HOME": os.environ["RECTO_HOME"]}}
config = {
    "model": "scripted/m",
    "small_model": "scripted/m",
    "autoupdate": False,
    "share": "disabled",
    "permission": "allow",
    "provider": {
        "scripted": {
            "npm": "@ai-sdk/openai-compatible",
            "options": {"baseURL": model.url, "apiKey": "none"},
            "models": {"m": {"tool_call": True}},
        }
    },
    "mcp": {"recto": {"type": "remote", "url": PLACE} if IS_HTTP else stdio},
}
with tempfile.TemporaryDirectory() as folder:
    environment = {**os.environ, "OPENCODE_CONFIG_CONTENT": json.dumps(config), "OPENCODE_DISABLE_MODELS_FETCH": "1"}
    command = ["opencode", "run", QUESTION]
    run = subprocess.run(
        command, env=environment, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
number = subprocess.run(["opencode", "--version"], capture_output=True, text=True, check=False).stdout.strip()
tell("opencode", model.told or [run.stdout, run.stderr], number)
