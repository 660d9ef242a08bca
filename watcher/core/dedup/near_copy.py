"""Near copies: the same text under another address, and the guards that keep other news from looking like one.

    1. equal titles    the usual wire copy; short titles, long gaps and missing summaries ask for more
    2. longer title    one title is the other with words put in, and the summaries are equal
    3. equal lead      another headline over the same long lead

A score alone always fails: each single similarity, at any threshold, merged 11 to 28 of 28 hard pairs of different
news. So every way demands several agreeing facts, and one disagreeing fact, named in the refusal, is enough to alert
again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import regex

from watcher.core.articles.urls import ascii_host, url_key
from watcher.core.dedup.alarms import is_alarm
from watcher.core.dedup.differences import compare, same_direction
from watcher.core.dedup.facts import markers, numbers
from watcher.core.dedup.habits import Habits
from watcher.core.dedup.headlines import CommonLead, headline_clash
from watcher.core.dedup.leads import Lead, lead, lead_of
from watcher.core.dedup.likeness import Agreement, Summaries, compare_summaries, gap, hours, is_same_source, words_of
from watcher.core.dedup.titles import (
    AGGREGATORS,
    COPY_STRENGTH,
    KEY_STRENGTH,
    Title,
    content_of,
    is_outlet,
    title_of,
)
from watcher.core.model.alert import Member
from watcher.core.model.article import Article
from watcher.core.model.verdict import Evidence

QUARTER: Final = timedelta(minutes=15)
HALF_AN_HOUR: Final = timedelta(minutes=30)
BARE_HOURS: Final = timedelta(hours=3)
SAME_HOURS: Final = timedelta(hours=6)
DAY: Final = timedelta(hours=24)
WEEK: Final = timedelta(days=7)
RECURRING: Final = 2
"""As many earlier articles of one pattern in one source make it a series ("Rates for Monday", "Agency schedule").

Source: all 26 dangerous pairs of equal titles in a set of 5,681 were series or placeholders.
"""
_WORDS_OF_A_SUMMARY: Final = 5
_WORDS_OF_A_LONG_SUMMARY: Final = 8
_WORDS_OF_A_LEAD: Final = 15
WORDS_OF_A_LONG_LEAD: Final = 20
_WORDS_OF_A_LONG_TITLE: Final = 7
_MOST_PUT_IN: Final = 4


@dataclass(frozen=True, slots=True)
class Copy:
    """Two articles are one text; `because` says how that is known."""

    because: Evidence


@dataclass(frozen=True, slots=True)
class Refusal:
    """Two articles are not taken for one text: the guard that refused, in plain words, and how close they came, from
    0 to 1.
    """

    guard: str
    closeness: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Two articles with all that the ways below look at; `left` says that the earlier one's feed no longer lists it."""

    new: Member
    old: Member
    first: Title
    second: Title
    summaries: Summaries
    apart: timedelta | None
    same_source: bool
    habits: Habits
    left: bool = False

    @property
    def one(self) -> Article:
        """The later article."""
        return self.new.article

    @property
    def two(self) -> Article:
        """The earlier article."""
        return self.old.article

    def within(self, span: timedelta) -> bool:
        """Return whether the gap is known and at most `span`."""
        return self.apart is not None and self.apart <= span


def near_copy(new: Member, old: Member, habits: Habits, *, left: bool = False) -> Copy | Refusal | None:
    """Return why `new` is a copy of `old`, which guard refused it, or None when they are not even close.

    `habits` tells what both sources gave before; `left` says that the feed of both no longer lists `old`.

    Source: the guards are those of the lemon24/reader and Feedly experience: same text, not similar title; never
    within one source.
    """
    one, two = new.article, old.article
    first, second = title_of(one), title_of(two)
    equal = has_equal_titles(first, second)
    if not equal and not _share_words(lead_of(one), lead_of(two)):
        return None
    same_source = is_same_source(one, two)
    if same_source and not equal:
        return None
    pair = Pair(new, old, first, second, compare_summaries(one, two), gap(one, two), same_source, habits, left)
    way, found = ("title", _equal_titles(pair)) if equal else _other_titles(pair)
    if found is None or isinstance(found, Refusal):
        return found
    if series := _is_series(pair):
        return Refusal(series, 1.0)
    return Copy(_evidence(pair, way, found))


