"""What every store says of stories and of what was told to nobody, and releases by hand."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.reporters import FEEDS, Reporters
from tests.fakes.station import config
from watcher.core.model.decided import Decided
from watcher.core.model.ids import ArticleId
from watcher.core.model.message import AttemptClass, AttemptResult, Decision, MessageState
from watcher.core.model.verdict import Outcome, Stage
from watcher.errors import StorageError
from watcher.ports import Store
from watcher.telling.verdicts import say_reason

TITLE = "Shells hit chemical plant in Dellbrook, six workers injured"
LEAD = "Workers of the Dellbrook chemical plant were taken to hospital after the explosion."
MORE = "Dellbrook chemical plant hit by shells: workers in hospital"
DAY = timedelta(days=1)


@pytest.fixture
async def desk(store: Store, tmp_path: Path) -> Reporters:
    """Papers and a channel, with one story: told, copied, and told more of."""
    made = await Reporters.open(tmp_path, store, config(feeds=FEEDS[:3]))
    assert await made.report("wire", TITLE, LEAD) == ["first"]
    assert await made.report("paper", TITLE, LEAD, minutes=1) == ["folded"]
    assert await made.report("post", MORE, minutes=1) == ["follow_up"]
    return made


async def decided(desk: Reporters) -> list[Decided]:
    """Return what was told to nobody in the last day."""
    return list(await desk.store.suppressed(desk.clock.now() - DAY))


async def test_a_story_says_who_tells_it_and_what_was_told_where(desk: Reporters) -> None:
    [record] = await desk.store.newest_stories(5)
    assert (record.story.title, record.story.size, record.story.reach.outlets) == (TITLE, 3, 3)
    assert (record.story.reach.independent, record.story.reach.copies) == (2, 1)
    assert [(one.kind.value, one.target, one.state) for one in record.told] == [
        ("first", "desk", MessageState.WAITING),
        ("follow_up", "desk", MessageState.WAITING),
    ]


async def test_a_story_shows_each_article_with_the_evidence_why_it_joined(desk: Reporters) -> None:
    [listed] = await desk.store.newest_stories(5)
    record = await desk.store.story(listed.story.id)
    assert record is not None
    assert [(one.article.title, one.verdict.outcome) for one in record.decided if one.verdict] == [
        (TITLE, Outcome.WAITING),
        (TITLE, Outcome.FOLDED),
        (MORE, Outcome.WAITING),
    ]
    said = [say_reason(one.verdict) for one in record.decided if one.verdict]
    assert said[0] == ""
    assert said[1].startswith(f"a copy of {record.decided[0].article.id} (the titles are equal")
    assert said[2].startswith(f"joined the story {record.story.id} (rare words are shared")


async def test_a_story_is_found_by_a_part_of_its_id_and_by_its_articles(desk: Reporters) -> None:
    [listed] = await desk.store.newest_stories(5)
    whole = await desk.store.story(listed.story.id)
    assert whole is not None
    for name in (listed.story.id[:9], *(one.article.id for one in whole.decided)):
        found = await desk.store.story(name)
        assert found is not None
        assert found.story.id == listed.story.id


@pytest.mark.parametrize(
    "id_", ["", "x1", "saaaaaaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaaaaaa", "'; drop table"]
)
async def test_an_id_that_nothing_has_finds_no_story(desk: Reporters, id_: str) -> None:
    assert await desk.store.story(id_) is None


async def test_what_was_folded_and_what_came_too_late_are_listed_with_the_reason(desk: Reporters) -> None:
    [one] = await decided(desk)
    assert one.verdict is not None
    assert (one.article.title, one.verdict.outcome) == (TITLE, Outcome.FOLDED)
    desk.clock.advance(hours=25)
    assert await decided(desk) == []


async def test_what_a_first_poll_listed_is_among_what_was_told_to_nobody(desk: Reporters) -> None:
    await desk.adopt(config(feeds=FEEDS[:4]))
    assert await desk.report("echo", "Shells found in harbour shed by Korlan divers") == []
    found = [one for one in await decided(desk) if one.verdict is None]
    assert [(one.article.title, one.stage) for one in found] == [
        ("Shells found in harbour shed by Korlan divers", Stage.FIRST_POLL)
    ]


async def test_news_that_came_close_is_listed_with_the_guard_that_kept_it_apart(desk: Reporters) -> None:
    assert await desk.report("paper", TITLE.replace("six", "ten"), LEAD, minutes=5) == ["update"]
    close = [one.verdict for one in await decided(desk) if one.verdict and one.verdict.miss]
    assert len(close) == 1
    assert "not folded because" in say_reason(close[0])


async def copy_of(desk: Reporters) -> ArticleId:
    """Return the article that was folded."""
    [one] = [one for one in await decided(desk) if one.verdict and one.verdict.outcome is Outcome.FOLDED]
    return one.article.id


async def test_a_released_article_is_told_by_an_alert_of_its_own_and_leaves_the_other(desk: Reporters) -> None:
    await desk.send()
    copy = await copy_of(desk)
    made = await desk.store.release_article(copy, desk.clock.now())
    assert (made.targets, made.kept) == (("desk",), ())
    await desk.send()
    assert desk.told("desk") == [[TITLE], [TITLE]]
    [alert] = await desk.alerts_made()
    assert (alert.article.id, alert.note) == (copy, "released by hand")
    alerts = await desk.store.recent_alerts()
    assert [len(one.members) for one in alerts if one.id != alert.id and one.kind.value == "first"] == [1]
    assert await decided(desk) == []


async def test_a_release_asked_for_again_tells_nothing_twice(desk: Reporters) -> None:
    copy = await copy_of(desk)
    await desk.store.release_article(copy, desk.clock.now())
    with pytest.raises(StorageError, match="nothing to release"):
        await desk.store.release_article(copy, desk.clock.now())
    await desk.send()
    with pytest.raises(StorageError, match=r"told by an alert of its own, which is sent \(desk\)"):
        await desk.store.release_article(copy, desk.clock.now())
    assert len(await desk.alerts_made()) == 1


async def test_what_was_told_is_not_released(desk: Reporters) -> None:
    [record] = await desk.store.newest_stories(1)
    with pytest.raises(StorageError, match="told by an alert of its own, which is waiting"):
        await desk.store.release_article(record.told[0].article.id, desk.clock.now())


async def test_an_article_that_nobody_has_is_not_released(desk: Reporters) -> None:
    with pytest.raises(StorageError, match="no stored article has the id"):
        await desk.store.release_article(ArticleId("aaaaaaaaaaaaaaaaaaaaaaaaaaa"), desk.clock.now())


async def test_what_a_silence_holds_is_not_released(store: Store, tmp_path: Path) -> None:
    silenced = "silences: [{name: quiet, rule: shells, until: 2030-01-01}]"
    desk = await Reporters.open(tmp_path, store, config(feeds=FEEDS[:3], more=silenced))
    assert await desk.report("wire", TITLE, LEAD) == ["silenced"]
    [one] = await decided(desk)
    with pytest.raises(StorageError, match="held by a silence"):
        await desk.store.release_article(one.article.id, desk.clock.now())


@pytest.mark.parametrize("is_silenced_first", [True, False])
async def test_what_was_released_by_hand_goes_though_a_silence_came_between(
    desk: Reporters, is_silenced_first: bool
) -> None:
    await desk.send()
    silenced = config(feeds=FEEDS[:3], more="silences: [{name: quiet, rule: shells, until: 2030-01-01}]")
    copy = await copy_of(desk)
    if is_silenced_first:
        await desk.adopt(silenced)
    await desk.store.release_article(copy, desk.clock.now())
    if not is_silenced_first:
        await desk.adopt(silenced)
    await desk.send()
    assert desk.told("desk") == [[TITLE], [TITLE]]
    with pytest.raises(StorageError, match="which is sent"):
        await desk.store.release_article(copy, desk.clock.now())


async def test_a_release_whose_message_was_taken_back_can_be_asked_for_again(desk: Reporters) -> None:
    await desk.send()
    copy = await copy_of(desk)
    await desk.store.release_article(copy, desk.clock.now())
    [claim] = await desk.store.claim_messages("desk", desk.clock.now(), timedelta(minutes=5), 10, ["desk"])  # type: ignore[list-item]
    taken_back = Decision(MessageState.SKIPPED, claim.health)
    await desk.store.mark(claim, AttemptResult(AttemptClass.OK, ""), taken_back, desk.clock.now())
    await desk.store.release_article(copy, desk.clock.now())
    await desk.send()
    assert desk.told("desk") == [[TITLE], [TITLE]]


async def test_copies_of_a_released_article_fold_and_its_own_later_texts_stay_with_it(desk: Reporters) -> None:
    await desk.store.release_article(await copy_of(desk), desk.clock.now())
    await desk.alerts_made()
    assert await desk.report("paper", TITLE, f"{LEAD} More to follow.", minutes=1) == []
    assert await desk.report("post", TITLE, LEAD, minutes=1) == ["folded"]


async def test_a_released_article_is_not_told_again_when_the_message_it_left_dies(desk: Reporters) -> None:
    [claim] = await desk.store.claim_messages("desk", desk.clock.now(), timedelta(minutes=5), 10, ["desk"])  # type: ignore[list-item]
    await desk.store.release_article(await copy_of(desk), desk.clock.now())
    dead = Decision(MessageState.DEAD, claim.health, dead_class=AttemptClass.CONTENT)
    await desk.store.mark(claim, AttemptResult(AttemptClass.CONTENT, "no"), dead, desk.clock.now())
    await desk.send()
    assert desk.told("desk") == [[TITLE]]
    assert len(await desk.alerts_made()) == 1


@pytest.mark.parametrize("severity", ["low", "high", "critical"])
async def test_a_released_article_that_was_passed_over_has_the_severity_at_which_it_was_graded(
    store: Store, tmp_path: Path, severity: str
) -> None:
    rule = f" [{{name: Shells, any: [shells], follow_ups: none, severity: {severity}}}]"
    desk = await Reporters.open(tmp_path, store, config(rules=rule, feeds=FEEDS[:3]))
    assert await desk.report("wire", TITLE, LEAD) == ["first"]
    assert await desk.report("post", MORE, minutes=1) == ["skipped"]
    [skipped] = [one for one in await decided(desk) if one.verdict and one.verdict.outcome is Outcome.SKIPPED]
    await desk.store.release_article(skipped.article.id, desk.clock.now())
    [alert] = await desk.alerts_made()
    assert alert.severity.word == severity


async def test_what_a_silence_holds_counts_as_one_story_when_two_turn_out_to_be_one(
    store: Store, tmp_path: Path
) -> None:
    quiet = "silences: [{name: quiet, rule: shells, until: 2030-01-01}]"
    desk = await Reporters.open(tmp_path, store, config(feeds=FEEDS[:3], more=quiet))
    one, two = "Shells land near Kado harbour, fishermen say", "Kado residents report loud shells at dawn"
    for name, title in (("wire", one), ("paper", two), ("post", f"{one.split(',')[0]}; residents report loud blast")):
        assert await desk.report(name, title, minutes=10) == ["silenced"]
    held = await store.muted("quiet")
    assert len(held) == 3
    assert len({record.muted.story for record in held}) == 1
