"""The kind of thing that a question asks for, and whether a text has any of it."""

import pytest

from recto.text.asked_kind import AskedKind, answers_kind, asked_kind, holds


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("What does the ferry cost?", AskedKind.MONEY),
        ("How much do I have to pay for the locker?", AskedKind.MONEY),
        ("How much is the yearly rent of a garden?", AskedKind.MONEY),
        ("Which fee is charged for a second key?", AskedKind.MONEY),
        ("What was Mr Ode's salary?", AskedKind.MONEY),
        ("When will the bridge be opened?", AskedKind.DATE),
        ("By when did they want to be ready?", AskedKind.DATE),
        ("What is the date of the letter?", AskedKind.DATE),
        ("At what temperature does the wax melt?", AskedKind.TEMPERATURE),
        ("How heavy is the gate?", AskedKind.MASS),
        ("What voltage does the lamp need?", AskedKind.VOLTAGE),
        ("What is the telephone number of the harbour?", AskedKind.TELEPHONE),
        ("What is the telephone no for the harbour?", AskedKind.TELEPHONE),
        ("Which e-mail address do I write to?", AskedKind.MAIL),
        ("What number do I ring if the lift stands still?", AskedKind.TELEPHONE),
        ("How many berths are there?", AskedKind.COUNT),
        ("How long does the crossing take?", AskedKind.DURATION),
        ("What time does the kiosk open?", AskedKind.DATE),
        ("In which year was the mill built?", AskedKind.DATE),
        ("What is the deadline for the form?", AskedKind.DATE),
        ("Who wrote the letter?", AskedKind.PERSON),
        ("To whom does the crew report?", AskedKind.PERSON),
        ("What is the interest rate of the loan?", AskedKind.PERCENT),
        ("Which deposit do I leave for the tent?", AskedKind.MONEY),
        # These ask for something else, or for what no rule can tell.
        ("What does the tenant pay for?", None),
        ("What is the cost allocation of the group?", None),
        ("When may the pump run?", None),
        ("When the pump is started, what has to be closed?", None),
        ("Which method did they use to pay the dividend?", None),
        ("", None),
    ],
)
def test_a_question_tells_what_it_asks_for(question: str, kind: AskedKind | None) -> None:
    assert asked_kind(question) is kind


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (AskedKind.MONEY, "The ferry costs 3.60 a head.", True),
        (AskedKind.MONEY, "It is 118 pounds a child.", True),
        (AskedKind.MONEY, "Banks 2,030 1,980", True),
        (AskedKind.MONEY, "The fee is $40.", True),
        (AskedKind.MONEY, "Article 410-1701, power 2,200 W, weight 1.12 kg, since 2019.", False),
        (AskedKind.DATE, "It is opened on 3 May.", True),
        (AskedKind.DATE, "It leaves at 11:20.", True),
        (AskedKind.DATE, "Before the pump is started.", True),
        (AskedKind.DATE, "The bridge has 14 arches of stone.", False),
        (AskedKind.TEMPERATURE, "Temperature (°C)\nwax 62", True),
        (AskedKind.TEMPERATURE, "The wax melts in 20 minutes.", False),
        (AskedKind.MASS, "The gate has a mass of 40 kg.", True),
        (AskedKind.MASS, "The gate is 40 m wide.", False),
        (AskedKind.TELEPHONE, "Since 05/10/2015 ring (0555) 010-900.", True),
        (AskedKind.TELEPHONE, "12 boats, 40 berths", False),
        (AskedKind.TELEPHONE, "Inspection report 05/10/2015", False),
        (AskedKind.COUNT, "It has twelve berths.", True),
        (AskedKind.COUNT, "It was built in 1931.", False),
        (AskedKind.DURATION, "Notice is three months.", True),
        (AskedKind.DURATION, "It has 12 berths.", False),
        (AskedKind.MAIL, "port@harbour.example", True),
        (AskedKind.MAIL, "Write to the harbour.", False),
        (AskedKind.PERSON, "Apologies: L. Farrow", True),
        (AskedKind.PERSON, "Signed by Dr. Ada Quill in the evening.", True),
        (AskedKind.PERSON, "The Committee met In March.", False),
        (AskedKind.PERSON, "ANNUAL REPORT of the harbour", False),
    ],
)
def test_a_text_holds_something_of_a_kind(kind: AskedKind, text: str, expected: bool) -> None:
    assert holds(kind, text) is expected