def _share_words(one: Lead, two: Lead) -> bool:
    """Return whether two leads may be equal or close: quick to say, where aligning them word by word is dear."""
    least = min(len(one.words), len(two.words))
    if least < _FEW_WORDS:
        return _is_long(one.tokens) and _is_long(two.tokens)
    return len(one.words & two.words) >= _CLOSE * least and has_long_lead_tokens(one.tokens, two.tokens)


def has_long_lead(*articles: Article) -> bool:
    """Return whether all articles have a lead long enough to make them copies under other titles."""
    return has_long_lead_tokens(*(lead(article) for article in articles))


def has_long_lead_tokens(*leads: tuple[str, ...]) -> bool:
    """Return whether all leads are long enough to make their articles copies under other titles."""
    return all(len(tokens) >= _WORDS_OF_A_LONG_SUMMARY or _is_long(tokens) for tokens in leads)


def _is_long(tokens: tuple[str, ...]) -> bool:
    """A Chinese lead is one token or two."""
    return sum(map(len, tokens)) >= _WORDS_OF_A_LONG_SUMMARY * 5


def has_equal_titles(one: Title, two: Title) -> bool:
    """Return whether two titles say the same in the same order; function words, hyphens and blanks do not tell them
    apart.

    "Cease-fire talks in the capital" = "Ceasefire talks in capital"; "from A to B" is not "to A from B", "Kim Jong
    Un" not "Kim Jong Il".
    """
    if one.tokens == two.tokens:
        return True
    if "".join(content_of(one.tokens)) != "".join(content_of(two.tokens)):
        return False
    apart = compare(one.tokens, two.tokens)
    return not apart.clash and same_direction(one.tokens, two.tokens)


def _is_series(pair: Pair) -> str:
    if pair.first.placeholder or pair.second.placeholder:
        return "a placeholder title"
    if pair.habits.times(pair.new, pair.old) >= RECURRING:
        return "its source repeats this title"
    return ""


def _evidence(pair: Pair, equal: str, guards: tuple[str, ...]) -> Evidence:
    return {
        "equal": equal,
        "title": pair.first.text,
        "removed": tuple(dict.fromkeys((*pair.first.removed, *pair.second.removed))),
        "summaries": pair.summaries.agreement.value,
        "similarity": round(pair.summaries.similarity, 2),
        "hours": hours(pair.apart),
        "guards": ("not recurring", "no placeholder", *guards),
    }


# -- equal titles -----------------------------------------------------------------------------------


def _equal_titles(pair: Pair) -> tuple[str, ...] | Refusal | None:
    if min(pair.first.strength, pair.second.strength) < KEY_STRENGTH:
        return None
    if pair.first.suffix != pair.second.suffix and not _is_credit(pair):
        return Refusal("names behind the dash differ and are no outlets", 0.9)
    if pair.same_source:
        return _within_one_source(pair)
    if pair.summaries.agreement is Agreement.DIFFERENT:
        return Refusal(f"summaries differ: {pair.summaries.clash}", 0.5 + pair.summaries.similarity / 2)
    if is_alarm(pair.first) and not pair.within(HALF_AN_HOUR):
        return Refusal("an alarm or warning, and more than 30 min apart", 0.9)
    if pair.summaries.agreement is Agreement.MISSING:
        return _without_summary(pair)
    return _with_summaries(pair, equal=pair.summaries.agreement is Agreement.EQUAL)


def _with_summaries(pair: Pair, *, equal: bool) -> tuple[str, ...] | Refusal:
    """Titles of two sources are one for 24 h where summaries agree, for 7 d where these are `equal`."""
    if pair.first.strength < COPY_STRENGTH:
        if equal and pair.summaries.words > _WORDS_OF_A_SUMMARY:
            return _for_hours(pair, "a short title", ("short title, equal summaries",))
        return Refusal("a short title without equal summaries", 0.8)
    if is_alarm(pair.first):
        return _for_hours(pair, "an alarm or warning", ("summaries agree",))
    if _says_little(pair):
        return _for_hours(pair, "a short title with a short summary", ("short summaries agree",))
    if pair.within(DAY):
        return ("summaries agree", "24 h", "other source")
    if equal and pair.summaries.words >= _WORDS_OF_A_SUMMARY and (pair.apart is None or pair.within(WEEK)):
        return ("equal summaries", "7 d", "other source")
    return Refusal("more than 24 h apart without equal summaries", 0.8)


