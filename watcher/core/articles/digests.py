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

from watcher.core.articles.sentences import sentences
from watcher.core.model.article import Article

_LONGEST_TITLE: Final = 500
_LONGEST_ADDRESS: Final = 1000

_TITLE = regex.compile(
    r"(?i)(?:"
    + "|".join(
        (
            # English
            r"\bFirstFT\b",
            r"^(?:your|the) (?:\w+ ){0,2}(?:briefing|brief)\b",
            r"^(?:\w+ )?(?:morning|evening|daily|weekend|news|world) (?:briefing|brief|digest|roundup|round-up|wrap)\b",
            r"\blive (?:updates|blog|coverage)\b|\bliveblog\b|\bas it happened\b|\blive$|\blive:",
            r"\bnews in brief\b|\bnewsletter\b|\btop (?:stories|headlines)\b|\bthings to know (?:today|this|for)\b",
            # German, French, Spanish, Polish
            r"\b(?:live|news|kriegs)[- ]?ticker\b|\bnachrichtenüberblick\b|^was heute wichtig\b|^das wichtigste (?:am|vom)\b",
            r"\ben direct\b|^direct\b|\brevue de presse\b|\bl['’]essentiel de l['’]actualité\b",
            r"\ben directo\b|\bminuto a minuto\b|\bresumen de noticias\b|\blas noticias del día\b",
            r"\bna żywo\b|\bprzegląd (?:prasy|wydarzeń|wiadomości)\b|\bpodsumowanie (?:dnia|tygodnia)\b",
            # Russian, Ukrainian
            r"\bонлайн[- ]трансляци|\bглавное за\b|\bглавные (?:новости|события)\b|\bитоги дня\b|\bобзор прессы\b",
            r"\bголовне за\b|\bголовні (?:новини|події)\b|\bпідсумки дня\b|\bдайджест\b",
            # Korean, Japanese, Chinese
            r"이 ?시각 ?(?:헤드라인|주요)|주요 ?뉴스|간추린 ?뉴스|오늘의 ?뉴스|뉴스 ?브리핑|^\[?헤드라인(?=\s*(?:[\]:|]|$))",
            r"ニュースまとめ|(?:きょう|今日)のニュース|主なニュース|ライブ更新",
            r"(?:国际|國際|国内|國內|联播|聯播)(?:快讯|快訊)|(?:新闻|新聞|要闻|要聞)(?:速览|速覽|速递|速遞)|今日要闻|今日要聞|一句话新闻",
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
    if not _has_two_parts(article):
        return ""
    title = _TITLE.search(article.title[:_LONGEST_TITLE])
    if title is not None:
        return f"“{title.group().strip(' [:')}” in its title"
    address = _ADDRESS.search(article.url[:_LONGEST_ADDRESS])
    return f"“{address.group().strip('/')}” in its address" if address is not None else ""


def _has_two_parts(article: Article) -> bool:
    """Say whether there is more than one sentence, those of the title taken as one."""
    parts = bool(article.title.strip()) + bool(article.summary.strip()) + bool(article.content.strip())
    return parts > 1 or len(sentences(article.summary or article.content)) > 1
