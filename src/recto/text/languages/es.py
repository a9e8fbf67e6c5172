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
        number=words("cuántos cuántas cuantos cuantas") | {"qué número", "qué cantidad", "a cuántos", "a cuántas"},
        when=words("cuándo") | {"en qué año", "qué año", "en qué fecha", "qué fecha", "qué día", "desde cuándo"},
        duration=frozenset({"cuánto tiempo", "cuántos años", "cuánto duró", "cuánto dura", "cada cuánto"}),
        amounts=frozenset(
            {"cuánto cuesta", "cuánto costó", "cuánto dinero", "qué precio"}
            | {"cuánto cuestan", "cuál es el precio", "cuánto hay que pagar", "cuánto vale"}
        ),
        openings=meanings("""
            telephone qué_teléfono cuál_es_el_teléfono número_de_teléfono a_qué_número
            mail correo_electrónico dirección_de_correo
            percent qué_porcentaje cuál_es_el_porcentaje qué_tanto_por_ciento
            mass cuánto_pesa cuanto_pesa cuánto_pesan qué_peso cuál_es_el_peso cuántos_kilos
            temperature qué_temperatura cuántos_grados cuál_es_la_temperatura
            power qué_potencia cuál_es_la_potencia
            person quién quiénes
        """),
        currencies=words("euros pesos dólares"),
        times=words("lunes martes miércoles jueves viernes sábado mañana"),
    ),
)
