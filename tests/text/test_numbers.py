"""Numbers are the same however they are written, and others are others."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recto.text.numbers import claimed_numbers, stated_numbers


def stands(claim: str, text: str) -> bool:
    """Whether every number of the claim is in the text."""
    numbers = claimed_numbers(claim)
    assert numbers, claim
    return all(any(number.matches(stated) for stated in stated_numbers(text)) for number in numbers)


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("It was 1234.", "a total of 1,234 units"),
        ("It was 1,234,567.", "1234567"),
        ("$1.2 billion", "$1,200 million"),
        ("1.2 billion dollars", "USD 1,200 million"),
        ("sales of $14.7 million", "(in thousands)\nSales 14,700"),
        ("sales of $14.7 billion", "Sales ($ millions)\n14,700"),
        ("12 percent", "12% of sales"),
        ("12 per cent", "12 %"),
        ("7 days", "seven days"),
        ("twenty-five pages", "25 pages"),
        ("5 mm", "5mm"),
        ("64 bits", "a 64-bit register"),
        ("address 16", "address 0x10"),
        ("March 12, 2021", "12 March 2021"),
        ("2021", "2021-03-12"),
        ("1.5 million euros", "1,5 Mio. Euro"),
        ("1234.5", "1.234,5"),
        ("3 years", "a term of three (3) years"),
        ("16 GiB", "16 GB"),
        ("4096 bytes", "4 KiB"),
        ("0.12 s", "120 ms"),
        ("24 months", "two years"),
        ("1.5 km", "1,500 m"),
        ("two hundred pages", "200 pages"),
        ("2021-03-12", "12 March 2021"),
        ("1,234 million euros", "It was 1,234⁵ million euros"),  # a raised mark is no digit
        ("$1.2 billion", "$1.2¹,² billion"),
        ("10^6 cells", "10⁶ cells"),
        ("1,000,000 cells", "10⁶ cells"),
        ("0.001", "10⁻³"),
        ("2^10 entries", "2¹⁰ entries"),
        ("1024 entries", "2¹⁰ entries"),
        ("10 percent", "10³ percent"),  # or it is a mark
    ],
)
def test_the_same_number_written_otherwise(claim: str, text: str) -> None:
    assert stands(claim, text)


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("1,243", "1,234"),
        ("$1.2 million", "$1.2 billion"),
        ("12 percent", "12.5 percent"),
        ("12 percentage points", "12 percent"),
        ("5 ms", "5 s"),
        ("5 mg", "5 µg"),
        ("5 kg", "5 lb"),
        ("100 MHz", "100 GHz"),
        ("$5", "€5"),
        ("eight days", "seven days"),
        ("32 bits", "64 bits"),
        ("0x20", "0x10"),
        ("5", "5.5"),
        ("55", "5"),
        ("2019", "2018 and 2020"),
        ("1 year", "two years"),
        ("12 ms", "12 µs"),
        ("4000 bytes", "4 KiB"),
        ("1,2345 million", "1,234⁵ million"),
        ("106 cells", "10⁶ cells"),
    ],
)
def test_another_number(claim: str, text: str) -> None:
    assert not stands(claim, text)


@pytest.mark.parametrize("text", ["FY2018", "pmpcfg0", "RV32", "version 1.12.3", "x1"])
def test_names_with_digits_are_no_numbers(text: str) -> None:
    assert stated_numbers(text) == []


def test_a_lone_one_is_no_claim() -> None:
    assert claimed_numbers("This is one of the reasons.") == []
    assert [number.unit for number in claimed_numbers("It takes one year.")] == ["months"]


def test_rows_of_tables_stay_apart() -> None:
    assert [number.value for number in stated_numbers("Sales 120 300 450")] == [120, 300, 450]


@given(st.integers(0, 10**12))
def test_thousands_may_be_grouped(value: int) -> None:
    for written in (f"{value}", f"{value:,}", f"{value:,}".replace(",", "\u202f"), f"{value:,}".replace(",", "'")):
        assert [number.value for number in stated_numbers(f"It is {written} all in all.")] == [value]


@given(st.decimals(0, 9999, places=2, allow_nan=False), st.sampled_from(["thousand", "million", "billion"]))
def test_scales_are_multiplied_out(value: Decimal, scale: str) -> None:
    factor = {"thousand": 10**3, "million": 10**6, "billion": 10**9}[scale]
    assert stands(f"It was {value} {scale}.", f"It was {value * factor} in all.")


@given(st.integers(2, 10**9), st.integers(2, 10**9))
def test_only_equal_numbers_are_equal(one: int, other: int) -> None:
    assert stands(f"It is {one:,}.", f"It was {other}.") is (one == other)


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    claimed_numbers(text)
    stated_numbers(text)
