"""Read a feed document of any dialect.

1. decode the bytes; 2. look what it is; 3. JSON Feed, or XML in one strict pass, or feedparser for what is ill-formed;
4. make entries of the items.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from watcher.core.feeds import decode, prescan
from watcher.core.feeds.discover import named_feeds
from watcher.core.feeds.jsonfeed import read_json
from watcher.core.feeds.loose import read_loose
from watcher.core.feeds.prescan import DocumentKind
from watcher.core.feeds.raw import MOST_LANG_CHARS, RawFeed, UnreadableXml, address, to_entry, urljoin_safely
from watcher.core.feeds.xmlfeed import read_xml
from watcher.core.model.feed import ParsedFeed
from watcher.core.model.outcome import FeedProblem, FetchProblemKind, Skips
from watcher.core.model.policy import ReadLimits
from watcher.core.web_addresses import is_web
from watcher.errors import ParseError

_LONGEST_TTL = timedelta(days=7)
_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(days=7),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_MOST_DIGITS = 6
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_OTHER_ROOTS = {
    "urlset": "a sitemap",
    "sitemapindex": "an index of sitemaps",
    "opml": "an OPML list of feeds",
    "svg": "a picture",
    "error": "an error message",
    "urn:error": "an error message",
}


def parse_feed(body: bytes, *, content_type: str = "", url: str = "", limits: ReadLimits | None = None) -> ParsedFeed:
    """Return what the document says; what is wrong with it is its `problem`. Never raises, whatever the bytes are.

    `url` is where the document came from; relative links stand on xml:base, else on the feed's own link (RSS), else
    on it. A cut or ill-formed document gives its whole items, a document that is no feed gives none.
    """
    return parse_text(decode.decode(body, content_type), url, limits or ReadLimits())


def parse_text(text: str, url: str, limits: ReadLimits) -> ParsedFeed:
    """Return what a document says whose bytes were decoded, as `parse_feed` does."""
    try:
        return _parse(text, url, limits)
    except ParseError as error:
        return ParsedFeed(whole=False, problem=FeedProblem(FetchProblemKind(error.kind), str(error)))


def _parse(text: str, url: str, limits: ReadLimits) -> ParsedFeed:
    match prescan.kind_of(text):
        case DocumentKind.EMPTY:
            raise ParseError("The document is empty.", kind="empty")
        case DocumentKind.HTML:
            raise ParseError(_about_page(text, url), kind="not_a_feed")
        case DocumentKind.JSON:
            return _parsed(read_json(text, limits), text, url, limits)
        case DocumentKind.XML | DocumentKind.OTHER:
            return _parse_xml(decode.mend_ampersands(text), url, limits)


def _parse_xml(text: str, url: str, limits: ReadLimits) -> ParsedFeed:
    try:
        raw = read_xml(text, limits)
    except UnreadableXml as error:
        return _parse_loosely(text, url, limits, error.fault)
    problem = _cut_short(len(raw.items)) if raw.cut_short else None
    return _parsed(raw, text, url, limits, whole=not raw.cut_short, problem=problem)


def _parse_loosely(text: str, url: str, limits: ReadLimits, fault: str) -> ParsedFeed:
    root = prescan.root_of(text)
    if root in _OTHER_ROOTS:
        raise ParseError(f"This is {_OTHER_ROOTS[root]} (<{root}>), not a feed.", kind="not_a_feed")
    whole = prescan.reaches_end(text)
    raw = read_loose(text, url, limits, whole=whole)
    if not raw.kind and not raw.items:
        what = f"XML with the root <{root}>" if root else "text"
        raise ParseError(f"This is {what}, not a feed.", kind="not_a_feed")
    problem = None
    if not whole:
        problem = _cut_short(len(raw.items))
    elif fault:
        problem = FeedProblem(
            FetchProblemKind.MALFORMED, f"The XML is ill-formed ({fault}); {len(raw.items)} items could be read."
        )
    return _parsed(raw, text, url, limits, whole=whole, problem=problem, by_feedparser=True)


def _cut_short(count: int) -> FeedProblem:
    kept = "1 whole item was kept" if count == 1 else f"{count} whole items were kept"
    return FeedProblem(
        FetchProblemKind.MALFORMED, f"The document ends too early; {kept}, the rest comes with the next poll."
    )


def _about_page(text: str, url: str) -> str:
    links = [feed.url for feed in named_feeds(text, url)]
    if links:
        return f"This is a web page, not a feed; its feed may be {' or '.join(links[:3])}"
    return "This is a web page, not a feed."


def _parsed(
    raw: RawFeed,
    text: str,
    url: str,
    limits: ReadLimits,
    *,
    whole: bool = True,
    problem: FeedProblem | None = None,
    by_feedparser: bool = False,
) -> ParsedFeed:
    base = urljoin_safely(url, address(raw.base, limits))
    site = urljoin_safely(base, address(raw.link, limits))
    # RSS has no rule for relative links; its items mean their site. Atom says the document (RFC 4287 section 2).
    item_base = site if raw.kind in {"rss", "rdf"} and not raw.base and is_web(site) else base or site
    return ParsedFeed(
        kind=f"{raw.kind} {raw.version}".strip(),
        title=raw.title[: limits.max_title_chars],
        site_url=site if is_web(site) and len(site) <= limits.max_url_chars else "",
        lang=raw.lang[:MOST_LANG_CHARS],
        entries=tuple(to_entry(item, item_base, limits) for item in raw.items),
        whole=whole,
        cut=raw.cut,
        problem=problem,
        ttl=_ttl(raw.ttl),
        period=_period(raw.period, raw.frequency),
        skips=_skips(raw.skip_hours, raw.skip_days),
        hub=raw.hub if is_web(raw.hub) and len(raw.hub) <= limits.max_url_chars else "",
        topic=raw.topic if is_web(raw.topic) and len(raw.topic) <= limits.max_url_chars else "",
        by_feedparser=by_feedparser,
    )


def _period(period: str, frequency: str) -> timedelta | None:
    """Return how often the feed says that it changes; None where it says nothing that can be understood.

    Source: RSS 1.0 module syndication, elements updatePeriod and updateFrequency (times a period, 1 where missing).
    """
    length = _PERIODS.get(period.strip().lower())
    times = frequency.strip() or "1"
    if length is None or not (times.isascii() and times.isdigit() and 0 < int(times[:_MOST_DIGITS]) == int(times)):
        return None
    return length / int(times)


def _skips(hours: Iterable[str], days: Iterable[str]) -> Skips:
    """Return when the feed says that it brings nothing; nonsense is left out, and so is what names every hour or day.

    Source: RSS 2.0, elements skipHours (GMT; RSS 0.91 counts to 24) and skipDays.
    """
    found = {int(hour) % 24 for hour in hours if hour.isascii() and hour.isdigit() and len(hour) < 3 and int(hour) < 25}
    named = {_DAYS.index(day.lower()) for day in days if day.lower() in _DAYS}
    return Skips(
        tuple(sorted(found)) if len(found) < 24 else (), tuple(sorted(named)) if len(named) < len(_DAYS) else ()
    )


def _ttl(minutes: str) -> timedelta | None:
    """Return the feed's own wish; 0 and nonsense are none. Source: RSS 2.0, element ttl (minutes)."""
    if not (minutes.isascii() and minutes.isdigit()) or len(minutes) > 9 or int(minutes) == 0:
        return None
    return min(timedelta(minutes=int(minutes)), _LONGEST_TTL)
