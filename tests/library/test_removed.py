"""What is removed leaves the memory of every process that has the library open, whoever removed it."""

import gc
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest

from recto import Library
from support.pdfs import text_pdf


def remembered(word: str) -> Iterator[str]:
    """The texts in memory that hold a word, in whatever a collection keeps."""
    slots = cache(lambda kind: tuple(getattr(kind, "__slots__", ())))
    for thing in gc.get_objects():  # millions: what most of them are not is looked at last
        kind, texts = type(thing), ()
        if kind is dict:
            texts = (*thing, *thing.values())
        elif kind in (list, tuple, set):
            texts = thing
        elif names := slots(kind):
            with suppress(RuntimeError):  # a stand-in of another library's, outside the block in which it is something
                texts = [getattr(thing, name, "") for name in names]
        yield from (text for text in (*texts,) if type(text) is str and word in text)


@pytest.mark.parametrize("elsewhere", [False, True])
def test_nothing_of_a_removed_document_stays_in_memory(home: Path, elsewhere: bool) -> None:
    word = "".join(reversed("muinocriz"))  # so that this file's own constants do not hold it
    rows = "\n".join(f"{word} grade {n}  {n * 11}  {n * 13}" for n in range(9))
    (home / "ores.pdf").write_bytes(text_pdf(f"Ores of 2024\nThe mine sold {word} for 77 euros.\n{rows}"))
    with Library(home) as library, Library(home) as another:
        library.add(home / "ores.pdf")
        assert library.ask(f"For how much was {word} sold?").answer.citations
        library.tables("ores.pdf")
        assert list(remembered(word))
        (another if elsewhere else library).remove("ores.pdf")
        assert library.documents() == []
        another.documents()
        gc.collect()
        assert list(remembered(word)) == []
