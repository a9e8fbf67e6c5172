"""The two packed blobs of a page: what people see (text, boxes, passages) and what ranking reads (terms)."""

import json
import struct
import zlib
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from recto.index_types import PageTerms, Summary
from recto.store.file import DamagedRow
from recto.text.memory import remembered
from recto.types import Flag, Page, Passage, Problem, Span, Trait, TraitKind, UInt16s, UInt32s

LEVEL = 6  # of zlib: level 9 saves under 1 % more and costs twice the CPU
UNPACKED = 256  # pages kept unpacked, 6 MB: a question, and the next one, reads the same ones again and again
LATER = ("hidden", "uncertain", "path", "problems")  # values that summaries kept before lack
SHOWN_JSON = 40  # characters of a damaged summary that the message shows
SURROGATES = "surrogatepass"  # a broken PDF may yield half a surrogate pair, and a page's text is kept as it was read

# Width, height, flag, passages; since then label, hidden words and traits, which older pages lack.
_Header = tuple[float, float, str, list[tuple[int, int, str]], *tuple[Any, ...]]
_SIZES = struct.Struct("<III")  # bytes of the header, bytes of the text, words
_HABITS = struct.Struct("<dIII")  # digits, flags, number of passages, of rows
# Flags: the page is short; an array tells which passages are contents; distinct terms are numbered, see numbered.
_SHORT, _CONTENTS, _NUMBERED = 1, 2, 4


def packed(page: Page, passages: Sequence[Passage]) -> bytes:
    """One page with its words and passages; a passage's text is not stored again."""
    cut = [[passage.span.start, passage.span.end, passage.heading] for passage in passages]
    traits = [[trait.kind, trait.start, trait.end] for trait in page.traits]
    more = [page.label, page.hidden, traits]
    header = json.dumps([page.width, page.height, page.flag, cut, *more]).encode()
    text = page.text.encode("utf-8", SURROGATES)
    sizes = _SIZES.pack(len(header), len(text), len(page.spans))
    # Words as gaps and lengths, small numbers that zlib packs well; unsigned differences wrap and so lose nothing.
    spans = np.diff(page.spans.ravel(), prepend=np.uint32(0))
    # Boxes as gap to the word before, width, step down and change of height: on one line nearly constant, or zero.
    x0, y0, x1, y1 = page.boxes.T
    start = np.uint16(0)
    gaps = x0 - np.concatenate(([start], x1[:-1]))[: len(x0)]
    boxes = np.concatenate((gaps, x1 - x0, np.diff(y0, prepend=start), np.diff(y1 - y0, prepend=start)))
    return zlib.compress(b"".join((sizes, header, text, _planes(spans), _planes(boxes))), LEVEL)


@remembered(UNPACKED)
def page_of(blob: bytes, number: int) -> Page:
    """The page of a blob."""
    (width, height, flag, _, *more), text, words, numbers = _unpacked(blob)
    cut = words * 2 * 4
    spans = np.cumsum(_from_planes(numbers[:cut], "<u4"), dtype=np.uint32).reshape(words, 2)
    gaps, widths, downs, growths = _from_planes(numbers[cut:], "<u2").reshape(4, words)
    x1, y0, heights = (np.cumsum(steps, dtype=np.uint16) for steps in (gaps + widths, downs, growths))
    label, hidden, traits = more or ("", 0, [])
    return Page(
        number=number,
        width=width,
        height=height,
        flag=Flag(flag),
        text=text,
        spans=spans,
        boxes=np.stack((x1 - widths, y0, x1, y0 + heights), axis=1),
        label=label,
        hidden=hidden,
        traits=tuple(Trait(TraitKind(kind), start, end) for kind, start, end in traits),
    )


def passages_of(blob: bytes, doc: str, number: int) -> list[Passage]:
    """The passages of a blob."""
    (_, _, _, passages, *_), text, _, _ = _unpacked(blob)
    return [Passage(Span(doc, number, start, end), text[start:end], heading) for start, end, heading in passages]


@remembered(UNPACKED)
def _unpacked(blob: bytes) -> tuple[_Header, str, int, bytes]:
    content = zlib.decompress(blob)
    header, text, words = _SIZES.unpack_from(content)
    first = _SIZES.size + header
    second = first + text
    return (
        json.loads(content[_SIZES.size : first]),
        content[first:second].decode("utf-8", SURROGATES),
        words,
        content[second:],
    )


def _planes(numbers: UInt16s | UInt32s) -> bytes:
    """All low bytes, then all high bytes: the high ones are nearly all zero."""
    flat = np.ascontiguousarray(numbers).reshape(-1, 1)
    return flat.view(np.uint8).T.tobytes()


