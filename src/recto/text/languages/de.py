"""German."""

from recto.text.languages.language import (
    ContentsWords,
    KindWords,
    Language,
    NumberWords,
    PlaceWords,
    PolarityWords,
    QuestionWords,
    in_order,
    meanings,
    units,
    words,
)

GERMAN = Language(
    code="de",
    name="German",
    decimal_comma=True,
    stemmer="german",
    stop_words=words(
        "der die das den dem des ein eine einen einem einer eines und oder aber in im an am auf aus bei beim mit "
        "nach von vom zu zum zur für durch um ist sind war waren wird werden wurde wurden hat haben hatte hatten "
        "nicht auch als wie was wer wem wen wann wo woher wohin warum wieso welche welcher welches welchem welchen "
        "es er sie ihr ihre seine sein sich dass daß man über unter bis sowie dieser diese dieses diesem diesen "
        "noch nur kann wieviel wieviele wessen womit wofür wodurch worin worauf woraus wonach wozu wobei weshalb "
        "weswegen viel viele vielen"
    ),
    dotted_ordinals=True,
    months=in_order("januar februar märz april mai juni juli august september oktober november dezember"),
    cased_abbreviations=words(
        "z v n d u bzw ca usw vgl Nr Abs bspw ggf inkl exkl zzgl evtl Chr Jh Jhd Tel Str Hr Prof Dipl Abb"
    ),
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
    leaning_words=words(
        "er sie es dies diese dieser dieses diesen diesem jene jener jenes sein seine seinen seinem seiner ihr "
        "ihre ihren ihrem ihrer deren dessen solche solcher solches jedoch daher deshalb deswegen somit folglich "
        "zudem außerdem ferner stattdessen andernfalls dennoch trotzdem allerdings auch beide aber und oder denn "
        "dann dabei dadurch damit dazu danach dort infolgedessen"
    )
    | {"in diesem fall", "aus diesem grund", "darüber hinaus"},
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
        closings=words("grüßen grüssen hochachtungsvoll gruß"),
        singling=words("welche welcher welches welchen welchem wer wem wen wo wann wie warum"),
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
            "was steht stehen auf der die das den dem des ein eine einen zeigt zeige zeigen mir uns gib "
            "geht es bitte "
            "sagt in im zu von vom aus ist wird wurde hat dieser diese dieses diesem diesen welcher welche welches "
            "lautet heißt enthält enthalten beschreibt lies zusammen kurz kurze kurzen über wie"
        ),
        bylines=words("von autor: autorin: autoren: verfasser:"),
        abstracts=words("zusammenfassung einleitung überblick vorwort kurzfassung zweck"),
    ),
    kinds=KindWords(
        openings=meanings("""
            mail e-mail e-mail-adresse mailadresse welche_e-mail
            mass was_wiegt welches_gewicht wie_schwer wie_viel_wiegt wie_viele_kilo
            percent welcher_prozentsatz wie_viel_prozent zu_wie_viel_prozent
            person wem wen wer wessen
            telephone rufnummer telefonisch telefonnummer unter_welcher_nummer welche_nummer_rufe
            telephone welche_telefonnummer
            temperature welche_temperatur welcher_temperatur wie_heiß wie_kalt wie_viel_grad wie_warm
        """),
        measures=meanings("""
            breite wie_breit
            dicke wie_dick
            entfernung wie_weit
            gewicht wie_schwer
            länge wie_lang_ist wie_lang_sind
            tiefe wie_tief
        """),
        number=words("wieviele") | {"auf wie viele", "in wie vielen", "welche anzahl", "wie viele", "wie vielen"},
        duration=frozenset({"wie lange", "wie viel zeit"}),
        when=words("wann")
        | {
            "ab wie viel uhr",
            "an welchem tag",
            "bis wann",
            "in welchem jahr",
            "seit wann",
            "um wie viel uhr",
            "um wieviel uhr",
            "welcher tag",
            "welches datum",
            "welches jahr",
        },
        amounts=frozenset(
            {
                "was kosten",
                "was kostet",
                "welcher preis",
                "wie hoch ist der betrag",
                "wie hoch ist der preis",
                "wie hoch ist der rechnungsbetrag",
                "wie hoch ist die gebühr",
                "wie hoch ist die miete",
                "wie teuer",
                "wie viel geld",
                "wie viel kosten",
                "wie viel kostet",
                "wie viel kostete",
            }
        ),
        currencies=words("euro franken kronen rappen"),
        times=words(
            "dienstag donnerstag freitag gestern heute jahr jahre jährlich mittwoch monatlich monats "
            "monatsende montag morgen samstag sonntag tag tage täglich uhr werktag wöchentlich"
        ),
    ),
)
