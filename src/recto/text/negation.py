"""Which way a statement points: whether its words are negated, and on which side of a pair of opposites it stands."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

import Stemmer

SCOPE = 2  # words of content that a negation reaches


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NEGATIONS = _set(
    "not no never none nor neither without cannot nothing nobody nowhere hardly "
    "nicht kein keine keinen keiner keinem nie ohne pas jamais sans aucun aucune"
)
_DETERMINERS = _set("no neither kein keine keinen keiner keinem aucun aucune")
_ENDS = _set("but unless except if when while because although though which who that until aber sondern mais")
NEUTRAL = _set(  # words without a direction of their own
    "a an the this that these those it its they their them he she his her we you i is are was were be been being am "
    "has have had do does did will would shall should can could may might must of to in on at by for from with as and "
    "or so than then there here such any all each every some also only just very more most other into onto about over "
    "whether part "
    "der die das ein eine einen ist sind war wird werden und oder le la les un une est sont et ou"
)
_OPPOSITES = (
    "increase rise rose risen grow grew grown gain raise climb higher / "
    "decrease fall fell fallen decline drop reduce lower shrink shrank",
    "more greater exceed above over / fewer less below under",
    "maximum most / minimum least",
    "before precede prior earlier / after follow later subsequent",
    "enable activate / disable deactivate",
    "allow permit authorize may / prohibit forbid forbidden ban disallow",
    "require mandatory obligatory must / optional voluntary",
    "include contain / exclude omit",
    "always / never",
    "set / clear",
    "accept approve / deny refuse",
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
    "support endorse / oppose reject",
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
_PREFIXES = ("un", "in", "im", "ir", "non", "dis", "mis", "contra")
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
    these, those = _words(claim), _words(text)
    return _differ(_poles(these), _poles(those)) or _prefixed(these, those) or _prefixed(those, these)


def _words(text: str) -> list[str]:
    return _TOKEN.findall(text.lower().replace("’", "'"))


def _differ(these: Poles, those: Poles) -> bool:
    return any(signs.isdisjoint(those[word]) for word, signs in these.items() if word in those)


def _prefixed(these: Sequence[str], those: Sequence[str]) -> bool:
    """Whether one says "valid" where the other says "invalid" only, both without a negation."""
    if any(map(_negates, [*these, *those])):
        return False
    return any(prefix + word in those and word not in those for word in set(these) - NEUTRAL for prefix in _PREFIXES)


def _negates(token: str) -> bool:
    return token in _NEGATIONS or token.endswith("n't")


def _poles(tokens: Sequence[str]) -> Poles:
    poles: Poles = defaultdict(set)
    for signs, words in _stretches(tokens):
        for word in words:
            side, sign = _SIDES.get(stem := _stemmer.stemWord(word), (stem, 1))
            poles[side] |= {sign * each for each in signs}
    return poles


def _stretches(tokens: Sequence[str]) -> Iterator[tuple[set[int], list[str]]]:
    """The words of content in stretches that a negation reaches, or none does."""
    words: list[str] = []
    negation = ""
    for token in [*tokens, "."]:
        ends = token in _ENDS or not token[0].isalpha()
        if _negates(token) or ends or _is_spent(negation, words):
            yield _signs(negation, words), words
            words, negation = [], token if _negates(token) else ""
        if not _negates(token) and not ends and _counts(token):
            words.append(token)


def _is_spent(negation: str, words: list[str]) -> bool:
    """Whether a negation reaches no further: in "not allowed to export" it is the allowing that is negated."""
    if not negation or negation in _DETERMINERS or not words:
        return False
    return len(words) == SCOPE or _stemmer.stemWord(words[-1]) in _SIDES


def _counts(token: str) -> bool:
    if _stemmer.stemWord(token) in _SIDES:
        return True
    return token not in NEUTRAL and not token.endswith("ly")


def _signs(negation: str, words: list[str]) -> set[int]:
    """In "no limit" the limit is negated; in "no page is ever cached" it is not the page, and may be any word."""
    if negation in _DETERMINERS and len(words) > 1:
        return {1, -1}
    return {-1} if negation else {1}