def _from_planes(data: bytes, dtype: str) -> UInt16s | UInt32s:
    size = np.dtype(dtype).itemsize
    planes = np.frombuffer(data, np.uint8).reshape(size, -1)
    return np.ascontiguousarray(planes.T).view(dtype).ravel()


def packed_summary(summary: Summary) -> str:
    """A summary as JSON."""
    words = summary.hidden, summary.uncertain
    problems = [[problem.kind, problem.message, problem.hint] for problem in summary.problems]
    return json.dumps([summary.passages, summary.flags, summary.subjects, *words, summary.path, problems])


def summary_of(content: str) -> Summary:
    """The summary of such JSON."""
    try:
        passages, flags, subjects, *more = json.loads(content)
        later = dict(zip(LATER, more, strict=False))
        problems = tuple(Problem(*problem) for problem in later.pop("problems", ()))
        counts = {Flag(flag): count for flag, count in flags.items()}
        return Summary(passages, counts, tuple(subjects), **later, problems=problems)
    except (ValueError, TypeError, AttributeError) as problem:
        raise DamagedRow(f"a summary is {content[:SHOWN_JSON]!r}") from problem


def packed_terms(terms: PageTerms) -> bytes:
    """What is counted of a page, and its term arrays, numbered."""
    arrays = (
        terms.text,
        terms.heading,
        *terms.passages,
        *terms.rows,
        *([terms.contents] if terms.contents.size else []),
    )
    flags = _SHORT * terms.short | _CONTENTS * bool(terms.contents.size) | _NUMBERED
    return _HABITS.pack(terms.digits, flags, len(terms.passages), len(terms.rows)) + numbered(arrays)


def terms_of(blob: bytes) -> PageTerms:
    """The terms of a blob, as read-only views; those from before terms were numbered are read as they are."""
    try:
        digits, flags, passages, rows = _HABITS.unpack_from(blob)
        count = 2 + passages + rows + bool(flags & _CONTENTS)
        content = blob[_HABITS.size :]
        if flags & _NUMBERED:
            content = with_ids(content, count)
        numbers: UInt32s = np.frombuffer(content, "<u4")
    except (struct.error, ValueError, IndexError, zlib.error) as problem:
        raise DamagedRow(f"{len(blob)} bytes of terms: {problem}") from problem
    lengths = numbers[:count].tolist()
    if count + sum(lengths) != len(numbers):
        raise DamagedRow(f"{len(numbers)} numbers for {count} arrays of {sum(lengths)} terms")
    ends = list(accumulate(lengths, initial=count))
    text, heading, *entries = (numbers[start:end] for start, end in pairwise(ends))
    return PageTerms(
        text=text,
        heading=heading,
        passages=tuple(entries[:passages]),
        rows=tuple(entries[passages : passages + rows]),
        digits=digits,
        short=bool(flags & _SHORT),
        contents=entries[-1] if flags & _CONTENTS else numbers[:0],
    )


def numbered(arrays: Sequence[UInt32s]) -> bytes:
    """The distinct ids once, and in each array's place the numbers of its ids among these, which zlib packs well.

    Hashes do not shrink, but passages and rows repeat what the text holds: the whole takes a third of the ids.
    """
    distinct, numbers = np.unique(np.concatenate(arrays), return_inverse=True)
    sizes = np.array([distinct.size, *(len(array) for array in arrays)], "<u4")
    gaps: UInt32s = np.diff(distinct, prepend=np.uint32(0))
    content = sizes.tobytes(), _planes(gaps), numbers.astype(_number_type(distinct.size)).tobytes()
    return zlib.compress(b"".join(content), LEVEL)


def with_ids(content: bytes, count: int) -> bytes:
    """So many numbered arrays as they are: the length of each, then their ids end to end, uint32."""
    content = zlib.decompress(content)
    sizes: UInt32s = np.frombuffer(content, "<u4", count=1 + count)
    first, distinct = sizes.nbytes, int(sizes[0])
    second = first + 4 * distinct
    ids = np.cumsum(_from_planes(content[first:second], "<u4"), dtype=np.uint32)
    terms: UInt32s = ids[np.frombuffer(content, _number_type(distinct), offset=second)]
    return b"".join((sizes[1:].tobytes(), terms.astype("<u4", copy=False).tobytes()))


def _number_type(count: int) -> str:
    """The smallest type of so many numbers."""
    return "u1" if count <= 1 << 8 else "<u2" if count <= 1 << 16 else "<u4"
