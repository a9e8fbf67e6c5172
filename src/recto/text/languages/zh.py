"""Chinese."""

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

CHINESE = Language(
    code="zh",
    name="Chinese",
    stop_words=words("的 了 吗 呢 么 什 哪 谁"),
    months=tuple(f"{month}月" for month in range(1, 13)),
    page_words=words("页 頁"),
    leaning_words=words("他 她 它 这 這 此 因此 所以 然而 但是 不过 不過 而且 另外 同时 同時 于是 於是 然后 然後"),
    polarity=PolarityWords(negations=words("不 没 無 无 非 未")),
    numbers=NumberWords(
        small=in_order("零 一 二 三 四 五 六 七 八 九 十"),
        synonyms={"两": 2, "兩": 2, "〇": 0},
        scales={"千": 3, "万": 4, "萬": 4, "百万": 6, "亿": 8, "億": 8},
        units=units("""
            time 60 分钟
            time 3600 小时
            time 86400 天 个工作日
            time 604800 周 星期
            months 1 个月
            mass 1000 公斤 千克
            power 1 瓦
            power 1000 千瓦
        """),
    ),
    kinds=KindWords(
        number=words("多少 几个 几次 几名 几 幾"),
        when=words("何时 什么时候 哪一年 哪年 何年 哪天 什么时间 几月 何時 哪一天 什么日期"),
        duration=words("多久 多长时间 多少年 多少天 几天 几个月 几年"),
        amounts=words("多少钱 多少美元 多少欧元 多少錢 多少元 什么价格"),
        openings=meanings("""
            telephone 什么电话 电话号码 电话是 哪个电话 電話號碼
            mail 邮箱 电子邮件 郵箱
            percent 百分之几 百分之多少
            mass 多重 多少公斤 多少千克 重量是
            temperature 多少度 温度是 什么温度
            power 功率是 多少瓦
            person 谁 誰 哪位
        """),
        currencies=words("元 美元 欧元 块钱"),
        times=words("星期 周末"),
    ),
)
