"""What agencies and feeds put around a text: marks of a take, datelines and bylines, feed furniture.

"(2nd LD) N. Korea fires missile"            take "(2nd LD)"
"[속보] 북한, 미사일 발사(종합2보)"           take "[속보]", "(종합2보)"
"(서울=연합뉴스) 홍길동 기자 = 북한이 ..."     dateline, place 서울
"МОСКВА, 26 ноября. /ТАСС/. Делегация ..."   dateline, place москва
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import regex


@dataclass(frozen=True, slots=True)
class Bare:
    """A text without its wire marks: `take` is the first mark ("UPDATE 2"), `place` the town of the dateline, lower
    case; "" = none.
    """

    text: str
    take: str = ""
    place: str = ""
    removed: tuple[str, ...] = ()


def strip_wire(text: str, *, is_lead: bool = False) -> Bare:
    """Return a title or lead, folded into one line, without takes at its ends and datelines at its start.

    A text that is nothing but marks is left whole. What stands in 【】 before a Japanese lead is a dateline
    ("【ソウル共同】"); before a headline it may be the subject ("【日本シリーズ】").
    """
    removed: list[str] = []
    text, take = _without_takes(text, removed)
    place = ""
    for _ in range(_MOST_DATELINES):
        found = _dateline(text, _LEAD_FORMS if is_lead else _DATELINES)
        if found is None:
            break
        place = place or (found.capturesdict().get("place") or [""])[0].strip(" .,").casefold()
        text = text[found.end() :]
        removed.append("dateline")
    return Bare(text, take, place, tuple(removed))


def strip_furniture(text: str) -> str:
    """Return a summary without what feeds put behind it ("The post ... appeared first on ...", "Read more",
    "[...]").
    """
    text = text.rstrip()
    return furniture_off(text) if text.endswith(_CUT_MARKS) or _names_furniture(text.casefold()) else text


def furniture_off(text: str) -> str:
    """Return what `strip_furniture` does, without a look at whether there may be any."""
    return _FURNITURE.sub("", text.rstrip()).rstrip()


def _names_furniture(folded: str) -> bool:
    return any(words in folded for words in _FURNITURE_WORDS)


_MOST_DATELINES: Final = 2  # "【独家】" before "新华社北京5月15日电"


def _without_takes(text: str, removed: list[str]) -> tuple[str, str]:
    take = ""
    while (found := _TAKE.match(text)) and found.end() < len(text):
        take = take or found.group().strip(" :-–—|.")
        text = text[found.end() :]
        removed.append("take")
    while text.rstrip().endswith(_CLOSING) and (found := _LAST_TAKE.search(text)) and found.start() > 0:
        take = take or found.group().strip()
        text = text[: found.start()]
        removed.append("take")
    return text, take


def _dateline(text: str, forms: tuple[regex.Pattern[str], ...]) -> regex.Match[str] | None:
    for form in forms:
        found = form.match(text)
        if found and found.end() < len(text):
            return found
    return None


# Takes of agencies: "UPDATE 2-", "RPT-", "WRAPUP 3-" (Reuters), "(2nd LD)", "(LEAD)", 종합 (Yonhap), EILMELDUNG, EIL
# (dpa, APA), МОЛНИЯ, СРОЧНО (TASS, Interfax), 速报, 速報, 快讯. CORRECTED is not among them: a correction is news.
_TAKE: Final = regex.compile(
    r"""\s*(?:
        (?:UPDATE|WRAPUP|REFILE|RPT|BREAKING(?:\ NEWS)?|URGENT|FLASH)(?:\ \d{1,2})?\s*(?:-|–|—|:)\s*
      | (?:Update|Breaking(?:\ news)?|Urgent):\s*
      | \((?:\d{1,2}(?:st|nd|rd|th)\ LD|LD|LEAD|URGENT)\)\s*
      | (?:E(?i:ilmeldung)|EIL)\ ?(?:\+\+\+|-|–|—|:|\|)\s*
      | (?:М(?i:олния)|С(?i:рочно)|Т(?i:ерміново)|P(?i:ilne))\ ?(?:[-–—:.!|])\s*
      | [\[【［(（〔<](?:속보|긴급|단독|\d?보|상보|종합\d?보?|速报|速報|快讯|快訊|突发|突發|更新)[\]】］)）〕>]\s*
      | (?:속보|速报|速報|快讯|快訊)\ ?[:|]\s*
    )""",
    flags=regex.X,
)
_CLOSING: Final = ("]", "】", "］", ")", "）", "〕")
"""What the last of a text must be, for a search of it to be worth its time."""
_LAST_TAKE: Final = regex.compile(
    r"""\ ?[\[【［(（〔](?:속보|긴급|\d보|상보|종합\ ?\d?보?|LEAD|\d{1,2}(?:st|nd|rd|th)\ LD|速报|速報)[\]】］)）〕]\ ?$""",
    flags=regex.X,
)

_DASH: Final = r"\s*(?:-{1,2}|–|—|=|:)\s*"
_MONTH_DAY: Final = r"[\p{L}]{3,9}\.?\ \d{1,2}|\d{1,2}\.?\ \p{L}{3,9}\.?"
_DATELINES: Final = tuple(
    regex.compile(form, flags=regex.X)
    for form in (
        # PORT ELWIN, Velland, March 9 (Wire) -    PARIS, 26 nov (Reuters) -    WARSZAWA (PAP)    SEOUL, South Korea
        # (AP) --
        rf"""\s*(?P<place>\p{{Lu}}[\p{{Lu}}\p{{M}}.'\ -]{{2,40}})
            (?:,\ (?:\p{{Lu}}[\p{{L}}.'\ ]{{2,20}}))?
            (?:,?\ (?:{_MONTH_DAY}))?
            (?:,?\ ?[(/]\p{{Lu}}[\p{{L}}/\ .-]{{1,20}}[)/]{_DASH}|\ \(PAP\)\ )""",
        # Berlin (dpa) -    Seoul (Yonhap) --
        rf"""\s*(?P<place>\p{{Lu}}[\p{{L}}.'\ ]{{2,30}})\ \((?:dpa|AFP|Reuters|Yonhap|Kyodo|ANSA|APA|AP|EFE|PAP|Xinhua|TASS|KCNA|CNN|epd|KNA|SID|Jiji)(?:/[\p{{L}}-]{{2,15}})?\){_DASH}""",
        # МОСКВА, 26 ноября. /ТАСС/.    КИЇВ, 15 травня. /УКРІНФОРМ/.    МОСКВА, 26 ноя - РИА Новости.
        rf"""\s*(?P<place>\p{{Lu}}[\p{{Lu}}\p{{M}}'\ -]{{2,30}}),\ (?:{_MONTH_DAY})\.?\s*
            (?:/[\p{{L}}\ ./-]{{2,30}}/\.?|-\ (?:РИА\ Новости|ПРАЙМ|ИНТЕРФАКС)[^.]{{0,20}}\.)\s*""",
        # PORT ELWIN, March 9 --
        rf"""\s*(?P<place>\p{{Lu}}[\p{{Lu}}\p{{M}}.'\ ]{{2,40}}),\ (?:{_MONTH_DAY}){_DASH}""",
        # Москва. 26 ноября. INTERFAX.RU -
        rf"""\s*(?P<place>\p{{Lu}}[\p{{L}}-]{{2,20}})\.\ (?:{_MONTH_DAY})\.\ (?:INTERFAX(?:\.RU|-[\p{{L}}]{{2,15}})?|ИНТЕРФАКС){_DASH}""",
        # (서울=연합뉴스) 홍길동 기자 =    [서울=뉴시스] 김철수 기자 =    (서울·워싱턴=연합뉴스) 홍길동 김철수 특파원 =
        r"""\s*[(\[【](?P<place>[\p{Hangul}·,\ ]{2,20})=(?:연합뉴스|뉴시스|뉴스1|[\p{Hangul}\p{L}0-9]{2,12})[)\]】]\s*
            (?:[\p{Hangul}\ ·]{2,24}(?:기자|특파원|통신원)\s*=\s*|=\s*)?""",
        # 홍길동 기자 =
        r"""\s*[\p{Hangul}]{2,5}\ (?:기자|특파원)\s*=\s*""",
        # 【ソウル共同】    ［ソウル 26日 ロイター］ -    [東京 15日 ロイター] -
        rf"""\s*[【［\[](?P<place>[\p{{Han}}\p{{Katakana}}ー]{{1,10}}?)[・\ ]?(?:\d{{1,2}}日)?[・\ ]?
            (?:共同|時事|ロイター|AFP(?:=時事)?|AP|CNN(?:\.co\.jp)?|聯合ニュース|新华社|中新社|中央社)[】］\]](?:{_DASH})?\s*""",
        # 新华社首尔5月15日电（记者张三）    （中央社首爾15日電）
        r"""\s*[（(【]?(?:新华社|新華社|中新社|中新网|中央社|法新社|路透社)(?:记者[\p{Han}]{2,4})?
            (?P<place>[\p{Han}]{2,6}?)(?:\d{1,2}月)?\d{1,2}日(?:综合)?[电電讯訊]\s*(?:[（(][^）)]{2,20}[）)])?[）)】]?\s*""",
        # (CNN) --
        r"""\s*\(CNN\)\s*(?:-{1,2}|–|—)?\s*""",
    )
)
_LEAD_FORMS: Final = (*_DATELINES, regex.compile(r"\s*【(?P<place>[^】]{1,20})】\s*"))
_CUT_MARKS: Final = ("…", "...", "…]", "...]")
_FURNITURE_WORDS: Final = ("the post ", "nue read", "read more", "read the full story")
_FURNITURE: Final = regex.compile(
    r"""(?:The\ post\ .{1,300}\ (?:appeared\ first\ on|first\ appeared\ on)\ .{1,100}
          | (?:Continue\ reading|Read\ more|Read\ the\ full\ story)\b.{0,300}
          | \[?(?:…|(?<!\.)\.{3,}+)\]?)$""",
    flags=regex.X | regex.I | regex.S,
)
