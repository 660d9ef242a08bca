"""What a text claims that a later text of its story may change: figures by kind, and turns such as a denial.

    "At least 6 killed, 14 injured as shells hit Orlan"   ->  dead 6, injured 14
    "Ministry denies drone strike on depot"               ->  denial by "ministry"
    "34-year-old dies at 7:10, day 400 of the war"        ->  a death; no figure

Only title and lead count. A figure belongs to the nearest word of its kind in the same sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

import regex

from watcher.core.dedup.differences import compare
from watcher.core.dedup.facts import markers
from watcher.core.dedup.titles import is_unspaced, one_line, tokens_of
from watcher.core.dedup.wire import strip_wire
from watcher.core.model.article import Article
from watcher.core.model.claim import AT_ONCE, TAKES_BACK, Change, Claims, Turn
from watcher.core.stories import claim_words as words
from watcher.core.stories.names import designators_in

LEAD_LETTERS: Final = 400


def claims_of(article: Article) -> Claims:
    """Return what title and lead of an article claim."""
    return _claims(article.lang, article.title[:LEAD_LETTERS], _lead(article))


def changes(new: Claims, told: Sequence[Claims]) -> tuple[Change, ...]:
    """Return what a text changes in a story of which `told` are the claims of all earlier texts; () when it says
    nothing new.

    A figure is new when it is higher than every earlier one of its kind, or, with a word of correction, when nobody
    said it. A turn is new when nobody of its language made it, or somebody else did.
    """
    if not told:
        return ()
    found = [change for turn in Turn if (change := _turned(turn, new, told))]
    corrects = bool(TAKES_BACK & set(new.turns))
    found += [change for kind in words.FIGURES if (change := _counted(kind, new, told, corrects=corrects))]
    return tuple(sorted(found, key=lambda change: not change.at_once))


def united(one: Claims, two: Claims) -> Claims:
    """Return the claims of two texts of one language taken together."""
    return Claims(
        one.lang,
        {
            kind: one.figures.get(kind, frozenset()) | two.figures.get(kind, frozenset())
            for kind in {**one.figures, **two.figures}
        },
        {
            turn: one.turns.get(turn, frozenset()) | two.turns.get(turn, frozenset())
            for turn in {**one.turns, **two.turns}
        },
        one.events | two.events,
        one.types | two.types,
    )


def is_same_sentence_of_another(headline: str, told: Iterable[str]) -> bool:
    """Return whether a headline says of another place, person or thing what an earlier one says word by word.

    "12 killed in bus crash in Orlan" / "12 killed in bus crash in Meris". Where only figures differ it is the same
    event, but for times of day: "missile fired at 7:10" / "missile fired at 9:40". Any other word that stands for
    another may name another event: where that is unsure, the story is told again. So it is where the later one alone
    has a negation or an end: "plant shipped shells" / "plant did not ship shells", "air alert in Orlan" / "air alert
    in Orlan over".
    """
    mine, times = tokens_of(headline), _times_of_day(headline)
    for earlier in told:
        theirs = tokens_of(earlier)
        found = compare(mine, theirs)
        differ = (*found.one, *found.two)
        if found.likeness < _SAME_SENTENCE:
            continue
        if (markers(mine) - markers(theirs)) & _TURNS_ROUND:
            return True
        if not found.clash:
            continue
        others = _times_of_day(earlier)
        if not all(word[:1].isdecimal() for word in differ) or (times and others and not times & others):
            return True
    return False


def raised_figure(article: Article, told: Iterable[Article]) -> Change | None:
    """Return the figure of any kind that is higher than in a text that was told in the same words, None where there
    is none.

    "US raises tariff on steel to 25%" / "... to 50%"; "Strong earthquake off Laro. A magnitude 5.1 ..." / "... A
    magnitude 7.3 ...". The lead counts under an equal headline of another article. Ages, dates, times of day and
    distances are no figures.
    """
    for one in told:
        pairs = [(article.title, one.title)]
        if one.id != article.id and is_said_before(article.title, [one.title]):
            pairs.append((_lead(article), _lead(one)))
        for new, old in pairs:
            if found := raised_words(new, [old]):
                return found
    return None


def raised_words(sentence: str, told: Iterable[str]) -> Change | None:
    """Return the figure of a sentence that is higher than in earlier sentences of the same words, None where there is
    none.
    """
    found = [pair for earlier in told if (pair := _raised(sentence, earlier))]
    before, now = found[-1] if found else (0.0, 0.0)
    return Change("figure", f"{before:g}", f"{now:g}") if found else None


def _raised(new: str, old: str) -> tuple[float, float] | None:
    """Return the highest figures that only one of two like sentences has, where that of the new one is higher."""
    mine, theirs = _any_figures(new), _any_figures(old)
    now, before = max(mine - theirs, default=0.0), max(theirs - mine, default=0.0)
    if not 0 < before < now:  # asked first: most texts have no figure, and to compare words is dear
        return None
    return (before, now) if compare(tokens_of(new), tokens_of(old)).likeness >= _SAME_SENTENCE else None


@lru_cache(maxsize=4096)
def _any_figures(text: str) -> frozenset[float]:
    line = one_line(text)
    found = {
        float(number.group().replace(",", "."))
        for number in _ANY_NUMBER.finditer(_THOUSANDS.sub("", line))
        if not _TELLS_NO_FIGURE.match(number.string, number.end())
        and not _BEFORE_NO_COUNT.search(number.string[max(0, number.start() - 12) : number.start()])
        and not _IS_YEAR.fullmatch(number.group())
    }
    return frozenset(found | {float(figure) for figure in _words_as_numbers(line)})


def renamed(headline: str, told: Sequence[str]) -> Change | None:
    """Return which names a later headline of one item has instead of those of an earlier one; None where no name
    changed.

    "Shells fired at Sumy" / "Shells fired at Kherson": a correction, or a page that is used for the next event.
    Either must be told. A headline that was there before is no change.
    """
    if is_said_before(headline, told):
        return None
    for earlier in reversed(told):
        # "[속보]", "BREAKING:" and "(종합)" are the marks of a take and no names.
        found = compare(tokens_of(strip_wire(headline).text), tokens_of(strip_wire(earlier).text))
        if found.likeness < _SAME_SENTENCE or not found.clash or max(len(found.one), len(found.two)) > _NAME_WORDS:
            continue
        if len(found.one) != len(found.two) and any(map(is_unspaced, (*found.one, *found.two))):
            continue  # no capitals tell its names, and a later take says more in other words
        small = _small_words(headline) | _small_words(earlier)
        if not any(word in small or not word[0].isalpha() for word in (*found.one, *found.two)):
            return Change(f"{' '.join(found.one)}, not {' '.join(found.two)}")
    return None


def _small_words(headline: str) -> frozenset[str]:
    """Return the words of a headline that are written small, and so are no names."""
    return frozenset(word for word in _WORD.findall(one_line(headline)) if word[0].islower())


def tells_another_event(article: Article, told: Iterable[Article]) -> bool:
    """Return whether an article says under a headline that was told what its lead then said of another place, person
    or time.

    "Missile fired, Seoul says. It flew from Wonsan at 7:10." / "Missile fired, Seoul says. It flew from Sinpo at 9:40."
    """
    same = [_lead(one) for one in told if one.id != article.id and is_said_before(article.title, [one.title])]
    return is_same_sentence_of_another(_lead(article), same)


def _lead(article: Article) -> str:
    return (article.summary or article.content.partition("\n")[0])[:LEAD_LETTERS]


def _times_of_day(text: str) -> frozenset[str]:
    return frozenset(_TIME_OF_DAY.findall(text[:LEAD_LETTERS]))


def is_said_before(headline: str, told: Iterable[str]) -> bool:
    """Return whether an earlier headline has the same words."""
    mine = tokens_of(headline)
    return any(mine == tokens_of(earlier) for earlier in told)


def is_another_event(new: Claims, told: Sequence[Claims]) -> bool:
    """Return whether a text of the same words tells another event: another ordinal ("second", "again"), another type
    ("KN-23").
    """
    events = frozenset[str]().union(*(earlier.events for earlier in told))
    types = frozenset[str]().union(*(earlier.types for earlier in told))
    return bool(told) and (bool(new.events - events) or bool(new.types and types and not new.types & types))


def _turned(turn: Turn, new: Claims, told: Sequence[Claims]) -> Change | None:
    if turn not in new.turns:
        return None
    by = new.turns[turn]
    for earlier in told:
        who = earlier.turns.get(turn)
        if who is None:
            continue
        # Who said it is compared within one language only; without a name it is taken for the same.
        if turn is not Turn.DENIAL or earlier.lang != new.lang or not by or not who or by & who:
            return None
    label = words.TURN_LABELS[turn.value]
    return Change(label, at_once=turn in AT_ONCE, takes_back=turn in TAKES_BACK, by=tuple(sorted(by)))


def _counted(kind: str, new: Claims, told: Sequence[Claims], *, corrects: bool) -> Change | None:
    figures = new.figures.get(kind)
    before = {figure for earlier in told for figure in earlier.figures.get(kind, ())}
    if not figures or not before:
        return None  # the first figure of a kind is part of the first report; a first death is a turn
    new_ones = figures - before if corrects else {figure for figure in figures if figure > max(before)}
    if not new_ones:
        return None
    # A figure that is taken back does not wait, also where another one was corrected before.
    label = words.FIGURE_LABELS[kind]
    return Change(label, str(max(before)), str(max(new_ones)), at_once=corrects, takes_back=corrects)


@lru_cache(maxsize=4096)
def _claims(lang: str, title: str, lead: str) -> Claims:
    figures: dict[str, set[int]] = {}
    turns: dict[Turn, set[str]] = {}
    for part in (title, lead):
        text = strip_wire(one_line(part), is_lead=True).text
        marked = _marks(part)
        for sentence in _SENTENCE_END.split(text):
            for kind, figure in _figures(sentence):
                figures.setdefault(kind, set()).add(figure)
            for turn, who in _turns(sentence):
                turns.setdefault(turn, set()).update(who)
        for turn in marked:
            turns.setdefault(turn, set())
    ordinals = markers((*tokens_of(title), *tokens_of(lead)))
    return Claims(
        lang,
        {kind: frozenset(found) for kind, found in figures.items()},
        {turn: frozenset(who) for turn, who in turns.items()},
        frozenset(ordinal for ordinal in ordinals if ordinal.startswith("repetition") and ordinal not in _NO_ORDINAL),
        designators_in(title),
    )


_SAME_SENTENCE: Final = 0.6
_TIME_OF_DAY: Final = regex.compile(
    r"(?<![\d:.])(?:[01]?\d|2[0-3])(?::[0-5]\d|h[0-5]\d|\ ?(?:a\.?m|p\.?m)\b|\ ?Uhr\b|시|時|点|點)", flags=regex.I
)
_TURNS_ROUND: Final = frozenset({"negation", "end"})
_NAME_WORDS: Final = 3
_ANY_NUMBER: Final = regex.compile(r"(?<![\p{L}\p{N}.,:/-])\d{1,9}(?:[.,]\d{1,2})?(?![\p{L}\d:/-])")
_THOUSANDS: Final = regex.compile(r"(?<=\d)[,.\u00a0](?=\d{3}(?!\d))")
_NO_ORDINAL: Final = frozenset({"repetition new", "repetition fresh", "repetition further", "repetition weitere"})
"""New sanctions, fresh talks: these words open a follow-up as often as another event."""
_SENTENCE_END: Final = regex.compile(r"(?<=[\p{L}\p{N}][.!?;])\s+|[。！？；\n]")
_NUMBER: Final = regex.compile(
    r"(?<![\p{L}\p{N}.,:/-])\d{1,3}(?:[ ,.\u00a0]\d{3})+(?![\d])|(?<![\d.,:/-])\d{1,7}(?![\d])"
)
_WORD: Final = regex.compile(r"[\p{L}\p{M}]+(?:['’][\p{L}\p{M}]+)?")
_NO_FIGURE: Final = r"""(?:[-\ ]year|\ ?years?\ old|-jährig|\ Jahre|\ ans\b|\ años|\ lat\b|\ лет|\ года?\b|\ рок|세\b|살\b|歳|岁|歲
        |\ ?comments?\b|\ Kommentare|\ ?(?:a\.?m|p\.?m)\b|\ ?(?:Uhr|GMT|UTC)\b|h\d\d|\ ?(?:km|kilomet|mile|meter|metre|м\b|км\b|킬로|公里|キロ)
        |\ ?(?:January|February|March|April|May|June|July|August|September|October|November|December|Januar|Februar|März|Mai|Juni|Juli|Oktober
            |Dezember|января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря)\b|[年月日]|[년월일](?![가-힣]))"""
_TELLS_NO_FIGURE: Final = regex.compile(_NO_FIGURE, flags=regex.X | regex.I)
_TELLS_NO_COUNT: Final = regex.compile(rf"[:.,/]\d|%|\ ?per\ ?cent|{_NO_FIGURE}", flags=regex.X | regex.I)
_BEFORE_NO_COUNT: Final = regex.compile(
    r"(?:including|among them|aged?|day|page|no\.?|nr\.?|№|#|article|january|february|march|april|may|june|july|august|september|october|november|december|第|제)\s*$",
    flags=regex.I,
)
_REACH: Final = 48
_NEAR_REACH: Final = 14  # in scripts without blanks
_OTHER_SIDE: Final = 4


def _marks(text: str) -> Iterator[Turn]:
    """Yield what the wire's mark at the start of a text says of it: "CORRECTED: ...", "WITHDRAWN: ..."."""
    start = text[:80].casefold()
    if any(mark in start for mark in words.CORRECTION_MARKS):
        yield Turn.CORRECTION
    if start.lstrip(" *[(【").startswith(words.WITHDRAWAL_MARKS):
        yield Turn.WITHDRAWAL


