"""The screen: what of a model's output is shown. Plain text only, whatever the model says."""

import re
import unicodedata
from dataclasses import dataclass

from recto.text.languages import MIXED
from recto.text.scripts import is_unspaced

REPEATS, RECITES = "repeats itself", "recites its instructions"
LEFT_OUT = "(address left out)"

HELD = 200  # characters that may wait for the end of a tag or link; then they are text
LONGEST_WORD = 200  # characters; no word of an answer is longer, what comes after them is left out
LONGEST_RUN = 40  # of one character; more are a model that is stuck
RECITED = 7  # words of the instructions in a row: fewer are said by chance
DOUBTFUL = 3  # the first of them that waits for what follows
SAME_SENTENCE = 4  # words; shorter ones, such as "Yes, it does.", may come twice
LONGEST_PERIOD = 20  # words that come again and again
TIMES = 3  # in a row, and at least
LOOP = 6  # words in all: "very, very, very" is a manner of speaking


# What has no picture of its own, beside the characters of category C: Unicode's Default_Ignorable_Code_Point, the blank
# braille cell, noncharacters, and the mark of bytes that were no text.
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0\ufdd0-\ufdef\ufff0-\uffff"
    "\U000e0000-\U000e0fff]"
)
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co"})


def visible(text: str) -> str:
    """Drop what nobody can see and a model still reads: control, zero-width, bidi and tag characters, U+FFFD."""
    return "".join(one for one in _BLANK.sub("", text) if one.isspace() or unicodedata.category(one) not in _UNSEEN)


class Screen:
    """Turns a model's raw pieces into text fit to show.

    Characters go through it one by one, so it does not matter how an engine cuts its pieces. `system` is not recited,
    of addresses only those that stand in `allowed`, the evidence, are shown, and those as plain words.
    """

    def __init__(self, system: str, allowed: str = "") -> None:
        self._markup = _Markup()
        self._words = _Words(allowed)
        self._watch = _Watch(system)
        self._last, self._run = "", 0

    @property
    def stop(self) -> str:
        """Empty, or why the model is to be stopped: nothing more will be shown."""
        return self._watch.stop

    def feed(self, text: str) -> str:
        """What may be shown now; what is not decided yet waits."""
        return "".join(map(self._through, text))

    def end(self) -> str:
        """The rest."""
        return self._show(self._markup.end()) + self._watch.add(self._words.end()) + self._watch.end()

    def _through(self, char: str) -> str:
        self._run = self._run + 1 if char == self._last else 1
        self._last = char
        if self._run > LONGEST_RUN:
            self._watch.halt(REPEATS)
        return "" if self.stop else self._show(self._markup.feed(char))

    def _show(self, plain: str) -> str:
        return "".join(self._watch.add(self._words.feed(char)) for char in plain)


# Markup: tags, links, images, thinking, terminal codes

