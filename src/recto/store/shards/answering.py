"""A shard's side: a library of any kind answers what a router asks of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from operator import attrgetter
from pathlib import Path
from typing import Any
from zlib import crc32

from recto.errors import UsageProblem
from recto.index_types import Field, Statistics
from recto.scratch import temporary_folder
from recto.storage import Store
from recto.store.arrays import Array, DamagedArrays
from recto.store.pages import packed, packed_summary, packed_terms
from recto.store.shards.messages import (
    DOCUMENT,
    FORMAT,
    PageTable,
    ShardMessage,
    blob_arrays,
    scored_table,
)


def answer_look_up(store: Store, request: bytes) -> bytes:
    """The answer to a look-up. UsageProblem if it is none, or one of another version; Gone as from the store."""
    try:
        message = ShardMessage.of(request)
        if message.about["format"] != FORMAT:
            raise LookupError(f"format {message.about['format']}, not {FORMAT}")
        return LOOK_UPS[message.about["look_up"]](store, **message.about["of"], arrays=message.arrays).packed()
    except (DamagedArrays, LookupError, TypeError, ValueError, AttributeError) as problem:
        what = "this is no look-up of a router of the same version of recto"
        raise UsageProblem(what, hint="install the same version on all machines", detail=str(problem)) from problem


def _state(store: Store, known: str, arrays: Mapping[str, Array]) -> ShardMessage:
    """What the shard is; its documents as well, unless they are those that are known."""
    with store.steady():
        about: dict[str, Any] = {"state": store.state(), "totals": asdict(store.totals())}
        about |= {"choice": store.encoder_choice(), "lagging": store.lagging()}
        if about["state"] != known:
            cards, documents = store.cards(), store.documents()
            about["documents"] = list(map(attrgetter(*DOCUMENT), documents))
            about["cards"] = [crc32(cards.get(document.id, b"")) for document in documents]
    return ShardMessage(about, {})


def _cards(store: Store, docs: Sequence[str], arrays: Mapping[str, Array]) -> ShardMessage:
    """Those of these documents, empty for one without."""
    cards = store.cards()
    return ShardMessage({"docs": docs}, blob_arrays([cards.get(doc, b"") for doc in docs]))


def _lexical(
    store: Store,
    fields: Mapping[Field, tuple[int, float]],
    k: int,
    docs: Sequence[str] | None,
    arrays: Mapping[str, Array],
) -> ShardMessage:
    """The best pages of each field, by statistics that are sent along."""
    statistics = {field: Statistics(*known, arrays[f"{field} frequencies"]) for field, known in fields.items()}
    found = store.lexical({field: arrays[f"{field} terms"] for field in fields}, k, docs, statistics)
    tables = {field: scored_table(pages, field) for field, pages in found.items()}
    columns = {name: array for table in tables.values() for name, array in table.arrays.items()}
    return ShardMessage({"docs": {field: table.docs for field, table in tables.items()}}, columns)


def _nearest(
    store: Store, fingerprint: str, k: int, docs: Sequence[str] | None, arrays: Mapping[str, Array]
) -> ShardMessage:
    """The nearest pages, and the moments of all."""
    nearest = store.nearest(arrays["vector"], fingerprint, k, docs)
    table = scored_table(nearest.pages)
    return ShardMessage({"docs": table.docs, "moments": asdict(nearest.moments)}, table.arrays)


def _cosines(store: Store, fingerprint: str, docs: Sequence[str], arrays: Mapping[str, Array]) -> ShardMessage:
    """The cosines of the passages of some pages."""
    cosines = store.cosines(arrays["vector"], fingerprint, PageTable.read(docs, arrays))
    return ShardMessage({}, {"counts": cosines.counts, "values": cosines.values})


def _page_terms(store: Store, docs: Sequence[str], arrays: Mapping[str, Array]) -> ShardMessage:
    """The terms of some pages, packed; nothing for those that are gone."""
    keys = PageTable.read(docs, arrays)
    terms = store.page_terms(keys)
    return ShardMessage({}, blob_arrays([packed_terms(terms[key]) if key in terms else b"" for key in keys]))


def _pages(store: Store, docs: Sequence[str], arrays: Mapping[str, Array]) -> ShardMessage:
    """Some pages with their passages, packed."""
    with store.steady():
        keys = PageTable.read(docs, arrays)
        sheets = zip(store.pages(keys), keys, strict=True)
        return ShardMessage({}, blob_arrays([packed(page, store.passages(*key)) for page, key in sheets]))


def _frequencies(store: Store, fields: Sequence[Field], arrays: Mapping[str, Array]) -> ShardMessage:
    """In how many texts of each field its terms occur."""
    return ShardMessage({}, {field: store.frequencies(field, arrays[field]) for field in fields})


def _summary(store: Store, doc: str, arrays: Mapping[str, Array]) -> ShardMessage:
    """The summary of a document, if it has one."""
    summary = store.summary(doc)
    return ShardMessage({"summary": summary and packed_summary(summary)}, {})


def _summaries(store: Store, arrays: Mapping[str, Array]) -> ShardMessage:
    """By document its summary, if it has one."""
    return ShardMessage({"of_documents": {doc: packed_summary(own) for doc, own in store.summaries().items()}}, {})


def _sizes(store: Store, arrays: Mapping[str, Array]) -> ShardMessage:
    """By document the bytes that it takes."""
    return ShardMessage({"of_documents": store.sizes()}, {})


def _source(store: Store, doc: str, arrays: Mapping[str, Array]) -> ShardMessage:
    """The PDF's own bytes."""
    return ShardMessage({}, blob_arrays([store.source(doc)]))


def _original(store: Store, doc: str, arrays: Mapping[str, Array]) -> ShardMessage:
    """The bytes of the file that was added."""
    with temporary_folder("recto-", in_memory=True) as folder:
        store.copy_original(doc, Path(folder, "original"))
        return ShardMessage({}, blob_arrays([Path(folder, "original").read_bytes()]))


LOOK_UPS: Mapping[str, Callable[..., ShardMessage]] = {
    "state": _state,
    "cards": _cards,
    "lexical": _lexical,
    "nearest": _nearest,
    "cosines": _cosines,
    "page_terms": _page_terms,
    "pages": _pages,
    "frequencies": _frequencies,
    "summary": _summary,
    "summaries": _summaries,
    "sizes": _sizes,
    "source": _source,
    "original": _original,
}
