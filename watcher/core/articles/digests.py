"""Digests and live pages: items that tell many stories, so that the words of one do not meet those of another.

FirstFT: China's exports fall                        a newsletter; its lead names three stories more
Wojna w Ukrainie. Relacja na żywo                    a live page
이 시각 헤드라인 · 国际快讯 · Главное за день              headlines of the hour

None is told by its length or its many paragraphs, which long reports have too; it names itself, in the title or in
the address, and holds more than one sentence. What only sounds alike is none: an intelligence briefing, a live round.
"""

from __future__ import annotations

from typing import Final

import regex

from watcher.core.articles.sentences import Region, sentences
from watcher.core.model.article import Article

_LONGEST_TITLE: Final = 500
_LONGEST_ADDRESS: Final = 1000
_TWO: Final = 2
_LETTERS_OF_TWO_WORDS: Final = 3
_LISTED: Final = 4
_PART = regex.compile(r"[^,;，；、·]+")
_LABEL = regex.compile(r"^(?:[^:：,;，；、]{3,40}[:：]|\[[^\]]{2,30}\])\s*")
_UNSPACED = regex.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")

_TITLE = regex.compile(
    r"(?i)(?:"
    + "|".join(
        (
            # English
            r"\bFirstFT\b",
            r"^(?:your|the) (?:\w+ ){0,2}(?:briefing|brief)\b",
            r"^(?:\w+ )?(?:morning|evening|daily|weekend|news|world) (?:in brief|briefing|brief|digest|roundup|round-up|wrap)\b",
            r"\blive (?:updates|blog|coverage)\b|\bliveblog\b|\bas it happened\b|\blive$|\blive:",
            r"\bnews in brief\b|\bnewsletter\b|\btop (?:stories|headlines)\b|\bthings to know (?:today|this|for)\b",
            r"^what happened (?:overnight|today|this week)\b|\bwhat (?:we know|happened) on day \d+|\bwar briefing\b",
            r"^(?:overnight|this morning|the day) in (?:brief|review)\b|\bevening recap\b|\bday at a glance\b",
            # German, French, Spanish, Polish
            r"^(?:tages|nachrichten|wochen)überblick\b|\b(?:live|news|kriegs)[- ]?ticker\b|\bnachrichtenüberblick\b|^was heute wichtig\b|^das wichtigste (?:am|vom)\b",
            r"^was (?:in der nacht|heute|am wochenende) (?:geschah|passiert|wichtig)|\bdie (?:nacht|woche|lage) im überblick\b",
            r"^ce qu['’]il (?:s['’]est passé|faut (?:retenir|savoir))|\bles titres (?:du|de la)\b|\btour du monde de l['’]actu",
            r"^(?:qué|lo que) (?:ha pasado|pasó|hay que saber)|\bclaves del día\b|\btitulares (?:del|de la)\b",
            r"^co (?:się wydarzyło|wydarzyło się)\b|\bnajważniejsze (?:wydarzenia|informacje)\b|\bskrót wydarzeń\b",
            r"\ben direct\b|^direct\b|\brevue de presse\b|\bl['’]essentiel (?:de l['’]actualité|du jour|de la)\b",
            r"\ben directo\b|\bminuto a minuto\b|\bresumen de noticias\b|\blas noticias del día\b",
            r"\bna żywo\b|^(?:poranny|wieczorny|codzienny) przegląd\b|\bprzegląd (?:prasy|wydarzeń|wiadomości)\b|\bpodsumowanie (?:dnia|tygodnia)\b",
            # Russian, Ukrainian
            r"\bонлайн[- ]трансляци|\bглавное за\b|\bглавные (?:новости|события)\b|\bитоги дня\b|\bобзор прессы\b",
            r"\bголовне за\b|\bголовні (?:новини|події)\b|\bпідсумки дня\b|\bдайджест\b",
            r"\bчто (?:произошло|случилось) за (?:ночь|день|сутки|неделю)\b|\bглавное к (?:утру|вечеру)\b|\bдайджест\b",
            r"\bщо (?:сталося|відбулося) за (?:ніч|день|добу|тиждень)\b|\bголовне (?:на|до) (?:ранок|ранку|вечір)\b",
            # Korean, Japanese, Chinese
            r"이 ?시각 ?(?:헤드라인|주요)|주요 ?뉴스|간추린 ?뉴스|오늘의 ?(?:국제 ?|주요 ?)?뉴스|뉴스 ?브리핑|(?:아침|모닝|저녁|이브닝) ?(?:뉴스|브리핑)|밤사이 ?(?:뉴스|소식)|^\[?헤드라인(?=\s*(?:[\]:|]|$))",
            r"ニュースまとめ|(?:きょう|今日)の(?:ニュース|出来事|動き)|主なニュース|(?:けさ|今朝|朝|夜)のニュース|ニュース一覧|ライブ更新",
            r"^(?:新闻|新聞)摘要$|(?:国际|國際|国内|國內|联播|聯播)(?:快讯|快訊)|(?:新闻|新聞|要闻|要聞)(?:速览|速覽|速递|速遞)|今日要闻|今日要聞|隔夜要闻|隔夜要聞|(?:早|晚)间(?:要闻|新闻)|一周要闻|一句话新闻",
        )
    )
    + ")"
)
_ADDRESS = regex.compile(
    r"(?i)/live/|(?<=[/\-_.])(?:live-?blog|live-?updates?|live-?ticker|newsticker|relacja-na-zywo|en-direct|en-directo|"
    r"minuto-a-minuto|newsletters?|(?:morning|evening|daily|news)-briefing)(?=[/\-_.?]|$)"
)


