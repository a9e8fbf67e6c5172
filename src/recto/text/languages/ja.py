"""Japanese."""

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
    numbers=NumberWords(
        small=in_order("零 一 二 三 四 五 六 七 八 九 十"),
        scales={"千": 3, "万": 4, "億": 8},
        units=units("""
            time 60 分間
            time 3600 時間
            time 86400 日間 営業日
            time 604800 週間
            months 1 か月 ヶ月 カ月
            months 12 年間
            mass 1000 キロ キログラム
            power 1 ワット
        """),
    ),
    kinds=KindWords(
        openings=meanings("""
            mail メールアドレス
            mass 何キロ 重さ 重さは
            percent 何パーセント 何％
            person だれ どなた 誰
            power 何ワット 消費電力は
            telephone どこに電話 電話番号
            temperature 何℃ 温度は 温度は何度
        """),
        number=words("いくつ いくら 何人 何個 何回 何本 何枚"),
        duration=words("どのくらいの期間 何分 何年間 何日間 何時間"),
        when=words("いつ 何年 何日 何時 何曜日 何月"),
        amounts=words("いくら 何ドル 何円"),
        currencies=words("ドル ユーロ 元 円"),
        times=words("今日 午前 午後 土曜 年 日 日曜 明日 昨日 時 曜日 月曜 木曜 毎年 毎日 毎月 毎週 水曜 火曜 金曜"),
    ),
)
