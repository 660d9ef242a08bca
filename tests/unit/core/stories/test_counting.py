"""Which stories are compared with an arriving article: leaving the others out changes no link."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from watcher.core.model.article import Article, ArticleKeys
from watcher.core.model.ids import ArticleId, FeedId, RuleId
from watcher.core.model.match import Match, ReadArticle
from watcher.core.stories.counting import that_may_join
from watcher.core.stories.link import Placed, Stories, Teller
from watcher.core.stories.shelf import Shelf

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
RULES = (RuleId("arms"), RuleId("sea"))
WORDS = (
    *("Dellbrook", "Kharkiv", "Wonsan", "KN-23", "14", "300", "Petrov", "Харьков"),
    *("freighter", "shells", "harbour", "night", "blast", "plant", "factory", "council"),
)
_articles = st.lists(
    st.tuples(
        st.lists(st.sampled_from(WORDS), min_size=2, max_size=8).map(" ".join),
        st.sampled_from(("en", "de", "ru")),
        st.sampled_from(RULES),
        st.integers(0, 100),
    ),
    min_size=2,
    max_size=12,
)


def read(number: int, title: str, lang: str, rule: RuleId) -> ReadArticle:
    article = Article(ArticleId(f"a{number}"), FeedId("f"), title=title, lang=lang)
    return ReadArticle(article, ArticleKeys(b"", b""), matches=(Match(rule, ()),))


def place(stories: Stories, one: ReadArticle, at: datetime) -> Placed:
    return stories.place(one.article, at, Teller("", frozenset(match.rule for match in one.matches)))


@settings(deadline=None)
@given(_articles)
def test_stories_that_are_left_out_would_not_have_been_joined(made: list[tuple[str, str, RuleId, int]]) -> None:
    shelf = Shelf()
    for number, (title, lang, rule, hours) in enumerate(made):
        at = NOON + timedelta(hours=hours)
        arriving = read(number, title, lang, rule)
        _, counts = shelf.load([arriving], at)
        everything = tuple(shelf.stories[id_] for id_ in sorted(shelf.stories))
        chosen = that_may_join([arriving], everything, counts)
        of_all = Stories(everything, counts)
        of_chosen = Stories(chosen, counts)
        assert place(of_chosen, arriving, at) == place(of_all, arriving, at)
        shelf.write(of_all.changes(), at)
