"""`recto init` and `recto key`: libraries made, encrypted, and their keys changed."""

import sys
from pathlib import Path

import click

from recto import config, keys
from recto.cli.terminal import note, say
from recto.config import Settings
from recto.errors import UsageProblem
from recto.library import Library
from recto.library.encrypting import encrypt, encrypted, exchange

REMAINS = "what the disk held unencrypted is deleted, but a disk may keep old blocks for a while, an SSD above all"
LOSS = "without the key nobody can read the library, you neither: keep a copy of it elsewhere"


def ask_key(home: Path) -> str:
    """Ask for the pass phrase of an encrypted library."""
    phrase: str = click.prompt(f"Pass phrase of the library in {home}", hide_input=True, err=True)
    return phrase


def init(*, home: Path | None, encrypts: bool, key_ring: bool) -> int:
    """Make a library; with `encrypts` one that is encrypted, also of one that is there."""
    settings = config.load(home)
    if not encrypts:
        with Library(home) as library:
            how = "encrypted" if library.settings.key else "not encrypted"
            say(f"library: {settings.home}, {len(library.documents())} documents, {how}")
        return 0
    if encrypted(settings):
        raise UsageProblem(f"the library in {settings.home} is encrypted already", hint="recto key change")
    was_there = encrypt(settings, _new_key(settings.key_file, key_ring=key_ring), in_ring=key_ring)
    _say_where(settings, settings.key_file, key_ring=key_ring)
    if was_there:
        note(REMAINS)
    return 0


def change(new_key_file: Path | None, *, home: Path | None, key_ring: bool) -> int:
    """Write the library anew under another key."""
    settings = config.load(home)
    exchange(settings, _new_key(new_key_file, key_ring=key_ring), in_ring=key_ring)
    _say_where(settings, new_key_file, key_ring=key_ring)
    return 0


def remove(*, home: Path | None) -> int:
    """Write the library anew without encryption."""
    settings = config.load(home)
    exchange(settings, "")
    say(f"not encrypted: {settings.home}")
    return 0


def _new_key(key_file: Path | None, *, key_ring: bool) -> str:
    """A random key for the key ring, that of a file, which is made if need be, or a phrase that is typed twice."""
    if key_ring:
        return keys.made()
    if key_file:
        return keys.make_file(key_file)
    if not sys.stdin.isatty():
        raise UsageProblem("nobody is here to type a pass phrase", hint="give --key-ring, or a file for the new key")
    phrase: str = click.prompt("New pass phrase", hide_input=True, confirmation_prompt=True, err=True)
    return keys.checked(phrase)


def _say_where(settings: Settings, key_file: Path | None, *, key_ring: bool) -> None:
    where = (
        "in the key ring" if key_ring else f"in {key_file}: RECTO_KEY_FILE names it" if key_file else "what you typed"
    )
    say(f"encrypted: {settings.home}; the key is {where}")
    note(LOSS)
