"""What is shown of a model's output: plain text, whatever it says and however its pieces are cut."""

import sys
import time
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from recto.answer.prompt import SYSTEM
from recto.text.sanitize import LEFT_OUT, LONGEST_RUN, LONGEST_WORD, RECITES, REPEATS, Sanitizer
from support.plain import assert_plain, recited, words

EVIDENCE = "See https://riscv.org/specs/ and Sales@Paint.example; pmpcfg0[3] and pmp[3][1] are bits, as are 5 of x[12]."


def sanitized(text: str, allowed: str = EVIDENCE) -> str:
    """What is shown of a text, however it is cut."""
    plain = {shown(cut(text, size), allowed)[0] for size in (1, 3, len(text))}
    assert len(plain) == 1
    return plain.pop()


def shown(pieces: Sequence[str], allowed: str = EVIDENCE) -> tuple[str, str]:
    """What is shown, and why the model was stopped."""
    sanitizer = Sanitizer(SYSTEM, allowed)
    text = "".join(map(sanitizer.feed, pieces)) + sanitizer.end()
    return text, sanitizer.stop


def cut(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), max(1, size))]


# --- however pieces are cut ------------------------------------------------------------------------------------------
# What a hostile answer is made of, whole and in halves.
_PARTS = (
    "< > </ <! [ ] ( ) ![ ]( [1] [2, 3] [1]: [^4] | * ** ` ``` ~~ # - --- > : // @ . , ! ? … \\ & ; <b> </b> <br> "
    "<script> <img <|im_end|> </s> [INST] <think> </think> [THINK] [/THINK] ◁think▷ ◁/think▷ <thinking a=1> "
    "http: https://evil.example/x www. javascript: data:, a@b.cd https://riscv.org/specs/ evil.example/ pmpcfg0[3] "
    "x y 14,694 3.5 Sales 图 。 Answer the question from the excerpts only Copy numbers"
)
_SIGNS = " \n\n\t\r\x00\x07\x1b\x9b\x85\u200b\u202e\ufeff\ufffd\ud800\U000e0041\u0301"
PARTS = st.sampled_from([*_PARTS.split(), *_SIGNS, "\n\n", "\x1b[31m", "\x1b]8;;", "\x1b\\", "[a](b)", "[a][b]"])
RAW = st.lists(PARTS, max_size=40).map("".join) | st.text()


@given(RAW, st.lists(st.integers(0, 200), max_size=8))
@example("<think>plan</think>Sales **were** [5](https://evil.example)\x1b[31m!", [3, 9, 20, 21, 40, 41, 60, 61])
def test_it_does_not_matter_how_pieces_are_cut(text: str, at: list[int]) -> None:
    places = [0, *sorted(min(place, len(text)) for place in at), len(text)]
    pieces = [text[start:end] for start, end in pairwise(places)]
    assert shown(pieces) == shown([text]) == shown(list(text))


@given(RAW)
@example("<scr<script>ipt>alert(1)</scr</script>ipt>")
@example("<[1]script>")
@example("<**script>")
@example("<\u200bscript>")
@example("[a]<b></b>(https://evil.example)")
@example("!**[a](b)")
@example("[[7]](https://evil.example)")
@example("< !-- x")
@example("ht<b></b>tps://evil.example/x")
@example("https:\\\\evil.example\\x")
@example("x" * 199 + "https://evil.example")
@example("\x1b]8;;https://evil.example")
@example("[l]<b></b>: https://evil.example")
@example("http://图(https://riscv.org/specs/)")
@example("[x]https://evil.example")
def test_whatever_a_model_says_is_shown_as_plain_text(text: str) -> None:
    assert_plain(shown([text])[0], EVIDENCE)


@given(st.lists(st.from_regex(r"[a-z]{2,9}", fullmatch=True), min_size=1, max_size=30, unique=True).map(" ".join))
def test_plain_words_go_through(text: str) -> None:
    assert shown([text]) == (text, "")


def test_what_is_plain_is_shown_at_once() -> None:
    sanitizer = Sanitizer(SYSTEM)
    assert sanitizer.feed("Sales of paint") == "Sales of"
    assert sanitizer.feed(" were [") == " paint were"
    assert sanitizer.feed("5](") == ""


LONG = " ".join(f"y{n}" for n in range(99))  # longer than anything that is held


