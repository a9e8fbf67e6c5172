"""Text that the page does not show is left out and counted; text that it shows stays, whatever is near it."""

import io
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image

from recto.pdf.read import Reader
from recto.pdf.visibility.layers import LAYERS, may_hold
from recto.types import Page
from support.pdfs import FIRST, Sheet, pdf

SEEN = [(60.0, 700.0, 12.0, "The lease begins in May."), (60.0, 600.0, 12.0, "Rent is due on the first working day.")]
SECRET = "The reserve price is 1,900,000 pounds."  # between the two lines
WORDS = len(SECRET.split())
SHOWN = "The lease begins in May.\nRent is due on the first working day."


def text(words: str = SECRET, before: str = "", size: float = 12, y: float = 650) -> bytes:
    return f"{before} BT /F1 {size} Tf 60 {y} Td ({words}) Tj ET ".encode()


def read(reader: Reader, folder: Path, sheet: Sheet, *, hidden: bool = False) -> Page:
    path = folder / "made.pdf"
    path.write_bytes(pdf(sheet))
    (result,) = reader.pages(replace(reader.open(path), hidden=hidden))
    return result.read.page


def picture(shade: int, dots: bytes = b"") -> bytes:
    """A grey picture of 100 by 20 dots, of one shade or these dots."""
    data = zlib.compress(dots or bytes([shade]) * 2000)
    head = b"<</Type/XObject/Subtype/Image/Width 100/Height 20/ColorSpace/DeviceGray/BitsPerComponent 8"
    return head + b"/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream" % (len(data), data)


def form(content: bytes, more: bytes = b"") -> bytes:
    head = b"<</Type/XObject/Subtype/Form/BBox[0 0 612 792]/Resources<</Font<</F1 3 0 R>>>>%s/Length %d>>"
    return (head + b"\nstream\n%s\nendstream") % (more, len(content), content)


def resources(entries: bytes) -> bytes:
    return b"/Resources<</Font<</F1 3 0 R>>%s>>" % entries


PAINT = resources(b"/XObject<</X %d 0 R>>" % FIRST)
NOISE = bytes(np.random.default_rng(1).integers(0, 255, 2000, np.uint8))

HIDDEN = {
    "white on white": Sheet(SEEN, content=text(before="1 g")),
    "nearly white on white": Sheet(SEEN, content=text(before=".985 g")),
    "grey on the same grey": Sheet(SEEN, content=b".4 g 40 640 400 30 re f " + text(before=".4 g")),
    "red on red": Sheet(SEEN, content=b"1 0 0 rg 40 640 400 30 re f " + text(before="1 0 0 rg")),
    "white on a white picture": Sheet(
        SEEN, content=b"q 400 0 0 30 50 640 cm /X Do Q " + text(before="1 g"), extra=PAINT, objects=[picture(255)]
    ),
    "black on a black picture": Sheet(
        SEEN, content=b"q 400 0 0 30 50 640 cm /X Do Q " + text(), extra=PAINT, objects=[picture(0)]
    ),
    "under a black bar": Sheet(SEEN, content=text() + b"40 640 400 30 re f"),
    "under a white bar": Sheet(SEEN, content=text() + b"1 g 40 640 400 30 re f"),
    "under a bar of its own form": Sheet(
        SEEN, content=text() + b"/X Do", extra=PAINT, objects=[form(b"0 0 1 rg 40 640 400 30 re f")]
    ),
    "under a broad line": Sheet(SEEN, content=text() + b"24 w 50 654 m 400 654 l S"),
    "under a picture": Sheet(
        SEEN, content=text() + b"q 400 0 0 30 50 640 cm /X Do Q", extra=PAINT, objects=[picture(0, NOISE)]
    ),
    "under a shading": Sheet(
        SEEN,
        content=text() + b"q 40 640 400 30 re W n /S sh Q",
        extra=resources(
            b"/Shading<</S<</ShadingType 2/ColorSpace/DeviceGray/Coords[0 0 600 0]/Extend[true true]"
            b"/Function<</FunctionType 2/Domain[0 1]/C0[0]/C1[.5]/N 1>>>>>>"
        ),
    ),
    "beyond the page": Sheet(SEEN, content=text(y=-100)),
    "beyond the crop box": Sheet(SEEN, content=text(y=100), crop=(0, 500, 612, 792)),
    "clipped away": Sheet(SEEN, content=b"q 300 300 50 50 re W n " + text() + b"Q"),
    "clipped to nothing": Sheet(SEEN, content=b"q 0 0 0 0 re W n " + text() + b"Q"),
    "invisible": Sheet(SEEN, content=text(before="3 Tr")),
    "only a clip": Sheet(SEEN, content=b"q " + text(before="7 Tr") + b"Q"),
    "transparent": Sheet(SEEN, content=text(before="/G gs"), extra=resources(b"/ExtGState<</G<</ca 0/CA 0>>>>")),
    "behind a mask": Sheet(
        SEEN,
        content=text(before="/G gs"),
        extra=resources(b"/ExtGState<</G<</SMask<</S/Luminosity/G %d 0 R>>>>>>" % FIRST),
        objects=[form(b"0 g 0 0 612 792 re f", b"/Group<</S/Transparency/CS/DeviceGray>>")],
    ),
    "in a white pattern": Sheet(
        SEEN,
        content=text(before="/Pattern cs /P scn"),
        extra=resources(b"/Pattern<</P %d 0 R>>" % FIRST),
        objects=[
            b"<</Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 10 10]/XStep 10/YStep 10"
            b"/Resources<<>>/Length 18>>\nstream\n1 g 0 0 10 10 re f\nendstream"
        ],
    ),
    "filled and stroked white": Sheet(SEEN, content=text(before="1 g 1 G 2 Tr")),
    "under a picture in the content": Sheet(
        SEEN, content=text() + b"q 400 0 0 30 50 640 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x00 EI Q"
    ),
    "in a transparent form": Sheet(
        SEEN,
        content=b"/G gs /X Do",
        extra=resources(b"/ExtGState<</G<</ca 0/CA 0>>>>/XObject<</X %d 0 R>>" % FIRST),
        objects=[form(text(), b"/Group<</S/Transparency>>")],
    ),
    "of 0.1 points": Sheet(SEEN, content=text(size=0.1)),
    "of no width": Sheet(SEEN, content=text(before="0 Tz")),
    "of no size": Sheet(SEEN, content=b"BT /F1 0 Tf 60 650 Td (" + SECRET.encode() + b") Tj ET"),
    "white in a form": Sheet(SEEN, content=b"/X Do", extra=PAINT, objects=[form(text(before="1 g"))]),
    "white, turned": Sheet(SEEN, content=text(before="1 g"), rotate=90),
    "stroked white": Sheet(SEEN, content=text(before="1 G 1 Tr")),
    "a hidden annotation": Sheet(
        SEEN,
        extra=b"/Annots[<</Type/Annot/Subtype/Stamp/F 2/Rect[0 0 612 792]/AP<</N %d 0 R>>>>]" % FIRST,
        objects=[form(text())],
    ),
    "an annotation that screens do not show": Sheet(
        SEEN,
        extra=b"/Annots[<</Type/Annot/Subtype/Stamp/F 32/Rect[0 0 612 792]/AP<</N %d 0 R>>>>]" % FIRST,
        objects=[form(text())],
    ),
}
# PDFium itself gives no characters of these.
UNREAD = {"of no width", "of no size", "a hidden annotation", "an annotation that screens do not show"}


