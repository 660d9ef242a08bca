"""The shape of `schedules`, `routes` and of what a channel or route says about when it rings."""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from watcher.core.model.rule import Severity
from watcher.core.model.timing import Then
from watcher.delivery.config import StrictModel
from watcher.settings.phrases import short
from watcher.settings.schema import SEVERITIES, SHARED, LimitField, Name, Patience, SeverityWord, Text, Zone

_TIME = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)")


def _time_of_day(value: object) -> time:
    if isinstance(value, time):
        return value
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    hour, minute = (int(part) for part in found.groups()) if found else (25, 0)
    if hour > 24 or (hour, minute) > (24, 0):
        shown = short(value) if isinstance(value, str) else "this"
        context = {"sentence": f"`{shown}` is not a time of day", "hint": 'write "06:30"', "word": shown}
        raise PydanticCustomError("wrong", "{sentence}", context)
    return time(hour % 24, minute)


def _named(key: str) -> BeforeValidator:
    """Let the name of a schedule alone stand for the mapping."""
    return BeforeValidator(lambda value: {key: value} if isinstance(value, str) else value)


def _passes(value: object) -> object:
    return None if value == "none" else value


TimeOfDay = Annotated[time, BeforeValidator(_time_of_day), WithJsonSchema({"type": "string"})]
Passes = Annotated[SeverityWord | None, BeforeValidator(_passes), WithJsonSchema({"enum": [*SEVERITIES, "none"]})]


class ScheduleModel(StrictModel):
    """One value of `schedules`: times (`at` or `cron`), or a window (`from` and `until`)."""

    at: tuple[TimeOfDay, ...] = ()
    cron: Text | None = None
    from_: TimeOfDay | None = Field(default=None, alias="from")
    until: TimeOfDay | None = None
    days: tuple[Text, ...] = ()
    not_on: tuple[Text, ...] = ()
    zone: Zone | None = None


class QuietModel(StrictModel):
    """`quiet` of a channel or route."""

    during: Name
    then: Literal["summary", "send", "drop"] = "summary"
    pass_: Passes = Field(default=Severity.CRITICAL, alias="pass")


class DigestModel(StrictModel):
    """`digest` of a channel or route."""

    at: Name
    holds: SeverityWord = Severity.NORMAL


QuietField = Annotated[QuietModel | None, _named("during"), WithJsonSchema({SHARED: "quiet"})]
DigestField = Annotated[DigestModel | None, _named("at"), WithJsonSchema({SHARED: "digest"})]


class WrapModel(StrictModel):
    """`wrap` of a channel; no time = `none`, there is no wrap."""

    at: TimeOfDay = time(8)

    @classmethod
    def none(cls) -> WrapModel:
        """Return what the word `none` stands for."""
        return cls.model_construct(at=None)


def _wrap(value: object) -> object:
    if value == "none":
        return WrapModel.none()
    return {"at": value} if isinstance(value, str) else value


_WRAP_SCHEMA = {"type": "object", "additionalProperties": False, "properties": {"at": {"type": "string"}}}
WrapField = Annotated[
    WrapModel | None, BeforeValidator(_wrap), WithJsonSchema({"anyOf": [{"type": "string"}, _WRAP_SCHEMA]})
]


class TimingModel(StrictModel):
    """When a channel may ring, and when it is told what its day was; `paused` = never, till that is taken out.
    `otherwise` names the channel that its alerts go to while it takes none, `give_up` says how old they may get.
    """

    paused: bool = False
    quiet: QuietField = None
    digest: DigestField = None
    limit: LimitField = None
    wrap: WrapField = None
    otherwise: Name | None = None
    give_up: Patience | None = None


class WhenModel(StrictModel):
    """`when` of a route: all that is given must fit, of each list one."""

    severity: tuple[SeverityWord, ...] = ()
    rule: tuple[Name, ...] = ()
    feed: tuple[Text, ...] = ()
    tags: tuple[Text, ...] = ()


class RouteModel(StrictModel):
    """One item of `routes`."""

    when: WhenModel = WhenModel()
    send_to: tuple[Name, ...] = ()
    send_only_to: tuple[Name, ...] = ()
    quiet: QuietField = None
    digest: DigestField = None


THEN = {each.value: each for each in Then}