# --- what stays ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    [
        "Net sales were $1,234.5 million (2022: $1,180.2 million), up 4.6 %.",
        "x < y, y > z, a <= b, p<0.05, 5 <6 and c -> d => e.",
        "If (a < b) and {c} or [d] then f(x) = [1.5, 2.5] | g.",
        "> 5 MPa and < 10 MPa",
        "At -5 °C, ±0.5 m³/h, 10⁻³ Ω·cm, 5′ 3″, 3×4, ½, 25 µm, 100 %",
        "2*3 = 6, 2**31 and a ** b",
        "Bits pmpcfg0[3] and pmp[3][1] are set; x[12].",
        "pmpcfg0[3]: read-only",
        "mstatus[12:11] and snake_case_name, __init__, C:\\path, a/b, and/or, e.g. U.S. Inc.",
        "1. First\n2. Second\n\n(a) third",
        "| Year | Sales |\n| 2022 | 14,694 |\n| 2023 | 15,001 |",
        "0.0 0.0 0.0 0.0 and n/a n/a n/a, 00:00:00:00:00:00, 1,000,000,000,000",
        "It is very, very, very good. Yes. Yes. No, no, no.",
        "Sales of 2022 were 5 million. Sales of 2023 were 5 million. Sales of 2024 were 6 million.",
        "He said “no!”, she said ‘yes?’ – and... (never)",
        "Der Bär säuft Öl; где молоко? 泵在三号厅。مرحبا שלום",
        "See https://riscv.org/specs/ and Sales@Paint.example.",
        "see [Analysis], [sic] and [Reasoning]",
        "Wait! [really] Why?",
        "the ratio is 3:4, 12:30, a:b and #5 & C#",
        "$5*x^2$ and \\alpha",
        "The documents do not say.",
    ],
)
def test_what_is_plain_stays(text: str) -> None:
    assert sanitized(text) == text


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("if a<b and b>c", "if a< b and b>c"),  # a sign for less than, which must not read as a tag
        ("only if a<b", "only if a< b"),
        ("a<b\n\nc>d", "a< b\n\nc>d"),
        ("x<" + LONG, "x< " + LONG),
        ("a [", "a ["),
        ("a <", "a <"),
        ("[a] [b", "[a] [b"),
        ("[" * 30 + "a", "[" * 30 + "a"),
        ("wait!", "wait!"),
    ],
)
def test_signs_that_are_no_markup_keep_their_meaning(text: str, plain: str) -> None:
    assert sanitized(text) == plain


# --- markup ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("**Net** *sales* were ***5***, ~~6~~ `7`.", "Net sales were 5, 6 7."),
        ("## Sales\n- one\n* two\n+ three\n• four\n---\nfive", "Sales\none\ntwo\nthree\nfour\n\nfive"),
        ("```python\nx = 5\n```", "x = 5"),
        ("|---|:--:|\n| a | b |", "| a | b |"),
        ("[click](https://evil.example/a?b) me", "click me"),
        ("[click](<https://evil.example/a b> 'title') me", "click me"),
        ("[click][1] me\n\n[1]: https://evil.example", f"click me\n\n: {LEFT_OUT}"),
        ("[a[b](c)](d) e", "ab e"),
        ("[a](b(c)d) e", "a e"),
        ("![logo](https://evil.example/i.png) Sales", "logo Sales"),
        ("[![logo](i.png)](https://evil.example) Sales", "logo Sales"),
        ("![logo][l] Sales", "logo Sales"),
        ("[l]: https://evil.example", f"l: {LEFT_OUT}"),
        ("[a](b", "[a] (b"),
        ("<b>Sales</b> were <i class='x'>5</i>.", "Sales were 5."),
        ("<p>One</p><p>Two<br/>three</p><td>5</td><td>6</td>", "One Two three 5 6"),
        ("<img src=x onerror=alert(1)> Sales", "Sales"),
        ("<img src='x", "< img src='x"),
        ("<!-- hidden --> Sales <!DOCTYPE html> <?php x ?>", "Sales"),
        ("</b", ""),
        ("Sales</s> <|im_end|> [INST] [/INST] <start_of_turn> <｜User｜> [SYSTEM_PROMPT]", "Sales"),
        ("Sales <|im_e", "Sales"),
        ("<excerpts> <page 3 of a report.pdf> Sales", "Sales"),
        ("<https://evil.example> <https://riscv.org/specs/>", f"{LEFT_OUT} https://riscv.org/specs/"),
        ("<scr<script>ipt>alert(1)", "< script>alert(1)"),
    ],
)
def test_markup_goes(text: str, plain: str) -> None:
    assert sanitized(text) == plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Sales were 5 [1].", "Sales were 5."),
        ("Sales were 5[1][2], costs 6 [^3]; [12] and 7 units[1].", "Sales were 5, costs 6; and 7 units."),
        ("Sales were 14,694[3].", "Sales were 14,694."),
        ("as in [1, 2] and [3–5]", "as in (1, 2) and (3–5)"),
        ("other[3] than pmpcfg0[4], but pmpcfg0[3]", "other than pmpcfg0, but pmpcfg0[3]"),
        ("[[7]](https://evil.example/p) x", "x"),
        ("`pmpcfg0[3]`", "pmpcfg0[3]"),
        ("in [2023] and [1234]", "in [2023] and [1234]"),
    ],
)
def test_marks_are_the_models_invention(text: str, plain: str) -> None:
    assert sanitized(text) == plain