_CODES = frozenset("\x1b\x9b\a")  # what terminal codes begin with, and one of their ends
_CODE = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\a\x1b]*(?:\a|\x1b\\)|\x1b[ -/]*[0-OQ-WYZ\\`-~]|\a")
_CODE_BEGUN = re.compile(r"\x1b|(?:\x1b\[|\x9b)[ -?]*|\x1b[\]PX^_][^\a\x1b]*\x1b?|\x1b[ -/]+")
_ANGLE = re.compile(r"[<>◁▷]")
_TAG_BEGINS = re.compile(r"[<◁][A-Za-z/!?|｜]")
_NO_WORDS = re.compile(r"[<◁][/!?|｜]")  # before a letter it may be a sign for less than
# What a tag holds; in `a<b or b>c` stands no tag. The page's header is the prompt's own.
_TAG = re.compile(r"[/!?|｜].*|page \d.*|\S+|.*=.*", re.DOTALL)
_BREAKS = re.compile(r"/?(?:br|p|div|li|tr|td|th|h[1-6])\b", re.IGNORECASE)  # what stands around it are two words
_THOUGHT = r"(?:seed:)?(?:think(?:ing)?|thoughts?|reasoning|reflection|scratchpad|analysis)"
_THINKS = rf"[<◁](?:\|begin_of_)?{_THOUGHT}(?:\s[^<>]*)?\|?(?<!/)[>▷]|\[(?-i:THINK)\]"
_THOUGHT_ENDS = rf"[<◁](?:/|\|end_of_){_THOUGHT}\s*\|?[>▷]|\[/(?-i:THINK)\]"
_THOUGHT_MARK = re.compile(rf"(?P<begins>{_THINKS})|{_THOUGHT_ENDS}", re.IGNORECASE)
_TEMPLATE = re.compile(r"/?(?:INST|SYS|BOS|EOS|EOT|PAD|SEP|CLS|MASK|UNK|THINK|[A-Z]+(?:_[A-Z]+)+)")
_MARK = re.compile(r"\^?\d{1,3}")
_MARKS = re.compile(r"\d{1,3}(?:\s*[,;–-]\s*\d{1,3})+")
_PAIRS = {"[": "]", "(": ")"}


@dataclass(frozen=True, slots=True)
class _Cut:
    """What was decided about the first of the held characters: this is text, that is still to be looked at."""

    plain: str
    rest: str
    thinks: bool = False  # what follows is a model thinking


class _Markup:
    """Takes tags, links, images, thinking and terminal codes out of a stream of characters."""

    def __init__(self) -> None:
        self._held = ""
        self._thoughts = 0  # that have begun and not ended

    def feed(self, char: str) -> str:
        """The text that is certain now."""
        if char not in _CODES and not visible(char):
            return ""
        self._held += char
        return self._settled(last=False)

    def end(self) -> str:
        """What was held is text, unless it is the beginning of a tag."""
        held = "" if re.fullmatch(rf"{_NO_WORDS.pattern}\S*", self._held) else self._held
        self._held = held + "\n"  # so that a bracket that comes last is followed by something
        return self._settled(last=True)

    def _settled(self, *, last: bool) -> str:
        text = ""
        while self._held and (not self._thoughts or self._wakes()):
            cut = _cut(self._held) or _expired(self._held, last=last)
            if cut is None:
                break
            text, self._held, self._thoughts = text + cut.plain, cut.rest, int(cut.thinks)
        return text

    def _wakes(self) -> bool:
        """Forget thoughts, and those within them, and tell whether something follows. Without an end all is thought."""
        while self._thoughts and (mark := _THOUGHT_MARK.search(self._held)):
            self._held = self._held[mark.end() :]
            self._thoughts += 1 if mark["begins"] else -1
        if self._thoughts:
            self._held = self._held[-HELD:]
        return not self._thoughts and bool(self._held)


def _cut(held: str) -> _Cut | None:
    """Decide about the first of these characters, None if that takes more of them."""
    if held[0] in "<◁":
        return _tag(held)
    if held[0] == "[" or held[:2] == "![":
        return _bracket(held, held.index("["))
    if held[0] in _CODES:
        return _code(held)
    return None if held == "!" else _Cut(held[0], held[1:])


def _expired(held: str, *, last: bool) -> _Cut | None:
    """Give up waiting."""
    return _alone(held) if last or len(held) > HELD or "\n\n" in held else None


def _alone(held: str) -> _Cut:
    """What begins here has no end: a bracket was a bracket; of a tag or a code only its beginning goes."""
    return _Cut("" if held[0] in _CODES or _NO_WORDS.match(held) else held[0], held[1:])


def _tag(held: str) -> _Cut | None:
    """Drop a tag or a template's token; of `<address>` the address stays; a sign for less than stays."""
    end = _ANGLE.search(held, 1)
    if len(held) > 1 and not _TAG_BEGINS.match(held):
        return _alone(held)
    if end is None:
        return None
    inner, rest = held[1 : end.start()], held[end.end() :]
    if (mark := _THOUGHT_MARK.fullmatch(held, 0, end.end())) and mark["begins"]:
        return _Cut("", rest, thinks=True)
    if end[0] in "<◁" or not _TAG.fullmatch(inner):
        return _alone(held)
    return _Cut(" " if _BREAKS.match(inner) else "", inner + rest if _ADDRESS.fullmatch(inner) else rest)


def _bracket(held: str, start: int) -> _Cut | None:
    """Of a link or an image only the label stays; marks like [2, 3] lose their look; other brackets stay."""
    end = _closing(held, start)
    after = held[end + 1 : end + 2]
    if end < 0 or not after:
        return None
    label, rest = held[start + 1 : end], held[end + 1 :]
    if label == "THINK":
        return _Cut("", rest, thinks=True)
    if after == "(" or (after == "[" and not _MARK.fullmatch(label)):
        return _link(rest, label)
    if _MARK.fullmatch(label):  # or the element of an array, which only the whole word tells
        return _Cut(held[: end + 1], rest)
    if _TEMPLATE.fullmatch(label):
        return _Cut("", rest)
    if _MARKS.fullmatch(label):
        return _Cut("", f"({label}){rest}")
    return _Cut("", label + rest) if after == ":" else _Cut(held[0], held[1:])


def _link(target: str, label: str) -> _Cut | None:
    end = _closing(target, 0)
    return None if end < 0 else _Cut("", ("" if _MARK.fullmatch(label) else label) + target[end + 1 :])


def _closing(text: str, start: int) -> int:
    """Where the bracket at `start` closes, -1 if it does not."""
    opening, closing = text[start], _PAIRS[text[start]]
    depth = 0
    for at in range(start, len(text)):
        depth += (text[at] == opening) - (text[at] == closing)
        if not depth:
            return at
    return -1


def _code(held: str) -> _Cut | None:
    if code := _CODE.match(held):
        return _Cut("", held[code.end() :])
    return None if _CODE_BEGUN.fullmatch(held) else _Cut("", held[1:])


# Words: white space, markdown, addresses

_ADDRESS = re.compile(
    r"""(?:javascript|vbscript) : \S+
        | (?: [a-z][a-z0-9+.-]* : (?=//)                           # any scheme with a host
          | (?:mailto|blob|file|https?) : [/\\]* (?=[^\s])
          | data : (?:[\w.+-]+/[\w.+-]+)? (?:;[^\s,]*)? (?=,)
          | www \.
          | // (?=[\w-]+\.)
          | [\w.+-]+ @ (?=[\w-]+\.\w)                            # e-mail
          | (?:[\w-]+\.)+ [a-z]{2,} (?= [/?\#]+\w | :\d )          # a host with a path or a port
        ) [^\s<>"'`‹›()\[\]{}|\\^]* [^\s<>"'`‹›()\[\]{}|\\^.,;:!?*]""",
    re.IGNORECASE | re.VERBOSE,
)
_ACTIVE = re.compile(r"(?:javascript|vbscript|data|blob|file):", re.IGNORECASE)  # never shown
# What the model marks with a number is its invention; code attaches marks.
_MARKED = re.compile(r"(\b[A-Za-z_]\w*)?(?:\[\^?\d{1,3}\])+")
_ELEMENT = re.compile(r"\b[A-Za-z_]\w*(?:\[\d{1,3}\])+")  # of an array or a register: `pmpcfg0[3]`
# Stars around words, not those of 2*3 and 2**31.
_EMPHASIS = re.compile(r"(?<![\w*])\*+(?=[^\s*])|(?<=[^\s*])\*(?:\*+(?![\d*])|(?![\w*]))|~~+|`+")
_LINE_MARK = re.compile(r"#{1,6}|[-*+•▪●]|[-*_=]{3,}")  # headings, bullets, rules
_FENCE = re.compile(r"(?:`{3,}|~{3,})\w*|\|?(?::?-{2,}:?\|)+")
_CLOSES = re.compile(r"[.,;)][.,;!?)]*")  # a mark that was taken out stood before them
# What would read as a link, a tag or an image if the two stood together.
_RISKY = re.compile(r"(?<=\])(?=\(|\[(?!\d))|(?<=[^\d]\])(?=:)|(?<=[<◁])(?=[A-Za-z/!?|｜])|(?<=!)(?=\[)")
_NEWLINES = frozenset("\n\v\f\x85\u2028\u2029")


