"""PDFium's functions bound anew with plain integers: no Python object for each call, about half the time."""

import ctypes
from collections.abc import Callable, Sequence

from pypdfium2_raw.bindings import _libs

POINTER, INT = ctypes.c_void_p, ctypes.c_int  # of arguments: c_size_t takes a third longer
ADDRESS = ctypes.c_size_t  # of a result: 0 for no object
# A worker has one thread, so no call need let go of the interpreter: that is a sixth of a short call's time.
_library = ctypes.PyDLL(None, handle=_libs["pdfium"]._handle)


def bound(name: str, arguments: Sequence[type], result: type = INT) -> Callable[..., int]:
    """The function of this name, with these types of arguments; structures and out-values are given as addresses."""
    function = _library[name]
    function.argtypes = arguments
    function.restype = result
    return function
