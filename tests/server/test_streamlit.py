"""The Streamlit example against a real server: upload, ask, see the marked page."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from support.paths import EXAMPLES

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("streamlit") is None, reason="streamlit is missing: uv sync --group streamlit"),
    pytest.mark.filterwarnings("ignore"),
]
APP = EXAMPLES / "streamlit_app.py"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("streamlit")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "recto", "serve", "--no-open", "--port", str(port), "--home", str(home)]
    process = subprocess.Popen([*command, "--model", "quote"], env={**os.environ})
    url = f"http://127.0.0.1:{port}"
    for _ in range(100):
        try:
            urllib.request.urlopen(f"{url}/readyz", timeout=1)
            break
        except OSError:
            time.sleep(0.1)
    yield url
    process.terminate()
    assert process.wait(10) == 0


def test_upload_ask_and_see_the_page(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from streamlit.testing.v1 import AppTest

    monkeypatch.setenv("RECTO_URL", url)
    app = AppTest.from_file(str(APP), default_timeout=30).run()
    assert not app.exception
    path = EXAMPLES / "riscv-reri-architecture.pdf"
    app.file_uploader[0].upload(path.name, path.read_bytes(), "application/pdf").run()
    assert not app.exception
    for _ in range(100):
        app.run()
        if any("riscv-reri-architecture.pdf, 31 pages" in text.value for text in app.text):
            break
        time.sleep(0.1)
    app.chat_input[0].set_value("What is an error record?").run()
    assert not app.exception
    assert "error record" in app.markdown[0].value
    app.button[0].click().run()
    assert not app.exception
    assert any(type(one).__name__ == "Image" for one in app.main)


def test_it_stays_small() -> None:
    assert len(APP.read_text().splitlines()) < 120
