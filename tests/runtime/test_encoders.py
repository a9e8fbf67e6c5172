"""Another encoder for a library: searched by the old vectors meanwhile, never by mixed ones, and back at any time."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from recto import Library
from recto.config import load
from recto.errors import EncoderProblem, UsageProblem
from recto.index_types import EncoderChoice
from recto.runtime import Runtime
from recto.runtime.encoders import KINDS
from recto.search.encoder import Encoder
from recto.types import Floats
from support.memory_index import HashEncoder
from support.pdfs import text_pdf

GERMAN = (
    "Die Pumpe steht in der Halle und wird mit dem Schlüssel\ngeöffnet, der in dem Büro liegt. "
    "Das Ventil ist nicht\nzu öffnen, wenn die Pumpe läuft."
)
ENGLISH = "The pump stands in the hall and is opened with the key\nthat is in the office. It was not to be moved."


class NamedEncoder(HashEncoder):
    """Stands for the encoder of this name; `broken` ones fail, `stops_at` is when a process would be killed."""

    def __init__(self, name: str) -> None:
        self.name, self.fingerprint, self.broken = name, KINDS[name].fingerprint, False

    def encode(self, texts: Sequence[str], /) -> Floats:
        if self.broken:
            raise MemoryError("killed")
        return super().encode(texts)


class TwoEncoders(Runtime):
    def __init__(self, home: Path) -> None:
        super().__init__(load(home))
        self.named = {name: NamedEncoder(name) for name in KINDS}
        self.absent: set[str] = set()

    def open_encoder(self, name: str) -> Encoder:  # type: ignore[override]
        if name in self.absent:
            raise EncoderProblem("its wheel is gone", hint="pip install it")
        return self.named[name]


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[TwoEncoders]:
    with TwoEncoders(tmp_path / "runtime") as runtime, runtime.reading.borrowed():
        yield runtime


@pytest.fixture
def library(tmp_path: Path, runtime: TwoEncoders) -> Iterator[Library]:
    with Library(tmp_path / "library", runtime=runtime) as library:
        for number in range(2):
            path = tmp_path / f"{number}.pdf"
            path.write_bytes(text_pdf(f"{ENGLISH}\nPump {number} moves {number + 3} litres."))
            library.add(path)
        yield library


def fingerprints(library: Library) -> dict[str, int]:
    """How many documents are encoded by each encoder."""
    documents = len(library.documents())
    return {name: documents - len(library._store.unencoded(kind.fingerprint)) for name, kind in KINDS.items()}


def encode(library: Library) -> None:
    library.catch_up()
    list(library.encoding())


def test_a_library_is_searched_by_the_vectors_it_has_until_all_of_the_others_are_made(
    library: Library, runtime: TwoEncoders
) -> None:
    runtime.named["e5"].broken = True
    library.encoders.use("e5")
    with pytest.raises(Exception, match="killed"):
        encode(library)
    assert library.encoders.kind.name == "minilm"
    assert library.search("litres")[0].cosine is not None
    runtime.named["e5"].broken = False
    encode(library)
    assert library.encoders.kind.name == library.encoders.chosen.name == "e5"
    assert fingerprints(library) == {"minilm": 0, "e5": 2}
    assert library.search("litres")[0].cosine is not None


def test_a_process_that_ends_between_two_documents_goes_on(library: Library, runtime: TwoEncoders) -> None:
    library.encoders.use("e5")
    store, encoder = library._store, runtime.named["e5"]
    first, _ = store.unencoded(encoder.fingerprint)
    passages = sum(len(store.passages(first.document.id, page)) for page in range(first.document.pages))
    store.put_vectors(first, encoder.fingerprint, encoder.encode(["text"] * passages))
    with Library(library.settings.home, runtime=runtime) as again:
        assert again.encoders.kind.name == "minilm"
        assert again.encoders.waiting() == 1
        encode(again)
        assert again.encoders.kind.name == "e5"
        assert fingerprints(again) == {"minilm": 0, "e5": 2}


def test_back_again_needs_no_encoding(library: Library, runtime: TwoEncoders) -> None:
    library.encoders.use("e5")
    library.encoders.use("minilm")
    assert library.encoders.kind.name == "minilm"
    assert library.encoders.waiting() == 0
    runtime.named["minilm"].broken = runtime.named["e5"].broken = True
    encode(library)
    assert fingerprints(library) == {"minilm": 2, "e5": 0}


def test_what_is_added_and_removed_meanwhile_is_encoded_and_forgotten(
    library: Library, runtime: TwoEncoders, tmp_path: Path
) -> None:
    library.encoders.use("e5")
    path = tmp_path / "new.pdf"
    path.write_bytes(text_pdf(f"{ENGLISH}\nThe new one."))
    library.remove("0.pdf")
    library.add(path)
    assert library.encoders.kind.name == "e5"
    assert fingerprints(library) == {"minilm": 0, "e5": 2}


def test_a_library_whose_encoder_is_gone_is_searched_by_words(library: Library, runtime: TwoEncoders) -> None:
    library.encoders.use("e5")
    encode(library)
    runtime.absent = {"e5"}
    assert library.encoder is None
    assert library.search("litres")
    with pytest.raises(EncoderProblem, match="gone"):
        encode(library)
    runtime.absent = set()
    encode(library)
    assert library.search("litres")[0].cosine is not None


def test_an_encoder_that_is_not_there_is_not_chosen(library: Library, runtime: TwoEncoders) -> None:
    runtime.absent = {"e5"}
    with pytest.raises(EncoderProblem):
        library.encoders.use("e5")
    with pytest.raises(UsageProblem, match="'e6'"):
        library.encoders.use("e6")
    assert library.encoders.chosen.name == "minilm"


def test_the_choice_goes_with_an_exported_library(library: Library, runtime: TwoEncoders, tmp_path: Path) -> None:
    library.encoders.use("e5")
    library.export(tmp_path / "whole.recto")
    with Library.imported(tmp_path / "whole.recto", tmp_path / "other") as other:
        assert other._store.encoder_choice() == EncoderChoice("e5", KINDS["minilm"].fingerprint)


def test_other_languages_are_noticed_unless_somebody_chose(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = replace(KINDS["e5"].wheel, package="recto_no_such_package")
    monkeypatch.setitem(KINDS, "e5", replace(KINDS["e5"], wheel=wheel))
    assert library.encoders.advice() is None
    path = tmp_path / "deutsch.pdf"
    path.write_bytes(text_pdf(GERMAN, GERMAN))
    library.add(path)
    advice = library.encoders.advice()
    assert advice is not None
    assert advice.foreign == 2
    assert library.encoders.seconds() == 0
    library.encoders.use("e5")
    assert library.encoders.seconds() > 0
    assert library.encoders.advice() is None


def test_a_library_in_other_languages_takes_its_encoder_as_it_is_filled(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = replace(KINDS["e5"].wheel, package="recto")  # one that is installed
    monkeypatch.setitem(KINDS, "e5", replace(KINDS["e5"], wheel=wheel))
    path = tmp_path / "deutsch.pdf"
    path.write_bytes(text_pdf(GERMAN, GERMAN))
    library.add(path)
    assert library.encoders.chosen.name == "e5"
    assert library.encoders.suited is not None
    library.encoders.use("minilm")
    path.write_bytes(text_pdf(GERMAN))
    library.add(path)
    assert library.encoders.chosen.name == "minilm"
