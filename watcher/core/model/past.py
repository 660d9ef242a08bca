"""Looking back: what a new or wider rule, or somebody by hand, asks of articles that came before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from watcher.core.model.ids import ChannelName, RuleId
from watcher.core.model.match import ReadArticle
from watcher.core.model.record import Committed


@dataclass(frozen=True, slots=True)
class LookBack:
    """Stored articles that were matched again for some rules, each with how far back it looks.

    `noted` is what all rules ask by now, by `asks_of`, to be kept with it; None = it is left as it stands.
    `is_by_hand`: somebody asked for it, so that there are never too many stories, and what was passed over is told.
    """

    since: Mapping[RuleId, datetime] = field(default_factory=dict)
    reads: tuple[ReadArticle, ...] = ()
    noted: Mapping[RuleId, str] | None = None
    is_by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Gained:
    """What a rule found behind it: `stories` that its targets were not told, of which each of `targets` gains so many.

    `told` False: there are too many, and only the critical ones make alerts. `command` tells the rest.
    """

    rule: RuleId
    stories: int
    targets: Mapping[ChannelName, int]
    told: bool = True
    command: str = ""


@dataclass(frozen=True, slots=True)
class LookedBack:
    """What a look back found and wrote; rules that found nothing are left out.

    `left` are the articles that a rule matches and that were too many to be judged: so many, all older than the others.
    """

    gained: tuple[Gained, ...] = ()
    committed: Committed = Committed()
    left: Mapping[RuleId, int] = field(default_factory=dict)