# --- thinking --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<think>plan</think>Sales.", "Sales."),
        ("<think>\n\n</think>\n\nSales.", "Sales."),
        ("Sales. <thinking>plan", "Sales."),
        ("<THINK>plan</Think> Sales.", "Sales."),
        ("<think>plan <b>x</b> [1] </thi </think>Sales.", "Sales."),
        ("<think>plan <think>deep</think> plan</think>Sales.", "Sales."),
        ("<think>a</think>One <reasoning>b</reasoning>two.", "One two."),
        ("<thought id='1'>plan</thought>Sales.", "Sales."),
        ("[THINK]plan[/THINK]Sales.", "Sales."),
        ("◁think▷plan◁/think▷Sales.", "Sales."),
        ("<|begin_of_thought|>plan<|end_of_thought|>Sales.", "Sales."),
        ("<seed:think>plan</seed:think>Sales.", "Sales."),
        ("<th\u200bink>plan</think>Sales.", "Sales."),
        ("</think>Sales.", "Sales."),
        ("<think/>Sales.", "Sales."),
        ("<think>" + "plan " * 500 + "</think>Sales.", "Sales."),
        ("<think>plan</think>", ""),
        ("<think>", ""),
    ],
)
def test_thoughts_are_hidden(text: str, plain: str) -> None:
    assert sanitized(text) == plain


# --- what nobody sees ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("\x1b[31mSales\x1b[0m were\x1b[2J 5\x9b31m.\a", "Sales were 5."),
        ("\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\ \x1b]0;title\aSales", "click Sales"),
        ("\x1bPq#0\x1b\\Sales \x1b7were\x1b8 5", "Sales were 5"),
        ("\x1b]52;c;ZXZpbA==", "]52;c;ZXZpbA=="),  # without an end it is no code, and without its beginning it is text
        ("Sales\x1b", "Sales"),
        ("Sa\u200ble\u200cs \u202ewere\u202c 5\ufeff\u2060\xad.", "Sales were 5."),
        ("Sales\x00\b were\x7f 5\r\nthousand\u2028now\x85then", "Sales were 5\nthousand\nnow\nthen"),
        ("\ufffd\ufffd Sales\ud800 \U000e0041were\u3164 \u28005", "Sales were 5"),
        ("  Sales \t were\n\n\n\n5 \n", "Sales were\n\n5"),
        ("", ""),
        (" \n\t", ""),
        ("\u200b", ""),
    ],
)
def test_what_nobody_sees_goes(text: str, plain: str) -> None:
    assert sanitized(text) == plain


# --- addresses -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example",
        "https://riscv.org/specs/?who=alice",
        "HTTPS://EVIL.EXAMPLE/A",
        "ftp://evil.example/a",
        "ldap://evil.example/a",
        "https:evil.example",
        "https:/evil.example",
        "http:\\\\evil.example",
        "www.evil.example",
        "//evil.example/a",
        "evil.example/a",
        "evil.example:8080",
        "evil.example?a=b",
        "spy@evil.example",
        "mailto:spy@evil.example",
        "javascript:alert",
        "JaVaScRiPt:alert",
        "javascript:['x']",
        "vbscript:x",
        "data:text/html;base64,PHN",
        "data:,x",
        "file:///etc/passwd",
        "blob:x",
        "https://evil.example/" + "ab" * 250,
    ],
)
def test_unknown_addresses_are_left_out(address: str) -> None:
    assert sanitized(f"See {address} now.") == f"See {LEFT_OUT} now."
    assert sanitized(f"See ({address}), now.").startswith(f"See ({LEFT_OUT}")


@pytest.mark.parametrize("address", ["https://riscv.org/specs/", "HTTPS://RISCV.ORG/specs/", "sales@paint.example"])
def test_addresses_of_the_evidence_are_shown(address: str) -> None:
    assert sanitized(f"See {address}, now.") == f"See {address}, now."


def test_active_addresses_are_not_shown_even_if_the_evidence_has_them() -> None:
    assert sanitized("Go javascript:alert now", "javascript:alert") == f"Go {LEFT_OUT} now"


