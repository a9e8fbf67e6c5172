"""Texts of documents and models in Markdown: data, that load no pictures and make no links, headings or lists."""

import re

_MARKUP = re.compile(r"[\\`*\[\]<]|(?<![^\W_])_|_(?![^\W_])|~(?=~)|&(?=#?\w+;)|^[#>]", re.MULTILINE)
_LIST = re.compile(r"^(\s*\d*)([+\-=.)])(?!\d)", re.MULTILINE)  # and a line that would make a heading of the one above


def plain(text: str) -> str:
    """A text that Markdown, or the HTML in it, shows as it is."""
    return _LIST.sub(r"\1\\\2", _MARKUP.sub(r"\\\g<0>", text))
