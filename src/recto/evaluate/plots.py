"""Line charts as SVG: no script, no font of their own."""

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 420, 300
LEFT, RIGHT, TOP, BOTTOM = 48, 12, 12, 42  # room for the axes' labels
STEPS = 5  # of each axis
LOOKS = (("#1660c4", ""), ("#c2410c", "6 3"), ("#4d7c0f", "2 3"))  # colour and dashes: told apart without colours, too

Points = Sequence[tuple[float, float]]


def chart(across: str, up: str, series: Mapping[str, Points], *, ends: tuple[float, float] = (0, 1)) -> str:
    """Lines over an axis between these ends; upwards from 0 to 1. At most as many as there are looks."""
    parts = [_axes(across, up, ends)]
    for number, ((name, points), (colour, dashes)) in enumerate(zip(series.items(), LOOKS, strict=False)):
        path = " ".join(f"{_x(x, ends):.1f},{_y(y):.1f}" for x, y in points)
        look = f'fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"'
        y = TOP + 14 + 16 * number
        parts.append(
            f'<polyline points="{path}" {look}/>'
            f'<line x1="{LEFT + 12}" x2="{LEFT + 40}" y1="{y - 4}" y2="{y - 4}" {look}/>'
            f'<text x="{LEFT + 46}" y="{y}">{escape(name)}</text>'
        )
    label = escape(f"{up} over {across}")
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">{"".join(parts)}</svg>'


def _axes(across: str, up: str, ends: tuple[float, float]) -> str:
    lines = []
    for step in range(STEPS + 1):
        share = step / STEPS
        value = ends[0] + share * (ends[1] - ends[0])
        x, y = _x(value, ends), _y(share)
        lines.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" class="grid"/>'
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{share:g}</text>'
            f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{value:.3g}</text>'
        )
    middle = (LEFT + WIDTH - RIGHT) / 2
    lines.append(f'<text x="{middle}" y="{HEIGHT - 6}" text-anchor="middle">{escape(across)}</text>')
    turned = f'transform="rotate(-90 12 {HEIGHT / 2})"'
    lines.append(f'<text x="12" y="{HEIGHT / 2}" text-anchor="middle" {turned}>{escape(up)}</text>')
    return "".join(lines)


def _x(value: float, ends: tuple[float, float]) -> float:
    return LEFT + (value - ends[0]) / (ends[1] - ends[0]) * (WIDTH - LEFT - RIGHT)


def _y(share: float) -> float:
    return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)
