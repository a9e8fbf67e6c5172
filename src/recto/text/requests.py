"""Questions about whole documents, told by how they are worded: every place that matches, or each document by itself.

English first, German and French where it was cheap. What merely looks like one ("Which discounts are there and how much
are they?") is none: the words must make up the whole question.
"""

import re
from dataclasses import dataclass

from recto.text.contents import asks_for_contents
from recto.text.languages import MIXED
from recto.text.languages.language import any_of

LONGEST = 8  # words of what is listed: longer ones are conditions, and another question

_DOCUMENT = any_of(MIXED.places.documents)
_HERE = (  # where to look: it says no more than the question itself
    rf"(?:\s+(?:(?:with)?in|throughout|from|of|across|im|in|dans|du|des|aus)\s+(?:(?:all|alle[nr]?|tou(?:te)?s)\s+)?"
    rf"(?:(?:this|these|the|my|your|our|dies\w*|de[rmn]|mein\w*|ces?|cette|les?|la|mes)\s+)?(?:{_DOCUMENT}s?|dokumenten)|"
    r"\s+(?:here|hier|ici))?"
)
_POLITE = (
    r"(?:please|(?:can|could|would)\s+you(?:\s+please)?|i\s+(?:want|need|would\s+like)(?:\s+you\s+to)?|"
    r"bitte|s'il\s+(?:vous|te)\s+pla[iî]t)[\s,]+"
)
_ALL = r"(?:all(?:\s+of)?(?:\s+the)?|every(?:\s+single)?|each(?:\s+of\s+the)?|any\s+and\s+all(?:\s+the)?)"
_SHOW = r"(?:list|name|enumerate|show|give|find|get|tell|quote|collect|extract|write\s+down)"
_THING = r"(?P<thing>.+?)"
_MENTION = r"(?:mentions?|occurrences?|references?\s+to|instances?|appearances?)"
_IS_MENTIONED = r"(?:mentioned|named|referred\s+to|cited|spoken\s+of|talked\s+about|occur(?:s|ring)?|appear(?:s|ing)?)"
_LISTS = (
    rf"{_SHOW}(?:\s+(?:me|us))?(?:\s+up)?\s+{_ALL}\s+{_THING}",
    rf"(?:{_SHOW}(?:\s+(?:me|us))?\s+)?(?:a\s+|the\s+)?(?:full\s+|complete\s+|whole\s+)?list\s+of\s+{_ALL}\s+{_THING}",
    rf"(?:list|enumerate)\s+the\s+{_THING}",
    rf"(?:what|which)\s+{_THING}\s+(?:are|is)\s+there",
    rf"(?:what|which)\s+{_THING}\s+(?:does|do)\s+(?:this|these|the|my)\s+{_DOCUMENT}s?\s+(?:list|name|mention|contain|give)",
    rf"what\s+are\s+all\s+(?:of\s+)?(?:the\s+)?{_THING}",
    rf"(?:liste|z[aä]hle?|f[uü]hre?)\s+(?:mir\s+)?alle\s+{_THING}\s+auf",
    rf"(?:nenne|zeige?)\s+(?:mir\s+)?alle\s+{_THING}",
    rf"welche\s+{_THING}\s+gibt\s+es",
    rf"(?:liste[rz]?|[eé]num[eéè]re[rz]?|(?:donne|montre)[rz]?(?:[- ]moi)?)\s+tou(?:te)?s\s+les\s+{_THING}",
    rf"quel(?:le)?s\s+{_THING}\s+y\s+a[- ]t[- ]il",
)
_MENTIONS = (
    rf"(?:{_SHOW}(?:\s+(?:me|us))?\s+)?(?:{_ALL}|the)\s+{_MENTION}(?:\s+(?:of|to|where))?\s+{_THING}",
    rf"(?:{_SHOW}(?:\s+(?:me|us))?\s+)?{_ALL}\s+(?:places?|pages?|sentences?|passages?|lines?)\s+"
    rf"(?:where|that|which|in\s+which|with|about|mentioning|containing)\s+(?:(?:mentions?|speaks?\s+of|contains?|says?)\s+)?"
    rf"{_THING}(?:\s+(?:is|are)\s+{_IS_MENTIONED}|\s+(?:occurs?|appears?))?",
    rf"(?:where(?:\s+all)?|on\s+(?:what|which)\s+pages?|in\s+(?:what|which)\s+places?)\s+(?:is|are)\s+{_THING}\s+{_IS_MENTIONED}",
    rf"(?:where(?:\s+all)?|on\s+(?:what|which)\s+pages?)\s+(?:does|do)\s+{_THING}\s+{_IS_MENTIONED}",
    rf"how\s+(?:many\s+times|often)\s+(?:is|are|was|were|does|do)\s+{_THING}\s+{_IS_MENTIONED}",
    rf"how\s+(?:many\s+times|often)\s+does\s+(?:this|the|my)\s+{_DOCUMENT}\s+(?:mention|name|use|say)\s+{_THING}",
    rf"how\s+many\s+mentions\s+of\s+{_THING}\s+(?:are\s+there|does\s+it\s+have)",
    rf"(?:wo|wie\s+oft|auf\s+welchen\s+seiten)\s+(?:wird|werden|kommt|kommen)\s+{_THING}\s+(?:erw[aä]hnt|genannt|vor)",
    rf"(?:(?:nenne|zeige?)\s+(?:mir\s+)?)?(?:jede|alle)\s+(?:erw[aä]hnung(?:en)?|stellen?\s+mit)\s+(?:von\s+)?{_THING}",
    rf"(?:combien\s+de\s+fois|o[uù])\s+{_THING}\s+est[- ](?:il|elle)\s+mentionn[eé]e?",
    rf"(?:montre[rz]?\s+)?(?:toutes\s+les\s+)mentions\s+(?:de\s+|d')\s*{_THING}",
)
# "In each report" may be what every report has to hold; "in each of these reports" speaks of those at hand.
_ONE_BY_ONE = rf"(?:each|every)\s+(?:one\s+)?(?:document|pdf|file|of\s+(?:the|these|my|our|those)\s+{_DOCUMENT}s?)"
_EACH = (
    rf"(?:in|for|from|of|by|per)\s+{_ONE_BY_ONE}",
    r"per\s+(?:document|pdf|file)|(?:in|aus|von|f[uü]r)\s+jede[ms]\s+dokument|(?:dans|de|pour)\s+chaque\s+document",
    rf"what\s+(?:does|do)\s+{_ONE_BY_ONE}\s+say\s+(?:about|on)",
    rf"(?:compare|vergleiche|comparez?)\s+(?:all\s+|alle\s+)?(?:(?:the|these|my|die|les|ces)\s+)?"
    rf"(?:{_DOCUMENT}s|dokumente)\s+(?:on|by|regarding|hinsichtlich|bei|sur)",
)
_ON = (
    r"(?:on|about|regarding|concerning|by|as\s+to|with\s+(?:respect|regard)\s+to|in\s+terms\s+of|"
    r"hinsichtlich|bez[uü]glich|bei|sur)"
)
_BOTH = r"(?P<first>.+?)\s+(?:and|with|to|against|versus|vs\.?|und|mit|et|avec|[aà])\s+(?P<second>.+?)"
_COMPARES = (
    rf"(?:compare|vergleiche|comparez?)\s+{_BOTH}\s*,?\s+{_ON}\s+(?P<thing>.+)",
    rf"(?:compare|vergleiche|comparez?)\s+(?:what\s+)?(?P<thing>.+?)\s+(?:in|of|between|de|von|dans)\s+{_BOTH}",
    rf"how\s+do\s+{_BOTH}\s+(?:differ|compare)\s+{_ON}\s+(?P<thing>.+)",
    rf"(?:what\s+(?:is|are)\s+the\s+)?differences?\s+between\s+{_BOTH}\s+{_ON}\s+(?P<thing>.+)",
)


