"""Pictures of text as scanners, cameras and drawing programs put them on a page."""

import io
import zlib
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

PAPER, INK = 250, 20
DOTS = (1240, 1754)  # A4 at 150 dots an inch
FULL_PAGE = (0.0, 0.0, 612.0, 792.0)

LEASE = (
    "LEASE OF A GARDEN PLOT",
    "The yearly rent of the plot is 85 pounds,",
    "to be paid on the first of March.",
    "The tenant keeps the hedges below two metres",
    "and may not burn leaves before the evening.",
)


def written(lines: Sequence[str], size: tuple[int, int] = DOTS, *, height: int = 34) -> Image.Image:
    """A grey picture of these lines."""
    image = Image.new("L", size, PAPER)
    brush = ImageDraw.Draw(image)
    font = ImageFont.load_default(height)
    for number, line in enumerate(lines):
        brush.text((size[0] // 10, height * (2 + 2 * number)), line, fill=INK, font=font)
    return image


def scan(lines: Sequence[str], *, turn: int = 0, skew: float = 0, dithered: bool = False) -> Image.Image:
    """A page of these lines, turned clockwise by quarters and laid askew on the glass."""
    image = written(lines).rotate(-turn, expand=True)
    image = image.rotate(-skew, Image.Resampling.BICUBIC, fillcolor=PAPER)
    return image.convert("1") if dithered else image


def placed(image: Image.Image, box: tuple[float, float, float, float] = FULL_PAGE) -> bytes:
    """The content that shows the picture in a box of the page: left, bottom, width and height in points."""
    grey = image.convert("L")
    data = zlib.compress(grey.tobytes())
    left, bottom, width, height = box
    head = b"/W %d/H %d/CS/G/BPC 8/F/Fl" % grey.size
    return b"q %g 0 0 %g %g %g cm BI %s ID %s EI Q" % (width, height, left, bottom, head, data)


def outlines(lines: Sequence[str]) -> bytes:
    """The lines drawn as filled shapes, a rectangle for each run of ink: what is left of text that was made curves."""
    image = written(lines, (1224, 1584), height=34).point(lambda level: 255 * (level < 128))
    content = io.BytesIO()
    for y in range(image.height):
        row = image.crop((0, y, image.width, y + 1)).tobytes()
        start = 0
        while (start := row.find(b"\xff", start)) >= 0:
            end = row.find(b"\0", start)
            end = end if end >= 0 else len(row)
            content.write(b"%d %d %d 1 re\n" % (start, image.height - y - 1, end - start))
            start = end
    return b"q 0.5 0 0 0.5 0 0 cm " + content.getvalue() + b"f Q"
