"""Japanese."""

from recto.text.languages.language import KindWords, Language, NumberWords, PolarityWords, in_order, meanings, words

JAPANESE = Language(
    code="ja",
    name="Japanese",
    stop_words=words(
        "ですか ますか ましたか でしたか でしょうか です ます いつ いくら だれ 誰 どこ どれくらい "
        "どのくらい いくつ なぜ どの どれ どう 何"
    ),
    months=tuple(f"{month}月" for month in range(1, 13)),
    page_words=words("ページ 頁"),
    leaning_words=words("彼 それ これ この その しかし そのため したがって また さらに だが そして または 次に"),
    polarity=PolarityWords(negations=words("ない なく ません ず")),
    numbers=NumberWords(small=in_order("零 一 二 三 四 五 六 七 八 九 十"), scales={"千": 3, "万": 4, "億": 8}),
    kinds=KindWords(
        number=words("いくつ 何人 何個 何回 何本 何枚 いくら"),
        when=words("いつ 何年 何月 何日 何時") | {"何曜日"},
        duration=words("どのくらいの期間 何年間 何時間 何分 何日間"),
        amounts=words("いくら 何円 何ドル"),
        openings=meanings("""
            telephone 電話番号 どこに電話
            mail メールアドレス
            mass 重さ 何キロ
            temperature 温度は何度
        """),
        currencies=words("円 ドル ユーロ 元"),
        times=words("曜日 午前 午後 時 日 年 毎日 毎週 毎月 毎年 今日 明日 昨日"),
    ),
)
