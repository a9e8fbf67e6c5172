"""Where the PDFs of the tests lie."""

from pathlib import Path

HERE = Path(__file__).parent.parent  # tests/
EXAMPLES = HERE.parent / "examples"
CORPUS = sorted([*EXAMPLES.glob("*.pdf"), *(HERE / "corpus").glob("*.pdf")])
PASSWORDS = {"encrypted-password.pdf": "openpassword"}
