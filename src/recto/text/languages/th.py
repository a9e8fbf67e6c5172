"""Thai: no space between words, and none but a space between sentences."""

from recto.text.languages.language import KindWords, Language, NumberWords, PolarityWords, in_order, meanings, words

THAI = Language(
    code="th",
    name="Thai",
    stop_words=words("อะไรบ้าง อะไร ใคร ที่ไหน เมื่อไร เมื่อไหร่ เมื่อใด อย่างไร เท่าไร เท่าไหร่ เท่าใด ทำไม กี่ ไหน ใด หรือไม่"),
    cased_abbreviations=words("น พ.ศ ค.ศ จ อ ต ถ ม.ค ก.พ มี.ค เม.ย พ.ค มิ.ย ก.ค ส.ค ก.ย ต.ค พ.ย ธ.ค"),
    months=in_order("มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม"),
    polarity=PolarityWords(negations=words("ไม่ มิ")),
    numbers=NumberWords(
        small=in_order("ศูนย์ หนึ่ง สอง สาม สี่ ห้า หก เจ็ด แปด เก้า สิบ"),
        scales={"พัน": 3, "หมื่น": 4, "แสน": 5, "ล้าน": 6},
    ),
    kinds=KindWords(
        number=words("กี่ เท่าไร เท่าไหร่ เท่าใด") | {"จำนวนเท่าไร"},
        when=words("เมื่อใด เมื่อไร เมื่อไหร่ ปีใด ปีไหน วันที่เท่าไร วันใด") | {"กี่โมง"},
        duration=words("นานเท่าใด นานเท่าไร นานแค่ไหน นานเท่าไหร่ กี่ปี"),
        amounts=words("กี่บาท กี่ดอลลาร์ ราคาเท่าไร"),
        openings=meanings("""
            telephone เบอร์อะไร เบอร์โทร หมายเลขโทรศัพท์
            mail อีเมล
            mass หนักเท่าไร หนักกี่
            temperature อุณหภูมิเท่าไร กี่องศา
        """),
        currencies=words("บาท สตางค์ ดอลลาร์"),
        times=words("จันทร์ อังคาร พุธ พฤหัสบดี ศุกร์ เสาร์ อาทิตย์ วันที่ นาฬิกา ทุกวัน ปี"),
    ),
)
