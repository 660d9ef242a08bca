"""A feed that only identity looks at: documents in, what each entry is out, without store and judge."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from watcher.core.dedup.keys import article_keys
from watcher.core.identity.identify import NEWS, Identification, Identified, Kind, identify
from watcher.core.model.alert import FeedContext, KnownArticle
from watcher.core.model.article import Article
from watcher.core.model.identity import EarlierText, FeedMemory
from watcher.core.model.ids import ArticleId, FeedId
from watcher.core.model.match import ReadArticle
from watcher.core.model.outcome import Identity
from watcher.core.model.verdict import Stage

FEED = FeedId("wire")
BEGIN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def item(number: int = 1, title: str = "", **changes: object) -> Article:
    """Return one item of a feed; its guid, address, title, summary and hour follow from its number."""
    plain = Article(
        ArticleId(f"a{number}"),
        FEED,
        guid=f"guid-{number}",
        url=f"https://paper.example/story-{number}",
        title=title or f"{_TITLES[number % len(_TITLES)]} {number // len(_TITLES) or ''}".strip(),
        summary=_SUMMARIES[number % len(_SUMMARIES)],
        published_at=BEGIN + timedelta(hours=number),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # any field of an article


_TITLES = (
    "Ferry sinks off the northern coast",
    "Parliament votes on grain exports",
    "Earthquake damages old harbour bridge",
    "Striking miners reach the capital",
    "Court frees journalist after appeal",
    "Wildfire closes mountain railway",
    "Central bank raises lending rate",
    "Museum returns stolen bronze horses",
)
_SUMMARIES = (
    "Rescue boats searched until dusk while relatives waited at the pier for the missing crew.",
    "Deputies of three parties want quotas lifted before the autumn harvest is sold abroad.",
    "Engineers found cracks in two pillars, and lorries must take the longer road inland.",
    "Thousands walked for nine days to demand unpaid wages from the ministry of energy.",
    "Her editor called the ruling late but welcome, and colleagues sang outside the building.",
    "Wind drove the flames over the ridge at night, and villages below were told to leave.",
    "Economists had expected no change, and the currency rose against its neighbours at once.",
    "The figures left the country in crates of tea more than a century ago, archives show.",
)


class Listing:
    """What one feed gave so far; `reads` takes its next document an hour after the last."""

    def __init__(self) -> None:
        self.now = BEGIN
        self.memory = FeedMemory()
        self._known: dict[ArticleId, KnownArticle] = {}

    def reads(
        self,
        items: Iterable[Article],
        *,
        hours: float = 1,
        address: str = "https://paper.example/rss",
        identity: Identity = Identity.GUID,
    ) -> list[Kind]:
        """Return what each entry of the next document is, in order."""
        return [one.kind for one in self.look(items, hours=hours, address=address, identity=identity).entries]

    def look(
        self,
        items: Iterable[Article],
        *,
        hours: float = 1,
        address: str = "https://paper.example/rss",
        identity: Identity = Identity.GUID,
    ) -> Identification:
        """Return the next document identified, and keep what it taught."""
        last, self.now = self.now, self.now + timedelta(hours=hours)
        reads = [ReadArticle(one, article_keys(one, identity)) for one in items]
        feed = FeedContext(FEED, "Wire", first=not self._known, last_ok_at=last, address=address)
        found = identify(reads, [*self._known.values()], self.memory, feed, self.now)
        here = {one.id for one in found.entries}
        self._known = {id_: replace(known, is_absent=id_ not in here) for id_, known in self._known.items()}
        for one in found.entries:
            self._keep(one)
        self.memory = found.memory
        return found

    def _keep(self, one: Identified) -> None:
        article, keys = one.read.article, one.read.keys
        before = self._known.get(one.id)
        if one.kind in NEWS or before is None:
            self._known[one.id] = KnownArticle(
                one.id,
                keys,
                Stage.MATCHED,
                article.title,
                first_seen_at=self.now,
                feed=FEED,
                article=article,
                published_at=article.published_at,
            )
        elif one.kind in {Kind.REVISION, Kind.REDATED, Kind.TAKEN_OVER}:
            earlier = (*before.earlier, EarlierText(before.keys.content, before.published_at))
            self._known[one.id] = replace(
                before,
                keys=keys,
                title=article.title,
                text=article.text,
                article=article,
                published_at=article.published_at,
                earlier=earlier,
            )