class _Words:
    """Collects characters to words, and takes markdown and unknown addresses out of each."""

    def __init__(self, allowed: str) -> None:
        words = (word for word in allowed.split() if len(word) <= LONGEST_WORD)
        found = (match[0] for word in words for match in _ADDRESS.finditer(word))
        self._known = {address.casefold() for address in found if not _ACTIVE.match(address)}
        self._elements = set(_ELEMENT.findall(allowed))
        self._word = ""
        self._space = "\n"  # before the word: it begins a line
        self._begun = False

    def feed(self, char: str) -> str:
        """The word that this character ends, with the white space before it; else nothing."""
        if char.isspace():
            word = self.end()
            self._widen(char)
            return word
        if len(self._word) <= LONGEST_WORD:
            self._word += char
        return self.end() if is_unspaced(char) else ""

    def end(self) -> str:
        """The word so far."""
        word = self._plain(self._word if len(self._word) <= LONGEST_WORD else f"{self._word}…")
        self._word = ""
        if not word:
            return ""
        space = self._space if self._begun and not _CLOSES.fullmatch(word) else ""
        self._space, self._begun = "", True
        return space + word

    def _widen(self, char: str) -> None:
        if char in _NEWLINES:
            self._space = "\n\n" if "\n" in self._space else "\n"
        self._space = self._space or " "

    def _plain(self, word: str) -> str:
        if _FENCE.fullmatch(word) or ("\n" in self._space and _LINE_MARK.fullmatch(word)):
            return ""
        unmarked = self._unmarked(word)
        bare = unmarked if _ADDRESS.search(unmarked) else _EMPHASIS.sub("", unmarked)
        return _RISKY.sub(" ", _ADDRESS.sub(self._known_only, bare))

    def _unmarked(self, word: str) -> str:
        plain = _MARKED.sub(self._elements_only, word)
        return plain if plain == word else self._unmarked(plain)  # a mark may have stood within a mark

    def _elements_only(self, marked: re.Match[str]) -> str:
        return marked[0] if marked[0] in self._elements else marked[1] or ""

    def _known_only(self, address: re.Match[str]) -> str:
        return address[0] if address[0].casefold() in self._known else LEFT_OUT


