"""Keeping: documents, passages and vectors, and looking them up."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from recto import keys
from recto.config import Settings
from recto.errors import BadSetting, KeyNeeded, RectoError, UsageProblem
from recto.machine import GIB, Finding
from recto.storage import Store as Store
from recto.store import copying
from recto.store.driver import connected, holds_mark
from recto.store.driver import is_encrypted as is_encrypted
from recto.store.driver import library_path as library_path
from recto.store.lance import LanceStore
from recto.store.narrowed import NarrowedStore as NarrowedStore
from recto.store.room import KEYWORDS, RESERVE, VECTORS
from recto.store.sealed import seal as seal
from recto.store.sealed import unseal as unseal
from recto.store.shards import open_shards
from recto.store.shards.answering import answer_look_up as answer_look_up
from recto.store.sqlite import SqliteStore

COPIES = "copies"  # folder of the copies of libraries on object storage


def open_store(settings: Settings, *, create: bool = True, temporary: bool = False) -> Store:
    """Open the library of these settings; read-only if it may not be written, in memory if there is none to be made.

    One on object storage has its copy in the folder, by its address. BadSetting if it is to be encrypted: it cannot be.
    """
    if settings.shards and not temporary:
        return open_shards(settings.shards, settings.shard_token, settings.home, settings.shard_deadline_s)
    if settings.store and not temporary:
        return LanceStore(settings.store, settings.home / COPIES / sha256(settings.store.encode()).hexdigest()[:16])
    silence = "" if settings.history else "RECTO_HISTORY is off"
    return SqliteStore(settings.home, create=create, temporary=temporary, key=unlocked(settings).key, silence=silence)


def unlocked(settings: Settings) -> Settings:
    """The settings with the key if the library is encrypted, or is yet to be made and there is a key; else without.

    Raises what `keys.find` raises.
    """
    if settings.store:
        if settings.key or settings.key_file:
            what = f"{settings.store} cannot be encrypted by recto, but there is a key"
            raise BadSetting(what, hint="encrypt the bucket, and unset RECTO_KEY_FILE")
        return settings
    path = library_path(settings.home, encrypted=bool(settings.key or settings.key_file))
    if not is_encrypted(path):
        return replace(settings, key="")
    in_ring = path.exists() and not (settings.key or settings.key_file)
    if ahead := keys.from_ring(settings.home, ahead=True) if in_ring else "":
        with suppress(KeyNeeded), closing(connected(path, "mode=ro", ahead)):
            keys.keep_in_ring(settings.home, ahead)  # the library has it: the change of keys was cut off
    return replace(settings, key=keys.find(settings))


def change_key(settings: Settings, new_key: str) -> None:
    """Write the library anew under another key, or none. LibraryBusy if anybody has it open."""
    copying.change_key(settings.home, unlocked(settings).key, new_key)


def restore(source: Path, settings: Settings) -> None:
    """Bring an exported file into an empty library, which is encrypted if the file is."""
    if settings.store:
        raise UsageProblem(
            f"the library is {settings.store}", hint="unset RECTO_STORE, or put files there: recto ingest"
        )
    marked = holds_mark(source)
    key = unlocked(settings).key or (keys.find(settings) if marked else "")
    copying.restore(source, settings.home, key=key, source_key=key if marked else "")


def disk_use(settings: Settings) -> int:
    """The bytes of a library on this disk, with what is derived from it; of one elsewhere those of its copy."""
    home = settings.home
    parts = (
        [COPIES] if settings.store else [*(path.name for path in home.glob("library.sql*")), KEYWORDS, VECTORS, RESERVE]
    )
    size = 0
    for path in (path for part in parts for path in (home / part, *(home / part).rglob("*"))):
        with suppress(OSError):  # what is derived may be made anew at this moment
            size += path.stat().st_size if path.is_file() else 0
    return size


def findings(settings: Settings, fingerprints: Mapping[str, str]) -> Iterator[Finding]:
    """Where the data lives, the room that is left there, what is in the library, and what its encoder has to do.

    `fingerprints` are those of the encoders by their names; the usual one has an empty name as well.
    """
    home = settings.home
    yield Finding(name="data", value=str(home), words=f"{home}{'' if home.is_dir() else ' (not there yet)'}")
    if settings.store:
        copy = "a copy of which is in that folder" if not settings.shards else "asked side by side"
        yield Finding(name="store", value=settings.store, words=f"{settings.store}, {copy}")
        home.mkdir(parents=True, exist_ok=True)
    if not home.is_dir():
        return
    free = shutil.disk_usage(home).free
    yield Finding(name="free_space", value=free, words=f"{free / GIB:.1f} GiB")
    yield _library_finding(settings, fingerprints)


def _library_finding(settings: Settings, fingerprints: Mapping[str, str]) -> Finding:
    try:
        with closing(open_store(settings, create=False)) as store:
            value = _library_state(store, fingerprints)
    except RectoError as error:
        return Finding(name="library", value=None, words=error.message, hint=error.hint)
    value |= {
        "bytes": disk_use(settings),
        "encrypted": not settings.store and is_encrypted(library_path(settings.home)),
    }
    waiting = [value["lagging"], value["unencoded"], value["unrecognised"]]
    troubled = (
        "" if not value["troubled"] else "recto list: it says what is wrong with each document, and what mends it"
    )
    return Finding(
        name="library",
        value=value,
        words=_library_words(value),
        hint="recto add its file again: what waits is done then" if any(waiting) else troubled,
    )


def _library_state(store: Store, fingerprints: Mapping[str, str]) -> dict[str, int]:
    """What a library holds, and how much of it waits or went wrong."""
    choice = store.encoder_choice()
    fingerprint = choice.former or fingerprints.get(choice.name, fingerprints[""])
    unencoded, summaries = store.unencoded(fingerprint), store.summaries()
    documents = store.documents()
    return {
        "documents": len(documents),
        "pages": sum(document.pages for document in documents),
        "lagging": store.lagging(),
        "unencoded": len(unencoded),
        "unencoded_passages": sum(
            summaries[own.document.id].passages for own in unencoded if own.document.id in summaries
        ),
        "unrecognised": len(store.unrecognised()),
        "troubled": sum(bool(summary.troubles) for summary in summaries.values()),
        "removed": len(store.removals.all()),
    }


def _library_words(value: Mapping[str, int]) -> str:
    counted = [
        (value["lagging"], "change", "to index"),
        (value["unencoded_passages"], "passage", "without vectors"),
        (value["unencoded"], "document", "found by words only"),
        (value["unrecognised"], "document", "with scans yet to be read"),
        (value["troubled"], "document", "with problems"),
        (value["removed"], "removed document", "that can be put back for some minutes"),
    ]
    contents = [(value["documents"], "document", ""), (value["pages"], "page", "")]
    words = [f"{number} {noun}{'s'[: number != 1]} {what}".rstrip() for number, noun, what in contents]
    words += ["encrypted" if value["encrypted"] else "not encrypted", f"{value['bytes'] / 1e6:.1f} MB on disk"]
    return ", ".join(
        words + [f"{number} {noun}{'s'[: number != 1]} {what}" for number, noun, what in counted if number]
    )
