"""Pages that are written by hand but for a block between two marks, and the tables that stand in such blocks."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
RESULTS = ROOT / "bench" / "results"

TableRow = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MarkedBlock:
    """The text of a page between `<!-- MARK -->` and `<!-- /MARK -->`."""

    path: Path
    mark: str

    def read(self) -> str:
        """What stands there."""
        return self._parts()[1].strip()

    def write(self, text: str) -> None:
        """Put a text there, and leave the page around it as it is."""
        before, _, after = self._parts()
        self.path.write_text(f"{before}<!-- {self.mark} -->\n{text}\n<!-- /{self.mark} -->{after}")

    def _parts(self) -> tuple[str, str, str]:
        before, remainder = self.path.read_text().split(f"<!-- {self.mark} -->")
        text, after = remainder.split(f"<!-- /{self.mark} -->")
        return before, text, after


def table(head: TableRow, rows: Iterable[TableRow]) -> str:
    """A table in Markdown: the first column to the left, all others to the right."""
    lines = [head, ("---", *("---:" for _ in head[1:])), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
