"""German."""

from recto.text.languages.language import (
    ContentsWords,
    Language,
    NumberWords,
    PlaceWords,
    PolarityWords,
    QuestionWords,
    meanings,
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
    questions=QuestionWords(
        prepositions=words("im für"), fillers=words("und"), connectives=words("und"), up_to=words("bis")
    ),
    places=PlaceWords(
        parts=meanings("""
            table tabelle tabellen
            figure abbildung abbildungen abb. bild grafik
            section abschnitt abschnitte abschn.
            chapter kapitel kap.
            appendix anhang anhänge anlage
            note anmerkung fußnote
            step schritt
            article artikel
            clause ziffer klausel
            paragraph absatz
            part teil
            example beispiel
        """),
        pages={
            **dict.fromkeys(["erste seite", "ersten seite", "titelseite", "titelblatt", "deckblatt"], 0),
            **{"zweite seite": 1, "zweiten seite": 1, "letzte seite": -1, "letzten seite": -1, "rückseite": -1},
        },
        documents=words(
            "dokument dokuments datei bericht berichts handbuch handbuchs buch buches vertrag vertrags rechnung "
            "broschüre vortrag vortrags präsentation arbeit brief leitfaden anleitung textes artikels schreiben"
        ),
        overviews=words("worum überblick übersicht zusammenfassung zusammenfassen fasse thema inhalt gliederung"),
        facts=meanings("""
            title titel
            author autor autorin autoren verfasser verfasserin vortragende vortragender referent referentin
            date datum
        """),
        issuing=words("geschrieben verfasst veröffentlicht erstellt herausgegeben schrieb verfasste"),
        persons=words("wer wem"),
        times=words("wann"),
        requests=words(
            "was steht stehen auf der die das den dem des ein eine einen zeigt zeige zeigen mir uns gib geht es bitte "
            "sagt in im zu von vom aus ist wird wurde hat dieser diese dieses diesem diesen welcher welche welches "
            "lautet heißt enthält enthalten beschreibt lies zusammen kurz kurze kurzen über wie"
        ),
        bylines=words("von autor: autorin: autoren: verfasser:"),
        abstracts=words("zusammenfassung einleitung überblick vorwort kurzfassung zweck"),
    ),
)