# Watching: instructions recited, sentences and words said again

_PIECE = re.compile(r"[\W_]*[^\W_]+(?:[\W_]+\Z)?|[\W_]+")
_WORD = re.compile(r"[^\W_]+")
_ENDS = re.compile(r"""(\w*)[.!?…。！？]["'”’»)\]]*\Z""")


class _Said(dict[str, "_Said"]):
    """Sentences as a tree: under each word, those that followed it; under an empty one, nothing, for there it ended."""


class _Watch:
    """Lets words through one by one, and stops the model when it recites or repeats."""

    def __init__(self, system: str) -> None:
        words = _WORD.findall(system.casefold())
        lengths = range(DOUBTFUL, RECITED + 1)
        self._instructions = {tuple(words[at : at + n]) for n in lengths for at in range(len(words) - n + 1)}
        self.stop = ""
        self._held: list[str] = []
        self._words: list[str] = []
        self._whole: list[str] = []  # words as white space parts them
        self._sentence: list[str] = []
        self._said = _Said()
        self._again: _Said | None = self._said  # how far this sentence goes along with one that was said

    def add(self, text: str) -> str:
        """A word with the white space before it comes in; what may be shown goes out."""
        if not text:
            return ""
        if text.startswith("\n"):
            self._close()
        self._listen(text)
        shown = "".join(map(self._piece, _PIECE.findall(text)))
        if (end := _ENDS.search(text)) and not _is_short(end[1]):
            self._close()
        return shown

    def end(self) -> str:
        """What waits is shown, unless it is a sentence said before."""
        self._close()
        return self._release(0)

    def halt(self, why: str) -> None:
        """Show nothing more."""
        self.stop = self.stop or why
        self._held.clear()

    def _piece(self, text: str) -> str:
        """Take a word with the signs around it; it waits while it may be part of what must not be shown."""
        if self.stop:
            return ""
        word = _WORD.search(text)
        if word is None and not self._held:
            return text
        if word is None:
            self._held[-1] += text
            return ""
        self._held.append(text)
        return self._judge(word[0].casefold())

    def _judge(self, word: str) -> str:
        if not word.isdigit():  # a list of the instructions is a recital too
            self._words.append(word)
        self._sentence.append(word)
        self._again = None if self._again is None else self._again.get(word)
        recited = self._recited()
        if recited == RECITED:
            self.halt(RECITES)
        return self._release(max(recited - DOUBTFUL + 1, 0 if self._again is None else len(self._sentence)))

    def _release(self, keep: int) -> str:
        cut = len(self._held) - keep
        if cut <= 0:
            return ""
        shown, self._held = "".join(self._held[:cut]), self._held[cut:]
        return shown

    def _recited(self) -> int:
        """How many of the last words stand in a row in the instructions; 0 if too few to mean anything."""
        lengths = range(min(RECITED, len(self._words)), DOUBTFUL - 1, -1)
        return next((n for n in lengths if tuple(self._words[-n:]) in self._instructions), 0)

    def _listen(self, text: str) -> None:
        """Stop a model that says the same words again and again. `0.5` is one word here, as white space parts them."""
        if word := "".join(_WORD.findall(text.casefold())):
            self._whole.append(word)
            if any(_is_loop(self._whole, period) for period in range(1, LONGEST_PERIOD + 1)):
                self.halt(REPEATS)

    def _close(self) -> None:
        """End the sentence. Numbers are words: with another number it is another sentence."""
        sentence, self._sentence, self._again = self._sentence, [], self._said
        if len(sentence) < SAME_SENTENCE:
            return
        last = self._said
        for word in sentence:
            last = last.setdefault(word, _Said())
        if "" in last:
            self.halt(REPEATS)
        last[""] = _Said()


def _is_loop(words: list[str], period: int) -> bool:
    times = max(TIMES, LOOP // period)
    return words[-period:] * times == words[-period * times :]


def _is_short(word: str) -> bool:
    """Whether a full stop after this word may be an abbreviation's."""
    return word.casefold() in MIXED.abbreviations or (len(word) == 1 and word.isalpha())
