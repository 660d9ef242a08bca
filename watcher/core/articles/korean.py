"""Korean particles: what may follow a noun in one written word."""

from __future__ import annotations

from functools import lru_cache

_FIRST, _LAST = "\uac00", "\ud7a3"
_FINALS = 28  # final consonants of a syllable, "none" among them
_FINAL_RIEUL = 8

# Which form of a particle stands depends on how the noun ends; asking for it keeps many nouns from looking like noun and
# particle. Source: National Institute of the Korean Language, standard grammar of particles (조사).
_AFTER_CONSONANT = ("이", "은", "을", "과", "아", "이나", "이랑", "이든", "이든지", "이야", "이란", "이라", "이라고", "이라는", "이라며",
                    "이라면", "이며", "이고", "이자", "이다", "이던", "이었다", "이지만", "이라도", "이라도", "이므로")  # fmt: skip
_AFTER_VOWEL = (
    "가",
    "는",
    "를",
    "와",
    "야",
    "나",
    "랑",
    "든",
    "든지",
    "란",
    "라",
    "라고",
    "라는",
    "라며",
    "라면",
    "였다",
    "라도",
)
_AFTER_ANY = (
    "의", "에", "에서", "에게", "에게서", "에선", "에는", "에도", "에의", "엔", "에까지", "에서는", "에서도", "에서의", "에게는", "에게도",
    "에만", "에서만", "에서부터", "에서까지", "께", "께서", "께서는", "한테", "한테서", "도", "만", "만이", "만을", "만은", "만의", "만도",
    "만에", "까지", "까지도", "까지는", "까지의", "부터", "부터는", "부터의", "마저", "마저도", "조차", "조차도", "보다", "보다는", "보다도",
    "처럼", "처럼은", "같이", "마다", "밖에", "밖에는", "뿐", "뿐만", "대로", "만큼", "만큼은", "만큼이나", "하고", "하고는", "치고",
    "커녕", "입니다", "이다", "인데", "에다", "에다가", "에대한",
)  # fmt: skip
_RO = ("로", "로는", "로도", "로의", "로서", "로서의", "로서는", "로써", "로부터", "로부터의", "로까지", "로만", "로나")
_WITH_PARTICLE = ("과는", "과도", "과의")
_WITH_PARTICLE_VOWEL = ("와는", "와도", "와의")
_PLURAL = "들"

_LONGEST = 5
_LONGEST_WORD = 40


def _table() -> dict[str, str]:
    """Map each particle to the endings that it may follow: "c" consonant, "v" vowel, "r" the consonant rieul."""
    table: dict[str, str] = {}
    for particle in (*_AFTER_CONSONANT, *_WITH_PARTICLE):
        table[particle] = table.get(particle, "") + "cr"
    for particle in (*_AFTER_VOWEL, *_WITH_PARTICLE_VOWEL):
        table[particle] = table.get(particle, "") + "v"
    for particle in _RO:
        table[particle] = table.get(particle, "") + "vr"
        table["으" + particle] = table.get("으" + particle, "") + "c"
    for particle in _AFTER_ANY:
        table[particle] = "cvr"
    return table


_PARTICLES = _table()


def stems(word: str) -> tuple[str, ...]:
    """Return the nouns that `word` may be with a particle (and the plural ending 들) after it, longest first.

    Only words in composed syllables have any; the word itself is not among them.
    """
    if not 2 <= len(word) <= _LONGEST_WORD or not _is_syllable(word[-1]):
        return ()
    return _stems(word)


@lru_cache(maxsize=1 << 14)
def _stems(word: str) -> tuple[str, ...]:
    found = [noun for noun in _without_particle(word) if noun != word]
    plurals = [noun[:-1] for noun in (word, *found) if noun.endswith(_PLURAL) and len(noun) > 2]
    return tuple(sorted({*found, *plurals}, key=len, reverse=True))


def _without_particle(word: str) -> list[str]:
    found = []
    for length in range(1, min(_LONGEST, len(word) - 1) + 1):
        endings = _PARTICLES.get(word[-length:], "")
        if endings and _is_syllable(word[-length - 1]) and _ending(word[-length - 1]) in endings:
            found.append(word[:-length])
    return found


def _is_syllable(letter: str) -> bool:
    return _FIRST <= letter <= _LAST


def _ending(syllable: str) -> str:
    final = (ord(syllable) - ord(_FIRST)) % _FINALS
    return "v" if final == 0 else "r" if final == _FINAL_RIEUL else "c"
