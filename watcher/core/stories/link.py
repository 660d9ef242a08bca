"""Linking: to which story an article belongs, and which stories an article shows to be one.

    1. asked words    the article's rarer words, and its facts; the store gives the stories filed under any of them
    2. likeness       average link with those of its language that share at least two rare words
    3. other language facts that no language hides, among stories that the same rule matched
    4. join           the likest story above the threshold, else a story of its own
    5. merge          two stories that the article is like, and that are like each other, are one

A story gathers what is told; it never holds an alert back by itself. A threshold that is wrong costs a message, never
news.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import reduce
from typing import Final, TypeVar

from watcher.core.model.article import Article
from watcher.core.model.claim import Claims
from watcher.core.model.ids import RuleId, StoryId, digest, public_id
from watcher.core.model.story import FACTS_LANG, Story, StoryChanges, WordCounts
from watcher.core.model.verdict import Evidence
from watcher.core.stories.claims import claims_of, united
from watcher.core.stories.facts import facts_of, is_enough, shared_facts
from watcher.core.stories.likeness import heaviest, likeness, rarity, story_likeness, vector
from watcher.core.stories.words import story_words

JOIN: Final = 0.24
SIZE_POWER: Final = 0.15
RARE_SHARE: Final = 0.02
"""Thresholds fixed on the development files of four labelled sets; tests/bench/bench_stories.py prints what they
give.
"""

COLD: Final = 0.1
COLD_STORIES: Final = 25.0
"""While few stories are known every word looks rare, so more likeness is asked for: .34 at first, .29 after 25
stories, .25 after 100.
"""

FEWEST_RARE: Final = 2
ALWAYS_RARE: Final = 5.0
"""A word of at most so many stories is rare, however few stories there are."""
ASKED_WORDS: Final = 10
FILED_WORDS: Final = 12
MOST_FILED: Final = 300
"""Of a word, the newest stories only: more found nothing more among 300,000 headlines, and a look-up stays bounded."""
MOST_MEMBERS: Final = 400
MOST_KEPT_FACTS: Final = 120
MOST_HEADLINES: Final = 12
ALIVE: Final = timedelta(days=7)
LONGEST: Final = timedelta(days=14)
_SHOWN: Final = 6
_Number = TypeVar("_Number", int, float)

AskedWords = tuple[tuple[str, str], ...]
"""Pairs of a language and a word; facts stand under the language `FACTS_LANG`."""


@dataclass(frozen=True, slots=True)
class Teller:
    """Who tells an article, and when we heard it: its publisher, the rules that matched it, whether it is a copy of
    another text of the story.

    `seen_at` None = at the time of the article. `hits` are the words that made rules fire: all articles of a rule
    share these, so they show no story.
    """

    publisher: str = ""
    rules: frozenset[RuleId] = frozenset()
    is_copy: bool = False
    seen_at: datetime | None = None
    hits: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Placed:
    """The story of an article; `because` says why it joined, {} when it began the story; `merged` are stories that
    are one with it.

    `before` is the story without the article, None when it began it.
    """

    story: StoryId
    because: Evidence = field(default_factory=dict)
    merged: tuple[StoryId, ...] = ()
    before: Story | None = None


def counted_words(article: Article) -> AskedWords:
    """Return everything of an article whose counts linking needs."""
    return (
        *((article.lang, word) for word in story_words(article)),
        *((FACTS_LANG, fact) for fact in facts_of(article)),
    )


def asked_words(article: Article, counts: Mapping[str, WordCounts]) -> AskedWords:
    """Return what the store looks stories up by: rare words that some story has, and rare facts."""
    facts = counts.get(FACTS_LANG, WordCounts())
    known = tuple(fact for fact in facts_of(article) if facts.words.get(fact, 0.0) > 0)
    rare_facts = shared_facts(known, dict.fromkeys(known, 1), facts)[:ASKED_WORDS]
    rare = _rare_words(story_words(article), counts.get(article.lang, WordCounts()))
    return (*((article.lang, word) for word in rare), *((FACTS_LANG, fact) for fact in rare_facts))


def rare_words(article: Article, counts: Mapping[str, WordCounts]) -> tuple[str, ...]:
    """Return all words of an article that few stories of its language hold, but some do."""
    return _few_hold(story_words(article), counts.get(article.lang, WordCounts()))


def _rare_words(words: Sequence[str], counts: WordCounts) -> tuple[str, ...]:
    """Return the words that few stories hold, rarest first; at most `ASKED_WORDS`, none that no story holds."""
    return tuple(sorted(_few_hold(words, counts), key=lambda word: (counts.words[word], word)))[:ASKED_WORDS]


def _few_hold(words: Sequence[str], counts: WordCounts) -> tuple[str, ...]:
    most = max(ALWAYS_RARE, RARE_SHARE * counts.stories)
    return tuple(word for word in words if 0 < counts.words.get(word, 0.0) <= most)


class _Counts:
    """The counts of all languages, growing while a reading is judged."""

    def __init__(self, counts: Mapping[str, WordCounts]) -> None:
        self._stories = {lang: one.stories for lang, one in counts.items()}
        self._words = {lang: dict(one.words) for lang, one in counts.items()}
        self.began: dict[tuple[str, str], float] = {}
        self.begun: dict[str, float] = {}

    def of(self, lang: str) -> WordCounts:
        return WordCounts(self._stories.get(lang, 0.0), self._words.get(lang, {}))

    def add(self, lang: str, words: Iterable[str]) -> None:
        known = self._words.setdefault(lang, {})
        for word in words:
            known[word] = known.get(word, 0.0) + 1
            self.began[lang, word] = self.began.get((lang, word), 0.0) + 1

    def add_story(self, lang: str) -> None:
        self._stories[lang] = self._stories.get(lang, 0.0) + 1
        self.begun[lang] = self.begun.get(lang, 0.0) + 1


class Stories:
    """The stories that the articles in hand may belong to; grows while a reading is judged."""

    def __init__(self, known: Sequence[Story], counts: Mapping[str, WordCounts]) -> None:
        self._stories = {story.id: story for story in known}
        self._counts = _Counts(counts)
        self._filed: dict[StoryId, dict[tuple[str, str], None]] = {}
        self._merged: dict[StoryId, StoryId] = {}

    def place(self, article: Article, at: datetime, teller: Teller) -> Placed:
        """Return the story of an article of the time `at`, which joins it."""
        found = self._alike(article, at, teller.hits)
        if found:
            best, score, shared = found[0]
            before = self._stories[best]
            self.join(best, article, at, teller)
            because: Evidence = {"equal": "words", "words": shared[:_SHOWN], "similarity": round(score, 2)}
            merged = tuple(other for other, _, _ in found[1:] if self._merge(best, other))
            return Placed(best, because, merged, before)
        if (other := self._in_other_language(article, at, teller.rules)) is not None:
            story, shared = other
            before = self._stories[story]
            self.join(story, article, at, teller)
            return Placed(story, {"equal": "facts", "words": shared[:_SHOWN]}, before=before)
        own = own_story(article)
        self.join(own, article, at, teller)
        return Placed(own)

    def join(self, id_: StoryId, article: Article, at: datetime, teller: Teller) -> None:
        """Let an article join a story, which begins with it where it is not known."""
        words, facts = story_words(article), facts_of(article)
        counts = self._counts.of(article.lang)
        old = self._stories.get(id_) or Story(id_, article.title, at, at, at, {}, {})
        if article.lang not in old.members:
            self._counts.add_story(article.lang)
        if not old.size:
            self._counts.add_story(FACTS_LANG)
        self._stories[id_] = _told_by(_with(old, article, at, vector(words, counts), facts), article, at, teller)
        rarest = sorted(words, key=lambda word: (-rarity(word, counts), word))[:FILED_WORDS]
        filed = self._filed.setdefault(id_, {})
        filed.update(dict.fromkeys((article.lang, word) for word in rarest))
        filed.update(dict.fromkeys((FACTS_LANG, fact) for fact in facts))
        self._counts.add(article.lang, [word for word in words if word not in old.weights])
        self._counts.add(FACTS_LANG, [fact for fact in facts if fact not in old.facts])

    def revise(self, id_: StoryId, article: Article) -> None:
        """Note what a later text of a member claims; it counts once."""
        if (story := self._stories.get(id_)) is not None:
            self._stories[id_] = replace(
                story,
                claims=_claims_with(story.claims, claims_of(article)),
                headlines=_newest((*story.headlines, article.title)),
            )
            self._filed.setdefault(id_, {})

    def story(self, id_: StoryId) -> Story | None:
        """Return a story as it is by now, which may be the one that it was merged into; None when it is not known
        here.
        """
        while id_ in self._merged:
            id_ = self._merged[id_]
        return self._stories.get(id_)

    def changes(self) -> StoryChanges:
        """Return what the store has to write."""
        kept = [self._stories[id_] for id_ in self._filed if id_ in self._stories]
        return StoryChanges(
            stories=tuple(kept),
            filed={story.id: tuple(self._filed[story.id]) for story in kept},
            began=dict(self._counts.began),
            stories_begun=dict(self._counts.begun),
            merged=dict(self._merged),
        )

    def _alike(
        self, article: Article, at: datetime, hits: AbstractSet[str]
    ) -> list[tuple[StoryId, float, tuple[str, ...]]]:
        """Return the stories of its language that the article is like, likest first, with the likeness and the rare
        words shared.
        """
        counts = self._counts.of(article.lang)
        words = [word for word in story_words(article) if word not in hits]
        rare = _rare_words(words, counts)
        if len(rare) < FEWEST_RARE:
            return []
        weights = vector(words, counts)
        least = JOIN + COLD * 0.5 ** (counts.stories / COLD_STORIES)
        found = []
        for story in self._stories.values():
            shared = tuple(word for word in rare if word in story.weights)
            if len(shared) < FEWEST_RARE or not _takes_members(story, at):
                continue
            score = likeness(weights, article.lang, at, story, SIZE_POWER)
            if score >= least:
                found.append((story.id, score, shared))
        return sorted(found, key=lambda one: (-one[1], one[0]))

    def _in_other_language(
        self, article: Article, at: datetime, rules: AbstractSet[RuleId]
    ) -> tuple[StoryId, tuple[str, ...]] | None:
        """Return the story, matched by a rule of the article's, that shares most facts with it, and these facts."""
        facts, counts = facts_of(article), self._counts.of(FACTS_LANG)
        best: tuple[StoryId, tuple[str, ...]] | None = None
        for story in self._stories.values():
            if not (story.rules & rules) or set(story.members) == {article.lang} or not _takes_members(story, at):
                continue
            shared = shared_facts(facts, story.facts, counts)
            if is_enough(shared, abs(at - story.mean_at)) and (best is None or len(shared) > len(best[1])):
                best = story.id, shared
        return best

    def _merge(self, into: StoryId, other: StoryId) -> bool:
        """Make one story of two where they are alike; return whether they were."""
        one, two = self._stories[into], self._stories[other]
        if one.size + two.size > MOST_MEMBERS or story_likeness(one, two) < JOIN:
            return False
        self._stories[into] = _united(one, two)
        del self._stories[other]
        self._merged[other] = into
        self._filed.setdefault(into, {}).update(self._filed.pop(other, {}))
        self._filed[into].update(dict.fromkeys((lang, word) for lang in two.members for word in _top(two.weights)))
        return True


