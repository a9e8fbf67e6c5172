"""Making a library that is encrypted, encrypting one that is there, and changing or removing its key."""

from recto import keys
from recto.config import Settings
from recto.errors import UsageProblem
from recto.library import Library
from recto.store import change_key, is_encrypted, library_path
from recto.store import seal as seal  # for files that wait beside an encrypted library
from recto.store import unseal as unseal


def encrypted(settings: Settings) -> bool:
    """Whether the library of these settings is there, and encrypted."""
    path = library_path(settings.home)
    return is_encrypted(path) and path.exists()


def encrypt(settings: Settings, key: str, *, in_ring: bool) -> bool:
    """Make an encrypted library, or encrypt the one that is there; whether one was there.

    UsageProblem if it is encrypted already, LibraryBusy if anybody has it open. This process must not.
    """
    if encrypted(settings):
        raise UsageProblem(f"the library in {settings.home} is encrypted already", hint="recto key change")
    was_there = library_path(settings.home).exists()
    if in_ring:
        keys.keep_in_ring(settings.home, key)
    if was_there:
        change_key(settings, key)
    else:
        Library(settings.home, key=key).close()
    return was_there


def exchange(settings: Settings, new_key: str, *, in_ring: bool = False) -> None:
    """Write an encrypted library anew under another key, or with none without encryption.

    UsageProblem if it is not encrypted, LibraryBusy if anybody has it open. The key ring keeps it if it is to be
    `in_ring`, and else none.
    """
    if not encrypted(settings):
        raise UsageProblem(f"the library in {settings.home} is not encrypted", hint="recto init --encrypt")
    if in_ring:
        keys.keep_in_ring(settings.home, new_key, ahead=True)
    change_key(settings, new_key)
    if in_ring:
        keys.keep_in_ring(settings.home, new_key)
    else:
        keys.forget_in_ring(settings.home)