def _says_little(pair: Pair) -> bool:
    """Say whether title and summary are both too short to be this one text: notices and advisories share such words.

    "Bridge closed at Odesa port" / "Drivers are asked to take another road." comes again, in another outlet too.
    """
    return words_of(pair.first.tokens) < _WORDS_OF_A_LONG_TITLE and pair.summaries.words < _WORDS_OF_A_LEAD


def _without_summary(pair: Pair) -> tuple[str, ...] | Refusal:
    """A bare headline comes back with the next launch: it folds for hours, and not where it is a habit."""
    if pair.first.strength < COPY_STRENGTH:
        return Refusal("a short title without a summary", 0.8)
    return _for_hours(pair, "no summary", ("no summary",))


def _for_hours(pair: Pair, what: str, guards: tuple[str, ...]) -> tuple[str, ...] | Refusal:
    """A headline with hardly a text below it is a copy for 3 h, where neither source had it before."""
    if not pair.within(BARE_HOURS):
        return Refusal(f"{what}, and more than 3 h apart", 0.9)
    if pair.habits.times(pair.new, pair.old) or pair.habits.times(pair.old, pair.new):
        return Refusal(f"{what}, and one source had this title before", 0.9)
    return (*guards, "3 h", "other source", "title new to both sources")


def _is_credit(pair: Pair) -> bool:
    """A name behind one of two titles only is a credit when it is the other's outlet, or the text is the same."""
    if pair.first.suffix and pair.second.suffix:
        return False
    name, other = (pair.first.suffix, pair.two) if pair.first.suffix else (pair.second.suffix, pair.one)
    if is_outlet(name, other):
        return True
    return pair.summaries.agreement is Agreement.EQUAL and pair.summaries.words >= _WORDS_OF_A_LONG_SUMMARY


def _within_one_source(pair: Pair) -> tuple[str, ...] | Refusal:
    for way in (_later_take, _same_page, _listed_twice):
        found = way(pair)
        if found:
            return found
    return Refusal("one source gives one title twice: a series, or news again", 0.9)


def _later_take(pair: Pair) -> tuple[str, ...]:
    """The wire's own words say that this is the same item again ("UPDATE 2-"); its summary tells what the take adds."""
    if pair.first.take == pair.second.take or not pair.within(DAY) or pair.first.strength < COPY_STRENGTH:
        return ()
    said = [numbers(lead(article)) for article in (pair.one, pair.two)]
    same_facts = said[0] == said[1] or not all(said)
    same_turn = markers(lead(pair.one)) == markers(lead(pair.two))
    return ("later take", "equal numbers", "24 h") if same_facts and same_turn else ()


def _same_page(pair: Pair) -> tuple[str, ...]:
    """One source gives one title twice: a series, unless the address shows one page, or is hidden by an aggregator."""
    if (
        pair.summaries.agreement is Agreement.DIFFERENT
        or pair.first.strength < COPY_STRENGTH
        or not pair.within(SAME_HOURS)
    ):
        return ()
    if _is_other_event(pair):
        return ()
    hidden = [ascii_host(article.url) in AGGREGATORS for article in (pair.one, pair.two)]
    if all(hidden):
        return (
            ("hidden addresses", "same time") if pair.apart == timedelta(0) and pair.one.feed != pair.two.feed else ()
        )
    if any(hidden):
        return ("hidden address", "6 h")
    return ("same page name", "6 h") if _same_page_name(pair.one.url, pair.two.url) else ()


def _is_other_event(pair: Pair) -> bool:
    """Return whether one feed gave one link at two times: core.identity weighed it, and found two events (an alarm,
    and the next one).
    """
    one, two = pair.one, pair.two
    same_link = pair.new.keys.url is not None and pair.new.keys.url == pair.old.keys.url
    dated = one.published_at is not None and two.published_at is not None
    return one.feed == two.feed and same_link and dated and one.published_at != two.published_at


