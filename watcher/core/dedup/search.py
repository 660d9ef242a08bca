"""The search for earlier articles that an arriving one may be a copy of: which keys a text offers, and how what they bring is ranked.

    1. keys    `search_keys`: of address, page, title, and of word groups of the lead that are chosen by what they say
    2. look up the newest 40 articles under each key (a store, or memory; they decide nothing)
    3. rank    `nearest`: rarer keys weigh more; the best 30 are compared one by one (relate)

Only articles that a rule matched are kept under their keys: a copy can fold into nothing else.

Word groups are chosen by winnowing: of each few neighbouring groups the one with the least digest. Two leads that share a run of
words share the groups chosen in it, wherever it stands and without knowing how rare any word is.

Source: Schleimer, Wilkerson, Aiken, Winnowing, SIGMOD 2003.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from heapq import nlargest
from typing import Final

from watcher.core.dedup.leads import lead
from watcher.core.dedup.near_copy import has_long_lead
from watcher.core.dedup.relate import page_of
from watcher.core.dedup.titles import content_of, is_unspaced
from watcher.core.model.alert import Member
from watcher.core.model.ids import ArticleId, digest

POSTINGS: Final = 40
"""As many articles, the newest, are looked at under one key: a title that comes a thousand times costs no more."""

CANDIDATES: Final = 30
"""As many articles are compared with an arriving one.

Source: measured on 300,000 headlines: more found nothing more.
"""

SEARCH_SPAN: Final = timedelta(days=14)
"""So long an article is found by its keys; the longest fold is 7 days, by publishers' dates that may lag behind."""

_START: Final = 8
_GROUP: Final = 3
_WINDOW: Final = 4
_LONGEST: Final = 40
_LETTER_GROUP: Final = 6
_LETTER_WINDOW: Final = 8
_MOST_LETTERS: Final = 120
_LEAD_WEIGHT: Final = 0.5
_LEAST_SHARED: Final = 2


def search_keys(member: Member) -> tuple[bytes, ...]:
    """Return the keys under which an article is kept and looks for others, without repeats, the surest first."""
    return tuple(dict.fromkeys((*sure_keys(member), *lead_keys(member))))


def sure_keys(member: Member) -> tuple[bytes, ...]:
    """Return the keys of which one alone brings two articles together: address, page, title, and the first words of the lead."""
    keys, page = member.keys, page_of(member.article)
    start = content_of(lead(member.article))[:_START]
    found = (
        keys.item,
        keys.guid,
        keys.url,
        keys.title,
        digest("page", page) if page else None,
        digest("start", *start) if len(start) == _START else None,
    )
    return tuple(key for key in found if key)


def lead_keys(member: Member) -> tuple[bytes, ...]:
    """Return the keys of word groups of the lead; () where the lead is too short to make copies under other headlines."""
    if not has_long_lead(member.article):
        return ()
    tokens = lead(member.article)
    if sum(is_unspaced(token) for token in tokens) * 2 > len(tokens):
        letters = "".join(tokens)[:_MOST_LETTERS]
        return _chosen(
            [letters[at : at + _LETTER_GROUP] for at in range(len(letters) - _LETTER_GROUP + 1)], _LETTER_WINDOW
        )
    words = content_of(tokens)[:_LONGEST]
    groups = [" ".join(words[at : at + _GROUP]) for at in range(len(words) - _GROUP + 1)]
    # Texts of one template ("Crane 7 came by barge") differ in their numbers alone.
    numbered = [digest("words", groups[at]) for at in range(len(groups)) if words[at + 1][0].isdecimal()]
    return tuple(dict.fromkeys((*numbered, *_chosen(groups, _WINDOW))))


def _chosen(groups: Sequence[str], window: int) -> tuple[bytes, ...]:
    digests = [digest("words", group) for group in groups]
    last = max(len(digests) - window + 1, min(len(digests), 1))
    return tuple(dict.fromkeys(min(digests[at : at + window]) for at in range(last)))


def nearest(member: Member, postings: Mapping[bytes, Sequence[ArticleId]]) -> tuple[ArticleId, ...]:
    """Return the articles worth comparing with `member`, at most `CANDIDATES`, the likeliest first.

    `postings` hold, per key, the articles kept under it, the newest last. One sure key is enough; of lead keys two must be shared, or half
    of those that a short lead has. A key that brings fewer articles weighs more; among equals the newer goes first.
    """
    weights: dict[ArticleId, float] = {}
    order: dict[ArticleId, int] = {}
    for key in sure_keys(member):
        _weigh(postings.get(key, ()), 1.0, weights, order)
    asked = lead_keys(member)
    shared: dict[ArticleId, int] = {}
    for key in asked:
        found = postings.get(key, ())[-POSTINGS:]
        _weigh(found, _LEAD_WEIGHT, weights, order)
        for id_ in found:
            shared[id_] = shared.get(id_, 0) + 1
    least = min(_LEAST_SHARED, (len(asked) + 1) // 2)
    sure = {id_ for key in sure_keys(member) for id_ in postings.get(key, ())[-POSTINGS:]}
    near = [id_ for id_ in weights if id_ in sure or shared.get(id_, 0) >= least]
    return tuple(nlargest(CANDIDATES, near, key=lambda id_: (weights[id_], order[id_])))


def _weigh(
    found: Sequence[ArticleId], weight: float, weights: dict[ArticleId, float], order: dict[ArticleId, int]
) -> None:
    newest = found[-POSTINGS:]
    for position, id_ in enumerate(newest):
        weights[id_] = weights.get(id_, 0.0) + weight / len(newest)
        order[id_] = max(order.get(id_, 0), position)


def postings_of(kept: Iterable[tuple[bytes, ArticleId]]) -> dict[bytes, list[ArticleId]]:
    """Return (key, article) pairs, the oldest first, as postings."""
    postings: dict[bytes, list[ArticleId]] = {}
    for key, id_ in kept:
        postings.setdefault(key, []).append(id_)
    return postings