def digest_sign(article: Article) -> str:
    """Return by what an article shows that it tells many stories, in words; "" where it does not.

    >>> digest_sign(Article(..., title="FirstFT: China's exports fall", summary="Also today: an arms deal"))
    '“FirstFT” in its title'
    """
    if not _has_two_parts(article) and len(headlines_of(article.title)) == 1:
        return ""
    title = _TITLE.search(article.title[:_LONGEST_TITLE])
    if title is None and _lists(article.title):
        return "a list of headlines in its title"
    if title is not None:
        return f"“{title.group().strip(' [:')}” in its title"
    address = _ADDRESS.search(article.url[:_LONGEST_ADDRESS])
    return f"“{address.group().strip('/')}” in its address" if address is not None else ""


def headlines_of(title: str) -> list[Region]:
    """Return the parts of a digest's title that are stories of their own: where it names three or more, parted by
    commas, of two words or more each; else the title is one.

    "Morning briefing: rate cut hopes, a drone strike in Odesa, floods in North Korea" tells three; "Live: Putin, Kim
    sign a pact, Kyiv is hit" may tell of one, so that it stays whole.
    """
    parts = [part.span() for part in _PART.finditer(title[:_LONGEST_TITLE])]
    told = [title[start:end].rsplit(":", 1)[-1] for start, end in parts]
    return parts if len(parts) > _TWO and all(map(_is_told, told)) else [(0, len(title))]


def _lists(title: str) -> bool:
    """Say whether a title is a label and four or more headlines: "Today: a summit, a strike, a flood ..."."""
    return _LABEL.match(title[:_LONGEST_TITLE]) is not None and len(headlines_of(title)) >= _LISTED


def _is_told(part: str) -> bool:
    """Say whether a part has two words; without blanks, as many letters as two words have."""
    return len(part.replace("-", " ").split()) >= _TWO or len(_UNSPACED.findall(part)) >= _LETTERS_OF_TWO_WORDS


def _has_two_parts(article: Article) -> bool:
    """Say whether there is more than one sentence, those of the title taken as one."""
    parts = bool(article.title.strip()) + bool(article.summary.strip()) + bool(article.content.strip())
    return parts > 1 or len(sentences(article.summary or article.content)) > 1
