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
        number=words("いくつ 何人 何個 何回 何本 何枚 いくら"),
        when=words("いつ 何年 何月 何日 何時 何曜日"),
        duration=words("どのくらいの期間 何年間 何時間 何分 何日間"),
        amounts=words("いくら 何円 何ドル"),
        openings=meanings("""
            telephone 電話番号
            mail メールアドレス
            percent 何パーセント 何％
            mass 何キロ 重さは
            temperature 温度は 何℃
            power 何ワット 消費電力は
            person 誰 だれ どなた
        """),
        currencies=words("円 ドル ユーロ"),
        times=words("月曜 火曜 水曜 木曜 金曜 土曜 日曜"),
    ),
)
