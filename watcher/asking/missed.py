"""What a rule missed: a text that it should have found becomes an example beside it, which fails until it does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from watcher.asking.explanations import article_of
from watcher.asking.feed_edits import written_lines
from watcher.core.articles.of_text import article_of_text
from watcher.core.language.tree import below, concepts_asked, nodes_of
from watcher.core.matching.explain import counts_over_time, explain
from watcher.core.model.article import Article, Field
from watcher.core.model.explanation import Explanation
from watcher.core.model.rule import Concept, ConceptRef, Node, Rule, Term
from watcher.errors import ConfigError
from watcher.lexicon.extras import compile_with_extras
from watcher.settings.configuration import Configuration
from watcher.settings.edit import editing
from watcher.settings.env import Settings
from watcher.settings.issues import did_you_mean
from watcher.settings.phrases import short
from watcher.telling.explained import tell

_TEXT_CHARS: Final = 1500
_MOST_NAMED: Final = 5


def missed(settings: Settings, given: str, wanted: str | None, lang: str) -> list[str]:
    """Write a text, or that of a stored article, beside a rule that should have found it; return what was done.

    Without `wanted` it is the only rule, or the only one that lacks but one group.

    Raises:
        ConfigError: there is no such rule, it finds the text already, or the files cannot be edited.
        StorageError: the link or id is of no stored article.
    """
    article, record = article_of(given, lang, settings)
    text = _text(article)
    read = article_of_text(*_parts(text), lang=lang, base=article) if record is not None else article
    with editing(Path(settings.config), settings) as files:
        rule, found = _chosen(files.configuration, read, wanted)
        said = tell(found, read)
        if found.matched:
            raise ConfigError(
                f"rule {rule.id} finds this text: what became of an article is told by `watcher explain ID`, where the "
                "link can stand for the id; nothing was written"
            )
        around = beside_text(rule, files.configuration.concepts, read)
        item = {"text": text, "expect": "match", **({"lang": lang} if lang else {}), **around}
        files.add_example(rule, item)
        lines = [
            f"noted   rule {rule.id} should find this, and does not: {said.stop or said.verdict}",
            f"next    mend the rule until `watcher test {rule.id}` is content; see: watcher explain --rule {rule.id} TEXT",
        ]
        return [*lines, *written_lines(files.write())]


def _text(article: Article) -> str:
    """Return the text of an example: title, and the beginning of what else there is."""
    rest = "\n".join(filter(None, (article.summary, article.content if article.content != article.summary else "")))
    text = f"{article.title}\n{rest}".strip()
    return text if len(text) <= _TEXT_CHARS else text[:_TEXT_CHARS].rsplit(None, 1)[0]


def beside_text(rule: Rule, concepts: Mapping[str, Concept], article: Article) -> dict[str, str | Sequence[str]]:
    """Return what of an article a rule looks at beside its text, as an example says it."""
    nodes = [*nodes_of(rule), *(term for one in concepts_asked(rule, concepts).values() for term in one.terms)]
    fields = {field for node in nodes for field in _fields(node)}
    where = rule.where
    said: dict[str, tuple[bool, str | Sequence[str]]] = {
        "feed": (where.feeds is not None, article.feed_name),
        "source": (where.sources is not None or Field.SOURCE in fields, article.source),
        "author": (Field.AUTHOR in fields, article.author),
        "url": (where.sites is not None or Field.URL in fields, article.url),
        "tags": (where.tags is not None or Field.TAG in fields, article.tags),
    }
    return {key: value for key, (is_asked, value) in said.items() if is_asked and value}


def _fields(node: Node) -> Iterator[Field | None]:
    if isinstance(node, Term | ConceptRef):
        yield node.field
    for item in below(node):
        yield from _fields(item)


def _parts(text: str) -> tuple[str, str, str]:
    title, _, rest = text.partition("\n")
    return title, "", rest


def _chosen(configuration: Configuration, article: Article, wanted: str | None) -> tuple[Rule, Explanation]:
    rules = [rule for rule in configuration.rules if not counts_over_time(rule)]
    if wanted is not None:
        found = next((rule for rule in rules if wanted in (rule.id, rule.name)), None)
        if found is None:
            hint = did_you_mean(wanted, [rule.id for rule in rules])
            raise ConfigError(f"no rule is called {short(wanted)}{f'; {hint}' if hint else ''}")
        rules = [found]
    if not rules:
        raise ConfigError("there is no rule yet that could have found it")
    source = replace(configuration.rule_source(0), rules=tuple(rules))
    explained = list(zip(rules, explain(compile_with_extras(source), article), strict=True))
    return explained[0] if len(explained) == 1 else _meant(explained)


def _meant(explained: Sequence[tuple[Rule, Explanation]]) -> tuple[Rule, Explanation]:
    """Return the only one of several rules that lacks but one group.

    Raises:
        ConfigError: there is none, or several, or one finds the text.
    """
    if firing := [rule.id for rule, one in explained if one.matched]:
        raise ConfigError(
            f"{', '.join(firing[:_MOST_NAMED])} finds this text already; name the rule that should: --rule RULE"
        )
    near = [(rule, one) for rule, one in explained if one.near_miss]
    if len(near) == 1:
        return near[0]
    raise ConfigError(f"say which rule should have found it: {_named(near or explained)}")


def _named(explained: Sequence[tuple[Rule, Explanation]]) -> str:
    said = [
        f"--rule {rule.id}" + (f" (all but `{short(one.near_miss)}`)" if one.near_miss else "")
        for rule, one in explained[:_MOST_NAMED]
    ]
    more = f", or another of {len(explained)}" if len(explained) > _MOST_NAMED else ""
    return ", ".join(said) + more
