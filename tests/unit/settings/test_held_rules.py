"""A rule that fails its examples goes on as it was; everything else is taken."""

from __future__ import annotations

from tests.unit.settings.support import good
from watcher.core.matching.compile import compile_rules
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.daemon.examine import examine
from watcher.settings.configuration import Configuration
from watcher.settings.differences import difference, renamed

HEAD = "defaults: {gather: none}\nchannels: {desk: {type: file, path: desk.jsonl}}\n"
TESTS = "tests: [{text: Shells arrive, expect: match}]"


def rule(name: str, words: str, more: str = TESTS) -> str:
    return f"  - {{name: {name}, any: [{words}], send_to: [desk], {more}}}\n"


def files(*rules: str, concepts: str = "") -> Configuration:
    return good(f"{HEAD}{concepts}rules:\n{''.join(rules)}")


def fires(configuration: Configuration, text: str) -> list[str]:
    article = Article(ArticleId("a"), FeedId("f"), title=text)
    return sorted(match.rule for match in compile_rules(configuration.rule_source(1)).match(article)[0])


def test_only_the_change_of_the_rule_that_fails_is_held_back() -> None:
    before = files(rule("Shells", "shells"), rule("Drones", "drones", "severity: low"))
    after = files(rule("Shells", "pearls"), rule("Drones", "drones, uavs", "severity: low"))
    taken = examine(after, before, 7).configuration
    assert taken.held == {"shells": 7}
    assert fires(taken, "Shells, pearls and uavs") == ["drones", "shells"]
    assert fires(taken, "Pearls") == []
    assert difference(before, taken).line() == "1 changed (drones), 1 same"
    assert taken.digest != after.digest


def test_a_new_rule_that_fails_is_not_in_force() -> None:
    taken = examine(files(rule("Shells", "pearls"), rule("Drones", "drones", "")), None, 0).configuration
    assert taken.held == {"shells": 0}
    assert [one.id for one in taken.rules] == ["drones"]


def test_what_is_held_back_goes_to_the_channel_that_was_renamed_meanwhile() -> None:
    before = files(rule("Shells", "shells"))
    after = good(
        "defaults: {gather: none}\nchannels: {news: {type: file, path: desk.jsonl}}\n"
        f"rules:\n{rule('Shells', 'pearls').replace('[desk]', '[news]')}"
    )
    taken = examine(after, before, 7).configuration
    assert (taken.held, [one.send_to for one in taken.rules]) == ({"shells": 7}, [("news",)])


def test_what_did_not_change_goes_on_whatever_its_examples_say() -> None:
    before = files(rule("Shells", "pearls"))
    examined = examine(before, before, 7)
    assert examined.configuration is before
    assert [one.test.rule for one in examined.failed] == ["shells"]


def test_an_example_that_failed_before_holds_nothing_back() -> None:
    before = files(rule("Shells", "pearls"))
    after = files(rule("Shells", "pearls, grains"))
    assert examine(after, before, 7).configuration is after


def test_an_example_that_comes_with_the_change_holds_it_back_for_as_long_as_it_fails() -> None:
    before = files(rule("Shells", "grains", ""))
    first = examine(files(rule("Shells", "pearls")), before, 7).configuration
    second = examine(files(rule("Shells", "pearls"), rule("Drones", "drones", "")), first, 8).configuration
    assert (first.held, second.held) == ({"shells": 7}, {"shells": 7})
    assert fires(second, "Grains and drones") == ["drones", "shells"]
    mended = examine(files(rule("Shells", "shells")), second, 9).configuration
    assert (mended.held, fires(mended, "Shells, grains")) == ({}, ["shells"])


def test_failing_tests_warn_lets_the_change_pass() -> None:
    before = files(rule("Shells", "shells"))
    after = files(rule("Shells", "pearls", f"{TESTS}, failing_tests: warn"))
    assert examine(after, before, 7).configuration is after


def test_a_changed_concept_is_held_back_for_the_rule_that_fails_with_it_alone() -> None:
    def of(words: str) -> Configuration:
        inner = f"concepts: {{arms: [$iron], iron: [{words}]}}\n"
        return files(rule("Shells", "$arms"), rule("Others", "$arms", "severity: low"), concepts=inner)

    taken = examine(of("pearls"), of("shells"), 7).configuration
    assert taken.held == {"shells": 7}
    assert (fires(taken, "Shells"), fires(taken, "Pearls")) == (["shells"], ["others"])
    again = examine(of("pearls, beads"), taken, 8).configuration
    assert (fires(again, "Shells"), fires(again, "Beads")) == (["shells"], ["others"])


