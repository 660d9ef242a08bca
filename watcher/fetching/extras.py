"""Optional extras: what other packages know of words, where they are installed, as plain functions for the core.

`morph`: dictionary forms (simplemma; pymorphy3 is preferred for Russian where it is installed). `cjk`: where words begin and end in scripts
without spaces (PyICU). Nothing is imported before a rule needs it.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Collection, Iterator
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any

from watcher.core.matching.compile import compile_rules
from watcher.core.matching.engine import RuleSet
from watcher.core.matching.nodes import stems_asked
from watcher.core.matching.texts import Lemmatise
from watcher.core.model.rule import RuleSource

MORPH = "news-watcher[morph]"
"""What to install for `stem`."""

_PACKAGES = {"morph": ("simplemma", "pymorphy3"), "cjk": ("PyICU",), "re2": ("google-re2",)}
_REMEMBERED_WORDS = 1 << 16
_MOST_LANGUAGES = (
    8  # a dictionary takes 4 to 50 MB and up to 2 s to load; an aggregator may list articles in forty languages
)
_SAME_DICTIONARY = {"hr": "hbs", "sr": "hbs", "bs": "hbs", "sh": "hbs", "no": "nb"}
_OTHER_SCRIPT = frozenset(["ar", "bg", "el", "fa", "he", "hi", "hy", "ka", "mk", "ml", "ru", "uk"])
# The tokens of the core write Arabic yeh and kaf in their Persian form (see letters); the dictionary does not.
_ARABIC = str.maketrans({"ی": "ي", "ک": "ك"})


def compile_with_extras(source: RuleSource, previous: RuleSet | None = None) -> RuleSet:
    """Return the rules compiled with what is installed and asked for; `previous` as in `compile_rules`, which says what is raised."""
    return compile_rules(source, lemmatiser() if stems_asked(source) else None, segmenter(), previous=previous)


def lemmatiser() -> Lemmatise | None:
    """Return what gives a word's dictionary form in a language, or None when no morphology is installed.

    A word that no dictionary knows, and a word of a language without one, is its own dictionary form. At most eight languages are
    loaded; each at its first word.
    """
    return _lemma if find_spec("simplemma") is not None else None


def segmenter() -> Callable[[str, str], Collection[int]] | None:
    """Return what gives the edges of words in a text without spaces, or None when no segmenter is installed."""
    return _edges if find_spec("icu") is not None else None


def installed() -> dict[str, str]:
    """Return each extra with the packages found for it, as "simplemma 2.0.0", or "" when there is none."""
    return {extra: ", ".join(filter(None, map(_found, names))) for extra, names in _PACKAGES.items()}


def _found(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return ""


@lru_cache(maxsize=_REMEMBERED_WORDS)
def _lemma(word: str, language: str) -> str:
    code = _SAME_DICTIONARY.get(language, language)
    # Names in Latin letters stand in every language; a Russian dictionary only costs time on them.
    if word.isascii() and (code in _OTHER_SCRIPT or not word.isalpha()):
        return word
    known = _dictionary(code)
    if known is None:
        return word
    return known(word.translate(_ARABIC) if code == "ar" else word) or word


@cache
def _dictionary(language: str) -> Callable[[str], str] | None:
    """Return the dictionary of a language; None when there is none, or when enough others are loaded."""
    with _uncounted():
        if language == "ru" and find_spec("pymorphy3") is not None:
            return _russian()
        if not _may_load(language):
            return None
        lemmatise = _simplemma().lemmatize
        lemmatise("a", lang=language)  # loads the dictionary
    return lambda word: str(lemmatise(word, lang=language))


@contextlib.contextmanager
def _uncounted() -> Iterator[None]:
    """Stop the count of a reader process's processor time: what our own dictionary costs is no fault of the document."""
    left, _ = signal.getitimer(signal.ITIMER_PROF)
    signal.setitimer(signal.ITIMER_PROF, 0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, left)


_loaded: set[str] = set()


def _may_load(language: str) -> bool:
    from simplemma.strategies.dictionaries.dictionary_factory import SUPPORTED_LANGUAGES  # noqa: PLC0415

    if language not in SUPPORTED_LANGUAGES or len(_loaded) >= _MOST_LANGUAGES:
        return False
    _loaded.add(language)
    return True


@cache
def _simplemma() -> Any:  # noqa: ANN401 - the extra may be absent when types are checked
    from simplemma import Lemmatizer  # noqa: PLC0415
    from simplemma.strategies import DefaultStrategy  # noqa: PLC0415

    # The ordinary dictionaries take 150 MB for Russian and 400 MB for Polish: more than a reader process may use. These take a tenth.
    return Lemmatizer(cache_max_size=1, lemmatization_strategy=DefaultStrategy(low_memory=True))


def _russian() -> Callable[[str], str]:
    from pymorphy3 import MorphAnalyzer  # noqa: PLC0415

    analyser = MorphAnalyzer(lang="ru")
    return lambda word: str(analyser.parse(word)[0].normal_form)


def _edges(text: str, language: str) -> Collection[int]:
    from icu import BreakIterator, Locale  # noqa: PLC0415

    words = BreakIterator.createWordInstance(Locale(language))
    words.setText(text)
    found = {0, *words}
    if len(text.encode("utf-16-le")) == 2 * len(text):
        return found
    # ICU counts UTF-16 units; a rare character takes two.
    edges, units = set(), 0
    for at, letter in enumerate(text):
        if units in found:
            edges.add(at)
        units += 1 + (ord(letter) > 0xFFFF)
    return edges | {len(text)}
