"""The detector of lines: all of them, whatever the size of their letters, and none where there is no ink."""

import numpy as np
import pytest

from recto.pdf.recognition import rapid
from recto.pdf.recognition.detector import SIDES, Detector, letter_height
from support.scans import LEASE
from support.scans import written as picture_of


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(rapid.model(rapid.DETECTION))


@pytest.mark.parametrize("height", [14, 34, 70])
def test_each_line_has_one_box_around_its_ink(detector: Detector, height: int) -> None:
    size = 35 * height, 12 * height
    picture = np.array(picture_of(LEASE, size, height=height))
    quads = detector.quads(picture)
    assert len(quads) == len(LEASE)
    for quad, line in zip(quads, range(len(LEASE)), strict=True):
        rows = slice(height * (2 + 2 * line), height * (4 + 2 * line))
        down, across = np.nonzero(picture[rows] < 128)
        low, high = quad.min(0), quad.max(0)
        ink = across.min(), down.min() + rows.start, across.max(), down.max() + rows.start
        assert (low <= np.array(ink[:2]) + height / 4).all()
        assert (high >= np.array(ink[2:]) - height / 4).all()


def test_small_print_on_a_large_page_is_looked_at_more_closely(detector: Detector) -> None:
    page = np.full((2 * SIDES[0], SIDES[0]), 250, np.uint8)
    small = np.array(picture_of(LEASE, (500, 200), height=12))
    page[:200, :500] = small
    assert letter_height(small) < 12
    assert len(detector.quads(page)) == len(LEASE)


@pytest.mark.parametrize("size", [(1, 1), (40, 40), (900, 700)])
def test_paper_has_no_lines(detector: Detector, size: tuple[int, int]) -> None:
    assert len(detector.quads(np.full(size, 240, np.uint8))) == 0
