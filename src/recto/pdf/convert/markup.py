"""From HTML to blocks: what a reader would see, without styles. Nothing is run, and nothing is fetched."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from recto.pdf.convert import raised, replaced
from recto.pdf.convert.blocks import Block, BlockKind, Style, StyledText
from recto.pdf.convert.numbering import Numbering
from recto.pdf.convert.texts import decoded, visible

DEEPEST = 150  # elements inside each other; what lies deeper is read as plain words
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([\w.:-]+)|<\?xml[^>]*?encoding=["']([\w.:-]+)""", re.I)
_UNSEEN = {
    "script",
    "style",
    "template",
    "noscript",
    "head",
    "svg",
    "iframe",
    "object",
    "datalist",
    "video",
    "audio",
    "math",
}
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9])|mso-hide\s*:\s*all", re.I
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_STYLES = {
    **dict.fromkeys(("b", "strong", "th", "dt", "caption", "summary", "legend"), Style.BOLD),
    **dict.fromkeys(("i", "em", "cite", "var", "dfn", "figcaption", "img"), Style.ITALIC),
    **dict.fromkeys(("code", "kbd", "samp", "tt"), Style.CODE),
    "sup": Style.RAISED,
    "sub": Style.LOWERED,
}
_STRUCK = {"del", "s", "strike"}
_LINE_THROUGH = re.compile(r"text-decoration[-\w]*\s*:[^;]*line-through", re.I)
_INSET = {"ul", "ol", "dd", "blockquote"}
_BLOCKS = {
    *("p", "div", "section", "article", "header", "footer", "main", "nav", "aside", "address", "figure", "figcaption"),
    *("dl", "dt", "dd", "ul", "ol", "li", "blockquote", "form", "fieldset", "legend", "details", "summary", "body"),
    *("table", "tbody", "thead", "tfoot", "tr", "td", "th", "caption", "center", "hgroup", "option", "textarea"),
    *_HEADINGS,
}
_NOT_IN_DATA = "ul, ol, p + p, h1, h2, h3, h4, h5, h6, pre, blockquote"
_SPACE = re.compile(r"[ \t\n\r\f]+")


def blocks(data: bytes | str) -> list[Block]:
    """The blocks of a page: its title, if it has no heading of the first level, then its body."""
    if isinstance(data, bytes):
        declared = _CHARSET.search(data[:2048])
        data = decoded(data, (declared[1] or declared[2]).decode("ascii") if declared else "")
    parser = LexborHTMLParser(visible(data))
    raised.written(parser)
    walk = _Walk()
    title = parser.css_first("head > title")
    if title is not None and parser.css_first("h1") is None and title.text().strip():
        walk.add(BlockKind.HEADING, (StyledText(Style.PLAIN, _SPACE.sub(" ", title.text()).strip()),), level=1)
    if parser.body is not None:
        walk.into(parser.body, Style.PLAIN, 0)
    walk.flush()
    return walk.blocks


@dataclass
class _Walk:
    """The way through a page, in the order in which it is read."""

    blocks: list[Block] = field(default_factory=list)
    is_struck: bool = False  # what is being read
    _runs: list[StyledText] = field(default_factory=list)  # of the block that has begun
    _level: int = 0
    _mark: str = ""
    _numbering: Numbering = field(default_factory=lambda: Numbering(None))  # of the list that is being read

    def add(self, kind: BlockKind, runs: tuple[StyledText, ...] = (), *, level: int = 0, mark: str = "") -> None:
        """Put a block below the others."""
        self.blocks.append(Block(kind=kind, runs=runs, level=level, mark=mark))

    def flush(self, kind: BlockKind = BlockKind.PARAGRAPH, level: int | None = None) -> None:
        """End the block that has begun, if it holds a word."""
        runs, self._runs = _trimmed(self._runs), []
        if runs:
            self.add(kind, runs, level=self._level if level is None else level, mark=self._mark)
            self._mark = ""

    def into(self, node: LexborNode, style: Style, depth: int) -> None:
        """Read what an element holds."""
        if depth > DEEPEST:
            self._say(style, node.text(deep=True))
            return
        for child in node.iter(include_text=True):
            if child.tag == "-text":
                self._say(style, child.text(deep=False))
            elif child.tag and not _is_unseen(child):
                is_struck, self.is_struck = self.is_struck, self.is_struck or _is_struck(child)
                self._element(child, _STYLES.get(child.tag, style), depth + 1)
                self.is_struck = is_struck

    def _say(self, style: Style, text: str) -> None:
        self._runs.append(StyledText(style, _SPACE.sub(" ", text), self.is_struck))

    def _element(self, node: LexborNode, style: Style, depth: int) -> None:
        tag = node.tag or ""
        if tag == "br":
            self._runs.append(StyledText(style, "\n", self.is_struck))
        elif tag in replaced.WORDS:
            self._say(style, replaced.WORDS[tag](node))
        elif tag == "hr":
            self.flush()
            self.add(BlockKind.RULE)
        elif tag == "pre":
            self.flush()
            if text := node.text(deep=True).strip("\n"):
                self.add(BlockKind.LINES, (StyledText(Style.CODE, text.expandtabs(8)),), level=self._level)
        elif tag == "table" and (table := _data_table(node)):
            self.flush()
            self.blocks.append(table)
        elif tag in _HEADINGS:
            self.flush()
            self.into(node, style, depth)
            self.flush(BlockKind.HEADING, _HEADINGS[tag])
        elif tag in _BLOCKS:
            self._block(node, style, depth)
        else:
            self.into(node, style, depth)

    def _block(self, node: LexborNode, style: Style, depth: int) -> None:
        """A block of its own, set in if it is a list or a quote."""
        self.flush()
        level, self._level = self._level, self._level + (node.tag in _INSET)
        outer = self._numbering
        if node.tag in ("ul", "ol"):
            self._numbering = Numbering(node)
        elif node.tag == "li":
            self._mark = self._numbering.mark(node)
        self.into(node, style, depth)
        self.flush()
        self._level, self._numbering = level, outer


