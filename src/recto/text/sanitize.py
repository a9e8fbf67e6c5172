"""Sanitising what a language model writes: plain text only, whatever the model says."""

import re
import unicodedata
from dataclasses import dataclass

from recto.text.languages import MIXED
from recto.text.scripts import is_unspaced

REPEATS, RECITES = "repeats itself", "recites its instructions"
LEFT_OUT = "(address left out)"

MOST_PENDING = 200  # characters that may wait for the end of a tag or link; then they are text
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
    return "".join(char for char in _BLANK.sub("", text) if char.isspace() or unicodedata.category(char) not in _UNSEEN)


class Sanitizer:
    """Turns a model's raw pieces into text fit to show.

    Characters go through it one by one, so it does not matter how an engine cuts its pieces. `system` is not recited,
    of addresses only those that stand in `allowed`, the evidence, are shown, and those as plain words.
    """

    def __init__(self, system: str, allowed: str = "") -> None:
        self._markup = _MarkupFilter()
        self._words = _WordFilter(allowed)
        self._monitor = _Monitor(system)
        self._previous, self._run = "", 0

    @property
    def stop(self) -> str:
        """Empty, or why the model is to be stopped: nothing more will be shown."""
        return self._monitor.stop

    def feed(self, text: str) -> str:
        """What may be shown now; what is not decided yet waits."""
        shown_now = ""
        for char in text:
            self._run = self._run + 1 if char == self._previous else 1
            self._previous = char
            if self._run > LONGEST_RUN:
                self._monitor.halt(REPEATS)
            if not self.stop:
                shown_now += self._show(self._markup.feed(char))
        return shown_now

    def end(self) -> str:
        """What still waits."""
        return self._show(self._markup.end()) + self._monitor.add(self._words.end()) + self._monitor.end()

    def _show(self, plain: str) -> str:
        return "".join(self._monitor.add(self._words.feed(char)) for char in plain)


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
class _Decision:
    """What becomes of the first of the pending characters: this is text, the remainder is still to be looked at."""

    text: str
    remainder: str
    thinks: bool = False  # what follows is a model thinking


class _MarkupFilter:
    """Takes tags, links, images, thinking and terminal codes out of a stream of characters."""

    def __init__(self) -> None:
        self._pending = ""
        self._thoughts = 0  # that have begun and not ended

    def feed(self, char: str) -> str:
        """The text that is certain now."""
        if char not in _CODES and not visible(char):
            return ""
        self._pending += char
        return self._settle(last=False)

    def end(self) -> str:
        """What was pending is text, unless it is the beginning of a tag."""
        pending = "" if re.fullmatch(rf"{_NO_WORDS.pattern}\S*", self._pending) else self._pending
        self._pending = pending + "\n"  # so that a bracket that comes last is followed by something
        return self._settle(last=True)

    def _settle(self, *, last: bool) -> str:
        """Decide about as many characters as can be; at the end, or if they are too many, about all."""
        text = ""
        while self._pending:
            if self._thoughts:
                # Thoughts are forgotten, and those within them. Without an end all is thought.
                mark = _THOUGHT_MARK.search(self._pending)
                if mark is None:
                    self._pending = self._pending[-MOST_PENDING:]
                    break
                self._pending = self._pending[mark.end() :]
                self._thoughts += 1 if mark["begins"] else -1
                continue
            decision = _decide(self._pending)
            if decision is None and (last or len(self._pending) > MOST_PENDING or "\n\n" in self._pending):
                decision = _decide_unclosed(self._pending)
            if decision is None:
                break
            text += decision.text
            self._pending, self._thoughts = decision.remainder, int(decision.thinks)
        return text


