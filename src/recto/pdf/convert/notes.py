"""Footnotes of Markdown, `[^1]`: raised in the text, and before the note itself, which stays where it is written."""

import re

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_block import StateBlock, reference
from markdown_it.rules_inline import StateInline

NOTE = re.compile(r"^ {0,3}\[\^([^\]\s]{1,100})\]:", re.MULTILINE)
_MARK = re.compile(r"\[\^([^\]\s]{1,100})\]")


def enable(reader: MarkdownIt, labels: frozenset[str]) -> None:
    """Have these labels read as footnotes: CommonMark has none, and takes some for addresses of links."""

    def address(state: StateBlock, line: int, end: int, silent: bool) -> bool:
        begin = state.bMarks[line] + state.tShift[line]
        return not state.src.startswith("[^", begin) and reference(state, line, end, silent)

    def mark(state: StateInline, silent: bool) -> bool:
        match = _MARK.match(state.src, state.pos)
        if match is None or match[1] not in labels:
            return False
        begin = state.src.rfind("\n", 0, state.pos) + 1
        is_note = NOTE.match(state.src[begin : match.end() + 1]) is not None
        if not silent:
            label = escapeHtml(match[1] if match[1].isdecimal() else f"[{match[1]}]")
            token = state.push("html_inline", "", 0)
            token.content = f"<br><sup>{label}</sup>" if is_note else f"<sup>{label}</sup>"
        state.pos = match.end() + is_note  # the colon is for programs
        return True

    reader.block.ruler.at("reference", address)
    reader.inline.ruler.before("link", "footnote", mark)
