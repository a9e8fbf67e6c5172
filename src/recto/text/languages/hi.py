"""Hindi."""

from recto.text.languages.language import KindWords, Language, NumberWords, PolarityWords, in_order, words

HINDI = Language(
    code="hi",
    stemmer="hindi",
    stop_words=words(
        "का के की को में से पर ने और या है हैं था थी थे हो होता होती होते किया गया गई गए कर करने एक यह वह इस उस इन उन "
        "जो कि क्या कौन कौनसा कौनसी कब कहाँ कहां कैसे किस किसने किसे ही भी तो लिए साथ द्वारा तक अपने सा सी अन्य"
    ),
    months=in_order("जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर"),
    page_words=words("पृष्ठ पेज"),
    polarity=PolarityWords(negations=words("नहीं न मत बिना"), clause_openers=words("लेकिन परंतु")),
    numbers=NumberWords(
        small=in_order("शून्य एक दो तीन चार पांच छह सात आठ नौ दस"),
        synonyms={"पाँच": 5, "छः": 6, "छे": 6},
        scales={"हजार": 3, "हज़ार": 3, "लाख": 5, "मिलियन": 6, "करोड़": 7, "बिलियन": 9, "अरब": 9},
    ),
    kinds=KindWords(
        number=words("कितने कितनी"),
        when=words("कब") | {"किस वर्ष", "किस साल", "किस तारीख", "किस दिन"},
        duration=frozenset({"कितने समय", "कितनी देर", "कितने साल", "कितने वर्ष"}),
        amounts=frozenset({"कितना पैसा", "कितने पैसे", "कितने डॉलर", "कितने रुपये"}),
    ),
)
