"""A rule from a sentence: the concepts of the library that its words belong to, and what is left of it. It is made on
this machine alone, but where the user named a model to ask.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from watcher.asking.backtests import Backtest, backtested
from watcher.asking.configured import load_rules
from watcher.asking.draft_model import Unanswered, suggested
from watcher.core.articles.common_words import COMMON_WORDS
from watcher.core.articles.language import language_of
from watcher.core.articles.of_text import article_of_text
from watcher.core.articles.text import one_line, plain_to_text
from watcher.core.articles.tokens import tokenise
from watcher.core.matching.compile import compile_rules
from watcher.core.matching.engine import RuleSet
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.match import Match
from watcher.core.model.rule import ConceptRef, Rule, RuleSource
from watcher.core.web_addresses import host_of
from watcher.errors import ConfigError, StorageError
from watcher.lexicon.extras import compile_with_extras
from watcher.reading.configurations import load_files_tried
from watcher.settings.concepts import library_concept, library_names
from watcher.settings.env import Settings
from watcher.settings.problems import render
from watcher.settings.yaml_edit import quoted_text

_LONGEST: Final = 400
_ASKING: Final = re.compile(
    r"^(?:please\s+)?(?:tell|alert|notify|inform|warn|show)(?:\s+(?:me|us))?(?:\s+(?:when(?:ever)?|if|about|of))?\s+",
    re.IGNORECASE,
)
_FILE: Final = "draft.yaml"
_MOST_CONCEPTS: Final = 5
_MOST_WORDS: Final = 6
_COMMON: Final = 0.02
_SHORTEST: Final = 4
_STEMMED: Final = 5
# What a wish is made of, and not the news.
_WISH: Final = frozenset(
    [
        "tell",
        "alert",
        "notify",
        "inform",
        "warn",
        "show",
        "send",
        "give",
        "want",
        "would",
        "like",
        "need",
        "know",
        "when",
        "whenever",
        "where",
        "while",
        "about",
        "that",
        "this",
        "these",
        "those",
        "there",
        "their",
        "they",
        "them",
        "some",
        "any",
        "every",
        "anything",
        "something",
        "someone",
        "anyone",
        "news",
        "story",
        "stories",
        "article",
        "articles",
        "report",
        "reports",
        "happens",
        "happen",
        "with",
        "from",
        "into",
        "onto",
        "over",
        "under",
        "between",
        "after",
        "before",
        "being",
        "been",
        "have",
        "has",
        "will",
        "shall",
        "must",
        "could",
        "should",
        "please",
        "what",
        "which",
        "who",
        "whom",
        "whose",
        "also",
        "such",
        "more",
        "most",
        "than",
        "then",
        "sent",
        "sends",
        "goes",
        "gets",
        "going",
        "coming",
        "comes",
        "made",
        "makes",
        "gets",
    ]
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule made of a sentence: its YAML, the concepts and words in it, and what it tells of the stored articles.

    `by` says which model suggested it ("" = it was made on this machine), `said` why one that is named did not.
    """

    sentence: str
    yaml: str
    concepts: Sequence[str]
    words: Sequence[str]
    backtest: Backtest | None = None
    by: str = ""
    said: str = ""


def drafted(settings: Settings, sentence: str, days: int, *, offline: bool = False) -> Draft:
    """Return a rule for a sentence, checked by the reader of rules, with what it tells of stored articles where there
    are any; `offline` = a model that the settings name is not asked.

    Raises:
        ConfigError: the sentence names nothing that could be looked for.
    """
    text = _ASKING.sub("", one_line(plain_to_text(sentence))[:_LONGEST])
    text = text[:1].upper() + text[1:]
    found = _concepts_in(text)
    words = _words_left(text, found)
    if not found and not words:
        raise ConfigError(
            "no place, topic or telling word is in this sentence; name what the news is about: "
            'watcher rules draft "North Korean workers are sent to Russian factories" '
            "(watcher rules concepts lists the concepts that are known)"
        )
    said = ""
    if settings.draft_url and not offline:
        try:
            return _by_model(settings, text, days, set(found))
        except Unanswered as error:
            said = f"{error}. The rule was made on this machine instead"
    made = _yaml(text, sorted(found), words)
    loaded = load_files_tried({_FILE: made}, settings)
    if loaded.configuration is None:
        raise ConfigError(f"the rule that was made has mistakes; say it in other words\n{render(loaded.problems)}")
    concepts = [library_names()[name] for name in sorted(found)]
    return Draft(text, made, concepts, words, _tried(settings, made, days), said=said)


def _by_model(settings: Settings, text: str, days: int, named: Set[str]) -> Draft:
    """Return the rule that the model of the settings suggests, with those of its examples that the rule meets; `named`
    are the concepts that the sentence itself names.

    Raises:
        Unanswered: there is none that can be read, finds the sentence and is about what it names.
    """
    names = {full: name for name, full in library_names().items()}
    found = suggested(settings, text, list(names), _private_of(settings))
    concepts = [names[full] for full in found.concepts]
    if named and not named & set(concepts):
        raise Unanswered(f"the rule that the model suggested is not about {' or '.join(sorted(named))}")
    words = [word for word in found.words if _tells(word)]
    loaded = load_files_tried({_FILE: _yaml(text, concepts, words)}, settings)
    if loaded.configuration is None:
        raise Unanswered("what the model suggested makes no rule that can be read")
    rules = compile_with_extras(loaded.configuration.rule_source(0))

    def is_found(headline: str) -> bool:
        return bool(rules.match(article_of_text(headline))[0])

    if not is_found(text):
        raise Unanswered("the rule that the model suggested does not find the sentence itself")
    examples = [one for one in found.examples if one[0] != text and is_found(one[0]) == one[1]]
    made = _yaml(text, concepts, words, examples)
    by = f"{settings.draft_model} at {host_of(settings.draft_url)}"
    return Draft(text, made, found.concepts, words, _tried(settings, made, days), by=by)


