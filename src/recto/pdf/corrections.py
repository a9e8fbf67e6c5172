"""What PDFium's characters lack to be what the page shows: one rule after another, see docs/reading.md."""

from recto.pdf.accents import composed
from recto.pdf.breaks import unbroken
from recto.pdf.characters import Characters
from recto.pdf.ligatures import in_own_order
from recto.pdf.raised import Baselines, superscribed
from recto.pdf.shadows import undoubled
from recto.pdf.spacing import spaced


def corrected(characters: Characters, baselines: Baselines) -> Characters:
    """Put doubled letters, accents, ligatures, line breaks, spaces and raised digits right.

    Accents go before spaces, which are measured between letters, and spaces before raised digits, which belong to what
    stands on their line.
    """
    return superscribed(spaced(unbroken(in_own_order(composed(undoubled(characters))))), baselines)
