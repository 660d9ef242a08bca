"""Datelines and bylines: where a text was filed and by whom, which is not what it is about.

(서울=연합뉴스) 곽민서 기자 = 정부는 ...          Yonhap
MOSCOW (AP) — The Kremlin said ...              AP, Reuters, dpa, EFE, PAP (WARSZAWA (PAP) - ...)
МОСКВА, 27 ноя - РИА Новости. ...               RIA, TASS, Interfax
新华社莫斯科11月27日电（记者 ...）...              Xinhua
【モスクワ共同】... 、[モスクワ 27日 ロイター] ...   Kyodo, Reuters

One names its agency, or it is none: "MOSCOW — ..." may as well say what the news is about. Each form is matched as
strictly as agencies write it, since what is taken for a dateline hides a place: "IRAN: Reuters journalist arrested" and
"RUSSIA (IN SYRIA): warships left" are news. A title has none.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import regex

from watcher.core.model.article import Article, Field

_MOST_CHARS: Final = 200
_DASH = r"\s*(?:--|[-–—])"
_ENDS = rf"(?:\.?{_DASH}|\s*[.:](?=\s))"
"""What stands between a dateline and its text: "Moscú, 27 nov (EFE).- Un", "27 ноя - РИА Новости. Шахматист"."""
_AGENCY = (
    r"(?:AP|AFP|UPI|PAP|EFE|ANSA|TASS|RIA|Reuters|REUTERS|dpa|DPA|Bloomberg|Interfax|Xinhua|Yonhap|Kyodo|Europa Press|"
    r"AFP/dpa|dts|Ukrinform|Укрінформ|ТАСС|РИА Новости|РІА|Интерфакс|ИНТЕРФАКС\.\w+|Интерфакс-\w+)"
    r"(?![\p{L}\p{N}])"
)
_IN_BRACKETS = (
    rf"\(\s*(?:\p{{L}}{{2,12}}[/-]|Thomson )?{_AGENCY}"
    r"(?:[/-]\p{L}{2,12}| News| Foundation| Novosti| Nachrichtenagentur)?\s*\)"
)
_WORD = r"\p{Lu}[\p{Lu}\p{M}.'’/\-]{1,20}"
_CAPITALS = rf"{_WORD}(?: {_WORD}){{0,2}}"  # of more words it is a headline in capitals
# How months begin in the languages whose agencies write so; "RUSSIA, 27 killed - TASS" has no date.
_MONTH = (
    r"(?i:jan|fe[bv]|f[eé]v|mar|m[äa]r|a[pbv]r|ma[igjy]|jui|jun|jul|a[uog][gou]|ao[uû]|sep|set|o[ck]t|ott|out|nov|"
    r"de[czt]|d[ie][cz]|déc|ene|gen|giu|lug|sty|lut|kwi|cze|lip|sie|wrz|pa[źz]|lis|gru|"
    r"янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек|січ|лют|бер|кві|тра|чер|лип|сер|вер|жов|лис|гру)\p{L}{0,7}"
)
_DATE = rf"(?:,?\s+(?:{_MONTH}\.?\s+\d{{1,2}}|\d{{1,2}}\.?\s+{_MONTH}\.?))"
_KOREAN_OUTLET = (
    r"[가-힣A-Za-z ]{0,12}(?:뉴스|뉴시스|연합|일보|신문|경제|통신|방송|데일리|투데이|타임스|저널|프레스|미디어)1?"
)
_DATELINE = (
    r"\s*(?:"
    + "|".join(
        (
            # The byline ends with "="; "북한이 러시아 기자들을 추방했다고" is the text.
            rf"[(\[]\s*[가-힣·,\s]{{2,24}}=\s*{_KOREAN_OUTLET}\s*[)\]](?:[가-힣·,\s]{{2,30}}(?:기자|특파원|통신원)\s*=)?",
            rf"{_CAPITALS}{_DATE}?\s*{_IN_BRACKETS}{_ENDS}",
            rf"{_CAPITALS}{_DATE},?(?:{_DASH}\s*{_AGENCY}{_ENDS}|[.,]?\s*/{_AGENCY}/\.?)",
            rf"\p{{Lu}}\p{{L}}+\.{_DATE}\s+{_AGENCY}{_ENDS}",
            # "27日电视" is television.
            r"(?:新华社|新華社|中新社|中新网|央视网)\p{Han}{0,8}\d{1,2}月\d{1,2}日[电電](?=[\s(（:：,，]|$)",
            # 共同 is also "joint", so nothing follows the agency, and what it stands behind is one town.
            r"【[^】\nとのがをは・、]{1,16}(?:共同|時事|ロイター|AFP|AP|聯合)】",
            r"\[[^\]\n]{1,16}\s\d{1,2}日\s*(?:ロイター|AFP|AP|共同|時事)\]",
        )
    )
    + ")"
)


@cache
def _dateline() -> regex.Pattern[str]:
    """Return the compiled pattern: it takes a tenth of a second, and no configuration needs it."""
    return regex.compile(_DATELINE)


def dateline_end(text: str) -> int:
    """Return where the dateline at the beginning of a text ends, 0 where it has none.

    >>> "MOSCOW (AP) — The Kremlin"[:dateline_end("MOSCOW (AP) — The Kremlin")]
    'MOSCOW (AP) —'
    """
    found = _dateline().match(text[:_MOST_CHARS])
    return found.end() if found else 0


def datelines(article: Article) -> tuple[tuple[Field, int, int], ...]:
    """Return where the datelines of an article's summary and content begin and end."""
    ends = ((field, dateline_end(article.text_of(field))) for field in (Field.SUMMARY, Field.CONTENT))
    return tuple((field, 0, end) for field, end in ends if end)