def _listed_twice(pair: Pair) -> tuple[str, ...]:
    """One text stands twice in what a source lists: two items, told once."""
    if pair.left or not pair.within(QUARTER) or pair.habits.times(pair.new, pair.old) >= RECURRING:
        return ()
    equal = pair.summaries.agreement is Agreement.EQUAL and pair.summaries.similarity == 1.0
    return (
        ("equal lead", "15 min", "still listed") if equal and pair.summaries.words >= _WORDS_OF_A_LONG_SUMMARY else ()
    )


_DIGITS: Final = regex.compile(r"\d+")
_TELLING_NAME: Final = regex.compile(r"(?:[^-_/]++[-_]){3,}+[^-_/]++|.*(?<!\d)\d{5,7}(?!\d).*")


def _same_page_name(one: str, two: str) -> bool:
    """Return whether two paths end in the same telling name ("ferry-sinks-off-karo") and no number in them differs."""
    first, second = url_key(one).text, url_key(two).text
    if not first or not second or _DIGITS.findall(first) != _DIGITS.findall(second):
        return False
    name = first.partition("?")[0].rpartition("/")[2]
    return first.rpartition("/")[2] == second.rpartition("/")[2] and _TELLING_NAME.fullmatch(name) is not None


# -- other titles -----------------------------------------------------------------------------------


def _other_titles(pair: Pair) -> tuple[str, tuple[str, ...] | Refusal | None]:
    """Two sources, one day, and the same summary of some length: what a copy with another title must have."""
    if pair.summaries.agreement is not Agreement.EQUAL:
        close = pair.summaries.similarity >= _CLOSE and bool(pair.summaries.clash)
        return "lead", Refusal(f"leads differ: {pair.summaries.clash}", pair.summaries.similarity) if close else None
    if not pair.within(DAY) or min(pair.first.strength, pair.second.strength) < KEY_STRENGTH:
        return "lead", Refusal("equal leads more than 24 h apart, or a title that says nothing", 0.7)
    if guards := _longer_title(pair):
        return "longer title", guards
    return "lead", _equal_lead(pair)


_FEW_WORDS: Final = 6  # a Chinese lead is a token or two
_CLOSE: Final = 0.75


def _longer_title(pair: Pair) -> tuple[str, ...]:
    titles = compare(pair.first.tokens, pair.second.tokens)
    put_in = titles.one or titles.two
    whole = titles.shared == titles.compared and not (titles.one and titles.two)
    rest = abs(len(pair.first.tokens) - len(pair.second.tokens))
    if pair.summaries.words < _WORDS_OF_A_LONG_SUMMARY or not whole or pair.first.unspaced or pair.second.unspaced:
        return ()
    short, long = sorted((pair.first, pair.second), key=lambda title: len(title.tokens))
    if short.strength < COPY_STRENGTH or not 0 < rest <= _MOST_PUT_IN or len(put_in) > rest:
        return ()
    if numbers(short.tokens) != numbers(long.tokens) or markers(short.tokens) != markers(long.tokens):
        return ()
    return ("equal numbers", "no turning word", "same order", "equal summaries", "24 h", "other source")


def _equal_lead(pair: Pair) -> tuple[str, ...] | Refusal:
    """The lead is the news; what the headlines say beyond it must not be two things."""
    common = CommonLead(lead(pair.one), lead(pair.two))
    if clash := headline_clash(pair.one, pair.two, common):
        return Refusal(f"equal leads, and headlines that differ: {clash}", 0.9)
    if pair.habits.is_boilerplate(pair.new) or pair.habits.is_boilerplate(pair.old):
        return Refusal("equal leads that a source put under other titles, too", 0.8)
    if pair.summaries.words >= WORDS_OF_A_LONG_LEAD and pair.within(SAME_HOURS):
        return ("equal lead of 20 words", "headlines agree with it", "not boilerplate", "6 h", "other source")
    shared = [token for token in content_of(pair.first.tokens) if token in pair.second.tokens]
    turned = [token for token in content_of(pair.second.tokens) if token in pair.first.tokens]
    if pair.summaries.words >= _WORDS_OF_A_LEAD and len(shared) > 1 and shared == turned:
        return ("long equal summaries", "headlines share words in one order", "not boilerplate", "24 h", "other source")
    return Refusal("equal leads, too short or too long ago for other headlines", 0.7)
