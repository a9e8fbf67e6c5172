"""What the rules of text know about languages: a file for each, and the mixture that they work on."""

from dataclasses import replace

from recto.text.languages.de import DE
from recto.text.languages.en import EN
from recto.text.languages.es import ES
from recto.text.languages.fr import FR
from recto.text.languages.it import IT
from recto.text.languages.language import Language, any_of, union
from recto.text.languages.neutral import NEUTRAL

__all__ = ["DE", "EN", "ES", "FR", "IT", "MIXED", "NEUTRAL", "Language", "any_of"]

# For a text whose language nobody has told: English, with the words of the others that can be nothing else in it. In
# "on page 3. August was warm" a sentence ends, so that months which English has, too, follow no dotted day.
MIXED = replace(union(EN, DE, FR, ES, IT, NEUTRAL), dotted_day_months=DE.dotted_day_months.difference(EN.months))