@pytest.mark.parametrize("kind", HIDDEN)
def test_what_the_page_hides_is_left_out(reader: Reader, tmp_path: Path, kind: str) -> None:
    page = read(reader, tmp_path, HIDDEN[kind])
    assert page.text == SHOWN
    assert page.hidden == (0 if kind in UNREAD else WORDS)


SEEN_ALL = {
    "black": Sheet(SEEN, content=text()),
    "light grey": Sheet(SEEN, content=text(before=".9 g")),
    "white on black": Sheet(SEEN, content=b"0 g 40 640 400 30 re f " + text(before="1 g")),
    "black on a white bar": Sheet(SEEN, content=b"1 g 40 640 400 30 re f " + text(before="0 g")),
    "white on a dark picture": Sheet(
        SEEN, content=b"q 400 0 0 30 50 640 cm /X Do Q " + text(before="1 g"), extra=PAINT, objects=[picture(40)]
    ),
    "under a rule": Sheet(SEEN, content=text() + b"40 653 400 .8 re f"),
    "under a highlight": Sheet(
        SEEN,
        content=text() + b"/G gs 1 1 0 rg 40 640 400 30 re f",
        extra=resources(b"/ExtGState<</G<</BM/Multiply/ca .6>>>>"),
    ),
    "beside a bar": Sheet(SEEN, content=text() + b"0 g 40 662 400 30 re f"),
    "half transparent": Sheet(SEEN, content=text(before="/G gs"), extra=resources(b"/ExtGState<</G<</ca .5/CA .5>>>>")),
    "in a form": Sheet(SEEN, content=b"/X Do", extra=PAINT, objects=[form(text())]),
    "outlined": Sheet(SEEN, content=text(before="1 Tr")),
    "white below black at the same place": Sheet(SEEN, content=text(before="1 g") + text(before="0 g")),
    "a picture through its letters": Sheet(
        SEEN,
        content=b"q " + text(before="7 Tr") + b"500 0 0 100 50 600 cm /X Do Q",
        extra=PAINT,
        objects=[picture(90)],
    ),
    "twelve small points": Sheet(SEEN, content=text(size=1.2)),
}


