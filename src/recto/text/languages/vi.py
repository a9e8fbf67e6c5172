"""Vietnamese: a space stands between syllables, and no word has an ending."""

from recto.text.languages.language import KindWords, Language, NumberWords, PolarityWords, meanings, words

VIETNAMESE = Language(
    code="vi",
    name="Vietnamese",
    decimal_comma=True,
    stop_words=words(
        "và là của các những một được có cho trong với này đó ở từ để bị đã sẽ không cũng như khi gì nào ai bao "
        "nhiêu đâu sao thế mấy tại vào về theo đến hơn rằng thì mà nên bởi"
    ),
    months=tuple(f"tháng {month}" for month in range(1, 13)),
    page_words=words("trang"),
    leaning_words=words("nó họ ông bà chúng nhưng và hoặc")
    | {
        "điều này",
        "điều đó",
        "tuy nhiên",
        "do đó",
        "vì vậy",
        "ngoài ra",
        "hơn nữa",
        "sau đó",
        "cả hai",
        "trong trường hợp này",
        "vì lý do này",
    },
    polarity=PolarityWords(negations=words("không chưa chẳng"), clause_openers=words("nhưng")),
    numbers=NumberWords(scales={"nghìn": 3, "ngàn": 3, "triệu": 6, "tỷ": 9}),
    kinds=KindWords(
        number=frozenset({"bao nhiêu", "mấy"}),
        when=frozenset({"khi nào", "năm nào", "ngày nào", "lúc nào", "bao giờ", "thời gian nào"})
        | {"mấy giờ", "tháng nào", "hôm nào"},
        duration=frozenset({"bao lâu"}),
        amounts=frozenset({"bao nhiêu tiền", "giá bao nhiêu"}),
        openings=meanings("""
            person ai
            telephone số_điện_thoại
            mail địa_chỉ_email
            mass nặng_bao_nhiêu
            temperature bao_nhiêu_độ nhiệt_độ_là_bao_nhiêu
        """),
        currencies=words("đồng đ vnđ vnd"),
        times=words("giờ hôm hằng ngày tuần tháng năm"),
    ),
)
