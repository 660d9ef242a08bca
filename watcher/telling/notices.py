"""What is told of the daemon itself: title and text of each notice, one function a fact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from shlex import quote
from typing import Final, NamedTuple

from watcher.core.model.ids import ChannelName, MessageId, RuleId
from watcher.core.model.message import AttemptClass


class Notice(NamedTuple):
    """One line, and the sentences below it."""

    title: str
    text: str


def quarantined(feed: str, reason: str) -> Notice:
    """Return what is told of a feed that stops its readers."""
    why = f"Reading it stopped its worker three times, so it is now polled alone and rarely. {reason}"
    return Notice(f"Feed {feed} is in quarantine", why)


def quarantined_after_crashes(feed: str, reason: str) -> Notice:
    """Return what is told of a feed that was being polled at several unclean ends of the program."""
    return Notice(f"Feed {feed} is in quarantine", f"It is now polled alone and rarely: {reason}.")


def out_of_quarantine(feed: str, reason: str) -> Notice:
    """Return what is told of a feed of which a poll came to its end; `reason` is its problem now, if it has one."""
    text = f"A poll of it came to its end; it is polled as usual again. {reason}".rstrip()
    return Notice(f"Feed {feed} is out of quarantine", text)


def paused(feed: str, reason: str) -> Notice:
    """Return what is told of a feed that is gone for good."""
    mend = f"Its server says that it is gone for good. Remove the feed or correct its address. {reason}"
    return Notice(f"Feed {feed} is paused", mend)


def unreadable(name: str) -> Notice:
    """Return what is told of a stored row that cannot be read; `name` begins with its kind ("article a2345...")."""
    rest = "It was set aside and everything else goes on; `watcher db check` looks for damage of the file."
    return Notice(f"The database holds a {name.split()[0]} that cannot be read", f"It is {name}. {rest}")


def suspected(message: MessageId, target: ChannelName) -> Notice:
    """Return what is told of a message that was being sent when the program ended, twice."""
    return Notice(
        f"A message for {target} may end the program",
        "The program ended twice while it was sent and nothing else was suspected. It is held and tried once an hour, "
        f"the others go on. See it with: watcher deliveries show {message}; send it now with: watcher deliveries retry "
        f"{message}",
    )


def revision_unread(number: int) -> Notice:
    """Return what is told where another daemon's configuration cannot be read."""
    return Notice(
        "Two daemons work with different rules",
        f"Revision {number}, which another daemon on the database put in force, cannot be read here, so this one goes on "
        "with its last one and what it reads is not taken. Give both the same version of watcher, or edit the files.",
    )


def rules_held_back(held: Mapping[RuleId, int], why: Sequence[str]) -> Notice:
    """Return what is told of rules whose change is not taken since an example of theirs is not met."""
    title = f"{len(held)} {'rule is' if len(held) == 1 else 'rules are'} held back by an example"
    goes_on = [
        f"- {rule}: {f'it goes on as in revision {number}' if number else 'it is new and not in force'}"
        for rule, number in sorted(held.items())[:_MOST_LOST]
    ]
    more = [f"and {len(held) - _MOST_LOST} more"] if len(held) > _MOST_LOST else []
    reasons = [f"- {line}" for line in why[:_MOST_LOST]]
    mend = "All other changes are in force. `watcher test` shows what differs; `failing_tests: warn` at a rule takes it as it is."
    return Notice(title, "\n".join((*goes_on, *more, "What does not hold:", *reasons, mend)))


RULES_NO_LONGER_HELD: Final = Notice(
    "No rule is held back any more", "All rules meet their examples, or are taken as they are."
)


def canary_lost(lost: Sequence[tuple[RuleId, str]]) -> Notice:
    """Return what is told of rules whose daily trial did not come through, each with where it was lost."""
    some = [f"- {rule}: {why}" for rule, why in lost[:_MOST_LOST]]
    more = [f"and {len(lost) - _MOST_LOST} more"] if len(lost) > _MOST_LOST else []
    head = "Once a day an article made of a rule's own words goes from match to message. It did not come through:"
    mend = "Alerts of these rules may be missing. `watcher doctor` looks for the cause; a restart may help meanwhile."
    title = f"{len(lost)} {'rule does' if len(lost) == 1 else 'rules do'} not come through"
    return Notice(title, "\n".join((head, *some, *more, mend)))


CANARY_BACK: Final = Notice("All rules come through again", "The daily trial of each rule came from match to message.")
_MOST_LOST: Final = 20


def canary_back(lost: Sequence[tuple[RuleId, str]], untried: int) -> Notice:
    """Return what is told when rules come through again, with those that are lost still and those not tried yet."""
    if not lost and not untried:
        return CANARY_BACK
    some = [f"- {rule}: {why}" for rule, why in lost[:_MOST_LOST]]
    head = ["The daily trial of some rules came from match to message again."]
    head += [f"{len(lost)} still do not come through:", *some] if lost else []
    head += [f"{untried} are not tried yet since the start."] if untried else []
    return Notice("Some rules come through again", "\n".join(head))


def given_up(message: MessageId, target: ChannelName, answer: str) -> Notice:
    """Return what is told of a message that is tried no more."""
    why = f"The last answer: {answer or 'none'}."
    mend = f"See it with: watcher deliveries show {message}; send it again with: watcher deliveries retry {message}"
    return Notice(f"A message for {target} was given up", f"{why} {mend}")


