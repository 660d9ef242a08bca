"""Proposals: the smallest change of a rule that takes away what people call not useful and nothing they call useful.

1. Words of the not useful articles that no useful one holds, and that are no ordinary words, are candidates: as
   `except` where they stand beside a hit, as `none` in titles, as `none` anywhere; and a `near` between its groups.
2. All candidates are compiled as variants of the rule and tried on all voted articles, by the engine that alerts.
3. A variant that loses a useful article is out. Of the rest the one that takes away most is chosen, then the one that
   does best on what is left, until nothing takes away two; an `except` goes before a `none`.
4. Variants that lose nothing each may do so together, where two masks take the two hits of a useful article: after
   each choice the whole changed rule is tried on the useful articles, and a choice that loses one is dropped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Final

from watcher.core.articles.tokens import Token, tokenise
from watcher.core.backtest import fires
from watcher.core.language.terms import make_term
from watcher.core.matching.compile import compile_rules
from watcher.core.matching.engine import RuleSet
from watcher.core.model.article import Article, Field
from watcher.core.model.ids import RuleId
from watcher.core.model.match import Span
from watcher.core.model.rule import AllOf, Concept, ConceptRef, Near, Rule, RuleSource

LEAST: Final = 2
"""So many not useful articles must share a word: of a single one nothing is learnt."""

_MOST_WORDS: Final = 5
_MOST_TRIED: Final = 120
_MOST_DROPPED: Final = 20  # each is a rule compiled and tried on all useful articles
_A_WORD: Final = 3
_ORDINARY: Final = 0.02
_DISTANCES: Final = (30, 20, 12, 8, 5)  # the widest that helps is chosen
_READ_CHARS: Final = 1_000


class Kind(StrEnum):
    """Where a change is written in the rule."""

    EXCEPT = "except"
    NONE_TITLE = "none, in titles"
    NONE = "none"
    NEAR = "near"

    @property
    def key(self) -> str:
        """The key of the rule that it is added to."""
        return {"except": "except", "near": "all"}.get(self.value, "none")


_RANK: Final = {kind: rank for rank, kind in enumerate(Kind)}
"""Of two changes that do as much the lower one is taken."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change: a word to add to the list of a key, or groups that must stand within `distance` words."""

    kind: Kind
    word: str = ""
    groups: tuple[str, ...] = ()
    distance: int = 0

    def applied(self, rule: Rule) -> Rule:
        """Return the rule with the change."""
        match self.kind:
            case Kind.EXCEPT:
                return replace(rule, excepts=(*rule.excepts, make_term(self.word)))
            case Kind.NEAR:
                assert isinstance(rule.body, AllOf)
                near = Near(tuple(ConceptRef(name) for name in self.groups), self.distance)
                return replace(rule, body=AllOf((*rule.body.items, near)))
            case Kind.NONE_TITLE:
                return replace(rule, none=(*rule.none, replace(make_term(self.word), field=Field.TITLE)))
            case Kind.NONE:
                return replace(rule, none=(*rule.none, make_term(self.word)))


@dataclass(frozen=True, slots=True)
class Proposal:
    """Changes that belong together, the rule with all of them, and which of the not useful articles they take away."""

    changes: tuple[Change, ...]
    rule: Rule
    removed: tuple[Article, ...]


def propose(
    rule: Rule,
    concepts: Mapping[str, Concept],
    useful: Sequence[Article],
    not_useful: Sequence[Article],
    stored: Iterable[Article] = (),
) -> Proposal | None:
    """Return the change that takes away most not useful articles and no useful one; None where there is none.

    `stored` are articles as they come, which say what words are ordinary. What the rule no longer matches anyway is
    not looked at.
    """
    now = _compiled({rule.id: rule}, concepts)
    bad = [article for article in not_useful if fires(now, rule.id, article)]
    good = [article for article in useful if fires(now, rule.id, article)]
    candidates = _candidates(rule, now, bad, good, list(stored))
    if not candidates:
        return None
    tried = _Tried(rule, candidates, concepts)
    kept = frozenset(range(len(candidates)))
    for article in good:
        kept -= tried.removing(article, kept)
    left = {number: tried.removing(article, kept) for number, article in enumerate(bad)}
    chosen, changed = _cover(rule, candidates, left, lambda one: not _gone(one, concepts, good))
    removed = _gone(changed, concepts, bad)
    return Proposal(tuple(chosen), changed, removed) if removed else None


