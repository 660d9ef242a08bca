"""`raise` and the rules over time: what is read, and what is wrong with them."""

from __future__ import annotations

import re
import textwrap
from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.settings.support import good, mistake, mistakes, warnings
from watcher.core.model.ids import RuleId
from watcher.core.model.rule import (
    AnyOf,
    ConceptRef,
    FirstSeen,
    Independent,
    Paragraph,
    QuietSource,
    Raise,
    Rule,
    Severity,
    Spike,
    Term,
    TitleOrLead,
    Volume,
)

HOURS = timedelta(hours=1)
ARMS = "rules:\n  - {name: arms, any: [shells]}\n"

EXAMPLE = """
concepts:
  military: {use: topics/military, add: [Kursk deployment]}
rules:
  - name: DPRK-Russia military
    use: [places/north-korea, places/russia]
    all: [$north-korea, $russia, $military]
    severity: low
    raise:
      - {severity: normal, when: {paragraph: [$north-korea, $russia, $military]}}
      - {severity: high, when: {title_or_lead: [$north-korea, $russia]}}
      - {severity: critical, when: {sources: 3, within: 2h}}
"""


def raises(text: str) -> tuple[Raise, ...]:
    return good(f"rules: [{{name: r, any: [a], severity: low, raise: {text}}}]\n").rules[0].raises


def unplaced(node: object) -> object:
    match node:
        case Term():
            return node.text
        case ConceptRef():
            return f"${node.name}"
        case TitleOrLead() | Paragraph() | AnyOf():
            return (type(node).__name__, *map(unplaced, node.items))
        case _:
            return node


def over_time(line: str) -> Rule:
    return good(f"{ARMS}  - {line}\nfeeds: [{{url: 'https://a.example/', name: asia-wire}}]\n").rules[1]


def test_the_example_rule_raises_by_place_and_by_sources() -> None:
    (rule,) = good(EXAMPLE).rules
    assert rule.severity is Severity.LOW
    assert [(one.severity, unplaced(one.when), one.sources) for one in rule.raises] == [
        (Severity.NORMAL, ("Paragraph", "$north-korea", "$russia", "$military"), None),
        (Severity.HIGH, ("TitleOrLead", "$north-korea", "$russia"), None),
        (Severity.CRITICAL, None, Independent(3, 2 * HOURS)),
    ]


def test_a_raise_may_ask_for_a_condition_and_sources_together() -> None:
    (one,) = raises("[{severity: high, when: {title: [war], sources: 2, within: 30m}}]")
    assert one.sources == Independent(2, HOURS / 2)
    assert isinstance(one.when, Term)
    assert one.when.text == "war"


def test_a_raise_takes_a_list_and_a_single_raise_needs_no_list() -> None:
    (one,) = raises("{severity: high, when: [a]}")
    assert unplaced(one.when) == "a"


def test_rules_over_time_are_read() -> None:
    volume = over_time("{name: many, volume: {of: arms, stories: 10, within: 6h}}")
    assert (volume.trend, volume.body) == (Volume(RuleId("arms"), 10, 6 * HOURS), AnyOf(()))
    spike = over_time("{name: s, spike: {of: arms, window: 6h, baseline: 14d, ratio: 2.5, at_least: 5}}")
    assert spike.trend == Spike(RuleId("arms"), 6 * HOURS, 14 * 24 * HOURS, 2.5, 5)
    quiet = over_time("{name: q, severity: high, quiet_source: {feed: asia-wire, longer_than: 12h}}")
    assert (quiet.trend, quiet.severity) == (QuietSource("asia-wire", 12 * HOURS), Severity.HIGH)
    first = over_time("{name: f, first_seen: {term: [Angara, Lady R], since: 30d}, none: [football], severity: low}")
    assert (first.trend, unplaced(first.body)) == (FirstSeen(30 * 24 * HOURS), ("AnyOf", "Angara", "Lady R"))
    assert len(first.none) == 1


def test_a_rule_over_time_follows_a_rule_that_was_renamed() -> None:
    text = "rules:\n  - {name: weapons, was: [arms], any: [shells]}\n  - {name: many, volume: {of: arms, stories: 1, within: 6h}}\n"
    trend = good(text).rules[1].trend
    assert isinstance(trend, Volume)
    assert trend.of == "weapons"


def test_rules_over_time_are_not_called_empty() -> None:
    assert warnings(f"{ARMS}  - {{name: many, volume: {{of: arms, stories: 10, within: 6h}}}}\n") == []