def own_story(article: Article) -> StoryId:
    """Return the id of the story that an article begins."""
    return StoryId(public_id("s", digest("story", article.id)))


def _takes_members(story: Story, at: datetime) -> bool:
    """Return whether a story is alive, not too long, and not too large."""
    return story.size < MOST_MEMBERS and abs(at - story.last_at) <= ALIVE and at - story.first_at <= LONGEST


def _with(
    story: Story,
    article: Article,
    at: datetime,
    weights: Mapping[str, float],
    facts: Sequence[str],
) -> Story:
    size = story.size + 1
    return replace(
        story,
        first_at=min(story.first_at, at),
        last_at=max(story.last_at, at),
        mean_at=story.mean_at + (at - story.mean_at) / size,
        members={**story.members, article.lang: story.members.get(article.lang, 0) + 1},
        weights=heaviest(_summed(story.weights, weights)),
        facts=_commonest(_summed(story.facts, dict.fromkeys(facts, 1))),
        headlines=_newest((*story.headlines, article.title)),
    )


def _newest(headlines: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, headlines)))[-MOST_HEADLINES:]


def _told_by(story: Story, article: Article, at: datetime, teller: Teller) -> Story:
    outlets, independent = dict(story.outlets), dict(story.independent)
    seen_at = teller.seen_at or at
    if teller.publisher:
        outlets.setdefault(teller.publisher, seen_at)
        if not teller.is_copy:
            independent.setdefault(teller.publisher, seen_at)
    return replace(
        story,
        rules=story.rules | teller.rules,
        claims=_claims_with(story.claims, claims_of(article)),
        heard_in=_earliest(story.heard_in, {article.lang: seen_at}),
        outlets=outlets,
        independent=independent,
    )


