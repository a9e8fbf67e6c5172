"""Dutch."""

from recto.text.languages.language import (
    KindWords,
    Language,
    NumberWords,
    PolarityWords,
    in_order,
    meanings,
    units,
    words,
)

DUTCH = Language(
    code="nl",
    name="Dutch",
    decimal_comma=True,
    stemmer="dutch",
    stop_words=words(
        "de het een en of van in op te ten ter aan met voor door bij uit om tot over onder naar als is zijn was waren "
        "wordt worden werd werden heeft hebben had hadden dat die dit deze er ze hij zij zich niet ook wat wie "
        "welke welk waar wanneer hoe hoeveel waarom hun haar maar dan"
    ),
    cased_abbreviations=words(
        "bijv Bijv blz nr Nr enz ca tel Tel dhr Dhr mevr Mevr mw dr Dr drs ir ing incl excl art m.b.t t.a.v"
    ),
    months=in_order("januari februari maart april mei juni juli augustus september oktober november december"),
    page_words=words("pagina pagina's bladzijde"),
    leaning_words=words(
        "hij zij ze dit dat deze die zijn haar hun zulke echter daarom dus bovendien verder anders toch ook beide "
        "maar en of dan daarna hierdoor daardoor"
    )
    | {"in dat geval", "in dit geval", "om deze reden"},
    polarity=PolarityWords(
        negations=words("niet geen nooit zonder"),
        negating_determiners=words("geen"),
        clause_openers=words("maar"),
    ),
    numbers=NumberWords(
        small=in_order(
            "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien "
            "zeventien achttien negentien"
        ),
        scales={"duizend": 3, "miljoen": 6, "miljard": 9},
        units=units("""
            time 60 minuut minuten
            time 3600 uur uren
            time 86400 dag dagen werkdagen
            time 604800 week weken
            months 1 maand maanden
            months 12 jaar jaren
            mass 1000 kilo kilogram
        """),
    ),
    kinds=KindWords(
        openings=meanings("""
            mail e-mailadres mailadres
            mass hoe_zwaar hoeveel_kilo hoeveel_weegt wat_weegt welk_gewicht
            percent hoeveel_procent welk_percentage
            person wie
            power hoeveel_watt welk_vermogen
            telephone telefonisch telefoonnummer welk_nummer_bel welk_nummer_kan welk_telefoonnummer
            temperature hoe_heet hoe_koud hoe_warm hoeveel_graden welke_temperatuur
        """),
        number=words("hoeveel"),
        duration=frozenset({"hoe lang"}),
        when=words("wanneer") | {"hoe laat", "welk jaar", "welk uur", "welke dag", "welke datum"},
        amounts=frozenset(
            {"hoe duur", "hoeveel kost", "hoeveel kostte", "wat is de prijs", "wat kost", "wat kosten", "welke prijs"}
        ),
        currencies=words("euro gulden kronen"),
        times=words(
            "dinsdag donderdag gisteren jaar maand maandag morgen uur vandaag vrijdag week woensdag zaterdag zondag"
        ),
    ),
)
