"""Read a web page as a feed: each link that a selector finds is an item."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from watcher.core.feeds import decode, prescan
from watcher.core.feeds.page_limits import Steps, refuse_page
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
_LINKS_OF_ONE: Final = 3  # picture, headline and "read more" of one article
_HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")
_MOST_WORD_CHARS: Final = 64 * 1024
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

    A selected element that is no link stands for the link in its highest heading, else the one with the longest text,
    or the link around it; what else it says is the item's summary, and a `<time datetime>` in it its date. Items are
    told apart by their links; where most elements fall on links that others have taken, that is a problem.

    Example: of `<h2><a href="/1">Ship leaves</a></h2>` the selector `h2 a` gives one item called "Ship leaves".
    """
    limits = limits or ReadLimits()
    try:
        page = WebPage(body, content_type, url)
        found = _Found(page, limits)
        for node in page.select(links):
            if not found.take(node):
                break
        if not found.kept:
            return ParsedFeed(whole=False, problem=FeedProblem(FetchProblemKind.NOTHING_FOUND, _nothing(page, links)))
    except ParseError as error:
        return ParsedFeed(whole=False, problem=FeedProblem(FetchProblemKind(error.kind), str(error)))
    feed = page.as_feed(list(found.kept.values()), limits, kind="page", cut=found.cut)
    return replace(feed, problem=found.problem(links))


class WebPage:
    """A web page, parsed; what it says of itself, and what stands in it."""

    def __init__(self, body: bytes, content_type: str, url: str) -> None:
        """Parse a page.

        Raises:
            ParseError: it is empty, or no web page, or too much to read.
        """
        text = decode.decode(body, content_type or declared_type(body))
        kind = prescan.kind_of(text)
        if kind is DocumentKind.EMPTY:
            raise ParseError("The page is empty.", kind="empty")
        if kind in (DocumentKind.XML, DocumentKind.JSON) and "<html" not in text[:_HEAD_BYTES].lower():
            raise ParseError("This is no web page; if it is a feed, write it as `url`.", kind="not_a_feed")
        refuse_page(text)
        self._tree = LexborHTMLParser(text)
        self._tree.strip_tags(["script", "style", "noscript", "template"])  # their text is nobody's words
        base = self._tree.css_first("base[href]")
        self.url = url
        self.base = urljoin_safely(url, attribute(base, "href")) if base is not None else url
        self.steps = Steps()
        self._links: dict[int, Link] = {}

    def link(self, node: LexborNode) -> Link:
        """Return what a link says; it is looked at once, however many selected elements it stands in.

        Raises:
            ParseError: too much was looked at.
        """
        if node.mem_id not in self._links:
            target = other_page(urljoin_safely(self.base, attribute(node, "href")))
            leads = is_web(target) and target != other_page(self.url)
            self._links[node.mem_id] = Link(node, target if leads else "", _said(node, self)[0], _rank(node, self))
        return self._links[node.mem_id]

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


