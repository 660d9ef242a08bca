"""Identifying: what every entry of one document is to the articles that its feed gave us before.

    1. plain      the same item with the same text and date, or a text that it had before
    2. equal      the same text and date under another guid or link
    3. learn      which parts of guids, links and dates changed by themselves (brake)
    4. compare    every other entry with the articles that share a key, by the table of signs
    5. take over  where the identity of most of a document changed at once
    6. arrive     what is left is news; at another address of the feed the first document only counts as seen

Two entries of one document are two items: an article is given to one of them only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeVar

from watcher.core.identity.addresses import changed_parts
from watcher.core.identity.again import NeedsTexts
from watcher.core.identity.brake import DATE, MANY, Changes, changed_at_once, is_most, notes_of, observe
from watcher.core.identity.compare import HALF_A_DAY, Manner, signs_of
from watcher.core.identity.document import is_mass_move, manner_of, moved_by
from watcher.core.identity.finder import MOST_A_KEY, Finder
from watcher.core.identity.named import named
from watcher.core.identity.signs import Date, Guid, Lead, Link, Signs, Title
from watcher.core.identity.table import Answer, decide
from watcher.core.model.alert import FeedContext, KnownArticle
from watcher.core.model.identity import FeedMemory
from watcher.core.model.ids import ArticleId, digest, public_id
from watcher.core.model.match import ReadArticle
from watcher.core.model.verdict import Evidence

K = TypeVar("K")
V = TypeVar("V")

_CLOCKS_DIFFER: Final = timedelta(hours=1)
"""A date further from the reading is not the time of the answer, nor that of a cache."""


class Kind(StrEnum):
    """What an entry is."""

    UNCHANGED = "unchanged"
    REDATED = "redated"
    REVISION = "revision"
    OTHER_NEWS = "other news"  # under an item that we know: a new article
    NEW = "new"
    TAKEN_OVER = "taken over"  # its identity changed with that of the whole document
    KEPT_BACK = "kept back"  # it would be news if an unstable part counted


NEWS: Final = frozenset({Kind.NEW, Kind.OTHER_NEWS})


@dataclass(frozen=True, slots=True)
class Identified:
    """One entry with its place. `read` has the article's id and the number of its text; `why` and `signs` are the
    evidence.

    `is_rekeyed`: known by other signs than its keys. `is_seen`: it counts as seen, though it is new, for the reason
    in `why`.
    """

    read: ReadArticle
    kind: Kind
    why: str
    known: KnownArticle | None = None
    signs: Signs | None = None
    is_rekeyed: bool = False
    is_seen: bool = False

    @property
    def id(self) -> ArticleId:
        """The article's id."""
        return self.read.article.id

    @property
    def evidence(self) -> Evidence:
        """Why it is what it is, as it is stored."""
        return {"identity": self.kind.value, "why": self.why, **(self.signs.words() if self.signs else {})}


@dataclass(frozen=True, slots=True)
class Identification:
    """A whole document identified, in its order, with what the feed taught us by now."""

    entries: tuple[Identified, ...]
    memory: FeedMemory


def identify(
    reads: Sequence[ReadArticle],
    known: Sequence[KnownArticle],
    memory: FeedMemory,
    feed: FeedContext,
    now: datetime,
    *,
    is_whole: bool = True,
) -> Identification:
    """Return what each entry of a document is to its feed.

    `known` holds the articles of the feed that share a key with an entry, and those that it listed last; the same
    arguments give the same answer.

    Raises:
        NeedsTexts: an entry must be compared with those that are listed again, and these came without their text.
    """
    document = _Document(reads, known, memory, now)
    document.find_plain()
    document.find_equal()
    document.learn()
    document.compare()
    document.take_over()
    entries = document.arrive(feed)
    return Identification(entries, document.remember(entries, feed, now, is_whole=is_whole))


