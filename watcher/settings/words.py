"""Keys that do not work yet, and words that people bring from other programs."""

from __future__ import annotations

from collections.abc import Mapping

NOT_BUILT: Mapping[str, frozenset[str]] = {
    "file": frozenset({}),
    "rule": frozenset(
        {
            "stories",
        }
    ),
    "feed": frozenset({"websub"}),
    "channel": frozenset({}),
    "keep": frozenset({"max_database"}),
    "meta": frozenset({}),
    "network": frozenset({"proxy"}),
    "condition": frozenset({}),
}
"""Keys of the language that are refused until they work, by the mapping they belong to."""

_RULE_HELP = "`watcher rules help` lists the keys of a rule"
WHERE_LISTED: Mapping[str, str] = {
    "rule": _RULE_HELP,
    "condition": _RULE_HELP,
    "feed": "docs/reference/configuration.md lists the keys of a feed",
    "channel": "docs/reference/configuration.md lists the keys of a channel",
}
"""Where somebody finds the keys that there are, by the mapping in which an unknown one stands; of a file all are
said.
"""

IDLE: Mapping[str, Mapping[str, str]] = {
    "defaults": {"follow_up": "no follow-ups are sent"},
    "network": {"unguarded": "everything goes through the guard"},
}
"""Keys that are read and checked but have no effect until they are built, and what that means."""

