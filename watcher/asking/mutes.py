"""Silences by hand: what is muted, said in words, and written into the configuration where everybody sees it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from watcher.asking import by_hand
from watcher.asking.feed_edits import written_lines
from watcher.core.alerts.lasting import LONG
from watcher.core.alerts.silence import is_in_force
from watcher.core.model.policy import Silence
from watcher.errors import ConfigError
from watcher.settings.configuration import Configuration
from watcher.settings.edit import editing
from watcher.settings.env import Settings
from watcher.settings.issues import did_you_mean
from watcher.settings.phrases import short
from watcher.settings.silences import is_story


def mute(settings: Settings, what: str, span: str, because: str, now: datetime, *, is_word: bool = False) -> list[str]:
    """Mute a rule, a feed, a story or a word for a length of time such as `2h`; return what was done.

    Raises:
        ConfigError: nothing is called so, the time is none, or the files cannot be edited.
    """
    with editing(Path(settings.config), settings) as files:
        key = "words" if is_word else _kind(what, files.configuration)
        begins = now.astimezone(ZoneInfo(files.configuration.defaults.zone))
        item: dict[str, str | Sequence[str]] = {
            key: [what] if key == "words" else what,
            "from": begins.isoformat(" ", "minutes"),
            "for": span,
        }
        if because:
            item["because"] = because
        made = files.mute(item)
        said = _said(key, what)
        lines = [f"muted   {said} until {_until(made, files.configuration)}"]
        if made.starts_at is not None and made.ends_at is not None and made.ends_at - made.starts_at > LONG:
            lines.append("        that is more than a week; what comes meanwhile: watcher deliveries silenced")
        lines.append(f"end     watcher mute --end {_quoted(made.name)}")
        return [*lines, *written_lines(files.write())]


def end(settings: Settings, name: str) -> list[str]:
    """Take a silence out of its file; return what was done. Raises as `mute`."""
    with editing(Path(settings.config), settings) as files:
        silences = files.configuration.silences
        found = next((one for one in silences if one.name == name), None)
        if found is None and any(one.name == name for one in by_hand.silences(settings)):
            return [by_hand.unmute(settings, name)]
        if found is None:
            hint = did_you_mean(name, [one.name for one in silences]) or "`watcher mute` lists what there is"
            raise ConfigError(f"there is no silence `{short(name)}`; {hint}; nothing was written")
        files.unmute(found)
        line = f"ended   {found.name}; each channel is told what it held"
        return [line, *written_lines(files.write())]


def listed(settings: Settings, now: datetime) -> list[str]:
    """Return the silences, those in force first, a line each. Raises as `mute`."""
    with editing(Path(settings.config), settings) as files:
        configuration = by_hand.with_starts(files.configuration, settings)
    silences = (*configuration.silences, *by_hand.silences(settings))
    ordered = sorted(silences, key=lambda one: not is_in_force(one, now))
    return [_line(one, configuration, now) for one in ordered] or ["nothing is muted"]


def _line(one: Silence, configuration: Configuration, now: datetime) -> str:
    until = _until(one, configuration)
    because = f" ({one.because})" if one.because else ""
    because += f", on {one.channel} alone" if one.channel else ""
    because += f", by {one.by}" if one.by else ""
    if is_in_force(one, now):
        return f"muted   {one.name} until {until}{because}"
    if one.ends_at is not None and one.ends_at <= now:
        return f"over    {one.name} since {until}; to take it out: watcher mute --end {_quoted(one.name)}"
    return f"later   {one.name} until {until}{because}"


def _kind(what: str, configuration: Configuration) -> str:
    rules = {name for rule in configuration.rules for name in (rule.id, *rule.was)}
    feeds = {feed.name for feed in configuration.feeds}
    kinds = [
        kind for kind, is_it in (("rule", what in rules), ("feed", what in feeds), ("story", is_story(what))) if is_it
    ]
    if len(kinds) == 1:
        return kinds[0]
    if kinds:
        raise ConfigError(
            f"`{short(what)}` is a {' and a '.join(kinds)}; write the silence into the files, with its key"
        )
    hint = did_you_mean(what, rules | feeds)
    said = f"there is no rule, feed or story `{short(what)}`"
    raise ConfigError("; ".join(filter(None, (said, hint, "to mute a word: --word", "nothing was written"))))


def _said(key: str, what: str) -> str:
    return f"articles with `{short(what)}`" if key == "words" else f"{key} {what}"


def _until(one: Silence, configuration: Configuration) -> str:
    if one.ends_at is None:
        return "its end" if one.lasts is None else f"{one.lasts} after a daemon first holds it"
    return f"{one.ends_at.astimezone(ZoneInfo(configuration.defaults.zone)):%a %d %b %Y %H:%M %Z}"


def _quoted(name: str) -> str:
    return f"'{name}'" if " " in name else name