@dataclass
class _Document:
    """One document being identified: which articles are given away, and what each entry is so far."""

    reads: Sequence[ReadArticle]
    known: Sequence[KnownArticle]
    memory: FeedMemory
    now: datetime
    found: dict[int, Identified] = field(default_factory=dict)
    given: set[ArticleId] = field(default_factory=set)
    hosts_moved: bool = False
    changes: Changes = Changes()
    moved_parts: frozenset[str] = frozenset()
    moved: int = 0
    kept_back: int = 0
    address_note: str = ""
    took_over: int = 0

    def __post_init__(self) -> None:
        self.by_item = _grouped((known.keys.item, known) for known in self.known)
        self.taken = {known.id for known in self.known}
        self._manner: Manner | None = None

    @property
    def manner(self) -> Manner:
        """How the document is compared, by what is learned so far; made with the first pair of an entry and an article.

        Most documents bring one entry that nothing comes near to; reading the titles and leads of all for that was a
        quarter of a poll.
        """
        if self._manner is None:
            if any(read.is_again for read in self.reads):
                raise NeedsTexts
            found = manner_of(self.reads, self.known, self.memory)
            dates_count = found.dates_count and not self.moved
            self._manner = replace(found, dates_count=dates_count, hosts_moved=self.hosts_moved)
        return self._manner

    # -- 1 and 2: nothing changed ----------------------------------------------------------------

    def find_plain(self) -> None:
        """Find the entries that are listed again as they were, or as they once were."""
        here: dict[tuple[bytes, bytes, datetime | None], int] = {}
        for place, read in enumerate(self.reads):
            what = (read.keys.item, read.keys.content, read.article.published_at)
            first = here.setdefault(what, place)
            if first != place:
                self.found[place] = Identified(read, Kind.UNCHANGED, "it stands twice in the document")
                continue
            for known in self.by_item.get(read.keys.item, ())[:MOST_A_KEY]:
                if known.id not in self.given and (_had(known, read) or self._moved_before(known, read)):
                    self._give(place, known, Kind.UNCHANGED, "equal item, text and publication time")
                    break

    def _moved_before(self, known: KnownArticle, read: ReadArticle) -> bool:
        """Return whether an article has the text of before and the date to which it moved with most of its document."""
        same = known.keys.content == read.keys.content
        return same and known.id in self.memory.moved and self.memory.moved[known.id] == read.article.published_at

    def find_equal(self) -> None:
        """Find the entries with the text and time of an article that no other entry is."""
        if len(self.found) == len(self.reads):
            return
        equal = _grouped(
            ((content, moment), known)
            for known in self._free()
            for content, moment in _texts(known)
            if moment is not None
        )
        for place, read in self._open():
            moment = read.article.published_at
            for known in equal.get((read.keys.content, moment), ())[:MOST_A_KEY] if moment else ():
                if known.id in self.given:
                    continue
                signs = signs_of(read, known, self.manner)
                row = decide(signs)
                if row.answer is Answer.UNCHANGED:
                    self._give(place, known, Kind.UNCHANGED, row.why, signs, is_rekeyed=True)
                    break

    # -- 3: what changes by itself ---------------------------------------------------------------

    def learn(self) -> None:
        """Pair entries with what the last document listed, note which parts differ, and take the unstable ones out of
        the comparison.
        """
        pairs = [(self.reads[place], one.known) for place, one in self.found.items() if one.known is not None]
        pairs += self._hypotheses()
        listed = [(read, known) for read, known in pairs if not known.is_absent]
        parts = {known.id: parts for read, known in listed if (parts := self._changed_by_itself(read, known))}
        kept = any(
            read.article.published_at is not None and read.article.published_at == known.published_at
            for read, known in listed
        )
        self.changes = Changes(parts, len(listed), kept)
        self.moved_parts = changed_at_once(self.memory, self.changes)
        self.memory = observe(self.memory, self.changes)
        if len(self.found) == len(self.reads):
            return
        moves = [moved_by(read, known) for read, known in listed if read.keys.content == known.keys.content]
        self.moved = len(moves) if is_mass_move(listed) else 0
        self.hosts_moved = is_most(sum("host" in one for one in parts.values()), len(listed))
        self._manner = None

    def _changed_by_itself(self, read: ReadArticle, known: KnownArticle) -> frozenset[str]:
        """Return which parts of one item differ and may do so at every poll.

        A date that was set half a day or more further, to a time that is not that of this reading, is no clock: a
        weekly item of a feed that is asked once a week has another one at each reading, too.
        """
        found = _changed(read, known)
        published_at = read.article.published_at
        is_set = published_at is not None and abs(self.now - published_at) > _CLOCKS_DIFFER
        return found - {DATE} if is_set and moved_by(read, known) >= HALF_A_DAY else found

    def _hypotheses(self) -> list[tuple[ReadArticle, KnownArticle]]:
        """Return entries and listed articles with the same text that may be one item: no other entry or article has
        that text.
        """
        free = _grouped((known.keys.content, known) for known in self._free() if not known.is_absent)
        left = _grouped((read.keys.content, read) for _, read in self._open())
        pairs = []
        for content, reads in left.items():
            others = free.get(content, [])
            if len(reads) == len(others) == 1 and _may_be_one(reads[0], others[0]):
                pairs.append((reads[0], others[0]))
        return pairs

    # -- 4: the table ----------------------------------------------------------------------------

    def compare(self) -> None:
        """Give each article to the entry that it is nearest to, by the table."""
        rows = []
        find = self._finder(Finder.candidates)
        for place, read in self._open():
            for order, known in enumerate(find.candidates(read) if find else ()):
                signs = signs_of(read, known, self.manner)
                row = decide(signs)
                if row.answer is not Answer.OTHER:
                    rows.append((_rank(row.answer, signs), order, place, known, signs, row.why))
        for _, _, place, known, signs, why in sorted(rows, key=lambda one: one[:3]):
            if place in self.found or known.id in self.given:
                continue
            kind = Kind(decide(signs).answer.value)
            if kind in {Kind.UNCHANGED, Kind.REDATED}:
                kind = self._held(self.reads[place], known) or kind
            is_same = known.keys.content == self.reads[place].keys.content
            is_rekeyed = kind in {Kind.UNCHANGED, Kind.TAKEN_OVER} and is_same
            is_rekeyed = is_rekeyed and self.reads[place].keys.item != known.keys.item
            self._give(place, known, kind, why, signs, is_rekeyed=is_rekeyed)

    def _held(self, read: ReadArticle, known: KnownArticle) -> Kind | None:
        """Return what an entry is that would be news if what is unstable counted; None for the others."""
        if not self.memory.unstable or not self._is_news(read, known, frozenset()):
            return None
        if self._is_news(read, known, self.manner.unstable - self.moved_parts):
            self.took_over += 1
            return Kind.TAKEN_OVER
        self.kept_back += 1
        return Kind.KEPT_BACK

    def _is_news(self, read: ReadArticle, known: KnownArticle, unstable: frozenset[str]) -> bool:
        believing = replace(self.manner, unstable=unstable, dates_count=DATE not in unstable and not self.moved)
        return decide(signs_of(read, known, believing)).answer is Answer.OTHER

    # -- 5: the whole document changed its identity ----------------------------------------------

    def take_over(self) -> None:
        """Give known articles to entries that are new by guid, where two thirds of at least five entries are so."""
        if len(self.reads) < MANY:
            return
        find = self._finder(Finder.by_sight)
        chosen: list[tuple[int, KnownArticle, Signs, str]] = []
        reserved: set[ArticleId] = set()
        for place, read in self._open():
            for known in find.by_sight(read) if find else ():
                why = "" if known.id in reserved else _taken_over_by(signs := signs_of(read, known, self.manner))
                if why:
                    reserved.add(known.id)
                    chosen.append((place, known, signs, why))
                    break
        renamed = sum(one.signs is not None and one.signs.guid is not Guid.SAME for one in self.found.values())
        if not chosen or not is_most(len(chosen) + renamed, len(self.reads)):
            return
        self.took_over += len(chosen)
        for place, known, signs, why in chosen:
            same = known.keys.content == self.reads[place].keys.content
            self._give(place, known, Kind.TAKEN_OVER, why, signs, is_rekeyed=same)

    # -- 6: news ---------------------------------------------------------------------------------

    def arrive(self, feed: FeedContext) -> tuple[Identified, ...]:
        """Return all entries; what nobody claimed is new."""
        moved = bool(self.memory.address and feed.address and self.memory.address != feed.address)
        unknown = len(self.reads) - len(self.found)
        is_other_feed = moved and unknown * 2 > len(self.reads)
        for place, read in self._open():
            before = self.by_item.get(read.keys.item, [])
            kind = Kind.OTHER_NEWS if before else Kind.NEW
            known = before[0] if before else None
            signs = signs_of(read, known, self.manner) if known else None
            why = decide(signs).why if signs else "no sign says that this feed gave it before"
            published_at = read.article.published_at
            late = published_at is not None and feed.last_ok_at is not None and published_at > feed.last_ok_at
            if is_seen := is_other_feed and not late:
                why = "the feed has another address: its first document counts as seen"
            minted = named(read, self._mint(read), read.article.text)
            self.found[place] = Identified(minted, kind, why, None, signs, is_seen=is_seen)
        if is_other_feed:
            self.address_note = "it has another address with other items: its first document counts as seen"
        return tuple(self._placed(place) for place in range(len(self.reads)))

    def _placed(self, place: int) -> Identified:
        """Return an entry; one that stands twice has the id of its first place."""
        one = self.found[place]
        if one.known is not None or one.kind in NEWS:
            return one
        what = (one.read.keys.item, one.read.keys.content)
        first = next(
            found
            for found in (self.found[p] for p in range(place))
            if (found.read.keys.item, found.read.keys.content) == what
        )
        return replace(one, read=replace(one.read, article=first.read.article))

    def _mint(self, read: ReadArticle) -> ArticleId:
        """Return an id for a new article: that of its item, or, where another piece of news has that, one of item,
        text and time.
        """
        id_ = read.article.id
        moment = read.article.published_at.isoformat() if read.article.published_at else ""
        parts = [read.article.feed, read.keys.item.hex(), read.keys.content.hex(), moment]
        while id_ in self.taken:
            id_ = ArticleId(public_id("a", digest("article", *parts)))
            parts.append("again")
        self.taken.add(id_)
        return id_

    # -- what is remembered ----------------------------------------------------------------------

    def remember(
        self, entries: Sequence[Identified], feed: FeedContext, now: datetime, *, is_whole: bool
    ) -> FeedMemory:
        """Return the memory for the next reading."""
        kept_back = self.memory.kept_back + self.kept_back
        return replace(
            self.memory,
            address=feed.address if entries or not self.memory.address else self.memory.address,
            began_at=self.memory.began_at or now,
            is_settled=self.memory.is_settled or (is_whole and bool(entries)) or not feed.first,
            changed=self._changed_now(entries),
            moved=self._moved_now(entries),
            kept_back=kept_back,
            notes=self._notes(kept_back),
        )

    def _changed_now(self, entries: Sequence[Identified]) -> dict[str, tuple[ArticleId, ...]]:
        """Return, for each part that changed, the articles whose part it was, by the ids that they have from now on."""
        became = {one.known.id: one.id for one in entries if one.known is not None}
        by_content = {one.read.keys.content: one.id for one in entries if one.kind in NEWS}
        contents = {known.id: known.keys.content for known in self.known}
        return {
            part: tuple(
                became.get(id_) or by_content.get(contents[id_], id_) for id_ in self.changes.articles_with(part)
            )
            for part in sorted(self.changes.names())
        }

    def _moved_now(self, entries: Sequence[Identified]) -> dict[ArticleId, datetime]:
        """Return the dates to which articles moved that count as unchanged."""
        return {
            one.known.id: one.read.article.published_at
            for one in entries
            if one.known is not None
            and one.read.article.published_at is not None
            and one.read.article.published_at != one.known.published_at
            and (self.moved or one.known.id in self.memory.moved)
            and one.kind is Kind.UNCHANGED
        }

    def _notes(self, kept_back: int) -> tuple[str, ...]:
        """Return what the health of the feed says about how it names its items."""
        notes = list(notes_of(self.memory.unstable, kept_back))
        if self.moved:
            notes.append(f"{self.moved} of its items moved their dates at once: the dates first seen hold")
        if self.took_over:
            notes.append(
                f"{self.took_over} of its items came under another identity and were taken over, not told again"
            )
        if self.address_note:
            notes.append(self.address_note)
        return tuple(notes)

    # -- helpers ---------------------------------------------------------------------------------

    def _open(self) -> list[tuple[int, ReadArticle]]:
        return [(place, read) for place, read in enumerate(self.reads) if place not in self.found]

    def _free(self) -> list[KnownArticle]:
        return [known for known in self.known if known.id not in self.given]

    def _finder(self, look: Callable[[Finder, ReadArticle], list[KnownArticle]]) -> Finder | None:
        """Return what finds the articles that no entry is yet, None where it would find none by any link."""
        left = self._open()
        free = self._free() if left else []
        unstable = frozenset(self.memory.unstable)
        every = Finder(free, unstable, frozenset())
        if not free or not any(look(every, read) for _, read in left):
            return None
        return Finder(free, unstable, self.manner.shared) if self.manner.shared else every

    def _give(
        self,
        place: int,
        known: KnownArticle,
        kind: Kind,
        why: str,
        signs: Signs | None = None,
        *,
        is_rekeyed: bool = False,
    ) -> None:
        read = self.reads[place]
        is_other_text = kind in {Kind.REVISION, Kind.REDATED} or (
            kind is Kind.TAKEN_OVER and known.keys.content != read.keys.content
        )
        self.given.add(known.id)
        read = named(read, known.id, known.text + is_other_text, known.first_seen_at)
        self.found[place] = Identified(read, kind, why, known, signs, is_rekeyed)


