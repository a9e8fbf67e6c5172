#!/usr/bin/env bash
# PdfDocument.save() of pypdfium2 returns as if all were well when the disk is full, unless the PDF is so small that it is
# only written as the file is closed.
#
# The error is raised inside the callback that PDFium writes through, where ctypes can only print it, and PDFium goes on: what
# lies on the disk is cut off. Saving to an io.BytesIO and writing its bytes oneself mends it.
#
# Seen with pypdfium2 5.15.2 (PDFium 8149), Python 3.11, Linux, whose /dev/full is a disk without room:
#   1 page:    OSError
#   400 pages: returned, and 'No space left on device' was printed
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pypdfium2==5.15.2
"$folder/venv/bin/python" - <<'PYTHON'
import sys

import pypdfium2

ignored = []
sys.unraisablehook = ignored.append  # ctypes prints what a callback raises by this


def saved(pages: int) -> str:
    """What saving a PDF of so many blank pages to a full disk does."""
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(200, 200)
    ignored.clear()
    try:
        document.save("/dev/full")
    except OSError:
        return "OSError"
    return f"returned, and {ignored[0].exc_value.strerror!r} was printed"


small, large = saved(1), saved(400)
print(f"1 page:    {small}")
print(f"400 pages: {large}")
assert small == "OSError", small
assert large == "returned, and 'No space left on device' was printed", large
PYTHON
