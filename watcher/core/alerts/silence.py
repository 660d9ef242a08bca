"""Silences: is an article muted for a rule now, and by what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache

from watcher.core.language.terms import parse_term
from watcher.core.matching.engine import find_terms
from watcher.core.model.article import Article
from watcher.core.model.ids import ChannelName, RuleId, StoryId
from watcher.core.model.policy import Silence
from watcher.core.model.rule import Term
from watcher.errors import ConfigError

IsSilenced = Callable[[Article, RuleId, StoryId, ChannelName, datetime], Silence | None]


def make_silencer(silences: Sequence[Silence]) -> IsSilenced:
    """Return a function that names the first silence that mutes an article for a rule and channel at a time, or None.

    All that a silence names must fit; one that names nothing mutes nothing. It holds from its start up to, not at, its
    end. One of a story takes that story only as long as it has no other one's id.

    Raises:
        TermError: a word is not a term.
        ConfigError: a word names a concept; silences hold plain words.
    """
    named = [silence for silence in silences if _names_something(silence)]
    # Those of a story let its denials through, so that any other comes first.
    compiled = [(silence, _terms(silence)) for silence in sorted(named, key=lambda one: one.story is not None)]

    def silenced_by(
        article: Article, rule: RuleId, story: StoryId, channel: ChannelName, now: datetime
    ) -> Silence | None:
        for silence, terms in compiled:
            if silence.channel not in {None, channel} or not is_in_force(silence, now):
                continue
            if not _fits(silence, article, rule, story):
                continue
            if not silence.words or find_terms(terms, article):
                return silence
        return None

    return silenced_by


def _names_something(silence: Silence) -> bool:
    return bool(silence.rule or silence.words or silence.feed or silence.story)


def _fits(silence: Silence, article: Article, rule: RuleId, story: StoryId) -> bool:
    return silence.rule in {None, rule} and silence.story in {None, story} and silence.feed in {"", article.feed_name}


@lru_cache(maxsize=8)
def silencer_of(silences: tuple[Silence, ...]) -> IsSilenced:
    """Return `make_silencer(silences)`, made once: the same question is asked when an article is judged and before
    each send.
    """
    return make_silencer(silences)


def is_in_force(silence: Silence, now: datetime) -> bool:
    """Return whether the silence holds at `now`."""
    return (silence.starts_at is None or silence.starts_at <= now) and (
        silence.ends_at is None or now < silence.ends_at
    )


def say(silence: Silence) -> str:
    """Return the silence as one line for verdicts: its name, who made it by hand, and why it was made."""
    named = f"{silence.name} (by {silence.by})" if silence.by else silence.name
    return f"{named}: {silence.because}" if silence.because else named


def _terms(silence: Silence) -> tuple[Term, ...]:
    terms = []
    for word in silence.words:
        term = parse_term(word, silence.place)
        if not isinstance(term, Term):
            raise ConfigError(f"silence '{silence.name}': `{word}` is a concept; a silence holds plain words")
        terms.append(term)
    return tuple(terms)
