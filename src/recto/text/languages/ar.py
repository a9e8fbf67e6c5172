"""Arabic."""

from recto.text.languages.language import KindWords, Language, NumberWords, PolarityWords, in_order, meanings, words

ARABIC = Language(
    code="ar",
    name="Arabic",
    stemmer="arabic",
    stop_words=words(
        "في من على إلى الى عن مع هو هي هذا هذه ذلك تلك التي الذي الذين ما ماذا متى أين كيف كم أي أية هل لم لا لن "
        "أن إن كان كانت قد و أو ثم بين كل كما تم حيث منذ عند بعد قبل غير لماذا ماهو ماهي لمن بماذا اي فيم مما عما "
        "يكون"
    ),
    months=in_order("يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر"),
    page_words=words("صفحة الصفحة"),
    leaning_words=words(
        "هو هي هما هم هذا هذه هؤلاء ذلك تلك كما لذلك وبالتالي أيضا ولكن لكن ثم وهو وهي وهم وهذا وهذه وذلك وقد وكان "
        "وكانت"
    )
    | {"ومع ذلك", "مع ذلك", "علاوة على ذلك", "بالإضافة إلى ذلك"},
    polarity=PolarityWords(negations=words("لا لم لن ليس ليست بدون غير"), clause_openers=words("لكن ولكن")),
    numbers=NumberWords(scales={"ألف": 3, "آلاف": 3, "مليون": 6, "ملايين": 6, "مليار": 9, "مليارات": 9}),
    kinds=KindWords(
        number=words("كم"),
        when=words("متى") | {"أي عام", "أي سنة", "أي تاريخ", "أي يوم"} | {"أي ساعة", "آخر موعد", "ما موعد"},
        duration=frozenset({"كم من الوقت", "ما المدة", "كم سنة", "كم عاما"}),
        amounts=frozenset({"كم تكلفة", "كم سعر", "كم يكلف"}),
        openings=meanings("""
            telephone رقم_الهاتف رقم_هاتف
            mail البريد_الإلكتروني بريد_إلكتروني
            mass كم_يزن كم_وزن
            temperature كم_درجة_الحرارة
        """),
        currencies=words("دينار دينارا دنانير ريال ريالا درهم درهما جنيه جنيها دولار دولارا ليرة يورو"),
        times=words("الأحد الإثنين الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت اليوم غدا أمس الساعة عام سنة شهر"),
    ),
)
