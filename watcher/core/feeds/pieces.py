"""The items of a plain document as pieces of its text, by which those of the last document are known again before
anything is parsed. Parsing is three quarters of what one new item of thirty costs a reading process.

Only the plainest documents are taken to pieces: RSS or Atom without comments, document type or prefixes of items, no
item within another, nothing but blanks between items. What a piece means depends on nothing but itself and what
stands around the items, so that its digest is taken with both. All else is parsed whole, as is what does not come out
as it should.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import islice, pairwise

from watcher.core.feeds.channel_dates import without_dates
from watcher.core.feeds.prescan import root_of
from watcher.core.model.ids import digest

_ROOTS = {"rss", "rdf:rdf", "feed"}  # of a sitemap, and of JSON, items are something else
# CDATA may hold anything, tags too; another `<!` or `<?` is the start of what we do not take to pieces, and so is an
# item with a prefix or in capitals: it could stand within one of the others, or in its place.
_SIGN = re.compile(
    r"<!\[CDATA\[[^\]]*+(?:\](?!\]>)[^\]]*+)*+\]\]>|<(?P<start>item|entry)(?=[\s>/])|</(?P<end>item|entry)\s*+>"
    r"|<(?:[!?]|/?(?:[^\s<>/:]*+:)?(?i:item|entry)(?=[\s>/]))"
)
_DIGEST_BYTES = 8


@dataclass(frozen=True, slots=True)
class Pieces:
    """A document's text and where its items stand in it, in order."""

    text: str
    spans: tuple[tuple[int, int], ...]

    def digests(self, under: str) -> tuple[bytes, ...]:
        """Return a digest of each item, its surroundings and `under`, which is all else that its entry is made under.

        The dates of a channel, which no parser of ours reads, are no part of the surroundings.
        """
        head, tail = self.text[: self.spans[0][0]], self.text[self.spans[-1][1] :]
        key = digest("pieces", under, without_dates(head.encode()).decode(), tail)
        return tuple(
            hashlib.blake2b(self.text[start:end].encode(), digest_size=_DIGEST_BYTES, key=key).digest()
            for start, end in self.spans
        )

    def without(self, places: Collection[int]) -> str:
        """Return the document without the items at these places."""
        kept = [self.text[start:end] for place, (start, end) in enumerate(self.spans) if place not in places]
        return "".join((self.text[: self.spans[0][0]], *kept, self.text[self.spans[-1][1] :]))


def take_to_pieces(text: str, most: int) -> Pieces | None:
    """Return the items of a decoded document, None where it has none, more than `most`, or is not plain.

    >>> take_to_pieces("<rss><channel><item>a</item> <item>b</item></channel></rss>", 9).spans
    ((14, 28), (29, 43))
    """
    if root_of(text) not in _ROOTS:
        return None
    if text.rfind("<![CDATA[") > text.rfind("]]>"):
        return None  # from each of many that are never closed, its end would be looked for anew
    found = (sign for sign in _SIGN.finditer(text) if not sign[0].startswith("<![CDATA["))
    signs = list(islice(found, 2 * most + 1))
    starts, ends = signs[::2], signs[1::2]
    kind = starts[0]["start"] if starts else None
    if kind is None or len(starts) != len(ends):
        return None
    if any(start["start"] != kind or end["end"] != kind for start, end in zip(starts, ends, strict=True)):
        return None
    spans = tuple((start.start(), end.end()) for start, end in zip(starts, ends, strict=True))
    if any(text[end:start].strip() for (_, end), (start, _) in pairwise(spans)):
        return None
    return Pieces(text, spans)
