"""What people call the outlet of an article: the name that they gave its feed, where the article is the feed's own.

| the item                                            | is called                    |
|-----------------------------------------------------|------------------------------|
| says itself where it is from ("Harbour Post")       | what it says                 |
| has a link on the feed's own site                   | the feed's name              |
| ... and the feed's name holds that of its host      | the feed's name              |
| has a link elsewhere: an aggregator, a feed service | the feed's name and the host |
| of a feed without a name of its own                 | the host of its link         |

Only for showing: who counts as one source is `core.alerts.sources`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from watcher.core.articles.urls import site
from watcher.core.model.article import Article
from watcher.core.web_addresses import host_of, outlet_host

NO_FEEDS: Final[Mapping[str, str]] = {}


def outlet_of(article: Article, feeds: Mapping[str, str] = NO_FEEDS) -> str:
    """Return what to call the outlet of an article; `feeds` are the addresses of those that the user named, by name.

    Of a feed named `wire`: "wire" for a link at wire.example, "wire (other.example)" for one elsewhere.
    """
    source, name = article.source, article.feed_name
    address = feeds.get(name)
    if address is None or not name:
        return source or name or host_of(article.url) or "unknown source"
    host = outlet_host(article.url)
    if not source or source == _of_feed(address):
        return name
    if source != host:
        return source
    return name if site(host) == site(address) or _holds(host, name) else f"{name} ({host})"


def _of_feed(address: str) -> str:
    """Return how the items of a feed are called that say nothing themselves; those of a Telegram channel are called by
    its address.
    """
    host, _, path = address.partition("://")[2].partition("/")
    return f"t.me/{path.removeprefix('s/').lower()}" if host == "t.me" else outlet_host(address)


def _holds(host: str, name: str) -> bool:
    """Return whether a name is told by a host's own word, or the other way round: "Coast Wire" and "coastwire.example";
    "Marine News" says nothing of news.paper.example, nor of news.example.
    """
    said = "".join(letter for letter in name.casefold() if letter.isalnum())
    short, long = sorted((said, site(host).partition(".")[0].replace("-", "")), key=len)
    return short == long or (len(short) >= _TELLING and short in long and 2 * len(short) >= len(long))


_TELLING: Final = 4
"""Letters that a shared part of name and host needs; fewer are shared by chance."""
