"""How a feed is, in words: what was seen, and the one thing to do about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from watcher.core.feeds.condition import Condition, FeedHealth
from watcher.core.feeds.gave import Gave
from watcher.core.model.outcome import FeedState, FetchProblemKind
from watcher.core.model.policy import FeedForm, FeedSpec

_ToDo = Callable[[FeedSpec, FeedHealth], str]


def feed_seen(
    spec: FeedSpec, state: FeedState | None, health: FeedHealth, now: datetime, notes: Sequence[str] = ()
) -> str:
    """Return what was seen of a feed, in a sentence or two; "" where nothing is wrong."""
    if health.problem is not None:
        return health.problem.message
    if state is None:
        return ""
    match health.condition:
        case Condition.TOO_QUIET:
            last = state.last_item_at or now
            usual = f" It usually has something new every {in_words(state.usual_gap)}." if state.usual_gap else ""
            return f"It answers, but has nothing new since {last:%d %b %H:%M} UTC ({in_words(now - last)}).{usual}"
        case Condition.MOVED:
            return f"It sends us to {state.moved_to} for good (301 or 308), {state.moved_polls} times the same."
        case Condition.UNSTABLE:
            return " ".join(f"{note.rstrip('.')}." for note in notes)
        case Condition.SLOW:
            return f"It takes {state.took.total_seconds():.1f} s to answer." if state.took else ""
        case Condition.FINE if state.url != spec.url:
            return f"It moved for good and is asked at {state.url}."
        case _:
            return ""


def feed_to_do(spec: FeedSpec, state: FeedState | None, health: FeedHealth) -> str:
    """Return the one thing to do about a feed, "" where nothing needs to be done."""
    if health.condition is Condition.FINE and state is not None and state.url != spec.url:
        return f"Write that address at {spec.place}: watcher feeds fix {spec.name}; its history stays."
    make = _TO_DO.get(health.condition)
    return make(spec, health) if make is not None else ""


def feed_cost(gave: Gave | None, matches: int) -> str:
    """Return what a feed gave of the `matches` of the last 30 days, in a sentence; "" where there was none at all."""
    if not matches:
        return ""
    if gave is None:
        return f"It gave none of your {matches} matches in 30 days."
    match gave.alone:
        case 0:
            others = "others cover them all"
        case gave.count:
            others = "no other feed had them" if gave.count > 1 else "no other feed had it"
        case _:
            others = f"others cover all but {gave.alone}"
    return f"It gave {gave.count} of your {matches} matches in 30 days; {others}."


def in_words(length: timedelta | None) -> str:
    """Return a length of time as people say it: 45 s, 10 min, 3 h, 2 days."""
    seconds = max(0.0, length.total_seconds()) if length is not None else 0.0
    for unit, size in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size or (seconds >= size and unit != "days"):
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"


def _of_refusal(spec: FeedSpec, health: FeedHealth) -> str:
    problem = health.problem
    if problem is None:
        return ""
    match problem.kind:
        case FetchProblemKind.THROTTLED:
            return "Nothing, it is asked less often now; if it stays so, give the feed a longer `every`."
        case FetchProblemKind.BOT_WALL:
            return "Ask the publisher to let programs read it, or look for another address of the feed."
        case FetchProblemKind.BLOCKED_ADDRESS:
            return "If the address is yours, allow it: `allow_private` at the feed."
    if problem.status in (401, 407):
        return "Give the feed the user and password that it asks for: `auth` at the feed."
    return "Set `network.contact`, so that they know who asks, or ask them; some want another `user_agent` at the feed."


def _of_no_feed(spec: FeedSpec, health: FeedHealth) -> str:
    match spec.form:
        case FeedForm.PAGE:
            return f"Look at the page, and correct `links` at {spec.place}."
        case FeedForm.TELEGRAM:
            return f"Look at {spec.url} in a browser: does it show posts? If not, remove it: watcher feeds remove {spec.name}"
        case FeedForm.FEED:
            return f"Look for the feed: watcher feeds add {spec.url}"


def _of_malformed(spec: FeedSpec, health: FeedHealth) -> str:
    if health.problem is not None and health.problem.kind is FetchProblemKind.SAME_LINKS:
        return f"Look at the page, and correct `links` at {spec.place}."
    return "What could be read was read; if that is nothing, look at its address in a browser; tell the publisher."


def _of_unreachable(spec: FeedSpec, health: FeedHealth) -> str:
    problem = health.problem
    if problem is not None and problem.kind is FetchProblemKind.DNS:
        return "Check the address: is the host spelt right, does its site still exist?"
    if problem is not None and problem.status == 404:
        return f"Give the page of its site to `watcher feeds add`, which finds feeds; then watcher feeds remove {spec.name}"
    if problem is not None and problem.kind is FetchProblemKind.FILE:
        return "Put the file there, or correct its path."
    return "Nothing at first, it is asked again; if it lasts, look whether its site works."


_TO_DO: Mapping[Condition, _ToDo] = {
    Condition.GONE: lambda spec, _: (
        f"Pause or remove it (watcher feeds fix {spec.name}), or look for its new address and add that."
    ),
    Condition.REFUSED: _of_refusal,
    Condition.NOT_A_FEED: _of_no_feed,
    Condition.EMPTY: lambda *_: "Nothing, if the feed is empty at times; else look whether it has a new address.",
    Condition.UNREACHABLE: _of_unreachable,
    Condition.QUARANTINED: lambda spec, _: (
        f"It is asked rarely. If it lasts, remove it (watcher feeds remove {spec.name}) and report its document."
    ),
    Condition.OVERFLOWING: lambda *_: "Items may have been missed. Give the feed a shorter `every`.",
    Condition.TOO_QUIET: lambda *_: (
        "Look at its site: are there newer items, its feed is stuck. If such silence is usual, set `silent_after`."
    ),
    Condition.MOVED: lambda *_: "Nothing: after three equal answers over a day it is asked at the new address.",
    Condition.FALSE_304: lambda *_: "Nothing, it is asked for the whole document; tell the publisher.",
    Condition.MALFORMED: _of_malformed,
    Condition.UNSTABLE: lambda *_: (
        "Nothing, that part does not count here; watcher stories suppressed lists what it kept back."
    ),
    Condition.SLOW: lambda *_: "Nothing, it holds up no other feed.",
    Condition.OUR_MISTAKE: lambda *_: "Please report it, with what the log says; it is tried again.",
}