def _is_unseen(node: LexborNode) -> bool:
    """Whether a browser would not show it."""
    attributes = node.attributes
    return node.tag in _UNSEEN or "hidden" in attributes or bool(_HIDDEN.search(attributes.get("style") or ""))


def _is_struck(node: LexborNode) -> bool:
    """Whether a browser strikes it out."""
    return node.tag in _STRUCK or bool(_LINE_THROUGH.search(node.attributes.get("style") or ""))


def _trimmed(runs: list[StyledText]) -> tuple[StyledText, ...]:
    """Neighbours of one style joined, without spaces at the ends, at line breaks, or two in a row."""
    joined: list[StyledText] = []
    for run in runs:
        text = run.text
        if not joined or joined[-1].text.endswith((" ", "\n")):
            text = text.lstrip(" ")
        if text.startswith("\n") and joined:
            joined[-1] = joined[-1]._replace(text=joined[-1].text.rstrip(" "))
        if joined and joined[-1]._replace(text=run.text) == run:
            joined[-1] = run._replace(text=joined[-1].text + text)
        elif text:
            joined.append(run._replace(text=text))
    while joined and not joined[-1].text.strip():
        joined.pop()
    if joined:
        joined[-1] = joined[-1]._replace(text=joined[-1].text.rstrip())
        joined[0] = joined[0]._replace(text=joined[0].text.lstrip())
    return tuple(joined)


def _data_table(table: LexborNode) -> Block | None:
    """A table of at least two rows and two columns; None for one that only arranges other blocks, as in e-mails."""
    if len(table.css("table")) > 1 or table.css_first(_NOT_IN_DATA) is not None:  # `css` finds the table itself, too
        return None
    lines = [row for row in table.css("tr") if not _is_unseen(row)]
    rows = [tuple(_cells(row)) for row in lines]
    columns = max((len(row) for row in rows), default=0)
    if len(rows) < 2 or columns < 2:
        return None
    heads = 0
    while heads < len(lines) - 1 and {cell.tag for cell in lines[heads].iter()} == {"th"}:
        heads += 1
    filled = tuple((*row, *((),) * (columns - len(row))) for row in rows)
    return Block(kind=BlockKind.TABLE, rows=filled, heads=heads)


def _cells(row: LexborNode) -> Iterator[tuple[StyledText, ...]]:
    """The cells of a row; one that spans columns is followed by empty ones."""
    for cell in row.iter():
        if cell.tag in ("td", "th") and not _is_unseen(cell):
            walk = _Walk(is_struck=_is_struck(row) or _is_struck(cell))
            walk.into(cell, _STYLES.get(cell.tag, Style.PLAIN), 0)
            walk.flush()
            runs: list[StyledText] = []
            for block in walk.blocks:
                runs += [StyledText(Style.PLAIN, "\n"), *block.runs] if runs else block.runs
            yield _trimmed(runs)
            span = cell.attributes.get("colspan") or ""
            yield from ((),) * (min(int(span), 50) - 1 if span.isdecimal() else 0)