def _claims_with(claims: Mapping[str, Claims], new: Claims) -> dict[str, Claims]:
    return {**claims, new.lang: united(claims[new.lang], new) if new.lang in claims else new}


def _earliest(one: Mapping[str, datetime], two: Mapping[str, datetime]) -> dict[str, datetime]:
    return {name: min(at for at in (one.get(name), two.get(name)) if at) for name in {**one, **two}}


def _united(one: Story, two: Story) -> Story:
    return replace(
        one,
        first_at=min(one.first_at, two.first_at),
        last_at=max(one.last_at, two.last_at),
        mean_at=one.mean_at + (two.mean_at - one.mean_at) * (two.size / (one.size + two.size)),
        members=_summed(one.members, two.members),
        weights=heaviest(_summed(one.weights, two.weights)),
        facts=_commonest(_summed(one.facts, two.facts)),
        rules=one.rules | two.rules,
        headlines=_newest((*two.headlines, *one.headlines)),
        claims=reduce(_claims_with, two.claims.values(), dict(one.claims)),
        heard_in=_earliest(one.heard_in, two.heard_in),
        outlets=_earliest(one.outlets, two.outlets),
        independent=_earliest(one.independent, two.independent),
    )


def _summed(one: Mapping[str, _Number], two: Mapping[str, _Number]) -> dict[str, _Number]:
    summed = dict(one)
    for key, value in two.items():
        summed[key] = summed[key] + value if key in summed else value
    return summed


def _commonest(facts: Mapping[str, int]) -> dict[str, int]:
    kept = sorted(facts, key=lambda fact: (-facts[fact], fact))[:MOST_KEPT_FACTS]
    return {fact: facts[fact] for fact in kept}


def _top(weights: Mapping[str, float]) -> list[str]:
    return sorted(weights, key=lambda word: (-weights[word], word))[:FILED_WORDS]
