"""Turkish."""

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

TURKISH = Language(
    code="tr",
    name="Turkish",
    decimal_comma=True,
    apostrophe_ends=True,
    stemmer="turkish",
    stem_letters=5,  # Snowball's knows no verbs; Can and others, Information retrieval on Turkish texts (2008)
    stop_words=words(
        "bir ve veya ile için bu şu o da de ki mi mı mu mü ne nedir neydi kim kimdir kimin hangi hangisi nasıl "
        "nerede neden kaç olan olarak olduğu oldu olmuştur en daha çok gibi kadar sonra önce ise ama fakat her "
        "tarafından değil vardır var nelerdir hangileri hangileridir kimdi kimler kime kimi neyi neye nereden "
        "nereye niçin niye tane kaçıncı hangisidir edilmiştir edilir etmiştir yapılmıştır olmaktadır etmektedir "
        "vardı yoktur idi olur bunu buna diye"
    ),
    cased_abbreviations=words("s Dr Prof Doç Av vb vs bkz No yy Cad Sok Mah Bul Apt Tel Ltd Şti Öğr"),
    dotted_ordinals=True,
    months=in_order("ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık"),
    page_words=words("sayfa sayfalar"),
    leaning_words=words(
        "o onlar bu şu bunlar şunlar onun onların bunun bunların böyle böylece ancak fakat ama dolayısıyla ayrıca "
        "yine ve veya sonra"
    )
    | {"bu nedenle", "bu yüzden", "bununla birlikte", "buna rağmen", "aksi takdirde", "her iki", "daha sonra"},
    polarity=PolarityWords(negations=words("değil yok hiç"), clause_openers=words("ama fakat ancak")),
    numbers=NumberWords(
        small=in_order("sıfır bir iki üç dört beş altı yedi sekiz dokuz on"),
        scales={"bin": 3, "milyon": 6, "milyar": 9},
        units=units("""
            time 60 dakika
            time 3600 saat
            time 86400 gün iş_günü
            time 604800 hafta
            months 1 ay
            months 12 yıl
        """),
    ),
    kinds=KindWords(
        number=words("kaç"),
        when=frozenset({"ne zaman", "hangi yıl", "hangi yılda", "hangi tarihte", "kaç yılında"}),
        duration=frozenset({"ne kadar süre", "kaç yıl", "ne kadar sürdü", "kaç gün", "kaç ay", "kaç saat"}),
        amounts=frozenset({"kaç para", "kaç dolar", "kaç lira", "fiyatı ne", "ücreti ne"}),
        openings=meanings("""
            telephone telefon_numarası telefonu_ne telefonu_nedir telefonu_kaç hangi_numarayı
            mail e-posta
            percent yüzde_kaç
            mass kaç_kilo ağırlığı_ne ne_kadar_ağır
            temperature kaç_derece sıcaklığı_ne sıcaklığı_kaç
            power kaç_watt gücü_ne
            person adı_ne adı_nedir kim kimdir kime kimin
        """),
        currencies=words("tl lira liradır ₺ dolar euro"),
        times=words("pazartesi salı çarşamba perşembe cuma cumartesi pazar yarın"),
    ),
)
