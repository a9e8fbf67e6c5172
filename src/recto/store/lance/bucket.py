"""Where a shard lies: its objects beside the tables, and what object storage says when it refuses."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from recto.errors import BadSetting, DiskFull, LibraryMissing, StoreDenied, StoreToolsMissing, StoreUnreachable

MARK = "lance+"  # what the address of a library on object storage begins with
ADDRESS = re.compile(r"lance\+(s3|gs|az|file)://\S+")
INSTALL = "pip install 'recto-pdf[cluster]'"
SHOWN = 300  # characters of what the storage said

# What the services answer, as lance and obstore pass it on.
_NO_BUCKET = re.compile(r"NoSuchBucket|ContainerNotFound|specified bucket does not exist")
_EXPIRED = re.compile(
    r"ExpiredToken|InvalidAccessKeyId|SignatureDoesNotMatch|TokenRefreshRequired|InvalidToken|RequestTimeTooSkewed"
    r"|\b401\b|[Nn]o credentials|CredentialsNotLoaded|169\.254\.169\.254"
)
_DENIED = re.compile(r"AccessDenied|\b403\b|Permission denied|Read-only file system")
_VANISHED = re.compile(r"[Nn]ot found")


class Vanished(StoreUnreachable):
    """An object went while it was being read: a committer has tidied, and a newer version is there."""


@contextmanager
def translating_errors(uri: str) -> Iterator[None]:
    """Turn what lance and obstore say into recto's own errors. Nothing but calls of theirs belongs in it."""
    from obstore.exceptions import BaseError

    try:
        yield
    except (OSError, ValueError, RuntimeError, BaseError) as problem:
        raise refusal(uri, str(problem)) from problem


def refusal(uri: str, words: str) -> LibraryMissing | StoreDenied | DiskFull | StoreUnreachable:
    """The error for what object storage said, with what mends it."""
    detail = " ".join(words.split())[:SHOWN]
    if _NO_BUCKET.search(words):
        hint = "check the spelling of RECTO_STORE, or make it, with `aws s3 mb s3://BUCKET` for example"
        return LibraryMissing(f"there is no bucket for {uri}", hint=hint, detail=detail)
    if _EXPIRED.search(words):
        hint = (
            "renew the credentials in AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, and set the clock"
        )
        return StoreDenied(f"the credentials for {uri} are missing, wrong or expired", hint=hint, detail=detail)
    if _DENIED.search(words):
        hint = "allow these credentials to list the bucket and to get, put and delete objects below the prefix"
        return StoreDenied(f"{uri} may not be read or written with these credentials", hint=hint, detail=detail)
    if "No space left" in words:
        return DiskFull(f"no room to write {uri}", hint="free some space there", detail=detail)
    kind = Vanished if _VANISHED.search(words) else StoreUnreachable
    hint = "check the network, AWS_REGION, and AWS_ENDPOINT if the storage is not Amazon's; then try again"
    return kind(f"{uri} does not answer as it should: {detail}", hint=hint)


class Bucket:
    """The objects below one address."""

    def __init__(self, address: str) -> None:
        """StoreToolsMissing if what speaks to object storage is not installed; BadSetting if this is no address."""
        if not ADDRESS.fullmatch(address):
            hint = "RECTO_STORE=lance+s3://BUCKET/PREFIX, lance+gs://, lance+az:// or lance+file:///FOLDER"
            raise BadSetting(f"{address!r} is not the address of a library on object storage", hint=hint)
        try:
            from obstore.store import from_url
        except ImportError as problem:
            raise StoreToolsMissing(f"{address} needs what is not installed: {problem.name}", hint=INSTALL) from problem
        self.uri = address.removeprefix(MARK).rstrip("/")
        with translating_errors(self.uri):
            self._store: Any = from_url(self.uri, **({"mkdir": True} if self.uri.startswith("file:") else {}))

    def objects(self, folder: str) -> list[dict[str, Any]]:
        """The objects of a folder: `path`, `size`, `e_tag`, `last_modified`; by path."""
        import obstore

        with translating_errors(self.uri):
            objects = [entry for batch in obstore.list(self._store, folder) for entry in batch]
        return sorted(objects, key=lambda entry: str(entry["path"]))

    def create(self, path: str, content: bytes) -> bool:
        """Put an object that is not there yet; False if it is: one of several that do so at once succeeds."""
        import obstore
        from obstore.exceptions import AlreadyExistsError

        with translating_errors(self.uri):
            try:
                obstore.put(self._store, path, content, mode="create")
            except AlreadyExistsError:
                return False
        return True

    def put(self, path: str, content: Any) -> None:  # noqa: ANN401 - bytes, or a file open for reading
        """Put an object, in the place of one that is there."""
        import obstore

        with translating_errors(self.uri):
            obstore.put(self._store, path, content)

    def read(self, path: str) -> Iterator[bytes]:
        """An object, a piece at a time. Vanished if it is not there."""
        import obstore

        with translating_errors(self.uri):
            for piece in obstore.get(self._store, path):
                yield bytes(piece)

    def delete(self, paths: list[str]) -> None:
        """Delete objects; those that are not there are passed over."""
        import obstore

        with translating_errors(self.uri):
            try:
                if paths:
                    obstore.delete(self._store, paths)
            except FileNotFoundError:  # local files only: somebody else was faster
                return
