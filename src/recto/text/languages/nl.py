"""Dutch."""

from recto.text.languages.language import KindWords, Language, NumberWords, PolarityWords, in_order, meanings, words

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
    cased_abbreviations=words("bijv blz nr enz ca"),
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
    ),
    kinds=KindWords(
        number=words("hoeveel"),
        when=words("wanneer") | {"welk jaar", "welke datum", "welke dag"} | {"hoe laat", "welk uur"},
        duration=frozenset({"hoe lang"}),
        amounts=frozenset({"hoeveel kost", "hoeveel kostte"}),
        openings=meanings("""
            person wie
            telephone welk_telefoonnummer telefoonnummer
            mail e-mailadres mailadres
            mass hoe_zwaar
            temperature hoe_warm hoe_koud welke_temperatuur
        """),
        currencies=words("gulden kronen"),
        times=words(
            "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag morgen gisteren vandaag jaar maand week uur"
        ),
    ),
)
