"""Rules, concepts and the tree of conditions that a rule's body is."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import IntEnum, StrEnum
from typing import TypeAlias

from watcher.core.model.article import Field
from watcher.core.model.ids import ChannelName, RuleId
from watcher.core.model.place import NOWHERE, Place


class FollowUps(StrEnum):
    """What a rule wants of further articles on a story that was told: in the story's thread, gathered, or not
    at all.
    """

    THREAD = "thread"
    GATHER = "gather"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Limit:
    """How often a channel rings: the message after `stories` of them within `per` waits, and goes with others
    as one; or is dropped.
    """

    stories: int = 3
    per: timedelta = timedelta(minutes=30)
    drops: bool = False


class Severity(IntEnum):
    """How much an alert matters; ordered."""

    LOW = 1
    NORMAL = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        """The word that users read and write, in lower case."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Limits:
    """`where` of a rule for one key: the values that pass; `negated` = all others pass."""

    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Languages:
    """The languages of the articles in which a term counts: `own`, and where `others` are given all but these."""

    own: tuple[str, ...]
    others: tuple[str, ...] | None = None

    def allow(self, codes: Collection[str]) -> bool:
        """Say whether the term counts in an article that may be in these languages; none = it is not known.

        >>> Languages(("pl",), ("en", "de")).allow({"nl"})
        True
        """
        if not codes or any(code in self.own for code in codes):
            return True
        return self.others is not None and not any(code in self.others for code in codes)


@dataclass(frozen=True, slots=True)
class Term:
    """One term as written: a word or phrase, with how to compare it.

    `text` holds no scope and no `=`; wildcards stay in it (`missile*`, `*ase`). `case` compares letters as written;
    `exact` makes diacritics count; `regex` is an RE2 pattern; `stem` is "" (off), "auto" or a language; `field`
    limits the term to one field, None = title, summary and content. `lead` limits it to the lead paragraph. `langs`
    are the languages of the articles in which it counts, None = all; one of unknown language always passes. `weak`
    names the weak word of a concept that this is a form of, "" = it counts alone: see Concept.
    """

    text: str
    case: bool = False
    exact: bool = False
    regex: bool = False
    stem: str = ""
    field: Field | None = None
    lead: bool = False
    langs: Languages | None = None
    weak: str = ""
    place: Place = dataclasses.field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ConceptRef:
    """A named concept used as one group: `$north-korea`; `field` and `lead` limit all its terms as those of a Term
    do.
    """

    name: str
    place: Place = dataclasses.field(default=NOWHERE, compare=False)
    field: Field | None = None
    lead: bool = False


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every item holds."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one item holds."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The item does not hold."""

    item: Node


@dataclass(frozen=True, slots=True)
class TitleOrLead:
    """All items hold within title and lead taken together."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Near:
    """Items at token positions of one field that differ by at most `distance`; `ordered` = in the order written."""

    items: tuple[Node, ...]
    distance: int
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The item occurs at least `count` times."""

    item: Node
    count: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """All items hold in one sentence."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """All items hold in one paragraph."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class First:
    """All items hold within the first `words` tokens of a field."""

    items: tuple[Node, ...]
    words: int


Node: TypeAlias = Term | ConceptRef | AllOf | AnyOf | Not | TitleOrLead | Near | AtLeast | Sentence | Paragraph | First


