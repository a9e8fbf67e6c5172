"""Questions about whole documents, asked of a library: summaries, everything that matches, each document by itself."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from recto import Library
from recto.cli import recto
from recto.events import Done, Found, Progress, Quoted
from recto.exports import CitedAnswer, export
from recto.keeping import KeptAsking
from recto.survey import PLACES, SUMMARISED
from recto.types import Answer, Kind, SurveyKind
from support.pdfs import Line, Sheet, pdf

RULES = (
    (18, "Rules of the boat house"),
    (11, "The club keeps twelve boats here. These rules hold for all members and their guests."),
    (14, "Keys"),
    (11, "Whoever takes a key writes it into the book. Keys do not leave the grounds of the club."),
    (14, "Fees"),
    (11, "A boat costs four crowns an hour, a paddle one crown."),
    (11, "The fee is paid to the warden. Guests pay the fee twice."),
    (14, "What to bring"),
    (11, "Whoever rows brings the following things:"),
    (11, "- a life jacket"),
    (11, "- a whistle"),
    (11, "- dry clothes in a bag"),
    (11, "Dogs may come along on a lead."),
)
LEASE = (
    (18, "Lease of the mill"),
    (11, "The mill is let to the baker from the first of May on. The term is six years."),
    (14, "Rent"),
    (11, "The rent is ninety crowns a month and is due on the third day of it."),
    (14, "Animals"),
    (11, "Dogs are forbidden in the mill because of the flour."),
)


def sheet(lines: tuple[tuple[int, str], ...]) -> Sheet:
    drawn: list[Line] = [(72, 740 - 24 * at, size, text) for at, (size, text) in enumerate(lines)]
    return Sheet(drawn)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("survey")
    (folder / "rules.pdf").write_bytes(pdf(sheet(RULES)))
    (folder / "lease.pdf").write_bytes(pdf(sheet(LEASE)))
    with Library(folder / "library") as library:
        library.add(folder / "rules.pdf", folder / "lease.pdf")
        yield library


def asked(library: Library, question: str, *docs: str, each: bool = False) -> Answer:
    answer = library.ask(question, docs=docs, each=each).answer
    for place in answer.citations:  # whatever is asked: each quote is its page's own text, and lies on ink
        page = library.page(place.document.name, place.span.page)
        assert page.text[place.span.start : place.span.end] == place.quote
        assert answer.text[place.at - len(place.quote) : place.at] == place.quote
        assert place.rects
    if answer.survey:
        assert sum(group.count for group in answer.survey.groups) == len(answer.citations)
    return answer


def test_a_document_is_about_its_opening_and_its_sections(library: Library) -> None:
    answer = asked(library, "What is this document about?", "rules.pdf")
    assert answer.survey is not None
    assert answer.survey.kind is SurveyKind.SUMMARY
    assert [place.quote.replace("\n", " ") for place in answer.quotes] == [
        "Rules of the boat house The club keeps twelve boats here. These rules hold for all members and their guests.",
        "Keys",
        "Whoever takes a key writes it into the book.",
        "Fees",
        "A boat costs four crowns an hour, a paddle one crown.",
        "What to bring",
        "Whoever rows brings the following things: - a life jacket - a whistle - dry clothes in a bag",
    ]


def test_several_documents_are_summed_up_in_turns(library: Library) -> None:
    answer = asked(library, "Give me an overview")
    assert answer.survey is not None
    assert [group.heading for group in answer.survey.groups] == ["rules.pdf: 3 places", "lease.pdf: 2 places"]
    assert answer.text.startswith("rules.pdf: 3 places\n\nRules of the boat house")
    assert "The rent is ninety crowns" in answer.text


def test_a_list_comes_whole(library: Library) -> None:
    answer = asked(library, "List all things to bring", "rules.pdf")
    (group,) = answer.survey.groups if answer.survey else ()
    assert (group.places, group.shown) == (3, 3)
    assert "- a life jacket\n- a whistle\n- dry clothes in a bag" in answer.text
    assert "Dogs" not in answer.text


def test_every_mention_is_counted(library: Library) -> None:
    answer = asked(library, "How many times are dogs mentioned?")
    assert [place.quote for place in answer.quotes] == [
        "Dogs may come along on a lead.",
        "Dogs are forbidden in the mill because of the flour.",
    ]
    (one, two) = answer.survey.groups if answer.survey else ()
    assert (one.times, one.heading, two.heading) == (1, "rules.pdf: 1 place", "lease.pdf: 1 place")


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    lines = [f"The pump of hall {number} was cleaned." for number in range(PLACES + 7)]
    ends = (11, "Seen by the warden."), (11, "Read by nobody."), (11, "Kept in a box.")
    sheets = [
        sheet((end, *((11, line) for line in lines[at : at + 20]), end))
        for at, end in zip(range(0, len(lines), 20), ends, strict=True)
    ]
    (tmp_path / "pumps.pdf").write_bytes(pdf(*sheets))
    with Library(tmp_path / "library") as library:
        library.add(tmp_path / "pumps.pdf")
        answer = asked(library, "every mention of the pump")
    (group,) = answer.survey.groups if answer.survey else ()
    assert (group.places, group.shown, group.times) == (PLACES + 7, PLACES, PLACES + 7)
    assert answer.quotes[-1].more == "7 more places"
    assert [place.span for place in answer.quotes] == sorted(
        (p.span for p in answer.quotes), key=lambda s: (s.page, s.start)
    )


def test_of_very_many_pages_those_are_looked_at_that_the_index_finds(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = asked(library, "every mention of dogs")
    monkeypatch.setattr("recto.survey.matching.SCANNED", 1)
    few = asked(library, "every mention of dogs")
    assert 0 < len(few.quotes) <= len(expected.quotes)
    assert {place.span for place in few.quotes} <= {place.span for place in expected.quotes}


@pytest.mark.parametrize("question", ["List all of the pumps", "Which lighthouses are there?", "every mention of the"])
def test_what_no_place_holds_is_a_question_as_any_other(library: Library, question: str) -> None:
    assert asked(library, question).survey is None


@pytest.mark.parametrize(
    "question",
    [
        "Compare the rules and the lease on dogs",
        "Compare lease.pdf with rules.pdf on dogs",
        "Are dogs allowed in each document?",
    ],
)
def test_documents_are_compared(library: Library, question: str) -> None:
    answer = asked(library, question)
    assert answer.survey is not None
    assert answer.survey.kind is SurveyKind.EACH
    by_name = {
        group.document.name: answer.quotes[group.first : group.first + group.count] for group in answer.survey.groups
    }
    assert by_name.keys() == {"rules.pdf", "lease.pdf"}
    assert any("on a lead" in place.quote for place in by_name["rules.pdf"])
    assert any("forbidden" in place.quote for place in by_name["lease.pdf"])


def test_what_is_compared_and_no_document_is_a_question_as_any_other(library: Library) -> None:
    assert asked(library, "Compare boats and paddles on cost").survey is None


def test_each_document_answers_for_itself_or_is_refused(library: Library) -> None:
    events = list(library.ask("To whom is the mill let?", each=True))
    assert [event.name for event in events if isinstance(event, Progress)] == ["rules.pdf", "lease.pdf"]
    answer = asked(library, "To whom is the mill let?", each=True)
    rules, lease = answer.survey.groups if answer.survey else ()
    assert (rules.kind, rules.count) == (Kind.ABSTAINED, 0)
    assert rules.heading == "rules.pdf: the document does not seem to say"
    assert lease.kind is Kind.QUOTED
    assert answer.kind is Kind.QUOTED


def test_if_each_is_refused_so_is_the_question(library: Library) -> None:
    answer = asked(library, "Who won the football world cup in 1998?", each=True)
    assert answer.kind is Kind.ABSTAINED
    assert not answer.quotes
    assert answer.nearest


def test_stopping_keeps_what_came(library: Library) -> None:
    asking = library.ask("Are dogs allowed?", each=True)
    for event in asking:
        if isinstance(event, Progress):
            asking.stop()  # while the first document is asked
    assert asking.answer.survey is not None
    assert [group.document.name for group in asking.answer.survey.groups] == ["rules.pdf"]
    assert asking.answer.survey.left_out == 1


def test_an_empty_library_has_nothing_to_say_about_anything(home: Path) -> None:
    with Library(home) as library:
        for each in (False, True):
            assert asked(library, "What is this about?", each=each).kind is Kind.ABSTAINED


def test_many_documents_are_summed_up_as_far_as_they_can_be_read(tmp_path: Path) -> None:
    for number in range(SUMMARISED + 2):
        (tmp_path / f"{number}.pdf").write_bytes(pdf(sheet(((11, f"Report {number} tells what hall {number} did."),))))
    with Library(tmp_path / "library") as library:
        library.add(*sorted(tmp_path.glob("*.pdf")))
        answer = asked(library, "Summarise")
    assert answer.survey is not None
    assert (len(answer.survey.groups), answer.survey.left_out) == (SUMMARISED, 2)


def test_a_document_without_text_says_nothing_of_itself(tmp_path: Path) -> None:
    (tmp_path / "blank.pdf").write_bytes(pdf(Sheet()))
    (tmp_path / "rules.pdf").write_bytes(pdf(sheet(RULES)))
    with Library(tmp_path / "library") as library:
        library.add(tmp_path / "blank.pdf", tmp_path / "rules.pdf")
        assert asked(library, "What is this about?", "blank.pdf").kind is Kind.ABSTAINED
        answer = asked(library, "What is this about?")
    assert answer.survey is not None
    assert [group.kind for group in answer.survey.groups] == [Kind.ABSTAINED, Kind.QUOTED]


def test_a_follow_up_does_not_turn_it_into_another_question(library: Library) -> None:
    asking = library.ask("List all mentions of dogs", history=["How much is the rent of the mill?"])
    assert asking.answer.searched_for == "List all mentions of dogs"


def test_whose_quotes_are_which_is_in_the_events(library: Library) -> None:
    events = list(library.ask("every mention of dogs"))
    quoted = next(event for event in events if isinstance(event, Quoted))
    found = next(event for event in events if isinstance(event, Found))
    assert quoted.survey is not None
    assert {hit.passage.span.doc for hit in found.hits} == {place.span.doc for place in quoted.citations}


def test_the_terminal_says_whose_they_are(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECTO_HOME", str(library.settings.home))
    shown = CliRunner().invoke(recto, ["ask", "--each", "To whom is the mill let?"]).stdout
    assert shown.startswith("rules.pdf: the document does not seem to say\n\nlease.pdf\n\n")
    value = json.loads(CliRunner().invoke(recto, ["ask", "--json", "every mention of dogs"]).stdout)
    assert [group["heading"] for group in value["survey"]["groups"]] == ["rules.pdf: 1 place", "lease.pdf: 1 place"]
    plain = json.loads(CliRunner().invoke(recto, ["ask", "--json", "How much is the rent a month?"]).stdout)
    assert plain["survey"] is None


def test_saved_and_reopened_answers_have_the_headings_of_their_documents(library: Library, tmp_path: Path) -> None:
    question = "Compare the rules and the lease on dogs"
    kept = KeptAsking(library.ask(question), library.history, question)
    answer = next(event.answer for event in kept if isinstance(event, Done))
    assert answer.survey is not None
    headings = [group.heading for group in answer.survey.groups]
    for form, mark in (("md", "## "), ("txt", "")):
        export(library, CitedAnswer.of(question, answer), tmp_path / f"answer.{form}")
        lines = (tmp_path / f"answer.{form}").read_text().splitlines()
        assert [line for line in lines if line in [f"{mark}{heading}" for heading in headings]] == [
            f"{mark}{heading}" for heading in headings
        ]
    assert kept.turn is not None
    again = library.history.turn(kept.turn.id).answer
    assert again is not None
    assert again.survey is not None
    assert [group.heading for group in again.survey.groups] == headings
    assert CitedAnswer.of(question, again).sections[0].heading == headings[0]
