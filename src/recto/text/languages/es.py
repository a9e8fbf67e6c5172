"""Spanish."""

from recto.text.languages.language import Language, PlaceWords, QuestionWords, meanings, words

SPANISH = Language(
    cased_abbreviations=words("pág núm"),
    page_words=words("página páginas pagina paginas"),  # accents are often left out in questions
    questions=QuestionWords(
        prepositions=words("en"), fillers=words("y"), connectives=words("y"), up_to=words("a hasta")
    ),
    places=PlaceWords(
        parts=meanings("""
            table tabla tablas cuadro
            figure figura figuras fig.
            section sección secciones apartado
            chapter capítulo capítulos cap.
            appendix apéndice anexo
            note nota notas
            step paso pasos
            article artículo artículos
            clause cláusula cláusulas
            paragraph párrafo
            part parte
            example ejemplo
        """),
        pages={
            **dict.fromkeys(["primera página", "la portada", "la cubierta"], 0),
            **{"segunda página": 1, "última página": -1, "la contraportada": -1},
        },
        documents=words("documento archivo informe manual libro contrato factura folleto presentación carta"),
        overviews=words("resumen resume resumir trata tema sinopsis"),
        facts=meanings("""
            title título
            author autor autora autores ponente
            date fecha
        """),
        issuing=words("escribió escrito publicó publicado presentó redactado"),
        persons=words("quién quien"),
        times=words("cuándo cuando"),
        requests=words(
            "qué que cuál cual dice muestra muestre contiene hay lee es el la los las un una de del en este esta "
            "estos lo se fue me da dame hace aparece al"
        ),
        bylines=words("por autor: autora: autores:"),
        abstracts=words("resumen introducción prólogo objeto"),
    ),
)