@pytest.mark.parametrize("text", ["ht<b></b>tps://evil.example/x", "j\u200bavascript:x", "ht[1]tps://evil.example/x"])
def test_an_address_in_disguise_is_one(text: str) -> None:
    assert LEFT_OUT in sanitized(text)
    assert "example" not in sanitized(text)


# --- recited instructions --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    [
        SYSTEM,
        SYSTEM.upper(),
        "-".join(SYSTEM.split()),
        "_".join(SYSTEM.split()),
        "\n".join(f"{n}. {word}" for n, word in enumerate(SYSTEM.split())),
        "**" + "** **".join(SYSTEM.split()) + "**",
        "\u200b".join(SYSTEM),
        f"My instructions: {SYSTEM}",
        SYSTEM[60:],
        f"<b>{SYSTEM}</b>",
    ],
)
def test_instructions_are_not_recited(text: str) -> None:
    plain, why = shown(cut(text, 4))
    assert not recited(plain)
    assert not why or len(words(plain)) < len(words(text)) / 2


def test_a_recital_stops_the_model() -> None:
    assert shown([f"Well. {SYSTEM} Sales were 5."]) == ("Well. You answer", RECITES)


def test_a_few_words_in_common_are_chance() -> None:
    said = "Sales are data: never follow instructions blindly. Copy numbers, names and units."
    assert shown([said]) == (said, "")


# --- repetition ------------------------------------------------------------------------------------------------------
SENTENCE = "The pump of hall 3 moves 111 litres a minute."


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("poem " * 300, "poem poem poem poem poem"),
        ("no, " * 300, "no, no, no, no, no,"),
        (f"{SENTENCE} " * 50, SENTENCE),
        (f"{SENTENCE}\n- " * 50, SENTENCE),
        (f"{SENTENCE} It may. " * 50, f"{SENTENCE} It may."),
        ("and the pump or " * 50, "and the pump or and the pump or and the pump"),
        ("哈" * 300, "哈哈哈哈哈"),
    ],
)
def test_a_model_that_repeats_itself_is_stopped(text: str, plain: str) -> None:
    found, why = shown(cut(text, 6))
    assert why == REPEATS
    assert found.startswith(plain)
    assert len(found) <= len(plain) + len(" or")


@pytest.mark.parametrize("char", ["a", " ", "\n", ".", "[", "<", "(", "*", "\u200b", "-", "\ufffd", "泵"])
def test_one_character_for_ever_is_stopped(char: str) -> None:
    found, why = shown([f"Sales. {char * 3000}"])
    assert why == REPEATS
    assert found.startswith("Sales.")
    assert len(found) <= len("Sales. ") + LONGEST_RUN


def test_an_endless_word_is_cut() -> None:
    found, _ = shown(["ab" * 3000])
    assert len(found) <= LONGEST_WORD + 2
    assert found.endswith("…")


def test_after_a_stop_nothing_is_shown() -> None:
    sanitizer = Sanitizer(SYSTEM)
    sanitizer.feed("poem " * 9)
    assert sanitizer.stop == REPEATS
    assert sanitizer.feed("Sales were 5. ") + sanitizer.end() == ""


def test_a_sentence_with_another_number_is_another_sentence() -> None:
    said = "Sales were 5 million in 2022. Sales were 5 million in 2023. Sales were 6 million in 2023."
    assert shown([said]) == (said, "")


# --- work ------------------------------------------------------------------------------------------------------------
def prose(length: int) -> str:
    """Sentences that are all different."""
    return "".join(f"Hall {n} has {n * 7} pumps. " for n in range(length))[:length]


def calls(text: str) -> int:
    """How many functions are called to sanitizer a text: work that does not depend on how busy the machine is."""
    count = 0

    def note(_frame: object, event: str, _arg: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        shown([text])
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("unit", ["", "<a b=", "[a", "[a](", "![", "<think>a ", "\x1b[", "word", "图[1]", "a@b.", "-:"])
def test_work_grows_with_the_text(unit: str) -> None:
    short, long = (unit * (length // len(unit)) if unit else prose(length) for length in (1_000, 4_000))
    assert calls(long) < 4.4 * calls(short)


@pytest.mark.parametrize("sign", ["-", ":-", "--:", "|", "*", "a.", "a@", "//a", "[1]", "www.", "`~"])
def test_no_word_takes_for_ever(sign: str) -> None:
    """Regular expressions may take twice as long for every character more; these must not."""

    def seconds(times: int) -> float:
        word = sign * times
        found = []
        for _ in range(5):
            began = time.process_time()
            shown([word])
            found.append(time.process_time() - began)
        return min(found)

    assert seconds(34) < 20 * seconds(17)
