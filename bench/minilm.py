"""MiniLM in float32, to compare with: recto's weights on the same runtime, not quantised."""

from pathlib import Path

from packages.minilm import graph, weights

from recto.search.encoder import MiniLM

FINGERPRINT = f"all-MiniLM-L6-v2-{weights.SHA256[weights.WEIGHTS][:12]}-float32-v1"


def build(folder: Path) -> Path:
    """Its graph as a file of this folder, made if it is not there."""
    path = folder / f"{FINGERPRINT}.onnx"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(graph.build(weights.verified(weights.WEIGHTS), int8=False))
    return path


def float32(folder: Path, *, threads: int) -> MiniLM:
    """The encoder; its graph is kept in this folder."""
    return MiniLM(build(folder), weights.verified(weights.TOKENIZER), threads=threads, fingerprint=FINGERPRINT)
