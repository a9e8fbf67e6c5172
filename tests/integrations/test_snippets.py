"""The Python of docs/clients.md runs, and says what the documents say."""

import re
from importlib.util import find_spec

import pytest

from support.doors import TOKEN
from support.paths import HERE

PAGE = HERE.parent / "docs" / "clients.md"
SNIPPETS = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)


def test_there_is_one_for_each_client() -> None:
    assert len(SNIPPETS) == 5


@pytest.mark.parametrize("snippet", SNIPPETS, ids=range(len(SNIPPETS)))
def test_it_runs(snippet: str, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    needed = set(re.findall(r"^from (\w+)", snippet, re.MULTILINE)) | set(re.findall(r"integrations\.(\w+) ", snippet))
    packages = {"langchain": "langchain_core", "llamaindex": "llama_index"}
    missing = needed - {"recto", "anthropic", "passages"}
    if any(find_spec(packages.get(name, name)) is None for name in missing):
        pytest.skip("uv sync --group clients")
    values: dict[str, object] = {}
    exec(snippet.replace("http://127.0.0.1:8765", url).replace("SECRET", TOKEN), values)
    said = capsys.readouterr().out + str(values.get("blocks", ""))
    assert "111" in said or "pumps.pdf 1" in said
