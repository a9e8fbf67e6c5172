"""PDFium's functions bound anew with plain integers: no Python object for each call, about half the time."""

import ctypes
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pypdfium2_raw.bindings import _libs

POINTER, INT = ctypes.c_void_p, ctypes.c_int  # of arguments: c_size_t takes a third longer
ADDRESS = ctypes.c_size_t  # of a result: 0 for no object
# A worker has one thread, so no call need let go of the interpreter: that is a sixth of a short call's time.
_library = ctypes.PyDLL(None, handle=_libs["pdfium"]._handle)
as_pointer = POINTER.from_param  # an address as an argument, ready for any number of calls


def bound(name: str, arguments: Sequence[type], result: type = INT) -> Callable[..., Any]:
    """The function of this name, with these types of arguments; structures and out-values are given as addresses."""
    function = _library[name]
    function.argtypes = arguments
    function.restype = result
    return function


def unconverted(name: str, result: type = INT) -> Callable[..., Any]:
    """The function of this name for thousands of calls, which take less than half the time without conversions.

    It is given integers and what `as_pointer` makes: a plain address would lose its upper half.
    """
    function = _library[name]  # a new object for each look-up
    function.restype = result
    return function


def written(
    function: Callable[..., int], arguments: Sequence[Iterable[object]], values: NDArray[Any], *, out_values: int = 1
) -> list[int]:
    """Have an `unconverted` function write a row of `values` for each call, by so many addresses; what it returned.

    Where it wrote nothing the row has zeros.
    """
    step = _ROOM // values.itemsize if out_values > 1 else 1
    first, *others = map(iter, arguments)
    returned: list[int] = []
    for start in range(0, len(values), ROWS):
        rows = values[start : start + ROWS]
        _SCRATCH[: len(rows)] = 0
        returned += map(function, islice(first, len(rows)), *others, *_ADDRESSES[:out_values])
        rows[:] = _SCRATCH.view(values.dtype)[: len(rows), : step * rows.shape[1] : step]
    return returned


ROWS = 1000  # that are asked for at once: addresses that are made once are half of the time
_ROOM = 8  # bytes for each out-value
_SCRATCH = np.zeros((ROWS, 4), np.float64)
_ADDRESSES = [
    list(map(as_pointer, (_SCRATCH.ctypes.data + _SCRATCH.strides[0] * np.arange(ROWS) + _ROOM * column).tolist()))
    for column in range(_SCRATCH.shape[1])
]

# What several rules ask.
object_bounds = unconverted("FPDFPageObj_GetBounds")  # an object; left, bottom, right, top
object_matrix = unconverted("FPDFPageObj_GetMatrix")  # an object; FS_MATRIX: a to f
text_mode = bound("FPDFTextObj_GetTextRenderMode", (POINTER,))
