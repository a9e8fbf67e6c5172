"""French."""

from recto.text.languages.language import Language, NumberWords, PolarityWords, QuestionWords, units, words

FRENCH = Language(
    polarity=PolarityWords(
        negations=words("pas jamais sans aucun aucune"),
        negating_determiners=words("aucun aucune"),
        clause_openers=words("mais"),
        undirected=words("le la les un une est sont et ou"),
    ),
    numbers=NumberWords(
        scales={"milliard": 9, "milliards": 9},
        units=units("""
            % 1 pour_cent
            time 3600 heure heures
            time 86400 jour jours
            time 604800 semaine semaines
            months 1 mois
            months 12 ans années
            length 1 mètres
            mass 1 gramme
        """),
    ),
    questions=QuestionWords(prepositions=words("en pour"), fillers=words("et"), connectives=words("et")),
)
