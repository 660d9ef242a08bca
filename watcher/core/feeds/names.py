"""The names of XML elements as feeds use them: one short prefix for each namespace, whatever the document calls it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

SEPARATOR = "\x1f"
"""Stands between namespace, local name and prefix of what expat gives; no XML document can hold it."""

XML_BASE = SEPARATOR.join(("http://www.w3.org/XML/1998/namespace", "base", "xml"))
XML_LANG = SEPARATOR.join(("http://www.w3.org/XML/1998/namespace", "lang", "xml"))
RDF_ABOUT = SEPARATOR.join(("http://www.w3.org/1999/02/22-rdf-syntax-ns#", "about"))

_PREFIXES = {
    "": "",
    "http://blogs.law.harvard.edu/tech/rss": "",
    "http://purl.org/rss/1.0/": "",
    "http://purl.org/net/rss1.1#": "",
    "http://purl.org/rss/1.0/modules/rss091#": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://channel.netscape.com/rdf/simple/0.9/": "",
    "http://www.w3.org/2005/atom": "atom:",
    "http://purl.org/atom/ns#": "atom:",
    "http://www.w3.org/1999/xhtml": "xhtml:",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf:",
    "http://purl.org/dc/elements/1.1/": "dc:",
    "http://purl.org/dc/terms/": "dcterms:",
    "http://purl.org/rss/1.0/modules/content/": "content:",
    "http://purl.org/rss/1.0/modules/syndication/": "sy:",
    "http://search.yahoo.com/mrss/": "media:",
    "http://search.yahoo.com/mrss": "media:",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes:",
    "http://www.sitemaps.org/schemas/sitemap/0.9": "",
    "http://www.google.com/schemas/sitemap/0.84": "",
    "http://www.google.com/schemas/sitemap/0.9": "",
    "http://www.google.com/schemas/sitemap-news/0.9": "news:",
}
# What feeds mean by a prefix that they forgot to declare.
_USUAL = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "media": "http://search.yahoo.com/mrss/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "news": "http://www.google.com/schemas/sitemap-news/0.9",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}
_USERLAND = "http://backend.userland.com/rss"

_PREFIX_USED = re.compile(r"<([A-Za-z_][\w.-]{0,40}):[A-Za-z_]|\s([A-Za-z_][\w.-]{0,40}):[\w.-]{1,60}\s*=")
_PREFIX_DECLARED = re.compile(r"\sxmlns:([A-Za-z_][\w.-]{0,40})\s*=")
_ROOT = re.compile(r"<[A-Za-z_][\w.:-]*+(?P<attributes>(?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+)>")


def short_name(raw_name: str, own_namespace: str | None) -> str:
    """Return an element's name in lower case with our prefix for its namespace.

    `raw_name` is what expat gives: namespace, local name and prefix, of which only the second is always there.
    Elements of `own_namespace` without prefix, which is what an unknown default namespace of the root means, have
    none. Names of other unknown namespaces get a mark that no name of ours has.
    """
    parts = raw_name.split(SEPARATOR)
    if len(parts) == 1:
        return raw_name.lower()
    space, local = parts[0].lower(), parts[1].lower()
    known = _PREFIXES.get(space)
    if known is not None:
        return known + local
    if space.startswith(_USERLAND) or (space == own_namespace and len(parts) == 2):
        return local
    return f"{parts[2] if len(parts) > 2 else 'other'}?:{local}"


def with_declared_prefixes(text: str) -> str:
    """Return the document with a declaration on its root for every prefix that is used and not declared there: what one
    item declares for itself, another may use without.
    """
    root = _ROOT.search(text)
    if root is None:
        return text
    used = {of_element or of_attribute for of_element, of_attribute in _PREFIX_USED.findall(text)}
    missing = sorted(used - set(_PREFIX_DECLARED.findall(root["attributes"])) - {"xml", "xmlns"})
    declared = "".join(f' xmlns:{prefix}="{_USUAL.get(prefix, "urn:undeclared:" + prefix)}"' for prefix in missing)
    place = root.start("attributes")
    return text[:place] + declared + text[place:]


def written(attributes: Mapping[str, str]) -> str:
    """Return attributes as they stand in a tag; only what text extraction looks at."""
    return "".join(
        f' {name.rpartition(SEPARATOR)[2]}="{escape(value[:200])}"'
        for name, value in attributes.items()
        if name in {"href", "alt", "title"}
    )
