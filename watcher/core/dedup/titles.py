"""Titles as they are compared: in one spelling, without what a publisher puts around the headline.

    "PORT ELWIN (Wire) - UPDATE 2-Defence labour deal signed | Nord Post"  ->  defense labor deal signed

What comes out goes into stored keys: a change here needs a new KEY_VERSION.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import regex

from watcher.core.articles.common_words import FUNCTION_WORDS
from watcher.core.articles.urls import ascii_host
from watcher.core.dedup.amounts import DIGITS, fold_amounts
from watcher.core.dedup.wire import strip_wire
from watcher.core.model.article import Article

AGGREGATORS: Final = frozenset({"news.google.com"})
"""They put " - Source" behind every headline and hide the article's address."""

COPY_STRENGTH: Final = 5.0
"""Words that a title needs so that its equality alone counts; shorter ones are shared by chance.

Source: own reading of 5,681 pairs of equal titles, the wrong ones nearly all being short or recurring.
"""
LONGEST_TITLE: Final = 1000
"""As many letters of a title are compared; the expressions below are quadratic on hostile text, and no headline is
longer.
"""
KEY_STRENGTH: Final = 3.0
"""Words that a title needs to be looked up at all."""
_WORDS_OF_A_NAME: Final = 4
LETTERS_A_WORD: Final = 2.4  # 12 letters of a script without blanks count as five words


@dataclass(frozen=True, slots=True)
class Title:
    """A title made comparable.

    `tokens` in order; `strength` in words (function words count nothing, letters of scripts without blanks count in
    part), 0 for placeholders; `take` is the wire's mark of a later take ("UPDATE 2"), `place` the town of its
    dateline, `suffix` a name behind a dash that is not this publisher's: the wire's, a speaker's, or part of the
    headline. `unspaced` says that a script without blanks, or Hangul, is in it; `removed` names what was taken off.
    """

    tokens: tuple[str, ...]
    strength: float
    placeholder: bool = False
    take: str = ""
    place: str = ""
    suffix: str = ""
    unspaced: bool = False
    removed: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The tokens as one line."""
        return " ".join(self.tokens)


def title_of(article: Article) -> Title:
    """Return the article's title made comparable."""
    return read_title(article.title, article.source, article.feed_name, article.url)


MOST_TITLE_LETTERS: Final = 4096
"""As much of a title as an article keeps."""


# By its words and not by its article: one that gets another id, or is loaded again, is not taken apart anew.
@lru_cache(maxsize=4096)
def read_title(title: str, source: str = "", feed_name: str = "", url: str = "") -> Title:
    """Return the comparable form of a title; `source`, `feed_name` and `url` tell which " - Name" at its end is the
    publisher's.

    A headline that is nothing but decoration is left whole.
    """
    bare = strip_wire(one_line(title[:MOST_TITLE_LETTERS]))
    text, removed = bare.text, list(bare.removed)
    host = ascii_host(url)
    names = _names(source, feed_name, host)
    suffix = ""
    while (found := _SUFFIX.search(text)) and found.start() > 0:
        rest, name = text[: found.start()], found.group("name")
        if name is None:
            removed.append("bracket")
        elif host in AGGREGATORS or _is_name(name, names):
            removed.append("source")
        elif not suffix and _looks_like_a_name(name) and strength_of(tokens_of(rest)) >= KEY_STRENGTH:
            suffix = " ".join(_TOKEN.findall(fold(name)))
            removed.append("suffix")
        else:
            break
        text = rest
        if host in AGGREGATORS:
            break
    tokens = tokens_of(text)
    placeholder = _is_placeholder(tokens, names)
    return Title(
        tokens=tokens,
        strength=0.0 if placeholder else strength_of(tokens),
        placeholder=placeholder,
        take=bare.take,
        place=bare.place,
        suffix=suffix,
        unspaced=any(is_unspaced(token) for token in tokens),
        removed=tuple(dict.fromkeys(removed)),
    )


def is_outlet(name: str, article: Article) -> bool:
    """Return whether a name behind a headline is the outlet of an article: its source, its feed, or a word of its host.

    "Nord Post" is the outlet of an article from nordpost.example, "BBC News" of one whose source is "BBC".
    """
    squashed = _squashed(name).removeprefix("the")
    bare = _GENERIC.sub("", squashed) or squashed
    names = _names(article.source, article.feed_name, ascii_host(article.url))
    return bool(bare) and any(bare == (_GENERIC.sub("", one) or one) for one in names)


_GENERIC: Final = regex.compile(r"(?:(?<=.)(?:news|online|com|org|net|english|international|뉴스))+$")


