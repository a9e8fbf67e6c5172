"""Blocks laid out on pages by Typst, with the fonts that it carries and those of the system."""

import json
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from importlib import resources

from recto.pdf.convert import struck
from recto.pdf.convert.blocks import Block, BlockKind, NotConvertible, Style, StyledText

A4 = 595  # points
COLUMN = 60  # points that a column of a table needs: wide tables get wide pages
WIDEST = 2400  # points
MOST_TEXT = 2_000_000  # characters, some 500 pages: Typst takes 200 bytes of memory for each
LONGEST_WORD = 60  # characters that fit on a line
LONGEST_CELL_WORD = 14
FIXED_WIDTH = 94  # characters of a fixed width that fit on a line
MISSING = "\N{REPLACEMENT CHARACTER}"
MOST_LISTED = 8  # missing characters that a message shows
BREAK = "\N{ZERO WIDTH SPACE}"  # never in a text: `visible` takes it out
MOST_MISSING = 0.2  # of the characters: with more, what is left says little
SPLIT = "split it into parts"
_TOO_LONG = re.compile(
    rf"(?=[^\n]{{{FIXED_WIDTH + 1}}})([^\n]{{1,{FIXED_WIDTH}}}(?<= )|[^\n]{{{FIXED_WIDTH}}})(?=[^\n])"
)
_NO_GLYPH = re.compile(r'the text `"((?:[^"\\]|\\.)+)"` could not be displayed')
_ESCAPE = re.compile(r"\\u\{([0-9a-f]+)\}")


def pdf(blocks: Sequence[Block]) -> tuple[bytes, str]:
    """The PDF, and what the person should know of it: characters for which no font has a sign, shown as `MISSING`.

    NotConvertible if there are no words, or too many.
    """
    size = sum(len(run.text) for block in blocks for run in _all_runs(block))
    if not any(run.text.strip() for block in blocks for run in _all_runs(block)):
        raise NotConvertible("there is no text in it")
    if size > MOST_TEXT:
        raise NotConvertible(f"it has {size:,} characters of text, the limit is {MOST_TEXT:,}: {SPLIT}")
    blocks = [_breakable(block) for block in blocks]
    columns = max((len(block.rows[0]) for block in blocks if block.rows), default=0)
    width = min(max(A4, 112 + columns * COLUMN), WIDEST)
    missing = missing_signs(
        {char for block in blocks for run in _all_runs(block) for char in run.text if not char.isascii()}
    )
    if not missing:
        return _compiled(blocks, width), ""
    table = str.maketrans(dict.fromkeys(missing, MISSING))
    counts = Counter(char for block in blocks for run in _all_runs(block) for char in run.text if char in missing)
    names = " ".join(char for char, _ in counts.most_common(MOST_LISTED))
    more = " ..." if len(counts) > MOST_LISTED else ""
    what = f"{counts.total():,} of {size:,} characters have no sign in any font here ({names}{more})"
    if counts.total() > MOST_MISSING * size:
        raise NotConvertible(what)
    readable = _compiled([_mapped(block, lambda text: text.translate(table)) for block in blocks], width)
    return readable, what


def missing_signs(chars: set[str]) -> set[str]:
    """Those of these characters for which no font has a sign: PDF/A wants one for each, and Typst names the others."""
    letter = "a"  # marks need one to stand on
    words = StyledText(Style.PLAIN, " ".join(letter + char for char in sorted(chars - {BREAK})))
    try:
        _compiled([Block(kind=BlockKind.PARAGRAPH, runs=(words,))], A4, strict=True)
    except RuntimeError as error:
        escapes = "".join(_NO_GLYPH.findall(str(getattr(error, "diagnostic", ""))))
        return set(_ESCAPE.sub(lambda match: chr(int(match[1], 16)), escapes)) & chars
    return set()


def is_leftward(block: Block) -> bool:
    """Whether most letters of a block belong to scripts that run to the left; lines keep their columns as they are."""
    text = "".join(run.text for run in _all_runs(block))
    if text.isascii() or block.kind is BlockKind.LINES:
        return False
    directions = Counter(map(unicodedata.bidirectional, text))
    return directions["R"] + directions["AL"] > directions["L"]


def _compiled(blocks: Sequence[Block], width: int, *, strict: bool = False) -> bytes:
    """The PDF. Where `strict`, RuntimeError with a `diagnostic` if there are characters without a sign."""
    os.environ["RAYON_NUM_THREADS"] = "1"  # a document takes a second: threads would only cost address space
    import typst

    content = {"width": width, "blocks": [{**asdict(block), "leftward": is_leftward(block)} for block in blocks]}
    compiler = typst.Compiler(
        resources.files("recto.pdf.convert").joinpath("layout.typ").read_bytes(),
        sys_inputs={"content": json.dumps(content)},
    )
    document = compiler.compile(pdf_standards="a-2b" if strict else [], timestamp=0)  # the same bytes every time
    assert isinstance(document, bytes)
    return (
        struck.annotated(document) if any(run.is_struck for block in blocks for run in _all_runs(block)) else document
    )


def _all_runs(block: Block) -> Iterator[StyledText]:
    yield from block.runs
    for row in block.rows:
        for cell in row:
            yield from cell


def _mapped(block: Block, change: Callable[[str], str]) -> Block:
    """The block with other words."""

    def mapped(runs: Sequence[StyledText]) -> tuple[StyledText, ...]:
        return tuple(run._replace(text=change(run.text)) for run in runs)

    rows = tuple(tuple(map(mapped, row)) for row in block.rows)
    return replace(block, runs=mapped(block.runs), rows=rows)


def _breakable(block: Block) -> Block:
    """The block with a place to break in words longer than a line; lines of columns are broken, at a space if any."""
    if block.kind is BlockKind.LINES:
        return _mapped(block, lambda text: _TOO_LONG.sub("\\1\n", text))
    longest = LONGEST_CELL_WORD if block.rows else LONGEST_WORD
    return _mapped(block, lambda text: re.sub(rf"(\S{{{longest}}})(?=\S)", rf"\1{BREAK}", text))