def _tells(word: str) -> bool:
    """Return whether a word of a model tells something: not `the`, not a stem such as `a*`."""
    stem = word.removesuffix("*").casefold()
    is_short = stem.isascii() and word.endswith("*") and len(stem) < _SHORTEST
    return not is_short and COMMON_WORDS.get(stem, 0.0) < _COMMON


def _private_of(settings: Settings) -> Sequence[str]:
    """Return which private addresses the configuration allows; none where it cannot be read."""
    loaded = load_rules(settings.config, settings) if settings.config.exists() else None
    return loaded.configuration.network.allow_private if loaded is not None and loaded.configuration else ()


def draft_json(draft: Draft) -> Mapping[str, Any]:
    """Return it as its JSON object."""
    found = draft.backtest
    told = None
    if found is not None:
        [one] = found.rules
        told = {"days": round(found.days, 1), "matched": one.matched, "stories": one.stories, "alerts": one.alerts}
    fields = {"sentence": draft.sentence, "yaml": draft.yaml, "concepts": list(draft.concepts)}
    return {**fields, "words": list(draft.words), "backtest": told, "by": draft.by or None, "said": draft.said or None}


def _concepts_in(text: str) -> Mapping[str, Match]:
    """Return the concepts of the library that a text names, those with the most words of it first."""
    guessed = language_of(text)
    article = Article(ArticleId(""), FeedId(""), title=text, lang=guessed.code, lang_declared=guessed.is_declared)
    matches, _ = _library_rules().match(article)
    longest = sorted(matches, key=lambda match: -sum(span.end - span.start for span in match.spans))
    taken: dict[str, Match] = {}
    covered: set[int] = set()
    for match in longest:
        # One word may belong to several topics: the one that holds most of the sentence stands for it.
        places = {at for span in match.spans for at in range(span.start, span.end)}
        if places - covered and len(taken) < _MOST_CONCEPTS:
            taken[str(match.rule)] = match
            covered |= places
    return taken


# Concepts that mean something only near another word; a sentence that holds one of their words does not ask for them.
_ONLY_BESIDE = frozenset(
    ["kim", "korean-soldiers", "north-koreans", "captives", "kursk", "soldiering", "casualties", "deployment"]
)


@lru_cache(maxsize=1)
def _library_rules() -> RuleSet:
    """Return a rule for each concept of the library, compiled."""
    names = {name: full for name, full in library_names().items() if name not in _ONLY_BESIDE}
    rules = tuple(Rule(RuleId(name), name, ConceptRef(name)) for name in names)
    return compile_rules(RuleSource(0, rules, {name: library_concept(full).concept for name, full in names.items()}))


def _words_left(text: str, found: Mapping[str, Match]) -> list[str]:
    """Return what is left of a text without its concepts and common words, as terms."""
    covered = [(span.start, span.end) for match in found.values() for span in match.spans]
    left: dict[str, None] = {}
    for token in tokenise(text):
        word = token.folded
        if any(start < token.end and token.start < end for start, end in covered):
            continue
        is_wish = word in _WISH or (word.isascii() and len(word) < _SHORTEST)
        if not is_wish and not word.isdigit() and COMMON_WORDS.get(word, 0.0) < _COMMON:
            left.update(dict.fromkeys(_forms(word)))
    return list(left)[: 2 * _MOST_WORDS]


def _forms(word: str) -> Sequence[str]:
    """Return terms for a word and its usual forms, as English has them."""
    if not word.isascii() or not word.isalpha():
        return (word,)
    if word.endswith("ies") and len(word) > _STEMMED:
        return (f"{word[:-3]}y", word)
    if word.endswith("s") and not word.endswith("ss") and len(word) > _STEMMED:
        return (f"{word[:-1]}*",)
    return (f"{word}*",) if len(word) >= _STEMMED else (word,)


def _yaml(text: str, concepts: Sequence[str], words: Sequence[str], examples: Sequence[tuple[str, bool]] = ()) -> str:
    names = library_names()
    lines = ["rules:", f"  - name: {quoted_text(text)}"]
    if concepts:
        lines.append(f"    use: [{', '.join(names[name] for name in concepts)}]")
    lines.append("    all:")
    lines += [f"      - ${name}" for name in concepts]
    if words:
        lines.append(
            f"      - [{', '.join(map(quoted_text, words))}]   # one of these; add the words that headlines use"
        )
    lines += ["    tests:", f"      - {{text: {quoted_text(text)}, expect: match}}"]
    lines += [
        f"      - {{text: {quoted_text(one)}, expect: {'match' if is_match else 'no_match'}}}"
        for one, is_match in examples
    ]
    lines.append("      # add headlines that it must find (expect: match) and must not find (expect: no_match)")
    return "\n".join(lines) + "\n"


def _tried(settings: Settings, made: str, days: int) -> Backtest | None:
    """Return what the rule tells of stored articles, None where nothing is stored."""
    file = settings.place().file
    if file is not None and not file.is_file():
        return None
    with tempfile.TemporaryDirectory(prefix="watcher-draft-") as folder:
        draft = Path(folder) / _FILE
        draft.write_text(made, encoding="utf-8")
        try:
            return backtested(settings, str(draft), days)
        except StorageError:
            return None
