"""Headlines of alarms and warnings: they come again with the same words, in every outlet that gives them.

"Air raid alert: Odesa region" at 06:00 in one outlet and at 16:30 in another are two alarms, though title and summary
are equal and neither outlet ever said it before. Telegram channels and regional desks of Ukraine, Israel and Korea
give them so.
"""

from __future__ import annotations

from typing import Final

from watcher.core.dedup.titles import Title, tokens_of

_BEGINNINGS: Final = """
    alert alarm siren warning evacuat
    тревог сирен отбой предупрежден эвакуац тривог відбій попередж евакуац
    luftalarm alarm sirene warnung entwarnung alerte alarme sirène évacuation alerta alarma sirena evacua
    ostrzeżeni syren ewakuac
    إنذار صفارات تحذير هشدار آژیر אזעק צבע_אדום התרע
""".replace("_", " ").split()
_WITHIN: Final = (
    "경보",
    "주의보",
    "사이렌",
    "대피령",
    "警報",
    "警报",
    "注意報",
    "预警",
    "預警",
    "避難指示",
    "空襲",
    "空袭",
)
"""Of scripts without blanks and of Hangul: words stand within longer ones."""

_STEMS: Final = tuple(token for word in _BEGINNINGS for token in tokens_of(word))


def is_alarm(title: Title) -> bool:
    """Say whether a headline has the words of an alarm or a warning.

    "Air raid alert: Odesa region", "Повітряна тривога: Одеська область" and "서해 공습경보" have.
    """
    return any(token.startswith(_STEMS) or any(word in token for word in _WITHIN) for token in title.tokens)
