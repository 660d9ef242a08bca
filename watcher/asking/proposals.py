"""What votes say of a rule, and the smallest change that would have kept its not useful alerts back, as a diff."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from watcher.asking.audits import stored
from watcher.asking.configured import configuration_of
from watcher.asking.store import with_store
from watcher.by_hand import HandShown
from watcher.core.backtest import BothForms, replay
from watcher.core.lint.precision import Precision, precision_of, verdicts
from watcher.core.lint.proposals import LEAST, Change, Kind, Proposal, propose
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId
from watcher.core.model.rule import Rule, RuleSource
from watcher.errors import ConfigError
from watcher.lexicon.extras import compile_with_extras
from watcher.settings.env import Settings
from watcher.settings.issues import did_you_mean
from watcher.settings.load import load_files, read_texts
from watcher.settings.phrases import counted, short
from watcher.settings.yaml_edit import quoted_text, with_terms
from watcher.telemetry.logging import printable

_RULES: Final = "rules"
_SHOWN: Final = 10
_HEADLINE: Final = 90
_USEFUL, _NO_VOTE, _NOT_USEFUL = _LOST = ("useful", "no vote", "not useful")  # what is lost, as it is told


@dataclass(frozen=True, slots=True)
class Proposed:
    """What votes say of a rule; `proposal` None = no change is offered. `replayed` is what the change does to the
    stored articles and those that were voted on, `useful` those of them that were called useful, `diff` what it does
    to the file, "" where it cannot be written there.
    """

    rule: Rule
    precision: Precision
    not_useful: int
    proposal: Proposal | None = None
    replayed: BothForms = BothForms(0, 0)
    diff: str = ""
    useful: frozenset[ArticleId] = frozenset()

    @property
    def useful_lost(self) -> int:
        """How many useful articles the rule matches as it is, and no longer as proposed."""
        return sum(article.id in self.useful for article in self.replayed.lost)


def proposed(settings: Settings, wanted: str, days: int) -> Proposed:
    """Return what votes say of a rule, and the change that they ask for; nothing is written.

    Raises:
        ConfigError: the configuration has mistakes, or there is no such rule.
        StorageError: there is no database yet, or it cannot be read.
    """
    source = configuration_of(settings).rule_source(0)
    rule = _rule(source, wanted)

    async def ask(store: HandShown) -> tuple[Precision, list[Article], list[Article]]:
        votes = await store.votes(rule.id)
        texts = await store.voted_texts(list({vote.alert for vote in votes}))
        said = verdicts(votes)
        good = [text for alert, text in texts.items() if said[alert]]
        return precision_of(votes), good, [text for alert, text in texts.items() if not said[alert]]

    precision, useful, not_useful = with_store(settings, ask)
    if len(not_useful) < LEAST:
        return Proposed(rule, precision, len(not_useful))
    articles = stored(settings, days)
    proposal = propose(rule, source.concepts, useful, not_useful, articles)
    if proposal is None:
        return Proposed(rule, precision, len(not_useful))
    voted = {article.id: article for article in (*useful, *not_useful)}
    others = [article for article in articles if article.id not in voted]
    before, after = (compile_with_extras(replace(source, rules=(one,))) for one in (rule, proposal.rule))
    replayed = replay(before, after, rule.id, [*voted.values(), *others])
    diff = _diff(settings, rule, proposal.changes)
    good = frozenset(article.id for article in useful)
    return Proposed(rule, precision, len(not_useful), proposal, replayed, diff, good)


def render_proposed(one: Proposed) -> str:
    """Return it as lines for a terminal."""
    lines = [f"{printable(one.rule.name)} ({one.rule.id}): {one.precision.said()}"]
    if one.proposal is None:
        return "\n".join([*lines, f"no change is proposed: {_why_none(one)}"])
    removed = len(one.proposal.removed)
    lines += [f"proposed  {say_change(change)}" for change in one.proposal.changes]
    lines.append(
        f"takes away {removed} of {counted(one.not_useful, 'not useful alert')}, "
        f"and {one.useful_lost or 'none'} of {counted(len(one.useful), 'useful one')}"
    )
    replayed = one.replayed
    lines.append(
        f"replayed over {counted(replayed.read, 'article')}: {replayed.before:,} matched before, {replayed.after:,} after"
    )
    gone = {article.id for article in one.proposal.removed}
    told = sorted(
        (_LOST.index(_mark(article, one.useful, gone)), number) for number, article in enumerate(replayed.lost)
    )
    for mark, number in told[:_SHOWN]:
        lines.append(f"  lost  {_LOST[mark]:<10}  {_headline(replayed.lost[number])}")
    if len(told) > _SHOWN:
        lines.append(f"  and {len(told) - _SHOWN:,} more")
    lines += ["", one.diff.rstrip() or "the rule is written in a way that is not edited by the program"]
    return "\n".join([*lines, "", "nothing was changed: edit the file if you agree"])


def proposed_as_mapping(one: Proposed) -> Mapping[str, Any]:
    """Return it as its JSON object."""
    bounds = one.precision.interval()
    changes = one.proposal.changes if one.proposal is not None else ()
    return {
        "rule": one.rule.id,
        "useful": one.precision.useful,
        "not_useful": one.precision.not_useful,
        "share": None if bounds is None else {"low": round(bounds[0], 3), "high": round(bounds[1], 3)},
        "changes": [{"key": change.kind.key, "term": spelt(change)} for change in changes],
        "removed": [article.id for article in one.proposal.removed] if one.proposal is not None else [],
        "articles": one.replayed.read,
        "before": one.replayed.before,
        "after": one.replayed.after,
        "lost": [{"article": article.id, "title": article.title} for article in one.replayed.lost],
        "gained": [{"article": article.id, "title": article.title} for article in one.replayed.gained],
        "diff": one.diff or None,
    }


def say_change(change: Change) -> str:
    """Return a change as people read it: `none: [title:hockey]`."""
    return f"{change.kind.key}: [{spelt(change)}]"


def spelt(change: Change) -> str:
    """Return what a change adds to its list, as YAML spells it."""
    if change.kind is Kind.NEAR:
        return f"{{near: [{', '.join(f'${name}' for name in change.groups)}, {change.distance}]}}"
    return quoted_text(f"title:{change.word}" if change.kind is Kind.NONE_TITLE else change.word)


def _mark(article: Article, useful: Set[ArticleId], not_useful: Set[ArticleId]) -> str:
    if article.id in useful:
        return _USEFUL
    return _NOT_USEFUL if article.id in not_useful else _NO_VOTE


def _rule(source: RuleSource, wanted: str) -> Rule:
    found = next((rule for rule in source.rules if wanted in (rule.id, rule.name)), None)
    if found is None:
        hint = did_you_mean(wanted, [rule.id for rule in source.rules])
        raise ConfigError(f"no rule is called {short(wanted)}{f'; {hint}' if hint else ''}")
    return found


def _why_none(one: Proposed) -> str:
    if not one.not_useful:
        return "nobody called an alert of it not useful; watcher vote ALERT not-useful --by NAME"
    if one.not_useful < LEAST:
        return f"at least {LEAST} alerts that are not useful are needed, so that they have something in common"
    return "no word tells the not useful alerts from the useful ones, or the rule does not match them any more"


def _diff(settings: Settings, rule: Rule, changes: Sequence[Change]) -> str:
    """Return what the changes do to the file of the rule, as a unified diff; "" where they cannot be written, or the
    configuration would not load with them: a rule in one line, `query`, takes no `none` beside it.
    """
    file = rule.place.file
    texts, _ = read_texts(Path(settings.config))
    before = texts.get(file)
    if before is None:
        return ""
    after = before
    keys: dict[str, list[str]] = {}
    for change in changes:
        keys.setdefault(change.kind.key, []).append(spelt(change))
    try:
        for key, terms in keys.items():
            after = with_terms(file, after, _RULES, rule.place, key, terms)
    except ConfigError:
        return ""
    if load_files({**texts, file: after}, settings, shares=None).configuration is None:
        return ""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    return "".join(difflib.unified_diff(old, new, fromfile=file, tofile=f"{file} (proposed)"))


def _headline(article: Article) -> str:
    text = printable(" ".join((article.title or article.summary).split()))
    return text if len(text) <= _HEADLINE else f"{text[: _HEADLINE - 1]}…"
