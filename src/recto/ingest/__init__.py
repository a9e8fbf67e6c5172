"""Filling a library on object storage: files are read and encoded, and committed some at once."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from recto import config
from recto.config import Writing
from recto.errors import FileMissing, RectoError
from recto.file_kinds import ENDINGS, ending_of
from recto.files import fingerprint, readable_files
from recto.ingest.placing import PlacedShards
from recto.library import Library
from recto.library.adding import failure, unread_document
from recto.model_ref import QUOTE
from recto.runtime import Runtime
from recto.scratch import temporary_folder
from recto.store.lance.bucket import MARK, Bucket
from recto.store.lance.packing import packed_documents
from recto.store.rows import PackedDocument
from recto.types import Added, AddStatus

BATCH = 100  # files in one commit: each is a version that every searcher looks at, and all are a file's worth of rows
BATCH_S = 60.0  # after which fewer are committed
BATCH_BYTES = 256_000_000  # of files, held in memory until they are committed


@dataclass(frozen=True, slots=True)
class Prepared:
    """What became of one source, ready to be committed: a file, and the PDFs attached to it."""

    outcomes: tuple[Added, ...]
    documents: tuple[PackedDocument, ...]
    files: dict[str, bytes]


def sources(places: Sequence[str], manifest: Path | None = None) -> Iterator[str]:
    """Every file of these places: files and folders, prefixes of object storage, and the lines of a manifest.

    FileMissing if the manifest cannot be read; what is wrong with a place comes up when it is prepared.
    """
    try:
        lines = manifest.read_text(encoding="utf-8").split("\n") if manifest else []
    except (OSError, UnicodeDecodeError) as problem:
        raise FileMissing(f"{manifest} cannot be read: {problem}", hint="name a file with a source a line") from problem
    for place in [*places, *filter(None, map(str.strip, lines))]:
        if "://" not in place:
            yield from (str(path.absolute()) for path, _ in readable_files([Path(place)]))
        elif ending_of(place) in ENDINGS:
            yield place
        else:
            names = [entry["path"] for entry in Bucket(f"{MARK}{place}").objects("")]
            yield from (f"{place.rstrip('/')}/{name}" for name in names if ending_of(name) in ENDINGS)


def prepare(source: str, ids: frozenset[str], *, threads: int = 0) -> Prepared:
    """Read, cut and encode one file, in a library of its own; on so many threads, or all cores.

    One of these `ids`, by its bytes, is not read again.
    """
    try:
        with temporary_folder("recto-", in_memory=False) as folder:
            path = _fetched(source, Path(folder))
            digest, size = fingerprint(path)
            if digest in ids:
                document = replace(unread_document(path), id=digest, size=size)
                present = Added(document=document, status=AddStatus.ALREADY, passages=0, seconds=0.0, flags={})
                return Prepared((present,), (), {})
            with Library(Path(folder, "library"), runtime=runtime(threads), temporary=True) as library:
                outcomes = library.add(path)
            documents, files = packed_documents(Path(folder, "library"))
            return Prepared(tuple(outcomes), tuple(documents), files)
    except RectoError as error:
        return Prepared((failure(unread_document(Path(source)), error),), (), {})


def prepare_here(files: Iterable[str], ids: frozenset[str]) -> Iterator[Prepared]:
    """Prepare files one after the other, each with all cores."""
    with runtime().reading.borrowed():
        for source in files:
            yield prepare(source, ids)


def ingest(
    files: Iterable[str],
    address: str,
    *,
    shards: int = 0,
    prepare_all: Callable[[Iterable[str], frozenset[str]], Iterable[Prepared]] = prepare_here,
) -> Iterator[Added]:
    """Put files into a library, some in one commit; each is told when it is committed. Files that are there are left.

    It is made in so many `shards`, or in one piece. After a kill the same call goes on with the rest.
    """
    library = PlacedShards(address, shards)
    library.check_writable()
    batch, began = list[Prepared](), time.monotonic()
    for prepared in prepare_all(files, library.documents()):
        batch.append(prepared)
        size = sum(len(content) for item in batch for content in item.files.values())
        if len(batch) >= BATCH * len(library) or size > BATCH_BYTES or time.monotonic() - began > BATCH_S:
            yield from _commit(library, batch)
            batch, began = [], time.monotonic()
    yield from _commit(library, batch)


def _commit(library: PlacedShards, batch: Sequence[Prepared]) -> Iterator[Added]:
    """Attached documents first: a file whose own is there is not read again, and has all that belongs to it."""
    files = {path: content for prepared in batch for path, content in prepared.files.items()}
    own = {prepared.outcomes[0].document.id for prepared in batch}
    documents = [packed for prepared in batch for packed in prepared.documents]
    library.put([packed for packed in documents if packed.document.id not in own], files)
    library.put([packed for packed in documents if packed.document.id in own], files)
    for prepared in batch:
        yield from prepared.outcomes


def _fetched(source: str, folder: Path) -> Path:
    """The file itself, or what lies on object storage in a folder here."""
    if "://" not in source:
        return Path(source)
    place, _, name = source.rpartition("/")
    path = folder / (name or "file")
    with path.open("wb") as file:
        file.writelines(Bucket(f"{MARK}{place}").read(name))
    return path


@cache
def runtime(threads: int = 0) -> Runtime:
    """What all libraries of this process share, in which files are prepared; on so many threads, or all cores."""
    settings = replace(config.load(), store="", key_file=None, writing=Writing(model=QUOTE))
    return Runtime(replace(settings, threads=threads or settings.threads))
