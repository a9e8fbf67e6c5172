"""The key of an encrypted library: from a file, from the key ring of the person, or from whoever sits at the terminal.

A key is a pass phrase, or SQLCipher's form of 32 bytes, x'64 hexadecimal digits', which need not be stretched.
"""

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from stat import S_IRWXG, S_IRWXO
from unicodedata import normalize

from recto.config import KEY_FILE, Settings
from recto.errors import BadSetting, CipherMissing, KeyNeeded

SERVICE = "recto"  # in the key ring; the "user" is the library's folder
NEXT = " (next key)"  # behind the folder: a key that is kept before the library has it
SHORTEST = 8  # characters of a pass phrase; each guess costs 0.1 s
HINT = f"run it in a terminal, which asks for the pass phrase, or name the file of the key: {KEY_FILE}=FILE recto ..."

Ask = Callable[[Path], str]  # for the key of the library in this folder
_asking: list[Ask] = []


def ask_by(ask: Ask) -> None:
    """Ask the person, once for each folder, where the key is neither in a file nor in the key ring."""
    _asking[:] = [cache(ask)]


def find(settings: Settings) -> str:
    """The key of the library of these settings. KeyNeeded if it is nowhere, BadSetting if its file is unusable."""
    if settings.key:
        return settings.key
    if settings.key_file:
        return from_file(settings.key_file)
    key = from_ring(settings.home)
    for ask in [] if key else _asking:
        key = checked(ask(settings.home))
    if not key:
        raise KeyNeeded(f"the library in {settings.home} is encrypted, and no key was given", hint=HINT)
    return key


def made() -> str:
    """A new key of 32 random bytes."""
    return f"x'{secrets.token_hex(32)}'"


def checked(phrase: str) -> str:
    """The phrase as it is used, however its accents were typed. BadSetting if it is too short."""
    phrase = normalize("NFC", phrase)
    if len(phrase) < SHORTEST:
        raise BadSetting(f"a key has at least {SHORTEST} characters, not {len(phrase)}", hint="take a longer one")
    return phrase


def from_file(path: Path) -> str:
    """The key in a file, without the end of its line. BadSetting if there is none, or if others may read it."""
    try:
        state = path.stat()
        text = path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        hint = f"name the file that holds the key: {KEY_FILE}=FILE recto ..."
        raise BadSetting(f"the key file {path} cannot be read: {reason}", hint=hint) from error
    if hasattr(os, "getuid") and state.st_uid == os.getuid() and state.st_mode & (S_IRWXG | S_IRWXO):
        raise BadSetting(f"the key file {path} may be read by others", hint=f"chmod 600 {path}")
    return checked(text)


def make_file(path: Path) -> str:
    """The key in a file, which is made, for its owner alone, if there is none."""
    with suppress(FileExistsError):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            if isinstance(error, FileExistsError):
                raise
            hint = "name a file in a folder that may be written"
            raise BadSetting(f"the key file {path} cannot be made: {error.strerror}", hint=hint) from error
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{made()}\n")
            file.flush()
            os.fsync(file.fileno())
    return from_file(path)


def from_ring(home: Path, *, ahead: bool = False) -> str:
    """The key of the library in this folder, or the one kept `ahead`; "" if the key ring has none, or there is none."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return ""
    with suppress(KeyringError, RuntimeError):  # the second: no backend that it recommends
        return keyring.get_password(SERVICE, f"{home}{NEXT if ahead else ''}") or ""
    return ""


def forget_in_ring(home: Path) -> None:
    """Keep no key of the library in this folder in the key ring, if there is one."""
    with suppress(ImportError):
        import keyring
        from keyring.errors import KeyringError

        with suppress(KeyringError, RuntimeError):
            keyring.delete_password(SERVICE, str(home))


def keep_in_ring(home: Path, key: str, *, ahead: bool = False) -> None:
    """Keep a key in the key ring; `ahead` of its use beside the present one. BadSetting if there is no key ring."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError as problem:
        hint = "pip install 'recto-pdf[encrypt]'"
        raise CipherMissing(f"what opens the key ring is not installed ({problem})", hint=hint) from problem
    try:
        keyring.set_password(SERVICE, f"{home}{NEXT if ahead else ''}", key)
        if not ahead:
            with suppress(KeyringError):
                keyring.delete_password(SERVICE, f"{home}{NEXT}")
    except (KeyringError, RuntimeError) as problem:
        what = f"the key ring took no key: {problem}"
        raise BadSetting(what, hint="keep the key in a file instead: --key-file FILE") from problem
