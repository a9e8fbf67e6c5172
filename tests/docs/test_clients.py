"""The files that add recto to a client are read as that client reads them, and what they start is asked."""

import json
import shutil
import sys
import tomllib
from pathlib import Path
from typing import Any

import httpx2
import pytest

from support.live import SOON_S, listening
from support.paths import HERE
from support.served import application
from support.tools import message, over_stdio, posted

FILES = sorted((HERE.parent / "examples" / "mcp").iterdir())
SERVERS = ("mcpServers", "servers", "context_servers", "mcp_servers", "mcp")  # what clients call the table of them


def read(path: Path) -> Any:
    text = path.read_text()
    return tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)


def command(path: Path) -> list[str]:
    content = read(path)
    ((_, servers),) = [(name, value) for name, value in content.items() if name in SERVERS]
    ((name, server),) = servers.items()
    assert name == "recto"
    words = server["command"]
    return words if isinstance(words, list) else [words, *server["args"]]


def test_every_client_of_the_page_has_its_file() -> None:
    page = (HERE.parent / "docs" / "clients.md").read_text()
    for path in FILES:
        assert f"(../examples/mcp/{path.name})" in page
    assert len(FILES) == 10


@pytest.mark.parametrize("path", [path for path in FILES if path.stem != "open-webui"], ids=lambda path: path.stem)
def test_the_command_of_a_file_is_that_of_recto(path: Path) -> None:
    assert command(path) == ["recto", "mcp"]


def test_what_they_start_answers(pumps: Path) -> None:
    program = shutil.which("recto", path=str(Path(sys.executable).parent))
    assert program is not None

    async def act(client: Any) -> Any:
        return await client.call_tool("list_documents", {})

    assert "pumps.pdf" in over_stdio(pumps, act, program=program).content[0].text


def test_the_address_of_open_webui_answers_to_its_key(pumps: Path) -> None:
    (server,) = read(next(path for path in FILES if path.stem == "open-webui"))
    assert (server["type"], server["auth_type"]) == ("mcp", "bearer")
    with listening(application(pumps, token=server["key"])) as port:
        base = server["url"].removesuffix("/mcp").replace("8765", str(port))
        with httpx2.Client(base_url=base, timeout=SOON_S) as http:
            answer = posted(http, message("tools/list"), authorization=f"Bearer {server['key']}")
    assert len(answer["result"]["tools"]) == 6