def test_a_renamed_rule_that_fails_keeps_its_new_name_and_its_old_words() -> None:
    before = files(rule("Shells", "shells"))
    after = files(rule("Arms", "pearls", f"{TESTS}, was: [shells]"))
    taken = examine(after, before, 7).configuration
    assert (taken.held, fires(taken, "Shells")) == ({"arms": 7}, ["arms"])


def test_a_held_rule_goes_to_the_channels_that_are_left() -> None:
    before = good(
        "channels: {old: {type: file, path: a.jsonl}}\nrules:\n" + rule("Shells", "shells").replace("desk", "old")
    )
    taken = examine(files(rule("Shells", "pearls")), before, 7).configuration
    assert taken.rules[0].send_to == ()


def test_a_vanished_rule_and_a_new_one_that_asks_the_same_is_a_rename() -> None:
    before = files(rule("Shells", "shells"), rule("Drones", "drones", ""))
    after = files(rule("Artillery", "shells"), rule("Drones", "drones", ""))
    assert renamed(before, after).rules == {"shells": "artillery"}
    assert difference(before, after).line() == "1 renamed (shells is artillery), 1 same"


def test_of_several_that_ask_the_same_none_is_a_rename() -> None:
    before = files(rule("Shells", "shells"), rule("Also", "shells"))
    after = files(rule("Artillery", "shells"), rule("Third", "shells"))
    assert renamed(before, after).rules == {}
    assert difference(before, after).line() == "2 added (artillery, third), 2 removed (also, shells), 0 same"


def test_a_vanished_channel_and_a_new_one_with_its_settings_is_a_rename() -> None:
    before = good("channels: {desk: {type: file, path: a.jsonl}}\n")
    after = good("channels: {asia: {type: file, path: a.jsonl}}\n")
    other = good("channels: {asia: {type: file, path: b.jsonl}}\n")
    assert renamed(before, after).channels == {"desk": "asia"}
    assert renamed(before, other).channels == {}
    [edit] = difference(before, after).channels
    assert (edit.how, edit.before, edit.name) == ("renamed", "desk", "asia")


def test_what_became_of_a_rule_is_said_by_its_keys() -> None:
    before = files(rule("Shells", "shells", "severity: low, limit: {stories: 2, per: 1h}"))
    after = files(rule("Shells", "shells", "severity: high, limit: none"))
    [edit] = difference(before, after).rules
    assert edit.said == ("severity: low -> high", "limit: 2 per 1 h -> none")
    assert difference(before, after).asked_otherwise() == {RuleId("shells")}


def test_feeds_are_told_apart_by_address_name_and_was() -> None:
    before = good("feeds: [{url: 'https://a.example/f', name: a}, {url: 'https://b.example/f', name: b}]\n")
    after = good(
        "feeds: [{url: 'https://a.example/f', name: first, every: 5m}, "
        "{url: 'https://b.example/new', was: ['https://b.example/f']}, {url: 'https://c.example/f', name: c}]\n"
    )
    said = [(one.how, one.name, one.before, one.said) for one in difference(before, after).feeds]
    assert said == [
        ("renamed", "first", "a", ()),
        ("changed", "first", "", ("every: none -> 5 min",)),
        ("renamed", after.feeds[1].name, "b", ()),
        ("changed", after.feeds[1].name, "", ("url",)),
        ("added", "c", "", ()),
    ]


def test_the_line_names_feeds_and_channels_that_are_others() -> None:
    before = good("channels: {old: {type: file, path: a.jsonl}}\nfeeds: [{url: 'https://a.example/f', name: wire}]\n")
    after = good(
        "channels: {office: {type: file, path: a.jsonl, was: [old]}, more: {type: file, path: b.jsonl}}\n"
        "feeds: [{url: 'https://a.example/f', name: newswire, was: [wire], every: 1h}, {url: 'https://b.example/f', name: b}]\n"
    )
    assert difference(before, after).line() == (
        "0 same, 1 feed added (b), 1 feed renamed (wire is newswire), 1 feed changed (newswire), "
        "1 channel added (more), 1 channel renamed (old is office)"
    )
    assert difference(after, good("rules: []\n")).line() == (
        "0 same, 2 feeds removed (b, newswire), 2 channels removed (more, office)"
    )