def _rank(answer: Answer, signs: Signs) -> tuple[int, int, int]:
    order = [Answer.UNCHANGED, Answer.REDATED, Answer.REVISION].index(answer)
    return order, int(signs.guid is not Guid.SAME), int(signs.link is not Link.SAME)


def _grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    groups: dict[K, list[V]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups


def _texts(known: KnownArticle) -> list[tuple[bytes, datetime | None]]:
    """Return every text of an article by digest and publication time, the newest first."""
    return [(known.keys.content, known.published_at), *((one.content, one.published_at) for one in known.earlier)]


def _had(known: KnownArticle, read: ReadArticle) -> bool:
    return (read.keys.content, read.article.published_at) in _texts(known)


def _changed(read: ReadArticle, known: KnownArticle) -> frozenset[str]:
    """Return which parts of one item differ; an article that was not loaded has the same ones."""
    if known.article is None:
        return frozenset()
    one, two = read.article, known.article
    found = changed_parts((one.guid, one.url), (two.guid, two.url))
    return found | {DATE} if moved_by(read, known) else found


def _may_be_one(read: ReadArticle, known: KnownArticle) -> bool:
    """Return whether an entry and an article with one text may be one item: not when both its time and its identity
    differ.
    """
    parts = _changed(read, known)
    return DATE not in parts or parts == {DATE}


def _taken_over_by(signs: Signs) -> str:
    """Return by which sign an entry that is new by guid is known all the same, "" = by none."""
    if signs.guid is Guid.SAME:
        return ""
    if signs.link is Link.SAME:
        return "new by guid, known by its link, like most of the document"
    if signs.title is not Title.EQUAL:
        return ""
    if signs.date is Date.SAME or signs.lead is Lead.SHARED:
        return "new by guid, known by its title, like most of the document"
    return ""
