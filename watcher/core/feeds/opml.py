"""Read and write OPML, the lists of feeds that feed readers exchange.

Source: opml.org/spec2.opml. Folders are outlines without an address; here they are tags.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Final
from xml.parsers import expat

from watcher.core.feeds.decode import decode, mend_ampersands
from watcher.errors import ParseError

MOST_ENTRIES: Final = 20_000
MOST_BYTES: Final = 20 * 1024 * 1024
MOST_ELEMENTS: Final = 100_000
"""Feeds and folders, and what some readers write beside them; a million names of elements take seconds."""

_PIECE_BYTES = 1024 * 1024  # the parser is stopped between two pieces only

_MAX_DEPTH = 50
_MAX_ATTRIBUTES = 64
_MAX_CHARS = 2048
_NAME_CHARS = 100
_TAG_CHARS = 60
_MOST_TAGS = 20
# A tag ends before the next one begins, so that one with a million attributes is seen without parsing it.
_LONG_TAG = re.compile(f"<(?![!?])[^<]{{{2 * _MAX_ATTRIBUTES * _MAX_CHARS}}}")
# What XML or YAML forbids, and marks that turn the direction of what is shown; \x85 is a blank.
_NOT_XML = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufeff\ufffe\uffff]"
)


@dataclass(frozen=True, slots=True)
class ListedFeed:
    """One feed of a list: its address as written, what it is called ("" = nothing), its folders and categories as
    tags, outermost first.
    """

    url: str
    name: str = ""
    tags: tuple[str, ...] = ()
    line: int = field(default=0, compare=False)


def read_opml(body: bytes) -> tuple[ListedFeed, ...]:
    """Return the feeds of a list in its order; an entry without an address counts as a folder.

    Raises:
        ParseError: it is no OPML, ill-formed, or too large; or it declares a document type: no list needs one, and
            through it an attacker makes a parser read files or fill the memory.
    """
    if len(body) > MOST_BYTES:
        raise ParseError(f"The list is larger than {MOST_BYTES // 1024 // 1024} MiB.", kind="too_big")
    text = mend_ampersands(decode(body, ""))
    # Decoding drops the XML declaration with its line.
    return _OpmlReader(max(0, min(body.count(b"\n") - text.count("\n"), 1))).read(text)


def write_opml(feeds: Iterable[ListedFeed], title: str) -> str:
    """Return an OPML 2.0 document in which each feed stands in a folder named by its first tag; all its tags are its
    `category`. Reading it gives the same feeds, but for tags that hold a comma or slash, grouped by folder.
    """
    folders: dict[str, list[ListedFeed]] = {}
    for feed in feeds:
        folders.setdefault(feed.tags[0] if feed.tags else "", []).append(feed)
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<opml version="2.0">',
            f"  <head><title>{_text(title)}</title></head>",
            "  <body>",
            *(line for folder, listed in folders.items() for line in _folder(folder, listed)),
            "  </body>",
            "</opml>",
            "",
        ]
    )


class _OpmlReader:
    """Goes once through a list; `above` lines of the file are missing at its beginning."""

    def __init__(self, above: int) -> None:
        self.above = above
        self.feeds: list[ListedFeed] = []
        self.folders: list[str] = []  # of each open outline, "" where it is a feed
        self.depth = 0
        self.elements = 0
        self.root = ""
        self.parser = expat.ParserCreate()

    def read(self, text: str) -> tuple[ListedFeed, ...]:
        parser = self.parser
        parser.StartDoctypeDeclHandler = self.refuse_doctype
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.buffer_text = True
        if _LONG_TAG.search(text):
            raise ParseError("The list has an odd entry: a tag that is far too long.", kind="too_complex")
        body = text.encode("utf-8", "replace")
        try:
            for at in range(0, len(body), _PIECE_BYTES):
                parser.Parse(body[at : at + _PIECE_BYTES], False)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            if not self.root:
                raise ParseError("This is no XML, and so no OPML list.", kind="not_a_feed") from error
            said = expat.errors.messages[error.code]
            raise ParseError(
                f"The list is ill-formed at line {error.lineno + self.above} ({said}); export it again, or mend that line.",
                kind="malformed",
            ) from error
        return tuple(self.feeds)

    def refuse_doctype(self, name: str, system: str | None, public: str | None, internal: bool) -> None:
        raise ParseError(
            "The list declares a document type (<!DOCTYPE>), which is refused; delete it.", kind="too_complex"
        )

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        local = name.rpartition(":")[2].lower()
        if not self.root:
            if local != "opml":
                raise ParseError(f"This is no OPML list: its root is <{name[:40]}>.", kind="not_a_feed")
            self.root = local
        self.depth += 1
        self.elements += 1
        if self.elements > MOST_ELEMENTS:
            raise ParseError(f"The list holds more than {MOST_ELEMENTS} elements; cut it up.", kind="too_complex")
        if self.depth > _MAX_DEPTH or len(attributes) > _MAX_ATTRIBUTES:
            raise ParseError(
                f"The list is nested more than {_MAX_DEPTH} deep, or has an odd entry.", kind="too_complex"
            )
        if local == "outline":
            self.outline({key.lower(): value for key, value in attributes.items()})

    def outline(self, values: Mapping[str, str]) -> None:
        url = values.get("xmlurl", "").strip()
        name = _line(values.get("text") or values.get("title") or "")
        if not url:
            self.folders.append(name[:_TAG_CHARS])
            return
        self.folders.append("")
        if len(self.feeds) >= MOST_ENTRIES:
            raise ParseError(f"The list holds more than {MOST_ENTRIES} feeds; cut it up.", kind="too_complex")
        tags = dict.fromkeys([*filter(None, self.folders), *_categories(values.get("category", ""))])
        self.feeds.append(
            ListedFeed(url[:_MAX_CHARS], name[:_NAME_CHARS].strip(), tuple(tags)[:_MOST_TAGS], self.line())
        )

    def line(self) -> int:
        return self.parser.CurrentLineNumber + self.above

    def end(self, name: str) -> None:
        self.depth -= 1
        if name.rpartition(":")[2].lower() == "outline":
            self.folders.pop()


def _categories(text: str) -> Iterator[str]:
    """Yield the categories of an entry: `/Boston/Weather,/Tags/wire` is four words."""
    for path in text[:_MAX_CHARS].split(","):
        for word in path.split("/"):
            if line := _line(word)[:_TAG_CHARS]:
                yield line


def _line(text: str) -> str:
    return " ".join(_NOT_XML.sub("", text[:_MAX_CHARS]).split())


def _folder(folder: str, feeds: Iterable[ListedFeed]) -> Iterator[str]:
    indent = "    "
    if folder:
        yield f'{indent}<outline text="{_text(folder)}">'
    for feed in feeds:
        listed = ",".join(tag for tag in feed.tags if not set(tag) & set(",/"))
        category = f' category="{_text(listed)}"' if listed else ""
        name = _text(feed.name or feed.url)
        yield f'{indent}{"  " if folder else ""}<outline type="rss" text="{name}" xmlUrl="{_text(feed.url)}"{category}/>'
    if folder:
        yield f"{indent}</outline>"


def _text(text: str) -> str:
    return escape(_line(text))
