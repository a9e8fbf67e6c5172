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
        openings=meanings("""
            mail e-posta e-posta_adresi
            mass ağırlığı_ne ağırlığı_ne_kadar ağırlığı_nedir kaç_kilo ne_kadar_ağır
            percent yüzde_kaç
            person adı_ne adı_nedir kim kimdir kime kimi kimin
            power gücü_ne kaç_watt
            telephone hangi_numarayı telefon_numarası telefonu_kaç telefonu_ne telefonu_nedir
            temperature kaç_derece sıcaklığı_kaç sıcaklığı_ne sıcaklığı_nedir
        """),
        number=words("kaç"),
        duration=frozenset({"kaç ay", "kaç gün", "kaç saat", "kaç yıl", "ne kadar sürdü", "ne kadar süre"}),
        when=frozenset(
            {
                "hangi gün",
                "hangi tarihte",
                "hangi yıl",
                "hangi yılda",
                "kaç yılında",
                "ne zaman",
                "saat kaç",
                "saat kaçta",
            }
        ),
        amounts=frozenset({"fiyatı ne", "kaç dolar", "kaç lira", "kaç para", "ücreti ne"}),
        currencies=words("dolar euro kuruş lira liradır liraya tl ₺"),
        times=words("bugün cuma cumartesi dün hafta pazar pazartesi perşembe saat salı yarın yıl çarşamba"),
    ),
)
