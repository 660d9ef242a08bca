"""Read one document: parse, normalise, key, match. This is what a worker process runs; it touches nothing but its
arguments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from watcher.core.articles.normalise import normalise
from watcher.core.articles.text import cut_to_bytes, html_to_text, one_line, plain_to_text
from watcher.core.dedup.keys import article_keys, choose_identity, is_blank
from watcher.core.feeds.decode import decode
from watcher.core.feeds.pages import parse_page
from watcher.core.feeds.parse import parse_text
from watcher.core.feeds.pieces import Pieces, take_to_pieces
from watcher.core.feeds.telegram import parse_telegram
from watcher.core.matching.engine import RuleSet
from watcher.core.matching.word_index import words_to_index
from watcher.core.model.article import Article, ArticleKeys, Entry
from watcher.core.model.feed import ParsedFeed
from watcher.core.model.ids import article_id, digest
from watcher.core.model.match import ReadArticle
from watcher.core.model.outcome import NO_SKIPS, EntryAgain, EntryMark, Identity, Reading, ReadRequest, RefusedEntry
from watcher.core.model.policy import FeedForm, ReadLimits

_SHOWN_CHARS = 200


def read_document(request: ReadRequest, rules: RuleSet) -> Reading:
    """Return everything that the document holds for us, matched under `rules`. Never raises, whatever the bytes are.

    Articles are in document order. An entry that says nothing at all (no text, no address) is refused; an item that
    stands twice in the document is taken once. A document that says what the last one said (`ReadRequest.known`) is
    `unchanged`, without articles; an entry that stood in the last one (`ReadRequest.seen`) is `again`.
    """
    if request.form is not FeedForm.FEED:
        return read_parsed(_parsed_page(request), request, rules)
    text = decode(request.body, request.content_type)
    pieces = take_to_pieces(text, request.limits.max_items)
    signs = pieces.digests(_under(request, rules)) if pieces is not None else ()
    if pieces is not None and request.seen:
        reading = _read_without_seen(pieces, signs, request, rules)
        if reading is not None:
            return reading
    parsed = parse_text(text, request.url, request.limits)
    return read_parsed(parsed, request, rules, signs if _is_as_cut(parsed, len(signs)) else ())


def read_parsed(parsed: ParsedFeed, request: ReadRequest, rules: RuleSet, pieces: Sequence[bytes] = ()) -> Reading:
    """Return what a document holds that was parsed already, as `read_document` does; `pieces` are the digests of the
    text of its entries, where they are known.
    """
    signs = pieces or [b""] * len(parsed.entries)
    marks = list(map(EntryMark, _entry_digests(parsed, request, rules), signs))
    listed = _Listed(dict(enumerate(parsed.entries)), marks)
    reading = _read(parsed, listed, request, rules)
    return reading if reading is not None else _read_all(parsed, listed, request, rules)


@dataclass(frozen=True, slots=True)
class _Listed:
    """The entries of a document by place, those that were seen missing, and the marks of all."""

    entries: Mapping[int, Entry]
    marks: Sequence[EntryMark]


def _is_as_cut(parsed: ParsedFeed, count: int) -> bool:
    """Return whether parsing found the items that a document was cut into, and nothing amiss."""
    is_strict = parsed.whole and not parsed.cut and parsed.problem is None and not parsed.by_feedparser
    return is_strict and len(parsed.entries) == count


def _read_without_seen(pieces: Pieces, signs: Sequence[bytes], request: ReadRequest, rules: RuleSet) -> Reading | None:
    """Return what a document holds, of which the items are not parsed that stood in the last one letter by letter;
    None where the whole must be read.
    """
    by_piece = {mark.piece: mark for mark in request.seen if mark.piece}
    seen = {place: by_piece[sign] for place, sign in enumerate(signs) if sign in by_piece}
    if not seen:
        return None
    parsed = parse_text(pieces.without(seen), request.url, request.limits)
    left = [place for place in range(len(signs)) if place not in seen]
    if not _is_as_cut(parsed, len(left)):
        return None
    fresh = map(EntryMark, _entry_digests(parsed, request, rules), (signs[place] for place in left))
    marks = seen | dict(zip(left, fresh, strict=True))
    listed = _Listed(dict(zip(left, parsed.entries, strict=True)), [marks[place] for place in range(len(signs))])
    return _read(parsed, listed, request, rules)


def _read(parsed: ParsedFeed, listed: _Listed, request: ReadRequest, rules: RuleSet) -> Reading | None:
    """Return what a document holds without the entries that were seen; None where all must be read."""
    stripped_hash = _stripped_hash(parsed, request, rules, listed.marks)
    if parsed.whole and stripped_hash == request.known:
        return Reading(
            request.feed,
            rules.revision,
            ttl=parsed.ttl,
            identity=request.identity,
            stripped_hash=stripped_hash,
            unchanged=True,
        )
    found = _read_entries(listed, parsed, request, frozenset(mark.entry for mark in request.seen))
    return _reading(parsed, found, stripped_hash, request, rules) if found is not None else None


def _read_all(parsed: ParsedFeed, listed: _Listed, request: ReadRequest, rules: RuleSet) -> Reading:
    """Return what a document holds, each entry read."""
    found = _read_entries(listed, parsed, request, frozenset())
    assert found is not None
    return _reading(parsed, found, _stripped_hash(parsed, request, rules, listed.marks), request, rules)


def _reading(
    parsed: ParsedFeed, found: _Entries, stripped_hash: bytes, request: ReadRequest, rules: RuleSet
) -> Reading:
    return Reading(
        feed=request.feed,
        revision=rules.revision,
        articles=tuple(_matched(article, keys, rules) for article, keys in found.keyed),
        refused=found.refused,
        whole=parsed.whole,
        cut=parsed.cut,
        problem=parsed.problem,
        title=_plain(parsed.title),
        site_url=parsed.site_url,
        lang=parsed.lang,
        kind=parsed.kind,
        ttl=parsed.ttl,
        period=parsed.period,
        skips=parsed.skips,
        hub=parsed.hub,
        topic=parsed.topic,
        identity=found.identity,
        stripped_hash=stripped_hash,
        entries=found.entries,
        again=found.again,
    )


def _parsed_page(request: ReadRequest) -> ParsedFeed:
    body, content_type, url, limits = request.body, request.content_type, request.url, request.limits
    if request.form is FeedForm.PAGE:
        return parse_page(body, request.links, content_type=content_type, url=url, limits=limits)
    return parse_telegram(body, content_type=content_type, url=url, limits=limits)


def match_articles(articles: Sequence[Article], rules: RuleSet) -> tuple[ReadArticle, ...]:
    """Return articles that were read before, with their keys, matched under `rules`."""
    return tuple(_matched(article, _keys_again(article), rules) for article in articles)


def read_with_page(article: Article, page: str, rules: RuleSet, limits: ReadLimits) -> ReadArticle:
    """Return a stored article with the text of its page, matched under `rules`; its keys are those of what its feed
    gave, by which it is known again. The page takes the place of a content that it repeats.
    """
    text = cut_to_bytes(plain_to_text(page), limits.max_text_chars).rstrip()
    repeats = " ".join(article.content.split()) in " ".join(text.split())
    content = text if repeats else cut_to_bytes(f"{article.content}\n{text}", limits.max_text_chars).rstrip()
    return _matched(replace(article, content=content), _keys_again(article), rules)


def _stripped_hash(parsed: ParsedFeed, request: ReadRequest, rules: RuleSet, entries: Sequence[EntryMark]) -> bytes:
    """Return the digest of all that a reading is made from: what was parsed, under which rules and configuration.

    It is taken from what was parsed and not from the text, so that nothing that an article is made of can be left out
    of it.
    """
    read = replace(parsed, ttl=None, skips=NO_SKIPS, entries=())
    return digest("stripped", repr(read), _under(request, rules), *(one.entry.hex() for one in entries))


def _entry_digests(parsed: ParsedFeed, request: ReadRequest, rules: RuleSet) -> tuple[bytes, ...]:
    """Return a digest of each entry and of all beside it that its article and its matches are made from."""
    under = digest("under", _under(request, rules), parsed.title, parsed.lang).hex()
    return tuple(digest("entry", under, repr(entry)) for entry in parsed.entries)


def _under(request: ReadRequest, rules: RuleSet) -> str:
    return repr((replace(request, body=b"", content_type="", known=b"", seen=()), rules.revision))


@dataclass(frozen=True, slots=True)
class _Entries:
    """The entries of a document, read: fields as in `Reading`."""

    keyed: Sequence[tuple[Article, ArticleKeys]]
    refused: tuple[RefusedEntry, ...]
    identity: Identity
    entries: tuple[EntryMark, ...]
    again: tuple[EntryAgain, ...]


def _read_entries(listed: _Listed, parsed: ParsedFeed, request: ReadRequest, seen: frozenset[bytes]) -> _Entries | None:
    """Return the entries of a document without those that were `seen`; None where what was seen may matter to the
    others, so that all must be read.

    The entries of the last document were told apart by their own fields (`is_plain`), and so are those of this one
    where the others are so; whether two of them have one key is looked at by `with_again`.
    """
    marks = listed.marks
    again = [place for place, mark in enumerate(marks) if mark.entry in seen]
    if len({marks[place].entry for place in again}) < len(again):
        return None
    left = sorted(set(range(len(marks))) - set(again))
    found, refused = _normalised({place: listed.entries[place] for place in left}, parsed, request)
    articles = list(found.values())
    identity = choose_identity(articles, request.identity)
    keyed, is_plain = _keyed(articles, identity)
    if again and not (is_plain and identity is request.identity):
        return None
    order = {place: at for at, place in enumerate(sorted([*again, *found]))}
    return _Entries(
        keyed,
        refused,
        identity,
        tuple(marks[place] for place in found) if is_plain else (),
        tuple(EntryAgain(order[place], marks[place]) for place in again),
    )


def _normalised(
    entries: Mapping[int, Entry], parsed: ParsedFeed, request: ReadRequest
) -> tuple[dict[int, Article], tuple[RefusedEntry, ...]]:
    """Return the articles of entries, by place, and the entries that say nothing."""
    articles = {}
    refused = []
    for position, entry in entries.items():
        article = normalise(
            entry,
            feed=request.feed,
            feed_name=request.feed_name or _plain(parsed.title),
            feed_url=request.url,
            feed_tags=request.tags,
            # The user's word goes before the feed's own: many feeds declare the language of their software.
            languages=(request.lang, parsed.lang),
            sample=request.sample,
            limits=request.limits,
        )
        if article.title or article.summary or article.content or article.url:
            articles[position] = article
        else:
            refused.append(_refused(position, entry))
    return articles, tuple(refused)


def _refused(position: int, entry: Entry) -> RefusedEntry:
    reason = "no web address" if entry.link else "neither text nor address"
    return RefusedEntry(position, f"The entry has {reason}.", _plain(entry.title), entry.guid[:_SHOWN_CHARS])


def _keyed(articles: Sequence[Article], identity: Identity) -> tuple[list[tuple[Article, ArticleKeys]], bool]:
    """Return articles with ids and keys; of equal ones in one document the first stays, differing ones with one key
    are told apart, by their time at last. And whether no two had one key, and each has the field that
    tells it from the others.
    """
    taken: dict[bytes, tuple[bytes, datetime | None]] = {}
    kept = []
    are_plain = not any(is_blank(article, identity) for article in articles)
    for article in articles:
        for told_by in _from(identity):
            keys = article_keys(article, told_by)
            what = (keys.content, article.published_at)
            if taken.get(keys.item) in {None, what}:
                break
        else:
            # Alarm feeds list one text with one link many times, each with another time: these are as many items.
            keys = replace(keys, item=_dated(article, keys))
        are_plain = are_plain and told_by is identity and keys.item not in taken
        if keys.item not in taken:
            taken[keys.item] = what
            kept.append((replace(article, id=article_id(article.feed, keys.item)), keys))
    return kept, are_plain


def _dated(article: Article, keys: ArticleKeys) -> bytes:
    moment = article.published_at.isoformat() if article.published_at else ""
    return digest("item", article.feed, "dated", keys.content.hex(), moment)


def _keys_again(article: Article) -> ArticleKeys:
    """Return the keys that gave the article its id: the identity of its feed may have degraded since."""
    for identity in Identity:
        keys = article_keys(article, identity)
        if article_id(article.feed, keys.item) == article.id:
            return keys
    return article_keys(article, Identity.GUID)


def _from(identity: Identity) -> Sequence[Identity]:
    """Return this identity and those it may degrade to."""
    order = list(Identity)
    return order[order.index(identity) :]


def _matched(article: Article, keys: ArticleKeys, rules: RuleSet) -> ReadArticle:
    tried = rules.tried(article)
    words = " ".join(words_to_index(article))
    return ReadArticle(article, keys, tried.matches, tried.failed, tried.excluded, words=words)


def _plain(text: str) -> str:
    return one_line(html_to_text(text))[:_SHOWN_CHARS]
