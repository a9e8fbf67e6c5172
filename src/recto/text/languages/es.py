"""Spanish."""

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

SPANISH = Language(
    code="es",
    name="Spanish",
    decimal_comma=True,
    stemmer="spanish",
    stop_words=words(
        "el la los las un una unos unas y e o u de del en a al por para con sin que qué cuál cuáles quién quiénes "
        "quien cuándo dónde adónde cómo cuánto cuánta cuántos cuántas es son era eran fue fueron ser sido ha han "
        "había se su sus lo le les como más pero no si este esta estos estas esto ese esa está están hay también "
        "entre sobre desde hasta cuyo cuya tiene tienen tenía"
    ),
    months=in_order("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
    leaning_words=words(
        "él ella ello ellos ellas este esta estos estas esto ese esa esos esas eso aquel aquella su sus tal tales "
        "así además también ambos ambas pero y o entonces luego"
    )
    | {
        "sin embargo",
        "por lo tanto",
        "por tanto",
        "no obstante",
        "en este caso",
        "en ese caso",
        "por esta razón",
        "como resultado",
        "por ello",
        "en cambio",
    },
    polarity=PolarityWords(
        negations=words("no nunca jamás sin ningún ninguna ninguno tampoco"),
        negating_determiners=words("ningún ninguna"),
        clause_openers=words("pero sino"),
    ),
    numbers=NumberWords(
        small=in_order(
            "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis "
            "diecisiete dieciocho diecinueve"
        ),
        scales={"mil": 3, "millón": 6, "millones": 6},
        units=units("""
            time 60 minuto minutos
            time 3600 hora horas
            time 86400 día días
            time 604800 semana semanas
            months 1 mes meses
            months 12 año años
            mass 1000 kilos kilogramos
        """),
    ),
    cased_abbreviations=words("pág págs núm Núm Dña Sr Sra Srta Dr Dra Pol Ind Av Avda Tel tel Tfno Ud Uds ej Depto"),
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
        closings=words("atentamente cordialmente"),
        singling=words("cuál quién quiénes dónde cuándo cómo cuánto cuánta"),
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
    kinds=KindWords(
        openings=meanings("""
            mail correo_electrónico dirección_de_correo
            mass cuanto_pesa cuál_es_el_peso cuánto_pesa cuánto_pesan cuántos_kilos qué_peso
            percent cuál_es_el_porcentaje qué_porcentaje qué_tanto_por_ciento
            person quién quiénes
            power cuál_es_la_potencia qué_potencia
            telephone a_qué_número cuál_es_el_teléfono número_de_teléfono qué_teléfono
            temperature cuál_es_la_temperatura cuántos_grados qué_temperatura
        """),
        number=words("cuantas cuantos cuántas cuántos") | {"a cuántas", "a cuántos", "qué cantidad", "qué número"},
        duration=frozenset({"cada cuánto", "cuánto dura", "cuánto duró", "cuánto tiempo", "cuántos años"}),
        when=words("cuándo")
        | {"a qué hora", "desde cuándo", "en qué año", "en qué fecha", "qué año", "qué día", "qué fecha", "qué hora"},
        amounts=frozenset(
            {
                "cuál es el precio",
                "cuánto costó",
                "cuánto cuesta",
                "cuánto cuestan",
                "cuánto dinero",
                "cuánto hay que pagar",
                "cuánto vale",
                "qué precio",
            }
        ),
        currencies=words("dólares euros pesos"),
        times=words("ayer años domingo horas jueves lunes martes mañana meses miércoles semana sábado viernes"),
    ),
)
