"""Puts the model into the wheel while it is built: none of it lies in the repository."""

import hashlib
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parent))  # hatchling loads this file alone
sys.path.insert(1, str(Path(__file__).parent.with_name("minilm")))

from four_bits import read, verified
from multilingual import build, pieces

TARGET = "recto_pdf_e5"
SHA256 = {  # recto.search.multilingual wants these
    "model.onnx": "c604fcc22eec01f163b0769f8a80613a6620794834233bb2f312ca923c2a38a5",
    "pieces.txt": "13a708483c40263b466b7ea284850597e1e0ed29b472d90786f8693a28314bef",
}


class Model(BuildHookInterface):  # type: ignore[type-arg]  # it does not matter which builder configures it
    """Builds the graph and the vocabulary beside the source, and removes them again."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files that belong into the package. ValueError if they are not those that recto knows."""
        model = read(verified())
        contents = {"model.onnx": build(model), "pieces.txt": pieces(model).encode()}
        self._folder = tempfile.TemporaryDirectory()
        for name, content in contents.items():
            digest = hashlib.sha256(content).hexdigest()
            if digest != SHA256[name]:
                raise ValueError(f"{name} has the SHA-256 {digest}, not {SHA256[name]}")
            path = Path(self._folder.name, name)
            path.write_bytes(content)
            build_data["force_include"][str(path)] = f"{TARGET}/{name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the files: they are in the wheel now."""
        self._folder.cleanup()
