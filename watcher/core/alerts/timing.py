"""When a message may ring its channel: quiet hours, digests and limits, looked at as one.

| held by     | what passes                                                    | goes                       |
|-------------|----------------------------------------------------------------|----------------------------|
| quiet hours | critical, or what `pass` names; of an UPDATE: its story        | at the end of the window   |
| a digest    | above `holds`; denials, corrections, withdrawals, first deaths | at the next of its times  |
| a limit     | see core/alerts/limits.py                                      | at the end of its time     |

A digest whose time lies in quiet hours, or came while its channel was broken, goes as soon as the channel may ring.
What holds is decided for each alert, from the routes that it fits and from its channel; the latest release wins. A
message of several alerts goes with the first of them that is free. All that goes to a channel at one time is one
message, and takes along what a limit still holds. Nothing is stored but "held": schedules that are changed hold from
the next look on, and what no schedule holds any more goes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from watcher.core.alerts.limits import Budget
from watcher.core.alerts.schedule import end_of, next_slot
from watcher.core.model.alert import AlertKind, NewAlert, Rung
from watcher.core.model.article import Article
from watcher.core.model.ids import AlertId, ChannelName, MessageId, RuleId
from watcher.core.model.message import HoldReason, MessageKind, MessageState
from watcher.core.model.policy import Policy
from watcher.core.model.rule import Severity
from watcher.core.model.timing import Digest, Quiet, Route, Then, Timing

LOOK: Final = timedelta(minutes=1)
"""How often all that waits is looked at."""

BY_TIME: Final = (HoldReason.QUIET, HoldReason.DIGEST, HoldReason.LIMIT)
"""The reasons that end by themselves."""


@dataclass(frozen=True, slots=True)
class About:
    """What routes and schedules look at in an alert; `is_urgent` is a denial, a correction or another UPDATE that is
    told at once.
    """

    rule: RuleId
    severity: Severity
    feed: str = ""
    tags: tuple[str, ...] = ()
    is_urgent: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a message does not go now; `drops`: it never will, as the configuration asks."""

    reason: HoldReason
    said: str
    drops: bool = False

    @property
    def state(self) -> MessageState:
        """The state of a new message that is held so."""
        return MessageState.DROPPED if self.drops else MessageState.HELD


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that waits for its time."""

    id: MessageId
    target: ChannelName
    reason: HoldReason
    made_at: datetime
    about: tuple[About, ...]


@dataclass(frozen=True, slots=True)
class Gathered:
    """A message that waits until `tell_at` for more of its story: updates or follow-ups. `heads` are the messages of
    its target that began one of its stories and wait too: it goes with them or after them.
    """

    id: MessageId
    target: ChannelName
    tell_at: datetime
    made_at: datetime
    about: tuple[About, ...]
    heads: frozenset[MessageId] = frozenset()


@dataclass(frozen=True, slots=True)
class Due:
    """What goes to a channel now: messages that become one, and those that go each on its own."""

    target: ChannelName
    merged: tuple[MessageId, ...]
    alone: tuple[MessageId, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at all that waits says: what goes, what is held for another reason than before, and what was
    gathered of stories that a limit still holds (`behind`): it is held too, and goes with them.
    """

    due: tuple[Due, ...] = ()
    renamed: tuple[tuple[MessageId, HoldReason], ...] = ()
    behind: tuple[MessageId, ...] = ()


def about_article(article: Article, rule: RuleId, severity: Severity, *, is_urgent: bool = False) -> About:
    """Return what routes and schedules look at in an alert on an article."""
    return About(rule, severity, article.feed_name, article.tags, is_urgent)


def is_told_at_once(is_urgent: bool, kind: AlertKind, message: MessageKind) -> bool:
    """Return whether a stored alert is told at once. Of one that was stored before that was written down: an UPDATE
    that waits for others stands in a summary.
    """
    return is_urgent or (kind is AlertKind.UPDATE and message is MessageKind.ALERT)


