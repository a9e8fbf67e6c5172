"""Small files of other kinds than PDF, made by hand: pictures with words on them, a mail, an office file."""

import base64
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

A4 = (1240, 1754)  # pixels at 150 dpi
PAGES = ("The harbour crane lifts 45 tonnes.", "The longest bridge has 812 metres.")
MAIL = b"""\
From: =?utf-8?q?J=C3=BCrgen_Adler?= <adler@example.org>
To: Anna <anna@example.org>
Subject: =?utf-8?b?UsOpdW5pb24=?= on pumps
Date: Mon, 2 Nov 2026 10:00:00 +0100
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: multipart/alternative; boundary="c"

--c
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Gr=FC=DFe aus Halle 7. The pump of hall 7 delivers 33 litres a second.

--c
Content-Type: text/html

<p>The same as HTML.</p>
--c--
--b
Content-Type: application/pdf; name="plan.pdf"
Content-Disposition: attachment; filename="plan.pdf"
Content-Transfer-Encoding: base64

JVBERi0xLjQK
--b--
"""
# 64 x 32 pixels, white with a black rectangle: no library that may be shipped here writes HEVC
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAX1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9jAAAAAERA"
    "AAEAAQAAAAABoQABAAAAAAAAACMAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA/WlwcnAAAADdaXBjbwAA"
    "AHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq"
    "5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAAEAAAAABAAAA"
    "IAAAAAEAAAAAAAAAAv///+AAAAACAAAAEHBpeGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAAACttZGF0AAAAHygBrwUY/VLHOxj5oTxs"
    "DnAJJ9BcNvdInYAOrSZ0bE4="
)


def sheet(text: str = PAGES[0], *, size: tuple[int, int] = A4) -> Image.Image:
    """A white page in grey levels with words near its top left."""
    page = Image.new("L", size, 255)
    ImageDraw.Draw(page).text((size[0] // 12, size[1] // 12), text, fill=0, font=ImageFont.load_default(size[0] / 30))
    return page


def picture(kind: str, page: Image.Image | None = None, **options: object) -> bytes:
    """A picture as a file of this kind, as Pillow names it."""
    file = io.BytesIO()
    (page or sheet()).save(file, kind, **options)
    return file.getvalue()


def tiff(texts: Sequence[str] = PAGES) -> bytes:
    """A scan of several pages, the first in grey levels, the others in black and white."""
    first, *others = map(sheet, texts)
    return picture("TIFF", first, save_all=True, append_images=[page.convert("1") for page in others])


def docx(text: str, *, picture_at: str = "") -> bytes:
    """A Word file of one paragraph, and of a picture that lies elsewhere."""
    office = "http://schemas.openxmlformats.org"
    word = f"{office}/wordprocessingml/2006/main"
    relations = f"{office}/officeDocument/2006/relationships"
    of_package = f"{office}/package/2006/relationships"
    drawing = (
        f'<w:p><w:r><w:pict xmlns:v="urn:schemas-microsoft-com:vml"><v:shape style="width:50pt;height:50pt">'
        f'<v:imagedata r:link="p1" xmlns:r="{relations}"/></v:shape></w:pict></w:r></w:p>'
    )
    target = picture_at or "http://example.org/picture.png"
    link = f'<Relationship Id="p1" TargetMode="External" Type="{relations}/image" Target="{target}"/>'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{office}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/word/document.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{of_package}"><Relationship Id="r1" '
        f'Type="{relations}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{of_package}">{link}</Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{word}"><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p>'
        f"{drawing if picture_at else ''}</w:body></w:document>",
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return file.getvalue()


def write(path: Path, content: bytes | str) -> Path:
    """The path, with this in its file."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
