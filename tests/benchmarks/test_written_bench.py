"""The bench of written answers asks a model once for each prompt, however often the answers are judged."""

from collections.abc import Iterator
from pathlib import Path

from bench.written import Remembering

from recto.generation import Finished, Load, Piece, Prompt, Text
from recto.stop import Stop
from recto.writing import MOST


class Talker:
    """A model that counts how often it was asked."""

    name = fingerprint = "talker"

    def __init__(self) -> None:
        self.times = 0

    def weigh(self, prompt: Prompt, /) -> Load:
        return Load(1, 0)

    def stream(self, prompt: Prompt, /, *, most: int, stop: Stop) -> Iterator[Piece]:
        self.times += 1
        yield Text("The pump ")
        yield Text(prompt.question)
        yield Finished(cut=False)

    def close(self) -> None:
        pass


def said(llm: Remembering, question: str, most: int = MOST) -> str:
    pieces = llm.stream(Prompt("", "", question), most=most, stop=Stop())
    return "".join(piece.text for piece in pieces if isinstance(piece, Text))


def test_an_answer_is_remembered_by_its_prompt(tmp_path: Path) -> None:
    talker, path = Talker(), tmp_path / "answers.jsonl"
    first = Remembering(talker, path)
    assert [said(first, question) for question in ("hums.", "rests.", "hums.")] == [
        "The pump hums.",
        "The pump rests.",
        "The pump hums.",
    ]
    assert talker.times == 2
    assert said(Remembering(talker, path), "rests.") == "The pump rests."  # another run
    assert talker.times == 2


def test_what_measures_or_primes_is_not(tmp_path: Path) -> None:
    talker = Talker()
    llm = Remembering(talker, tmp_path / "answers.jsonl")
    assert said(llm, "hums.", most=0) == said(llm, "hums.", most=0)
    assert talker.times == 2