def fits(route: Route, about: About) -> bool:
    """Return whether a route takes an alert: all that it names must fit, of each one word is enough."""
    tags = {tag.casefold() for tag in about.tags}
    return (
        (route.severities is None or about.severity in route.severities)
        and (route.rules is None or about.rule in route.rules)
        and (route.feeds is None or about.feed in route.feeds)
        and (route.tags is None or not tags.isdisjoint(route.tags))
    )


def timings(policy: Policy, target: ChannelName, about: About) -> tuple[Timing, ...]:
    """Return what says when an alert may ring a channel: the channel itself, and the routes to it that fit."""
    own = policy.timings.get(target)
    routes = [route.timing for route in policy.routes if target in route.send_to and fits(route, about)]
    return (*((own,) if own is not None else ()), *routes)


def hold_of(
    policy: Policy,
    target: ChannelName,
    about: Sequence[About],
    now: datetime,
    made_at: datetime | None = None,
) -> Hold | None:
    """Return which schedule holds a message with alerts about these, or None when one of them may go.

    `made_at` is when it began to wait, None = now.
    """
    found: list[Hold] = []
    for one in about:
        hold = _hold_of_one(timings(policy, target, one), one, now, made_at or now)
        if hold is None:
            return None
        found.append(hold)
    kept = [hold for hold in found if not hold.drops]
    return next(iter(kept or found), None)


def _hold_of_one(timed: Sequence[Timing], about: About, now: datetime, made_at: datetime) -> Hold | None:
    quiets = [one.quiet for one in timed if one.quiet is not None and _is_quiet(one.quiet, about, now)]
    if quiets:
        drops = not about.is_urgent and all(quiet.then is Then.DROP for quiet in quiets)
        return Hold(HoldReason.QUIET, f"quiet hours `{quiets[0].during.name}`", drops)
    ahead = sorted(slot for slot in _slots(timed, about, made_at) if slot[0] > now)
    return Hold(HoldReason.DIGEST, f"digest `{ahead[-1][1]}`") if ahead else None


def _slots(timed: Sequence[Timing], about: About, made_at: datetime) -> Iterator[tuple[datetime, str]]:
    """Yield when each digest that takes an alert goes next after it was made, and its name; one that never comes
    holds nothing.
    """
    for digest in (one.digest for one in timed):
        slot = next_slot(digest.at, made_at) if digest is not None and _is_for(digest, about) else None
        if digest is not None and slot is not None:
            yield slot.at, digest.at.name


def _is_quiet(quiet: Quiet, about: About, now: datetime) -> bool:
    passes = quiet.passes is not None and about.severity >= quiet.passes
    return not passes and end_of(quiet.during, now) is not None


def _is_for(digest: Digest, about: About) -> bool:
    return about.severity <= digest.holds and not about.is_urgent


class Door:
    """Says of new messages, one after the other, whether they go now."""

    def __init__(self, policy: Policy, rung: Sequence[Rung], now: datetime, about: Mapping[AlertId, About]) -> None:
        self._policy = policy
        self._budget = Budget(policy, rung, now)
        self._about = about
        self._now = now

    def waits(self, target: ChannelName, alerts: Sequence[NewAlert]) -> Hold | None:
        """Return which quiet hours or digest hold alerts, or drop them."""
        listed = [self._about.get(one.id, About(one.rule, one.severity)) for one in alerts]
        return hold_of(self._policy, target, listed, self._now)

    def holds_back(self, target: ChannelName, alerts: Sequence[NewAlert]) -> Hold | None:
        """Return whether a limit holds a message, or drops it; one that goes, and counts, is counted."""
        if self._budget.takes(target, alerts):
            return None
        drops = self._budget.drops(target, frozenset(one.rule for one in alerts))
        return Hold(HoldReason.LIMIT, "the limit", drops)