def other_page(url: str) -> str:
    """Return an address without the part behind `#` that only points into its page.

    other_page("https://a.example/1#photo") is "https://a.example/1"; "https://a.example/#/1" and "#!1", by which
    scripts name pages of their own, stay.
    """
    page, _, inside = url.partition("#")
    return url if len(inside) > 1 and inside.startswith(("/", "!")) else page


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a page: where it leads ("" = to no other web page), its words, and the rank of its heading (1 = `h1`,
    7 = none).
    """

    node: LexborNode
    target: str
    words: str
    rank: int


class _Found:
    """The items of a page, each link once: the picture and the headline of one article are one item, with the words of
    the first that has any.
    """

    def __init__(self, page: WebPage, limits: ReadLimits) -> None:
        self.kept: dict[str, RawItem] = {}
        self.cut = False
        self._page, self._limits = page, limits
        self._taken_by: dict[str, dict[int, bool]] = {}  # each link of a page, and whether its element holds others
        self._elements = 0

    def take(self, node: LexborNode) -> bool:
        """Add a selected element; return False once there are as many items as may be read.

        Raises:
            ParseError: too much was looked at.
        """
        link, item, holds_others = _item(node, self._page)
        where = other_page(address(item.link, self._limits)) if item is not None else ""
        if link is None or item is None or not where:
            return True
        if where not in self.kept and len(self.kept) >= self._limits.max_items:
            self.cut = True
            return False
        self._elements += 1
        self._taken_by.setdefault(where, {}).setdefault(link.node.mem_id, holds_others)
        item.link = where
        known = self.kept.setdefault(where, item)
        known.title = known.title if known.title.value else item.title
        known.fallback_title = known.fallback_title or item.fallback_title
        known.summary = known.summary if known.summary.value else item.summary
        known.published = known.published or item.published
        return True

    def problem(self, links: str) -> FeedProblem | None:
        """Return the problem of a selector whose elements mostly stand for links that others stand for, too."""
        lost = sum(map(_lost, self._taken_by.values()))
        if 2 * lost <= self._elements:
            return None
        most = max(self._taken_by, key=lambda where: len(self._taken_by[where]))
        said = (
            f"Of {self._elements} elements that the selector `{links}` finds, {lost} lead where others before them "
            f"lead, most to {most[:200]}: articles may be missed. Give a selector that finds their headlines, such as `{links} h2 a`."
        )
        return FeedProblem(FetchProblemKind.SAME_LINKS, said)


def _lost(taken: Mapping[int, bool]) -> int:
    """Return how many elements fall on a link that another has taken, and hold more than it, or are too many for one
    article.
    """
    more = list(taken.values())[1:]
    return len(more) if len(taken) > _LINKS_OF_ONE else sum(more)


def _item(node: LexborNode, page: WebPage) -> tuple[Link | None, RawItem | None, bool]:
    """Return the link that a selected element stands for, its item, and whether it holds links that lead elsewhere."""
    if node.tag == "a":
        link, text, time, others = page.link(node), "", node.css_first("time[datetime]"), False
    else:
        text, time, inside = _said(node, page)
        leading = [one for one in map(page.link, inside) if one.target]
        chosen = min(leading, key=_preference) if leading else _around(node, page) if not inside else None
        if chosen is None:
            return None, None, False
        link, others = chosen, any(one.target != chosen.target for one in leading)
    if not link.target:
        return None, None, False
    item = RawItem(
        link=link.target,
        title=Text(link.words, html=False),
        fallback_title="" if link.words else _label(link.node),
        summary=Text(" ".join(text.replace(link.words, " ", 1).split()), html=False),
        published=attribute(time, "datetime") if time is not None else "",
    )
    return link, item, others


def _preference(link: Link) -> tuple[bool, int, int]:
    return not link.words, link.rank, -len(link.words)


def _around(node: LexborNode, page: WebPage) -> Link | None:
    around = node.parent
    while around is not None and around.tag != "a":
        page.steps.take()
        around = around.parent
    return page.link(around) if around is not None else None


def _rank(link: LexborNode, page: WebPage) -> int:
    """Return the rank of the heading that a link stands in, or that stands in it; 7 = neither."""
    inside = link.css_first(", ".join(_HEADINGS))
    if inside is not None:
        return _HEADINGS.index(inside.tag or "") + 1
    around = link.parent
    while around is not None and around.tag not in _HEADINGS:
        page.steps.take()
        around = around.parent
    return _HEADINGS.index(around.tag or "") + 1 if around is not None else len(_HEADINGS) + 1


def _said(node: LexborNode, page: WebPage) -> tuple[str, LexborNode | None, list[LexborNode]]:
    """Return the text of an element on one line, its first time, and the links in it.

    Raises:
        ParseError: too much was looked at.
    """
    words: list[str] = []
    time, inside, room = None, [], _MOST_WORD_CHARS
    for one in node.traverse(include_text=True):
        page.steps.take()
        if one.tag == "-text":
            words.append((one.text_content or "")[:room])
            room -= len(words[-1])
        elif one.tag == "a" and "href" in one.attributes:
            inside.append(one)
        elif time is None and one.tag == "time" and attribute(one, "datetime"):
            time = one
    return _BLANKS.sub(" ", " ".join(words)).strip(), time, inside


def _label(link: LexborNode) -> str:
    """Return what a link without words says: its label, its title, or what its picture shows."""
    picture = link.css_first("img[alt]")
    return attribute(link, "aria-label") or attribute(link, "title") or (attribute(picture, "alt") if picture else "")


def _nothing(page: WebPage, links: str) -> str:
    said = f"The selector `{links}` finds no link on this page: it changed, or asks for what is not there."
    others = list(_others(page))
    if not others:
        return f"{said} The page as a program gets it has hardly any links: browsers may fill it by a script."
    return f"{said} Others find: {', '.join(others)}."


def _others(page: WebPage) -> Iterator[str]:
    count = 0
    for selector in _USUAL:
        links = [link for node in page.select(selector) if (link := page.link(node)).target and link.words]
        targets = {link.target for link in links}
        if len(targets) >= _FEWEST and count < _MOST_NAMED:
            count += 1
            yield f"`{selector}` {len(targets)} (such as {links[0].words[:60]!r})"
