"""Which news agency a text names at its beginning: "(Reuters)", "(연합뉴스)", "/ТАСС/"."""

from __future__ import annotations

import re
from typing import Final

from watcher.core.articles.datelines import dateline_end
from watcher.core.model.article import Article, Field

_NAMES: Final = {
    "Reuters": "Reuters|ロイター|路透社?|Рейтер|로이터",
    "AFP": "AFP|法新社",
    "AP": "AP|Associated Press",
    "Yonhap": "Yonhap|연합뉴스|聯合|韩联社",
    "TASS": "TASS|ТАСС",
    "Interfax": "Interfax|Интерфакс",
    "RIA Novosti": "RIA Novosti|РИА Новости",
    "Ukrinform": "Ukrinform|Укрінформ|Укринформ",
    "Kyodo": "Kyodo|共同",
    "Jiji": "Jiji|時事",
    "Xinhua": "Xinhua|新华社|新華社",
    "KCNA": "KCNA|조선중앙통신",
    "dpa": "dpa",
    "EFE": "EFE",
    "PAP": "PAP",
}
"""What people call an agency, and how it signs."""

_SIGNED: Final = re.compile(
    "|".join(rf"(?P<n{number}>(?<!\w)(?:{signs})(?!\w))" for number, signs in enumerate(_NAMES.values()))
)
_CJK: Final = re.compile(
    "|".join(
        rf"(?P<n{number}>{'|'.join(cjk)})"
        for number, signs in enumerate(_NAMES.values())
        if (cjk := [sign for sign in signs.split("|") if ord(sign[0]) >= 0x3000])
    )
)
"""Scripts without blanks: no edge of a word stands there."""

_IN_BRACKETS: Final = re.compile(rf"[^(\n/]{{0,16}}[(/]\s*(?:{_SIGNED.pattern})\s*[)/]")
"""A dateline of a form that no agency prescribes: "서울 (연합뉴스) 북한이"."""


def agency_of(article: Article) -> str:
    """Return the agency that a text names in its dateline, "" where it names none."""
    for field in (Field.SUMMARY, Field.CONTENT):
        text = article.text_of(field)
        end = dateline_end(text)
        found = _SIGNED.search(text, 0, end) or _CJK.search(text, 0, end) or _IN_BRACKETS.match(text)
        if found is not None and found.lastgroup is not None:
            return list(_NAMES)[int(found.lastgroup[1:])]
    return ""
