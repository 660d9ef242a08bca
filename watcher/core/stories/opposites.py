"""Words that stand on one scale, so that a headline that says "rises" and then "falls" is not taken for an edit of it.

Own list, from headlines and warning services; a stem with a letter that English has not stands for its inflections.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

_SCALES: Final = (
    (
        "green grün grüne vert verte verde zielony зелён зелен",
        "yellow gelb gelbe jaune amarilla amarillo żółt жёлт желт жовт",
        "amber",
        "orange naranja pomarańcz оранж помаранч",
        "red rot rote rouge roja rojo czerwony czerwone красн червон",
    ),
    (
        "minor",
        "moderate mäßig modéré moderado умерен",
        "severe schwer schwere sévère severo",
        "extreme extrem extremo extrême",
    ),
    (
        "guilty schuldig coupable culpable winny виновен винов",
        "innocent acquitted cleared unschuldig freigesprochen inocente absuelto uniewinniony невинов оправдан",
    ),
    (
        "rises rise rose climbs soars jumps steigt steigen stieg monte augmente sube aumenta rośnie растет растёт вырос зростає",
        "falls fall fell drops slides sinks plunges fällt sinkt baisse chute baja cae spada падает упал снизил падає",
    ),
    ("passes passed approves approved adopts adopted", "fails failed rejects rejected blocks blocked vetoes vetoed"),
    ("wins won beats", "loses lost", "draws"),
    ("opens opened reopens reopened", "closes closed shuts shut"),
    ("agree agrees agreed", "disagree refuse refuses refused"),
    ("alive safe survives survived rescued", "dead dies died"),
    ("operational online restored running", "offline outage disrupted degraded"),
    ("begins begin starts start started began", "ends end ended stops stop stopped"),
    ("true", "false untrue"),
    ("low niedrig", "medium mittel", "high hoch", "critical kritisch"),
)
_STEPS: Final = {
    word: (scale, step)
    for scale, steps in enumerate(_SCALES)
    for step, words in enumerate(steps)
    for word in words.split()
}
_STEMS: Final = tuple(word for word in _STEPS if not word.isascii())


def differ(one: Sequence[str], two: Sequence[str]) -> bool:
    """Return whether the tokens of two headlines stand on different steps of one scale.

    "warning yellow for kent" / "warning red for kent"; not "red cross sends trucks" / "green light for red cross".
    """
    mine, theirs = _steps(one), _steps(two)
    return any(scale in theirs and not steps & theirs[scale] for scale, steps in mine.items())


def _steps(tokens: Sequence[str]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for token in tokens:
        if (step := _step(token)) is not None:
            found.setdefault(step[0], set()).add(step[1])
    return found


@lru_cache(maxsize=8192)
def _step(token: str) -> tuple[int, int] | None:
    if token in _STEPS:
        return _STEPS[token]
    return next((_STEPS[stem] for stem in _STEMS if token.startswith(stem)), None)
