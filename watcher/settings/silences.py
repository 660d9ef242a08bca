"""Reads `silences`: a rule or words, from one time to another, written in the zone of `defaults`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from watcher.core.alerts.schedule import moment, oddity, say_odd
from watcher.core.model.ids import RuleId, StoryId, raw_id
from watcher.core.model.policy import Silence
from watcher.core.model.rule import Rule
from watcher.errors import ConfigError
from watcher.settings.issues import Issues
from watcher.settings.models import ModelReader
from watcher.settings.phrases import short
from watcher.settings.schema import SilenceModel
from watcher.settings.yaml_text import MapNode, YamlNode


def read_silences(
    nodes: Sequence[YamlNode], issues: Issues, models: ModelReader, rules: Mapping[RuleId, RuleId] | None, zone: str
) -> tuple[Silence, ...]:
    """Return the silences in the order written; `rules` as `names_of` gives it, None = names are not checked."""
    found: list[Silence] = []
    for node in nodes:
        model, _ = models.read(node, SilenceModel, "silence", "a silence")
        if model is None or not isinstance(node, MapNode):
            continue
        silence = _silence(model, node, issues, rules, zone, {each.name for each in found})
        if silence is not None:
            found.append(silence)
    return tuple(found)


def is_story(text: str) -> bool:
    """Return whether a text is a whole id of a story."""
    try:
        return text.startswith("s") and bool(raw_id(text))
    except ValueError:
        return False


def names_of(rules: Sequence[Rule], ids: Collection[RuleId]) -> Mapping[RuleId, RuleId]:
    """Return every id that may be written for a rule, with the id it has today: a renamed rule is found by what it
    was.
    """
    return {old: rule.id for rule in rules for old in rule.was} | {each: each for each in ids}


def _silence(
    model: SilenceModel,
    node: MapNode,
    issues: Issues,
    rules: Mapping[RuleId, RuleId] | None,
    zone: str,
    taken: set[str],
) -> Silence | None:
    before = issues.errors()
    if not (model.rule or model.words or model.feed or model.story):
        hint = "add `rule: ...`, `feed: ...`, `story: ...` or `words: [...]`"
        issues.error(node, "a silence names a rule, a feed, a story or words", hint=hint)
    if model.story and not is_story(model.story):
        hint = "`watcher stories` shows the ids, which begin with s"
        issues.error(node.get("story") or node, f"`{short(model.story)}` is no id of a story", hint=hint)
    _refuse_no_words(model, node, issues)
    rule = _rule(model, node, issues, rules)
    starts_at, ends_at = _times(model, node, issues, zone)
    if issues.errors() > before:
        return None
    name = _free_name(model.name or rule or model.feed or model.story or ", ".join(model.words), taken)
    story = StoryId(model.story) if model.story else None
    lasts = model.for_ if starts_at is None else None
    return Silence(
        name, rule, model.words, model.feed, story, starts_at, ends_at, model.because, place=node.place, lasts=lasts
    )


def _free_name(base: str, taken: set[str]) -> str:
    """Return a name that no silence has ("drill", "drill (2)", ...)."""
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base} ({number})"
    return name


def _refuse_no_words(model: SilenceModel, node: MapNode, issues: Issues) -> None:
    """Note words that are no terms, or name a concept."""
    from watcher.core.alerts.silence import make_silencer  # noqa: PLC0415 - it brings the engine

    for word in model.words:
        try:
            make_silencer((Silence(word, words=(word,), place=node.place),))
        except ConfigError as error:
            hint = "a silence holds words and phrases as articles have them"
            issues.error(node.get("words") or node, f"{short(word)}: {error.args[0]}", hint=hint)


def _times(model: SilenceModel, node: MapNode, issues: Issues, zone: str) -> tuple[datetime | None, datetime | None]:
    """Return when a silence starts and ends, where that can be told; note what is wrong with it."""
    starts_at = _time(model.from_, node.get("from"), zone, issues)
    ends_at = _time(model.until, node.get("until"), zone, issues, is_end=True)
    _refuse_ends(model, node, issues)
    if model.for_ is not None and model.until is None and starts_at is not None:
        ends_at = starts_at + model.for_
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        issues.error(node.get("until") or node, "this silence ends before it begins")
    return starts_at, ends_at


def _refuse_ends(model: SilenceModel, node: MapNode, issues: Issues) -> None:
    """Note where a silence has no end, or two."""
    if model.for_ is None:
        if model.until is None:
            issues.error(node, "a silence needs an end", hint='add `for: 2h`, or `until: "2026-12-01 00:00"`')
    elif model.until is not None:
        issues.error(node.key("for") or node, "a silence ends once", hint="keep `until` or `for`")


def _rule(model: SilenceModel, node: MapNode, issues: Issues, rules: Mapping[RuleId, RuleId] | None) -> RuleId | None:
    if model.rule is None:
        return None
    rule_id = RuleId(model.rule)
    if rules is None:
        return rule_id
    if rule_id not in rules:
        hint = issues.did_you_mean(rule_id, set(rules.values()))
        issues.error(node.get("rule") or node, f"there is no rule `{short(rule_id)}`", hint=hint)
    return rules.get(rule_id)


def _time(
    text: str | None, node: YamlNode | None, zone: str, issues: Issues, *, is_end: bool = False
) -> datetime | None:
    if text is None or node is None:
        return None
    try:
        time = datetime.fromisoformat(text)
        # Years at the edge of the calendar cannot be turned into UTC.
        if time.tzinfo is not None:
            return time.astimezone(UTC)
        found = moment(time.date(), time.time(), ZoneInfo(zone), is_end=is_end)
        _warn_of_odd(time, found, ZoneInfo(zone), node, issues, is_end=is_end)
    except (ValueError, OverflowError):
        issues.error(node, f"`{short(text)}` is not a time", hint='write "2026-12-01 00:00"')
        return None
    return found


def _warn_of_odd(
    time: datetime, found: datetime, zone: ZoneInfo, node: YamlNode, issues: Issues, *, is_end: bool
) -> None:
    """Say how a local time is read that a change of the clock skips or doubles."""
    odd = oddity(time.date(), time.time(), zone)
    if odd is None:
        return
    local = found.astimezone(zone)
    said = f"{time:%Y-%m-%d %H:%M} {say_odd(odd, local.time(), is_end=is_end)} in {zone.key}"
    issues.warn(
        node, said, hint=f'write the offset where another one is meant: "{local:%Y-%m-%d %H:%M}{_offset(local)}"'
    )


def _offset(local: datetime) -> str:
    return f"{local:%z}"[:3] + ":" + f"{local:%z}"[3:5]