def one_line(text: str) -> str:
    """Return the first letters of a text as they are compared, in one line, with case kept."""
    return " ".join(fold(text[:LONGEST_TITLE], case=False).split())


def fold(text: str, *, case: bool = True) -> str:
    """Return the text with one spelling for look-alikes (NFKC), curly quotes, dashes and blanks; lower case unless
    told otherwise.
    """
    text = unicodedata.normalize("NFKC", text)
    for sign, plain in _ALIKE.items():
        text = text.replace(sign, plain)
    if not text.isprintable():  # what is never seen cannot be printed, and most texts hold none of it
        text = _UNSEEN.sub("", text)
    return text.casefold() if case else text


def tokens_of(text: str) -> tuple[str, ...]:
    """Return the words and numbers of a text in order, folded, in one spelling of English.

    Numbers keep sign, decimals and percent; currency signs are tokens; a run of a script without blanks is one token.
    Short texts are kept: what a story told is compared with each text that arrives.
    """
    return _kept_tokens(text) if len(text) <= _LONGEST_KEPT else _cut(text)


def _cut(text: str) -> tuple[str, ...]:
    plain = fold(text)
    if _MAYBE_THOUSANDS.search(plain):
        plain = _THOUSANDS.sub("", plain)
    plain = fold_amounts(plain)
    return tuple(map(fold_spelling, (_ASCII_TOKEN if plain.isascii() else _TOKEN).findall(plain)))


_LONGEST_KEPT: Final = 640
"""As long as leads are, so that what is kept has a bound."""
_kept_tokens = lru_cache(maxsize=4096)(_cut)


def strength_of(tokens: tuple[str, ...]) -> float:
    """Return how many content words the tokens are worth."""
    total = 0.0
    for token in tokens:
        letters = 0 if token.isascii() else len(_NO_BLANKS.findall(token))
        if letters:
            total += letters / LETTERS_A_WORD
        elif token not in FUNCTION_WORDS:
            total += 1.0
    return total


def is_function_word(token: str) -> bool:
    """Return whether a folded token is an article, a preposition or the like, which tells nothing of what a text is
    about.
    """
    return token in FUNCTION_WORDS


def content_of(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """Return the tokens without function words: what two wordings of one headline have in common."""
    return tuple(token for token in tokens if token not in FUNCTION_WORDS)


@lru_cache(maxsize=32768)
def fold_spelling(token: str) -> str:
    """Return the American spelling of a British word by its ending ("labour", "organised", "centre"), digits for a
    number word; other words as they are.

    It need not know the word: a false result is the same for both sides and collides with no other English word.
    """
    if len(token) < _SHORTEST_FOLDED or not token.isascii():
        return _IRREGULAR.get(token) or DIGITS.get(token, token)
    if token in _IRREGULAR or token in DIGITS:
        return _IRREGULAR.get(token) or DIGITS[token]
    if _BRITISH.search(token):
        for pattern, replacement in _SPELLINGS:
            token = pattern.sub(replacement, token)
    return token


@lru_cache(maxsize=32768)
def is_unspaced(token: str) -> bool:
    """Return whether the token is written in a script without blanks, or in Hangul, so that it is compared by
    letters.
    """
    return _NO_BLANKS.search(token) is not None


# -- tables -----------------------------------------------------------------------------------------

_ALIKE: Final = {
    "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "−": "-",
}  # fmt: skip
_UNSEEN: Final = regex.compile(r"[\p{Cf}\p{Cc}--[\t\n\r]]", flags=regex.V1)
_THOUSANDS: Final = regex.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_MAYBE_THOUSANDS: Final = re.compile(r"\d,\d")
_TOKEN: Final = regex.compile(
    r"(?:(?<!\S)-)?\d+(?:[.,:/]\d+)*%?(?![\p{L}\p{M}\p{N}])|[\p{L}\p{M}\p{N}_]+(?:'[\p{L}\p{M}]+)*|\p{Sc}"
)
# The same where all is ASCII, in half the time.
_ASCII_TOKEN: Final = re.compile(
    r"(?:(?<!\S)-)?[0-9]+(?:[.,:/][0-9]+)*%?(?![A-Za-z0-9])|[A-Za-z0-9_]+(?:'[A-Za-z]+)*|\$"
)
_NO_BLANKS: Final = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]", flags=regex.V1
)

# For titles whose blanks are single already: with `\s+` it took 12 s for a row of 4,096 blanks.
_SUFFIX: Final = regex.compile(
    r"""\ ?(?P<bracket>[(\[](?:photos?|pictures?|video|with\ video|updated?|watch)[)\]])\ ?$
      | \ [-–—|·•]\ (?P<name>[^|·•]{2,60}?)\ ?$
      | \ ?\|\ ?(?P<name>[^|·•]{2,60}?)\ ?$""",
    flags=regex.X | regex.I | regex.REVERSE,
)

