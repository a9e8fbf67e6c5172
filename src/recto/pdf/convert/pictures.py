"""Pictures as pages: PNG, JPEG, TIFF with all its pages, WebP and HEIC."""

import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pypdfium2 as pdfium
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from recto.pdf.convert.blocks import NotConvertible

LONG_SIDE = 842.0  # points of A4: what a picture says of its own size is often wrong, and OCR wants a page's
MOST_PIXELS = 100_000_000  # of one page: A3 at 600 dpi has 70 million
PHONES = "MPO"  # JPEG with a second picture behind it: what a phone keeps for itself
MOST_PAGES = 2000
QUALITY = 92  # of JPEG, where a picture is none yet


def convert(path: Path, target: Path) -> None:
    """Write a PDF with a page for each frame. NotConvertible if the file is damaged, or beyond a limit."""
    from pi_heif import register_heif_opener

    register_heif_opener()
    Image.MAX_IMAGE_PIXELS = None  # `_checked` says it in words of ours
    document = pdfium.PdfDocument.new()
    try:
        with Image.open(path) as picture:
            frames = 1 if picture.format == PHONES else getattr(picture, "n_frames", 1)
            if frames > MOST_PAGES:
                raise NotConvertible(f"it has {frames} pages, the limit is {MOST_PAGES}: split it")
            for jpeg, size in islice(_pages(picture, path), frames):
                width, height = (max(side * LONG_SIDE / max(size), 1.0) for side in size)
                page = document.new_page(width, height)
                image = pdfium.PdfImage.new(document)
                image.load_jpeg(io.BytesIO(jpeg), inline=True)
                image.set_matrix(pdfium.PdfMatrix().scale(width, height))
                page.insert_obj(image)
                page.gen_content()
                page.close()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, TypeError, IndexError) as error:
        raise NotConvertible(f"the picture cannot be decoded ({error})") from error  # Pillow raises all of these
    document.save(data := io.BytesIO())  # to a file it says nothing of a disk that is full
    document.close()
    target.write_bytes(data.getvalue())


def _pages(picture: Image.Image, path: Path) -> Iterator[tuple[bytes, tuple[int, int]]]:
    """Each frame as JPEG, upright, with its size in pixels; a JPEG as it is, if it may."""
    _checked(picture)
    if picture.format == "JPEG" and picture.mode in ("L", "RGB") and picture.getexif().get(0x0112, 1) == 1:
        picture.load()  # is it whole?
        yield path.read_bytes(), picture.size
        return
    for frame in ImageSequence.Iterator(picture):
        _checked(frame)
        buffer, flat = io.BytesIO(), _flat(ImageOps.exif_transpose(frame))
        flat.save(buffer, "JPEG", quality=QUALITY, subsampling=0)
        yield buffer.getvalue(), flat.size


def _checked(frame: Image.Image) -> None:
    width, height = frame.size
    if width * height > MOST_PIXELS:
        limit = f"the limit is {MOST_PIXELS // 1_000_000} million"
        raise NotConvertible(f"a page of it has {width} x {height} pixels, {limit}: scale it down")


def _flat(frame: Image.Image) -> Image.Image:
    """Grey or coloured, on white where it is transparent."""
    if frame.mode.startswith("I;16"):
        return frame.point(lambda value: value / 256, "L") if frame.mode == "I;16" else frame.convert("I").convert("L")
    if frame.has_transparency_data:
        layer = frame.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(white, layer).convert("RGB")
    return frame.convert("L" if frame.mode in ("1", "L", "I", "F") else "RGB")