def _compiled(rules: Mapping[RuleId, Rule], concepts: Mapping[str, Concept]) -> RuleSet:
    named = tuple(replace(rule, id=id_, was=(), trend=None) for id_, rule in rules.items())
    return compile_rules(RuleSource(revision=0, rules=named, concepts=concepts))


class _Tried:
    """Changes of a rule, compiled together; an article is tried only on those that its words can make hold."""

    def __init__(self, rule: Rule, candidates: Sequence[Change], concepts: Mapping[str, Concept]) -> None:
        numbered = list(enumerate(candidates))
        self._words = _numbered({n: _asking(rule, one) for n, one in numbered if one.kind is not Kind.NEAR}, concepts)
        self._masks = {n: one.applied(rule) for n, one in numbered if one.kind is Kind.EXCEPT}
        self._masked = _numbered(self._masks, concepts)
        nears = {n: one.applied(rule) for n, one in numbered if one.kind is Kind.NEAR}
        self._nears, self._near = nears.keys(), _numbered(nears, concepts)

    def removing(self, article: Article, of: Set[int]) -> frozenset[int]:
        """Return the numbers of those changes that take away an article which the rule matches."""
        held = _matched(self._words, article) & of
        masks, nears = held & self._masks.keys(), of & self._nears
        left = _matched(self._masked, article) if masks else frozenset[int]()
        far = nears - _matched(self._near, article) if nears else frozenset[int]()
        return frozenset((held - masks) | (masks - left) | far)


def _asking(rule: Rule, change: Change) -> Rule:
    """Return a rule that asks for nothing but the word of a change."""
    changed = change.applied(rule)
    is_mask = change.kind is Kind.EXCEPT
    body = changed.excepts[-1] if is_mask else changed.none[-1]
    return Rule(rule.id, rule.name, body, excepts=() if is_mask else rule.excepts, stem=rule.stem)


def _numbered(rules: Mapping[int, Rule], concepts: Mapping[str, Concept]) -> RuleSet:
    return _compiled({RuleId(str(number)): rule for number, rule in rules.items()}, concepts)


def _matched(rules: RuleSet, article: Article) -> frozenset[int]:
    return frozenset(int(match.rule) for match in rules.match(article)[0])


def _gone(changed: Rule, concepts: Mapping[str, Concept], of: Sequence[Article]) -> tuple[Article, ...]:
    after = _compiled({changed.id: changed}, concepts)
    return tuple(article for article in of if not fires(after, changed.id, article))


def _cover(
    rule: Rule, candidates: Sequence[Change], left: Mapping[int, frozenset[int]], keeps: Callable[[Rule], bool]
) -> tuple[list[Change], Rule]:
    """Choose one variant after the other, each the one that takes away most of what is left; return them and the rule
    with all. One with which the rule no longer `keeps` the useful articles is dropped.
    """
    chosen: list[Change] = []
    dropped: set[int] = set()
    while left and len(chosen) < _MOST_WORDS and len(dropped) < _MOST_DROPPED:
        taken = Counter(number for numbers in left.values() for number in numbers - dropped)
        best = min(taken, key=lambda number: (-taken[number], _RANK[candidates[number].kind], number), default=None)
        if best is None or taken[best] < LEAST:
            break
        changed = candidates[best].applied(rule)
        if not keeps(changed):
            dropped.add(best)
            continue
        rule = changed
        chosen.append(candidates[best])
        left = {number: numbers for number, numbers in left.items() if best not in numbers}
    return chosen, rule


