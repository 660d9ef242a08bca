"""Read a web page as a feed: each link that a selector finds is an item."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from watcher.core.feeds import decode, prescan
from watcher.core.feeds.prescan import DocumentKind
from watcher.core.feeds.raw import MOST_LANG_CHARS, RawItem, Text, address, to_entry, urljoin_safely
from watcher.core.model.feed import ParsedFeed
from watcher.core.model.outcome import FeedProblem, FetchProblemKind
from watcher.core.model.policy import ReadLimits
from watcher.core.web_addresses import is_web
from watcher.errors import ParseError

LONGEST_SELECTOR: Final = 500

_USUAL: Final = ("article h2 a", "article h3 a", "h2 a", "h3 a", "article a", "main li a", "main a")
"""Selectors that fit many news pages, the most exact first: tried for the sentence that says what else would do."""

_FEWEST: Final = 3
_MOST_NAMED: Final = 3
_HEAD_BYTES: Final = 4096
_META_CHARSET: Final = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:+-]{1,40})", re.IGNORECASE)
_BLANKS: Final = re.compile(r"\s+")


def wrong_selector(selector: str) -> str:
    """Return what is wrong with a CSS selector, in a sentence, or "" when it is one."""
    if len(selector) > LONGEST_SELECTOR:
        return f"a selector has at most {LONGEST_SELECTOR} signs"
    try:
        LexborHTMLParser("<p>").css(selector)
    except (SelectolaxError, ValueError):
        return "this is not a CSS selector"
    return ""


def parse_page(
    body: bytes, links: str, *, content_type: str = "", url: str = "", limits: ReadLimits | None = None
) -> ParsedFeed:
    """Return the links of a web page that a selector finds, in its order, each once; what is wrong is its `problem`.
    Never raises, whatever the bytes are.

    A selected element that is no link stands for the first link with words in it, or the link around it; what else it
    says is the item's summary, and a `<time datetime>` in it its date. Items are told apart by their links.

    Example: of `<h2><a href="/1">Ship leaves</a></h2>` the selector `h2 a` gives one item called "Ship leaves".
    """
    limits = limits or ReadLimits()
    try:
        page = WebPage(body, content_type, url)
        found = [_item(node, page) for node in page.select(links)]
    except ParseError as error:
        return ParsedFeed(whole=False, problem=FeedProblem(FetchProblemKind(error.kind), str(error)))
    items = _each_once([item for item in found if item is not None], page, limits)
    if not items:
        return ParsedFeed(whole=False, problem=FeedProblem(FetchProblemKind.NOTHING_FOUND, _nothing(page, links)))
    return page.as_feed(items[: limits.max_items], limits, kind="page", cut=len(items) > limits.max_items)


class WebPage:
    """A web page, parsed; what it says of itself, and what stands in it."""

    def __init__(self, body: bytes, content_type: str, url: str) -> None:
        """Parse a page.

        Raises:
            ParseError: it is empty, or no web page.
        """
        text = decode.decode(body, content_type or declared_type(body))
        kind = prescan.kind_of(text)
        if kind is DocumentKind.EMPTY:
            raise ParseError("The page is empty.", kind="empty")
        if kind in (DocumentKind.XML, DocumentKind.JSON) and "<html" not in text[:_HEAD_BYTES].lower():
            raise ParseError("This is no web page; if it is a feed, write it as `url`.", kind="not_a_feed")
        self._tree = LexborHTMLParser(text)
        self._tree.strip_tags(["script", "style", "noscript", "template"])  # their text is nobody's words
        base = self._tree.css_first("base[href]")
        self.url = url
        self.base = urljoin_safely(url, attribute(base, "href")) if base is not None else url

    def select(self, selector: str) -> list[LexborNode]:
        """Return the elements that a selector finds, in document order.

        Raises:
            ParseError: it is no selector.
        """
        try:
            return list(self._tree.css(selector))
        except (SelectolaxError, ValueError) as error:
            raise ParseError(f"`{selector}` is not a CSS selector.", kind="nothing_found") from error

    def as_feed(
        self, items: list[RawItem], limits: ReadLimits, *, kind: str, title: str = "", cut: bool = False
    ) -> ParsedFeed:
        """Return the page as a feed with these items, called `title` or what the page calls itself."""
        named, root = self._tree.css_first("title"), self._tree.root
        return ParsedFeed(
            kind=kind,
            title=(title or (words_of(named) if named is not None else ""))[: limits.max_title_chars],
            site_url=self.url if is_web(self.url) and len(self.url) <= limits.max_url_chars else "",
            lang=attribute(root, "lang")[:MOST_LANG_CHARS] if root is not None else "",
            entries=tuple(to_entry(item, self.base, limits) for item in items),
            cut=cut,
        )


def declared_type(body: bytes) -> str:
    """Return a content type with the encoding that a page declares for itself, "" where it declares none."""
    found = _META_CHARSET.search(body[:_HEAD_BYTES])
    return f"text/html; charset={found.group(1).decode('ascii')}" if found else ""


def words_of(node: LexborNode) -> str:
    """Return the text of an element on one line; elements in it keep apart what stands in them."""
    return _BLANKS.sub(" ", node.text(separator=" ")).strip()


def attribute(node: LexborNode, name: str) -> str:
    """Return an attribute of an element; "" where it has none, or one without a value."""
    return (node.attributes.get(name) or "").strip()


def _item(node: LexborNode, page: WebPage) -> RawItem | None:
    link = _link_of(node)
    href = attribute(link, "href") if link is not None else ""
    target = urljoin_safely(page.base, href)
    if link is None or not is_web(target) or target.partition("#")[0] in {page.url.partition("#")[0], ""}:
        return None
    title, text = words_of(link), "" if node.tag == "a" else words_of(node)
    time = node.css_first("time[datetime]")
    return RawItem(
        link=target,
        title=Text(title, html=False),
        fallback_title="" if title else _label(link),
        summary=Text(" ".join(text.replace(title, " ", 1).split()), html=False),
        published=attribute(time, "datetime") if time is not None else "",
    )


def _link_of(node: LexborNode) -> LexborNode | None:
    """Return the link that a selected element stands for: itself, the first with words in it, or the one around it."""
    if node.tag == "a":
        return node
    inside = list(node.css("a[href]"))
    if inside:
        return next((link for link in inside if words_of(link)), inside[0])
    around = node.parent
    while around is not None and around.tag != "a":
        around = around.parent
    return around


def _label(link: LexborNode) -> str:
    """Return what a link without words says: its label, its title, or what its picture shows."""
    picture = link.css_first("img[alt]")
    return attribute(link, "aria-label") or attribute(link, "title") or (attribute(picture, "alt") if picture else "")


def _each_once(items: list[RawItem], page: WebPage, limits: ReadLimits) -> list[RawItem]:
    """Return the items with each link once; the picture and the headline of one article are one item, with the words
    of the first that has any.
    """
    kept: dict[str, RawItem] = {}
    for item in items:
        item.link = address(item.link, limits).partition("#")[0] if "#!" not in item.link else item.link
        known = kept.setdefault(item.link, item)
        known.title = known.title if known.title.value else item.title
        known.fallback_title = known.fallback_title or item.fallback_title
        known.summary = known.summary if known.summary.value else item.summary
        known.published = known.published or item.published
    return [item for item in kept.values() if item.link]


def _nothing(page: WebPage, links: str) -> str:
    said = f"The selector `{links}` finds no link on this page: it changed, or asks for what is not there."
    others = list(_others(page))
    if not others:
        return f"{said} The page as a program gets it has hardly any links: browsers may fill it by a script."
    return f"{said} Others find: {', '.join(others)}."


def _others(page: WebPage) -> Iterator[str]:
    count = 0
    for selector in _USUAL:
        items = [item for node in page.select(selector) if (item := _item(node, page)) is not None and item.title.value]
        if len({item.link for item in items}) >= _FEWEST and count < _MOST_NAMED:
            count += 1
            example = items[0].title.value
            yield f"`{selector}` {len({item.link for item in items})} (such as {example[:60]!r})"
