#!/usr/bin/env bash
# PDFium's text of a page holds the /ActualText of one marked-content sequence twice, if another glyph of the line stands
# between the left sides of the two text objects that the sequence is drawn with.
#
# Browsers write syllables of Thai, Hindi and other scripts so: a consonant, and its tone mark or vowel sign, which is
# placed by itself. What is read has letters that nobody wrote. Reading the sequence's text once, at its first object, mends it.
#
# Seen with pypdfium2 5.15.2 (PDFium 8149), Python 3.11:
#   sequence alone:        'xy'
#   next glyph in between: 'xyzxy'
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pypdfium2==5.15.2
"$folder/venv/bin/python" - <<'PYTHON'
import pypdfium2


def page_text(content: bytes) -> str:
    """The text that PDFium reads of a page with this content."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Courier>>",
    ]
    data, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    tail = b"xref\n0 6\n0000000000 65535 f \n%strailer\n<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (table, len(data))
    document = pypdfium2.PdfDocument(data + tail)
    return document[0].get_textpage().get_text_range()


def shown(letter: bytes, x: int, y: int) -> bytes:
    return b"BT /F1 12 Tf 1 0 0 1 %d %d Tm (%s) Tj ET\n" % (x, y, letter)


syllable = b"/Span <</ActualText (xy)>> BDC\n" + shown(b"a", 72, 200) + shown(b".", 80, 200) + b"EMC\n"
alone, between = page_text(syllable), page_text(syllable + shown(b"z", 79, 200))
print(f"sequence alone:        {alone!r}")
print(f"next glyph in between: {between!r}")
assert alone == "xy", alone
assert between.replace(" ", "") == "xyzxy", between
PYTHON
