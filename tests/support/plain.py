"""What holds of every prompt and of every answer that is shown: text of documents is data, an answer is plain."""

import re
import unicodedata

from recto.answer.prompt import CLOSE, OPEN, SYSTEM
from recto.generation import Prompt
from recto.text.sanitize import LEFT_OUT, RECITED

_TOKENS = (
    "<|im_start|> <|im_end|> <|eot_id|> <|start_header_id|> <|endoftext|> <|channel|> <start_of_turn> <end_of_turn> "
    "<s> </s> <<SYS>> <</SYS>> [INST] [/INST] [SYSTEM_PROMPT] [TOOL_CALLS] [gMASK] [|endofturn|] <｜User｜> <unk>"
)
TOKENS = _TOKENS.split()
HEADER = re.compile(r"<from [^<>\n]*>")


def unseen(text: str) -> list[str]:
    return [char for char in text if char != "\n" and unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co")]


def assert_fenced(prompt: Prompt) -> None:
    """The fence is the prompt's own, and within it and after it stands nothing but text."""
    whole = "\n\n".join(message["content"] for message in prompt.messages)
    assert whole.count(OPEN) == whole.count(CLOSE) == 1
    assert prompt.evidence.startswith(f"{OPEN}\n")
    assert prompt.evidence.endswith(f"\n{CLOSE}")
    inside = prompt.evidence.removeprefix(OPEN).removesuffix(CLOSE)
    data = f"{inside}\n{prompt.question}"
    assert not set("<>＜＞﹤﹥") & set(HEADER.sub("", data))
    assert not [token for token in TOKENS if token in data]
    # square brackets stand around numbers only; the end of the last one may have been cut off
    assert not re.search(r"\[[^\d ,.:;–>\n-]|[^\d ,.:;–-]\]", data)
    assert not unseen(whole)
    assert prompt.question.startswith("Question: ")
    _, asked_for = prompt.question.split("\n")  # no line of its own
    assert asked_for.startswith("Answer in one short sentence")


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


def recited(text: str) -> bool:
    """Whether as many words of the instructions stand in a row as may not, the numbers of a list aside."""
    spoken, system = [word for word in words(text) if not word.isdigit()], words(SYSTEM)
    rows = {tuple(system[at : at + RECITED]) for at in range(len(system) - RECITED + 1)}
    return any(tuple(spoken[at : at + RECITED]) in rows for at in range(len(spoken)))


def assert_plain(text: str, allowed: str) -> None:
    """No markup, nothing unseen, no address but those of the evidence, no instructions."""
    assert not re.search(r"<[A-Za-z/!?|｜]|\]\(|!\[|(?m:^\[[^\]]*[^\]\d]\]:)", text)
    assert not unseen(text)
    assert not set("\u034f\u115f\u3164\u2800\ufe0f\ufffd") & set(text)
    for address in re.findall(r"https?:[/\\]*\w[\w/.:?#=&%~+-]*|javascript:\w", text, re.IGNORECASE):
        assert address.casefold().rstrip(".,;:!?*") in allowed.casefold()
    assert not re.search(r"(?<![A-Za-z_0-9])\[\^?\d{1,3}\]", text.replace(LEFT_OUT, "x"))
    assert not re.search(r"\n{3}| {2}", text)
    assert text == text.strip()
    assert not recited(text)
