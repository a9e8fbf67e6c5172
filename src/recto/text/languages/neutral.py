"""What is written alike in every language: signs, and the units of physics, money and data.

A word of a language that has no file of its own stands here, too.
"""

from recto.text.languages.language import Language, NumberWords, QuestionWords, units, words

NEUTRAL = Language(
    numbers=NumberWords(
        # KB and KiB are used for the same.
        units=units("""
            % 1 %
            bps 1 bps
            $ 1 $ usd us$
            € 1 € eur euro euros
            £ 1 £ gbp
            ¥ 1 ¥ jpy
            chf 1 chf
            area 1 m²
            area 1e6 km²
            time 1e-9 ns
            time 1e-6 µs μs
            time 0.001 ms
            time 1 s
            time 60 min
            time 3600 h
            length 1e-9 nm
            length 1e-6 µm μm
            length 0.001 mm
            length 0.01 cm
            length 1 m
            length 1000 km
            mass 1e-6 µg μg
            mass 0.001 mg
            mass 1 g
            mass 1000 kg
            mass 1e6 t
            volume 0.001 ml
            volume 1 l
            frequency 1 hz hertz
            frequency 1000 khz kilohertz
            frequency 1e6 mhz megahertz
            frequency 1e9 ghz gigahertz
            power 1 w
            power 1000 kw
            energy 1 kwh
            energy 1000 mwh
            voltage 0.001 mv
            voltage 1 v
            voltage 1000 kv
            current 0.001 ma
            pressure 1 pa pascal
            pressure 1000 kpa
            pressure 1e5 bar
            pressure 1e6 mpa
            psi 1 psi
            °c 1 °c celsius
            °f 1 °f fahrenheit
            bytes 1024 kb kib
            bytes 1048576 mb mib
            bytes 1073741824 gb gib
            bytes 1099511627776 tb tib
            rate 1000 kbps
            rate 1e6 mbps
            rate 1e9 gbps
        """),
    ),
    questions=QuestionWords(fillers=words("och"), connectives=words("och")),  # Swedish
)
