"""Amounts in one spelling: numbers in words, millions, percent and currencies, so that "$5m" and "5 million dollars"
are one token pair.

"USD 5m", "$5 million", "five million dollars"  ->  "5000000 usd"
"40 percent", "40 per cent", "40%"              ->  "40%"
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import regex


def fold_amounts(text: str) -> str:
    """Return folded lower-case text with amounts in one spelling; what is no amount stays as it is.

    A bare "m", "b" or "k" behind a number is a scale only beside a currency: "5m" alone may be metres.
    """
    if any(scale in text for scale in _SCALE_WORDS):
        text = _ONE.sub("1", _WORD.sub(lambda found: DIGITS[found.group()], text))
    if not _DIGIT.search(text):
        return text
    if any(part in text for part in _PERCENT_PARTS):
        text = _PERCENT.sub("%", text)
    return _AMOUNT.sub(_spelt, text) if may_hold_amount(text) else text


def may_hold_amount(text: str) -> bool:
    """Say whether a currency or a scale stands beside a number; to ask so costs a fifth of looking for amounts."""
    for found in _NUMBER.finditer(text):
        start, end = found.span()
        if text[max(0, start - _LONGEST_BEFORE) : start].removesuffix(" ").endswith(_BEFORE):
            return True
        if text.startswith(_AFTER, end + (text[end : end + 1] in {" ", "-"})):
            return True
    return False


_SCALE_WORDS: Final = ("thousand", "illion")
_DIGIT: Final = regex.compile(r"\d")
DIGITS: Final = {
    word: str(value)
    for value, word in enumerate(
        (
            "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
            "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
        )
    )
    if value > 1  # "one" is a pronoun as often as a number
}  # fmt: skip
"""Number words as digits."""
_WORD: Final = regex.compile(rf"\b(?:{'|'.join(DIGITS)})\b(?![-'])")
_ONE: Final = regex.compile(r"\bone(?=[ -](?:thousand|million|billion|trillion)\b)")
_PERCENT: Final = regex.compile(
    r"(?<=\d)[ -]?(?:per ?cent|prozent|procent|por ciento|pour cent|per cento|процент(?:а|ов)?|відсот(?:ок|ки|ків)|퍼센트)(?!\p{L})"
)

_SCALES: Final = {
    "k": 3, "thousand": 3, "tausend": 3, "тыс": 3, "тысяч": 3, "тысячи": 3, "тис": 3,
    "m": 6, "mn": 6, "mln": 6, "mio": 6, "million": 6, "millions": 6, "millionen": 6, "millones": 6, "millón": 6, "milioni": 6,
    "млн": 6, "миллион": 6, "миллиона": 6, "миллионов": 6, "мільйон": 6, "мільйона": 6, "мільйонів": 6,
    "b": 9, "bn": 9, "billion": 9, "mrd": 9, "mld": 9, "milliarden": 9, "milliard": 9, "milliards": 9, "miliardi": 9,
    "млрд": 9, "миллиард": 9, "миллиарда": 9, "миллиардов": 9, "мільярд": 9, "мільярдів": 9,
    "tn": 12, "trn": 12, "trillion": 12, "трлн": 12,
}  # fmt: skip
_DOUBTFUL: Final = frozenset(["k", "m", "b"])
_CURRENCIES: Final = {
    "$": "usd", "us$": "usd", "usd": "usd", "dollar": "usd", "dollars": "usd", "dollari": "usd", "dólares": "usd", "долларов": "usd",
    "доллара": "usd", "доларів": "usd", "달러": "usd", "美元": "usd", "ドル": "usd", "us dollars": "usd",
    "€": "eur", "eur": "eur", "euro": "eur", "euros": "eur", "евро": "eur", "євро": "eur",
    "£": "gbp", "gbp": "gbp", "pound": "gbp", "pounds": "gbp", "¥": "yen", "jpy": "yen", "yen": "yen",
    "₽": "rub", "rub": "rub", "rouble": "rub", "roubles": "rub", "ruble": "rub", "rubles": "rub", "рублей": "rub", "руб": "rub",
    "₩": "krw", "krw": "krw", "won": "krw", "₴": "uah", "uah": "uah", "hryvnia": "uah", "hryvnias": "uah", "гривен": "uah", "гривень": "uah",
}  # fmt: skip


def _either(words: dict[str, str] | dict[str, int]) -> str:
    return "|".join(regex.escape(word) for word in sorted(words, key=len, reverse=True))


def _first_letters(words: dict[str, str] | dict[str, int]) -> str:
    return "".join(sorted({regex.escape(word[0]) for word in words}))


_NUMBER: Final = regex.compile(r"\d+(?:\.\d+)?")
_PERCENT_PARTS: Final = ("cent", "zent", "cient", "процент", "відсот", "퍼센트")
_BEFORE: Final = tuple(_CURRENCIES)
_AFTER: Final = (*_CURRENCIES, *_SCALES)
_LONGEST_BEFORE: Final = max(map(len, _BEFORE)) + 1

# Which letters may follow is looked at before a hundred words are tried: a hostile title is all numbers.
# Digits that stand inside a word or a longer number ("hwasong-19", "1.2.3", "17:00") are no amount.
_AMOUNT: Final = regex.compile(
    rf"""(?<![\p{{L}}\p{{N}}.,:/-])
        (?:(?=[{_first_letters(_CURRENCIES)}])(?P<before>{_either(_CURRENCIES)})\ ?)?
        (?P<number>\d+(?:\.\d+)?)(?![\d:/]|[.,]\d)
        (?:(?=[ -]?[{_first_letters(_SCALES)}])[ -]?(?P<scale>{_either(_SCALES)})(?![\p{{L}}\p{{N}}])\.?)?
        (?:(?=[ -]?[{_first_letters(_CURRENCIES)}])[ -]?(?P<after>{_either(_CURRENCIES)})(?![\p{{L}}\p{{N}}]))?""",
    flags=regex.X,
)


def _spelt(found: regex.Match[str]) -> str:
    before, scale, after = found.group("before"), found.group("scale"), found.group("after")
    currency = _CURRENCIES.get(after or before or "", "")
    if before and after and _CURRENCIES[before] != _CURRENCIES[after]:
        return found.group()
    if not currency and (scale is None or scale in _DOUBTFUL):
        return found.group()
    value = Decimal(found.group("number")).scaleb(_SCALES.get(scale or "", 0))
    plain = f"{value:f}"
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return f" {plain} {currency} "
