"""Pages as they are read or recognised, with how far that is."""

from collections.abc import Generator, Iterator

from recto.eta import Eta
from recto.events import Progress, Stage
from recto.pdf.read import PageResult
from recto.types import Document


def collected(
    stage: Stage, document: Document, results: Iterator[PageResult], *, total: int
) -> Generator[Progress, None, list[PageResult]]:
    """The pages in their order; as they come, say how many there are and how long the rest will take."""
    eta = Eta()
    pages: list[PageResult] = []
    yield Progress(stage=stage, name=document.name, done=0, total=total, eta_s=None, doc=document.id)
    for result in results:
        pages.append(result)
        left_s = eta.left_s(len(pages), total)
        yield Progress(stage=stage, name=document.name, done=len(pages), total=total, eta_s=left_s, doc=document.id)
    return sorted(pages, key=lambda result: result.read.page.number)
