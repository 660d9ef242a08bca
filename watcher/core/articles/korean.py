"""Korean particles: what may follow a noun in one written word."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

_FIRST_SYLLABLE, _LAST_SYLLABLE = "\uac00", "\ud7a3"
_FINALS = 28  # final consonants of a syllable, "none" among them
_FINAL_RIEUL = 8

# Which form of a particle stands depends on how the noun ends; asking for it keeps many nouns from looking like noun
# and particle. Single syllables that also make other nouns stay out: 인 (한국인), 자 after a vowel (사회자), 고 after a vowel
# (여고), 서 (경찰서), 론 (음모론). Source: National Institute of the Korean Language, standard grammar of particles (조사).
_BY_ENDING = (  # after a consonant, after a vowel
    ("이", "가"), ("은", "는"), ("을", "를"), ("아", "야"), ("은커녕", "는커녕"), ("이에요", "예요"), ("이어서", "여서"),
)  # fmt: skip
_PLACES = ("에", "에서", "에게", "에게서", "한테", "한테서", "께", "께서")
_RO = ("로", "로서", "로써", "로부터", "로까지", "로만")
_LIMITS = ("까지", "부터", "만")
_OTHERS = ("까지", "부터", "보다", "처럼", "만큼", "대로", "만", "뿐", "하고", "마저", "조차", "같이", "밖에")
"""Particles after which another may stand: 에서는, 으로부터의, 에게까지도."""
_LAST = (
    "의", "도", "마다", "치고", "커녕", "더러", "에다", "에다가", "엔", "에선", "에겐", "한텐", "에대한", "에의", "으론", "만이", "만을", "만의",
    "만에", "만으로", "만으로는", "만으로도", "뿐만", "뿐이다", "뿐이고", "뿐이며", "이다", "입니다", "입니까", "인데", "인지",
)  # fmt: skip
_AFTER_A_PARTICLE = ("도", "만", "의", "까지", "부터", "조차", "마저", "처럼", "보다", "만큼", "라도", "야", "나")
# Forms of the copula 이다; after a vowel its 이 falls away.
_COPULA = (
    "나", "나마", "랑", "든", "든지", "든가", "야말로", "란", "라", "라고", "라고는", "라고도", "라는", "라며", "라면", "라면서", "라서",
    "라도", "라던", "라든지", "라든가", "라지만", "라니", "라기보다", "라기보다는", "며", "지만", "므로", "니까", "죠", "지요",
)  # fmt: skip
_COPULA_FULL = ("야", "여", "고", "자", "던", "면", "니")  # after a vowel too much like the end of another noun
_COPULA_PAST = ("다", "던", "지만", "으며", "고", "으나", "는데", "을", "기")
_PLURAL = "들"

_LONGEST_WORD = 40


def _table() -> dict[str, str]:
    """Map each particle to the endings that it may follow: "c" consonant, "v" vowel, "r" the consonant rieul."""
    table: dict[str, str] = {}
    for particle, endings in (*_paired(), *_unpaired()):
        table[particle] = table.get(particle, "") + endings
    return table


def _paired() -> Iterator[tuple[str, str]]:
    """Yield the particles that look different after a consonant and after a vowel, and after which endings each
    stands.
    """
    both = [
        *_BY_ENDING,
        *(("이" + form, form) for form in _COPULA),
        *(("이었" + form, "였" + form) for form in _COPULA_PAST),
    ]
    for consonant, vowel in (*both, *zip(_chains("과"), _chains("와"), strict=True)):
        yield consonant, "cr"
        yield vowel, "v"
    for form in _COPULA_FULL:
        yield "이" + form, "cr"
    for chain in ("로선", *(chain for particle in _RO for chain in _chains(particle))):
        yield chain, "vr"
        yield "으" + chain, "c"


def _unpaired() -> Iterator[tuple[str, str]]:
    """Yield the particles that look the same after any ending."""
    for particle in _LAST:
        yield particle, "cvr"
    for particle in (*_PLACES, *(place + limit for place in _PLACES for limit in _LIMITS), *_OTHERS):
        for chain in _chains(particle):
            yield chain, "cvr"


def _chains(particle: str) -> list[str]:
    """Return a particle alone and with another one after it."""
    is_open = _ending(particle[-1]) == "v"
    chains = [particle, particle + ("는" if is_open else "은")]
    for other in _AFTER_A_PARTICLE:
        copula = "" if is_open or (other not in _COPULA and other not in _COPULA_FULL) else "이"
        if other != particle:
            chains.append(particle + copula + other)
    return chains


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
    plurals = [
        noun[:-1] for noun in (word, *found) if noun.endswith(_PLURAL) and len(noun) > 2 and _is_syllable(noun[-2])
    ]
    return tuple(sorted({*found, *plurals}, key=len, reverse=True))


def _without_particle(word: str) -> list[str]:
    found = []
    for length in range(1, min(_LONGEST, len(word) - 1) + 1):
        endings = _PARTICLES.get(word[-length:], "")
        if endings and _is_syllable(word[-length - 1]) and _ending(word[-length - 1]) in endings:
            found.append(word[:-length])
    return found


def _is_syllable(letter: str) -> bool:
    return _FIRST_SYLLABLE <= letter <= _LAST_SYLLABLE


def _ending(syllable: str) -> str:
    final = (ord(syllable) - ord(_FIRST_SYLLABLE)) % _FINALS
    return "v" if final == 0 else "r" if final == _FINAL_RIEUL else "c"


_PARTICLES = _table()
_LONGEST = max(map(len, _PARTICLES))