@pytest.mark.parametrize(
    ("question", "kind", "having", "lacking"),
    [
        ("Wie viele Pumpen gibt es?", AskedKind.COUNT, "Es gibt vier Pumpen.", "Es gibt Pumpen."),
        ("Wann wurde die Halle gebaut?", AskedKind.DATE, "Sie wurde im März gebaut.", "Sie wurde schnell gebaut."),
        ("В каком году построен дом?", AskedKind.DATE, "Он построен в 1991 г.", "Он построен из камня."),
        ("पंप कितने हैं?", AskedKind.COUNT, "पंप चार हैं।", "पंप बड़े हैं।"),
        ("水泵有多少个？", AskedKind.COUNT, "水泵有三个。", "水泵很大。"),
        ("ปั๊มมีกี่ตัว", AskedKind.COUNT, "ปั๊มมีสามตัว", "ปั๊มใหญ่มาก"),
        ("¿Cuánto cuesta la bomba?", AskedKind.MONEY, "Cuesta 300 euros.", "Cuesta mucho."),
        ("Wie schwer ist der Amboss?", AskedKind.MASS, "Er wiegt 40 kg.", "Er ist schwer."),
        ("Unter welcher Nummer erreiche ich den Wart?", AskedKind.TELEPHONE, "Ruf 0555 / 010 900 an.", "Ruf den Wart."),
        ("An welchem Tag ist Markt?", AskedKind.DATE, "Jeden Samstag am Hafen.", "Am Hafen."),
        ("Quel est le poids du coffre ?", AskedKind.MASS, "Il pèse 31 kg.", "Il est lourd."),
        ("À quel numéro faut-il appeler le port ?", AskedKind.TELEPHONE, "Tél. 05 55 01 09 00", "Appelez le port."),
        ("¿Quién firma el acta?", AskedKind.PERSON, "La firma Inés Órtega.", "La firma el secretario."),
        ("¿Cuánto dura la travesía?", AskedKind.DURATION, "Dura tres horas.", "Dura poco."),
        ("Chi è il custode?", AskedKind.PERSON, "Custode: Élio Brandi", "Custode del porto"),
        ("Quanto costa il traghetto?", AskedKind.MONEY, "Costa 12 euro.", "Costa poco."),
        ("Qual é a taxa de juro?", AskedKind.PERCENT, "É de 4,5 %.", "É fixa."),
        ("Hoe zwaar is het anker?", AskedKind.MASS, "Het weegt 90 kilo.", "Het is zwaar."),
        ("Wat kost een ligplaats?", AskedKind.MONEY, "Die kost 45 euro.", "Die kost weinig."),
        ("Сколько весит якорь?", AskedKind.MASS, "Масса 7,5 кг", "Он тяжёлый."),
        ("Сколько стоит насос?", AskedKind.MONEY, "Насос стоит 300 рублей.", "Насос стоит дорого."),
        ("停车费多少钱？", AskedKind.MONEY, "停车费为每月350元。", "停车费很贵。"),
        ("Quanto pesa a bomba?", AskedKind.MASS, "Peso 9,4 kg", "A bomba é leve."),
        ("¿Quién es el inquilino?", AskedKind.PERSON, "El inquilino es don Álvaro Molina.", "El inquilino paga."),
        ("Кто сдаёт квартиру?", AskedKind.PERSON, "Наймодатель — Игорь Волков.", "Квартира сдаётся."),
        ("À quelle heure ferme la salle ?", AskedKind.DATE, "La salle ferme dimanche.", "La salle ferme."),
        ("สระว่ายน้ำปิดกี่โมง", AskedKind.DATE, "เปิดถึง 21.00 น. ทุกวัน", "สระปิดอยู่"),
        ("Сколько стоит якорь?", AskedKind.MONEY, "Цена — 350 руб.", "Цена высокая."),
        ("Какая мощность у мотора?", AskedKind.POWER, "Мощность 600 Вт", "Он мощный."),
        ("Кто подписал акт?", AskedKind.PERSON, "Подписал Орлов Илья.", "Подписал сторож."),
        ("船票多少钱？", AskedKind.MONEY, "船票380元", "船票很贵"),
        ("行程多久？", AskedKind.DURATION, "行程三天", "行程很长"),
        ("渡し船はいくらですか。", AskedKind.MONEY, "料金は3万円です。", "料金は高いです。"),
        ("市場はいつ開きますか。", AskedKind.DATE, "土曜に開きます。", "港で開きます。"),
        ("كم سعر التذكرة؟", AskedKind.MONEY, "السعر 35 ريال", "السعر مرتفع"),
        ("كم ساعة تستغرق الرحلة؟", AskedKind.DURATION, "تستغرق 3 ساعات", "تستغرق وقتا"),
        ("Bilet kaç lira?", AskedKind.MONEY, "Bilet 45 TL", "Bilet pahalı"),
        ("Çapa kaç kilo?", AskedKind.MASS, "Çapa 40 kg", "Çapa ağır"),
    ],
)
def test_other_languages_ask_for_kinds_too(question, kind, having, lacking) -> None:
    assert asked_kind(question) is kind
    assert holds(kind, having)
    assert not holds(kind, lacking)
    assert answers_kind(question, lacking)  # too little is known of them to say that it does not


@pytest.mark.parametrize(
    ("question", "sentence", "is_so"),
    [
        ("Which number comes back if the gate is shut?", "-4", True),
        ("Which number comes back if the gate is shut?", "The gate is shut.", False),
        ("What is the event number for a lost key?", "It is six.", True),
        ("What is the event number for a lost key?", "Lost keys are events.", False),
        ("Which mode number stands for 48-bit addresses?", "48-bit addresses are in Sv48 mode.", False),
        ("Which code reports that the berth is taken?", "BERTH_TAKEN", True),
        ("Which code reports that the berth is taken?", "The code is BT.", True),
        ("Which code reports that the berth is taken?", "The BIOS reports a taken berth.", False),
        ("What is the code for a berth that is taken?", "It is in the list of codes.", False),
        ("Under which docket number are remarks collected?", "HA-2019-N-1185", True),
        ("Which code review comes first?", "That of the harbour.", True),  # these ask for no code
        ("In which register does the caller put the number?", "In the first one.", True),
        ("What is the number of berths?", "There are none.", True),
        ("What page size did they choose?", "Large page size wastes memory.", False),
        ("What page size did they choose?", "They chose 4 KiB.", True),
    ],
)
def test_a_number_or_code_that_is_asked_for_is_told_by_figures(question: str, sentence: str, is_so: bool) -> None:
    assert answers_kind(question, sentence) is is_so