def _compiled(patterns: tuple[str, ...], *, after: str = "") -> list[re.Pattern[str]]:
    return [re.compile(rf"(?:{_POLITE})?{pattern}{after}", re.IGNORECASE) for pattern in patterns]


_LIST_PATTERNS, _MENTION_PATTERNS = _compiled(_LISTS, after=_HERE), _compiled(_MENTIONS, after=_HERE)
_COMPARE_PATTERNS = _compiled(_COMPARES)
_EACH_PHRASE = re.compile(rf"[\s,]*\b(?:{'|'.join(_EACH)})\b[\s,]*", re.IGNORECASE)
# What makes another question of it: a second one, a condition, a comparison, what is counted or asked of each item.
_FURTHER = re.compile(
    r"\b(?:and|or)\s+(?:how|what|which|when|where|who|why|their|its)\b|\b(?:if|when|unless|because|before|after|than)\b|"
    r"\b(?:largest|smallest|highest|lowest|most|least|longest|shortest)\b|[;:?]|,.*\b(?:how|what|which)\b|"
    r"\b(?:und|et)\s+(?:wie|was|welche|wann|comment|combien|quand)\b",
    re.IGNORECASE,
)
_POINTING = re.compile(
    r"(?:of\s+)?(?:them|it|this|these|those|that|ones?|sie|davon|ceux|cela|of)\b.*|"
    r"things?|information|details|facts|else|possible",
    re.IGNORECASE,
)
_DOCUMENTS = re.compile(rf"{_DOCUMENT}s?", re.IGNORECASE)  # those of the library, which no document lists
_WORDS = re.compile(r"^(?:the\s+)?(?:words?|terms?|phrase|name|expression)\s+(?=\S)", re.IGNORECASE)  # the word "pump"
_MARKS = "\"'\u201c\u201d\u2018\u2019\u201e\u00ab\u00bb "


