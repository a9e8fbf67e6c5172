"""The recogniser of strips: its model in int8, and the messages that the model is made of."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recto.pdf.recognition import rapid, strips
from recto.pdf.recognition.protobuf import Field, fields, message_of, numbers, parts
from support.scans import LEASE
from support.scans import written as picture_of

FIELDS = st.lists(st.tuples(st.integers(1, 1000), st.integers(0, 2**63) | st.binary(max_size=300)))


@given(FIELDS)
def test_a_message_is_written_as_it_was_read(message: list[Field]) -> None:
    assert fields(message_of(message)) == message


def test_whole_numbers_stand_alone_or_packed() -> None:
    message = fields(message_of([(1, 5), (2, b"text"), (1, bytes([7, 0xAC, 2]))]))
    assert numbers(message, 1) == [5, 7, 300]
    assert parts(message, 2) == [b"text"]


def test_a_float_is_no_field_of_a_graph() -> None:
    with pytest.raises(ValueError, match="field 1 has wire type 5"):
        fields(bytes([1 << 3 | 5, 0, 0, 0, 0]))


@pytest.mark.slow
def test_the_recogniser_reads_in_int8_what_it_reads_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = np.asarray(picture_of(LEASE[1:2], (1000, 150)))
    quad = np.array([(80, 60), (920, 60), (920, 112), (80, 112)], np.float64)
    model = rapid.model(rapid.RECOGNITION)
    small = strips.Recogniser(model).read(picture, quad)
    monkeypatch.setattr(strips, "quantised", lambda data: data)
    whole = strips.Recogniser(model).read(picture, quad)
    assert small.text == whole.text == LEASE[1]
    assert np.abs(small.middles - whole.middles).max() < 0.03  # two columns of the result


@pytest.mark.slow
@pytest.mark.parametrize("beyond", [-40, 0, 40])
def test_a_strip_may_reach_beyond_its_picture(beyond: int) -> None:
    picture = np.asarray(picture_of(LEASE[1:2], (1000, 112)))[60:, 80:]
    down, across = picture.shape
    quad = np.array([(beyond, -5), (across + beyond, -5), (across + beyond, down + 5), (beyond, down + 5)], np.float64)
    read = strips.Recogniser(rapid.model(rapid.RECOGNITION)).read(picture, quad)
    assert "rent of the plot" in read.text