@dataclass(frozen=True, slots=True)
class NamesFile:
    """The file in which all names of a large list stand, filed by their words: its path, the digest of what it was made
    of, as hexadecimal digits, and how many names it holds. `heading` is that of the column that alerts name beside a
    name.
    """

    path: str
    digest: str
    names: int
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Concept:
    """A named list of terms in many languages; `excepts` masks words that only look like it (北한산, Salvation Army).

    Of its terms the weak ones ("parade") count only beside another word of it: one that is not weak, or another weak
    one. Forms of one weak word ("parade", "march past") are no second word.

    `rows` says of the names of a list what they stand for ("Lady R (IMO 9161003), row 41"), by their text. Of a large
    list terms and rows are the first few, and `table` says where all of them are found.

    `label` is what people read ("North Korea"); `is_place` says that a dateline does not count for it. A term may
    itself be a ConceptRef; circles are a configuration error.
    """

    name: str
    terms: tuple[Node, ...]
    excepts: tuple[Term, ...] = ()
    label: str = ""
    is_place: bool = False
    rows: Mapping[str, str] = field(default_factory=dict)
    table: NamesFile | None = None
    place: Place = dataclasses.field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Where:
    """Conditions on an article's metadata; None = no condition; an unknown language passes."""

    lang: Limits | None = None
    feeds: Limits | None = None
    tags: Limits | None = None
    sources: Limits | None = None
    sites: Limits | None = None


@dataclass(frozen=True, slots=True)
class Independent:
    """At least `count` independent publishers among the articles that matched the rule within this time."""

    count: int
    within: timedelta


@dataclass(frozen=True, slots=True)
class Raise:
    """A reason to think more of a match: `when` holds in the article, and `sources` among the articles of the rule;
    None = not asked.
    """

    severity: Severity
    when: Node | None = None
    sources: Independent | None = None
    place: Place = dataclasses.field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Volume:
    """At least so many stories of another rule within a time."""

    of: RuleId
    stories: int
    within: timedelta


@dataclass(frozen=True, slots=True)
class Spike:
    """`ratio` times as many stories of another rule in the last `window` as in a usual one of the `baseline` before,
    and `at_least` so many.
    """

    of: RuleId
    window: timedelta
    baseline: timedelta
    ratio: float
    at_least: int


@dataclass(frozen=True, slots=True)
class QuietSource:
    """A feed that has brought nothing new for longer than this."""

    feed: str
    longer_than: timedelta


@dataclass(frozen=True, slots=True)
class FirstSeen:
    """A match of the rule's body, when no other article matched it within this time."""

    since: timedelta


Trend: TypeAlias = Volume | Spike | QuietSource | FirstSeen
"""What makes a rule one over time. All but FirstSeen look at no article: their body is an AnyOf of nothing."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One watch condition of a user.

    `body` must hold, None of `none` may hold (each is kept apart, so that an excluded article can say by which term),
    and `excepts` masks words before anything else is looked at. `send_to` empty = defaults.send_to. Of the `raises`
    that hold the highest counts. `limit` holds for each channel; None = there is none. An alert below `high` waits
    for `gather`, so that others go with it; 0 = it goes at once. `look_back` is how far back it tells what came before
    it, when it is new or wider; 0 = not at all. `label` is what messages call it, "" = its name. `quiet_lint` lists
    the codes of warnings that its author does not want to hear. A paused rule is not asked; what it made before goes
    on.
    """

    id: RuleId
    name: str
    body: Node
    none: tuple[Node, ...] = ()
    excepts: tuple[Term, ...] = ()
    where: Where = Where()
    severity: Severity = Severity.NORMAL
    send_to: tuple[ChannelName, ...] = ()
    stem: str = ""
    was: tuple[RuleId, ...] = ()
    place: Place = dataclasses.field(default=NOWHERE, compare=False)
    raises: tuple[Raise, ...] = ()
    trend: Trend | None = None
    quiet_lint: tuple[str, ...] = ()
    follow_ups: FollowUps = FollowUps.THREAD
    limit: Limit | None = Limit()
    gather: timedelta = timedelta(0)
    is_paused: bool = False
    look_back: timedelta = timedelta(hours=24)
    label: str = ""


@dataclass(frozen=True, slots=True)
class RuleSource:
    """All rules and the concepts they use, not yet compiled; worker processes are sent it and compile it.

    `revision` is the configuration revision that it belongs to. `frequencies`: the share of articles that hold a
    folded word, None = not known; rules are filed by it, and match the same whatever it says.
    """

    revision: int
    rules: tuple[Rule, ...]
    concepts: Mapping[str, Concept] = field(default_factory=dict)
    frequencies: Mapping[str, float] | None = None