def _decide(pending: str) -> _Decision | None:
    """Decide about the first of these characters, None if that takes more of them.

    A tag or a template's token goes; of `<address>` the address stays; a sign for less than stays.
    """
    if pending[0] == "[" or pending[:2] == "![":
        return _decide_bracket(pending, pending.index("["))
    if pending[0] in _CODES:
        if code := _CODE.match(pending):
            return _Decision("", pending[code.end() :])
        return None if _CODE_BEGUN.fullmatch(pending) else _Decision("", pending[1:])
    if pending[0] not in "<◁":
        return None if pending == "!" else _Decision(pending[0], pending[1:])
    if len(pending) > 1 and not _TAG_BEGINS.match(pending):
        return _decide_unclosed(pending)
    end = _ANGLE.search(pending, 1)
    if end is None:
        return None
    inner, remainder = pending[1 : end.start()], pending[end.end() :]
    if (mark := _THOUGHT_MARK.fullmatch(pending, 0, end.end())) and mark["begins"]:
        return _Decision("", remainder, thinks=True)
    if end[0] in "<◁" or not _TAG.fullmatch(inner):
        return _decide_unclosed(pending)
    return _Decision(" " if _BREAKS.match(inner) else "", inner + remainder if _ADDRESS.fullmatch(inner) else remainder)


def _decide_unclosed(pending: str) -> _Decision:
    """What begins here has no end: a bracket was a bracket; of a tag or a code only its beginning goes."""
    dropped = pending[0] in _CODES or _NO_WORDS.match(pending)
    return _Decision("" if dropped else pending[0], pending[1:])


def _decide_bracket(pending: str, start: int) -> _Decision | None:
    """Of a link or an image only the label stays; marks like [2, 3] lose their look; other brackets stay."""
    end = _closing(pending, start)
    following = pending[end + 1 : end + 2]
    if end < 0 or not following:
        return None
    label, remainder = pending[start + 1 : end], pending[end + 1 :]
    is_mark = _MARK.fullmatch(label) is not None
    if label == "THINK":
        return _Decision("", remainder, thinks=True)
    if following == "(" or (following == "[" and not is_mark):
        target_end = _closing(remainder, 0)
        return None if target_end < 0 else _Decision("", ("" if is_mark else label) + remainder[target_end + 1 :])
    if is_mark:  # or the element of an array, which only the whole word tells
        return _Decision(pending[: end + 1], remainder)
    if _TEMPLATE.fullmatch(label):
        return _Decision("", remainder)
    if _MARKS.fullmatch(label):
        return _Decision("", f"({label}){remainder}")
    return _Decision("", label + remainder) if following == ":" else _Decision(pending[0], pending[1:])


def _closing(text: str, start: int) -> int:
    """Where the bracket at `start` closes, -1 if it does not."""
    opening, closing = text[start], _PAIRS[text[start]]
    depth = 0
    for at in range(start, len(text)):
        depth += (text[at] == opening) - (text[at] == closing)
        if not depth:
            return at
    return -1


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


class _WordFilter:
    """Collects characters to words, and takes markdown and unknown addresses out of each."""

    def __init__(self, allowed: str) -> None:
        self._addresses = {
            address[0].casefold()
            for word in allowed.split()
            if len(word) <= LONGEST_WORD
            for address in _ADDRESS.finditer(word)
            if not _ACTIVE.match(address[0])
        }
        self._elements = set(_ELEMENT.findall(allowed))
        self._word = ""
        self._space = "\n"  # before the word: it begins a line
        self._is_first = True

    def feed(self, char: str) -> str:
        """The word that this character ends, with the white space before it; else nothing."""
        if char.isspace():
            word = self.end()
            if char in _NEWLINES:
                self._space = "\n\n" if "\n" in self._space else "\n"
            self._space = self._space or " "
            return word
        if len(self._word) <= LONGEST_WORD:
            self._word += char
        return self.end() if is_unspaced(char) else ""

    def end(self) -> str:
        """The word so far, without its markdown."""
        word = self._word if len(self._word) <= LONGEST_WORD else f"{self._word}…"
        self._word = ""
        if _FENCE.fullmatch(word) or ("\n" in self._space and _LINE_MARK.fullmatch(word)):
            return ""
        marked = ""
        while marked != word:  # a mark may have stood within a mark
            marked = word
            word = _MARKED.sub(lambda mark: mark[0] if mark[0] in self._elements else mark[1] or "", marked)
        if not _ADDRESS.search(word):
            word = _EMPHASIS.sub("", word)
        word = _ADDRESS.sub(lambda match: match[0] if match[0].casefold() in self._addresses else LEFT_OUT, word)
        word = _RISKY.sub(" ", word)
        if not word:
            return ""
        space = "" if self._is_first or _CLOSES.fullmatch(word) else self._space
        self._space, self._is_first = "", False
        return space + word


