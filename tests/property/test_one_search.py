"""Any stream of articles gets the same verdicts from `watcher dedup` and from a store, be it memory or SQLite."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.fakes.clock import FakeClock
from tests.fakes.newsroom import first_revision, spec
from tests.fakes.places import place_database
from tests.fakes.store import MemoryStore
from tests.shared import needs_shared, shared
from watcher.core.alerts.judge import make_judge
from watcher.core.alerts.stream import Stream, level_of
from watcher.core.dedup.keys import article_keys, choose_identity
from watcher.core.model.alert import FeedContext, JudgeContext, Judgement
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId, RuleId, digest, public_id
from watcher.core.model.match import Match, ReadArticle
from watcher.core.model.outcome import Identity, Reading
from watcher.core.model.policy import CONSOLE, ChannelState, Policy
from watcher.core.model.record import PollResult
from watcher.core.model.rule import Rule, Term
from watcher.ports import Store
from watcher.storage.open import open_store

_RULE = RuleId("all")
_JUDGE = make_judge(Policy(1, {_RULE: Rule(_RULE, "all", Term("x"))}, {CONSOLE: ChannelState.READY}))
_START = datetime(2026, 5, 11, 6, tzinfo=UTC)
_SOURCES = ("Lighthouse", "Inland", "Harbour Gazette")
_CASES = Path(__file__).parents[1] / "cases"

_LEAD = (
    "North Korea {}sent at least three thousand more soldiers to the western Russian border region since January to make up for its "
    "losses there, the intelligence service told lawmakers in {} on Friday."
)
_LEADS = (
    "",
    _LEAD.format("has ", "Seoul"),
    _LEAD.format("has reportedly ", "Seoul"),
    _LEAD.format("has ", "Busan"),
    _LEAD.format("has ", "Seoul")[:120] + "...",
    "Take shelter at once and wait for the signal of the authorities.",
)
_TITLES = (
    "North Korea sends more soldiers to Russian border, Seoul says",
    "North Korea sends more soldiers to the Russian border, Seoul says - Inland",
    "(2nd LD) North Korea sends more soldiers to Russian border, Seoul says",
    "Three thousand soldiers sent since January, intelligence service says",
    "Air raid alert for the northern region",
    "",
)
_items = st.tuples(
    st.sampled_from(_SOURCES),
    st.sampled_from(_TITLES),
    st.sampled_from(_LEADS),
    st.integers(0, 2000),
    st.sampled_from(("story-51200", "other-story-51200", "a", "b", "c")),
    st.sampled_from(("", "g1", "g2", "g3")),
)
_documents = st.lists(
    st.tuples(st.sampled_from(("wire", "paper")), st.lists(_items, min_size=1, max_size=3)), min_size=1, max_size=6
)
Item = tuple[str, str, str, int, str, str]
Documents = list[tuple[str, list[Article]]]


def _made(documents: Sequence[tuple[str, Sequence[Item]]]) -> Documents:
    return [(name, [_made_article(name, *item) for item in items]) for name, items in documents]


def _made_article(feed: str, source: str, title: str, lead: str, minutes: int, slug: str, guid: str) -> Article:
    return Article(
        id=ArticleId(""),
        feed=FeedId(feed),
        guid=guid,
        url=f"https://{source.lower().replace(' ', '')}.example/{slug}",
        title=title,
        summary=lead,
        source=source,
        feed_name=feed,
        published_at=_START + timedelta(minutes=minutes),
    )


def _from_cases(file: Path, one: str, two: str) -> Documents:
    """Return the pairs of a case file, far apart in time from one another, each in feeds of its sources."""
    documents: Documents = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines()):
        case = json.loads(line)
        documents += [_case_document(case[side], number) for side in (one, two)]
    return documents


def _case_document(fields: dict[str, str], number: int) -> tuple[str, list[Article]]:
    source = fields.get("source", "")
    url = fields.get("url") or fields.get("link") or ""
    published = fields.get("published_at") or fields.get("published")
    article = Article(
        id=ArticleId(""),
        feed=FeedId(""),
        guid=url,
        url=url,
        title=fields.get("title", ""),
        summary=fields.get("summary", ""),
        source=source,
        feed_name=source,
        # Pairs are parted by a month each, so that one is no habit of the next.
        published_at=datetime.fromisoformat(published) + timedelta(days=40 * number) if published else None,
    )
    return f"feed {source or 'none'}", [article]


def _id(article: Article, identity: Identity) -> ArticleId:
    key = article_keys(article, identity).item
    return ArticleId(public_id("a", digest("article", article.feed, key.hex())))


Verdicts = list[tuple[str, str, str | None]]


def _said(judgement: Judgement) -> Verdicts:
    said: Verdicts = []
    for one in judgement.articles:
        verdict = next((verdict for verdict in judgement.verdicts if verdict.article == one.id), None)
        if verdict is None:
            said.append((one.id, "same_article", one.id))
        else:
            said.append((one.id, level_of(verdict, judgement.alerts).value, verdict.of))
    return said


async def _through(store: Store, documents: Sequence[tuple[str, Sequence[Article]]]) -> Verdicts:
    """Return what the judge said inside the commits of a store."""
    said: Verdicts = []

    def judge(reads: Sequence[ReadArticle], context: JudgeContext) -> Judgement:
        judgement = _JUDGE(reads, context)
        said.extend(_said(judgement))
        return judgement

    clock = FakeClock()
    clock.advance(seconds=(_START - clock.now()).total_seconds())
    feeds = await store.activate(first_revision(), [spec(name) for name in sorted({n for n, _ in documents})], _START)
    identities: dict[str, Identity] = {}
    for number, (name, articles) in enumerate(documents):
        now = _START + timedelta(days=2, minutes=number)
        feed = feeds[name]
        await store.request_poll([name], now)
        [claim] = await store.claim_feeds("me", now, 1, timedelta(minutes=2), [feed])
        mine = [replace(one, feed=feed) for one in articles]
        identity = choose_identity(mine, identities.get(name, Identity.GUID))
        identities[name] = identity
        reads = tuple(
            ReadArticle(replace(one, id=_id(one, identity)), article_keys(one, identity), (Match(_RULE, ()),))
            for one in mine
        )
        context = FeedContext(feed, name, first=False, last_ok_at=now, max_age=timedelta(days=9999))
        reading = Reading(feed=feed, revision=1, articles=reads, whole=len(reads) > 1)
        state = replace(claim.state, last_poll_at=now, last_ok_at=now, next_poll_at=now + timedelta(minutes=10))
        await store.commit(PollResult(claim, state, context, reading), judge, 1, now)
    await store.close()
    return said


def _in_memory(documents: Sequence[tuple[str, Sequence[Article]]], feeds: dict[str, FeedId]) -> Verdicts:
    stream, said = Stream(), Verdicts()
    identities: dict[str, Identity] = {}
    for number, (name, articles) in enumerate(documents):
        mine = [replace(one, feed=feeds[name]) for one in articles]
        identities[name] = choose_identity(mine, identities.get(name, Identity.GUID))
        mine = [replace(one, id=_id(one, identities[name])) for one in mine]
        for told in stream.read(mine, _START + timedelta(days=2, minutes=number)):
            relation = told.relation or told.linked
            level = relation.level.value if relation else "new"
            # A store names no article of the story, only the story.
            said.append((told.article, level, told.relation.of if told.relation else None))
    return said


def _same_everywhere(documents: Documents) -> None:
    feeds: dict[str, FeedId] = {}

    async def run() -> tuple[Verdicts, Verdicts]:
        memory = MemoryStore()
        with tempfile.TemporaryDirectory() as folder:
            place_database(Path(folder))
            in_fake = await _through(memory, documents)
            feeds.update({feed.spec.name: id_ for id_, feed in memory._feeds.items()})
            return in_fake, await _through(open_store(f"sqlite:///{folder}/watcher.db"), documents)

    in_fake, in_sqlite = asyncio.run(run())
    alone = _in_memory(documents, feeds)
    assert alone == in_fake
    assert alone == in_sqlite


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents=_documents)
@example(
    documents=[
        ("wire", [("Inland", _TITLES[0], _LEADS[1], 0, "a", "")]),
        ("paper", [("Lighthouse", _TITLES[3], _LEADS[2], 60, "b", "")]),
    ]
)
@example(
    documents=[
        ("wire", [("Inland", _TITLES[0], "", 0, "story-51200", "")]),
        ("wire", [("Inland", _TITLES[1], "", 0, "other-story-51200", "")]),
    ]
)
def test_any_stream_gets_the_same_verdicts_from_dedup_and_from_every_store(
    documents: list[tuple[str, list[Item]]],
) -> None:
    _same_everywhere(_made(documents))


@pytest.mark.parametrize(("file", "one", "two"), [("dedup.jsonl", "one", "two"), ("copies.jsonl", "one", "two")])
def test_hard_pairs_get_the_same_verdicts_from_dedup_and_from_every_store(file: str, one: str, two: str) -> None:
    _same_everywhere(_from_cases(_CASES / file, one, two))


@needs_shared
@pytest.mark.shared
def test_shared_pairs_get_the_same_verdicts_from_dedup_and_from_every_store() -> None:
    _same_everywhere(_from_cases(shared("cases/dedup.jsonl"), "a", "b"))
