"""PDFium's functions bound anew with plain integers: no Python object for each call, about half the time."""

import ctypes
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pypdfium2_raw.bindings import _libs

POINTER, INT = ctypes.c_void_p, ctypes.c_int  # of arguments: c_size_t takes a third longer
ADDRESS = ctypes.c_size_t  # of a result: 0 for no object
# A worker has one thread, so no call need let go of the interpreter: that is a sixth of a short call's time.
_library = ctypes.PyDLL(None, handle=_libs["pdfium"]._handle)


def bound(name: str, arguments: Sequence[type], result: type = INT) -> Callable[..., Any]:
    """The function of this name, with these types of arguments; structures and out-values are given as addresses."""
    function = _library[name]
    function.argtypes = arguments
    function.restype = result
    return function


def written(
    function: Callable[..., int], arguments: Sequence[Iterable[float]], values: NDArray[Any], *, out_values: int = 1
) -> NDArray[np.bool_]:
    """Have the function write a row of `values` for each call, by so many addresses; tell for which it could.

    The rows of the others become zeros.
    """
    count, width = values.shape
    small = out_values == width <= _SCRATCH.shape[1] and values.itemsize == _SCRATCH.itemsize
    if small and count <= len(_SCRATCH):  # addresses that are made once are half of the time
        _SCRATCH[:count] = 0
        could = list(map(function, *arguments, *_ADDRESSES[:width]))
        values[:] = _SCRATCH.view(values.dtype)[:count, :width]
    else:
        values[:] = 0
        starts = values.ctypes.data + values.strides[0] * np.arange(count)
        addresses = ((starts + values.itemsize * column).tolist() for column in range(out_values))
        could = list(map(function, *arguments, *addresses))
    return np.array(could, bool)


_SCRATCH = np.zeros((200, 4), np.uint32)  # rows: as many objects as are asked of a crowded page
_ADDRESSES = [(_SCRATCH.ctypes.data + 16 * np.arange(len(_SCRATCH)) + 4 * column).tolist() for column in range(4)]

# What several rules ask.
object_bounds = bound("FPDFPageObj_GetBounds", (POINTER,) * 5)  # left, bottom, right, top
object_matrix = bound("FPDFPageObj_GetMatrix", (POINTER, POINTER))  # FS_MATRIX: a to f
text_mode = bound("FPDFTextObj_GetTextRenderMode", (POINTER,))
