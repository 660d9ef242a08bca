"""Independent publishers behind one piece of news."""

from __future__ import annotations

from watcher.core.alerts.sources import count_sources, publisher_of
from watcher.core.dedup.keys import article_keys
from watcher.core.model.alert import Member
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId
from watcher.core.model.outcome import Identity
from watcher.core.model.policy import Publisher
from watcher.core.model.verdict import Level


def _member(url: str, title: str, *, source: str = "", level: Level = Level.NEW, sample: bool = False) -> Member:
    article = Article(ArticleId(url), FeedId(url), url=url, title=title, source=source, sample=sample)
    return Member(article, article_keys(article, Identity.GUID), level)


_STORM = _member("https://news.lighthouse.example/1", "Storm closes the northern mole of Redport")
_GRAIN = _member("https://inland.example/2", "Redport mole shut as waves break over it", level=Level.SAME_STORY)


def test_sites_of_one_domain_are_one_source() -> None:
    other = _member("https://sport.lighthouse.example/3", "Regatta off as mole is shut", level=Level.SAME_STORY)

    assert count_sources([_STORM, other], ()) == 1
    assert count_sources([_STORM, _GRAIN, other], ()) == 2


def test_publishers_merge_sites() -> None:
    house = Publisher("house", ("lighthouse.example", "https://inland.example"))

    assert count_sources([_STORM, _GRAIN], (house,)) == 1
    assert publisher_of(_GRAIN.article, (house,)) == "house"


def test_copies_of_one_text_count_once() -> None:
    copy = _member("https://third.example/4", "Storm closes the northern mole of Redport", level=Level.NEAR_COPY)
    same_text = _member("https://fourth.example/5", "Storm closes the northern mole of Redport", level=Level.SAME_STORY)

    assert count_sources([_STORM, copy, same_text], ()) == 1


def test_samples_never_count() -> None:
    sample = _member("https://inland.example/9", "A sample", level=Level.SAME_STORY, sample=True)

    assert count_sources([_STORM, sample], ()) == 1
    assert count_sources([sample], ()) == 0


def test_aggregators_stand_for_the_source_they_name() -> None:
    listed = _member("https://news.google.com/rss/articles/CBM", "Storm - Lighthouse", source="Lighthouse")

    assert publisher_of(listed.article, ()) == "lighthouse"
    assert publisher_of(_STORM.article, ()) == "lighthouse.example"
