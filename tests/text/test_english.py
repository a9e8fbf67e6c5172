import tomllib

import pytest

from recto.text.english import is_english
from support.paths import HERE

HANDBOOKS = sorted((HERE / "data" / "languages").glob("*.toml"))


@pytest.mark.parametrize("path", HANDBOOKS, ids=lambda path: path.stem)
def test_pages_are_told_by_their_language(path):
    pages = [page["text"] for page in tomllib.loads(path.read_text("utf-8"))["pages"]]
    assert [is_english(page) for page in pages] == [path.stem == "en"] * len(pages)


@pytest.mark.parametrize("text", ["", "12.5 1,577 € 3%", "Revenue Net income Total", "Fig. 3: α = .05, β²"])
def test_what_does_not_tell_is_taken_for_english(text):
    assert is_english(text)
