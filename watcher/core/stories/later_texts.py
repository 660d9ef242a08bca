"""What a later text says that the texts before did not, where no figure and no turn tells it: scores, dates, names,
facts in its lead.

"Norden - Suden 0-0"             ->  "Norden - Suden 0-1"              score 0-0 → 0-1
"Trial set for 3 December"       ->  "Trial set for 10 December"       date 3 December → 10 December
"Shelling in Sumy" .. "Nikopol"  ->  "Shelling in Sumy", hours later   sumy, not nikopol
"War live": "Talks began ..."    ->  "War live": "Shells hit a port"   now says: Shells hit a port
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from typing import Final

import regex

from watcher.core.articles.sentences import sentences
from watcher.core.dedup.differences import compare
from watcher.core.dedup.facts import markers
from watcher.core.dedup.leads import lead
from watcher.core.dedup.likeness import shingles
from watcher.core.dedup.titles import content_of, one_line, tokens_of
from watcher.core.model.article import Article
from watcher.core.model.claim import Change, Claims
from watcher.core.model.ids import ArticleId, FeedId
from watcher.core.stories import opposites
from watcher.core.stories.claims import claims_of, is_another_event, is_said_before, raised_words, renamed

SAME_SENTENCE: Final = 0.6
AN_HOUR: Final = timedelta(hours=1)
_HALF: Final = 0.5
_FEW_WORDS: Final = 4
"""Sentences this short ("More follows.") tell nothing new."""
_SHOWN: Final = 100
_A_MINUTE: Final = timedelta(minutes=1)


def rescored(headline: str, told: Sequence[str], *, is_own: bool) -> Change | None:
    """Return the score that a headline gives in the words of an earlier one, None where it gives none or a known one.

    A later text of the item itself counts against the newest one (`told` is in order), since a goal may be taken
    back; a text of another item may be late, and counts where nobody gave its score and it is higher.
    """
    now = _scores(headline)
    if len(now) != 1:
        return None
    like = [score for one in told if _is_same_sentence(headline, one) for score in _scores(one)]
    if not like or now[0] == like[-1]:
        return None
    if not is_own and (now[0] in like or sum(now[0]) <= max(map(sum, like))):
        return None
    return Change("score", _shown(like[-1]), _shown(now[0]))


def redated(headline: str, told: Sequence[str]) -> Change | None:
    """Return the date that a headline gives for what an earlier one gave another date for in its words; a known date
    is none.
    """
    now = _dates(headline)
    if not now:
        return None
    before = [date for one in told if _is_same_sentence(headline, one) for date in _dates(one)]
    if not before or set(now) & set(before):
        return None
    return Change("date", before[-1], now[0])


def restated(article: Article, own: Sequence[Article], headlines: Sequence[str]) -> Change | None:
    """Return what the headline of a later text says otherwise than those of its item before, None where it says
    nothing else.

    `own` are the texts of the item that were told, with the newest of all at the end, `headlines` those of its story.
    A headline that comes back is news only at another time or over another lead, so that headline tests are none.
    """
    newest = own[-1]
    if is_said_before(article.title, [newest.title]):
        return None
    if is_said_before(article.title, headlines):
        if not _comes_again(article, [one for one in own if is_said_before(article.title, [one.title])]):
            return None
        when = article.published_at
        found = (
            renamed(article.title, [newest.title])
            or _opposed(article.title, [newest.title], is_back=True)
            or _unlike_all(article, [newest])
        )
        return replace(found, by=(when.isoformat() if when else " ".join(lead(article)),)) if found else None
    titles = [one.title for one in own]
    return (
        renamed(article.title, titles)
        or rescored(article.title, titles, is_own=True)
        or redated(article.title, titles)
        or _opposed(article.title, titles)
        or _unlike_all(article, own)
    )


def another_event(headline: str, told: Sequence[Article]) -> Change | None:
    """Return the headline of a later text that has an ordinal or type which none of the earlier ones had ("second",
    "KN-23").
    """
    before = [_events(one.title) for one in told]
    return _now(headline) if is_another_event(_events(headline), before) else None


def new_facts(
    article: Article, told: Sequence[Article], fresh: Sequence[str], *, others: Sequence[Article] = ()
) -> Change | None:
    """Return the sentence of a lead that tells what no earlier text of the item told, None where all was said in
    other words.

    `fresh` are the sentences of the lead on which the rule fires and that were not there before. Where the rule fires
    on the headline alone, the whole lead counts, if the publisher gives it another time. `others` are further texts
    of the story that were told.
    """
    if not any(lead(one) for one in told):
        return None
    before = [_words(f"{one.title}\n{_lead(one)}") for one in (*told, *others) if lead(one)]
    earlier = [sentence for one in (*told, *others) for sentence in _sentences(_lead(one))]
    new = (_new_in(sentence, earlier, before) for sentence in fresh if not is_said_before(sentence, earlier))
    if found := next(filter(None, new), None):
        return found
    moved = all(_apart(article, one) >= _A_MINUTE for one in told)
    if moved and _is_unlike(_lead(article), before):
        return _says(next((text for text in _sentences(_lead(article)) if _is_unlike(text, before)), _lead(article)))
    return None


def _new_in(sentence: str, earlier: Sequence[str], before: Sequence[frozenset[str]]) -> Change | None:
    """Return what a sentence changes: it is unlike all texts before, or has another name or figure in the words of
    one.
    """
    if _is_unlike(sentence, before):
        return _says(sentence)
    return renamed(sentence, earlier) or raised_words(sentence, earlier)


def _events(headline: str) -> Claims:
    return claims_of(Article(ArticleId(""), FeedId(""), title=headline))


def _comes_again(article: Article, same: Sequence[Article]) -> bool:
    """Return whether a headline that its item had before is used for another event: an hour apart, or over another
    lead.
    """
    if not same:
        return False
    return all(
        _apart(article, one) >= AN_HOUR or _is_unlike(_lead(article), [_words(f"{one.title}\n{_lead(one)}")])
        for one in same
    )


def _opposed(headline: str, told: Sequence[str], *, is_back: bool = False) -> Change | None:
    """Return a headline that has a negation, an end or a word of opposite meaning which none in the same words had.

    "Plant shipped shells" / "did not ship"; "alert in Orlan" / "alert over"; "warning: yellow" / "warning: red". That a
    negation or an end is gone which all of them had counts too ("no tsunami warning" / "tsunami warning issued"); where
    the headline was there before (`is_back`), one that any of them had.
    """
    mine = tokens_of(headline)
    like = [tokens_of(one) for one in told if _is_same_sentence(headline, one)]
    if not like:
        return None
    marked = [markers(one) for one in like]
    had, always = frozenset[str]().union(*marked), marked[0].intersection(*marked)
    turned = (markers(mine) - had) | ((had if is_back else always) - markers(mine))
    if turned & _TURNS or any(opposites.differ(mine, one) for one in like):
        return _now(headline)
    return None


def _unlike_all(article: Article, own: Sequence[Article]) -> Change | None:
    """Return a headline that shares less than half of its words with each one before, where the publisher gives it
    another time.

    "Shelling alert in Kyiv" / "All clear in Kyiv", with one lead that says where the shelters are.
    """
    words = _words(article.title)
    others = [(_words(one.title), _apart(article, one)) for one in own]
    if all(len(words & had) < _HALF * max(len(words), len(had)) and apart >= AN_HOUR for had, apart in others):
        return _now(article.title)
    return None


def _now(headline: str) -> Change:
    return Change(f"now: {one_line(headline)[:_SHOWN]}")


def _is_same_sentence(one: str, two: str) -> bool:
    return compare(tokens_of(one), tokens_of(two)).likeness >= SAME_SENTENCE


def _apart(one: Article, two: Article) -> timedelta:
    """Return how far two publication times are apart, 0 where one has none."""
    if one.published_at is None or two.published_at is None:
        return timedelta(0)
    return abs(one.published_at - two.published_at)


def _lead(article: Article) -> str:
    return article.summary or article.content.partition("\n")[0]


@lru_cache(maxsize=4096)
def _words(text: str) -> frozenset[str]:
    return shingles(content_of(tokens_of(text[:_LONGEST])))


def _is_unlike(text: str, before: Collection[frozenset[str]]) -> bool:
    """Return whether no earlier text has half of the words of this one."""
    words = _words(text)
    return len(words) >= _FEW_WORDS and all(len(words & had) < _HALF * len(words) for had in before)


def _sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text[:_LONGEST])]


def _says(sentence: str) -> Change:
    line = one_line(sentence)
    return Change(f"now says: {line if len(line) <= _SHOWN else line[:_SHOWN].rsplit(' ', 1)[0] + ' …'}")


def _scores(headline: str) -> list[tuple[int, int]]:
    line = one_line(headline)
    found = [(int(one["a"]), int(one["b"])) for one in _SCORE.finditer(line)]
    named = _NAMED_SCORE.search(line)
    return found or ([(int(named["a"]), int(named["b"]))] if named else [])


def _shown(score: tuple[int, int]) -> str:
    return f"{score[0]}-{score[1]}"


def _dates(headline: str) -> list[str]:
    found = _DATE.finditer(one_line(headline), overlapped=True)
    return [" ".join(one.group().split()) for one in found if not one["month"] or one["month"].casefold() in _MONTHS]


_LONGEST: Final = 1200
_TURNS: Final = frozenset({"negation", "end"})
_SCORE: Final = regex.compile(
    r"(?<![\p{L}\d:.,/–-])(?P<a>\d{1,3})\s?(?:[-–]\s?(?P<b>\d{1,3})|:(?P<b>\d))(?![\p{L}\d:.,/–-])(?!\s?(?:a\.?m|p\.?m|Uhr)\b)",
    flags=regex.I,
)
"""Two numbers; behind a colon one digit only, since "7:10" is a time of day."""
_NAMED_SCORE: Final = regex.compile(
    r"\p{Lu}[\p{L}.]+ (?P<a>\d{1,3}),? (?:\p{Lu}[\p{L}.]+ ){1,3}(?P<b>\d{1,3})(?![\p{L}\d%.,:-])"
)
_MONTH_NAMES: Final = (
    # English, German, French, Spanish
    "jan january januar janvier enero feb february februar février febrero mar march mars märz marzo apr april avril abril"
    " may mai mayo jun june juni juin junio jul july juli juillet julio aug august août agosto"
    " sep sept september septembre septiembre oct october oktober okt octobre octubre nov november novembre noviembre"
    " dec december dez dezember décembre diciembre"
    # Polish, Russian, Ukrainian: as they stand behind a day
    " stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia"
    " января февраля марта апреля мая июня июля августа сентября октября ноября декабря"
    " січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня"
)
_MONTHS: Final = frozenset(_MONTH_NAMES.split())
_DATE: Final = regex.compile(
    r"(?<![\p{L}\d])(?:\d{1,2}(?:st|nd|rd|th)?\.?\s(?:de\s|of\s)?(?P<month>\p{L}{3,12})|(?P<month>\p{L}{3,12})\.?\s\d{1,2}(?:st|nd|rd|th)?"
    r"|\d{4}-\d\d-\d\d)(?![\p{L}\d])|(?<!\d)\d{1,2}\s?[月월]\s?\d{1,2}\s?[日일]",
    flags=regex.I,
)
"""A day beside a word that may be a month, found overlapping: in "killed 3 May" the first word is none."""
