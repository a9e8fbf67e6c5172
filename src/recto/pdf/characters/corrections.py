"""What PDFium's characters lack to be what the page shows: one rule after another, see docs/reading.md."""

from recto.pdf.characters import Characters
from recto.pdf.characters.accents import composed
from recto.pdf.characters.breaks import unbroken
from recto.pdf.characters.ligatures import in_own_order
from recto.pdf.characters.measures import Measures
from recto.pdf.characters.note_letters import parted_from_marks
from recto.pdf.characters.raised import superscribed
from recto.pdf.characters.shadows import undoubled
from recto.pdf.characters.spacing import spaced
from recto.pdf.characters.syllables import unparted


def corrected(characters: Characters, measures: Measures) -> Characters:
    """Put doubled letters, accents, ligatures, line breaks, spaces and raised digits right.

    Accents go before spaces, which are measured between letters, and spaces before raised digits, which belong to what
    stands on their line.
    """
    words = spaced(unbroken(in_own_order(composed(undoubled(characters)))), measures)
    return superscribed(parted_from_marks(unparted(words, measures), measures), measures)
