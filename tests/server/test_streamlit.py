"""The Streamlit example against a real server: upload, ask, see the marked page."""

from importlib.util import find_spec

import pytest

from support.live import SOON_S, Live, soon
from support.paths import EXAMPLES

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("streamlit") is None, reason="streamlit is missing: uv sync --group streamlit"),
    pytest.mark.filterwarnings("ignore"),
]
APP = EXAMPLES / "streamlit_app.py"


@pytest.fixture(scope="module")
def url(quoting_server: Live) -> str:
    return f"http://127.0.0.1:{quoting_server.port}"


def test_upload_ask_and_see_the_page(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from streamlit.testing.v1 import AppTest

    monkeypatch.setenv("RECTO_URL", url)
    app = AppTest.from_file(str(APP), default_timeout=SOON_S).run()
    assert not app.exception
    path = EXAMPLES / "riscv-reri-architecture.pdf"
    app.file_uploader[0].upload(path.name, path.read_bytes(), "application/pdf").run()
    assert not app.exception
    assert soon(lambda: any("riscv-reri-architecture.pdf, 31 pages" in text.value for text in app.run().text))
    app.chat_input[0].set_value("What is an error record?").run()
    assert not app.exception
    assert "error record" in app.markdown[0].value
    assert "**" in app.markdown[0].value
    app.button[0].click().run()
    assert not app.exception
    assert any(type(element).__name__ == "Image" for element in app.main)


def test_it_stays_small() -> None:
    assert len(APP.read_text().splitlines()) < 130