# Monitoring: instructions recited, sentences and words said again

_PIECE = re.compile(r"[\W_]*[^\W_]+(?:[\W_]+\Z)?|[\W_]+")
_WORD = re.compile(r"[^\W_]+")
_ENDS = re.compile(r"""(\w*)[.!?…。！？]["'”’»)\]]*\Z""")


class _SentenceTree(dict[str, "_SentenceTree"]):
    """Sentences as a tree: under each word, those that followed it; under an empty one, nothing, for there it ended."""


class _Monitor:
    """Lets words through one by one, and stops the model when it recites or repeats."""

    def __init__(self, system: str) -> None:
        words = _WORD.findall(system.casefold())
        lengths = range(DOUBTFUL, RECITED + 1)
        self._instructions = {tuple(words[at : at + n]) for n in lengths for at in range(len(words) - n + 1)}
        self.stop = ""
        self._pending: list[str] = []  # words with the signs around them, that may be part of what must not be shown
        self._words: list[str] = []  # without numbers: a list of the instructions is a recital, too
        self._spaced_words: list[str] = []  # as white space parts them: 0.5 is one
        self._sentence: list[str] = []
        self._sentences = _SentenceTree()
        self._repeated: _SentenceTree | None = self._sentences  # how far this sentence goes along with an earlier one

    def add(self, text: str) -> str:
        """A word with the white space before it comes in; what may be shown goes out."""
        if not text:
            return ""
        if text.startswith("\n"):
            self._end_sentence()
        if word := "".join(_WORD.findall(text.casefold())):
            self._spaced_words.append(word)
            for period in range(1, LONGEST_PERIOD + 1):
                times = max(TIMES, LOOP // period)
                if self._spaced_words[-period:] * times == self._spaced_words[-period * times :]:
                    self.halt(REPEATS)
        shown_now = "".join(map(self._add_piece, _PIECE.findall(text)))
        if end := _ENDS.search(text):
            last = end[1].casefold()
            if last not in MIXED.abbreviations and not (len(last) == 1 and last.isalpha()):
                self._end_sentence()
        return shown_now

    def end(self) -> str:
        """What waits is shown, unless it is a sentence said before."""
        self._end_sentence()
        return self._release(0)

    def halt(self, why: str) -> None:
        """Show nothing more."""
        self.stop = self.stop or why
        self._pending.clear()

    def _add_piece(self, piece: str) -> str:
        """Take a word with the signs around it, or signs alone."""
        if self.stop:
            return ""
        match = _WORD.search(piece)
        if match is None:
            if not self._pending:
                return piece
            self._pending[-1] += piece
            return ""
        word = match[0].casefold()
        self._pending.append(piece)
        self._sentence.append(word)
        if not word.isdigit():
            self._words.append(word)
        if self._repeated is not None:
            self._repeated = self._repeated.get(word)
        lengths = range(min(RECITED, len(self._words)), DOUBTFUL - 1, -1)
        recited = next((length for length in lengths if tuple(self._words[-length:]) in self._instructions), 0)
        if recited == RECITED:
            self.halt(RECITES)
        return self._release(max(recited - DOUBTFUL + 1, 0 if self._repeated is None else len(self._sentence)))

    def _release(self, waiting: int) -> str:
        """All but the last so many of the pending words."""
        count = max(len(self._pending) - waiting, 0)
        released, self._pending = self._pending[:count], self._pending[count:]
        return "".join(released)

    def _end_sentence(self) -> None:
        """Remember the sentence. Numbers are words: with another number it is another sentence."""
        sentence, self._sentence, self._repeated = self._sentence, [], self._sentences
        if len(sentence) < SAME_SENTENCE:
            return
        branch = self._sentences
        for word in sentence:
            branch = branch.setdefault(word, _SentenceTree())
        if "" in branch:
            self.halt(REPEATS)
        branch[""] = _SentenceTree()
