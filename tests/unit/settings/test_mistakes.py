"""Each kind of mistake, with its place and its mend."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.settings.support import good, mistake, mistakes, read, warnings
from watcher.core.model.rule import Limit


@pytest.mark.parametrize(
    ("text", "said"),
    [
        # top level
        ("chanel: {}\n", "a.yaml:1:1: unknown key `chanel` in a configuration file; did you mean `channels`?"),
        ("recievers: {}\n", "a.yaml:1:1: unknown key `recievers` in a configuration file; did you mean `channels`?"),
        ("- a\n", "a.yaml:1:1: a configuration file is a mapping; begin with a key such as `rules:`"),
        ("rules: {name: x}\n", "a.yaml:1:1: `rules` is a list; begin each item with `- `"),
        ("channels: [a]\n", "a.yaml:1:1: `channels` is a mapping; write `name: ...` lines without `- `"),
        ("<<: {rules: []}\n", "a.yaml:1:1: YAML merge keys (`<<`) are not allowed; write the keys out"),
        # rules
        ("rules: [x]\n", "a.yaml:1:9: a rule is a mapping; write `- name: ...` and its conditions below it"),
        ("rules: [{any: [a]}]\n", "a.yaml:1:10: a rule needs `name`"),
        ("rules: [{name: '!!', any: [a]}]\n", "a.yaml:1:16: this name has no letters to make an id of; add `id: some-word`"),
        ("rules: [{name: r, id: a b, any: [a]}]\n", "a.yaml:1:23: `a b` cannot be a name"),
        ("rules: [{name: r, any: [a], severity: hihg}]\n", "a.yaml:1:39: `hihg` is not a severity; did you mean `high`? one of: low, normal, high, critical"),
        ("rules: [{name: r, any: [a], severity: }]\n", "a.yaml:1:29: `severity` has no value; write one, or delete the line"),
        ("rules: [{name: r, any: }]\n", "a.yaml:1:19: `any` has no value; write one, or delete the line"),
        ("rules: [{name: r, any: [a], exclude: [b]}]\n", "a.yaml:1:29: unknown key `exclude` in rule r; `none` drops the article, `except` only ignores these words"),
        ("rules: [{name: r, any: [a], to: [b]}]\n", "a.yaml:1:29: unknown key `to` in rule r; did you mean `send_to`?"),
        ("rules: [{name: r, any: [a], sevrity: low}]\n", "a.yaml:1:29: unknown key `sevrity` in rule r; did you mean `severity`?"),
        ("rules: [{name: r, any: [a], lang: [en]}]\n", "a.yaml:1:29: unknown key `lang` in rule r; it stands under `where:`"),
        ("rules: [{name: r, any: [a], where: {langs: [en]}}]\n", "a.yaml:1:37: unknown key `langs` in rule r; did you mean `lang`?"),
        ("rules: [{name: r, any: [a], where: {lang: [en, ua]}}]\n", "a.yaml:1:48: `ua` is a country, not a language; uk = Ukrainian"),
        ("rules: [{name: r, any: [a], where: {lang: english}}]\n", "a.yaml:1:43: `english` is not a language code; write two or three letters, such as en, ko or uk"),
        ("rules: [{name: r, any: [a], where: {lang: zz}}]\n", "a.yaml:1:43: `zz` is not a language code; write two or three letters, such as en, ko or uk"),
        ("feeds: [{url: 'https://a.example/', lang: qq}]\n", "a.yaml:1:43: `qq` is not a language code; write two or three letters, such as en, ko or uk"),
        ("rules: [{name: r, any: [a], where: {tags: {no: [x]}}}]\n", "a.yaml:1:43: a list is expected here, or `{not: [...]}`"),
        ("rules: [{name: r, any: [a], where: {feeds: [nope]}}]\nfeeds: [{url: 'https://a.example/', name: nopes}]\n", "a.yaml:1:45: there is no feed `nope`; did you mean `nopes`?"),
        ("rules: [{name: r, any: [a], send_to: [desc]}]\nchannels: {desk: {type: console}}\n", "a.yaml:1:39: there is no channel `desc`; did you mean `desk`?"),
        ("rules: [{name: r, any: [a]}, {name: R, any: [b]}]\n", "a.yaml:1:37: two rules have the id `r`; first at a.yaml:1:16; rename one"),
        ("rules: [{name: r, any: [a]}, {name: s, was: [r], any: [b]}]\n", "a.yaml:1:30: rule s says it was `r`, but that rule still exists; `was` names an id that is gone; the rule is at a.yaml:1:16"),
        ("rules: [{name: r, was: [o], any: [a]}, {name: s, was: [o], any: [b]}]\n", "a.yaml:1:40: rules r and s both say that they were `o`; the other is at a.yaml:1:9; keep one"),
        ("channels: {desk: {type: console}, room: {type: console, was: [desk]}}\n", "a.yaml:1:35: channel room says it was `desk`, but that channel still exists; `was` names a channel that is gone; this one is at a.yaml:1:12"),
        ("channels: {desk: {type: console, was: [o]}, room: {type: console, was: [o]}}\n", "a.yaml:1:45: channels desk and room both say that they were `o`; the other is at a.yaml:1:12; keep one"),
        # feeds
        ("feeds: ['htp://a.example']\n", "a.yaml:1:9: `htp://a.example` is not an http or https URL; begin it with https://"),
        ("feeds: ['https:///x']\n", "a.yaml:1:9: `https:///x` names no host; write https://host/path"),
        ("feeds: ['https://a b.example/']\n", "a.yaml:1:9: the URL holds a blank or a sign that cannot be seen"),
        ("feeds: [{name: a}]\n", "a.yaml:1:10: feed a needs `url`"),
        ("feeds: ['file:/etc/passwd']\n", "a.yaml:1:9: a file: feed stands below the configuration directory; write file:sample/feed.xml"),
        ("feeds: ['file:///etc/passwd']\n", "a.yaml:1:9: a file: feed stands below the configuration directory; write file:sample/feed.xml"),
        ("feeds: ['file:a/../../b']\n", "a.yaml:1:9: a file: feed stands below the configuration directory; write file:sample/feed.xml"),
        ("feeds: ['http://127.0.0.1/x']\n", "a.yaml:1:9: 127.0.0.1 is not a public address; add `allow_private: [...]` with its block to the feed, if that is meant (`watcher feeds add --allow-private BLOCK`)"),
        ("feeds: ['http://[::ffff:10.0.0.1]/x']\n", "a.yaml:1:9: 10.0.0.1 is not a public address; add `allow_private: [...]` with its block to the feed, if that is meant (`watcher feeds add --allow-private BLOCK`)"),
        ("feeds: [{url: 'https://a.example/', every: 5}]\n", "a.yaml:1:44: `5` is not a length of time; write a number and a unit: 30s, 5m, 1h, 3d, 2w"),
        ("feeds: [{url: 'https://a.example/', sample: maybe}]\n", "a.yaml:1:45: `maybe` is not yes or no; write true or false"),
        ("feeds: [{url: 'https://a.example/', first_poll: all}]\n", "a.yaml:1:49: `all` is not a way to begin; one of: seen, alert"),
        ("feeds: [{url: 'https://a.example/', interval: 5m}]\n", "a.yaml:1:37: unknown key `interval` in feed https://a.example/; did you mean `every`?"),
        ("feeds: [{url: 'https://a.example/', full_text: always}]\n", "a.yaml:1:48: `full_text` says which linked pages are read; write true, near_miss or false"),
        ("feeds: [{url: 'https://a.example/', headers: {A b: c}}]\n", "a.yaml:1:47: `A b` is not the name of a header"),
        ("feeds: ['https://a.example/', 'https://a.example/']\n", "a.yaml:1:31: this feed is listed twice; first at a.yaml:1:9; keep one"),
        ("feeds: [{url: 'https://a.example/1', name: a}, {url: 'https://a.example/2', name: a}]\n", "a.yaml:1:83: two feeds are named `a`; first at a.yaml:1:44; rename one"),
        # channels
        ("channels: {a: x}\n", "a.yaml:1:12: channel a must be a mapping; write `a: {type: ...}`"),
        ("channels: {a: {url: x}}\n", "a.yaml:1:12: channel a needs `type`; one of: "),
        ("channels: {a: {kind: slack}}\n", "a.yaml:1:16: unknown key `kind` in channel a; did you mean `type`?"),
        ("channels: {a: {type: slak}}\n", "a.yaml:1:22: there is no channel type `slak`; did you mean `slack`?"),
        ("channels: {a: {type: console, colour: red}}\n", "a.yaml:1:31: unknown key `colour` in channel a"),
        ("channels: {a: {type: console, give_up: 1m}}\n", "a.yaml:1:40: a message is given up after an hour at the soonest and 30 days at the latest; write 12h or 7d"),
        ("channels: {a: {type: console, give_up: never}}\n", "a.yaml:1:40: `never` is not a length of time"),
        ("rules: [{name: r, any: [a], look_back: 31d}]\n", "a.yaml:1:40: a rule looks back 30 days at most; write 24h, 7d or none"),
        ("rules: [{name: r, any: [a], look_back: -1h}]\n", "a.yaml:1:40: `-1h` is not a length of time"),
        ("channels: {a: {type: file, otherwise: mee}, me: {type: file}}\n", "a.yaml:1:39: channel a: there is no channel `mee`; did you mean `me`?"),
        ("channels: {a: {type: file, otherwise: a}}\n", "a.yaml:1:39: channel a: `otherwise` leads back to it: a -> a; name a channel that does not lead back here, such as `console`"),
        ("channels: {a: {type: file, otherwise: b}, b: {type: file, otherwise: c}, c: {type: file, otherwise: b}}\n", "a.yaml:1:70: channel b: `otherwise` leads back to it: b -> c -> b; name a channel that does not lead back here, such as `console`"),
        ("channels: {a b: {type: console}}\n", "a.yaml:1:12: `a b` cannot be a name; write it without blanks: `asia-desk`"),
        ("channels: {console: {type: webhook, url: 'https://a.example/', secrets: x}}\n", "a.yaml:1:12: `console` is the name of the console; give this channel another name"),
        ("channels: {a: {type: webhook, url: 'http://10.1.2.3/', secrets: abc}}\n", "a.yaml:1:36: channel a: 10.1.2.3 is not a public address"),
        # silences
        ("silences: [{story: sabc, until: '2026-12-01'}]\n", "a.yaml:1:20: `sabc` is no id of a story; `watcher stories` shows the ids, which begin with s"),
        ("silences: [{feed: wier, until: '2026-12-01'}]\nfeeds: [{url: 'https://a.example/', name: wire}]\n", "a.yaml:1:19: there is no feed `wier`; did you mean `wire`?"),
        ("silences: [{until: '2026-12-01'}]\n", "a.yaml:1:12: a silence names a rule, a feed, a story or words; add `rule: ...`, `feed: ...`, `story: ...` or `words: [...]`"),
        ("silences: [{words: a}]\n", "a.yaml:1:12: a silence needs an end"),
        ("silences: [{words: a, until: 2026-13-01}]\n", "a.yaml:1:30: `2026-13-01` is not a time"),
        ("silences: [{words: a, for: 1h, until: '2026-12-01'}]\n", "a.yaml:1:23: a silence ends once; keep `until` or `for`"),
        ("silences: [{words: a, from: 2026-12-02, until: 2026-12-01}]\n", "a.yaml:1:48: this silence ends before it begins"),
        ("silences: [{rule: shipz, until: 2026-12-01}]\nrules: [{name: ships, any: [a]}]\n", "a.yaml:1:19: there is no rule `shipz`; did you mean `ships`?"),
        # settings
        ("defaults: {zone: Mars}\n", "a.yaml:1:18: `Mars` is not a time zone; write a name such as Europe/Paris or UTC"),
        ("defaults: {send_to: [nope]}\n", "a.yaml:1:22: there is no channel `nope`; there is `console`"),
        ("keep: {articles: 99999999999d}\n", "a.yaml:1:18: `99999999999d` is not a length of time"),
        ("keep: {max_database: 1}\n", "a.yaml:1:8: `max_database` is not built yet in `keep`; remove it"),
        ("meta: {heartbeat: '${WATCHER_TOKEN}'}\n", "a.yaml:1:19: WATCHER_TOKEN is a process setting and is never put into the configuration; use another name"),
        ("network: {allow_private: [all]}\n", "a.yaml:1:27: `all` is not a block of addresses; write 192.168.1.0/24 or a single address"),
        ("network: {contact: '${CONTACT}'}\n", "a.yaml:1:20: `${CONTACT}`: a secret cannot stand here; only fields that hold a secret take ${NAME}; what is no secret is written as it is"),
        ("publishers: {p: {sites: [a/b]}}\n", "a.yaml:1:26: `a/b` is not a site; write the host alone: example.org"),
        ("publishers: {p: {sites: [a.example]}, q: {sites: [a.example]}}\n", "a.yaml:1:39: a.example belongs to two publishers; it is also in `p`; keep one"),
    ],
)  # fmt: skip
def test_a_mistake_has_its_place_and_its_mend(text: str, said: str) -> None:
    assert mistake(text).startswith(said)


@pytest.mark.parametrize(
    "key",
    [
        "stories",
    ],
)
def test_a_key_of_a_rule_that_is_not_built_yet_is_refused(key: str) -> None:
    said = mistake(f"rules: [{{name: r, any: [a], {key}: x}}]\n")
    assert said == f"a.yaml:1:29: `{key}` is not built yet in rule r; remove it"


def test_a_number_of_five_thousand_digits_is_a_mistake_with_its_line() -> None:
    digits = "9" * 5000
    assert mistake(f"keep:\n  articles: {digits}d\n").startswith("a.yaml:2:13: ")
    assert mistake(f"rules: [{{name: r, any: [{{near: [a, b, {digits}]}}]}}]\n").startswith("a.yaml:1:39: ")


def test_all_mistakes_of_all_files_come_at_once() -> None:
    found = mistakes(
        "rules:\n  - {name: r, any: ['mis*sile'], sevrity: low, send_to: [nope], use: [places/rusia]}\n  - {any: [a]}\n",
        b="feeds: [x]\nchanel: {}\n",
    )
    assert [line.split(": ")[0] for line in found] == [
        "a.yaml:2:25", "a.yaml:2:34", "a.yaml:2:58", "a.yaml:2:71", "a.yaml:3:6", "b.yaml:1:9", "b.yaml:2:1",
    ]  # fmt: skip


def test_a_file_that_cannot_be_read_does_not_make_its_names_unknown() -> None:
    found = mistakes("rules: [{name: r, any: [arms], send_to: [desk]}]\n", b="channels: {desk: {type: console}\n")
    assert len(found) == 1
    assert found[0].startswith("b.yaml:1:")


def test_a_channel_with_a_mistake_is_not_called_unknown_as_well() -> None:
    found = mistakes("rules: [{name: r, any: [arms], send_to: [desk]}]\nchannels: {desk: {type: slak}}\n")
    assert len(found) == 1


def test_a_rule_with_a_mistake_is_not_called_unknown_as_well() -> None:
    found = mistakes("rules: [{name: r, any: [a], severity: x}]\nsilences: [{rule: r, until: 2026-12-01}]\n")
    assert len(found) == 1


def test_one_name_in_two_files_names_both_places() -> None:
    assert mistakes("channels: {desk: {type: console}}\n", b="channels: {desk: {type: console}}\n") == [
        "b.yaml:1:12: `desk` stands twice in `channels`; first at a.yaml:1:12; keep one or rename one"
    ]
    assert mistakes("rules: [{name: r, any: [a]}]\n", b="rules: [{name: r, any: [a]}]\n") == [
        "b.yaml:1:16: two rules have the id `r`; first at a.yaml:1:16; rename one"
    ]


@pytest.mark.parametrize(
    "section", ["defaults: {zone: UTC}", "meta: {feed_dead_after: 1h}", "network: {contact: x}", "keep: {keys: 1d}"]
)
def test_one_setting_in_two_files_names_both_places(section: str) -> None:
    found = mistakes(f"{section}\n", b=f"{section}\n")
    assert len(found) == 1
    assert "is set twice; first at a.yaml:1:" in found[0]


def test_different_settings_of_one_section_join_over_files() -> None:
    configuration = good("defaults: {zone: Europe/Paris}\n", b="defaults: {severity: high}\n")
    assert (configuration.defaults.zone, configuration.defaults.severity.word) == ("Europe/Paris", "high")


def test_credentials_are_never_shown() -> None:
    text = "feeds:\n  - https://ann:hunter2@a.example/x\n  - {url: 'https://ann:hunter2@b.example/', evry: 5m}\n  - ftp://ann:hunter2@c.example/\n"
    assert "hunter2" not in repr(read(text))


def test_a_secret_written_into_the_file_is_not_shown_beside_a_mistake() -> None:
    text = "channels:\n  a: {type: webhook, url: 'https://a.example/', secrets: [hunter2], quiet: x}\n  b: x\n"
    found = read(text).problems
    assert len(found) == 2
    assert "hunter2" not in repr(found)


def test_a_channel_without_its_secret_is_a_warning() -> None:
    text = "channels: {desk: {type: webhook, url: 'https://a.example/', secrets: ['${NOT_SET_HERE}']}}\nrules: [{name: r, any: [arms], send_to: [desk]}]\n"
    assert warnings(text) == [
        "a.yaml:1:12: channel desk waits for its secret: NOT_SET_HERE is not set; it sends nothing until that is set",
        "a.yaml:2:9: rule r reaches nobody but the console; desk waits for its secret",
    ]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("rules: [{name: r, any: [arms], send_to: [desk]}]", "rule r reaches nobody but the console; desk is paused"),
        (
            "rules: [{name: r, any: [arms], send_to: [desk, me]}]",
            "rule r reaches nobody but the console; desk is paused, me waits for its secret",
        ),
        (
            "meta: {send_to: [desk]}",
            "no channel of `meta` is ready: what is to be said of watcher itself goes to the console; desk is paused",
        ),
        (
            "meta: {heartbeat_failed: 'https://a.example/f'}",
            "`heartbeat_failed` is never asked without `heartbeat`; add `heartbeat`, asked while all is well",
        ),
    ],
)
def test_what_is_not_ready_is_warned_of_by_its_state(more: str, said: str) -> None:
    channels = (
        "channels:\n  desk: {type: webhook, paused: true, url: 'https://a.example/', secrets: [abc]}\n"
        "  me: {type: webhook, url: 'https://a.example/', secrets: ['${NOT_SET_HERE}']}\n"
    )
    assert any(one.endswith(f": {said}") for one in warnings(f"{channels}{more}\n"))


def test_a_rule_that_reaches_one_channel_is_no_warning() -> None:
    text = "channels: {desk: {type: webhook, url: 'https://a.example/', secrets: [abc]}}\nrules: [{name: r, any: [arms], send_to: [desk, console]}]\n"
    assert warnings(text) == []


def test_a_rule_that_asks_for_a_language_without_terms_is_a_warning() -> None:
    text = "rules: [{name: r, use: [places/russia], all: [$russia], where: {lang: [en, th]}}]\n"
    assert warnings(text) == ["a.yaml:1:57: concept russia has no terms of its own in th"]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{stories: 0}", "a.yaml:1:49: input should be greater than or equal to 1"),
        ("{stories: 3, per: 2d}", "this time is longer than a day; write 30m, 6h or 24h"),
        ("{stories: 3, per: 10s}", "this time is shorter than a minute"),
        ("{stories: 3, then: wait}", "a.yaml:1:"),
        ("{often: 3}", "unknown key `often`"),
        ("off", "`limit` takes a mapping"),
    ],
)
def test_a_limit_that_cannot_be_is_a_mistake_with_its_place(written: str, said: str) -> None:
    found = mistake(f"rules: [{{name: r, any: [aaaa], limit: {written}}}]\n")
    assert said in found


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2h", "an alert waits for others at most an hour: write `1h` or less"),
        ("soon", "`soon` is not a length of time"),
        ("-1m", "`-1m` is not a length of time"),
        ("[1m]", "a.yaml:1:"),
        ("", "a.yaml:1:"),
    ],
)
def test_a_wait_for_others_that_cannot_be_is_a_mistake_with_its_place(written: str, said: str) -> None:
    assert said in mistake(f"rules: [{{name: r, any: [aaaa], gather: {written}}}]\n")
    assert said in mistake(f"defaults: {{gather: {written}}}\n")


def test_a_rule_waits_as_long_as_it_says_else_as_the_defaults_else_a_minute() -> None:
    rules = (
        "rules: [{name: a, any: [aaaa]}, {name: b, any: [bbbb], gather: none}, {name: c, any: [cccc], gather: 5m}]\n"
    )
    waits = [
        [rule.gather.total_seconds() for rule in good(rules + more).rules] for more in ("", "defaults: {gather: 2m}\n")
    ]
    assert waits == [[60, 0, 300], [120, 0, 300]]


def test_a_rule_without_a_limit_has_the_usual_one_and_none_takes_it_away() -> None:
    texts = ("", ", limit: none", ", limit: {stories: 5}", ", limit: {per: 2h}")
    rules = "".join(f"  - {{name: r{n}, any: [aaaa]{text}}}\n" for n, text in enumerate(texts))
    minutes = timedelta(minutes=30)
    assert [rule.limit for rule in good("rules:\n" + rules).rules] == [
        Limit(3, minutes),
        None,
        Limit(5, minutes),
        Limit(3, timedelta(hours=2)),
    ]


def test_a_language_of_three_letters_is_the_one_of_two_that_articles_have() -> None:
    limits = good("rules: [{name: r, any: [a], where: {lang: [deu, haw, EN]}}]\n").rules[0].where.lang
    assert limits is not None
    assert limits.values == ("de", "haw", "en")