def breaker_opened(
    target: ChannelName, result: AttemptClass, answer: str, probe_at: datetime | None, now: datetime
) -> Notice:
    """Return what is told of a channel that takes no messages; it is tried again at `probe_at`."""
    return Notice(
        f"Channel {target} {_HOW_BROKEN[result]}",
        f"Its answer: {answer}. Messages for it are held and it is tried {_how_often(probe_at or now, now)}; "
        "once it takes one they go out as one summary.",
    )


def breaker_closed(target: ChannelName, since: datetime | None) -> Notice:
    """Return what is told of a channel that takes messages again."""
    text = f"It took none since {since:%Y-%m-%d %H:%M} UTC. What was held for it goes out now."
    return Notice(f"Channel {target} takes messages again", text)


def recipient_lost(target: ChannelName, recipient: str, answer: str) -> Notice:
    """Return what is told of one recipient of a channel who was given up."""
    return Notice(
        f"{target}: {recipient} does not get its messages",
        f"The others have them. The last answer: {answer}. What {recipient} did not get is listed by: watcher "
        f"deliveries list --state dead --channel {target}; watcher deliveries retry sends one to {recipient} alone.",
    )


def muted_here(said: str, by: str, name: str) -> Notice:
    """Return what a channel is told of something that one of its readers muted on it; `said` is what was done, `name`
    the name of the silence.
    """
    return Notice(
        said[0].upper() + said[1:],
        f"That was asked for by {by}. At its end you are told what it held. To end it now: the page, under Changes by "
        f"hand, or watcher mute --end {quote(name)}",
    )


def recipient_paused(target: ChannelName, recipient: str, by: str, *, is_last: bool) -> Notice:
    """Return what is told of one recipient who asked for no more messages."""
    alone = (
        f"Nobody is left: {target} is off, and what is for it is held and told to the default channels, or on the "
        "console. "
        if is_last
        else "The others get theirs. "
    )
    return Notice(
        f"{target}: {recipient} gets no more messages",
        f"That was asked for by {by}. {alone}To send there again: the page, under Changes by hand, or watcher notify "
        f"resume {target} {recipient}",
    )


def recipient_found(target: ChannelName, recipient: str) -> Notice:
    """Return what is told of one recipient who took a message again."""
    return Notice(
        f"{target}: {recipient} gets its messages again",
        f"{recipient} took one just now. What {recipient} did not get before stays listed by: watcher deliveries list "
        f"--state dead --channel {target}; watcher deliveries retry sends one to {recipient} alone.",
    )


def configuration_refused(revision: int, problems: str) -> Notice:
    """Return what is told of files with mistakes; `problems` is their rendered list."""
    return Notice("The configuration was refused", f"Revision {revision} goes on. Mistakes:\n{problems}")


def new_database(place: str) -> Notice:
    """Return what is told of a start without a database."""
    return Notice(
        "A new database begins",
        f"There was none at {place}. What the feeds list now counts as seen, so that only later news is told. "
        "If this is no first start, stop the daemon and put the database back, or name its place with --database.",
    )


def clock_doubted(why: str) -> Notice:
    """Return what is told of a clock that cannot be believed."""
    return Notice(
        "The clock of this machine is doubted",
        f"It cannot be believed: {why}. Alerts go on; nothing is too old, deleted or given up meanwhile. "
        "Set the time of the machine, best by a time server (NTP); an hour after all agree it is believed again.",
    )


def clock_believed(minutes: int) -> Notice:
    """Return what is told of a clock that was doubted for so long."""
    text = f"It was doubted for {minutes} min. Ages and retention count again."
    return Notice("The clock of this machine is believed again", text)


def lasted(text: str, since: datetime, until: datetime) -> str:
    """Return the text of a trouble's end with its span."""
    return f"{text} It lasted from {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC."


SHORTAGE: Final = Notice(
    "No file descriptors left",
    "The system gives this program no more of them, so that fewer feeds are fetched at once; no feed is blamed. "
    "Raise the limit (ulimit -n, LimitNOFILE), or look for a program that uses them up.",
)
SHORTAGE_OVER: Final = Notice("File descriptors suffice again", "Feeds are polled as far as the limit allows.")

DISK_FULL: Final = Notice(
    "The disk of the database is full or fails",
    "Polling is paused, since nothing that comes could be kept; what waits is sent as far as that can be noted. "
    "Work goes on by itself once there is room.",
)
DISK_HAS_ROOM: Final = Notice("The disk of the database has room again", "Polling goes on; nothing was lost.")
DATABASE_DAMAGED: Final = Notice(
    "The database is damaged",
    "Some of what is stored cannot be read, so alerts may be late or missing until it is mended; "
    "`watcher db check` says where.",
)
DATABASE_GONE: Final = Notice(
    "The database file is gone",
    "The daemon goes on with the file that it still holds open, which is lost when the daemon stops: a start would "
    "begin an empty database, without what waits. Put the file back in its place, or stop the daemon and restore a "
    "backup.",
)
DATABASE_BACK: Final = Notice("The database file is back", "The file that the daemon works on lies in its place again.")


def with_reason(notice: Notice, reason: str) -> Notice:
    """Return a notice with one more sentence, which need not begin with a capital or end with a full stop."""
    return Notice(notice.title, f"{notice.text} {reason[:1].upper()}{reason[1:]}.")


_HOW_BROKEN: Final[Mapping[AttemptClass, str]] = {
    AttemptClass.PERMANENT: "refuses our messages",
    AttemptClass.THROTTLE: "takes no more messages for now",
    AttemptClass.RETRY: "takes no messages",
    AttemptClass.UNKNOWN: "does not answer",
}


def _how_often(probe_at: datetime, now: datetime) -> str:
    minutes = max(1, round((probe_at - now).total_seconds() / 60))
    return "once an hour" if minutes == 60 else f"again in {minutes} min"
