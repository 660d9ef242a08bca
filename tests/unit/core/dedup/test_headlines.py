"""What two headlines over one lead may say beyond it."""

from __future__ import annotations

import pytest

from watcher.core.dedup.headlines import CommonLead, headline_clash
from watcher.core.dedup.titles import tokens_of
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId

LEAD = tokens_of("North Korea sends thousands of troops to the front, officials said")


def _article(title: str) -> Article:
    return Article(
        id=ArticleId(title), feed=FeedId("w"), guid=title, url="", title=title, summary="", source="w", feed_name="w"
    )


@pytest.mark.parametrize(
    ("one", "two", "clash"),
    [
        ("Kim sends troops", "North Korea sends troops", ""),
        ("Pyongyang sends troops", "Troops go to the front", ""),
        ("Kim sends troops", "Putin sends troops", "kim | putin"),
    ],
)
def test_a_name_beyond_the_lead_stands_on_one_side_only(one: str, two: str, clash: str) -> None:
    shared = CommonLead(LEAD, LEAD)
    assert headline_clash(_article(one), _article(two), shared) == clash
    assert bool(headline_clash(_article(two), _article(one), shared)) == bool(clash)
