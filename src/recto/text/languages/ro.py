"""Romanian."""

from recto.text.languages.language import KindWords, Language, NumberWords, PolarityWords, in_order, meanings, words

ROMANIAN = Language(
    code="ro",
    name="Romanian",
    decimal_comma=True,
    stemmer="romanian",
    stop_words=words(
        "un o al a ai ale lui și sau de din la în pe cu care ce cine când unde cum cât câți câte este sunt era "
        "erau fost fi fie au am are se lor sa său sale săi pentru prin că să nu mai dar dintre către după cărei "
        "cărui aceasta acest această acestea acești iar ca îi câtă căruia cui căror"
    ),
    cased_abbreviations=words("pag nr dl dna str art alin"),
    months=in_order(
        "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie"
    ),
    page_words=words("pagina paginile pagini"),
    leaning_words=words(
        "el ea ei ele acesta aceasta aceștia acestea acest această acești aceste acela aceea său totuși însă deci "
        "astfel ambii ambele dar și sau apoi atunci"
    )
    | {"prin urmare", "de asemenea", "în plus", "în acest caz", "din acest motiv"},
    polarity=PolarityWords(
        negations=words("nu niciodată fără niciun nicio"),
        negating_determiners=words("niciun nicio"),
        clause_openers=words("dar"),
    ),
    numbers=NumberWords(
        small=in_order(
            "zero unu doi trei patru cinci șase șapte opt nouă zece unsprezece doisprezece treisprezece paisprezece "
            "cincisprezece șaisprezece șaptesprezece optsprezece nouăsprezece"
        ),
        synonyms={"una": 1, "două": 2},
        scales={"mii": 3, "milion": 6, "milioane": 6, "miliard": 9, "miliarde": 9},
    ),
    kinds=KindWords(
        number=words("câți câte cîți cîte"),
        when=words("când") | {"ce an", "ce dată", "ce zi", "anul în care"} | {"la ce oră", "ce oră", "până când"},
        duration=frozenset({"cât timp", "cât de mult timp"}),
        amounts=frozenset({"cât costă", "cât a costat"}),
        openings=meanings("""
            person cine cui
            telephone numărul_de_telefon
            mail adresa_de_e-mail adresa_de_email
            mass cât_cântărește
            temperature ce_temperatură
        """),
        currencies=words("lei leu ron bani"),
        times=words("luni marți miercuri joi vineri sâmbătă duminică azi mâine ieri oră ora zilnic lunar anual"),
    ),
)
