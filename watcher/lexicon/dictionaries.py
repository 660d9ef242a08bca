"""Dictionary forms of words, by whichever package knows the language best; dictionaries are loaded at their first
word and stay.

Russian: pymorphy3 where it is installed. It knows the names that simplemma does not (Зеленского), takes 30 MB and 0.1
s to load instead of 19 MB and 0.6 s, and does 15,000 new words a second instead of 60,000; words are remembered, so
that few are new. All else: simplemma, 1 to 50 MB and up to 2 s each.

Languages that a rule names, and those of the concept library, are always loaded when they are needed. Of all others
at most eight are: an aggregator may list articles in fifty languages. One for which there is no room is taken as
written, and is said once by `notes`.
"""

from __future__ import annotations

import contextlib
import resource
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from importlib.util import find_spec
from typing import Any, Final

MOST_OTHERS: Final = 8
LIBRARY: Final = frozenset(["en", "ru", "uk", "de", "fr", "es", "pl"])
"""The languages of the shipped concepts that are inflected and have a dictionary."""

_REMEMBERED_WORDS = 1 << 16
_SAME_DICTIONARY = {"hr": "hbs", "sr": "hbs", "bs": "hbs", "sh": "hbs", "no": "nb"}
_OTHER_SCRIPT = frozenset(["ar", "bg", "el", "fa", "he", "hi", "hy", "ka", "mk", "ml", "ru", "uk"])
_NEVER = frozenset(["ja", "ko", "th", "vi", "yue", "zh"])
"""Languages of which no package has a dictionary; told from here where none is installed that could be asked."""

# The tokens of the core write Arabic yeh and kaf in their Persian form (see letters); the dictionary does not.
_ARABIC = str.maketrans({"ی": "ي", "ک": "ك"})

Dictionary = Callable[[str], str]


class Dictionaries:
    """The dictionaries of this process; `most_others` counts languages that nobody asked for by name."""

    def __init__(self, most_others: int = MOST_OTHERS) -> None:
        self._most_others = most_others
        self._asked = set(LIBRARY)
        self._others: set[str] = set()
        self._refused: set[str] = set()
        self._told: set[str] = set()
        self._loaded: dict[str, Dictionary | None] = {}
        self.memory_bytes = 0
        """By how much loading raised the most memory that the process ever held."""

    def ask_for(self, languages: Iterable[str]) -> bool:
        """Make sure that these languages find room; return whether one of them was refused before, so that its words
        are known wrongly.
        """
        wanted = {_SAME_DICTIONARY.get(language, language) for language in languages}
        self._asked |= wanted
        back = self._refused & wanted
        self._refused -= back
        return bool(back)

    def notes(self) -> list[str]:
        """Return what there was no room for and was not told yet, in sentences."""
        new = sorted(self._refused - self._told)
        self._told.update(new)
        return [
            f"words in {language} are matched as written: {self._most_others} dictionaries besides those of the library are loaded; "
            f"say `stem: {language}` in a rule that needs it"
            for language in new
        ]

    def of(self, language: str) -> Dictionary | None:
        """Return the dictionary of a language; None when there is none, or no room for it.

        Raises:
            OSError: it is installed but cannot be read; it is tried again at the next word.
        """
        if language in self._refused:
            return None
        if language not in self._loaded:
            if not self._has_room(language):
                self._refused.add(language)
                return None
            before = _peak_bytes()
            with _uncounted():
                self._loaded[language] = _load(language)
            self.memory_bytes += _peak_bytes() - before
        return self._loaded[language]

    def _has_room(self, language: str) -> bool:
        if language in self._asked or not _is_known(language):
            return True
        if len(self._others) >= self._most_others:
            return False
        self._others.add(language)
        return True


_here = Dictionaries()


def is_installed() -> bool:
    """Return whether there is any dictionary."""
    return find_spec("simplemma") is not None


def has(language: str) -> bool:
    """Return whether a language has a dictionary; without the extra, whether it would have one with it, as far as is
    known here.
    """
    code = _SAME_DICTIONARY.get(language, language)
    return _is_known(code) if is_installed() else code not in _NEVER


@lru_cache(maxsize=_REMEMBERED_WORDS)
def lemma(word: str, language: str) -> str:
    """Return the dictionary form of a word; the word itself where no dictionary knows it."""
    code = _SAME_DICTIONARY.get(language, language)
    # Names in Latin letters stand in every language; a Russian dictionary only costs time on them.
    if word.isascii() and (code in _OTHER_SCRIPT or not word.isalpha()):
        return word
    known = _here.of(code)
    if known is None:
        return word
    return known(word.translate(_ARABIC) if code == "ar" else word) or word


def ask_for(languages: Iterable[str]) -> None:
    """Make sure that the dictionaries of these languages are loaded when they are needed, however many others are."""
    if _here.ask_for(languages):
        lemma.cache_clear()


def notes() -> list[str]:
    """Return what could not be looked up since the last call, in sentences."""
    return _here.notes()


def memory_bytes() -> int:
    """Return how much of the most memory that this process ever held is due to dictionaries."""
    return _here.memory_bytes


def _load(language: str) -> Dictionary | None:
    if language == "ru" and find_spec("pymorphy3") is not None:
        return _russian()
    if not _is_known(language):
        return None
    lemmatise = _simplemma().lemmatize
    lemmatise("a", lang=language)  # loads the dictionary
    return lambda word: str(lemmatise(word, lang=language))


def _is_known(language: str) -> bool:
    from simplemma.strategies.dictionaries.dictionary_factory import SUPPORTED_LANGUAGES  # noqa: PLC0415

    return language in SUPPORTED_LANGUAGES


@cache
def _simplemma() -> Any:  # noqa: ANN401 - the extra may be absent when types are checked
    from simplemma import Lemmatizer  # noqa: PLC0415
    from simplemma.strategies import DefaultStrategy  # noqa: PLC0415
    from simplemma.strategies.dictionaries import StreamDictionaryFactory  # noqa: PLC0415

    # The ordinary dictionaries take 150 MB for Russian and 400 MB for Polish: more than a reader process may use.
    # These take a tenth. A factory of our own, because the shared one silently drops a dictionary when a ninth is
    # loaded, and loads it again at the next word.
    ours = StreamDictionaryFactory(cache_max_size=len(LIBRARY) + 100)
    return Lemmatizer(cache_max_size=1, lemmatization_strategy=DefaultStrategy(dictionary_factory=ours))


def _russian() -> Dictionary:
    from pymorphy3 import MorphAnalyzer  # noqa: PLC0415

    analyser = MorphAnalyzer(lang="ru")
    return lambda word: str(analyser.parse(word)[0].normal_form)


@contextlib.contextmanager
def _uncounted() -> Iterator[None]:
    """Stop the count of a reader process's processor time: what our own dictionary costs is no fault of the
    document.
    """
    left, _ = signal.getitimer(signal.ITIMER_PROF)
    signal.setitimer(signal.ITIMER_PROF, 0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, left)


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
