"""Puts the model into the wheel while it is built: none of it lies in the repository."""

import hashlib
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parent))  # hatchling loads this file alone

from graph import build
from weights import CARD, TOKENIZER, WEIGHTS, verified

TARGET = "recto_pdf_minilm"
MODEL_SHA256 = "53ab0eaabad27012c538f3637c418aac4268e4fa4aec33d95c7f83d4e485c361"  # recto.search.encoder wants this one


class Model(BuildHookInterface):  # type: ignore[type-arg]  # it does not matter which builder configures it
    """Builds the graph beside the source, and removes it again."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files that belong into the package. ValueError if the graph is not the one that recto knows."""
        model = build(verified(WEIGHTS), int8=True)
        digest = hashlib.sha256(model).hexdigest()
        if digest != MODEL_SHA256:
            raise ValueError(f"the graph has the SHA-256 {digest}, not {MODEL_SHA256}")
        self._folder = tempfile.TemporaryDirectory()
        path = Path(self._folder.name, "model.onnx")
        path.write_bytes(model)
        build_data["force_include"] |= {
            str(path): f"{TARGET}/model.onnx",
            str(verified(TOKENIZER)): f"{TARGET}/tokenizer.json",
            str(verified(CARD)): f"{TARGET}/MODEL_CARD.md",
        }

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the graph: it is in the wheel now."""
        self._folder.cleanup()
