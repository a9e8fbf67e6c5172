"""What a question names: each kind of place in many phrasings, and what only looks like one."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recto.query import PartReference, References
from recto.search.references import references

SAMPLES = (
    *("page", "table", "figure", "section", "appendix", "the", "first", "and"),
    *("II", "iv", "A", "3.2", "(b)", "7A", "-", ",", "\u00a7"),
)


def named(question: str) -> dict[str, object]:
    """What is not empty."""
    value = references(question)
    return {field.name: getattr(value, field.name) for field in fields(References) if getattr(value, field.name)}


def part(kind: str, number: str) -> tuple[PartReference, ...]:
    return (PartReference(kind, number),)


@pytest.mark.parametrize(
    ("question", "pages"),
    [
        ("What is on page 14?", ["14"]),
        ("What does p. 7 say?", ["7"]),
        ("Read me pg. 3", ["3"]),
        ("What stands on page iii?", ["iii"]),
        ("Show page XII", ["xii"]),
        ("page v", ["v"]),
        ("What does page A-8 say?", ["a-8"]),
        ("What is on page S12?", ["s12"]),
        ("pages 3 and 5", ["3", "5"]),
        ("pages 3-5", ["3", "4", "5"]),
        ("pages 3 to 5", ["3", "4", "5"]),
        ("Was steht auf Seite 9?", ["9"]),
        ("Was steht auf den Seiten 9 bis 10?", ["9", "10"]),
        ("Que dit la page 4 ?", ["4"]),
        ("¿Qué dice la página 4?", ["4"]),
        ("Que dice la pagina 4", ["4"]),
        ("Cosa dice la pagina 4?", ["4"]),
    ],
)
def test_pages_by_their_numbers(question: str, pages: list[str]) -> None:
    assert named(question) == {"pages": tuple(pages)}


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("What is on the first page?", 0),
        ("What is on the cover?", 0),
        ("What does the cover page say?", 0),
        ("What does the title page show?", 0),
        ("Read the front page of the report", 0),
        ("What is on the second page?", 1),
        ("What does the last page say?", -1),
        ("What is on the back cover?", -1),
        ("Was steht auf der ersten Seite?", 0),
        ("Was steht auf dem Deckblatt?", 0),
        ("Was steht auf der letzten Seite?", -1),
        ("Que dit la dernière page ?", -1),
        ("¿Qué dice la última página?", -1),
        ("Cosa dice l'ultima pagina?", -1),
    ],
)
def test_pages_by_their_places(question: str, place: int) -> None:
    value = references(question)
    assert (value.ends, value.remainder) == ((place,), ())


@pytest.mark.parametrize(
    ("question", "kind", "number"),
    [
        ("Show me Table II", "table", "II"),
        ("What does table 2 show?", "table", "2"),
        ("table ii", "table", "ii"),
        ("What is in Table A-1?", "table", "A-1"),
        ("Table1-1", "table", "1-1"),
        ("Was zeigt Tabelle 3?", "table", "3"),
        ("Que montre le tableau 3 ?", "table", "3"),
        ("¿Qué muestra la tabla 3?", "table", "3"),
        ("Cosa mostra la tabella 3?", "table", "3"),
        ("What is the title of table II?", "table", "II"),
        ("What does Figure 1 show?", "figure", "1"),
        ("Describe fig. 2(b)", "figure", "2(b)"),
        ("Explain Fig 3a", "figure", "3a"),
        ("Was zeigt Abb. 4?", "figure", "4"),
        ("What does section 3.2 say?", "section", "3.2"),
        ("Read § 5", "section", "5"),
        ("Sec. 4.1.2", "section", "4.1.2"),
        ("Summarise section IV", "section", "IV"),
        ("Was steht in Abschnitt 3.2?", "section", "3.2"),
        ("What is chapter 4 about?", "chapter", "4"),
        ("Summarise chapter two", "chapter", "two"),
        ("Worum geht es in Kapitel 4?", "chapter", "4"),
        ("Di cosa parla il capitolo 4?", "chapter", "4"),
        ("What is in appendix B?", "appendix", "B"),
        ("What does appendix b contain?", "appendix", "b"),
        ("Was steht im Anhang C?", "appendix", "C"),
        ("What does note 12 say?", "note", "12"),
        ("What is item 7A?", "item", "7A"),
        ("What happens in step 3?", "step", "3"),
        ("What does article 5 say?", "article", "5"),
        ("Que dit l'article 5 ?", "article", "5"),
        ("What does clause 4.2 state?", "clause", "4.2"),
        ("What is in Part I?", "part", "I"),
        ("Exhibit 10.1", "exhibit", "10.1"),
    ],
)
def test_numbered_parts(question: str, kind: str, number: str) -> None:
    assert references(question).parts == part(kind, number)


@pytest.mark.parametrize("question", ["Show me Table II", "What is chapter 4 about?", "What does Figure 1 show?"])
def test_nothing_more_is_asked(question: str) -> None:
    assert references(question).remainder == ()


@pytest.mark.parametrize(
    ("question", "remainder"),
    [
        ("What was the revenue in table II?", ("revenue",)),
        ("What does section 3.2 say about leave?", ("leave",)),
        ("Who is named on page 3?", ("who", "named")),
    ],
)
def test_what_more_is_asked(question: str, remainder: tuple[str, ...]) -> None:
    value = references(question)
    assert value
    assert value.remainder == remainder


def test_several_parts() -> None:
    assert [named_part.number for named_part in references("What are units 4, 5, and 6?").parts] == ["4", "5", "6"]
    value = references("Compare tables 1 and 2 with Figure 3")
    assert value.parts == (*part("table", "1"), *part("table", "2"), *part("figure", "3"))


@pytest.mark.parametrize(
    ("question", "fact"),
    [
        ("Who is the author of this document?", "author"),
        ("Who wrote this report?", "author"),
        ("Who is the presenter?", "author"),
        ("Who presented the slides?", "author"),
        ("Wer ist der Autor?", "author"),
        ("Wer hat das Handbuch geschrieben?", "author"),
        ("Qui est l'auteur ?", "author"),
        ("¿Quién es el autor?", "author"),
        ("Chi è l'autore?", "author"),
        ("What is the title of this document?", "title"),
        ("What is the title of the slide?", "title"),
        ("What is the paper called?", "title"),
        ("Wie lautet der Titel?", "title"),
        ("Quel est le titre ?", "title"),
        ("What is the date of the document?", "date"),
        ("What is the date of the document? Write it as YYYY-MM-DD.", "date"),
        ("When was this published?", "date"),
        ("When was the handbook written?", "date"),
        ("Wann wurde der Bericht veröffentlicht?", "date"),
    ],
)
def test_facts_about_a_document(question: str, fact: str) -> None:
    value = references(question)
    assert (value.facts, value.overview, value.remainder) == ((fact,), False, ())


@pytest.mark.parametrize(
    "question",
    [
        "What is this about?",
        "What is this document about?",
        "What's it about?",
        "Summarise the handbook.",
        "Summarize this",
        "Give me an overview",
        "Can you give me a short summary of the report?",
        "What is the main topic of this paper?",
        "What does the document say?",
        "tldr",
        "Worum geht es?",
        "Worum geht es in diesem Dokument?",
        "Fasse den Bericht zusammen",
        "De quoi parle ce document ?",
        "¿De qué trata este documento?",
        "Di cosa parla il documento?",
    ],
)
def test_the_whole_document(question: str) -> None:
    value = references(question)
    assert (value.overview, value.remainder) == (True, ())


@pytest.mark.parametrize(
    "question",
    [
        "Turn the page",
        "How about the year before?",
        "Which company makes modules?",
        "List the ITEMS, please",
        "Which page says it?",
        "A table for two",
        "Is there a table I can use?",
        "Which section I should read for pumps",
        "Note that the pump is hot",
        "note one more thing",
        "What do 4 pages say of homepage 4 and page 0?",
        "page 9999999",
        "How do I open the cover of darkness?",
        "What is the first page of history?",
        "What is said about pumps?",
        "How much does the figure cost in chapter and verse?",
        "What part of the pump is hot?",
        "Who pays the rent?",
        "When is the rent due?",
        "What is 3.2 times 4?",
    ],
)
def test_false_friends(question: str) -> None:
    value = references(question)
    assert (value.pages, value.ends, value.parts) == ((), (), ())
    assert value.remainder or not (value.facts or value.overview)


@given(st.text(max_size=200))
def test_any_text_is_analysed(text: str) -> None:
    assert isinstance(references(text), References)


@given(st.lists(st.sampled_from(SAMPLES)))
def test_any_mixture_of_such_words_is_analysed(words: list[str]) -> None:
    assert isinstance(references(" ".join(words)), References)


@pytest.mark.parametrize(
    ("question", "remainder"),
    [
        ("What was her thesis about?", ("thesis",)),
        ("Which book do we need?", ()),
        ("Who is the contract with?", ()),
        ("When does the agreement end?", ("end",)),
    ],
)
def test_one_thing_of_or_in_a_document_is_not_the_whole(question: str, remainder: tuple[str, ...]) -> None:
    value = references(question)
    assert (value.overview and not value.remainder, value.remainder) == (False, remainder)


@pytest.mark.parametrize(
    "question",
    ["What is the contract about?", "What is this report?", "What is the main finding?", "What are the key points?"],
)
def test_the_whole_of_a_document(question: str) -> None:
    assert references(question).overview
