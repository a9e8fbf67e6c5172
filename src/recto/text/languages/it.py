"""Italian."""

from recto.text.languages.language import Language, PlaceWords, QuestionWords, meanings, words

ITALIAN = Language(
    cased_abbreviations=words("dott prof"),
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
)
