"""The PDFs that are measured: those shipped, and long ones joined of them."""

from collections.abc import Sequence
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path

import typst

ROOT = Path(__file__).parent.parent
NEARLY = 0.02
NO_TEXT = {"encrypted-password", "scanned-fda-3pages"}  # nothing that pypdf and pdfplumber could read too


def shipped() -> list[Path]:
    """The sample PDFs with text: the examples, then the tests' corpus."""
    paths = [*sorted(ROOT.glob("examples/*.pdf")), *sorted(ROOT.glob("tests/corpus/*.pdf"))]
    return [path for path in paths if path.stem not in NO_TEXT]


def joined(sources: Sequence[Path], pages: int, target: Path) -> Path:
    """One PDF of so many pages, the sources one after the other, again and again."""
    import pikepdf

    with ExitStack() as stack, pikepdf.new() as whole:
        pdfs = [stack.enter_context(pikepdf.open(path)) for path in sources]
        for source in cycle(pdfs):
            whole.add_pages_from(source, slice(pages - len(whole.pages)))
            if len(whole.pages) == pages:
                break
        whole.save(target)
    return target


def selections(documents: int, pages: int, folder: Path) -> list[Path]:
    """So many PDFs in a new folder, each of so many other pages of a sample, or of all if it has fewer."""
    import pikepdf

    folder.mkdir()
    sources, paths = shipped(), []
    for number in range(documents):
        sample, turn = sources[number % len(sources)], number // len(sources)
        with pikepdf.open(sample) as source, pikepdf.new() as selection:
            length = len(source.pages)
            for page in sorted({(turn * pages // 2 + step) % length for step in range(min(pages, length))}):
                selection.add_pages_from(source, slice(page, page + 1))
            selection.docinfo["/Title"] = f"choice {number}"
            paths.append(folder / f"{number:03}-{sample.name}")
            selection.save(paths[-1])
    return paths


def longest_of_about(paths: Sequence[Path], pages: int) -> list[Path]:
    """The longest of the PDFs that have nearly this number of pages, if there is any."""
    candidates = [path for path in paths if abs(page_count(path) - pages) <= NEARLY * pages]
    return sorted(candidates, key=page_count)[-1:]


def page_count(path: Path) -> int:
    import pikepdf

    with pikepdf.open(path) as pdf:
        return len(pdf.pages)


def short(path: Path) -> Path:
    """A PDF of one page, made here, whose text tells of pumps."""
    text = "= Pumps\nThe pump of hall 3 moves 111 litres a minute.\n\nThe pump of hall 4 moves 148 litres a minute."
    path.write_bytes(typst.compile(text.encode()))
    return path
