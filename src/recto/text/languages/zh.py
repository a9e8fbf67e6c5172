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
        openings=meanings("""
            mail 电子邮件 邮件地址 邮箱 郵箱
            mass 多少公斤 多少千克 多重 重量是
            percent 百分之几 百分之多少
            person 哪位 誰 谁
            power 功率是 多少瓦
            telephone 什么电话 哪个电话 电话号码 电话是 電話號碼
            temperature 什么温度 多少度 温度是 温度是多少
        """),
        number=words("几 几个 几名 几次 多少 幾"),
        duration=words("几个月 几天 几年 多久 多少天 多少年 多长时间"),
        when=words("什么日期 什么时候 什么时间 何年 何时 何時 几号 几月 几点 哪一天 哪一年 哪天 哪年 星期几"),
        amounts=words("什么价格 多少元 多少欧元 多少美元 多少錢 多少钱"),
        currencies=words("人民币 元 块 块钱 日元 欧元 港币 美元 角"),
        times=words("上午 下午 今天 号 周一 周三 周二 周五 周六 周四 周日 周末 年 日 明天 星期 昨天 点"),
    ),
)
