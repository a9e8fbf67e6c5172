"""Reading: CPU milliseconds a page, for recto with a box for every word, for pypdf and for pdfplumber."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pdfplumber
import pypdf
from bench.cost_meter import CostMeter, Figures, alone

from recto.pdf.read import WORKERS, Reader

EVERY = 10  # the other readers read one page in so many: the whole would take minutes


def measure(paths: Sequence[Path]) -> Figures:
    """Figures of each reader for the same files."""
    recto, _ = alone(with_recto, paths)
    figures: Figures = {"files": [path.name for path in paths], "recto_with_boxes": recto}
    for name, read in READERS.items():
        baseline, _ = alone(read, paths)
        figures[name] = {**baseline, "ratio": round(baseline["cpu_ms_per_page"] / recto["cpu_ms_per_page"], 1)}
    return figures


def with_recto(paths: Sequence[Path]) -> Figures:
    meter = CostMeter()
    with Reader() as reader:
        with ThreadPoolExecutor(WORKERS) as pool:  # requests at the same time start a worker each
            deque(pool.map(reader.open, [paths[0]] * WORKERS), maxlen=0)
        start = meter.cost()["cpu_s"]
        pages = sum(1 for path in paths for _ in reader.pages(reader.open(path)))
    return {**_figures(pages, meter.cost()["cpu_s"] - start), "starting_workers_cpu_s": start}


def with_pypdf(paths: Sequence[Path]) -> Figures:
    return _read(paths, lambda path: len([page.extract_text() for page in pypdf.PdfReader(path).pages[::EVERY]]))


def with_pdfplumber(paths: Sequence[Path]) -> Figures:
    return _read(paths, lambda path: _plumbed(path, pdfplumber.page.Page.extract_text))


def with_pdfplumber_words(paths: Sequence[Path]) -> Figures:
    return _read(paths, lambda path: _plumbed(path, pdfplumber.page.Page.extract_words))


READERS = {"pypdf_text": with_pypdf, "pdfplumber_text": with_pdfplumber, "pdfplumber_boxes": with_pdfplumber_words}


def _plumbed(path: Path, take: Callable[[pdfplumber.page.Page], object]) -> int:
    with pdfplumber.open(path) as pdf:
        pages = pdf.pages[::EVERY]
        for page in pages:
            take(page)
            page.close()
    return len(pages)


def _read(paths: Sequence[Path], read: Callable[[Path], int]) -> Figures:
    """What it costs to read the files; `read` returns the number of pages it took."""
    meter = CostMeter()
    pages = sum(map(read, paths))
    return _figures(pages, meter.cost()["cpu_s"])


def _figures(pages: int, cpu_s: float) -> Figures:
    return {"pages": pages, "cpu_ms_per_page": round(cpu_s / pages * 1e3, 2)}