def _figures(sentence: str) -> Iterator[tuple[str, int]]:
    """Yield the figures of a sentence with their kind: words and numbers are paired, the nearest first, each once.

    "12 people died when a ferry with 80 on board capsized" tells of 12 dead, and of nobody else.
    """
    numbers = list(_numbers(sentence))
    if not numbers:
        return
    signs = [
        _Sign(kind, found.start(), found.end(), _order_of(found, sentence))
        for kind, pattern in words.FIGURES.items()
        for found in pattern.finditer(sentence)
    ]
    near = sorted(
        (distance, number, place)
        for number, (start, end, _) in enumerate(numbers)
        for place, sign in enumerate(signs)
        if (distance := _distance(start, end, sign)) <= (_REACH if sign.order is _Order.FREE else _NEAR_REACH)
    )
    taken: set[tuple[str, int]] = set()
    for _, number, sign in near:
        if ("number", number) not in taken and ("sign", sign) not in taken:
            taken |= {("number", number), ("sign", sign)}
            yield signs[sign].kind, numbers[number][2]


_WITH_BLANKS: Final = regex.compile(r"[\p{Cyrillic}\p{Latin}\p{Greek}]")


class _Order(StrEnum):
    """Where the number of a sign stands; in Korean, Japanese and Chinese before it ("6人死亡14人負傷"), but for verbs in
    the active voice.
    """

    FREE = "free"
    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class _Sign:
    """A word of a kind of figure where it stands in a sentence."""

    kind: str
    start: int
    end: int
    order: _Order


