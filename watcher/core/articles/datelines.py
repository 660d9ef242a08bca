"""Datelines and bylines: where a text was filed and by whom, which is not what it is about.

(서울=연합뉴스) 곽민서 기자 = 정부는 ...          Yonhap
MOSCOW (AP) — The Kremlin said ...              AP, Reuters, dpa, EFE, PAP (WARSZAWA (PAP) - ...)
МОСКВА, 27 ноя - РИА Новости. ...               RIA, TASS, Interfax
新华社莫斯科11月27日电（记者 ...）...              Xinhua
【モスクワ共同】... 、[モスクワ 27日 ロイター] ...   Kyodo, Reuters

One names its agency, or it is none: "MOSCOW — ..." may as well say what the news is about. A title has none.
"""

from __future__ import annotations

from typing import Final

import regex

from watcher.core.model.article import Article, Field

_MOST_CHARS: Final = 200
_DASH = r"\s*(?:--|[-–—:.])"
_AGENCY = (
    r"(?:AP|AFP|UPI|PAP|EFE|ANSA|TASS|RIA|Reuters|REUTERS|dpa|DPA|Bloomberg|Interfax|Xinhua|Yonhap|Kyodo|Europa Press|"
    r"AFP/dpa|dts|Ukrinform|Укрінформ|ТАСС|РИА Новости|РІА|Интерфакс|ИНТЕРФАКС\.\w+|Интерфакс-\w+)"
)
_WORD = r"\p{Lu}[\p{Lu}\p{M}.'’/\-]{1,20}"
_CAPITALS = rf"{_WORD}(?: {_WORD}){{0,2}}"  # of more words it is a headline in capitals
_DATE = r"(?:,?\s+(?:\p{Lu}?\p{Ll}{2,9}\.?\s+\d{1,2}|\d{1,2}\.?\s+\p{L}{3,10}\.?))?"
_DATELINE = regex.compile(
    r"\s*(?:"
    + "|".join(
        (
            r"[(\[]\s*[가-힣·,\s]{2,24}=\s*[가-힣A-Za-z ]{2,15}[)\]](?:[가-힣·,\s]{2,30}(?:기자|특파원|통신원))?(?:\s*=)?",
            rf"{_CAPITALS}{_DATE}\s*\([^()\n]{{0,20}}{_AGENCY}[^()\n]{{0,20}}\){_DASH}?",
            rf"{_CAPITALS}{_DATE},?{_DASH}\s*/?{_AGENCY}\b/?\.?",
            rf"\p{{Lu}}\p{{L}}+\.\s+\d{{1,2}}\s+\p{{L}}{{3,10}}\.\s+{_AGENCY}{_DASH}?",
            r"(?:新华社|新華社|中新社|中新网|央视网)\p{Han}{0,12}\d{1,2}月\d{1,2}日电?",
            r"【[^】\n]{1,16}(?:共同|時事|ロイター|AFP|AP|聯合|時報)[^】\n]{0,6}】",
            r"\[[^\]\n]{1,16}\s\d{1,2}日\s*(?:ロイター|AFP|AP|共同|時事)\]",
        )
    )
    + ")"
)


def dateline_end(text: str) -> int:
    """Return where the dateline at the beginning of a text ends, 0 where it has none.

    >>> "MOSCOW (AP) — The Kremlin"[:dateline_end("MOSCOW (AP) — The Kremlin")]
    'MOSCOW (AP) —'
    """
    found = _DATELINE.match(text[:_MOST_CHARS])
    return found.end() if found else 0


def datelines(article: Article) -> tuple[tuple[Field, int, int], ...]:
    """Return where the datelines of an article's summary and content begin and end."""
    ends = ((field, dateline_end(article.text_of(field))) for field in (Field.SUMMARY, Field.CONTENT))
    return tuple((field, 0, end) for field, end in ends if end)
