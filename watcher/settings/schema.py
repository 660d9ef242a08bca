"""The shape of configuration files: which keys there are, what each takes, which words people mix up."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from watcher.core.articles.language import LANGUAGE_CODES, declared
from watcher.core.lint.rules import CODES
from watcher.core.model.policy import FirstPoll
from watcher.core.model.rule import FollowUps, Limits, Severity
from watcher.delivery.config import StrictModel
from watcher.settings.phrases import short
from watcher.settings.zones import zone_meant

_SPAN = re.compile(r"(\d{1,6}) ?(s|m|h|d|w)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_NAME = re.compile(r"[^\s/\\$`\"'{}\[\],:#]{1,100}")
# Codes of countries that people write for the language spoken there (ISO 3166 against ISO 639).
_COUNTRY_FOR_LANGUAGE = {
    "ua": "uk",
    "kr": "ko",
    "jp": "ja",
    "cn": "zh",
    "tw": "zh",
    "cz": "cs",
    "gr": "el",
    "dk": "da",
    "us": "en",
    "gb": "en",
}
_LANGUAGE_NAMES = {
    "uk": "Ukrainian",
    "ko": "Korean",
    "ja": "Japanese",
    "zh": "Chinese",
    "cs": "Czech",
    "el": "Greek",
    "da": "Danish",
    "en": "English",
}


def wrong(message: str, hint: str = "", *, word: str = "") -> PydanticCustomError:
    """Return the complaint of a field: a sentence, and how to mend it. `word` is the wrong text, for fields that are
    checked as a whole; it finds its place again by it.
    """
    return PydanticCustomError("wrong", "{sentence}", {"sentence": message, "hint": hint, "word": word})


def duration_of(value: object) -> timedelta:
    """Return a length of time such as `24h` or `3d`; a ValueError says how one is written."""
    if isinstance(value, timedelta):
        return value
    found = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise wrong(f"`{_short(value)}` is not a length of time", "write a number and a unit: 30s, 5m, 1h, 3d, 2w")
    return timedelta(**{_UNITS[found.group(2)]: int(found.group(1))})


def _not_short(value: timedelta) -> timedelta:
    if value < timedelta(minutes=1):
        raise wrong("this time is shorter than a minute", "write 30m, 6h or 14d")
    return value


def _within_a_day(value: timedelta) -> timedelta:
    if value > timedelta(days=1):
        raise wrong("this time is longer than a day", "write 30m, 6h or 24h")
    return value


def _flag(value: object) -> bool:
    words = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in words:
        return words[value.lower()]
    raise wrong(f"`{_short(value)}` is not yes or no", "write true or false")


def _severity(value: object) -> Severity:
    if isinstance(value, Severity):
        return value
    if isinstance(value, str) and value in SEVERITIES:
        return SEVERITIES[value]
    raise PydanticCustomError(
        "choice", "`{text}` is not a severity", {"text": _short(value), "choices": tuple(SEVERITIES)}
    )


def _lint_code(value: object) -> str:
    if isinstance(value, str) and value in CODES:
        return str(value)
    raise PydanticCustomError(
        "choice", "`{text}` is no code of a warning", {"text": _short(value), "choices": tuple(CODES)}
    )


def _first_poll(value: object) -> FirstPoll:
    choices = tuple(each.value for each in FirstPoll)
    if isinstance(value, FirstPoll):
        return value
    if isinstance(value, str) and value in choices:
        return FirstPoll(value)
    raise PydanticCustomError("choice", "`{text}` is not a way to begin", {"text": _short(value), "choices": choices})


def check_name(value: str) -> str:
    """Return what is wrong with a name, in a sentence, or "" when it is good."""
    return "" if _NAME.fullmatch(value) else f"`{_short(value)}` cannot be a name"


def _name(value: str) -> str:
    said = check_name(value)
    if said and "," in value:
        raise wrong(said, f"for several write [{_short(value)}]")
    if said:
        raise wrong(said, "a name has no blank and none of / \\ $ ` \" ' { } [ ] , : #")
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise wrong(f"`{_short(value)}` is not a time zone", zone_meant(value)) from error
    return value


def _language(value: str) -> str:
    code = value.lower()
    if code in _COUNTRY_FOR_LANGUAGE:
        right = _COUNTRY_FOR_LANGUAGE[code]
        raise wrong(f"`{value}` is a country, not a language", f"{right} = {_LANGUAGE_NAMES[right]}", word=value)
    known = declared(code)  # `deu` is `de`, as articles say it
    # Of the codes of two letters all are known, of those of three there are thousands.
    if not re.fullmatch(r"[a-z]{3}", code) and known not in LANGUAGE_CODES:
        raise wrong(
            f"`{_short(value)}` is not a language code", "write two or three letters, such as en, ko or uk", word=value
        )
    return known if known in LANGUAGE_CODES else code


def wrong_language(text: str) -> str:
    """Return what is wrong with the code of a language, with the mend, as one sentence; "" where it is one."""
    code = text.lower()
    if code in _COUNTRY_FOR_LANGUAGE:
        right = _COUNTRY_FOR_LANGUAGE[code]
        return f"`{_short(text)}` is a country, not a language: {right} = {_LANGUAGE_NAMES[right]}"
    if text in LANGUAGE_CODES:
        return ""
    right = declared(code)
    mend = f"write `{right}`" if right in LANGUAGE_CODES else "write two or three letters, such as en, ko or uk"
    return f"`{_short(text)}` is not a language code: {mend}"


def _network(value: str) -> str:
    try:
        return str(ipaddress.ip_network(value))
    except ValueError as error:
        raise wrong(
            f"`{_short(value)}` is not a block of addresses", "write 192.168.1.0/24 or a single address"
        ) from error


def _site(value: str) -> str:
    site = value.lower().removeprefix("www.").rstrip(".")
    if "/" in site or " " in site or "." not in site:
        raise wrong(f"`{_short(value)}` is not a site", "write the host alone: example.org", word=value)
    return site


def _header_name(value: str) -> str:
    # RFC 9110 section 5.6.2, token.
    if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}", value):
        raise wrong(f"`{_short(value)}` is not the name of a header")
    return value


def _limits(value: object) -> Limits:
    if isinstance(value, Limits):
        return value
    negated = isinstance(value, dict)
    if isinstance(value, dict):
        if set(value) != {"not"}:
            raise wrong("a list is expected here, or `{not: [...]}`")
        value = value["not"]
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list) or not items or not all(isinstance(item, str) and item for item in items):
        raise wrong("a list of texts is expected here, or `{not: [...]}`")
    return Limits(tuple(str(item) for item in items), negated)


def _language_limits(limits: Limits) -> Limits:
    return Limits(tuple(_language(value) for value in limits.values), limits.negated)


def _site_limits(limits: Limits) -> Limits:
    return Limits(tuple(_site(value) for value in limits.values), limits.negated)


def _short(value: object) -> str:
    if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return short(f"[{', '.join(value)}]")
    return short(value) if isinstance(value, str) else "{...}"


SEVERITIES: Mapping[str, Severity] = {severity.word: severity for severity in Severity}

Duration = Annotated[
    timedelta, BeforeValidator(duration_of), WithJsonSchema({"type": "string", "pattern": r"^\d{1,6} ?[smhdw]$"})
]
Window = Annotated[Duration, AfterValidator(_not_short)]


def _patience(value: timedelta) -> timedelta:
    if not timedelta(hours=1) <= value <= timedelta(days=30):
        raise wrong("a message is given up after an hour at the soonest and 30 days at the latest", "write 12h or 7d")
    return value


Patience = Annotated[Duration, AfterValidator(_patience)]
Flag = Annotated[bool, BeforeValidator(_flag), WithJsonSchema({"type": ["boolean", "string"]})]
SeverityWord = Annotated[Severity, BeforeValidator(_severity), WithJsonSchema({"enum": list(SEVERITIES)})]
LintCode = Annotated[str, BeforeValidator(_lint_code), WithJsonSchema({"enum": list(CODES)})]
FirstPollWord = Annotated[
    FirstPoll, BeforeValidator(_first_poll), WithJsonSchema({"enum": [each.value for each in FirstPoll]})
]
Text = Annotated[str, Field(min_length=1, max_length=1000)]
LongText = Annotated[str, Field(min_length=1, max_length=20_000)]
Name = Annotated[str, AfterValidator(_name), WithJsonSchema({"type": ["string", "number"]})]
Zone = Annotated[str, AfterValidator(_zone)]
Language = Annotated[str, AfterValidator(_language)]
NetworkBlock = Annotated[str, AfterValidator(_network)]
Site = Annotated[str, AfterValidator(_site)]
HeaderName = Annotated[str, AfterValidator(_header_name)]

SHARED = "x-shared"
"""Names a definition that `watcher.settings.json_schema` adds: pydantic resolves only references to its own."""
_LIMITS_SCHEMA = {SHARED: "limits"}
LimitsField = Annotated[Limits, BeforeValidator(_limits), WithJsonSchema(_LIMITS_SCHEMA)]
LanguageLimits = Annotated[
    Limits, BeforeValidator(_limits), AfterValidator(_language_limits), WithJsonSchema(_LIMITS_SCHEMA)
]
SiteLimits = Annotated[Limits, BeforeValidator(_limits), AfterValidator(_site_limits), WithJsonSchema(_LIMITS_SCHEMA)]


class Raw:
    """Marks a field that keeps its node of the tree; `watcher.settings.conditions` reads it."""


Conditions = Annotated[object, Raw(), WithJsonSchema({SHARED: "conditions"})]
Query = Annotated[object, Raw(), WithJsonSchema({"type": "string", "minLength": 1})]
Counted = Annotated[object, Raw(), WithJsonSchema({SHARED: "counted"})]


Raises = Annotated[object, Raw(), WithJsonSchema({SHARED: "raises"})]


RuleTests = Annotated[object, Raw(), WithJsonSchema({SHARED: "tests"})]


class WhereModel(StrictModel):
    """`where` of a rule."""

    lang: LanguageLimits | None = None
    feeds: LimitsField | None = None
    tags: LimitsField | None = None
    sources: LimitsField | None = None
    sites: SiteLimits | None = None


class RaiseModel(StrictModel):
    """One item of `raise` of a rule."""

    severity: SeverityWord
    when: Annotated[object, Raw(), WithJsonSchema({SHARED: "raiseWhen"})]


class SourcesModel(StrictModel):
    """`sources` and `within` of a raise."""

    sources: int = Field(ge=2, le=100)
    within: Window


class VolumeModel(StrictModel):
    """`volume` of a rule."""

    of: Name
    stories: int = Field(ge=1, le=100_000)
    within: Window


class SpikeModel(StrictModel):
    """`spike` of a rule."""

    of: Name
    window: Window
    baseline: Window
    ratio: float = Field(gt=1, le=1000)
    at_least: int = Field(ge=1, le=100_000)


class QuietSourceModel(StrictModel):
    """`quiet_source` of a rule."""

    feed: Text
    longer_than: Window


class FirstSeenModel(StrictModel):
    """`first_seen` of a rule."""

    term: Conditions
    since: Window


class LimitModel(StrictModel):
    """`limit` of a rule or a channel; no stories = `none`, there is no limit."""

    stories: int = Field(default=3, ge=1, le=1000)
    per: Annotated[Window, AfterValidator(_within_a_day)] = timedelta(minutes=30)
    then: Literal["summary", "drop"] = "summary"

    @classmethod
    def none(cls) -> LimitModel:
        """Return what the word `none` stands for."""
        return cls.model_construct(stories=0)


def _limit(value: object) -> object:
    return LimitModel.none() if value == "none" else value


def _gather(value: object) -> object:
    return timedelta(0) if value == "none" else duration_of(value)


def _look_back(value: object) -> object:
    return timedelta(0) if value in ("none", "0") else duration_of(value)


def _within_an_hour(value: timedelta) -> timedelta:
    if value > timedelta(hours=1):
        raise ValueError("an alert waits for others at most an hour: write `1h` or less")
    return value


Gather = Annotated[
    timedelta,
    BeforeValidator(_gather),
    AfterValidator(_within_an_hour),
    WithJsonSchema({"type": "string", "pattern": r"^(none|\d{1,6} ?[smhdw])$"}),
]


def _within_a_month(value: timedelta) -> timedelta:
    if value > timedelta(days=30):
        raise wrong("a rule looks back 30 days at most", "write 24h, 7d or none")
    return value


LookBack = Annotated[
    timedelta,
    BeforeValidator(_look_back),
    AfterValidator(_within_a_month),
    WithJsonSchema({"type": "string", "pattern": r"^(none|0|\d{1,6} ?[smhdw])$"}),
]

LimitField = Annotated[LimitModel | None, BeforeValidator(_limit)]


class RuleModel(StrictModel):
    """One item of `rules`; the fields that hold conditions keep their nodes."""

    name: Text
    id: Name | None = None
    was: tuple[Name, ...] = ()
    paused: bool = False
    use: tuple[Text, ...] = ()
    query: Query = None
    all: Conditions = None
    any: Conditions = None
    none: Conditions = None
    except_: Conditions = Field(default=None, alias="except")
    near: Counted = None
    onear: Counted = None
    atleast: Counted = None
    sentence: Conditions = None
    paragraph: Conditions = None
    first: Counted = None
    title_or_lead: Conditions = None
    where: WhereModel = WhereModel()
    severity: SeverityWord | None = None
    stem: Text = ""
    label: Text = ""
    quiet_lint: tuple[LintCode, ...] = ()
    follow_ups: FollowUps = FollowUps.THREAD
    limit: LimitField = None
    gather: Gather | None = None
    look_back: LookBack = timedelta(hours=24)
    send_to: tuple[Name, ...] = ()
    raise_: Raises = Field(default=None, alias="raise")
    volume: VolumeModel | None = None
    spike: SpikeModel | None = None
    quiet_source: QuietSourceModel | None = None
    first_seen: FirstSeenModel | None = None
    tests: RuleTests = None
    failing_tests: Literal["hold", "warn"] = "hold"


class RuleTestModel(StrictModel):
    """One item of `tests` of a rule; in a file of `tests/` it names its `rule`."""

    rule: Name | None = None
    expect: Literal["match", "no_match"]
    text: LongText = ""
    title: LongText = ""
    summary: LongText = ""
    content: LongText = ""
    author: Text = ""
    url: Text = ""
    source: Text = ""
    feed: Text = ""
    tags: tuple[Text, ...] = ()
    lang: Language | None = None
    severity: SeverityWord | None = None


class ConceptModel(StrictModel):
    """A concept in its long form."""

    use: Text | None = None
    terms: Conditions = None
    add: Conditions = None
    drop: Conditions = None
    weak: Conditions = None
    except_: Conditions = Field(default=None, alias="except")
    blockers: Conditions = None
    label: Text = ""


class ListModel(StrictModel):
    """One value of `lists`: a CSV file, and the columns to read."""

    csv: Text
    name: Text
    also: Text = ""
    id: Text = ""
    label: Text = ""


class PublisherModel(StrictModel):
    """One value of `publishers`."""

    sites: tuple[Site, ...] = Field(min_length=1)
    kind: Text = ""


class SilenceModel(StrictModel):
    """One item of `silences`; times are texts, because they need `defaults.zone`."""

    name: Text = ""
    rule: Name | None = None
    words: tuple[Text, ...] = ()
    feed: Text = ""
    story: Text = ""
    from_: Text | None = Field(default=None, alias="from")
    until: Text | None = None
    for_: Duration | None = Field(default=None, alias="for")
    because: Text = ""
