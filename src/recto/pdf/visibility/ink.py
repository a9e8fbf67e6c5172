"""The rendered page, and what its dots say about an area: how much they differ in it, or from another rendering."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

from recto.types import Floats

DOTS = 2.0  # a point: a stem of 6-point type is a dot wide
MOST_DOTS = 8_000_000  # of a page: A2 at two dots a point


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A page as rendered: `dots` uint8 (height, width, 3); `left`, `top` of the page in points; dots a point."""

    dots: NDArray[np.uint8]
    left: float
    top: float
    scale: tuple[float, float]

    @classmethod
    def of(cls, page: pdfium.PdfPage) -> Self:
        """Render what of the page is content: annotations that are shown have become that."""
        left, bottom, right, top = page.get_bbox()
        wide, high = max(right - left, 1e-3), max(top - bottom, 1e-3)
        scale = min(DOTS, math.sqrt(MOST_DOTS / (wide * high)))
        dots = page.render(scale=scale, may_draw_forms=False, draw_annots=False).to_numpy()[:, :, :3]
        return cls(dots, left, top, (dots.shape[1] / wide, dots.shape[0] / high))

    def contrast(self, areas: Floats) -> NDArray[np.int64]:
        """How much the dots of each area differ, in the colour in which they do most: 0 to 255.

        `areas` float32 (n, 4): left, bottom, right, top in points.
        """
        parts = (self.dots[y0:y1, x0:x1].reshape(-1, 3) for x0, y0, x1, y1 in self._windows(areas))
        return np.array([int(np.ptp(part, axis=0).max()) if part.size else 0 for part in parts], np.int64)

    def difference(self, picture: Self, areas: Floats) -> NDArray[np.int64]:
        """How much the dots of each area differ from those of another rendering, where they do most: 0 to 255."""
        changed = np.maximum(self.dots, picture.dots) - np.minimum(self.dots, picture.dots)
        parts = (changed[y0:y1, x0:x1] for x0, y0, x1, y1 in self._windows(areas))
        return np.array([int(part.max()) if part.size else 0 for part in parts], np.int64)

    def _windows(self, areas: Floats) -> list[list[int]]:
        """First and last columns and rows of the dots that an area touches, or to which hinting shifted its ink."""
        x = (areas[:, [0, 2]] - self.left) * self.scale[0]
        y = (self.top - areas[:, [3, 1]]) * self.scale[1]
        low = np.floor(np.column_stack((x[:, 0], y[:, 0]))) - 1
        high = np.ceil(np.column_stack((x[:, 1], y[:, 1]))) + 1
        edge = self.dots.shape[1::-1]
        windows: list[list[int]] = np.hstack((np.clip(low, 0, edge), np.clip(high, 0, edge))).astype(np.int64).tolist()
        return windows