def _order_of(found: regex.Match[str], sentence: str) -> _Order:
    word = found.group()
    if word[0].isascii() or _WITH_BLANKS.search(word):
        return _Order.FREE
    return _Order.AFTER if words.ACTIVE.match(sentence, found.start()) else _Order.BEFORE


def _distance(start: int, end: int, sign: _Sign) -> int:
    """Return the letters between a number and a sign, more where the number stands on the side that is not usual."""
    if sign.start >= end:
        return sign.start - end + (_OTHER_SIDE if sign.order is _Order.AFTER else 0)
    return max(start - sign.end, 0) + (_OTHER_SIDE if sign.order is _Order.BEFORE else 0)


def _numbers(sentence: str) -> Iterator[tuple[int, int, int]]:
    for found in _NUMBER.finditer(sentence):
        if _TELLS_NO_COUNT.match(sentence, found.end()) or _BEFORE_NO_COUNT.search(
            sentence[max(0, found.start() - 12) : found.start()]
        ):
            continue
        figure = int(regex.sub(r"\D", "", found.group()))
        if not _IS_YEAR.fullmatch(found.group()):
            yield found.start(), found.end(), figure
    for found in _WORD.finditer(sentence):
        figure_word = words.NUMBER_WORDS.get(found.group().casefold())
        if figure_word is not None and not _TELLS_NO_COUNT.match(sentence, found.end()):
            yield found.start(), found.end(), figure_word


