"""Ask through what people build agents with and chat in, and print what reaches the model: `make clients`.

Each client is installed into a folder of its own below `.clients`, with a HOME there, and asks a library of one
document, over HTTP and over stdio, with a scripted model on loopback where it wants one. It needs a package index, and
for the programs npm. Open WebUI, which is 7 GB, is driven in Chromium by a driver of its own.
"""

import os
import subprocess
import sys
from pathlib import Path

import open_webui

from support.live import live
from support.pdfs import text_pdf

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / ".clients"
QUOTE = "The pump of hall 3 moves 111 litres a minute."
QUESTION = "How many litres does the pump of hall 3 move a minute?"
CLIENTS = {  # the driver, and what it is run with
    "sdk": ("mcp>=2.3",),
    "sdk_old": ("mcp==1.12.4", "pydantic<2.12"),
    "fast_mcp": ("fastmcp>=4",),
    "pydantic_agent": ("pydantic-ai-slim[mcp,openai]>=2",),
    "openai_agent": ("openai-agents>=0.20",),
    "langchain_tool": ("langchain-mcp-adapters>=0.3", "langchain-core>=1.8"),
    "llamaindex_tool": ("llama-index-tools-mcp>=0.6",),
}
PROGRAMS = {  # of npm
    "inspector": "@modelcontextprotocol/inspector",
    "opencode": "opencode-ai",
}
OPEN_WEBUI = "open_webui"
OVER_HTTP = ("open_webui_tools",)  # by a driver of this environment, as Chromium is: Open WebUI as a host of tools

TWICE = ("llamaindex_tool",)  # it gives its model the whole result as one text: the text, the structure, and `_meta`


def main() -> int:
    """Try all, or those that are named; 1 if the quote does not come once, with its page and its address, to each."""
    home, failures = WORK / "library", 0
    home.mkdir(parents=True, exist_ok=True)
    (home / "pumps.pdf").write_bytes(text_pdf(f"The pumps of the plant\n{QUOTE}\nThe boiler burns two tons of coal."))
    recto = Path(sys.executable).with_name("recto")
    environment = {**os.environ, "HOME": str(WORK), "RECTO_HOME": str(home), "RECTO_MODEL": "quote"}
    subprocess.run([recto, "add", home / "pumps.pdf"], env=environment, check=True, capture_output=True)
    with live(home) as server:
        server.http.post("/mcp")  # which imports what it needs; some clients wait for 5 seconds alone
        for name in sys.argv[1:] or (*CLIENTS, *PROGRAMS, OPEN_WEBUI, *OVER_HTTP):
            if name == OPEN_WEBUI:
                failures += not open_webui.tried(installed(name, environment).with_name("open-webui"), WORK)
                continue
            python = installed(name, environment)
            for place in (f"http://127.0.0.1:{server.port}/mcp", str(recto))[: 1 if name in OVER_HTTP else 2]:
                failures += not tried(name, place, python, environment)
    return 1 if failures else 0


def tried(name: str, place: str, python: Path, environment: dict[str, str]) -> bool:
    """Whether the quote came once, with its page and its address; what came to the model is printed."""
    command = [python, Path(__file__).with_name(f"{name}.py"), place, QUESTION]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    about, _, text = run.stdout.partition("\n")
    if not about:
        about, text = "failed", run.stderr[-2000:]
    plain = text.replace('\\"', '"').replace('":', '": ').replace(":  ", ": ")
    came = plain.count(QUOTE) == 1 + (name in TWICE) and "/pumps.pdf/1?" in plain and '"page": 1' in plain
    where = "http" if place.startswith("http") else "stdio"
    print(f"--- {name}, {about}, {where}: {'as it should' if came else 'NOT AS IT SHOULD'}\n{text}\n", flush=True)
    return came


def installed(name: str, environment: dict[str, str]) -> Path:
    """The Python that runs a client's driver: of an environment with its packages, or for a program this one."""
    folder = WORK / name
    if name in OVER_HTTP:
        return Path(sys.executable)
    if program := PROGRAMS.get(name):
        environment["PATH"] = f"{folder / 'node_modules' / '.bin'}{os.pathsep}{environment['PATH']}"
        if not folder.exists():
            subprocess.run(["npm", "install", "--silent", "--prefix", folder, program], env=environment, check=True)
        return Path(sys.executable)
    if not folder.exists():
        uv = ROOT / ".uv" / "bin" / "uv"
        program = str(uv) if uv.exists() else "uv"
        subprocess.run([program, "venv", "--quiet", folder], env=environment, check=True)
        subprocess.run(
            [
                program,
                "pip",
                "install",
                "--quiet",
                "--python",
                folder / "bin" / "python",
                *CLIENTS.get(name, (OPEN_WEBUI.replace("_", "-"),)),
            ],
            env={**environment, "UV_CACHE_DIR": str(WORK / "cache")},
            check=True,
        )
    return folder / "bin" / "python"


if __name__ == "__main__":
    sys.exit(main())
