"""German."""

from recto.text.languages.language import (
    ContentsWords,
    Language,
    NumberWords,
    PolarityWords,
    QuestionWords,
    units,
    words,
)

GERMAN = Language(
    cased_abbreviations=words("z bzw ca usw vgl Nr Abs bspw ggf inkl evtl"),
    dotted_day_months=words("januar februar märz april mai juni juli august september oktober november dezember"),
    page_words=words("seite seiten"),
    range_words=words("bis"),
    contents=ContentsWords(
        phrases=words("abkürzung abkürzungen inhaltsverzeichnis abbildungsverzeichnis tabellenverzeichnis")
        | {"wofür steht", "steht für", "welcher seite"},
        asking=words("welche welchem welchen welcher welches viele alle"),
        parts=words("kapitel kapiteln abschnitt abschnitte abschnitten abbildungen tabellen"),
        changes=words("geändert änderungen neu"),
    ),
    polarity=PolarityWords(
        negations=words("nicht kein keine keinen keiner keinem nie ohne"),
        negating_determiners=words("kein keine keinen keiner keinem"),
        clause_openers=words("aber sondern"),
        undirected=words("der die das ein eine einen ist sind war wird werden und oder"),
    ),
    numbers=NumberWords(
        scales={"tausend": 3, "mio": 6, "millionen": 6, "mrd": 9, "milliarden": 9},
        units=units("""
            % 1 prozent
            time 1 sekunde sekunden
            time 60 minuten
            time 3600 stunde stunden
            time 86400 tag tage tagen
            time 604800 woche wochen
            months 1 monat monate monaten
            months 12 jahr jahre jahren
        """),
    ),
    questions=QuestionWords(prepositions=words("im für"), fillers=words("und"), connectives=words("und")),
)
