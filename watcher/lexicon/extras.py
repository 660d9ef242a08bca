"""Optional extras: what other packages know of words, where they are installed, as plain functions for the core.

`morph`: dictionary forms (simplemma, and pymorphy3 for Russian). `cjk`: where words begin and end in scripts
without spaces (PyICU). `fulltext`: the text of web pages (full_text.py). Nothing is imported before a rule needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from importlib.util import find_spec
from typing import TYPE_CHECKING

from watcher.core.language.tree import AUTO, stems_asked
from watcher.core.model.rule import RuleSource
from watcher.lexicon import dictionaries

if TYPE_CHECKING:
    from watcher.core.matching.engine import RuleSet
    from watcher.core.matching.texts import Lemmatise

MORPH = "news-watcher[morph]"
"""What to install for `stem`."""
FULL_TEXT = "news-watcher[fulltext]"
"""What to install for `full_text`."""

_PACKAGES = {
    "morph": ("simplemma", "pymorphy3"),
    "fulltext": ("trafilatura",),
    "cjk": ("PyICU",),
    "re2": ("google-re2",),
}


def compile_with_extras(source: RuleSource, previous: RuleSet | None = None) -> RuleSet:
    """Return the rules compiled with what is installed and asked for; `previous` as in `compile_rules`, which says
    what is raised.
    """
    # The engine takes a quarter second to import; a configuration is checked without.
    from watcher.core.matching.compile import compile_rules  # noqa: PLC0415
    from watcher.lexicon import languages, name_files  # noqa: PLC0415

    asked = stems_asked(source)
    dictionaries.ask_for(asked - {AUTO})
    lemmatise = lemmatiser() if asked else None
    return compile_rules(
        source,
        lemmatise,
        segmenter(),
        languages.detect,
        tables=name_files.open_table,
        previous=previous,
        frequencies=source.frequencies,
    )


def lemmatiser() -> Lemmatise | None:
    """Return what gives a word's dictionary form in a language, or None when no morphology is installed.

    A word that no dictionary knows, and a word of a language without one, is its own dictionary form.
    """
    return dictionaries.lemma if dictionaries.is_installed() else None


def can_read_pages() -> bool:
    """Return whether the text of web pages can be read (trafilatura)."""
    return find_spec("trafilatura") is not None


def segmenter() -> Callable[[str, str], Collection[int]] | None:
    """Return what gives the edges of words in a text without spaces, or None when no segmenter is installed."""
    return _edges if find_spec("icu") is not None else None


def installed() -> dict[str, str]:
    """Return each extra with the packages found for it, as "simplemma 2.0.0", or "" when there is none."""
    return {extra: ", ".join(filter(None, map(_found, names))) for extra, names in _PACKAGES.items()}


def _found(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return ""


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
