"""The PDFs that are measured: those shipped, and long ones joined of them."""

from collections.abc import Sequence
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path

ROOT = Path(__file__).parent.parent
NEARLY = 0.02
NO_TEXT = {"encrypted-password", "scanned-fda-3pages"}  # nothing that pypdf and pdfplumber could read too


def shipped() -> list[Path]:
    """The sample PDFs with text: the examples, then the tests' corpus."""
    found = [*sorted(ROOT.glob("examples/*.pdf")), *sorted(ROOT.glob("tests/corpus/*.pdf"))]
    return [path for path in found if path.stem not in NO_TEXT]


def joined(sources: Sequence[Path], pages: int, target: Path) -> Path:
    """One PDF of so many pages, the sources one after the other, again and again."""
    import pikepdf

    with ExitStack() as stack, pikepdf.new() as whole:
        opened = [stack.enter_context(pikepdf.open(path)) for path in sources]
        for source in cycle(opened):
            whole.add_pages_from(source, slice(pages - len(whole.pages)))
            if len(whole.pages) == pages:
                break
        whole.save(target)
    return target


def longest_of_about(paths: Sequence[Path], pages: int) -> list[Path]:
    """The longest of the PDFs that have nearly this number of pages, if there is any."""
    found = [path for path in paths if abs(page_count(path) - pages) <= NEARLY * pages]
    return sorted(found, key=page_count)[-1:]


def page_count(path: Path) -> int:
    import pikepdf

    with pikepdf.open(path) as pdf:
        return len(pdf.pages)
