"""`recto eval --own`: questions made by rule, with places that hold, and badly read documents named in words."""

import json
import random
import string
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from recto.cli import recto
from recto.evaluate import synthetic
from recto.evaluate.outcomes import place
from recto.evaluate.questions import Question
from recto.evaluate.text_quality import BELIEVED, PAIRS, believable, complaints
from recto.library import Library
from recto.pdf.read import Reader
from recto.types import Page
from support.paths import HERE
from support.pdfs import text_pdf

HANDBOOK = HERE / "data" / "questions" / "elm-court-handbook.pdf"
PLANT = (
    "The pumps of the plant\n"
    "A cavitation is a formation of bubbles in the water behind the wheel of a pump.\n"
    "The pump of hall 3 moves 111 litres of water a minute into the upper basin.\n",
    "The figures of the plant, in tons\n"
    "2021 2022\n"
    "Coal burnt 1,240 1,180\n"
    "Ash carried away 310 295\n"
    "The boiler was inspected by Adelheid Brunner in the spring before it was lit.",
)
LANGUAGES = {  # our own sentences
    "German": "Die Pumpe im Keller läuft jede Nacht zwei Stunden, damit der Brunnen im Garten am Morgen gefüllt ist. ",
    "French": "La pompe de la cave marche chaque nuit pendant deux heures pour que le bassin du jardin soit rempli. ",
    "Spanish": "La bomba del sótano funciona todas las noches durante dos horas para llenar la fuente del jardín. ",
    "Italian": "La pompa della cantina lavora ogni notte per due ore, così la fontana del giardino resta piena. ",
    "Dutch": "De pomp in de kelder draait iedere nacht twee uur, zodat de fontein in de tuin gevuld blijft. ",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    home = tmp_path_factory.mktemp("own")
    (home / "plant.pdf").write_bytes(text_pdf(*PLANT))
    with Library(home) as opened:
        opened.add(home / "plant.pdf", HANDBOOK)
        yield opened


@pytest.fixture(scope="module")
def made(library: Library) -> list[Question]:
    return synthetic.questions(library, synthetic.documents_by_name(library.documents()))


def test_every_place_holds(library: Library, made: list[Question]) -> None:
    documents = synthetic.documents_by_name(library.documents())
    for question in made:
        document = documents[question.doc]
        for evidence in question.evidence:
            assert evidence.page is not None
            text = library.page(document.id, evidence.page).text
            span = place(text, evidence.text)
            assert span is not None, question
            assert place(text[slice(*span)], question.answer) is not None, question
        for number in question.pages:
            assert 0 <= number < document.pages


def test_levels_keep_ever_fewer_of_the_words(made: list[Question]) -> None:
    levels: dict[str, list[set[str]]] = {}
    for question in made:
        words = {word.strip('.,;:()[]"“”?') for word in question.text.split()}
        levels.setdefault(question.id.rpartition("-")[0], []).append(words)
    assert any(len(those) == 3 for those in levels.values())
    for those in levels.values():
        for more, fewer in pairwise(those):
            assert fewer < more


def test_the_same_documents_give_the_same_questions(library: Library, made: list[Question]) -> None:
    assert synthetic.questions(library, synthetic.documents_by_name(library.documents())) == made
    few = synthetic.questions(library, synthetic.documents_by_name(library.documents()), most=2)
    assert len({question.id.rpartition("-")[0] for question in few}) <= 2 * 3
    assert {question.type.partition(",")[0] for question in made} == {"heading", "definition", "table", "gap"}


def test_each_kind_asks_for_what_it_hides(made: list[Question]) -> None:
    plant = {question.type: question for question in made if question.doc == "plant.pdf"}
    assert plant["definition, all words"].answer == "A cavitation"
    assert plant["definition, all words"].text.startswith("What is formation of bubbles")
    table = plant["table, all words"]
    assert (table.text, table.answer) in {("Coal burnt 2022?", "1,180"), ("Ash carried away 2022?", "295")}
    for question in made:
        if question.answer:
            assert place(question.text, question.answer) is None, question


@pytest.mark.slow
def test_the_command_says_what_it_found_and_what_it_cannot_show(library: Library) -> None:
    arguments = ["eval", "--own", "--questions", "2", "--home", str(library.settings.home)]
    result = CliRunner().invoke(recto, arguments)
    assert result.exit_code == 0, result.output
    assert "gap, a quarter" in result.stdout
    assert synthetic.SHOWS in result.stdout
    assert synthetic.HIDES in result.stdout
    assert "No document looks badly read." in result.stdout
    value = json.loads(CliRunner().invoke(recto, [*arguments, "--json"]).stdout)
    assert value["complaints"] == []
    assert value["figures"]["inside"]["H@5"]["mean"] > 0.9


def test_wrong_use_is_exit_code_2(home: Path) -> None:
    for arguments in (["--own", "x.jsonl"], ["x.jsonl"], [], ["--own", "--pdfs", "."]):
        assert CliRunner().invoke(recto, ["eval", *arguments, "--home", str(home)]).exit_code == 2
    assert CliRunner().invoke(recto, ["eval", "--own", "--home", str(home)]).exit_code == 1


# --- badly read ------------------------------------------------------------------------------------------------------
def exchanged(text: str, seed: int) -> str:
    """Each letter put for another, as a font without a table of its letters does."""
    letters = list(string.ascii_lowercase)
    random.Random(seed).shuffle(letters)
    return text.lower().translate(str.maketrans(string.ascii_lowercase, "".join(letters)))


def test_real_documents_are_believed_and_exchanged_letters_are_not(sample: Path, reader: Reader) -> None:
    if sample.name == "encrypted-password.pdf":
        return
    text = " ".join(result.read.page.text for result in reader.pages(reader.open(sample)))
    share = believable(text)
    if share is not None:
        assert share > BELIEVED + 0.2
        for seed in range(5):
            other = believable(exchanged(text, seed))
            assert other is not None
            assert other < BELIEVED


@pytest.mark.parametrize("language", LANGUAGES)
def test_other_languages_are_believed(language: str) -> None:
    share = believable(LANGUAGES[language] * 10)
    assert share is not None
    assert share > BELIEVED


@given(st.text(alphabet=string.printable, max_size=200))
def test_belief_is_a_share_or_nothing(text: str) -> None:
    share = believable(text * 20)
    assert share is None or 0 <= share <= 1
    assert 0 < PAIRS < 1


def page_of(reader: Reader, path: Path, text: str) -> Page:
    path.write_bytes(text_pdf(text))
    (result,) = reader.pages(reader.open(path))
    return result.read.page


def test_what_is_wrong_is_said_with_what_to_do(reader: Reader, tmp_path: Path) -> None:
    good = page_of(reader, tmp_path / "good.pdf", "\n".join([LANGUAGES["German"][:80]] * 20))
    assert complaints("good.pdf", [good], of=1) == []
    blank = page_of(reader, tmp_path / "blank.pdf", "")
    (empty,) = complaints("half.pdf", [good, blank], of=2)
    assert (empty.doc, empty.what) == ("half.pdf", "1 of 2 pages hold no text")
    assert "tesseract" in empty.hint
    for words, said in (
        ("\n".join([exchanged(LANGUAGES["French"], 1).replace("ç", "c")[:80]] * 20), "are not made like words"),
        ("\n".join(["   ".join("thepumpisoldandslow")] * 20), "single letters"),
        ("\n".join(["thepumpinthecellarrunseverynight fortwohoursandthenitisstill"] * 30), "spaces are missing"),
    ):
        found = complaints("bad.pdf", [page_of(reader, tmp_path / "bad.pdf", words)], of=9)
        assert any(said in one.what for one in found)
        assert all("recto add" in one.hint for one in found)
