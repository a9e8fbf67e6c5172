"""Statements that are turned around are told from those that are put otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recto.text.negation import contradict, negates


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("The register is not writable.", "The register is writable."),
        ("The register is writable.", "The register is not writable."),
        ("Logs must not be kept.", "Logs must be kept for six years."),
        ("Sales decreased by 5 percent.", "Sales increased by 5 percent."),
        ("The tests are run after the release.", "The tests are run before the release."),
        ("Interrupts are disabled.", "Interrupts are enabled."),
        ("Smoking is allowed.", "Smoking is prohibited."),
        ("The address is invalid.", "The address is valid."),
        ("The address is valid.", "The address is invalid."),
        ("It costs less than before.", "It costs more than before."),
        ("Validation is optional.", "Validation is required."),
        ("The value is never cached.", "The value is always cached."),
        ("The minimum is 5.", "The maximum is 5."),
        ("The field doesn't hold an address.", "The field holds an address."),
    ],
)
def test_what_is_turned_around(claim: str, text: str) -> None:
    assert contradict(claim, text)


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("La bomba no está en el sótano de la casa.", "La bomba está en el sótano de la casa."),
        ("De pomp is niet in de kelder van het huis.", "De pomp is in de kelder van het huis."),
        ("Насос не стоит в подвале.", "Насос стоит в подвале."),
        ("पंप तहखाने में नहीं है।", "पंप तहखाने में है।"),
    ],
)
def test_what_is_turned_around_in_other_languages(claim: str, text: str) -> None:
    assert contradict(claim, text)
    assert contradict(text, claim)
    assert negates(claim)
    assert not negates(text)


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("The register is writable.", "The register is writable."),
        ("The register is not writable.", "The register is not writable, and reads as zero."),
        ("Smoking is not allowed.", "Smoking is prohibited."),
        ("Smoking is prohibited.", "Smoking is not permitted."),
        ("The address is not valid.", "The address is invalid."),
        ("Sales rose.", "Sales increased by 5 percent."),
        ("Testing is not enough.", "Software testing by itself is not sufficient, but it is required."),
        ("A hart may read the field.", "A hart may read the field; it must not write it."),
        ("The pump is open.", "The valve stands near the pump."),
        ("No page is cached.", "Pages are not cached."),
    ],
)
def test_what_is_not(claim: str, text: str) -> None:
    assert not contradict(claim, text)


@given(st.text(max_size=200))
def test_nothing_contradicts_itself(text: str) -> None:
    assert not contradict(text, text)


@pytest.mark.parametrize(
    ("text", "is_so"),
    [
        ("The address is invalid.", True),
        ("An informal note is impossible to trace.", True),
        ("Interest on the yearly insurance is due until June.", False),
        ("Information under this heading includes the unit.", False),
    ],
)
def test_a_word_that_only_begins_like_a_negated_one_is_none(text: str, is_so: bool) -> None:
    assert negates(text) is is_so
