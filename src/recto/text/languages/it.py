"""Italian."""

from recto.text.languages.language import (
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

ITALIAN = Language(
    code="it",
    name="Italian",
    decimal_comma=True,
    stemmer="italian",
    stop_words=words(
        "il lo la i gli le l un uno una e o ed di del dello della dei degli delle dell a ad al allo alla ai agli alle "
        "all in nel nello nella nei negli nelle nell da dal dallo dalla dai dagli dalle dall su sul sullo sulla sui "
        "sulle con per tra fra che chi cui cosa quale quali quando dove come quanto quanta quanti quante perché è sono "
        "era erano fu furono essere stato stata ha hanno aveva si suo sua suoi sue loro non più ma anche questo questa "
        "questi queste ci"
    ),
    elisions=words("l un d dell all nell dall sull quell quest c s cos dov com"),
    months=in_order("gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"),
    leaning_words=words(
        "egli lui lei esso essa essi esse questo questa questi queste ciò quello quella quelli quelle suo sua suoi "
        "sue loro tale tali tuttavia quindi perciò pertanto inoltre invece anche entrambi entrambe ma e o poi"
    )
    | {"in questo caso", "per questo motivo", "di conseguenza"},
    polarity=PolarityWords(
        negations=words("non mai senza nessun nessuna nessuno né"),
        negating_determiners=words("nessun nessuna"),
        clause_openers=words("ma però"),
    ),
    numbers=NumberWords(
        small=in_order(
            "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici "
            "sedici diciassette diciotto diciannove"
        ),
        scales={"mila": 3, "milione": 6, "milioni": 6, "miliardo": 9, "miliardi": 9},
        units=units("""
            time 60 minuto minuti
            time 3600 ora ore
            time 86400 giorno giorni
            time 604800 settimana settimane
            months 1 mese mesi
            months 12 anno anni
            mass 1000 chili chilogrammi
        """),
    ),
    cased_abbreviations=words("dott Dott prof Prof ing Ing avv Avv geom Geom sig Sig sigg Spett tel Tel pag ecc"),
    page_words=words("pagina"),
    questions=QuestionWords(prepositions=words("nel"), up_to=words("al a")),
    places=PlaceWords(
        parts=meanings("""
            table tabella tabelle
            figure figura figure
            section sezione sezioni
            chapter capitolo capitoli
            appendix appendice allegato
            note nota
            step passo fase
            article articolo articoli
            clause clausola
            paragraph paragrafo comma
            part parte
            example esempio
        """),
        pages={
            **dict.fromkeys(["prima pagina", "la copertina", "sulla copertina", "frontespizio"], 0),
            **{"seconda pagina": 1, "ultima pagina": -1},
        },
        documents=words("documento file rapporto relazione manuale libro contratto fattura opuscolo lettera"),
        closings=words("saluti cordialmente"),
        singling=words("quale quali chi dove quando come perché quanto quanta"),
        overviews=words("riassunto riassumi riassumere sintesi tratta argomento panoramica parla"),
        facts=meanings("""
            title titolo
            author autore autrice autori relatore
            date data
        """),
        issuing=words("scritto pubblicato presentato redatto"),
        persons=words("chi"),
        times=words("quando"),
        requests=words(
            "che cosa cos qual quale quali dice mostra mostrami contiene leggi c è e il lo la le gli i un una di del "
            "della dello dell nel nella in su sulla questo questa mi dammi si fai da"
        ),
        bylines=words("di autore autore: autori:"),
        abstracts=words("riassunto introduzione prefazione sintesi sommario"),
    ),
    kinds=KindWords(
        openings=meanings("""
            mail indirizzo_e-mail indirizzo_email indirizzo_mail posta_elettronica
            mass che_peso qual_è_il_peso quanti_chili quanto_pesa quanto_pesano
            percent che_percentuale qual_è_la_percentuale quale_percentuale
            person chi
            power che_potenza qual_è_la_potenza quale_potenza
            telephone a_che_numero a_quale_numero che_telefono numero_di_telefono qual_è_il_telefono
            temperature che_temperatura quale_temperatura quanti_gradi
        """),
        number=words("quante quanti") | {"che numero", "quale numero"},
        duration=frozenset({"per quanto", "quanto dura", "quanto durano", "quanto tempo"}),
        when=words("quando")
        | {
            "a che ora",
            "che anno",
            "che giorno",
            "che ora",
            "da che ora",
            "in che anno",
            "in che data",
            "in quale anno",
            "quale anno",
            "quale giorno",
        },
        amounts=frozenset(
            {
                "che prezzo",
                "qual è il prezzo",
                "quanto chiede",
                "quanto costa",
                "quanto costano",
                "quanto costava",
                "quanto si paga",
                "quanto è costata",
                "quanto è costato",
            }
        ),
        currencies=words("euro franchi"),
        times=words("anni domani domenica giovedì ieri lunedì martedì mercoledì mesi sabato settimana venerdì"),
    ),
)
