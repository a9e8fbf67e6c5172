import json
import os
import subprocess
from pathlib import Path

from client import IS_HTTP, PLACE, QUESTION, tell

where = [PLACE, "--transport", "http"] if IS_HTTP else [PLACE, "mcp", "-e", f"RECTO_HOME={os.environ['RECTO_HOME']}"]
what = ["--method", "tools/call", "--tool-name", "ask", "--tool-arg", f"question={QUESTION}"]
run = subprocess.run(["mcp-inspector", "--cli", *where, *what], capture_output=True, text=True, check=False)
result = json.loads(run.stdout) if run.stdout.startswith("{") else {"content": [{"text": run.stdout + run.stderr}]}
about = Path(os.environ["HOME"], "inspector/node_modules/@modelcontextprotocol/inspector/package.json")
tell("inspector", [item["text"] for item in result["content"]], json.loads(about.read_text())["version"])