@pytest.mark.parametrize(
    ("raising", "said"),
    [
        ("[high]", "a.yaml:1:37: a raise is a mapping; write `- {severity: high, when: {title_or_lead: [a, b]}}`"),
        ("[{severity: high}]", "a.yaml:1:38: a raise needs `when`"),
        ("[{when: [a]}]", "a.yaml:1:38: a raise needs `severity`"),
        ("[{severity: hi, when: [a]}]", "a.yaml:1:48: `hi` is not a severity; did you mean `high`?"),
        ("[{severity: high, if: [a], when: [a]}]", "a.yaml:1:54: unknown key `if` in a raise; did you mean `when`?"),
        ("[{severity: high, when: {sources: 3}}]", "a.yaml:1:61: a raise that counts sources needs `within`"),
        ("[{severity: high, when: {within: 2h}}]", "a.yaml:1:61: a raise that counts sources needs `sources`"),
        ("[{severity: high, when: {sources: 1, within: 2h}}]", "a.yaml:1:70: input should be greater than or equal to 2"),
        ("[{severity: high, when: {sources: many, within: 2h}}]", "a.yaml:1:70: `many` is not a whole number"),
        ("[{severity: high, when: {sources: 3, within: 2s}}]", "a.yaml:1:81: this time is shorter than a minute; write 30m, 6h or 14d"),
        ("[{severity: high, when: {titel_or_lead: [a]}}]", "a.yaml:1:61: unknown key `titel_or_lead` in a condition; did you mean `title_or_lead`?"),
        ("[{severity: high, when: [$nope]}]", "a.yaml:1:61: there is no concept `nope` here"),
        ("[{severity: high, when: {all: [{sources: 3}]}}]", "a.yaml:1:68: unknown key `sources` in a condition; it stands in `when` of a raise"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_raise_has_its_place_and_its_mend(raising: str, said: str) -> None:
    assert mistake(f"rules: [{{name: r, any: [a], raise: {raising}}}]\n").startswith(said)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{name: v, volume: {of: amrs, stories: 10, within: 6h}}", "a.yaml:3:28: there is no rule `amrs`; did you mean `arms`?"),
        ("{name: v, volume: {of: v, stories: 10, within: 6h}}", "a.yaml:3:28: rule v has no stories to count; name a rule that looks at articles"),
        ("{name: v, volume: {of: arms, stories: 0, within: 6h}}", "a.yaml:3:43: input should be greater than or equal to 1"),
        ("{name: v, volume: {of: arms, stories: 10}}", "a.yaml:3:24: rule v needs `within`"),
        ("{name: v, volume: {of: arms, stories: 10, within: 6}}", "a.yaml:3:55: `6` is not a length of time"),
        ("{name: v, volume: 10}", "a.yaml:3:23: `volume` takes a mapping"),
        ("{name: v, volume: {of: arms, stores: 9, stories: 10, within: 6h}}", "a.yaml:3:34: unknown key `stores` in rule v; did you mean `stories`?"),
        ("{name: v, any: [a], volume: {of: arms, stories: 10, within: 6h}}", "a.yaml:3:15: `volume` is the whole body of a rule, `any` cannot stand beside it; write two rules"),
        ("{name: v, none: [a], volume: {of: arms, stories: 10, within: 6h}}", "a.yaml:3:15: `volume` is the whole body of a rule, `none` cannot stand beside it; it looks at no article; remove the key"),
        ("{name: s, spike: {of: arms, window: 6h, baseline: 1h, ratio: 3, at_least: 5}}", "a.yaml:3:55: `baseline` is shorter than `window`; write `baseline: 14d`"),
        ("{name: s, spike: {of: arms, window: 6h, baseline: 14d, ratio: 1, at_least: 5}}", "a.yaml:3:67: input should be greater than 1"),
        ("{name: q, quiet_source: {feed: asia-wir, longer_than: 12h}}", "a.yaml:3:36: there is no feed `asia-wir`; did you mean `asia-wire`?"),
        ("{name: f, first_seen: {term: ['mis*sile'], since: 30d}}", "a.yaml:3:39: "),
        ("{name: f, first_seen: {term: [a], since: 30d}, all: [b]}", "a.yaml:3:52: `first_seen` is the whole body of a rule, `all` cannot stand beside it; write two rules"),
        ("{name: f, any: [{volume: {of: arms}}]}", "a.yaml:3:22: unknown key `volume` in a condition; it is the whole body of a rule"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_rule_over_time_has_its_place_and_its_mend(line: str, said: str) -> None:
    feeds = "feeds: [{url: 'https://a.example/', name: asia-wire}]\n"
    assert mistake(f"{ARMS}  - {line}\n{feeds}").startswith(said)


def test_two_bodies_over_time_are_one_too_many() -> None:
    line = "{name: v, volume: {of: arms, stories: 10, within: 6h}, quiet_source: {feed: a, longer_than: 12h}}"
    assert (
        "`volume` is the whole body of a rule, `quiet_source` cannot stand beside it; write two rules"
        in mistakes(f"{ARMS}  - {line}\n")[0]
    )


def test_what_probably_is_not_meant_is_a_warning() -> None:
    idle = warnings("rules: [{name: r, any: [arms], severity: high, raise: [{severity: normal, when: [shells]}]}]\n")
    assert [line.split("; ")[0] for line in idle] == [
        "a.yaml:1:56: this raise changes nothing: the rule is high already"
    ]
    far = warnings("rules: [{name: f, first_seen: {term: [arms], since: 90d}}]\n")
    assert "looks back farther than articles are kept (30 d)" in far[0]


def test_the_examples_of_the_guide_are_right() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "how-to" / "grade-and-count.md").read_text(encoding="utf-8")
    grades, counts = (textwrap.dedent(block) for block in re.findall(r"(?m)(?:^ {4}.*\n)+", guide))
    rules = good("feeds: [{url: 'https://a.example/', name: asia-wire}]\n" + grades, b=counts).rules
    assert [type(rule.trend).__name__ for rule in rules] == ["NoneType", "Volume", "Spike", "QuietSource", "FirstSeen"]
    assert len(rules[0].raises) == 3
