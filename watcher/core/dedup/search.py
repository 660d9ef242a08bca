"""The search for earlier articles that an arriving one may be a copy of: which keys a text offers, and how what they
bring is ranked.

    1. keys    `search_keys`: of address, page, title, and of runs of words of the lead that are chosen by what they say
    2. look up the newest 40 articles under each key (a store, or memory; they decide nothing)
    3. rank    `nearest`: rarer keys weigh more; the best 30 are compared one by one (relate)

Only articles that a rule matched are kept under their keys: a copy can fold into nothing else.

Runs of words are chosen by winnowing: of each few neighbouring runs the one with the least digest. Two leads that
share a run of words share the runs chosen in it, wherever it stands and without knowing how rare any word is.

Source: Schleimer, Wilkerson, Aiken, Winnowing, SIGMOD 2003.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from heapq import nlargest
from typing import Final
from zlib import crc32

from watcher.core.dedup.habits import Habits
from watcher.core.dedup.leads import lead
from watcher.core.dedup.near_copy import RECURRING, has_long_lead
from watcher.core.dedup.relate import page_of
from watcher.core.dedup.titles import content_of, is_unspaced
from watcher.core.model.alert import Member
from watcher.core.model.article import Article
from watcher.core.model.ids import ArticleId, digest

POSTINGS: Final = 40
"""As many articles, the newest, are looked at under one key: a title that comes a thousand times costs no more."""

CANDIDATES: Final = 12
"""As many articles are compared with an arriving one; thirty found no copy more on the labelled files and the cases."""

SERIES_CANDIDATES: Final = 2
"""What its source gives again and again is no near copy of anything (core.dedup.near_copy); only an equal address
could fold it.
"""

SEARCH_SPAN: Final = timedelta(days=14)
"""So long an article is found by its keys; the longest fold is 7 days, by publishers' dates that may lag behind."""

_START: Final = 8
_RUN: Final = 3
_WINDOW: Final = 4
_LONGEST: Final = 40
_LETTER_RUN: Final = 6
_LETTER_WINDOW: Final = 8
_MOST_LETTERS: Final = 120
_LEAD_WEIGHT: Final = 0.5
_SHARE: Final = 0.6


@dataclass(frozen=True, slots=True)
class SearchKeys:
    """The keys of one article: of `sure` ones (address, page, title) one alone brings two together, of `lead` ones
    only most of them.
    """

    sure: tuple[bytes, ...]
    lead: tuple[bytes, ...]

    @property
    def all(self) -> tuple[bytes, ...]:
        """All keys, each once, the surest first."""
        return tuple(dict.fromkeys((*self.sure, *self.lead)))


def search_keys(member: Member) -> tuple[bytes, ...]:
    """Return the keys under which an article is kept and looks for others, each once, the surest first."""
    return keys_of(member).all


@lru_cache(maxsize=4096)
def keys_of(member: Member) -> SearchKeys:
    """Return the search keys of an article by their kind."""
    return SearchKeys(_sure_keys(member), _lead_keys(member.article))


def _sure_keys(member: Member) -> tuple[bytes, ...]:
    keys, page = member.keys, page_of(member.article)
    found = (keys.item, keys.guid, keys.url, keys.title, digest("page", page) if page else None)
    return tuple(key for key in found if key)


