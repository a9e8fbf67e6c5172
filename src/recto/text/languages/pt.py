"""Portuguese."""

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

PORTUGUESE = Language(
    code="pt",
    name="Portuguese",
    decimal_comma=True,
    stemmer="portuguese",
    stop_words=words(
        "a o as os um uma uns umas de do da dos das em no na nos nas num numa ao aos à às por pelo pela pelos pelas "
        "para com sem e ou que se como mais mas é são era foi foram ser ter tem há seu sua seus suas este esta esse "
        "essa isso qual quais quem quando onde quanto quantos quantas lhe eles elas ele ela já também"
    ),
    cased_abbreviations=words("pág págs núm Sr Sra Srs Dr Dra Eng Arq Prof Av Tel tel ext art Art fig Exmo Exma"),
    months=in_order("janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"),
    page_words=words("página páginas"),
    leaning_words=words(
        "ele ela eles elas este esta estes estas isto isso esse essa esses essas aquele aquela seu sua seus suas "
        "tal tais porém contudo portanto assim também ambos ambas mas e ou então depois"
    )
    | {"além disso", "no entanto", "por isso", "neste caso", "nesse caso"},
    polarity=PolarityWords(
        negations=words("não nunca sem nem nenhum nenhuma"),
        negating_determiners=words("nenhum nenhuma"),
        clause_openers=words("mas"),
    ),
    numbers=NumberWords(
        small=in_order(
            "zero um dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze "
            "dezesseis dezessete "
            "dezoito dezenove"
        ),
        scales={"mil": 3, "milhão": 6, "milhões": 6},
        units=units("""
            time 60 minuto minutos
            time 3600 hora horas
            time 86400 dia dias
            time 604800 semana semanas
            months 1 mês meses
            months 12 ano anos
            mass 1000 quilos quilogramas
        """),
    ),
    kinds=KindWords(
        openings=meanings("""
            mail correio_eletrónico e-mail endereço_de_e-mail endereço_eletrónico
            mass qual_o_peso qual_é_o_peso quanto_pesa quanto_pesam quantos_quilos
            percent porcentagem qual_a_percentagem qual_a_taxa qual_é_a_taxa que_percentagem que_taxa
            person quem
            power qual_a_potência qual_é_a_potência que_potência
            telephone a_que_número número_de_telefone qual_o_telefone qual_é_o_telefone que_telefone
            temperature qual_a_temperatura qual_é_a_temperatura quantos_graus que_temperatura
        """),
        number=words("quantas quantos"),
        duration=frozenset({"quanto tempo"}),
        when=words("quando") | {"a que horas", "qual ano", "que ano", "que data", "que dia", "que horas"},
        amounts=frozenset(
            {
                "qual o preço",
                "qual é o preço",
                "quanto custa",
                "quanto custam",
                "quanto custou",
                "quanto se paga",
                "quanto é",
            }
        ),
        currencies=words("escudos euros reais"),
        times=words(
            "amanhã anos domingo horas meses ontem quarta-feira quinta-feira segunda-feira semana "
            "sexta-feira sábado terça-feira"
        ),
    ),
)
