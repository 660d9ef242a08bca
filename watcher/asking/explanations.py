"""How an explanation is asked for and shown on a terminal."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from watcher.asking.alert_ids import alerts_named
from watcher.asking.by_hand import silences, with_starts
from watcher.asking.configured import configuration_of
from watcher.asking.pasted import as_read
from watcher.asking.ways import goes_to
from watcher.core.articles.language import language_of
from watcher.core.matching.explain import explain
from watcher.core.matching.narrow import narrowed
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId
from watcher.errors import AmbiguousId, ConfigError, StorageError
from watcher.lexicon.extras import compile_with_extras
from watcher.settings.issues import did_you_mean
from watcher.telling import wording
from watcher.telling.explained import tell
from watcher.telling.wording import label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from watcher.asking.alert_ids import Named
    from watcher.core.model.explanation import Explanation
    from watcher.core.model.ids import RuleId
    from watcher.core.model.record import ArticleRecord, StoppedBy
    from watcher.core.model.rule import Rule
    from watcher.settings.configuration import Configuration
    from watcher.settings.env import Settings

_ARTICLE_ID = re.compile(r"a[a-z2-7]{4,26}")
_CERTAIN_ID = re.compile(r"(?=[a-z]{0,26}[2-7])[a-z][a-z2-7]{11,26}")
"""Long, and with a digit inside: no word of any language."""
_OTHER_ID = re.compile(r"(?=[a-z]{0,26}[2-7])[lmds][a-z2-7]{4,26}|[lmds][a-z2-7]{12,26}")
"""One id of twelve is shown without any digit; where the store has none of that name, the word is a text."""
_LINK = re.compile(r"https?://\S+")
_OTHER_IDS = {"l": "alert", "m": "message", "d": "delivery", "s": "story"}
_MOST_NAMED = 20
_LABEL_WIDTH = 16


def article_of(
    given: str, lang: str, settings: Settings, *, fetch: bool = False
) -> tuple[Article, ArticleRecord | None]:
    """Return the article to explain: the stored one that the text names, with its record, or one made of the text.

    An alert, message, delivery, story or link names the article that it is about; of several the first is taken and
    the others are named on standard error. A link that no feed gave is fetched with `fetch`.

    Raises:
        StorageError: it is an id and names several articles, none, or something else.
    """
    word = given.strip()
    if _ARTICLE_ID.fullmatch(word) or _OTHER_ID.fullmatch(word) or _LINK.fullmatch(word):
        record = _stored(word, settings)
        if record is not None:
            return record.article, record
    if _LINK.fullmatch(word):
        return _unseen(word, settings, fetch=fetch), None
    if _CERTAIN_ID.fullmatch(word):
        raise StorageError(_not_stored(word))
    title, _, rest = word.partition("\n")
    article = as_read(Article(ArticleId(""), FeedId(""), title=title, content=rest, lang=lang)).article
    if not lang:
        guessed = language_of(word)
        article = replace(article, lang=guessed.code, lang_declared=guessed.is_declared)
    return article, None


def _unseen(url: str, settings: Settings, *, fetch: bool) -> Article:
    """Return the page of a link that no feed gave, after what is known around it was told.

    Raises:
        StorageError: it is not to be fetched; the text says what is known around it.
        ConfigError: it cannot be fetched.
    """
    from watcher.asking.unseen import fetched_article, say_unseen

    if not fetch:
        more = "\n".join([*say_unseen(settings, url), "what the rules make of its page: watcher explain --fetch URL"])
        raise StorageError(f"{_not_stored(url)}\n{more}")
    article, said = fetched_article(settings, url)
    click.echo(f"no stored article has the link {url}", err=True)
    for line in (*say_unseen(settings, url, article.title), f"its page: {label(article.title, 200)}", said):
        if line:
            click.echo(line, err=True)
    return article


class _OfNoArticle(StorageError):
    """A word names a message, behind which no article stands that could be explained."""


def _stored(word: str, settings: Settings) -> ArticleRecord | None:
    from watcher.asking.store import with_store

    async def question(store: Named) -> ArticleRecord | None:
        if word[0] == "a" and "://" not in word:
            return await store.article(word)
        found = await _articles_behind(store, word)
        if len(found) > 1:
            others = ", ".join(found[1:])
            click.echo(f"{word} is about {len(found)} articles; this is {found[0]}, the others are {others}", err=True)
        if not found and word[0] == "m" and (message := await store.message(word)) is not None:
            about = "no article, but of watcher itself" if not message.deliveries else "articles that are gone"
            told = f"{word} is a message of {about}: {label(message.title)}; see: watcher deliveries show {word}"
            raise _OfNoArticle(told)
        return await store.article(found[0]) if found else None

    try:
        return with_store(settings, question)
    except (_OfNoArticle, AmbiguousId):
        raise
    except StorageError:
        if _CERTAIN_ID.fullmatch(word):
            raise
        # No database yet: the word is a text like any other.
        return None


async def _articles_behind(store: Named, word: str) -> Sequence[ArticleId]:
    """Return the articles that an id or a link is about, each once."""
    from watcher.asking.unseen import with_link

    if _LINK.fullmatch(word):
        return await with_link(store, word)
    if word[0] == "s":
        record = await store.story(word)
        decided = record.decided if record is not None else ()
        return list(dict.fromkeys(one.article.id for one in reversed(decided)))
    names = [await store.alert(alert) for alert in await alerts_named(store, word)]
    return list(dict.fromkeys(name.article for name in names if name is not None))


def _not_stored(word: str) -> str:
    if _LINK.fullmatch(word):
        return f"no stored article has the link {word}; give its headline instead, or see: watcher feeds list"
    if word[0] == "f":
        return f"{word} is the id of a feed; give that of an article or alert, or see: watcher feeds show"
    if word[0] in _OTHER_IDS:
        return (
            f"no stored {_OTHER_IDS[word[0]]} has the id {word}; it is in the console's alert and in `deliveries list`"
        )
    if word[0] != "a":
        return f"{word} is no id; that of an article begins with an a"
    return (
        f"no stored article has the id {word}; the page has it in the link of each alert, the text of old ones is gone "
        "after `keep.articles`, and a headline can be given instead"
    )


def configured(settings: Settings) -> Configuration:
    """Return the configuration that explanations go by, with the silences that were made by hand.

    Raises:
        ConfigError: it has mistakes.
    """
    configuration = with_starts(configuration_of(settings), settings)
    return replace(configuration, silences=(*configuration.silences, *silences(settings)))


def explain_rules(
    configuration: Configuration, settings: Settings, article: Article, only: str | None
) -> Sequence[Explanation]:
    """Return what each rule of the configuration says of the article, those that are paused too.

    Raises:
        ConfigError: no rule has the id `only`.
    """
    source = replace(configuration.rule_source(1), rules=configuration.rules)
    compiled = compile_with_extras(narrowed(source, article))
    explanations = [one for one in explain(compiled, article) if only in (None, one.rule, one.name)]
    if only is not None and not explanations:
        raise ConfigError(f"no rule is called {only}; {_named([rule.id for rule in configuration.rules], only)}")
    shown = {one.rule for one in explanations}
    for rule in configuration.rules:
        if rule.is_paused and rule.id in shown:
            click.echo(f"{rule.id} is paused: it makes no new alerts", err=True)
    return _with_numbers(explanations, configuration.rules, settings)


def goes_where(explanation: Explanation, article: Article, configuration: Configuration) -> list[str]:
    """Return where an alert of a rule that fires would go, and why, a line a channel; [] where it does not fire."""
    from watcher.daemon.clock import SystemClock

    policy = configuration.policy(1)
    rule = policy.rules[explanation.rule]
    if not explanation.matched or rule.is_paused:
        return []
    severity = explanation.severity if explanation.raises else rule.severity
    return goes_to(rule, severity, article, policy, SystemClock().now())


def _named(rules: Sequence[RuleId], wanted: str | None) -> str:
    near = did_you_mean(wanted or "", rules)
    listed = ", ".join(rules[:_MOST_NAMED]) or "there is none"
    more = f" and {len(rules) - _MOST_NAMED} more" if len(rules) > _MOST_NAMED else ""
    return near or f"rules: {listed}{more}"


def _with_numbers(found: Sequence[Explanation], rules: Sequence[Rule], settings: Settings) -> Sequence[Explanation]:
    """Return explanations, those of rules over time with what the store counts now."""
    if not any(one.time for one in found):
        return found
    from watcher.asking.numbers import numbers

    now = numbers(settings, [rule for rule in rules if any(one.rule == rule.id for one in found)])
    return [replace(one, time=f"{one.time}; {now[one.rule]}") if one.rule in now else one for one in found]


def stops_of(settings: Settings) -> Mapping[RuleId, Sequence[StoppedBy]]:
    """Return what the `none` of each rule stopped lately; empty when nothing is stored yet."""
    if not settings.place().is_made:
        return {}  # an explanation of a text needs no database
    from watcher.asking.store import with_store
    from watcher.daemon.clock import SystemClock

    found: dict[RuleId, list[StoppedBy]] = {}
    try:
        for one in with_store(settings, lambda store: store.stopped(SystemClock().now())):
            found.setdefault(one.rule, []).append(one)
    except StorageError:
        return {}
    return found


def render_explanation(
    explanation: Explanation,
    article: Article,
    stopped: Sequence[StoppedBy] = (),
    goes: Sequence[str] = (),
    *,
    color: bool,
) -> str:
    """Return an explanation of what a rule makes of an article as lines for a terminal; `stopped` is what its `none`
    did lately, `goes` where an alert of it would go.
    """
    words = tell(explanation, article)
    lines = [f"{click.style(words.rule, bold=True) if color else words.rule}   {words.verdict}"]
    for number, group in enumerate(words.groups):
        lines.append(
            f"  {'all' if number == 0 else '   '}   {group.label:<{_LABEL_WIDTH}} {group.answer:<3}  {group.said}".rstrip()
        )
        if group.asks:
            lines.append(f"  {'':<{_LABEL_WIDTH + 6}} {group.asks}")
    if words.language:
        lines.append(f"  {words.language}")
    if words.time:
        lines.append(f"  over time: {words.time}")
    if words.stop:
        lines.append(f"  {words.stop}   <- stops here")
    if stopped:
        lines.append(f"  {wording.stopped(stopped)}")
    if words.near_miss:
        lines.append(f"  near miss: {words.near_miss}")
    if words.severity:
        lines.append(f"  severity {words.severity}, by this article alone")
        lines += [f"  raise {severity:<9} {said}" for severity, said in words.raises]
    lines += [f"  goes to {line}" for line in goes]
    return "\n".join(lines)