_PAUSE = "write `paused: true` to switch it off for a while"
_QUIET = "did you mean a silence (`silences:` at the top of a file, or `watcher mute`)? quiet hours stand at a channel"
_SOURCES = (
    "names of sources stand under `where:`; a number of them raises: "
    "`raise: [{when: {sources: 3, within: 2h}, severity: high}]`"
)
_EXCLUDE = "`none` drops the article, `except` only ignores these words"
MEANT: Mapping[str, Mapping[str, str]] = {
    "file": {
        "receivers": "did you mean `channels`?",
        "recievers": "did you mean `channels`?",
        "notifiers": "did you mean `channels`?",
        **dict.fromkeys(("mute", "snooze"), "did you mean `silences`?"),
        **dict.fromkeys(
            ("quiet_hours", "quiet", "digests", "hours"),
            "hours stand under `schedules:`, and `quiet` or `digest` at a channel names them",
        ),
        "fallback": "did you mean `otherwise`? it stands at a channel",
        **dict.fromkeys(("timezone", "zone", "tz"), "write `defaults: {zone: ...}`"),
        **dict.fromkeys(("webhooks", "webhook", "email", "slack", "mail", "smtp"), "it is a channel: `channels:`"),
        **dict.fromkeys(("keywords", "words", "terms", "alerts"), "did you mean `rules`?"),
        "sources": "did you mean `feeds`?",
        "urls": "did you mean `feeds`?",
        "mutes": "did you mean `silences`?",
        "groups": "did you mean `concepts`?",
        "settings": "did you mean `defaults`?",
    },
    "rule": {
        "exclude": _EXCLUDE,
        "exlude": _EXCLUDE,
        "excludes": _EXCLUDE,
        "not": _EXCLUDE,
        "ignore": _EXCLUDE,
        "without": _EXCLUDE,
        "to": "did you mean `send_to`?",
        "receiver": "did you mean `send_to`?",
        "reciever": "did you mean `send_to`?",
        "channel": "did you mean `send_to`?",
        "channels": "did you mean `send_to`?",
        "notify": "did you mean `send_to`?",
        "terms": "did you mean `any` (one is enough) or `all` (each must be there)?",
        "words": "did you mean `any` (one is enough) or `all` (each must be there)?",
        "keywords": "did you mean `any` (one is enough) or `all` (each must be there)?",
        "include": "did you mean `any` (one is enough) or `all` (each must be there)?",
        **dict.fromkeys(("test", "examples", "example"), "did you mean `tests`?"),
        "or": "did you mean `any`?",
        "and": "did you mean `all`?",
        "concepts": "did you mean `use`? own concepts stand under `concepts:` at the top of a file",
        "priority": "did you mean `severity`?",
        "level": "did you mean `severity`?",
        **dict.fromkeys(("enabled", "disabled", "active", "off", "enable", "disable", "pause"), _PAUSE),
        **dict.fromkeys(("mute", "snooze", "quiet", "quiet_hours", "silence", "silences"), _QUIET),
        **dict.fromkeys(("min_sources", "sources"), _SOURCES),
        "case": "`=` before a term minds capitals: `=DPRK`",
        "case_sensitive": "`=` before a term minds capitals: `=DPRK`",
        "fallback": "did you mean `otherwise`? it stands at a channel",
        "title": "terms of one field stand in a list: `all: [{title: [...]}]`",
        **dict.fromkeys(
            ("route", "routes", "channels", "targets"), "did you mean `send_to`? routes stand in `routes:`"
        ),
        **dict.fromkeys(("lang", "feeds", "tags", "sites"), "it stands under `where:`"),
        "language": "write `where: {lang: [...]}`",
        "languages": "write `where: {lang: [...]}`",
    },
    "feed": {
        **dict.fromkeys(("enabled", "disabled", "active", "off", "enable", "disable", "pause"), _PAUSE),
        "interval": "did you mean `every`?",
        "link": "did you mean `url`?",
        "label": "did you mean `tags`?",
        "title": "did you mean `name`?",
        "language": "did you mean `lang`?",
        "selector": "did you mean `links`?",
        "css": "did you mean `links`?",
        "channel": "did you mean `telegram`?",
        "alert_if_silent": "did you mean `silent_after`?",
        "username": "did you mean `auth: {username: ..., password: ...}`?",
        "password": "did you mean `auth: {username: ..., password: ...}`?",
    },
    "silence": {
        "to": "did you mean `until`?",
        "reason": "did you mean `because`?",
        "start": "did you mean `from`?",
        "end": "did you mean `until`?",
    },
    "route": {
        "to": "did you mean `send_to`?",
        "only": "did you mean `send_only_to`?",
        "if": "did you mean `when`?",
        "match": "did you mean `when`?",
        **dict.fromkeys(("severity", "rule", "rules", "feed", "feeds", "tag", "tags"), "it stands under `when:`"),
        "quiet_hours": "did you mean `quiet`?",
        "limit": "a limit belongs to a rule or a channel",
    },
    "schedule": {
        "time": "did you mean `at`?",
        "start": "did you mean `from`?",
        "end": "did you mean `until`?",
        "to": "did you mean `until`?",
        "timezone": "did you mean `zone`?",
        "tz": "did you mean `zone`?",
        "except": "did you mean `not_on`?",
        "holidays": "did you mean `not_on`?",
    },
    "channel": {
        **dict.fromkeys(("enabled", "disabled", "active", "off", "enable", "disable", "pause"), _PAUSE),
        "quiet_hours": "did you mean `quiet`?",
        **dict.fromkeys(
            ("mute", "snooze"), "did you mean `quiet`, or a silence (`silences:` at the top of a file, `watcher mute`)?"
        ),
        **dict.fromkeys(
            ("url", "smtp", "smtp_url", "server", "host", "password", "user", "username"),
            "the address of a mail server stands in WATCHER_SMTP_URL; that of a webhook in `url` or `webhook_url`",
        ),
        "fallback": "did you mean `otherwise`?",
        "webhook": "did you mean `webhook_url`?",
        "kind": "did you mean `type`?",
        "email": "did you mean `to`?",
        "secret": "did you mean `secrets`?",
    },
    "test": {
        **dict.fromkeys(("expected", "expects", "should", "want", "result"), "did you mean `expect`?"),
        **dict.fromkeys(("match", "no_match", "matches"), "write `expect: match` or `expect: no_match`"),
        **dict.fromkeys(("headline", "article", "input"), "did you mean `text`?"),
        "body": "did you mean `content`?",
        "tag": "did you mean `tags`?",
        "language": "did you mean `lang`?",
        "link": "did you mean `url`?",
    },
    "raise": {
        "if": "did you mean `when`?",
        "sources": "write `when: {sources: 3, within: 2h}`",
        "within": "write `when: {sources: 3, within: 2h}`",
        "to": "did you mean `severity`?",
    },
    "condition": {
        **dict.fromkeys(("volume", "spike", "quiet_source", "first_seen"), "it is the whole body of a rule"),
        **dict.fromkeys(("sources", "within"), "it stands in `when` of a raise: `when: {sources: 3, within: 2h}`"),
        "exclude": _EXCLUDE,
        "exlude": _EXCLUDE,
        "query": "`query` stands at the rule, in place of all its conditions",
        "not": "did you mean `none`?",
        "or": "did you mean `any`?",
        "and": "did you mean `all`?",
    },
}
"""Words that people bring from elsewhere, by the mapping in which they write them."""
