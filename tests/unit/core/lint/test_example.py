"""A rule fires on the text that is made of its own words, or has none."""

from __future__ import annotations

import pytest

from tests.fakes.station import config
from watcher.core.lint.example import article_like, example_of
from watcher.core.matching.compile import compile_rules
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, FeedId
from watcher.core.read import match_articles
from watcher.settings.env import read_settings
from watcher.settings.load import load_files

BASE = Article(ArticleId("a"), FeedId("f"), url="https://wire.example/1", source="wire.example", feed_name="wire")

RULES = (
    "all: [shells]",
    "any: [/kn-?\\\\d+/, missile*]",
    "all: [[North Korea, DPRK], [missile*, rocket]]",
    'all: ["*ase", =DPRK]',
    "near: [army, bridge, 3]",
    "onear: [army, bridge, river, 3]",
    "atleast: [drone, 3]",
    "sentence: [army, bridge]",
    "paragraph: [army, [river, bridge]]",
    "first: [army, 5]",
    "title_or_lead: [army, bridge]",
    "query: 'army NEAR/3 (bridge OR river) NOT football'",
    "any: ['content:army']",
    "all: ['title:army', 'author:Kim', 'tag:wire', 'source:asahi']",
    "all: [army], none: [football], except: [salvation army]",
    "use: [places/north-korea, topics/missiles], all: [$north-korea, $missiles]",
    "use: [places/russia], all: [$russia], where: {lang: [en]}",
    "all: [army], where: {tags: [asia], feeds: [wire], sites: [paper.example]}",
    "all: [미사일]",
    "all: [ракет*], where: {lang: [ru]}",
)


def fires(rule: str) -> bool | None:
    """Return whether a rule fires on its own example; None = it has none."""
    text = config(rules=f"\n  - {{name: r, {rule}}}")
    configuration = load_files({"a.yaml": text}, read_settings()).configuration
    assert configuration is not None
    source = configuration.rule_source(1)
    example = example_of(source.rules[0], source.concepts)
    if example is None:
        return None
    article = article_like(example, source.rules[0].where, BASE)
    return bool(match_articles([article], compile_rules(source))[0].matches)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_fires_on_its_own_words(rule: str) -> None:
    assert fires(rule) is True


@pytest.mark.parametrize("rule", ["any: ['/kn-[0-9]+/']", "volume: {of: r2, stories: 3, within: 6h}"])
def test_what_cannot_be_written_down_has_no_example(rule: str) -> None:
    if "volume" in rule:
        rule += "}\n  - {name: r2, all: [shells]"
    assert fires(rule) is None
