"""Which way a statement points: whether its words are negated, and on which side of a pair of opposites it stands."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

import Stemmer

SCOPE = 4  # words of content that a negation reaches


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NEGATIONS = _set(
    "not no never none nor neither without cannot nothing nobody nowhere hardly "
    "nicht kein keine keinen keiner keinem nie ohne pas jamais sans aucun aucune"
)
_DETERMINERS = _set("no neither kein keine keinen keiner keinem aucun aucune")
_ENDS = _set("but unless except if when while because although though which who that until aber sondern mais")
_NEUTRAL = _set(  # words without a direction of their own
    "a an the this that these those it its they their them he she his her we you i is are was were be been being am "
    "has have had do does did will would shall should can could may might must of to in on at by for from with as and "
    "or so than then there here such any all each every some also only just very more most other into onto about over "
    "der die das ein eine einen ist sind war wird werden und oder le la les un une est sont et ou"
)
_OPPOSITES = (
    "increase rise grow gain raise climb higher / decrease fall decline drop reduce lower shrink fell fallen",
    "rose risen grew grown / decreased",
    "more greater exceed above over / fewer less below under",
    "maximum most / minimum least",
    "before precede prior earlier / after follow later subsequent",
    "enable activate / disable deactivate",
    "allow permit authorize may / prohibit forbid ban disallow",
    "require mandatory obligatory must / optional voluntary",
    "include contain / exclude omit",
    "always / never",
    "set / clear",
    "accept approve / reject deny refuse",
    "open / close",
    "start begin / stop end",
    "read / write",
    "load / store",
    "input / output",
    "profit / loss",
    "asset / liability",
    "buy purchase acquire / sell sold",
    "success succeed / failure fail",
    "true / false",
    "present / absent",
    "first / last",
    "internal / external",
    "signed / unsigned",
    "valid / invalid",
    "fast faster / slow slower",
    "early / late",
    "left / right",
    "up / down",
    "positive / negative",
    "safe / unsafe",
    "high / low",
    "long longer / short shorter",
    "hot / cold",
    "inside within / outside",
    "debit / credit",
    "lender / borrower",
    "seller / buyer",
    "tenant / landlord",
)
_PREFIXES = ("un", "in", "im", "ir", "non", "dis", "mis")
_TOKEN = re.compile(r"[^\W\d_]+(?:['’][a-z]+)?|[.,;:()!?]")
_stemmer = Stemmer.Stemmer("english")

Poles = dict[str, set[int]]  # for each word, or pair of opposites, the directions in which it is said: 1, -1


def _sides() -> dict[str, tuple[str, int]]:
    sides: dict[str, tuple[str, int]] = {}
    for pair in _OPPOSITES:
        one, other = pair.split(" / ")
        for words, sign in ((one, 1), (other, -1)):
            for word in words.split():
                sides.setdefault(_stemmer.stemWord(word), (one.split()[0], sign))
    return sides


_SIDES = _sides()


def contradict(claim: str, text: str) -> bool:
    """Whether the claim turns a word around that the text never uses that way: negated, or its opposite."""
    these, those = _poles(claim), _poles(text)
    return any(signs.isdisjoint(those[word]) for word, signs in _aligned(these, those).items() if word in those)


def _aligned(these: Poles, those: Poles) -> Poles:
    """The first, with words such as "invalid" written as "valid" turned around where the other has only that."""
    aligned: Poles = defaultdict(set)
    for word, signs in these.items():
        bare = next((word.removeprefix(one) for one in _PREFIXES if word.removeprefix(one) in those), word)
        turned = -1 if bare != word and word not in those else 1
        aligned[word if turned == 1 else bare] |= {turned * sign for sign in signs}
    for word in list(aligned):
        for prefix in _PREFIXES:
            if word not in those and prefix + word in those:
                aligned[prefix + word] |= {-sign for sign in aligned[word]}
    return aligned


def _poles(text: str) -> Poles:
    poles: Poles = defaultdict(set)
    for negated, words in _stretches(_TOKEN.findall(text.lower().replace("’", "'"))):
        for word in words:
            side, sign = _SIDES.get(stem := _stemmer.stemWord(word), (stem, 1))
            poles[side].add(-sign if negated else sign)
    return poles


def _stretches(tokens: Sequence[str]) -> Iterator[tuple[bool, list[str]]]:
    """The words of content in stretches that a negation reaches, or none does."""
    words: list[str] = []
    negation = ""
    for token in [*tokens, "."]:
        negates, ends = token in _NEGATIONS or token.endswith("n't"), token in _ENDS or not token[0].isalpha()
        if negates or ends or (negation and len(words) == SCOPE):
            yield from _read(negation, words)
            words, negation = [], token if negates else ""
        if not negates and not ends and (token not in _NEUTRAL or _stemmer.stemWord(token) in _SIDES):
            words.append(token)


def _read(negation: str, words: list[str]) -> Iterator[tuple[bool, list[str]]]:
    """In "no page is cached" it is the caching that is negated, in "no limit" the limit."""
    yield bool(negation), words
    if negation in _DETERMINERS and len(words) > 1:
        yield False, words[:1]
