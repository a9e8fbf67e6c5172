"""PDFium's functions bound anew with plain integer arguments: no Python object per character, about half the time."""

import ctypes
from collections.abc import Callable, Sequence

from pypdfium2_raw.bindings import _libs


def bound(name: str, arguments: Sequence[type]) -> Callable[..., int]:
    """Bind a function that returns a number."""
    function = _libs["pdfium"][name]
    function.argtypes = arguments
    function.restype = ctypes.c_int
    return function  # type: ignore[no-any-return]
