"""Japanese."""

from recto.text.languages.language import KindWords, Language, NumberWords, PolarityWords, in_order, words

JAPANESE = Language(
    code="ja",
    name="Japanese",
    months=tuple(f"{month}月" for month in range(1, 13)),
    page_words=words("ページ 頁"),
    leaning_words=words("彼 それ これ この その しかし そのため したがって また さらに だが そして または 次に"),
    polarity=PolarityWords(negations=words("ない なく ません ず")),
    numbers=NumberWords(small=in_order("零 一 二 三 四 五 六 七 八 九 十"), scales={"千": 3, "万": 4, "億": 8}),
    kinds=KindWords(
        number=words("いくつ 何人 何個 何回 何本 何枚 いくら"),
        when=words("いつ 何年 何月 何日 何時"),
        duration=words("どのくらいの期間 何年間 何時間 何分 何日間"),
        amounts=words("いくら 何円 何ドル"),
    ),
)
