"""Following: what a text of a story that was told before is to one rule and target, and when it is told.

    | told before?  | the text                                                  | step      | where it rings    |
    |---------------|-----------------------------------------------------------|-----------|-------------------|
    | no            | any                                                       | first     | at once           |
    | over 24 h ago | any                                                       | first     | at once           |
    | yes           | another ordinal, another type                             | first     | at once           |
    | yes           | an earlier headline word by word, another place or person | first     | at once           |
    | yes           | a title that its own source gave before                   | first     | at once           |
    | yes           | the headline of the story, hours later                    | first     | at once           |
    | yes           | denial, correction, withdrawal, first death               | update    | at once           |
    | yes           | the same, its claim still held by a limit                 | update    | in 30 min, with it|
    | yes           | a higher or corrected figure, another turn                | update    | in 30 min         |
    | yes           | another score or date in the words of a headline          | update    | in 30 min         |
    | yes           | its own item with other names, or a negation              | update    | in 30 min         |
    | yes           | its own item with other facts in its lead                 | update    | in 30 min         |
    | yes           | more of the same                                          | follow-up | in 30 min to 24 h |

Where nothing rings all is told at once. "in 30 min" = gathered for so long; more of the same, up to 24 h
after the head.

What rings is dear: a phone, a mail box, a chat. Console, files and signed webhooks do not ring; nothing is gathered
for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from watcher.core.model.claim import Change, Claims
from watcher.core.model.rule import Severity
from watcher.core.model.story import Story
from watcher.core.stories.claims import changes, is_another_event, is_said_before, is_same_sentence_of_another

HEAD_LASTS: Final = timedelta(hours=24)
"""After so long a story begins a new head."""
SAID_AGAIN: Final = timedelta(hours=6)
"""A headline that comes again so long after its story's last text is the next event: no copy of it comes so late."""
SLOTS: Final = tuple(timedelta(minutes=minutes) for minutes in (30, 60, 120, 240, 480))
"""When after the head follow-ups are told together, where enough came."""
UPDATE_GATHERS: Final = timedelta(minutes=30)
MORE_SOURCES: Final = 3


class Step(StrEnum):
    """What a text is to a target."""

    FIRST = "first"
    UPDATE = "update"
    FOLLOW_UP = "follow_up"


@dataclass(frozen=True, slots=True)
class Heard:
    """What a target heard of a story under one rule: when it began, when last, and how much it mattered at most."""

    head_at: datetime
    last_at: datetime
    severity: Severity


@dataclass(frozen=True, slots=True)
class Following:
    """The step that a text takes, with what it changes."""

    step: Step
    changes: tuple[Change, ...] = ()

    @property
    def is_urgent(self) -> bool:
        """Whether it cannot wait to be gathered."""
        return any(change.at_once for change in self.changes)

    @property
    def fingerprint(self) -> str:
        """What makes the facts the same facts, in whatever text they come."""
        return "; ".join(f"{change.text} {' '.join(change.by)}" for change in self.changes)

    @property
    def text(self) -> str:
        """What it changes, in words."""
        return ", ".join(change.text for change in self.changes)


def follow(
    heard: Heard | None,
    headline: str,
    new: Claims,
    story: Story | None,
    now: datetime,
    *,
    here: Sequence[Claims] = (),
    is_again: bool = False,
    is_own: bool = False,
    raised: Change | None = None,
) -> Following:
    """Return what a text with its headline is to a target; `story` as it was before the text joined it, None when it
    is not known.

    `here` are the claims of the texts that this target heard; () = those of the story. What cannot wait is new where
    it was not heard: another rule may have told the denial elsewhere, a silence may have held it, its message may
    have died.

    `is_again` = its own source gave that title before, numbers and calendar words aside. What reaches this is no
    copy, so it is an alarm that comes again, or a part of a series ("Air raid alert: Kyiv region", eight hours
    later). `raised` = the figure of another kind (a magnitude, a tariff, a score) that is higher than this target
    heard in the same words. `is_own` = a later text of an item that was told: it joins that alert however old it is,
    so what it changes is looked for however old that is.
    """
    if heard is None:
        return Following(Step.FIRST)
    # A head that lies ahead was made under a wrong clock; waiting for its slots could take a year.
    if not is_own and (story is None or _is_over(heard, now)):
        return Following(Step.FIRST)
    told = tuple(story.claims.values()) if story is not None else tuple(here)
    if is_another_event(new, told):
        return Following(Step.FIRST)
    if found := changes(new, told) or _at_once(changes(new, here)):
        return Following(Step.UPDATE, found)
    if not is_own and story is not None and (is_again or _is_other(headline, story, now)):
        return Following(Step.FIRST)
    return Following(Step.UPDATE, (raised,)) if raised else Following(Step.FOLLOW_UP)


def _at_once(found: Sequence[Change]) -> tuple[Change, ...]:
    return tuple(change for change in found if change.at_once)


def _is_over(heard: Heard, now: datetime) -> bool:
    return abs(now - heard.head_at) > HEAD_LASTS


def _is_other(headline: str, story: Story, now: datetime) -> bool:
    """Return whether a headline tells another event than a story of like words: the next one, or one elsewhere."""
    is_late = abs(now - story.last_at) > SAID_AGAIN and is_said_before(headline, story.headlines)
    return is_late or is_same_sentence_of_another(headline, story.headlines)


def told_at(heard: Heard, story: Story, officials: frozenset[str], now: datetime) -> datetime:
    """Return when follow-ups of a story are told: at the next slot where enough came since it was last told, else 24
    h after the head.

    Enough are three more independent sources, another language, or an official voice (`officials` names those
    publishers).
    """
    last = heard.head_at + HEAD_LASTS
    if not _is_enough(heard, story, officials):
        return max(last, now)
    return min((heard.head_at + slot for slot in SLOTS if heard.head_at + slot > now), default=max(last, now))


def _is_enough(heard: Heard, story: Story, officials: frozenset[str]) -> bool:
    more = {name for name, at in story.independent.items() if at > heard.last_at}
    languages = {lang for lang, at in story.heard_in.items() if at > heard.last_at and lang}
    voices = {name for name, at in story.outlets.items() if at > heard.last_at} & officials
    return len(more) >= MORE_SOURCES or bool(languages) or bool(voices)
