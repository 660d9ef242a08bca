"""What a reload would change: the files held against the revision in force, over the stored articles of some days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from watcher.asking.configured import configuration_of
from watcher.asking.store import StoredWithRevisions, with_store
from watcher.core.backtest import BothForms
from watcher.core.model.article import Article
from watcher.core.model.ids import RuleId
from watcher.daemon.clock import SystemClock
from watcher.daemon.effects import recent, replays_of
from watcher.daemon.examine import Examined, examine, in_force
from watcher.reading.rule_tests import headline, why
from watcher.settings.configuration import Configuration
from watcher.settings.differences import Difference, Edit, difference
from watcher.settings.env import Settings
from watcher.settings.phrases import counted
from watcher.telemetry.logging import printable
from watcher.telling.wording import label

_MOST_ARTICLES: Final = 20_000
_SHOWN: Final = 5
_SIGNS: Final = {"added": "+", "removed": "-", "renamed": ">"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a reload would do; `revision` 0 = nothing is in force yet. `read` articles were replayed."""

    revision: int
    is_same: bool
    difference: Difference
    examined: Examined
    replays: Mapping[RuleId, BothForms] = field(default_factory=dict)
    read: int = 0
    days: int = 0

    @property
    def next_revision(self) -> int:
        """The number that the files would get."""
        return self.revision if self.is_same else self.revision + 1


def planned(settings: Settings, days: int) -> Plan:
    """Return what a reload of the files would change; nothing is changed.

    Raises:
        ConfigError: the files have mistakes.
        StorageError: the database cannot be read.
    """
    now = configuration_of(settings)
    revision, before, stored = _known(settings)
    known = before or Configuration()
    examined = examine(now, before, revision)
    found = difference(known, examined.configuration)
    is_same = revision > 0 and before is not None and before.digest == examined.configuration.digest
    if before is None or not found.asked_otherwise():
        return Plan(revision, is_same, found, examined, days=days)
    articles = recent(stored, SystemClock().now(), days)
    replays = replays_of(before, examined.configuration, articles)
    return Plan(revision, is_same, found, examined, replays, len(articles), days)


def _known(settings: Settings) -> tuple[int, Configuration | None, Sequence[Article]]:
    if not settings.place().is_made:
        return 0, None, ()

    async def ask(store: StoredWithRevisions) -> tuple[int, Configuration | None, Sequence[Article]]:
        last = await store.active_revision()
        if last is None:
            return 0, None, ()
        return last.number, await in_force(store, settings, last), await store.newest_articles(_MOST_ARTICLES)

    return with_store(settings, ask)


def render_plan(plan: Plan) -> str:
    """Return it as lines for a terminal."""
    found = plan.difference
    if not plan.revision:
        head = "nothing is in force yet: these files would be revision 1"
    elif plan.is_same:
        head = f"revision {plan.revision} is in force, and the files are the same"
    else:
        head = f"revision {plan.revision} is in force, the files would be {plan.next_revision}"
    lines = [head]
    for kind, edits in (("rule", found.rules), ("feed", found.feeds), ("channel", found.channels)):
        lines += [_edit_line(kind, edit) for edit in edits]
    lines += [f"  {line}" for line in found.muted]
    lines.append(f"  {counted(found.same, 'rule')} the same")
    lines += _held_lines(plan.examined)
    return "\n".join([*lines, *_effect_lines(plan)])


def _edit_line(kind: str, edit: Edit) -> str:
    said = [f"was {printable(edit.before)}"] if edit.how == "renamed" else []
    said += [edit.how] if edit.how in {"paused", "resumed"} else []
    return f"  {_SIGNS.get(edit.how, '~')} {kind:<8} {printable(edit.name)}   {', '.join((*said, *edit.said))}".rstrip()


def _held_lines(examined: Examined) -> Iterator[str]:
    for rule, number in sorted(examined.configuration.held.items()):
        yield f"held back by an example: {rule} {f'stays as in revision {number}' if number else 'is not in force'}"
    for one in examined.failed:
        yield f"  {one.test.place}: rule {one.test.rule}: {printable(headline(one))} {one.said()}: {printable(why(one))}"


def _effect_lines(plan: Plan) -> Iterator[str]:
    if not plan.read:
        return
    gained, lost = _sum(plan)
    yield f"last {plan.days} days, {counted(plan.read, 'article')}: +{gained} -{lost}"
    for rule, replay in sorted(plan.replays.items()):
        if replay.gained or replay.lost:
            yield f"  {rule}: {replay.before:,} before, {replay.after:,} after"
            yield from _headlines("+", replay.gained)
            yield from _headlines("-", replay.lost)


def _headlines(sign: str, articles: Sequence[Article]) -> Iterator[str]:
    yield from (f"    {sign} {label(one.title or one.summary, 90)}" for one in articles[:_SHOWN])
    if len(articles) > _SHOWN:
        yield f"    {sign} and {len(articles) - _SHOWN:,} more"


def _sum(plan: Plan) -> tuple[int, int]:
    replays = plan.replays.values()
    return sum(len(one.gained) for one in replays), sum(len(one.lost) for one in replays)


def plan_as_mapping(plan: Plan) -> Mapping[str, Any]:
    """Return it as its JSON object."""
    gained, lost = _sum(plan)
    found = plan.difference
    return {
        "revision": plan.revision or None,
        "next": plan.next_revision,
        "rules": list(map(_edit_mapping, found.rules)),
        "feeds": list(map(_edit_mapping, found.feeds)),
        "channels": list(map(_edit_mapping, found.channels)),
        "muted": list(found.muted),
        "same": found.same,
        "held": {rule: number or None for rule, number in sorted(plan.examined.configuration.held.items())},
        "failed": [
            {
                "rule": one.test.rule,
                "file": one.test.place.file,
                "line": one.test.place.line,
                "said": one.said(),
                "why": why(one),
            }
            for one in plan.examined.failed
        ],
        "days": plan.days,
        "articles": plan.read,
        "gained": gained,
        "lost": lost,
        "effects": [
            {
                "rule": rule,
                "before": one.before,
                "after": one.after,
                "gained": [{"article": article.id, "title": article.title} for article in one.gained],
                "lost": [{"article": article.id, "title": article.title} for article in one.lost],
            }
            for rule, one in sorted(plan.replays.items())
            if one.gained or one.lost
        ],
    }


def _edit_mapping(edit: Edit) -> Mapping[str, Any]:
    return {"how": edit.how, "name": edit.name, "was": edit.before or None, "keys": list(edit.said)}
