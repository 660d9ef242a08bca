"""What becomes of messages that wait for a channel: what is held, what goes together, what another channel is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from watcher.core.alerts.holding import HeldMessage, Redirected, Standing, Weight, fit, let_go, rank, redirect
from watcher.core.dedup.habits import Habits
from watcher.core.dedup.keys import article_keys
from watcher.core.model.alert import AlertKind, Member, NewAlert
from watcher.core.model.article import Article
from watcher.core.model.ids import AlertId, ArticleId, ChannelName, FeedId, MessageId, RuleId, StoryId
from watcher.core.model.message import HoldReason, MessageKind, MessageState
from watcher.core.model.outcome import Identity
from watcher.core.model.rule import Severity

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
DESK, ME = ChannelName("desk"), ChannelName("me")


def weight(name: str, severity: Severity = Severity.NORMAL, articles: int = 1, minutes: int = 0) -> Weight:
    return Weight(AlertId(name), severity, articles, NOON + timedelta(minutes=minutes))


def alert(
    name: str,
    kind: AlertKind = AlertKind.FIRST,
    *,
    story: str = "s",
    article: str = "",
    text: int = 1,
    severity: Severity = Severity.NORMAL,
    target: ChannelName = DESK,
) -> NewAlert:
    return NewAlert(
        id=AlertId(name),
        rule=RuleId("shells"),
        target=target,
        story=StoryId(story),
        kind=kind,
        ordinal=int(severity) if kind is AlertKind.RAISE else 0,
        severity=severity,
        article=ArticleId(article or f"a-{name}"),
        revision=1,
        text=text,
    )


def standing(one: NewAlert, *articles: str, title: str = "", is_live: bool = True) -> Standing:
    members = [member(id_, title or f"News that {id_} alone tells") for id_ in (one.article, *map(ArticleId, articles))]
    return Standing(one, tuple(members), is_live)


def member(id_: ArticleId, title: str) -> Member:
    article = Article(id_, FeedId(id_), title=title, source=f"{id_}.example", first_seen_at=NOON)
    return Member(article, article_keys(article, Identity.GUID))


def told(wanted: Sequence[NewAlert], there: Sequence[Standing] = (), *, is_broken: bool = False) -> Redirected | None:
    return redirect([standing(one) for one in wanted], ME, there, Habits(), is_broken=is_broken)


def sources(made: Redirected | None) -> list[str]:
    return [of for of, _ in made.alerts] if made else []


@pytest.mark.parametrize(
    ("ready", "off", "broken", "reason"),
    [
        ([DESK], {}, set(), None),
        ([DESK], {}, {DESK}, HoldReason.BREAKER),
        ([], {}, set(), HoldReason.CHANNEL),
        ([], {DESK: "secret"}, {DESK}, HoldReason.SECRET),
        ([ME], {ME: "secret"}, {ME}, HoldReason.CHANNEL),
    ],
)
def test_a_channel_that_is_off_holds_before_its_breaker_does(
    ready: list[ChannelName], off: dict[ChannelName, str], broken: set[ChannelName], reason: HoldReason | None
) -> None:
    assert fit(DESK, ready, off, broken) is reason


def test_a_summary_ranks_by_severity_then_by_articles_then_by_age() -> None:
    ordered = [
        weight("d", Severity.CRITICAL, 1, 9),
        weight("c", Severity.HIGH, 5, 9),
        weight("b", Severity.HIGH, 2, 1),
        weight("a", Severity.HIGH, 2, 2),
        weight("z", Severity.LOW, 50, 0),
    ]
    for shuffled in permutations(ordered):
        assert rank(shuffled) == [one.alert for one in ordered]


def test_several_that_were_held_go_as_one_summary_and_what_may_have_arrived_as_it_is() -> None:
    held = [
        HeldMessage(MessageId("m1"), MessageKind.ALERT, is_begun=False, alerts=(AlertId("a"),)),
        HeldMessage(MessageId("m2"), MessageKind.ALERT, is_begun=True, alerts=(AlertId("b"),)),
        HeldMessage(MessageId("m3"), MessageKind.META, is_begun=False),
        HeldMessage(MessageId("m4"), MessageKind.SUMMARY, is_begun=False, alerts=(AlertId("c"), AlertId("a"))),
    ]
    weights = {AlertId(name): weight(name) for name in "ab"} | {AlertId("c"): weight("c", Severity.HIGH)}
    gone = let_go(DESK, held, weights)
    assert (gone.alone, gone.merged) == (("m2", "m3"), ("m1", "m4"))
    assert gone.summary is not None
    assert (gone.summary.kind, gone.summary.target, gone.summary.alerts) == (MessageKind.SUMMARY, DESK, ("c", "a"))


def test_one_that_was_held_goes_as_it_is() -> None:
    held = [HeldMessage(MessageId("m1"), MessageKind.ALERT, is_begun=False, alerts=(AlertId("a"),))]
    gone = let_go(DESK, held, {AlertId("a"): weight("a")})
    assert (gone.alone, gone.summary, gone.merged) == (("m1",), None, ())
    assert let_go(DESK, [], {}).alone == ()


def test_what_a_channel_that_is_off_cannot_tell_is_told_to_another_one_with_the_reason() -> None:
    made = told([alert("one"), alert("two", story="t")])
    assert made is not None
    assert sources(made) == ["one", "two"]
    assert {one.target for _, one in made.alerts} == {ME}
    assert {one.note for _, one in made.alerts} == {"sent here because the channel desk is off"}
    assert made.message.kind is MessageKind.SUMMARY
    assert made.message.alerts == tuple(one.id for _, one in made.alerts)
    assert made.message.state is MessageState.WAITING


def test_one_alert_is_a_message_of_its_own_and_a_broken_channel_holds_it() -> None:
    made = told([alert("one")], is_broken=True)
    assert made is not None
    assert (made.message.kind, made.message.hold) == (MessageKind.ALERT, HoldReason.BREAKER)


def test_what_an_update_changes_is_said_to_the_other_channel_too() -> None:
    made = told([replace(alert("toll", AlertKind.UPDATE), note="UPDATE: dead 3 → 9")])
    assert made is not None
    assert [one.note for _, one in made.alerts] == ["UPDATE: dead 3 → 9; sent here because the channel desk is off"]


@pytest.mark.parametrize("kind", [AlertKind.UPDATE, AlertKind.FOLLOW_UP])
def test_each_update_of_a_story_is_told_to_the_other_channel(kind: AlertKind) -> None:
    wanted = [alert("first"), alert("toll", kind), alert("denial", kind)]
    made = told(wanted, [standing(alert("mine", article="a-first", target=ME))])
    assert sources(made) == ["toll", "denial"]
    assert made is not None
    assert len({one.id for _, one in made.alerts}) == 2


def test_later_texts_of_one_article_are_updates_of_their_own() -> None:
    update = alert("u1", AlertKind.UPDATE, article="a", text=2)
    made = told([update, replace(update, id=AlertId("u2"), text=3)], [standing(replace(update, target=ME))])
    assert sources(made) == ["u2"]


def test_each_severity_of_a_story_is_told_once() -> None:
    high = alert("high", AlertKind.RAISE, severity=Severity.HIGH)
    critical = alert("critical", AlertKind.RAISE, article="a-high", severity=Severity.CRITICAL)
    assert sources(told([critical, high], [standing(replace(high, target=ME), "a-high")])) == ["critical"]


def test_an_article_that_the_other_channel_was_told_is_not_told_again() -> None:
    first = alert("one")
    assert told([first], [standing(alert("mine", article="a-one", target=ME))]) is None
    assert told([first], [standing(alert("mine", story="t", target=ME), "a-one")]) is None
    other_rule = replace(alert("mine", target=ME), rule=RuleId("drones"))
    assert sources(told([first], [standing(other_rule, "a-one")])) == ["one"]


def test_what_died_at_the_other_channel_is_told_there_again_under_the_next_number() -> None:
    dead = replace(alert("mine", article="a-one", target=ME), ordinal=2)
    made = told([alert("one")], [standing(dead, is_live=False)])
    assert made is not None
    assert [one.ordinal for _, one in made.alerts] == [3]


TITLE = "Explosion at the Dellbrook chemical plant injures six workers"


def of_one_story(*titles: str) -> list[Standing]:
    return [standing(alert(f"l{number}"), title=title) for number, title in enumerate(titles)]


@pytest.mark.parametrize(
    "titles",
    [
        (TITLE, f"Second {TITLE.lower()}"),
        (TITLE, TITLE.replace("Dellbrook", "Harrow")),
        (TITLE, TITLE.replace("six", "nine"), "Dellbrook plant stays closed, owner says"),
    ],
)
def test_each_event_of_a_story_is_told_to_the_other_channel(titles: tuple[str, ...]) -> None:
    waiting = of_one_story(*titles)
    made = redirect(waiting, ME, [], Habits(), is_broken=False)
    assert sources(made) == [one.alert.id for one in waiting]
    assert made is not None
    assert len({one.id for _, one in made.alerts}) == len(titles)
    assert [one.ordinal for _, one in made.alerts] == list(range(len(titles)))


def test_an_event_of_a_story_is_told_where_an_earlier_one_was() -> None:
    first, second = of_one_story(TITLE, f"Second {TITLE.lower()}")
    there = replace(first, alert=replace(first.alert, target=ME))
    assert sources(redirect([first, second], ME, [there], Habits(), is_broken=False)) == [second.alert.id]


def test_copies_of_one_story_are_told_once_though_two_of_its_alerts_wait() -> None:
    first, copy = of_one_story(TITLE, TITLE)
    assert sources(redirect([first, copy], ME, [], Habits(), is_broken=False)) == [first.alert.id]
    other_story = replace(copy, alert=replace(copy.alert, story=StoryId("t")))
    assert len(sources(redirect([first, other_story], ME, [], Habits(), is_broken=False))) == 2


def test_an_alarm_that_its_source_repeats_is_no_copy_on_the_way_to_another_channel() -> None:
    first, later = of_one_story("Air raid alert in the Odesa region", "Air raid alert in the Odesa region")
    habits = Habits()
    for number in range(3):
        habits.add(ArticleId(f"earlier{number}"), later.members[0].keys)
    assert len(sources(redirect([first, later], ME, [], habits, is_broken=False))) == 2
