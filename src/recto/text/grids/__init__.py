"""Tables of a page by its words' boxes: cells in rows and columns, whatever order they were drawn in."""

from recto.text.grids.in_text import with_grids, with_rows
from recto.text.grids.overleaf import at_top, continued
from recto.text.grids.table import grids, grids_in_order, page_grids

__all__ = ["at_top", "continued", "grids", "grids_in_order", "page_grids", "with_grids", "with_rows"]
