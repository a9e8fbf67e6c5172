"""Raised and lowered words of HTML, written so that they are no digits of the number beside them."""

import re

from selectolax.lexbor import LexborHTMLParser

SUPERSCRIPTS = dict(
    zip(
        "0123456789+-\u2212=abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ",
        strict=True,
    )
)
SUBSCRIPTS = dict(zip("0123456789+-\u2212=aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
FORMS = {"sup": SUPERSCRIPTS, "sub": SUBSCRIPTS}
BETWEEN = ",;\u2013*\u2020\u2021\u00a7"  # of several marks: they need no form
WORDS = {"TM": "™"}
LONGEST = 16  # characters of a mark or an exponent; what is longer is small print
OPENING = ("(", "[")
SLASHES = ("/", "\u2044")  # of fractions
_ENDING = re.compile(r"[A-Za-z]{2}")  # of an ordinal or an abbreviation, "1st": a word is found only in usual letters


def written(parser: LexborHTMLParser) -> None:
    """Put superscripts and subscripts, or brackets, in the place of raised and lowered digits. The rest stays."""
    for divisor in parser.css("sup + sub"):
        slash = divisor.prev
        if slash is not None and slash.text().strip() in SLASHES and slash.prev is not None:
            slash.prev.replace_with(f" {slash.prev.text().strip()}")
            divisor.replace_with(divisor.text().strip())
    for node in reversed(parser.css("sup, sub")):  # those inside others first
        text = re.sub(r"(?<=[,;])\s+", "", node.text().strip())
        if form := _form(text, node.tag or ""):
            node.replace_with(form)
        elif len(text) > LONGEST:
            node.insert_before(" ")


def _form(text: str, tag: str) -> str:
    """How it is written where it is not set higher or lower; nothing if it can be."""
    forms = FORMS[tag]
    if text in WORDS and tag == "sup":
        return WORDS[text]
    if not text or len(text) > LONGEST or text.startswith(OPENING):
        return ""
    if all(char in forms or char in BETWEEN for char in text) and not (tag == "sup" and _ENDING.search(text)):
        return "".join(forms.get(char, char) for char in text)
    return f"({text})" if any(map(str.isdigit, text)) else ""