@pytest.mark.parametrize("kind", SEEN_ALL)
def test_what_the_page_shows_stays(reader: Reader, tmp_path: Path, kind: str) -> None:
    page = read(reader, tmp_path, SEEN_ALL[kind])
    assert SECRET in " ".join(page.text.split())
    assert page.hidden == 0


# --- layers ----------------------------------------------------------------------------------------------------------
OFF = pikepdf.Dictionary(BaseState=pikepdf.Name.OFF)


def layers(
    path: Path, sheet: Sheet, *, configuration: pikepdf.Dictionary, membership: pikepdf.Dictionary | None
) -> None:
    """Write a page whose resources name a layer /L, or a membership of it, and whose form /X belongs to it as well."""
    with pikepdf.open(io.BytesIO(pdf(sheet))) as document:
        layer = document.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name=pikepdf.String("draft")))
        names = {"ON": configuration.get("/ON"), "OFF": configuration.get("/OFF")}
        for name, layers_of in names.items():
            if layers_of is not None:
                configuration[f"/{name}"] = pikepdf.Array([layer])
        document.Root.OCProperties = pikepdf.Dictionary(OCGs=pikepdf.Array([layer]), D=configuration)
        if membership is not None:
            membership.OCGs = layer
            layer = document.make_indirect(membership)
        resources_of = document.pages[0].obj.Resources
        resources_of.Properties = pikepdf.Dictionary(L=layer)
        for form_of in resources_of.get("/XObject", pikepdf.Dictionary()).values():
            form_of.OC = layer
        document.save(path, object_stream_mode=pikepdf.ObjectStreamMode.generate)


MARKED = Sheet(SEEN, content=b"/OC /L BDC " + text() + b"EMC")
NESTED = Sheet(SEEN, content=b"/P <</MCID 0>> BDC /OC /L BDC /Span <</X 1>> BDC " + text() + b"EMC EMC EMC")
IN_FORM = Sheet(SEEN, content=b"/X Do", extra=PAINT, objects=[form(text())])
COVERED = Sheet(SEEN, content=text() + b"/X Do", extra=PAINT, objects=[form(b"40 640 400 30 re f")])


@pytest.mark.parametrize("sheet", [MARKED, NESTED, IN_FORM], ids=["marked", "nested", "form"])
@pytest.mark.parametrize("state", ["on", "off", "base state", "all off"])
def test_layers_are_read_if_they_are_on(reader: Reader, tmp_path: Path, sheet: Sheet, state: str) -> None:
    configuration = {
        "on": pikepdf.Dictionary(ON=pikepdf.Array()),
        "off": pikepdf.Dictionary(OFF=pikepdf.Array()),
        "base state": pikepdf.Dictionary(BaseState=pikepdf.Name.OFF),
        "all off": pikepdf.Dictionary(OFF=pikepdf.Array()),
    }[state]
    membership = pikepdf.Dictionary(Type=pikepdf.Name.OCMD, P=pikepdf.Name.AnyOn) if state == "all off" else None
    path = tmp_path / "layers.pdf"
    layers(path, sheet, configuration=configuration, membership=membership)
    assert may_hold(path, LAYERS)
    (result,) = reader.pages(reader.open(path))
    page = result.read.page
    assert (SECRET in page.text) == (state == "on")
    assert page.hidden == (0 if state == "on" else WORDS)


def test_what_a_layer_covers_that_is_off_stays(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "layers.pdf"
    layers(path, COVERED, configuration=pikepdf.Dictionary(OFF=pikepdf.Array()), membership=None)
    (result,) = reader.pages(reader.open(path))
    assert SECRET in result.read.page.text


# --- scans -----------------------------------------------------------------------------------------------------------
def scan(reader: Reader, folder: Path) -> bytes:
    """The picture of a page that says what SEEN and SECRET say."""
    (folder / "printed.pdf").write_bytes(pdf(Sheet(SEEN, content=text())))
    source = reader.open(folder / "printed.pdf")
    return reader.draw(source, 0, width=900)


@pytest.mark.parametrize("how", ["over", "under", "over, on paper"])
def test_the_text_of_a_scan_counts_as_painted(reader: Reader, tmp_path: Path, how: str) -> None:
    image = Image.open(io.BytesIO(scan(reader, tmp_path))).convert("L")
    data = zlib.compress(image.tobytes())
    head = b"<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8"
    page_picture = head % image.size + b"/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream" % (len(data), data)
    paint = b"q 612 0 0 792 0 0 cm /X Do Q "
    words = b"".join(
        text(words, before="3 Tr" if how != "under" else "0 Tr", size=size, y=y) for _, y, size, words in [*SEEN]
    )
    unprinted = text("These words are in no picture at all.", before="3 Tr", y=400)
    content = {"over": paint + words, "under": words + paint, "over, on paper": paint + words + unprinted}[how]
    page = read(reader, tmp_path, Sheet(content=content, extra=PAINT, objects=[page_picture]))
    assert page.text.rstrip() == SHOWN
    assert page.hidden == (8 if "paper" in how else 0)
