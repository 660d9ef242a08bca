"""Read a well-formed RSS, RDF or Atom document in one pass of expat.

The pass costs linear time and keeps no tree. It refuses what is too complex, and keeps the whole items of a document
that is cut short. Documents that are not well-formed go to feedparser (core.feeds.loose).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from xml.parsers import expat

from watcher.core.feeds.names import (
    RDF_ABOUT,
    SEPARATOR,
    XML_BASE,
    XML_LANG,
    short_name,
    with_declared_prefixes,
    written,
)
from watcher.core.feeds.other_dialects import SITEMAP, SITEMAP_ROOTS, news_items, read_cdf_item
from watcher.core.feeds.prescan import reaches_end
from watcher.core.feeds.raw import (
    MARKUP_FACTOR,
    RawFeed,
    RawItem,
    Text,
    UnreadableXml,
    address,
    newest,
    person,
    read_link,
    urljoin_safely,
)
from watcher.core.model.policy import ReadLimits
from watcher.errors import ParseError

_ITEM = "item"
_ITEMS = {"atom": {"item", "entry"}, SITEMAP: {"url"}}
_ROOTS = {
    "rss": "rss",
    "rdf:rdf": "rdf",
    "atom:feed": "atom",
    "feed": "atom",
    "rdf": "rdf",
    "channel": "rdf",
    **dict.fromkeys(SITEMAP_ROOTS, SITEMAP),
}
_VERSIONS = {"atom:feed": "1.0", "rdf:rdf": "1.0"}
_ENTITY_CHARS = 1024
_NESTED_ITEMS = 3
_CUT_SHORT = frozenset({
    expat.errors.codes[text]
    for text in (
        expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION, expat.errors.XML_ERROR_PARTIAL_CHAR,
    )
})  # fmt: skip
_WISHES = {"ttl": "ttl", "sy:updateperiod": "period", "sy:updatefrequency": "frequency"}
_SKIPPED = frozenset({"hour", "day"})
_UNBOUND = expat.errors.codes[expat.errors.XML_ERROR_UNBOUND_PREFIX]
_JUNK_AFTER = expat.errors.codes[expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT]
_AMPLIFIED = expat.errors.codes[expat.errors.XML_ERROR_AMPLIFICATION_LIMIT_BREACH] if hasattr(
    expat.errors, "XML_ERROR_AMPLIFICATION_LIMIT_BREACH"
) else -1  # fmt: skip


def read_xml(text: str, limits: ReadLimits) -> RawFeed:
    """Return the feed in a document that `decode.mend_ampersands` went over.

    Raises:
        UnreadableXml: ill-formed before its end, or a dialect that this reader does not know.
        ParseError: too many attributes, too deep, or an entity bomb (kind too_complex).
    """
    try:
        return _Pass(limits).run(text)
    except expat.ExpatError as error:
        if error.code != _UNBOUND:
            raise UnreadableXml(str(error)) from error
    try:
        return _Pass(limits).run(with_declared_prefixes(text))
    except expat.ExpatError as error:
        raise UnreadableXml(str(error)) from error


@dataclass(slots=True)
class _Frame:
    name: str
    base: str
    lang: str
    ends: Callable[[str], None] | None = None


class _Pass:
    """One pass over one document."""

    def __init__(self, limits: ReadLimits) -> None:
        self.limits = limits
        self.feed = RawFeed()
        self.stack: list[_Frame] = []
        self.open_items: list[RawItem] = []
        self.item_depths: list[int] = []
        self.item_places: list[int] = []
        self.text: list[str] = []
        self.room = 0
        self.text_depth = 0  # depth of the element whose text is being taken, 0 = none
        self.escaping = False
        self.own_namespace: str | None = None

    def run(self, text: str) -> RawFeed:
        parser = expat.ParserCreate("utf-8", SEPARATOR)
        parser.namespace_prefixes = True
        parser.buffer_text = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters
        parser.EntityDeclHandler = self.entity
        try:
            parser.Parse(text.encode("utf-8", "replace"), True)
        except expat.ExpatError as error:
            if error.code == _AMPLIFIED:
                raise ParseError("The document expands its own entities without end.", kind="too_complex") from error
            # An unclosed CDATA section runs to the end of the file, although the document goes on within it.
            if error.code in _CUT_SHORT and self.feed.kind and not reaches_end(text):
                self.feed.cut_short = True
            elif not (error.code == _JUNK_AFTER and self.feed.kind):
                raise
        if self.feed.kind == SITEMAP:
            self.feed.items = news_items(self.feed.items)
        self.keep_newest(self.limits.max_items)
        return self.feed

    # -- events ---------------------------------------------------------------------------------

    def entity(
        self,
        name: str,
        is_parameter: bool,
        value: str | None,
        base: str | None,
        system: str | None,
        public: str | None,
        notation: str | None,
    ) -> None:
        if value is not None and (len(value) > _ENTITY_CHARS or "&" in value or "%" in value):
            raise ParseError(
                f"The document declares an entity '{name[:40]}' that can grow without end.", kind="too_complex"
            )

    def start(self, raw_name: str, attributes: Mapping[str, str]) -> None:
        if len(attributes) > self.limits.max_attributes:
            raise ParseError(
                f"An element has {len(attributes)} attributes; at most {self.limits.max_attributes} are read.",
                kind="too_complex",
            )
        if len(self.stack) >= self.limits.max_depth:
            raise ParseError(f"Elements are nested more than {self.limits.max_depth} deep.", kind="too_complex")
        name = self.name_of(raw_name)
        parent = self.stack[-1] if self.stack else None
        base, lang = (parent.base, parent.lang) if parent else ("", "")
        if attributes:
            own_base = address(attributes.get(XML_BASE, ""), self.limits)
            if own_base:
                base = urljoin_safely(base, own_base)
            lang = attributes.get(XML_LANG, lang)
        frame = _Frame(name, base, lang)
        self.stack.append(frame)
        if self.text_depth:
            self.markup(f"<{name.rpartition(':')[2]}{written(attributes)}>")
        elif parent is None:
            self.begin_document(name, attributes, frame)
        else:
            self.begin_element(name, attributes, frame)

    def end(self, raw_name: str) -> None:
        frame = self.stack.pop()
        depth = len(self.stack) + 1
        if self.text_depth:
            if depth > self.text_depth:
                self.markup(f"</{frame.name.rpartition(':')[2]}>")
                return
            self.text_depth = 0
            value = "".join(self.text).strip()
            self.text.clear()
            if frame.ends is not None:
                frame.ends(value)
        if self.item_depths and self.item_depths[-1] == depth:
            self.item_depths.pop()
            # An item within an item stands behind it, though it ends first.
            self.feed.items.insert(self.item_places.pop(), self.open_items.pop())
            if len(self.feed.items) >= 2 * self.limits.max_items:
                self.keep_newest(self.limits.max_items)

    def characters(self, data: str) -> None:
        if self.text_depth and self.room > 0:
            if self.escaping or len(self.stack) > self.text_depth:
                data = escape(data, quote=False)
            self.text.append(data[: self.room])
            self.room -= len(data)

    # -- helpers --------------------------------------------------------------------------------

    def name_of(self, raw_name: str) -> str:
        if not self.stack and raw_name.count(SEPARATOR) == 1:
            # Feeds whose root carries an invented default namespace.
            self.own_namespace = raw_name.split(SEPARATOR)[0].lower()
        return short_name(raw_name, self.own_namespace)

    def markup(self, tag: str) -> None:
        if self.room > 0:
            self.text.append(tag)
            self.room -= len(tag)

    def take(self, frame: _Frame, ends: Callable[[str], None], *, escaping: bool = False, limit: int = 0) -> None:
        """Collect the text of the element that was just opened and hand it to `ends`."""
        frame.ends = ends
        self.text_depth = len(self.stack)
        self.escaping = escaping
        self.room = (limit or self.limits.max_text_chars) * MARKUP_FACTOR

    def begin_document(self, name: str, attributes: Mapping[str, str], frame: _Frame) -> None:
        kind = _ROOTS.get(name)
        if kind is None:
            raise UnreadableXml
        self.feed.kind = kind
        self.feed.root = name
        self.feed.version = attributes.get("version", "").strip()[:10] or _VERSIONS.get(name, "")
        self.feed.base = frame.base
        self.feed.lang = frame.lang

    def begin_element(self, name: str, attributes: Mapping[str, str], frame: _Frame) -> None:
        local = name.removeprefix("atom:") if self.feed.kind == "atom" else name
        if local in _ITEMS.get(self.feed.kind, {_ITEM}):
            if len(self.open_items) >= _NESTED_ITEMS:
                raise UnreadableXml("items are not closed")
            item = RawItem(base=frame.base, lang=frame.lang)
            item.guid = next((value for key, value in attributes.items() if key.startswith(RDF_ABOUT)), "").strip()
            if self.feed.root == "channel":
                read_cdf_item(item, attributes)
            self.open_items.append(item)
            self.item_depths.append(len(self.stack))
            self.item_places.append(len(self.feed.items))
        elif self.open_items:
            reader = ItemReader(self, self.open_items[-1], frame, attributes)
            if self.feed.kind == SITEMAP:
                reader.begin_in_sitemap(local)
            else:
                reader.begin(local, len(self.stack) - self.item_depths[-1])
        else:
            self.begin_in_feed(local, attributes, frame)

    def begin_in_feed(self, local: str, attributes: Mapping[str, str], frame: _Frame) -> None:
        depth = len(self.stack)
        of_feed = depth == 2 if self.feed.kind == "atom" else depth == 3 and self.stack[1].name == "channel"
        if self.feed.root == "channel":
            of_feed = depth == 2
        if local == "channel" and frame.lang:
            self.feed.lang = frame.lang
        if local == "channel" and frame.base:
            self.feed.base = frame.base
        if not of_feed:
            self.begin_skipped(local, frame)
            return
        feed = self.feed
        match local:
            case "title":
                self.take(frame, lambda value: _set(feed, "title", value), limit=self.limits.max_title_chars)
            case "link" if self.feed.kind == "atom":
                read_link(feed, attributes, frame.base, of_page=True)
            case "atom:link":
                read_link(feed, attributes, frame.base, of_page=False)
            case "link":
                self.take(frame, lambda value: _set(feed, "link", value), limit=self.limits.max_url_chars)
            case "language" | "dc:language":
                self.take(frame, lambda value: _set(feed, "lang", value), limit=100)
            case "ttl" | "sy:updateperiod" | "sy:updatefrequency":
                field = _WISHES[local]
                self.take(frame, lambda value: _set(feed, field, value), limit=20)
            case _:
                pass

    def begin_skipped(self, local: str, frame: _Frame) -> None:
        """Take an hour or day at which the feed says that it brings nothing."""
        if local in _SKIPPED and len(self.stack) == 4 and self.stack[2].name == f"skip{local}s":
            skipped = self.feed.skip_hours if local == "hour" else self.feed.skip_days
            self.take(frame, skipped.append, limit=10)

    def keep_newest(self, count: int) -> None:
        items = self.feed.items
        if len(items) <= count:
            return
        self.feed.cut = True
        self.feed.items = newest(items, count)


class ItemReader:
    """Knows what each element within an item means."""

    __slots__ = ("attributes", "frame", "item", "reading")

    def __init__(self, reading: _Pass, item: RawItem, frame: _Frame, attributes: Mapping[str, str]) -> None:
        self.reading = reading
        self.item = item
        self.frame = frame
        self.attributes = attributes

    def begin(self, name: str, depth: int) -> None:
        """Start reading an element; `depth` 1 = a child of the item itself."""
        parent = self.reading.stack[-2].name.removeprefix("atom:")
        if parent in {"source", "author"} and depth == 2:
            self.begin_in_person_or_source(name, parent)
        elif name.startswith(("media:", "itunes:")):
            self.begin_extension(name)
        elif depth == 1 and not (self.begin_text(name) or self.begin_address(name)):
            self.begin_fact(name)

    def begin_in_sitemap(self, name: str) -> None:
        item = self.item
        match name:
            case "loc":
                self.take(lambda value: setattr(item, "link", item.link or value))
            case "lastmod":
                self.take(lambda value: setattr(item, "updated", value))
            case "news:title":
                self.take_text(item.title, False, self.reading.limits.max_title_chars)
            case "news:publication_date":
                self.take(lambda value: setattr(item, "published", value))
            case "news:language":
                self.take(lambda value: setattr(item, "lang", value))
            case "news:keywords":
                self.take(lambda value: item.tags.extend(filter(None, map(str.strip, value.split(",")))))
            case _:
                pass

    def begin_text(self, name: str) -> bool:
        item = self.item
        is_atom = self.reading.feed.kind == "atom"
        match name:
            case "title" | "atom:title":
                self.take_text(
                    item.title,
                    self.format() if is_atom or name == "atom:title" else None,
                    self.reading.limits.max_title_chars,
                )
            case "description" | "atom:summary":
                self.take_text(item.summary, True)
            case "summary" | "tagline" if is_atom:
                self.take_text(item.summary, self.format())
            case "dc:description" | "dcterms:abstract" | "abstract":
                self.take_text(item.fallback_summary, True)
            case "content:encoded" | "xhtml:body" | "body" | "fullitem":
                self.take_text(item.content, True)
            case "content" | "atom:content":
                if not self.attributes.get("src"):
                    self.take_text(item.content, self.format() if is_atom or name == "atom:content" else True)
            case _:
                return False
        return True

    def begin_address(self, name: str) -> bool:
        item = self.item
        is_atom = self.reading.feed.kind == "atom"
        match name:
            case "guid" | "id" if not is_atom:
                item.guid_is_link = (
                    self.attributes.get("isPermaLink", self.attributes.get("ispermalink", "true")).strip().lower()
                    == "true"
                )
                self.take(lambda value: setattr(item, "guid", value))
            case "id":
                item.guid_is_link = True
                self.take(lambda value: setattr(item, "guid", value))
            case "link" if not is_atom and not self.attributes.get("href"):
                self.take(lambda value: setattr(item, "link", value or item.link))
            case "link" | "atom:link":
                self.atom_link()
            case "enclosure":
                item.other_link = item.other_link or self.attributes.get("url", "")
            case "source" if not is_atom:
                item.source_url = self.attributes.get("url", "")
                self.take(lambda value: setattr(item, "source_name", value))
            case _:
                return False
        return True

    def begin_fact(self, name: str) -> None:
        item = self.item
        match name:
            case "pubdate" | "published" | "issued" | "dcterms:issued" | "atom:published":
                self.take(lambda value: setattr(item, "published", item.published or value))
            case "dc:date" | "created" | "dcterms:created":
                self.take(lambda value: setattr(item, "dated", item.dated or value))
            case "updated" | "modified" | "dcterms:modified" | "lastbuilddate" | "atom:updated":
                self.take(lambda value: setattr(item, "updated", item.updated or value))
            case "dc:creator" | "dc:author":
                self.take(lambda value: item.authors.append(person(value)))
            case "author" if self.reading.feed.kind != "atom":
                self.take(lambda value: item.authors.append(person(value)))
            case "category" | "dc:subject" | "atom:category":
                said = self.attributes.get("label") or self.attributes.get("term") or ""
                self.add_tag(said)
                if not said:
                    self.take(self.add_tag)
            case "dc:language" | "language":
                self.take(lambda value: setattr(item, "lang", value))
            case "dc:title":
                self.take(lambda value: setattr(item, "fallback_title", value))
            case _:
                pass

    def begin_extension(self, name: str) -> None:
        """Media RSS and iTunes never replace what the item says itself; they fill what is missing."""
        item = self.item
        match name:
            case "media:title" | "itunes:title":
                self.take(lambda value: setattr(item, "fallback_title", item.fallback_title or value))
            case "media:description" | "itunes:summary":
                self.take_text(item.fallback_summary, True)
            case "itunes:author":
                self.take(lambda value: None if item.authors else item.authors.append(person(value)))
            case _:
                pass

    def begin_in_person_or_source(self, name: str, parent: str) -> None:
        item = self.item
        if parent == "author" and name == "name":
            self.take(item.authors.append)
        elif parent == "source" and name == "title":
            self.take(lambda value: setattr(item, "source_name", value))
        elif parent == "source" and name == "link" and self.attributes.get("rel", "alternate") == "alternate":
            item.source_url = item.source_url or self.attributes.get("href", "")

    # -- helpers --------------------------------------------------------------------------------

    def take(self, ends: Callable[[str], None]) -> None:
        self.reading.take(self.frame, ends, limit=self.reading.limits.max_title_chars)

    def take_text(self, text: Text, html: bool | None, limit: int = 0) -> None:
        """Read a text; the first of its kind that is not empty stays."""

        def ends(value: str) -> None:
            if value and not text.value:
                text.value = value
                text.html = html

        is_xhtml = self.reading.feed.kind == "atom" and self.is_xhtml()
        self.reading.take(self.frame, ends, escaping=is_xhtml, limit=limit)

    def format(self) -> bool | None:
        """Return whether an Atom text construct is markup. Source: RFC 4287 sections 3.1 and 4.1.3; Atom 0.3 said it
        by media types.
        """
        if self.attributes.get("mode", "").lower() == "base64":
            raise UnreadableXml
        kind = self.attributes.get("type", "text").strip().lower()
        if kind in {"text", "text/plain"}:
            # Many feeds put markup into texts that they call plain; Atom 0.3 escaped it by `mode`.
            return None if self.reading.feed.version == "0.3" or self.attributes.get("mode") == "escaped" else False
        if kind not in {"html", "xhtml"} and not kind.startswith("text/") and not kind.endswith(("+xml", "/xml")):
            raise UnreadableXml
        return True

    def is_xhtml(self) -> bool:
        kind = self.attributes.get("type", "").strip().lower()
        return (kind == "xhtml" or kind.endswith(("+xml", "/xml"))) and self.attributes.get("mode", "xml") == "xml"

    def atom_link(self) -> None:
        item = self.item
        href = self.attributes.get("href", "").strip()
        relation = (
            self.attributes.get("rel", "alternate")
            .strip()
            .lower()
            .removeprefix("http://www.iana.org/assignments/relation/")
        )
        if not href:
            return
        href = urljoin_safely(self.frame.base, href)
        if relation == "alternate" and self.attributes.get("type", "text/html").lower() in {
            "text/html",
            "html",
            "application/xhtml+xml",
        }:
            item.link = item.link or href
        elif relation in {"alternate", "enclosure"}:
            item.other_link = item.other_link or href

    def add_tag(self, value: str) -> None:
        if value and len(self.item.tags) < self.reading.limits.max_tags:
            self.item.tags.append(value)


def _set(feed: RawFeed, name: str, value: str) -> None:
    if value and not getattr(feed, name):
        setattr(feed, name, value)