_PLACEHOLDERS: Final = frozenset(
    {
        "access denied", "access to this page has been denied", "are you a robot", "attention required cloudflare",
        "bad gateway", "bad request", "checking your browser", "click the phrases to see a list", "error", "forbidden",
        "gateway timeout", "home", "homepage", "in pictures", "in photos", "internal server error", "just a moment",
        "loading", "log in", "login", "moved permanently", "news", "no title", "not found", "object moved", "page not found",
        "page unavailable", "please enable javascript and cookies to continue", "please wait", "please verify you are a human",
        "robot check", "security check", "service unavailable", "service temporarily unavailable", "sign in", "site maintenance",
        "site under maintenance", "subscribe to read", "subscribe to continue reading", "temporarily unavailable", "test",
        "this page isn't available", "too many requests", "unauthorized", "untitled", "video", "watch live", "live", "photos",
    }
)  # fmt: skip

_SHORTEST_FOLDED: Final = 6
_IRREGULAR: Final = {
    "programme": "program", "programmes": "programs", "centre": "center", "centres": "centers", "theatre": "theater",
    "theatres": "theaters", "metre": "meter", "metres": "meters", "kilometre": "kilometer", "kilometres": "kilometers",
    "litre": "liter", "litres": "liters", "fibre": "fiber", "calibre": "caliber", "defence": "defense", "defences": "defenses",
    "offence": "offense", "offences": "offenses", "licence": "license", "licences": "licenses", "pretence": "pretense",
    "grey": "gray", "tyre": "tire", "tyres": "tires", "aluminium": "aluminum", "cheque": "check", "cheques": "checks",
    "plough": "plow", "sceptical": "skeptical", "sceptic": "skeptic", "sceptics": "skeptics", "manoeuvre": "maneuver",
    "manoeuvres": "maneuvers", "aeroplane": "airplane", "kerb": "curb", "mould": "mold", "jewellery": "jewelry",
    "travelled": "traveled", "travelling": "traveling", "traveller": "traveler", "travellers": "travelers",
    "cancelled": "canceled", "cancelling": "canceling", "labelled": "labeled", "labelling": "labeling", "fuelled": "fueled",
    "fuelling": "fueling", "signalled": "signaled", "signalling": "signaling", "modelling": "modeling",
}  # fmt: skip
_BRITISH: Final = regex.compile(r"our|is[ei]|isa|ys[ei]|ogue")
_SPELLINGS: Final = (
    (regex.compile(r"(?<=[a-z]{3})our(s|ed|ing|er|ers|able|ful|ite|hood|ly)?$"), r"or\1"),
    (regex.compile(r"(?<=[a-z]{3})is(e|es|ed|ing|er|ers|ation|ations)$"), r"iz\1"),
    (regex.compile(r"(?<=[a-z]{3})ys(e|ed|ing)$"), r"yz\1"),
    (regex.compile(r"(?<=[a-z]{3})ogue(s)?$"), r"og\1"),
)


# -- decoration -------------------------------------------------------------------------------------


def _squashed(text: str) -> str:
    """Return a name without blanks, in its own spelling: "Harbour Gazette" is harbourgazette.example."""
    return "".join(_TOKEN.findall(fold(text)))


@lru_cache(maxsize=1024)
def _names(source: str, feed_name: str, host: str) -> frozenset[str]:
    """Return the spellings of the publisher's name without blanks: its own, the feed's, and the words of its host."""
    labels = host.split(".")[:-1] if host not in AGGREGATORS else []
    names = {_squashed(source), _squashed(feed_name), _squashed(host), *(_squashed(label) for label in labels)}
    names |= {name.removeprefix("the") for name in names}
    return frozenset(names - {"", "www"})


def _is_name(text: str, names: frozenset[str]) -> bool:
    squashed = _squashed(text)
    return squashed in names or squashed.removeprefix("the") in names


def _looks_like_a_name(text: str) -> bool:
    """Return whether every word is capitalised, or of a script without capitals, and none is a number."""
    words = text.split()
    return len(words) <= _WORDS_OF_A_NAME and not any(
        word[0].islower() or any(letter.isdecimal() for letter in word) for word in words
    )


def _is_placeholder(tokens: tuple[str, ...], names: frozenset[str]) -> bool:
    text = " ".join(tokens)
    bare = " ".join(tokens[1:]) if tokens and tokens[0].isdecimal() else text  # "404 Not Found"
    return text in _PLACEHOLDERS or bare in _PLACEHOLDERS or "".join(tokens) in names
