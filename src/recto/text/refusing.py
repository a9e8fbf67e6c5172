"""Whether a written sentence says no more than that the documents do not say.

A rule of shapes, not a list of sentences: who does not tell (a source, the writer), what is not told, or that there is
none of it. What is told beside it makes a claim of the sentence: "The fee is not given in dollars". So does a question
for just that: "Towels are not provided" answers "Are towels provided?".
"""

import re

from recto.text.stems import stems

_QUALIFIED = r"(?:provided|given|supplied|available|above|following|quoted|cited|original|supporting|retrieved)"
_PLAIN = r"(?:documents?|excerpts?|texts?|passages?|contexts?|sources?|pages?|snippets?|extracts?|quotes?)"
_LOOSE = r"(?:documentation|evidence|materials?|content|files?|information|data)"  # documents speak of these themselves
_SOURCE = (
    r"(?:(?:the|these|this|those|any|all|no|none|both|either|neither|of|your|my) )*"
    rf"(?:(?:{_QUALIFIED} )*{_PLAIN}|(?:{_QUALIFIED} )+{_LOOSE}|{_LOOSE} {_QUALIFIED})"
    rf"(?: (?:{_QUALIFIED}|here|i have))*"
)
_MATTER = (
    r"(?:(?:the|an?|any|enough|sufficient|specific|explicit|relevant|direct|clear|exact|such|further|more|that|this|"
    r"your) )*"
    r"(?:information|info|details?|answers?|data|mention|indication|statement|reference|figure|question)"
)
_HOW = r"(?:(?:explicitly|directly|specifically|clearly|actually|exactly|precisely|even|ever|anywhere|yet) )*"
_TELL = (
    r"(?:say|state|specif[yi]e?|mention|tell|indicate|disclose|answer|address|report|provide|include|give|contain|hold|"
    r"have|offer|describe|discuss|define|list|name|identif[yi]e?|reveal|show|explain|cover|clarif[yi]e?|note|detail|"
    r"make|refer)"
)
_TOLD = (
    r"(?:said|stated|specified|mentioned|told|indicated|disclosed|answered|addressed|given|provided|known|clear|"
    r"determined|described|available|revealed|clarified)"
)
_PLACED = (  # the same, where a source is named
    rf"(?:{_TOLD}|reported|included|contained|discussed|defined|listed|named|identified|shown|explained|covered|noted|"
    r"detailed|found|present|inferred|derived|supplied|part|answerable)"
)
_UNTOLD = r"(?:unknown|unclear|unspecified|unavailable|undisclosed|unstated|unmentioned|missing|absent)"
_LOOK = r"(?:find|see|give|have|help|know|verify|say|tell|locate|extract)"
_SETTLE = r"(?:answer|determine|infer|provide|confirm|conclude|identify)"
_BE = r"(?:is|are|was|were|be|been|remains?)"
_CANNOT = r"(?:cannot|can not|can't|could not|couldn't|do not|don't|did not|didn't|am unable to|am not able to)"
_IN = rf"(?:in|by|from|on|within|with|based on|using|among|of) {_SOURCE}"
_WHERE = rf"(?: {_IN})"
_ASKED = r"(?:who|what|which|where|when|why|how|whether|if)"  # begins what is asked for
_OPENS = rf"(?:(?:exactly )?{_ASKED}|that|from)\b.*"
_ABOUT = rf"(?: (?:about|as|concerning|for|in|of|on|regarding|to|that|{_ASKED})\b.*)"
_SUBJECT = (
    rf"(?:(?!.*\b{_BE}\b.*(?: (?:and|if|when|because|unless) |, |; )).+ )"  # of more than one clause it says more
)
_IS_NOT = rf"(?:{_BE}(?: not| never|n't)|(?:has|have)(?: not|n't) been)"

