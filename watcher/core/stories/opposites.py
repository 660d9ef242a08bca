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
    (
        "agree agrees agreed sign signs signed reached resume resumes resumed holds",
        (
            "disagree refuse refuses refused break breaks broken broke breached violated collapse collapses collapsed"
            " halt halts halted suspend suspends suspended"
        ),
    ),
    ("alive safe survives survived rescued saved", "dead dies died insolvent bankrupt"),
    (
        (
            "arrest arrests arrested detain detains detained jailed charged arrêté arrêtée interpellé festgenommen verhaftet"
            " detenido detenida arrestado арестован задержан затриман затримано"
        ),
        (
            "release releases released free frees freed bailed libéré libérée relâché freigelassen liberado liberada"
            " освобож освобод отпущен звільнен"
        ),
    ),
    ("uphold upholds upheld", "overturn overturns overturned quash quashes quashed annul annuls annulled"),
    ("ban bans banned forbid forbids", "allow allows allowed permit permits permitted"),
    ("issue issues issued impose imposes imposed", "lift lifts lifted revoke revokes revoked withdrawn"),
    ("stable", "unstable"),
    ("planned scheduled", "cancelled canceled postponed scrapped"),
    ("contained", "spreading uncontrolled"),
    ("joins joined", "leaves quits exits withdraws withdrew"),
    ("stays remains", "resign resigns resigned quit quits"),
    ("appoint appoints appointed", "dismiss dismisses dismissed sacks sacked fired ousts ousted"),
    ("advance advances advanced captures captured", "retreat retreats retreated"),
    ("operational online restored running", "offline outage disrupted degraded"),
    ("begins begin starts start started began", "ends end ended stops stop stopped"),
    ("true", "false untrue"),
    ("low niedrig", "medium mittel", "high hoch", "critical kritisch"),
)


def _by_word() -> dict[str, frozenset[tuple[int, int]]]:
    found: dict[str, set[tuple[int, int]]] = {}
    for scale, steps in enumerate(_SCALES):
        for step, words in enumerate(steps):
            for word in words.split():
                found.setdefault(word, set()).add((scale, step))
    return {word: frozenset(places) for word, places in found.items()}


_STEPS: Final = _by_word()
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
        for scale, step in _places(token):
            found.setdefault(scale, set()).add(step)
    return found


@lru_cache(maxsize=8192)
def _places(token: str) -> frozenset[tuple[int, int]]:
    """Return the scales on which a word stands, each with its step; "quits" stands against "joins" and "stays"."""
    if token in _STEPS:
        return _STEPS[token]
    return next((_STEPS[stem] for stem in _STEMS if token.startswith(stem)), frozenset())
