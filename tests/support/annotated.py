"""PDFs with forms, comments and attachments: pages of `support.pdfs`, with what lies above them added."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String

PACKET = b'<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/"><subform><field name="a"/></subform></xdp:xdp>'
Rectangle = tuple[float, float, float, float]  # left, bottom, right, top, in points


@dataclass
class Annotated:
    """A PDF to whose first page annotations are added."""

    content: bytes

    def __post_init__(self) -> None:
        self.pdf = pikepdf.open(io.BytesIO(self.content))
        self.page = self.pdf.pages[0]
        self.fields = Array()
        self.page.Annots = Array()

    def file(self, *, xml: bool = False) -> bytes:
        """The file. PDFium draws what fields show, as for a form filled by a program; `xml`: it is one in XML, too."""
        if len(self.fields):
            fonts = Dictionary(Font=self.page.Resources.Font)
            self.pdf.Root.AcroForm = Dictionary(
                Fields=self.fields, NeedAppearances=True, DA=String("/F1 10 Tf 0 g"), DR=fonts
            )
        if xml:
            self.pdf.Root.AcroForm.XFA = self.pdf.make_stream(PACKET)
        out = io.BytesIO()
        self.pdf.save(out)
        return out.getvalue()

    def annotation(self, subtype: str, rectangle: Rectangle, **entries: object) -> pikepdf.Object:
        """Add an annotation."""
        made = self.pdf.make_indirect(
            Dictionary(Type=Name.Annot, Subtype=Name(f"/{subtype}"), Rect=Array(rectangle), **{"F": 4, **entries})
        )
        self.page.Annots.append(made)
        return made

    def field(self, kind: str, rectangle: Rectangle, **entries: object) -> None:
        """Add a field of a form: Tx, Btn or Ch."""
        name = String(f"field {len(self.fields)}")
        self.fields.append(
            self.annotation("Widget", rectangle, FT=Name(f"/{kind}"), T=name, DA=String("/F1 10 Tf 0 g"), **entries)
        )

    def value(self, rectangle: Rectangle, text: str, **entries: object) -> None:
        """Add a text field that is filled in."""
        self.field("Tx", rectangle, V=String(text), **entries)

    def box(self, left: float, bottom: float, *, checked: bool, radio: bool = False) -> None:
        """Add a check box or a radio button of 10 points."""
        state = Name.Yes if checked else Name.Off
        looks = Dictionary(Yes=self.drawn(b"0 0 m 10 10 l S"), Off=self.drawn(b""))
        self.field(
            "Btn",
            (left, bottom, left + 10, bottom + 10),
            V=state,
            AS=state,
            AP=Dictionary(N=looks),
            Ff=(1 << 15) * radio,
        )

    def drawn(self, content: bytes) -> Stream:
        """What an annotation shows."""
        box = Array([0, 0, 10, 10])
        return self.pdf.make_stream(content, Type=Name.XObject, Subtype=Name.Form, BBox=box)

    def struck(self, rectangle: Rectangle, **entries: object) -> None:
        """Strike out what stands in a rectangle."""
        left, bottom, right, top = rectangle
        quad = Array([left, top, right, top, left, bottom, right, bottom])
        self.annotation("StrikeOut", rectangle, QuadPoints=quad, **entries)


def labelled(content: bytes, ranges: Sequence[tuple[int, str]]) -> bytes:
    """The PDF with page labels: from these pages on, counted from 0, in these styles (r, D, A ...)."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        numbers = [entry for page, style in ranges for entry in (page, Dictionary(S=Name(f"/{style}")))]
        pdf.Root.PageLabels = Dictionary(Nums=Array(numbers))
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def with_attachments(content: bytes, files: dict[str, bytes]) -> bytes:
    """The PDF with files attached."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        for name, data in files.items():
            pdf.attachments[name] = pikepdf.AttachedFileSpec(pdf, data, filename=name)
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def xml_form(content: bytes) -> bytes:
    """The PDF as the filler of a form whose content is XML (XFA)."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        pdf.Root.AcroForm = Dictionary(Fields=Array(), XFA=pdf.make_stream(PACKET))
        pdf.Root.NeedsRendering = True
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()
