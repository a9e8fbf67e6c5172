"""`recto encoders`: what turns text into vectors, and choosing another one for a library."""

from pathlib import Path

from recto.cli.bars import collect
from recto.cli.messages import t
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
    """Encode what was added, and show how far it is."""
    _say_encoder(library.encoders)
    try:
        collect(library.encoding())
    except EncoderProblem as problem:  # words can be searched without vectors
        note(t("encoders.by_words"))
        complain(problem)
    except KeyboardInterrupt:
        note(t("encoders.later"))


def _say_encoder(encoders: LibraryEncoders) -> None:
    """Where many pages are not English: say that the encoder for other languages was taken, or how it is had."""
    advice = encoders.suited or encoders.advice()
    if advice is None:
        return
    foreign = t("encoders.foreign", n=advice.foreign, pages=t("count.page", n=advice.pages))
    use = "recto encoders use"
    if not advice.installed:
        how = t("encoders.advice.how", install=KINDS[MULTILINGUAL].wheel.hint, use=f"{use} {MULTILINGUAL}")
        note(t("encoders.advice", foreign=foreign))
        note(t("mend", hint=how))
        return
    note(t("encoders.taken", foreign=foreign, name=MULTILINGUAL, back=f"{use} {USUAL}"))
    _say_waiting(encoders)


def _say_waiting(encoders: LibraryEncoders) -> None:
    if waiting := encoders.waiting():
        seconds = encoders.seconds()
        minutes, seconds_ = f"{seconds / MINUTE:.0f}", f"{max(seconds, 1):.0f}"
        left = t("minutes", time=minutes) if seconds > 2 * MINUTE else t("seconds", time=seconds_)
        documents = t("count.document", n=waiting)
        note(t("encoders.waiting", documents=documents, name=encoders.chosen.name, left=left))
