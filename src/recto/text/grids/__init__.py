"""Tables of a page by its words' boxes: cells in rows and columns, whatever order they were drawn in."""

from recto.text.grids.table import continued, grids, grids_in_order

__all__ = ["continued", "grids", "grids_in_order"]
