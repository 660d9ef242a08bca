"""Look at a document before it is parsed: what it is, whether its end was reached, and what must not reach a slow
parser.
"""

from __future__ import annotations

import re
from enum import StrEnum

from watcher.core.feeds.decode import without_comments
from watcher.core.model.policy import ReadLimits
from watcher.errors import ParseError


class DocumentKind(StrEnum):
    """What a document is by its first letters."""

    XML = "xml"
    JSON = "json"
    HTML = "html"
    EMPTY = "empty"
    OTHER = "other"


_HTML_ROOTS = frozenset(
    {
        "html",
        "head",
        "body",
        "title",
        "meta",
        "script",
        "div",
        "p",
        "h1",
        "center",
        "table",
        "style",
        "link",
        "a",
        "pre",
    }
)
_BEFORE_ROOT = re.compile(
    r"\s*(?:<\?[^>]{0,2000}\?>|<!--(?:[^-]|-(?!->)){0,20000}-->|<!DOCTYPE(?:[^>\[]|\[[^\]]{0,20000}\]){0,20000}>)",
    re.IGNORECASE,
)
_ROOT = re.compile(r"\s*<([A-Za-z_][\w.:-]{0,60})")
_HTML_DOCTYPE = re.compile(r"<!DOCTYPE\s+html\b", re.IGNORECASE)
_HEAD_CHARS = 200_000
# From the start of a name only, so that a long word is looked through once.
_ATTRIBUTE = re.compile(
    r"(?<![\w:.-])([\w:.-]{1,60}+)\s*+=\s*+(?:\"([^\"]{0,2000})\"|'([^']{0,2000})'|([^\s\"'>]{1,2000}))"
)

_ROOT_END = re.compile(r"</\s*(?:rss|feed|rdf:RDF|RDF|channel|urlset|sitemaps|[\w.-]{1,40}:feed)\s*>", re.IGNORECASE)
_RDF_END = re.compile(r"</\s*(?:[\w.-]{1,40}:)?RDF\s*>", re.IGNORECASE)
_ITEM_START = re.compile(r"<(?:[\w.-]{1,20}:)?(?:item|entry|url)[\s>]", re.IGNORECASE)
_TAIL_CHARS = 4096
_TAG = re.compile(r"<[A-Za-z/][^<>]*>")
_LOOSE_DEPTH = 1000  # open tags without their end; HTML leaves many open


def kind_of(text: str) -> DocumentKind:
    """Return what a decoded document is; a web page counts as HTML even where it is well-formed XML."""
    if not text.strip("\ufeff \t\r\n\x00"):
        return DocumentKind.EMPTY
    if text[0] in "{[":
        return DocumentKind.JSON
    root = root_of(text)
    if root in _HTML_ROOTS or _HTML_DOCTYPE.match(text[:200].lstrip()):
        return DocumentKind.HTML
    if not root:
        return DocumentKind.HTML if "<html" in text[:_HEAD_CHARS].lower() else DocumentKind.OTHER
    return DocumentKind.XML


def root_of(text: str) -> str:
    """Return the name of the first element in lower case, "" when the document does not begin with one."""
    position = 0
    while before := _BEFORE_ROOT.match(text, position):
        position = before.end()
    found = _ROOT.match(text, position)
    return found.group(1).lower() if found else ""


def reaches_end(text: str) -> bool:
    """Return whether the end tag of a feed stands at the end of an ill-formed document, with no item behind it.

    The channel of RSS 1.0 ends before its first item, so that its end is not that of the document.

    >>> reaches_end("<rdf:RDF><channel></channel><item><title>Half a ti"),
    reaches_end("<rss><channel><item></item></channel>") (False, True)
    """
    tail = without_comments(text[-_TAIL_CHARS:])
    ends = (_RDF_END if root_of(text).rpartition(":")[2] == "rdf" else _ROOT_END).finditer(tail)
    last = max((found.end() for found in ends), default=-1)
    opened = tail.rfind("<![CDATA[")
    if 0 <= opened < last and "]]>" not in tail[opened:]:
        return not tail[last:].strip()  # else an article about feeds speaks of the tag, and was cut
    return last >= 0 and _ITEM_START.search(tail, last) is None


def refuse_attributes(text: str, limits: ReadLimits) -> None:
    """Refuse ill-formed text with an element of too many attributes: tolerant parsers take quadratic time for them.

    Raises:
        ParseError: of kind too_complex.
    """
    for tag in _TAG.findall(text):
        if tag.count("=") > limits.max_attributes and len(_ATTRIBUTE.findall(tag)) > limits.max_attributes:
            raise ParseError(f"An element has more than {limits.max_attributes} attributes.", kind="too_complex")


def refuse_depth(piece: str) -> None:
    """Refuse a piece of ill-formed text that opens thousands of elements and does not close them.

    Raises:
        ParseError: of kind too_complex.
    """
    depth = 0
    for tag in _TAG.findall(piece):
        if tag.startswith("</"):
            depth = max(0, depth - 1)
        elif not tag.endswith("/>"):
            depth += 1
            if depth > _LOOSE_DEPTH:
                raise ParseError("Thousands of elements are opened and not closed.", kind="too_complex")
