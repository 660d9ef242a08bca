"""Keys: the digests by which an article is recognised again, and by what the items of a feed are told apart.

Every digest here is stored. A change that gives one article another key needs a new `KEY_VERSION` (core.model.ids); a
test with fixed values watches over that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import regex

from watcher.core.articles.urls import url_key, url_key_text
from watcher.core.dedup.leads import lead
from watcher.core.dedup.likeness import words_of
from watcher.core.dedup.titles import KEY_STRENGTH, Title, content_of, title_of
from watcher.core.model.article import Article, ArticleKeys
from watcher.core.model.ids import digest
from watcher.core.model.outcome import Identity

MOST_BLANK: Final = 0.05
"""The items of a feed cannot be told apart by a field that more of them lack.

Source: the same share makes FreshRSS fall back (app/Models/Feed.php).
"""


LEAD_WORDS: Final = 15
"""A lead of fewer words makes no copy under another headline, so nobody asks whether its source repeats it."""
LEAD_KEY_LETTERS: Final = 60
"""So many first letters, without blanks, tell one lead of a source from another."""


def choose_identity(articles: Sequence[Article], current: Identity) -> Identity:
    """Return by what the items of this document are told apart: guid, else link, else content; never back up from
    `current`.

    A field is given up when it is blank in more than 5 % of the items, or the same for two items with different
    titles or links. An empty document changes nothing.
    """
    order = list(Identity)
    for identity in order[order.index(current) : -1]:
        if _tells_apart(articles, identity):
            return identity
    return Identity.CONTENT


def article_keys(article: Article, identity: Identity) -> ArticleKeys:
    """Return the keys of one article.

    An item without the identifying field is told apart by the next one. The guid key, which survives a change of
    scheme or host, exists only while guids are trusted. Placeholder and very short titles have no title key. A URL
    that one document gives to several items still has its key here; `shared_urls` finds those.
    """
    url = url_key_text(article.url)
    return ArticleKeys(
        item=_item_key(article, identity),
        content=digest("content", *(_one_line(text) for text in (article.title, article.summary, article.content))),
        guid=_guid_key(article) if identity is Identity.GUID else None,
        url=digest("url", url) if url else None,
        **text_keys(article),
    )


def text_keys(article: Article) -> dict[str, bytes | None]:
    """Return the keys that come from title and lead alone: `title`, `pattern`, `lead`; these change when texts are
    compared otherwise.
    """
    title = title_of(article)
    return {"title": _title_key(title), "pattern": _pattern_key(article, title), "lead": _lead_key(article)}


def _title_key(title: Title) -> bytes | None:
    """Return the digest of a title's words without function words and blanks, by which two wordings of one headline
    meet.
    """
    return digest("title", "".join(content_of(title.tokens))) if title.strength >= KEY_STRENGTH else None


def _lead_key(article: Article) -> bytes | None:
    """Return the digest of the start of a long lead within its source: a source that puts it under other titles has
    boilerplate.
    """
    tokens = lead(article)
    if words_of(tokens) < LEAD_WORDS:
        return None
    letters = "".join(tokens)[:LEAD_KEY_LETTERS]
    return digest("lead", _source(article), letters)


def shared_urls(items: Iterable[tuple[bytes | None, str]], most: int = 1) -> frozenset[bytes]:
    """Return the URL keys that stand with more than `most` different titles, in (URL key, title) pairs: they name no
    article.
    """
    titles: dict[bytes, set[str]] = {}
    for key, title in items:
        if key is not None:
            titles.setdefault(key, set()).add(_one_line(title).casefold())
    return frozenset(key for key, under in titles.items() if len(under) > most)


# -- identity ---------------------------------------------------------------------------------------


def is_blank(article: Article, identity: Identity) -> bool:
    """Return whether an article lacks the field that tells the items of its feed apart."""
    return identity is not Identity.CONTENT and not _identifier(article, identity)


def _identifier(article: Article, identity: Identity) -> str:
    return article.guid.strip() if identity is Identity.GUID else article.url.strip()


def _tells_apart(articles: Sequence[Article], identity: Identity) -> bool:
    seen: dict[str, tuple[str, str]] = {}
    blank = 0
    for article in articles:
        value = _identifier(article, identity)
        what = (_one_line(article.title), url_key_text(article.url))
        if not value:
            blank += 1
        elif seen.setdefault(value, what) != what:  # the very same item twice proves nothing
            return False
    return blank <= MOST_BLANK * len(articles)


def _item_key(article: Article, identity: Identity) -> bytes:
    if identity is Identity.GUID and (guid := article.guid.strip()):
        return digest("item", article.feed, "guid", guid)
    if identity is not Identity.CONTENT and (link := article.url.strip()):
        key = url_key(link)
        return digest("item", article.feed, "link", key.text if key.sure else link)
    return digest(
        "item", article.feed, "content", *(_one_line(t) for t in (article.title, article.summary, article.content))
    )


_SCHEME_AND_HOST: Final = regex.compile(r"(?:[a-z][a-z0-9+.-]*:)?//[^/?#]*", flags=regex.I)


def _guid_key(article: Article) -> bytes | None:
    guid = article.guid.strip()
    place = _SCHEME_AND_HOST.match(guid)
    rest = guid[place.end() :] if place else guid
    return digest("guid", article.feed, rest) if rest.strip("/") else None


# -- title pattern ----------------------------------------------------------------------------------

_NUMBER: Final = regex.compile(r"\p{N}+")
_CALENDAR_NAMES: Final = """
    monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun
    january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec
    montag dienstag mittwoch donnerstag freitag samstag sonntag januar februar märz mai juni juli oktober dezember
    lundi mardi mercredi jeudi vendredi samedi dimanche janvier février mars avril juin juillet août septembre octobre
    novembre décembre lunes martes miércoles jueves viernes sábado domingo enero febrero marzo abril mayo junio julio agosto
    septiembre octubre noviembre diciembre
    понедельник вторник среда среду четверг пятница пятницу суббота субботу воскресенье понеделок вівторок середа четвер
    января февраля марта апреля мая июня июля августа сентября октября ноября декабря
    today tonight tomorrow yesterday morning evening
"""
_CALENDAR: Final = frozenset(_CALENDAR_NAMES.split())


def _pattern_key(article: Article, title: Title) -> bytes | None:
    """Return the digest of the title with numbers, weekdays, months and dates masked, within its source; None = no
    title.
    """
    if not title.tokens:
        return None
    return digest("pattern", _source(article), " ".join(mask(title.tokens)))


def mask(tokens: Sequence[str]) -> tuple[str, ...]:
    """Return the tokens of a title with numbers, weekdays, months and dates masked ("storm", "@", "#")."""
    return tuple("@" if token in _CALENDAR else _NUMBER.sub("#", token) for token in tokens)


def _source(article: Article) -> str:
    return article.source.strip().casefold() or article.feed


def _one_line(text: str) -> str:
    return " ".join(text.split())