_LEAD = re.compile(  # courtesy, and what only says where was looked
    r"(?:the )?(?:short |final )?(?:answer(?: to (?:the|this|your) question)?(?:(?: is)?:| is that) )"
    r"|(?:i'm |i am |we are )?(?:very )?sorry,? (?:but )?|unfortunately,? |as an ai[^,]*, "
    rf"|(?:based on|according to|in|from|given) {_SOURCE}(?: (?:alone|only))?,? "
    r"|it (?:seems|appears) (?:that )?|note that "
)
_SHAPES = (
    # A source does not tell, tells nothing, or lacks it.
    rf"{_SOURCE} (?:do|does|did)(?: not|n't) (?:appear to |seem to )?{_HOW}{_TELL}\b.*",
    rf"{_SOURCE} (?:never|neither) {_TELL}e?s?\b.*",
    rf"{_SOURCE} (?:{_BE} silent|lacks?|(?:{_TELL}e?s?|has) (?:no|nothing))\b.*",
    rf"{_SOURCE} fails? to {_TELL}\b.*",
    rf"(?:there (?:is|are) )?(?:none|nothing|no|neither)(?: of| in| from)? {_SOURCE} (?:that )?{_HOW}{_TELL}e?s?\b.*",
    # There is none of it.
    rf"there(?: {_BE}(?: not|n't)|(?:'s| {_BE}) (?:no|not)) {_MATTER}(?: {_PLACED}| to {_SETTLE}\b.*)?"
    rf"(?:{_ABOUT}|{_WHERE})*",
    rf"there {_BE} (?:no|nothing) .+{_WHERE}",
    rf"(?:no|not enough|insufficient) {_MATTER}(?: {_BE})?(?: {_PLACED})?(?:{_ABOUT}|{_WHERE})*",
    # It is not told.
    rf"(?:{_SUBJECT}?{_IS_NOT}|not|never) {_HOW}(?P<told>{_TOLD})(?: here| anywhere)?",
    rf"(?:{_SUBJECT}?{_IS_NOT}|not|never) {_HOW}(?:{_PLACED} )?(?:anywhere )?{_IN}",
    rf"{_SUBJECT}?{_CANNOT} be {_HOW}(?:{_TOLD}|{_PLACED}{_WHERE})",
    rf"(?:{_SUBJECT}{_BE} )?(?:{_UNTOLD}|n/a){_WHERE}?",
    rf"it (?:{_IS_NOT}|{_CANNOT} be) {_HOW}(?:{_TOLD}|possible to {_TELL}){_WHERE}? {_OPENS}",
    rf"it {_BE} (?:{_UNTOLD}|impossible to {_TELL}){_WHERE}? {_OPENS}",
    # The writer cannot tell.
    rf"(?:i|we) {_CANNOT} {_HOW}(?:{_SETTLE}\b.*|{_LOOK}(?: {_MATTER}\b.*| (?:exactly )?{_ASKED}\b.*| this| that| it)?"
    rf"|{_LOOK}\b.*{_WHERE})",
)
_SILENT = re.compile("|".join(_SHAPES))
_MORE = re.compile(
    r"\b(?:but|however|although|though|except|only|instead|other than|apart from)\b"
    r"|[;:] | [–—-] |, (?:yet|it|they|this|while)\b|\bwhile (?:it|they|the)\b"
)
_STOP = re.compile(r"(?<!\b[a-z])[.!?…]+(?: |$)")  # not those of U.S. and e.g.
_QUOTES = str.maketrans("", "", '"“”*')
_WORD = re.compile(r"[a-z]+")


def refuses(text: str, question: str = "") -> bool:
    """Whether a text says nothing else: each of its sentences, and nothing after."""
    plain = " ".join(text.casefold().replace("’", "'").replace("it's ", "it is ").translate(_QUOTES).split())
    statements = [statement for sentence in _STOP.split(plain) if (statement := _without_lead(sentence))]
    question_stems = set(stems(_WORD.findall(question.casefold())))
    return bool(statements) and all(
        (shape := _SILENT.fullmatch(statement))
        and not _MORE.search(statement)
        and not question_stems.intersection(stems([shape["told"] or ""]))
        for statement in statements
    )


def _without_lead(sentence: str) -> str:
    while match := _LEAD.match(sentence):
        sentence = sentence[match.end() :]
    return sentence.strip(" ,-")
