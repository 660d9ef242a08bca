"""What raises promise: the highest that holds counts, sources are independent ones, and a story is raised once a
severity.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from watcher.core.alerts.grade import Grade, grade
from watcher.core.alerts.judge import make_judge
from watcher.core.dedup.keys import article_keys
from watcher.core.model.alert import (
    AlertKind,
    FeedContext,
    JudgeContext,
    Judgement,
    Member,
    NewAlert,
    PastAlert,
)
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, ChannelName, FeedId, MessageId, RuleId
from watcher.core.model.match import Match, Raised, ReadArticle
from watcher.core.model.message import MessageState
from watcher.core.model.outcome import Identity
from watcher.core.model.policy import CONSOLE, ChannelState, Policy, Publisher, Silence
from watcher.core.model.rule import FirstSeen, Independent, Raise, Rule, Severity, Term
from watcher.core.model.verdict import Level, Outcome
from watcher.core.stories.shelf import Shelf

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
HOURS = timedelta(hours=2)
ARMS, DESK = RuleId("arms"), ChannelName("desk")
FEED = FeedContext(FeedId("f1"), "Nord Post", first=False, last_ok_at=NOW - timedelta(minutes=10))
THREE = Raise(Severity.CRITICAL, sources=Independent(3, HOURS))
TITLE = "Freighter with shells leaves northern port at night"
LEAD = "The ship left on Monday evening, two harbour officials said."


def rule(*raises: Raise, severity: Severity = Severity.LOW) -> Rule:
    return Rule(ARMS, "Arms", Term("arms"), severity=severity, send_to=(DESK,), raises=raises)


def paper(number: int, host: str, *, seen_at: datetime = NOW, **changes: object) -> Article:
    base = Article(
        id=ArticleId(f"a{number}"),
        feed=FeedId(f"f{number}"),
        guid=f"g{number}",
        url=f"https://{host}/{number}",
        title=f"{host} reports on case {number}",
        summary=f"Our {host} correspondent number {number} writes about something that happened on day {number} of it.",
        first_seen_at=seen_at,
    )
    return replace(base, **changes)  # type: ignore[arg-type]  # the changes are fields of Article


def copy(number: int, host: str) -> Article:
    return paper(number, host, title=TITLE, summary=LEAD)


def member(article: Article, level: Level = Level.NEW) -> Member:
    return Member(article, article_keys(article, Identity.GUID), level)


def fired(*raised: Raised, within: timedelta | None = HOURS) -> Match:
    return Match(ARMS, (), raised, within)


def policy(one: Rule, *publishers: Publisher, silences: tuple[Silence, ...] = ()) -> Policy:
    channels = {CONSOLE: ChannelState.READY, DESK: ChannelState.READY}
    return Policy(3, {ARMS: one}, channels, (CONSOLE,), publishers, silences)


def judged(one: Rule, *articles: Article, match: Match | None = None, **context: object) -> Judgement:
    reads = [ReadArticle(each, article_keys(each, Identity.GUID), (match or fired(),)) for each in articles]
    base = JudgeContext(FEED, NOW)
    return make_judge(policy(one))(reads, replace(base, **context))  # type: ignore[arg-type]  # fields of JudgeContext


def past(alert: NewAlert, *members: Member, state: MessageState = MessageState.SENT) -> PastAlert:
    return PastAlert(
        alert.id,
        alert.rule,
        alert.target,
        alert.story,
        alert.kind,
        alert.ordinal,
        alert.severity,
        MessageId("m1"),
        state,
        NOW - timedelta(minutes=30),
        members,
    )


class Room:
    """A rule and what it told so far, one article after the other."""

    def __init__(self, one: Rule, *publishers: Publisher) -> None:
        self.policy = policy(one, *publishers)
        self.shelf = Shelf()
        self.past: list[PastAlert] = []

    def tell(self, article: Article, match: Match | None = None) -> Judgement:
        read = ReadArticle(article, article_keys(article, Identity.GUID), (match or fired(),))
        linked, counts = self.shelf.load([read], NOW)
        known = {story.id: story for story in linked} | {
            alert.story: self.shelf.stories[alert.story] for alert in self.past if alert.story in self.shelf.stories
        }
        context = JudgeContext(FEED, NOW, past=tuple(self.past), stories=tuple(known.values()), story_counts=counts)
        judgement = make_judge(self.policy)([read], context)
        self.shelf.write(judgement.stories, NOW)
        self.past += [past(alert, member(article)) for alert in judgement.alerts]
        return judgement


REPORTS = (
    "Blast hits Dellbrook chemical plant",
    "Chemical plant in Dellbrook rocked by a blast",
    "Dellbrook: a blast tears through the chemical plant",
    "Fire crews at Dellbrook chemical plant after a blast",
    "What we know of the blast in the Dellbrook chemical plant",
)


def report(number: int, host: str, *, sample: bool = False) -> Article:
    """One event in the words of one paper."""
    title = REPORTS[number % len(REPORTS)]
    lead = f"A tank of solvent blew up on Monday, the Dellbrook fire service said to {host}."
    return paper(number, host, title=title, summary=lead, sample=sample)


def since(**minutes: int) -> dict[str, datetime]:
    return {f"{name}.example": NOW - timedelta(minutes=ago) for name, ago in minutes.items()}


def test_the_highest_raise_that_holds_counts() -> None:
    one = rule(Raise(Severity.HIGH, Term("a")), Raise(Severity.NORMAL, Term("b")), Raise(Severity.CRITICAL, Term("c")))
    match = fired(Raised(0, "a in title or lead"), Raised(1, "b"))
    assert grade(one, match, {}, NOW) == Grade(Severity.HIGH, "a in title or lead")
    assert grade(one, fired(), {}, NOW) == Grade(Severity.LOW)


def test_a_raise_never_lowers() -> None:
    one = rule(Raise(Severity.LOW, Term("a")), severity=Severity.HIGH)
    assert grade(one, fired(Raised(0, "a")), {}, NOW) == Grade(Severity.HIGH)


def test_sources_are_counted_within_the_time() -> None:
    three = since(one=5, two=3, three=0)
    assert grade(rule(THREE), fired(), three, NOW) == Grade(
        Severity.CRITICAL, "3 independent sources within 2 h (one.example, two.example, three.example)"
    )
    assert grade(rule(THREE), fired(), since(one=121, two=3, three=0), NOW).severity is Severity.LOW


def test_place_and_sources_of_one_raise_must_both_hold() -> None:
    one = rule(Raise(Severity.HIGH, Term("a"), Independent(2, HOURS)))
    two = since(one=5, two=0)
    assert grade(one, fired(), two, NOW).severity is Severity.LOW
    assert grade(one, fired(Raised(0, "a")), since(one=5), NOW).severity is Severity.LOW
    both = grade(one, fired(Raised(0, "a")), two, NOW)
    assert (both.severity, both.why) == (
        Severity.HIGH,
        "a and 2 independent sources within 2 h (one.example, two.example)",
    )


def test_the_third_source_of_a_story_raises_it() -> None:
    room = Room(rule(THREE))
    told = [room.tell(report(number, f"paper{number}.example")) for number in (1, 2, 3, 4)]
    kinds = [[(alert.kind, alert.severity) for alert in one.alerts] for one in told]
    assert kinds[0] == [(AlertKind.FIRST, Severity.LOW)]
    assert kinds[1] == [(AlertKind.FOLLOW_UP, Severity.LOW)]
    assert kinds[2] == [(AlertKind.RAISE, Severity.CRITICAL)]
    assert kinds[3] == [(AlertKind.FOLLOW_UP, Severity.CRITICAL)]
    (raised,) = told[2].alerts
    assert raised.note == (
        "raised from low to critical: now 3 independent sources within 2 h (paper1.example, paper2.example, paper3.example)"
    )
    assert [message.alerts for message in told[2].messages] == [(raised.id,)]


def test_articles_of_other_stories_never_count() -> None:
    room = Room(rule(THREE))
    room.tell(report(1, "one.example"))
    room.tell(report(2, "two.example"))
    other = paper(
        3, "three.example", title="Harbour pilots of Karo end their strike", summary="Ships move again on Friday."
    )
    assert [(one.kind, one.severity) for one in room.tell(other).alerts] == [(AlertKind.FIRST, Severity.LOW)]


def test_copies_one_house_and_samples_are_no_sources() -> None:
    house = Publisher("house", ("one.example", "two.example"))
    merged, copied, sampled = Room(rule(THREE), house), Room(rule(THREE)), Room(rule(THREE))
    for number, host in ((1, "one.example"), (2, "two.example"), (3, "three.example")):
        last = merged.tell(report(number, host))
    assert max(alert.severity for alert in last.alerts) is Severity.LOW
    for number, host in ((1, "one.example"), (2, "two.example"), (3, "three.example")):
        again = copied.tell(copy(number, host))
    assert again.alerts == ()
    for number, host in ((1, "one.example"), (2, "two.example")):
        sampled.tell(report(number, host))
    assert all(alert.severity is Severity.LOW for alert in sampled.tell(report(3, "three.example", sample=True)).alerts)


def test_a_raise_that_was_told_is_not_repeated_by_a_copy() -> None:
    room = Room(rule(THREE))
    for number in (1, 2, 3):
        room.tell(report(number, f"paper{number}.example"))
    third = report(3, "paper3.example")
    copied = replace(third, id=ArticleId("a9"), feed=FeedId("f9"), guid="g9", url="https://nine.example/9")
    assert [alert.kind for alert in room.tell(copied).alerts if alert.kind is AlertKind.RAISE] == []


def test_a_raise_that_died_is_not_repeated() -> None:
    founder = copy(1, "one.example")
    match = fired(Raised(0, "title"), within=None)
    one = rule(Raise(Severity.HIGH, Term("a")))
    first = judged(one, founder, match=fired(within=None)).alerts[0]
    raised = judged(one, copy(2, "two.example"), match=match, past=(past(first, member(founder)),)).alerts[0]
    dead = past(raised, member(copy(2, "two.example")), state=MessageState.DEAD)
    again = judged(one, copy(3, "t.example"), match=match, past=(past(first, member(founder)), dead))
    assert again.alerts == ()


def test_a_raise_within_one_reading_is_told_in_the_alert_itself() -> None:
    one = rule(Raise(Severity.HIGH, Term("a")))
    first, second = copy(1, "one.example"), copy(2, "two.example")
    reads = [
        ReadArticle(first, article_keys(first, Identity.GUID), (fired(within=None),)),
        ReadArticle(
            second, article_keys(second, Identity.GUID), (fired(Raised(0, "a in title or lead"), within=None),)
        ),
    ]
    judgement = make_judge(policy(one))(reads, JudgeContext(FEED, NOW))
    assert [(each.kind, each.severity, each.note) for each in judgement.alerts] == [
        (AlertKind.FIRST, Severity.HIGH, "high: a in title or lead")
    ]


def test_a_silenced_copy_raises_nothing() -> None:
    founder = copy(1, "one.example")
    one = rule(Raise(Severity.HIGH, Term("a")))
    first = judged(one, founder, match=fired(within=None)).alerts[0]
    quiet = policy(one, silences=(Silence("s", ARMS),))
    second = copy(2, "two.example")
    reads = [ReadArticle(second, article_keys(second, Identity.GUID), (fired(Raised(0, "a"), within=None),))]
    context = JudgeContext(FEED, NOW, past=(past(first, member(founder)),))
    assert make_judge(quiet)(reads, context).alerts == ()


def test_first_seen_speaks_once_until_the_term_was_gone_for_long_enough() -> None:
    one = replace(rule(), trend=FirstSeen(timedelta(days=30)))
    match = Match(ARMS, (), unseen_for=timedelta(days=30))
    assert len(judged(one, paper(1, "one.example"), match=match).alerts) == 1
    later = judged(one, paper(2, "two.example"), match=match, matched_lately={ARMS: (ArticleId("a1"),)})
    assert later.alerts == ()
    assert [(verdict.outcome, verdict.reason) for verdict in later.verdicts] == [
        (Outcome.SKIPPED, "not the first in 30 d: a1 matched before")
    ]
    together = judged(one, paper(3, "a.example"), paper(4, "b.example"), match=match)
    assert [alert.article for alert in together.alerts] == ["a3"]


def test_a_copy_of_the_first_one_folds_into_its_alert() -> None:
    one = replace(rule(), trend=FirstSeen(timedelta(days=30)))
    match = Match(ARMS, (), unseen_for=timedelta(days=30))
    founder = copy(1, "one.example")
    first = judged(one, founder, match=match).alerts[0]
    seen = {ARMS: (founder.id,)}
    judgement = judged(
        one, copy(2, "two.example"), match=match, past=(past(first, member(founder)),), matched_lately=seen
    )
    assert [verdict.outcome for verdict in judgement.verdicts] == [Outcome.FOLDED]


def test_a_revision_of_the_first_one_is_not_called_seen_before() -> None:
    one = replace(rule(), trend=FirstSeen(timedelta(days=30)))
    match = Match(ARMS, (), unseen_for=timedelta(days=30))
    judgement = judged(one, paper(1, "one.example"), match=match, matched_lately={ARMS: (ArticleId("a1"),)})
    assert len(judgement.alerts) == 1
