"""Chores of chat clients: a title, tags, follow-ups for a conversation. They are no questions to documents.

Open WebUI, and clients that took its prompts over, ask for each in a conversation of its own, of one message that
begins so and wants one JSON object, whose keys it shows. They are answered by rule, at once, without a search or a
model: a question would else cost four.
"""

import json
import re

BEGINNING = "### Task:"
TITLE_WORDS = 8
LONGEST_TITLE = 60  # characters

# Blanks, but no line ends before a name: a request of line ends alone would be read from each of them to its end.
_QUESTION = re.compile(r"^[^\S\n]*(?:USER|User|user)[^\S\n]*:\s*(.+)$", re.MULTILINE)
_KEY = re.compile(r"\"(title|tags|follow_ups|queries|text|prompt|emoji)\"\s*:")


def chore(text: str) -> str | None:
    """What is answered to a chore, as JSON; None to a question."""
    if not text.lstrip().startswith(BEGINNING) or "JSON" not in text:
        return None
    history, around = _parted(text)
    asked = _QUESTION.search(history)
    question = " ".join((asked[1] if asked else "").strip(" \"'").split())
    answers: dict[str, object] = {
        "title": _title(question),
        "tags": [],
        "follow_ups": [],
        "queries": [question] if question else [],
        "text": "",
        "prompt": question,
        "emoji": "",
    }
    keys = dict.fromkeys(_KEY.findall(around))
    return json.dumps({key: answers[key] for key in keys}, ensure_ascii=False)


def _parted(text: str) -> tuple[str, str]:
    """The conversation that a chore is about, and what stands around it. Takes a time that grows as the text does."""
    before, _, rest = text.partition("<chat_history>")
    history, end, after = rest.rpartition("</chat_history>")
    return (history, f"{before} {after}") if end else ("", text)


def _title(question: str) -> str:
    """The beginning of a question, as a title."""
    words = question.rstrip(" ?!.").split()
    title = " ".join(words[:TITLE_WORDS])
    is_cut = len(words) > TITLE_WORDS or len(title) > LONGEST_TITLE
    return (title[:LONGEST_TITLE].rstrip() + " ..." if is_cut else title) or "Question"
