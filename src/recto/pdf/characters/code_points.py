"""The code points of a page: all that PDFium knows, with white space where fonts' maps speak of line ends."""

import ctypes
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from recto.pdf.binding import as_pointer, bound, unconverted
from recto.pdf.hyphens import HYPHENS
from recto.pdf.run import NEWLINE

RETURN, SPACE, REPLACEMENT = 0x0D, 0x20, 0xFFFD
SPACES = (0x09, 0x0B, 0x0C, 0x1C, 0x1D, 0x1E, 0x1F, 0x2028, 0x2029)  # elsewhere these would end a line or a cell
LINE_END_HYPHEN = HYPHENS[0]
UNPRINTED = (0x02, 0x03, LINE_END_HYPHEN)  # without ink, but for a hyphen at a line's end, which PDFium keeps as U+0002
# Some programs wrote the codes of Windows' alphabet into fonts' maps: there U+0096 is a dash. Its two lone accents are
# left out: no page has those, but some fonts of signs have something else there.
CP1252 = np.array([ord(bytes([code]).decode("cp1252", "ignore") or chr(code)) for code in range(0x80, 0xA0)], np.uint32)
CP1252[[0x08, 0x18]] = 0x88, 0x98

_IS_SPACE = np.zeros(max(SPACES) + 2, bool)  # the last one stands for all code points above
_IS_SPACE[list(SPACES)] = True

_text_units = bound("FPDFText_GetText", (ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_void_p))
_code_point = unconverted("FPDFText_GetUnicode")
_is_generated = bound("FPDFText_IsGenerated", (ctypes.c_void_p, ctypes.c_int))
_is_hyphen = bound("FPDFText_IsHyphen", (ctypes.c_void_p, ctypes.c_int))


def code_points(handle: int, count: int) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """The code points of a text page of `count` characters, and for each its index in PDFium."""
    buffer = np.zeros(2 * count + 2, np.uint16)
    length = max(_text_units(handle, 0, count, buffer.ctypes.data) - 1, 0)
    codes, index = buffer[:length].astype(np.uint32), np.arange(length)
    surrogates = (codes >= 0xD800) & (codes < 0xE000)
    if codes.size != count or surrogates.any():  # some are left out, or have two units
        codes, index = _singly(handle, count)
    codes, index = _without_nuls(handle, codes, index)
    controls = (codes >= 0x80) & (codes < 0xA0)
    if controls.any():
        codes[controls] = CP1252[codes[controls] - 0x80]
    codes[_IS_SPACE.take(codes, mode="clip") | _drawn_line_ends(handle, codes, index)] = SPACE
    return codes, index


def _singly(handle: int, count: int) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    codes = np.fromiter(map(_code_point, repeat(as_pointer(handle)), range(count)), np.int64, count).astype(np.uint32)
    keep = ~np.isin(codes, UNPRINTED)
    hyphens = [row for row in np.flatnonzero(~keep).tolist() if _is_hyphen(handle, row) == 1]
    codes[hyphens], keep[hyphens] = LINE_END_HYPHEN, True
    high, low = (codes >= 0xD800) & (codes < 0xDC00), (codes >= 0xDC00) & (codes < 0xE000)
    first = np.flatnonzero(high[:-1] & low[1:])  # of two units that are one code point
    codes[first] = 0x10000 + ((codes[first] - 0xD800) << 10) + (codes[first + 1] - 0xDC00)
    keep[first + 1] = False
    codes[(codes >= 0xD800) & (codes < 0xE000)] = REPLACEMENT  # a lone surrogate is no character
    return codes[keep], np.flatnonzero(keep)


def _without_nuls(
    handle: int, codes: NDArray[np.uint32], index: NDArray[np.int64]
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Leave out what fonts' maps say nothing of, which PDFium writes like hyphens: gaps tell whether it is a space."""
    nuls = codes == 0
    doubtful = np.flatnonzero(codes == LINE_END_HYPHEN)
    units = map(_code_point, repeat(as_pointer(handle)), index[doubtful].tolist())
    nuls[doubtful] = [unit == 0 for unit in units]
    return (codes[~nuls], index[~nuls]) if nuls.any() else (codes, index)


def _drawn_line_ends(handle: int, codes: NDArray[np.uint32], index: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell the line ends that PDFium did not generate: a font's map gives them for its space.

    PDFium's own are pairs of CR and LF, so a page that has only such pairs need not be asked about each.
    """
    returns, newlines = codes == RETURN, codes == NEWLINE
    drawn = np.zeros(len(codes), bool)
    if not np.array_equal(np.append(False, returns), np.append(newlines, False)):
        ends = np.flatnonzero(returns | newlines)
        drawn[ends] = [_is_generated(handle, at) != 1 for at in index[ends].tolist()]
    return drawn