def _lead_keys(article: Article) -> tuple[bytes, ...]:
    """Return the keys of runs of words of the lead; () where the lead is too short to make copies under other
    headlines.
    """
    if not has_long_lead(article):
        return ()
    tokens = lead(article)
    if not all(map(str.isascii, tokens)) and sum(map(is_unspaced, tokens)) * 2 > len(tokens):
        letters = "".join(tokens)[:_MOST_LETTERS]
        runs = [letters[at : at + _LETTER_RUN] for at in range(len(letters) - _LETTER_RUN + 1)]
        return tuple(digest("words", run) for run in _chosen(runs, _LETTER_WINDOW))
    words = content_of(tokens)[:_LONGEST]
    runs = [" ".join(words[at : at + _RUN]) for at in range(len(words) - _RUN + 1)]
    # Texts of one template ("Crane 7 came by barge") differ in their numbers alone; most copies have the first words
    # in common.
    numbered = [run for run, word in zip(runs, words[1:], strict=False) if word[0].isdecimal()]
    first = [" ".join(words[:_START])] if len(words) >= _START else []
    return tuple(digest("words", run) for run in dict.fromkeys((*first, *numbered, *_chosen(runs, _WINDOW))))


def _chosen(runs: Sequence[str], window: int) -> tuple[str, ...]:
    """Return, of each few neighbouring runs, the one with the least checksum, each once."""
    ranked = [(crc32(run.encode("utf-8", "surrogatepass")), run) for run in runs]
    last = max(len(ranked) - window + 1, min(len(ranked), 1))
    return tuple(dict.fromkeys(min(ranked[at : at + window])[1] for at in range(last)))


def nearest(
    member: Member, postings: Mapping[bytes, Sequence[ArticleId]] | Postings, habits: Habits
) -> tuple[ArticleId, ...]:
    """Return the articles worth comparing with `member`, at most `CANDIDATES`, the likeliest first; of a series only
    two.

    `postings` hold, per key, the articles kept under it, the newest last. One sure key is enough. Of the lead an
    article must share most, each key weighed by how few articles it brings: a copy shares nearly all of it. Among
    equals the newer goes first.
    """
    asked = keys_of(member)
    sure: dict[ArticleId, float] = {}
    for key in asked.sure:
        _weigh(postings.get(key, ()), sure)
    shared: dict[ArticleId, float] = {}
    most = sum(_weigh(postings.get(key, ()), shared) for key in asked.lead)
    near = {id_: weight for id_, weight in shared.items() if weight >= _SHARE * most}
    for id_, weight in sure.items():
        near[id_] = near.get(id_, 0.0) * _LEAD_WEIGHT + weight
    # Whatever pair is left out of the count, two more make a series.
    is_series = habits.times(member) > RECURRING
    return tuple(nlargest(SERIES_CANDIDATES if is_series else CANDIDATES, near, key=near.__getitem__))


def _weigh(found: Sequence[ArticleId], weights: dict[ArticleId, float]) -> float:
    """Add to the weights of the articles that a key brings, the newest first, and return what it added to each."""
    newest = found[-POSTINGS:]
    if not newest:
        return 0.0
    weight = 1 / len(newest)
    for id_ in reversed(newest):
        weights[id_] = weights.get(id_, 0.0) + weight
    return weight


class Postings:
    """What a store found under keys, with what the reading in hand adds; the newest last."""

    def __init__(self, stored: Mapping[bytes, Sequence[ArticleId]]) -> None:
        self._stored = stored
        self._added: dict[bytes, list[ArticleId]] = {}

    def get(self, key: bytes, default: Sequence[ArticleId] = ()) -> Sequence[ArticleId]:
        """Return the articles under a key."""
        added = self._added.get(key)
        stored = self._stored.get(key, default)
        return stored if added is None else [*(id_ for id_ in stored if id_ not in added), *added]

    def add(self, member: Member) -> None:
        """Let an article be found by the next ones; a later text of it counts as new."""
        for key in search_keys(member):
            added = self._added.setdefault(key, [])
            if member.article.id in added:
                added.remove(member.article.id)
            added.append(member.article.id)
            del added[:-POSTINGS]


def postings_of(kept: Iterable[tuple[bytes, ArticleId]]) -> dict[bytes, list[ArticleId]]:
    """Return (key, article) pairs, the oldest first, as postings."""
    postings: dict[bytes, list[ArticleId]] = {}
    for key, id_ in kept:
        postings.setdefault(key, []).append(id_)
    return postings