def _candidates(
    rule: Rule, now: RuleSet, bad: Sequence[Article], good: Sequence[Article], stored: Sequence[Article]
) -> list[Change]:
    """Return the changes to try, the words that most of the not useful articles share first."""
    innocent = {word for article in good for word in _words(_text(article))}
    shared: Counter[tuple[Kind, str]] = Counter()
    for article in bad:
        words = {*_around_hits(now, rule.id, article), *_titled(article), *_anywhere(article)}
        shared.update((kind, word) for kind, word in words if word not in innocent)
    ordinary = _ordinary({word for (_, word), count in shared.items() if count >= LEAST}, stored, len(bad))
    found = sorted(shared.items(), key=lambda one: (-one[1], _RANK[one[0][0]], one[0][1]))
    kept = [Change(kind, word) for (kind, word), count in found if count >= LEAST and word not in ordinary]
    return [*kept[:_MOST_TRIED], *_nears(rule)]


def _ordinary(words: Set[str], stored: Sequence[Article], voted: int) -> Set[str]:
    """Return those words that stand in so many stored articles that they say nothing; those that were voted on are
    among these.
    """
    found: Counter[str] = Counter()
    for article in stored:
        found.update(words & set(_words(_text(article))))
    most = max(_ORDINARY * len(stored), LEAST) + voted
    return {word for word, count in found.items() if count > most}


def _nears(rule: Rule) -> Iterator[Change]:
    """Yield a distance between the concepts that the rule asks for, each of several."""
    items = rule.body.items if isinstance(rule.body, AllOf) else ()
    names = tuple(item.name for item in items if isinstance(item, ConceptRef) and item.field is None)
    if len(names) > 1:
        yield from (Change(Kind.NEAR, groups=names, distance=distance) for distance in _DISTANCES)


def _text(article: Article) -> str:
    return "\n".join((article.title, article.summary, article.content[:_READ_CHARS]))


def _words(text: str) -> Iterator[str]:
    """Yield words, and pairs of words that stand side by side; in scripts without spaces pairs of signs."""
    tokens = tokenise(text)
    yield from (token.folded for token in tokens if len(token.folded) >= _A_WORD)
    yield from (_phrase((one, other)) for one, other in pairwise(tokens))


def _phrase(tokens: Sequence[Token]) -> str:
    """Return words as a term that spells them: without a blank where the text has none."""
    parts = [tokens[0].folded]
    for before, token in pairwise(tokens):
        parts.append(token.folded if token.start == before.end else f" {token.folded}")
    return "".join(parts)


def _titled(article: Article) -> Iterator[tuple[Kind, str]]:
    yield from ((Kind.NONE_TITLE, word) for word in _words(article.title))


def _anywhere(article: Article) -> Iterator[tuple[Kind, str]]:
    yield from ((Kind.NONE, word) for word in _words(_text(article)))


def _around_hits(now: RuleSet, rule: RuleId, article: Article) -> Iterator[tuple[Kind, str]]:
    """Yield each hit of the rule with the word before or behind it."""
    spans = [span for match in now.match(article)[0] if match.rule == rule for span in match.spans]
    for field in (Field.TITLE, Field.SUMMARY, Field.CONTENT):
        tokens = tokenise(article.text_of(field)[:_READ_CHARS])
        for span in (span for span in spans if span.field is field):
            yield from ((Kind.EXCEPT, phrase) for phrase in _beside(tokens, span))


def _beside(tokens: Sequence[Token], span: Span) -> Iterator[str]:
    inside = [number for number, token in enumerate(tokens) if span.start <= token.start and token.end <= span.end]
    if not inside:
        return
    first, last = inside[0], inside[-1]
    if first:
        yield _phrase(tokens[first - 1 : last + 1])
    if last + 1 < len(tokens):
        yield _phrase(tokens[first : last + 2])
