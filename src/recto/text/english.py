"""Whether a text is English: by its letters and its small words."""

import re

LEAST = 20  # letters: fewer tell nothing
FOREIGN = 0.3  # of the letters of another alphabet make a text one of another language

_LETTER = re.compile(r"[^\W\d_]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_WORD = re.compile(r"[^\W\d_]+")
# Those that no large language in Latin letters shares with English.
_SMALL = frozenset(
    _WORD.findall(
        "the of and that it for was with as be by this are from have not but which they or had were been their has its "
        "these would than there when who will more if out up could other into some what about any only our"
    )
)
# Small words of others; a table of English headings has none of either.
_OTHERS = frozenset(
    _WORD.findall(
        "der die und den das von mit des nicht ist ein eine auf dem für la el los las de que en un una por con del les "
        "le et est dans pour qui sur il di che per non sono della os da em não uma com het een van niet op te dat og "
        "det att på som är na nie się z jest że ve bir bu için và của là có trong și în este pe cu"
    )
)


def is_english(text: str) -> bool:
    """Whether a text is English, as far as its small words tell; of one that has none, as of a table, it is assumed."""
    letters = _LETTER.findall(text)
    if len(letters) < LEAST:
        return True
    if len(letters) - len(_LATIN.findall(text)) > FOREIGN * len(letters):
        return False
    words = [word.lower() for word in _WORD.findall(text)]
    others = sum(word in _OTHERS for word in words)
    return sum(word in _SMALL for word in words) >= others
