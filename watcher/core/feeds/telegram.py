"""Read the public preview page of a Telegram channel: each post is an item.

The page shows the newest posts, about 20; only public channels whose owner did not switch it off have one.
"""

from __future__ import annotations

from typing import Final

from selectolax.lexbor import LexborNode

from watcher.core.feeds.pages import WebPage, attribute, words_of
from watcher.core.feeds.raw import RawItem, Text
from watcher.core.feeds.telegram_names import HOST, channel_named
from watcher.core.model.feed import ParsedFeed
from watcher.core.model.outcome import FeedProblem, FetchProblemKind
from watcher.core.model.policy import ReadLimits
from watcher.errors import ParseError

_POST: Final = ".tgme_widget_message[data-post]"
_TEXT: Final = ".js-message_text"  # the quoted post of an answer has another class
_ELSE: Final = (".tgme_widget_message_poll_question", ".link_preview_title", ".link_preview_description")
_TITLE: Final = ".tgme_channel_info_header_title"
_NO_POSTS: Final = (
    "No posts stand on this page: there is no such channel, its owner switched the preview off, or it is a group. "
    "Telegram shows programs nothing else of it."
)


def parse_telegram(
    body: bytes, *, content_type: str = "", url: str = "", limits: ReadLimits | None = None
) -> ParsedFeed:
    """Return the posts of a preview page, oldest first as it shows them; what is wrong is its `problem`. Never raises.

    A post has no title of its own; its text is that of the post, or of the poll or page that it shows.
    """
    limits = limits or ReadLimits()
    try:
        page = WebPage(body, content_type, url)
        found = page.select(_POST)
        posts = [_post(node) for node in found[-limits.max_items :]]
        title = next(iter(page.select(_TITLE)), None)
    except ParseError as error:
        return ParsedFeed(whole=False, problem=FeedProblem(FetchProblemKind(error.kind), str(error)))
    if not posts:
        return ParsedFeed(whole=False, problem=FeedProblem(FetchProblemKind.NOTHING_FOUND, _NO_POSTS))
    return page.as_feed(
        posts, limits, kind="telegram", title=words_of(title) if title is not None else "", cut=len(posts) < len(found)
    )


def _post(node: LexborNode) -> RawItem:
    name = attribute(node, "data-post")
    texts = [found for selector in (_TEXT, *_ELSE) if (found := node.css_first(selector)) is not None]
    body = texts[0] if texts and "js-message_text" in attribute(texts[0], "class") else None
    time = node.css_first(".tgme_widget_message_date time[datetime]")
    said = body.html or "" if body is not None else " ".join(words_of(text) for text in texts)
    return RawItem(
        guid=name,
        link=f"{HOST}/{name}",
        summary=Text(said, html=body is not None),
        published=attribute(time, "datetime") if time is not None else "",
        source_name=_source(node, name),
    )


def _source(node: LexborNode, name: str) -> str:
    """Return whose post it is: the channel that it was forwarded from where that is said, else this one."""
    first = node.css_first("a.tgme_widget_message_forwarded_from_name")
    address = attribute(first, "href") if first is not None else ""
    parts = address.removeprefix(f"{HOST}/").split("/")
    channel = channel_named(parts[0]) if address.startswith(HOST) else ""
    if first is not None and not channel:
        return words_of(first)
    return f"t.me/{(channel or name.partition('/')[0]).lower()}"