@dataclass(frozen=True, slots=True)
class Listing:
    """Every place that matches is asked for. `mentions`: wherever the words stand, not the things they name."""

    thing: str
    mentions: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """The same is asked of several documents: of two that are called something, or of each one."""

    question: str
    names: tuple[str, ...] = ()


def listing(question: str) -> Listing | None:
    """What is to be listed, if a question asks for all of something."""
    asked = _bare(question)
    if asks_for_contents(question):
        return None
    for patterns, mentions in ((_MENTION_PATTERNS, True), (_LIST_PATTERNS, False)):
        for pattern in patterns:
            if (match := pattern.fullmatch(asked)) and (thing := _WORDS.sub("", match["thing"]).strip(_MARKS)):
                another = _is_another(thing) or (not mentions and _DOCUMENTS.fullmatch(thing))
                return None if another else Listing(thing, mentions)
    return None


def comparison(question: str) -> Comparison | None:
    """What is asked of which documents, if a question is asked of several; not known here is which there are."""
    asked = _bare(question)
    if match := _EACH_PHRASE.search(asked):
        remainder = " ".join(f"{asked[: match.start()]} {asked[match.end() :]}".split())
        return Comparison(remainder) if len(remainder) > 1 else None
    for pattern in _COMPARE_PATTERNS:
        if match := pattern.fullmatch(asked):
            return Comparison(match["thing"].strip(), (match["first"].strip(_MARKS), match["second"].strip(_MARKS)))
    return None


def _bare(question: str) -> str:
    """A question in single spaces without the mark at its end."""
    return " ".join(question.split()).rstrip(" ?!.\u00a0")


def _is_another(thing: str) -> bool:
    """Whether what is to be listed points to something said before, or brings another question along."""
    long = len(thing.split()) > LONGEST
    return long or _FURTHER.search(thing) is not None or _POINTING.fullmatch(thing) is not None
