"""Make one item well-formed that no parser could read: the last resort, so that an odd element costs itself and not
its item.
"""

from __future__ import annotations

import re
from html import unescape
from xml.sax.saxutils import escape, quoteattr

_OPENING = re.compile(r"<((?:(?:dc|content):)?[A-Za-z]{2,12})(?=[\s/>])([^<>]{0,4000})>")
_USUAL = frozenset({
    "title", "link", "guid", "id", "description", "summary", "content", "content:encoded", "dc:creator", "category",
    "pubdate", "published", "dc:date", "updated",
})  # fmt: skip
_ATTRIBUTE = re.compile(r"\b(href|rel|type|term|isPermaLink)\s*=\s*(?:\"([^\"]{0,4000})\"|'([^']{0,4000})')")
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MAX_ELEMENTS = 50
_ATOM = "http://www.w3.org/2005/Atom"
_PREFIXES = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'


def salvage_item(text: str, *, is_atom: bool) -> str:
    """Return a well-formed feed of one item with the usual elements of an item's text; what else stands in the item
    is left out.

    An element without its end goes up to the next tag. Runs in linear time, because the number of elements has a bound.
    """
    kept: list[str] = []
    position = 0
    while len(kept) < _MAX_ELEMENTS and (opening := _OPENING.search(text, position)):
        position = opening.end()
        name, attributes = opening.groups()
        if name.lower() not in _USUAL:
            continue
        inner = ""
        if not attributes.endswith("/"):
            inner = _inner(text, position, f"</{name}")
            position += len(inner)
        kept.append(f"<{name}{_attributes(name, attributes)}>{_text(inner)}</{name}>")
    item = "".join(kept)
    if is_atom:
        return f'<feed xmlns="{_ATOM}" {_PREFIXES}><entry>{item}</entry></feed>'
    return f'<rss version="2.0" {_PREFIXES}><channel><item>{item}</item></channel></rss>'


def _inner(text: str, start: int, closing: str) -> str:
    end = text.find(closing, start)
    if end < 0:
        end = text.find("<", start)
    return text[start:end] if end >= 0 else text[start:]


def _attributes(element: str, text: str) -> str:
    found = {name: double or single for name, double, single in _ATTRIBUTE.findall(text)}
    if element != "link" and found.get("type", "text") != "text":
        found["type"] = "html"  # whatever markup it is, it becomes text here
    return "".join(f" {name}={quoteattr(_clean(unescape(value)))}" for name, value in found.items())


def _text(inner: str) -> str:
    """Return an element's content as text that is safe in XML, whatever tags it holds."""
    return escape(_clean(_CDATA.sub("", inner) if "<![CDATA[" in inner else unescape(inner)))


def _clean(text: str) -> str:
    return _CONTROLS.sub("", text)