def _words_as_numbers(text: str) -> Iterator[int]:
    """Yield the numbers that a text writes in words, tens and hundreds with what stands before or behind them: "two
    hundred", "twenty-seven".
    """
    total = last = 0
    for word in [found.group().casefold() for found in _WORD.finditer(text)]:
        if word in _HUNDREDS:
            total, last = max(total, 1) * _HUNDREDS[word], 0
        elif (figure := words.NUMBER_WORDS.get(word)) is not None and last and last % 10 == 0 and figure < 10:
            total, last = total + figure, 0
        elif figure is not None:
            if total:
                yield total
            total = last = figure
        elif total:
            yield total
            total = last = 0
    if total:
        yield total


_HUNDREDS: Final = {"hundred": 100, "thousand": 1000, "hundert": 100, "tausend": 1000}
_IS_YEAR: Final = regex.compile(r"(?:19|20)\d\d")


def _turns(sentence: str) -> Iterator[tuple[Turn, set[str]]]:
    for name, pattern in words.TURNS.items():
        found = pattern.search(sentence)
        if found is None or words.NEGATED.search(sentence[max(0, found.start() - 24) : found.start()]):
            continue
        if name == Turn.DEATH.value and words.NO_DEATH.search(sentence):
            continue
        yield Turn(name), _who(sentence[: found.start()])


def _who(before: str) -> set[str]:
    """Return the beginnings of the last few words before a verb: who denies, in the languages that put the subject
    there.
    """
    last = [word.casefold() for word in _WORD.findall(before)[-4:]]
    return {word[:5] for word in last if len(word) > 3}
