"""Tell the language of an article: what is declared, unless its letters say otherwise; else by its letters; else
unknown.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import NamedTuple

from watcher.core.articles.tokens import without_signs

_SAMPLE_CHARS = 2000
_TAG = re.compile(r"\s*([A-Za-z]{2,3})(?:[-_].*)?\s*", re.DOTALL)
_NONE = frozenset({"und", "mul", "zxx", "mis", "xx"})
# Three letters for languages that have two, and codes that were withdrawn. Source: ISO 639-2; only those met in feeds.
_SHORTER = {
    "eng": "en", "rus": "ru", "kor": "ko", "jpn": "ja", "zho": "zh", "chi": "zh", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr",
    "spa": "es", "por": "pt", "ita": "it", "ukr": "uk", "ara": "ar", "heb": "he", "iw": "he", "tur": "tr", "pol": "pl", "nld": "nl",
    "dut": "nl", "swe": "sv", "dan": "da", "nor": "no", "nob": "nb", "nno": "nn", "fin": "fi", "ces": "cs", "cze": "cs", "slk": "sk",
    "slo": "sk", "hun": "hu", "ron": "ro", "rum": "ro", "mo": "ro", "hrv": "hr", "slv": "sl", "srp": "sr", "bul": "bg", "mkd": "mk",
    "mac": "mk", "ell": "el", "gre": "el", "fas": "fa", "per": "fa", "ind": "id", "in": "id", "est": "et", "lav": "lv", "lit": "lt",
    "cat": "ca", "bel": "be", "kat": "ka", "geo": "ka", "hye": "hy", "arm": "hy", "hin": "hi", "ben": "bn", "tha": "th", "vie": "vi",
    "urd": "ur", "tam": "ta", "msa": "ms", "may": "ms", "yid": "yi", "ji": "yi", "kaz": "kk", "aze": "az", "uzb": "uz",
}  # fmt: skip

LANGUAGE_CODES = frozenset(
    [
        "aa",
        "ab",
        "ae",
        "af",
        "ak",
        "am",
        "an",
        "ar",
        "as",
        "av",
        "ay",
        "az",
        "ba",
        "be",
        "bg",
        "bh",
        "bi",
        "bm",
        "bn",
        "bo",
        "br",
        "bs",
        "ca",
        "ce",
        "ch",
        "co",
        "cr",
        "cs",
        "cu",
        "cv",
        "cy",
        "da",
        "de",
        "dv",
        "dz",
        "ee",
        "el",
        "en",
        "eo",
        "es",
        "et",
        "eu",
        "fa",
        "ff",
        "fi",
        "fj",
        "fo",
        "fr",
        "fy",
        "ga",
        "gd",
        "gl",
        "gn",
        "gu",
        "gv",
        "ha",
        "he",
        "hi",
        "ho",
        "hr",
        "ht",
        "hu",
        "hy",
        "hz",
        "ia",
        "id",
        "ie",
        "ig",
        "ii",
        "ik",
        "io",
        "is",
        "it",
        "iu",
        "ja",
        "jv",
        "ka",
        "kg",
        "ki",
        "kj",
        "kk",
        "kl",
        "km",
        "kn",
        "ko",
        "kr",
        "ks",
        "ku",
        "kv",
        "kw",
        "ky",
        "la",
        "lb",
        "lg",
        "li",
        "ln",
        "lo",
        "lt",
        "lu",
        "lv",
        "mg",
        "mh",
        "mi",
        "mk",
        "ml",
        "mn",
        "mr",
        "ms",
        "mt",
        "my",
        "na",
        "nb",
        "nd",
        "ne",
        "ng",
        "nl",
        "nn",
        "no",
        "nr",
        "nv",
        "ny",
        "oc",
        "oj",
        "om",
        "or",
        "os",
        "pa",
        "pi",
        "pl",
        "ps",
        "pt",
        "qu",
        "rm",
        "rn",
        "ro",
        "ru",
        "rw",
        "sa",
        "sc",
        "sd",
        "se",
        "sg",
        "si",
        "sk",
        "sl",
        "sm",
        "sn",
        "so",
        "sq",
        "sr",
        "ss",
        "st",
        "su",
        "sv",
        "sw",
        "ta",
        "te",
        "tg",
        "th",
        "ti",
        "tk",
        "tl",
        "tn",
        "to",
        "tr",
        "ts",
        "tt",
        "tw",
        "ty",
        "ug",
        "uk",
        "ur",
        "uz",
        "ve",
        "vi",
        "vo",
        "wa",
        "wo",
        "xh",
        "yi",
        "yo",
        "za",
        "zh",
        "zu",
        "ckb",
        "hsb",
        "dsb",
        "fil",
        "yue",
    ]
)
"""Codes that people may tie words to. Source: ISO 639-1, and those of three letters that feeds use."""

# Source: Unicode Character Database, Scripts.txt; the blocks of today's writing.
_SCRIPTS = (
    ("hangul", re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")),
    ("kana", re.compile("[\u3040-\u30ff\uff66-\uff9f]")),
    ("han", re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")),
    ("cyrillic", re.compile("[\u0400-\u052f]")),
    ("arabic", re.compile("[\u0600-\u06ff\u0750-\u077f]")),
    ("hebrew", re.compile("[\u0590-\u05ff]")),
    ("greek", re.compile("[\u0370-\u03ff]")),
    ("thai", re.compile("[\u0e00-\u0e7f]")),
    ("devanagari", re.compile("[\u0900-\u097f]")),
    ("bengali", re.compile("[\u0980-\u09ff]")),
    ("tamil", re.compile("[\u0b80-\u0bff]")),
    ("georgian", re.compile("[\u10a0-\u10ff]")),
    ("armenian", re.compile("[\u0530-\u058f]")),
    ("khmer", re.compile("[\u1780-\u17ff]")),
    ("burmese", re.compile("[\u1000-\u109f]")),
    ("latin", re.compile("[A-Za-z\u00c0-\u024f]")),
)
# The languages that are written in a script, the likeliest first. One that is not here may be written in any script.
_WRITTEN_IN = {
    "hangul": ("ko",),
    "kana": ("ja",),
    "han": ("zh", "ja", "ko", "yue"),
    "cyrillic": ("ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "tg", "tt", "ba", "cv", "os", "uz", "az", "tk"),
    "arabic": ("ar", "fa", "ur", "ps", "ckb", "ku", "ug", "sd"),
    "hebrew": ("he", "yi"),
    "greek": ("el",),
    "thai": ("th",),
    "devanagari": ("hi", "mr", "ne"),
    "bengali": ("bn", "as"),
    "tamil": ("ta",),
    "georgian": ("ka",),
    "armenian": ("hy",),
    "khmer": ("km",),
    "burmese": ("my",),
}
_ONLY_LATIN = frozenset(
    [
        "en",
        "de",
        "fr",
        "es",
        "pt",
        "it",
        "nl",
        "sv",
        "no",
        "nb",
        "nn",
        "da",
        "fi",
        "pl",
        "cs",
        "sk",
        "hu",
        "ro",
        "hr",
        "sl",
        "tr",
        "id",
        "ms",
        "vi",
        "et",
        "lv",
        "lt",
        "sq",
        "ca",
        "eu",
        "gl",
        "is",
        "ga",
    ]
)
_MIXED = frozenset({"han", "kana", "hangul"})
_ENOUGH_LETTERS = 4
_ENOUGH_ASCII = re.compile(f"(?:[^A-Za-z]*[A-Za-z]){{{_ENOUGH_LETTERS}}}")


def declared(tag: str) -> str:
    """Return the primary subtag of a declared language in lower case ("en" of "en-US"), "" for none or nonsense.
    Source: RFC 5646.
    """
    found = _TAG.fullmatch(tag[:100])
    if not found:
        return ""
    code = found.group(1).lower()
    return "" if code in _NONE else _SHORTER.get(code, code)


class Language(NamedTuple):
    """A language, and whether it was declared; else the letters say it, or, where it is "", nothing does."""

    code: str
    is_declared: bool


def language_of(text: str, *tags: str) -> Language:
    """Return the language of a text: the first declared one that can be written in its letters, else what the letters
    say, else "".

    Systems declare "en" for texts in every script, because nobody changed the setting; that is why letters can
    overrule it.
    """
    script = script_of(text[:_SAMPLE_CHARS])
    for tag in tags:
        code = declared(tag)
        if code and fits(code, script):
            return Language(code, is_declared=True)
    return Language(_by_letters(text, script), is_declared=False)


def _by_letters(text: str, script: str) -> str:
    if script == "cyrillic":
        return _cyrillic(text[:_SAMPLE_CHARS])
    if script == "arabic":
        return _arabic(text[:_SAMPLE_CHARS])
    return _WRITTEN_IN.get(script, ("",))[0]


def as_one(code: str) -> str:
    """Return a code without its region, in lower case and in two letters where it has them; both written forms of
    Norwegian are one language.

    >>> as_one("nb-NO"), as_one("iw"), as_one("eng")
    ('no', 'he', 'en')
    """
    found = code.replace("_", "-").split("-")[0].casefold()
    found = _SHORTER.get(found, found)
    return "no" if found in {"nb", "nn"} else found


def fits(code: str, script: str) -> bool:
    """Say whether a language may be written in a script, as `script_of` names it."""
    if script in {"", "latin"}:
        return True
    written = _WRITTEN_IN[script]
    if code in written:
        return True
    own = any(code in codes for codes in _WRITTEN_IN.values())
    return not own and code not in _ONLY_LATIN


def script_of(text: str) -> str:
    """Return the script of most letters; "" when there are too few. Japanese and Korean mix in Han letters."""
    text = without_signs(text)
    if text.isascii():
        return "latin" if _ENOUGH_ASCII.match(text) else ""
    counts = Counter({name: 0 for name, _ in _SCRIPTS})
    for letter, times in Counter(text).items():
        if name := _script_of(letter):
            counts[name] += times
    # A Han or Hangul letter says as much as a short Latin word.
    for name in _MIXED:
        counts[name] *= 3
    if sum(counts.values()) < _ENOUGH_LETTERS:
        return ""
    script = counts.most_common(1)[0][0]
    if script == "han" and counts["kana"] * 10 > counts["han"]:
        return "kana"
    if script == "han" and counts["hangul"] > counts["han"] // 2:
        return "hangul"
    return script


@lru_cache(maxsize=8192)
def _script_of(letter: str) -> str:
    return next((name for name, pattern in _SCRIPTS if pattern.match(letter)), "")


def _cyrillic(text: str) -> str:
    """Tell Ukrainian, Belarusian, Serbian, Macedonian and Kazakh from Russian by the letters that Russian lacks."""
    low = text.lower()
    if re.search("[ўЎ]", low):
        return "be"
    if re.search("[әғқңөұүһ]", low):
        return "kk"
    if re.search("[ћђ]", low):
        return "sr"
    if re.search("[ѓќѕ]", low):
        return "mk"
    if re.search("[іїєґ]", low):
        return "uk"
    if re.search("[јљњџ]", low):
        return "sr"
    if re.search("ъ[а-я]", low) and not re.search("[ыэё]", low):
        return "bg"
    return "ru"


def _arabic(text: str) -> str:
    """Tell Pashto, Urdu and Persian from Arabic by the letters that Arabic lacks. Urdu has those of Persian too, so
    it is asked first.
    """
    if re.search("[\u0681\u0685\u0689\u0693\u069a]", text):
        return "ps"
    if re.search("[\u0679\u0688\u0691\u06ba\u06d2]", text):
        return "ur"
    if re.search("[\u067e\u0686\u0698\u06af]", text):
        return "fa"
    return "ar"