def look(
    policy: Policy,
    waiting: Sequence[Waiting],
    rung: Sequence[Rung],
    now: datetime,
    broken: AbstractSet[ChannelName] = frozenset(),
    gathered: Sequence[Gathered] = (),
) -> Look:
    """Return what goes now of all that waits for its time.

    What is gathered of stories goes with the first message that rings the same channel anyway, unless that has
    threads. What would go to a channel that is `broken` waits behind its breaker from now on, and probes it.
    """
    gone: list[Due] = []
    renamed: list[tuple[MessageId, HoldReason]] = []
    behind: list[MessageId] = []
    budget = Budget(policy, rung, now)
    targets = {one.target for one in waiting} | {one.target for one in gathered}
    by_target: dict[ChannelName, list[Waiting]] = {target: [] for target in targets}
    for one in waiting:
        by_target[one.target].append(one)
    for target, mine in sorted(by_target.items()):
        free: list[Waiting] = []
        for one in mine:
            hold = hold_of(policy, target, one.about, now, one.made_at)
            if hold is None:
                free.append(one)
            elif hold.reason is not one.reason:
                renamed.append((one.id, hold.reason))
        together = _together(policy, target, free, budget)
        if target not in broken:
            together = _with_gathered(policy, target, together, gathered, now)
            behind += _behind(target, mine, together, gathered, now)
        if target in broken:
            renamed += [(id_, HoldReason.BREAKER) for one in together for id_ in (*one.merged, *one.alone)]
        else:
            gone += together
    return Look(tuple(gone), tuple(renamed), tuple(behind))


def _together(policy: Policy, target: ChannelName, free: Sequence[Waiting], budget: Budget) -> list[Due]:
    alone = [one.id for one in free if _goes_alone(policy, target, one)]
    merged = [one for one in free if one.id not in alone]
    if all(one.reason is HoldReason.LIMIT and not _has_room(one, budget) for one in merged):
        merged = []
    due = Due(target, tuple(one.id for one in merged), tuple(alone))
    return [due] if merged or alone else []


def _with_gathered(
    policy: Policy, target: ChannelName, going: list[Due], gathered: Sequence[Gathered], now: datetime
) -> list[Due]:
    """Return what goes to a channel with all that is gathered for it; without it where nothing of this rings now."""
    if target in policy.threaded:
        return going
    merged = [id_ for due in going for id_ in due.merged]
    along = [one for one in gathered if _rides(policy, target, one, merged, now)]
    is_due = any(one.tell_at <= now + LOOK for one in along)
    if not along or not (merged or is_due) or len(merged) + len(along) < 2:
        return going
    return [Due(target, (*merged, *(one.id for one in along)), tuple(id_ for due in going for id_ in due.alone))]


def _behind(
    target: ChannelName, waiting: Sequence[Waiting], going: Sequence[Due], gathered: Sequence[Gathered], now: datetime
) -> list[MessageId]:
    """Return what is gathered and would go now, of stories of which a limit holds the beginning: nothing on a story is
    told before that.
    """
    gone = {id_ for due in going for id_ in (*due.merged, *due.alone)}
    held = {one.id for one in waiting if one.reason is HoldReason.LIMIT} - gone
    return [
        one.id
        for one in gathered
        if one.target == target
        and one.id not in gone
        and one.tell_at <= now + LOOK
        and not one.heads.isdisjoint(held)
        and all(about.severity is not Severity.CRITICAL for about in one.about)
    ]


def _rides(policy: Policy, target: ChannelName, one: Gathered, merged: Sequence[MessageId], now: datetime) -> bool:
    """Return whether more on stories goes to a channel with what is merged there, and not before what began them."""
    return (
        one.target == target and one.heads <= set(merged) and not hold_of(policy, target, one.about, now, one.made_at)
    )


def _has_room(one: Waiting, budget: Budget) -> bool:
    return budget.has_room(one.target, frozenset(about.rule for about in one.about))


def _goes_alone(policy: Policy, target: ChannelName, one: Waiting) -> bool:
    if one.reason is not HoldReason.QUIET:
        return False
    quiets = [timing.quiet for about in one.about for timing in timings(policy, target, about) if timing.quiet]
    return bool(quiets) and all(quiet.then is Then.SEND for quiet in quiets)
