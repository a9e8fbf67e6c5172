"""What the rules of text know about languages: a file for each, and the mixture that they work on."""

from dataclasses import replace

from recto.text.languages.de import GERMAN
from recto.text.languages.en import ENGLISH
from recto.text.languages.es import SPANISH
from recto.text.languages.fr import FRENCH
from recto.text.languages.it import ITALIAN
from recto.text.languages.language import union
from recto.text.languages.neutral import NEUTRAL

# For a text whose language nobody has told: English, with the words of the others that can be nothing else in it. In
# "on page 3. August was warm" a sentence ends: a month that English has, too, follows no day with a full stop.
MIXED = replace(
    union(ENGLISH, [GERMAN, FRENCH, SPANISH, ITALIAN, NEUTRAL]),
    dotted_day_months=GERMAN.dotted_day_months.difference(ENGLISH.months),
)
